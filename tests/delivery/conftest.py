"""A listed product of the provider, and the buyer's grant on it."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.delivery.models import Grant
from exchange.parties.models import Organization

from .making import make_grant, make_product


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A listed product."""
    return make_product(provider_org, provider, at)


@pytest.fixture
def grant(product: Product, buyer_org: Organization, at: datetime) -> Grant:
    """Two downloads for the buyer."""
    return make_grant(product, buyer_org, at)
