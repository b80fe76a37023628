"""A request leaves its language behind in the thread; each test of pages begins in English."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from audit.log.actors import Actor
from exchange.parties.models import Organization
from tests.trading.making import Floor, fund, make_listing
from tests.web.clients import CALLERS, client_of


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _fresh_health() -> None:
    """Let no page show the health of another test's log."""
    cache.delete("web.log_health")


@pytest.fixture
def _now(at: datetime) -> Iterator[None]:
    """Let pages, which look at the clock, live at the instant of the test."""
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def floor(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime, _now: None
) -> Floor:
    """A listed product at 100.00 CNY; the buyer has 1000.00."""
    product = make_listing(provider_org, provider, at)
    fund(buyer.organization, "1000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


@pytest.fixture
def browsers(request: pytest.FixtureRequest, _now: None) -> dict[str, Client]:
    """A browser for everybody of the cast."""
    return {name: client_of(request.getfixturevalue(name)) for name in CALLERS}
