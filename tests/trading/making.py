"""What the tests start from: a listed product, a stated scenario, orders on their way."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection

from audit.log.actors import Actor
from audit.log.references import new_reference
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product, Release
from exchange.parties.models import Organization
from exchange.settlement.services import deposit
from exchange.trading.models import Contract, Negotiation, Order
from exchange.trading.services import (
    OfferStated,
    accept_order,
    begin_settlement,
    mark_delivered,
    open_negotiation,
    pay_order,
    place_order,
    settle_order,
    sign_contract,
)
from exchange.vault.models import StoredObject
from exchange.vault.services import store_object
from pricing.facts import AssetFacts, CostRecord
from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.services import appraise, set_plan
from pricing.states import PlanKind
from tests.registry.making import stated_rights
from tests.triggers import lifted

SYSTEM = Actor.system("settlement")
CONTENT = b"origin,destination,delay\nSHA,PEK,12\nCAN,SHA,3\n"
MANUAL: dict[str, Any] = {
    "purposes": ["delay prediction"],
    "scenarios_allowed": ["pricing of travel insurance"],
    "scenarios_forbidden": ["credit scoring"],
    "users": "PAYER_ONLY",
    "time_limit": "CONTRACT_TERM",
    "resale": "NO",
    "export": "NO",
    "retention": "DELETE",
    "delivery_modes": ["FILE_DOWNLOAD"],
}
SCENARIO: dict[str, Any] = {
    "purpose": "Predict departure delays of domestic flights to price delay insurance by route.",
    "term_days": 90,
    "region": "中国内地",
}


def make_stored(owner: Organization, at: datetime, content: bytes = CONTENT) -> StoredObject:
    """Return a file of `owner` in the vault."""
    return store_object(
        source=io.BytesIO(content),
        filename="delays.csv",
        purpose="ORIGINAL",
        owner=owner.reference,
        by=Actor.system("vault"),
        at=at,
    )


def make_release(product: Product, at: datetime, content: bytes = CONTENT) -> Release:
    """Return a release that the filter let through."""
    stored = make_stored(product.provider, at, content)
    digest = hashlib.sha256(content).hexdigest()
    return Release.objects.create(
        reference=new_reference("V", at),
        product=product,
        number=product.releases.count() + 1,
        status="CLEARED",
        status_since=at,
        original=stored,
        table=stored,
        sha256=digest,
        filename="delays.csv",
        format="CSV",
        rows=2,
        columns=[{"name": "origin", "type": "string"}, {"name": "delay", "type": "int64"}],
        size=len(content),
        uploaded_at=at,
        grade="GENERAL",
        level=1,
        personal="NONE",
        cleared_at=at,
        cleared_pack="compliance@2026-11-01",
        cleared_sha256=digest,
    )


def make_listing(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    *,
    terms: PlanTerms | None = None,
    manual: dict[str, Any] | None = None,
    rights: dict[str, Any] | None = None,
) -> Product:
    """Return a listed product with a cleared release, a plan and an appraisal."""
    product = Product.objects.create(
        reference=new_reference("P", at),
        provider=provider_org,
        rights=stated_rights(provider_org, provider, at, **(rights or {})),
        status="LISTED",
        status_since=at,
        created_at=at,
        edited_at=at,
        name="2013年国内航班延误数据集",
        name_en="Flight delays 2013",
        product_type="DATASET",
        manual=MANUAL | (manual or {}),
        listed_at=at,
    )
    release = make_release(product, at)
    Product.objects.filter(pk=product.pk).update(current=release)
    product.refresh_from_db()
    asset = product.reference
    set_price(asset, provider, at, terms or one_off("100.00"))
    facts = AssetFacts(
        asset=asset,
        release=release.reference,
        owner=provider_org.reference,
        rows=2,
        columns=3,
        bytes=release.size,
        updated_on=at.date(),
    )
    costs = CostRecord.of(collection="1000")
    appraise(facts=facts, costs=costs, comparables=[], by=Actor.system("appraisal"), at=at)
    return product


def set_price(asset: str, provider: Actor, at: datetime, terms: PlanTerms) -> None:
    """Let the provider set its price."""
    set_plan(asset=asset, terms=terms, owner=provider.organization, by=provider, at=at)


def one_off(price: str, **changes: Any) -> PlanTerms:
    """Return the terms of a one-off purchase, the price guaranteed for seven days."""
    settings = {"guarantee_days": 7} | changes
    return PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal(price), **settings)


def offer_price(product: Product, *, by: Actor, at: datetime, amount: str = "80.00") -> Negotiation:
    """Let a buyer offer a price for one license of a negotiable product, until the end of today."""
    stated = OfferStated(
        amount=Decimal(amount),
        quantity=1,
        reason="TERM",
        note="For three years.",
        binding_on=day_of(at),
    )
    return open_negotiation(
        product=product, stated=stated, scenario=MANUAL["scenarios_allowed"][0], by=by, at=at
    )


def fund(organization: str, amount: str, at: datetime) -> None:
    """Let the bank report money of an organization."""
    deposit(
        organization=organization,
        amount=Money.of(amount),
        bank_reference=f"BANK-{uuid4().hex[:12]}",
        transfer_id=uuid4(),
        by=SYSTEM,
        at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Floor:
    """A listed product, its two sides, and the steps of a trade between them."""

    product: Product
    provider: Actor
    buyer: Actor
    at: datetime

    def place(self, **changes: Any) -> Order:
        """Return an order that was placed."""
        terms = {"scenario": SCENARIO} | changes
        return place_order(product=self.product, by=self.buyer, at=self.at, **terms)

    def sign(self, order: Order) -> Contract:
        """Let both sides sign."""
        sign_contract(contract=order.contract, by=self.provider, at=self.at)
        return sign_contract(contract=order.contract, by=self.buyer, at=self.at)

    def contracted(self, **changes: Any) -> Order:
        """Return an order under contract."""
        order = self.place(**changes)
        self.sign(order)
        return again(order)

    def paid(self, **changes: Any) -> Order:
        """Return an order that is paid and in delivery."""
        order = self.contracted(**changes)
        return pay_order(order=order, transfer_id=uuid4(), by=self.buyer, at=self.at)

    def delivered(self, **changes: Any) -> Order:
        """Return an order that is delivered."""
        return mark_delivered(
            order=self.paid(**changes), access="", delivered_at=self.at, by=SYSTEM, at=self.at
        )

    def accepted(self) -> Order:
        """Return an order that is accepted."""
        return accept_order(order=self.delivered(), by=self.buyer, at=self.at)

    def settling(self) -> Order:
        """Return an order in settlement."""
        return begin_settlement(order=self.accepted(), by=SYSTEM, at=self.at)

    def settled(self) -> Order:
        """Return an order that is settled."""
        order = self.settling()
        settle_order(order=order, by=SYSTEM, at=self.at)
        return again(order)


def again(order: Order) -> Order:
    """Return the order as the database has it now."""
    return Order.objects.get(pk=order.pk)


@contextmanager
def tampering() -> Iterator[None]:
    """Let the owner of the database change what it forbids everybody to change."""
    if connection.vendor == "postgresql":  # triggers cannot be lifted while checks are due
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with lifted():
        yield
