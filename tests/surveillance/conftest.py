"""Two organizations that sell to and buy of each other, with money and listings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from audit.log.actors import Actor
from audit.log.sequencing import sequence
from exchange.catalog.models import Product
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import sweep
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.trading.models import Order
from exchange.trading.services import pay_order, place_order, sign_contract
from tests.conftest import make_member
from tests.trading.making import SCENARIO, fund, make_listing, one_off

WATCH = Actor.system("surveillance")


@dataclass(frozen=True, kw_only=True)
class Partners:
    """Two who trade with each other, `at` an instant."""

    one: Actor
    other: Actor
    of_one: Product
    of_other: Product
    at: datetime

    def buy(self, product: Product, *, days: float = 0) -> Order:
        """Let the other side buy a product and pay for it."""
        at = self.at + timedelta(days=days)
        sides = (self.one, self.other) if product == self.of_one else (self.other, self.one)
        provider, buyer = sides
        order = place_order(product=product, by=buyer, at=at, scenario=SCENARIO)
        sign_contract(contract=order.contract, by=provider, at=at)
        sign_contract(contract=order.contract, by=buyer, at=at)
        order = Order.objects.get(pk=order.pk)
        return pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)

    def wash(self, pairs: int = 2) -> list[Order]:
        """Let each buy of the other for the same money."""
        found = []
        for number in range(pairs):
            found += [
                self.buy(self.of_one, days=number / 10),
                self.buy(self.of_other, days=number / 10 + 0.01),
            ]
        return found


@pytest.fixture
def partners(db: None, at: datetime) -> Partners:
    """Two providers that are buyers as well, each with a listing at 1000.00 CNY."""
    actors, products = [], []
    codes = ("91440300MA5PART01X", "91440300MA5PART02X")
    for name, uscc in zip(("ONE", "OTHER"), codes, strict=True):
        organization = Organization.objects.create(
            reference=f"ORG-{name}",
            uscc=uscc,
            name=f"{name} partner",
            roles=["BUYER", "PROVIDER"],
            status="ADMITTED",
            status_since=at,
            applied_at=at,
            admitted_at=at,
        )
        actor = actor_for_user(make_member(organization, "ADMIN", at, name.lower()))
        fund(organization.reference, "1000000.00", at)
        products.append(make_listing(organization, actor, at, terms=one_off("1000.00")))
        actors.append(actor)
    return Partners(one=actors[0], other=actors[1], of_one=products[0], of_other=products[1], at=at)


@pytest.fixture
def look(db: None, at: datetime) -> Callable[..., list[Alert]]:
    """Sequence what was recorded and sweep once; return the alerts that are new."""

    def run(days: float = 1.0) -> list[Alert]:
        later = at + timedelta(days=days)
        sequence(at=later)
        return list(sweep(by=WATCH, at=later).alerts)

    return run


@pytest.fixture
def alert(partners: Partners, look: Callable[..., list[Alert]]) -> Alert:
    """An alert about two pairs of orders and counter-orders."""
    partners.wash()
    (found,) = look()
    return found
