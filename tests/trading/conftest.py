"""The trade floor: a listed product between the provider and a buyer with money."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.parties.models import Organization

from .making import Floor, fund, make_listing


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A listed product at 100.00 CNY; the buyer has 1000.00."""
    product = make_listing(provider_org, provider, at)
    fund(buyer.organization, "1000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)
