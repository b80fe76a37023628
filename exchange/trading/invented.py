"""An invented market on which equal treatment is tried: buyers in every mixture of traits.

It is put into the database's own tables inside a transaction that is rolled back, so that what is
tried is the quoting path that people use, and nothing stays behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product as mixtures
from typing import Any, Final

from django.db import transaction

from audit.log.actors import Actor, ActorKind
from exchange.catalog.models import Product, Release
from exchange.parties.models import Member, Organization, User
from exchange.registry.models import RightsStatement
from exchange.registry.states import Origin, SourceKind
from exchange.vault.models import StoredObject
from pricing.models import Plan
from pricing.plans import Package, PlanTerms, ScenarioPrice, Tier
from pricing.quotes import quote_terms
from pricing.services import set_plan
from pricing.states import Period, PlanKind

from .models import Order

AT: Final = datetime(2026, 11, 23, tzinfo=UTC)
REGIONS: Final = {"11": "北京市", "31": "上海市", "44": "广东省", "65": "新疆维吾尔自治区"}
KINDS: Final = ("11", "52", "91")
SIZES: Final = (1, 12)
NAMES: Final = ("甲", "某某省大数据产业发展集团有限公司")
BOUGHT: Final = (0, 3)
PROVIDER: Final = "ORG-TREATMENT"
DIGEST: Final = "0" * 64

PLANS: Final = (
    PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal("1000.00"), guarantee_days=14),
    PlanTerms(
        kind=PlanKind.SUBSCRIPTION,
        period=Period.MONTH,
        price=Decimal("199.99"),
        guarantee_days=14,
        scenarios=(ScenarioPrice(scenario="科研", rate=Decimal("0.5")),),
    ),
    PlanTerms(
        kind=PlanKind.PER_CALL,
        tiers=(
            Tier(up_to=100, unit_price=Decimal("0.13")),
            Tier(up_to=None, unit_price=Decimal("0.0212345")),
        ),
        minimum=Decimal("5.00"),
        guarantee_days=14,
    ),
    PlanTerms(
        kind=PlanKind.ONE_OFF,
        packages=(
            Package(units=1, price=Decimal("80.00")),
            Package(units=3, price=Decimal("200.00")),
        ),
        guarantee_days=14,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Invented:
    """What stands in the database while it is tried."""

    products: list[Product]
    buyers: list[Organization]

    def as_document(self) -> dict[str, Any]:
        """Return what was invented as plain values, for its digest."""
        return {
            "plans": [terms.as_document() for terms in PLANS],
            "buyers": [[buyer.reference, buyer.uscc, buyer.name] for buyer in self.buyers],
        }


@contextmanager
def invented_market() -> Iterator[Invented]:
    """Put the market into the database, give it, and take it out again."""
    with transaction.atomic():
        try:
            yield _put()
        finally:
            transaction.set_rollback(True)


def _put() -> Invented:
    provider = _organization(PROVIDER, "91110000000000000T", "测量", ["PROVIDER"])
    by = Actor(
        kind=ActorKind.SYSTEM,
        id="system:measurement",
        organization=PROVIDER,
        roles=frozenset({"PROVIDER"}),
    )
    people = User.objects.bulk_create(
        [User(email=f"treatment-{number}@invalid.example") for number in range(max(SIZES))]
    )
    rights = RightsStatement.objects.create(
        reference="R-TREATMENT",
        organization=provider,
        origin=Origin.ENTERPRISE,
        source_kind=SourceKind.values[0],
        valid_from=AT.date(),
        drafted_at=AT,
    )
    products = []
    for number, terms in enumerate(PLANS):
        shown = _product(provider, rights, f"P-TREATMENT-{number}")
        set_plan(asset=shown.reference, terms=terms, owner=PROVIDER, by=by, at=AT)
        products.append(shown)
    release = _release(products[0])
    plan = Plan.objects.get(asset=products[0].reference)
    mixed = mixtures(REGIONS, KINDS, SIZES, NAMES, BOUGHT)
    buyers = []
    for number, (region, kind, size, name, bought) in enumerate(mixed):
        code = f"{kind}{region}0000{number:010d}"
        buyer = _organization(
            f"ORG-T{number}", code, f"{name}{number % 7}", ["BUYER"], region=REGIONS[region]
        )
        Member.objects.bulk_create(
            Member(user=person, organization=buyer, role="TRADER", since=AT)
            for person in people[:size]
        )
        for earlier in range(bought):
            _order(buyer, release, plan, earlier)
        buyers.append(buyer)
    return Invented(products=products, buyers=buyers)


def _organization(
    reference: str, uscc: str, name: str, roles: list[str], *, region: str = ""
) -> Organization:
    return Organization.objects.create(
        reference=reference,
        uscc=uscc,
        name=name,
        region=region,
        roles=roles,
        status="ADMITTED",
        status_since=AT,
        applied_at=AT,
        admitted_at=AT,
    )


def _product(provider: Organization, rights: RightsStatement, reference: str) -> Product:
    return Product.objects.create(
        reference=reference,
        provider=provider,
        rights=rights,
        status="LISTED",
        status_since=AT,
        created_at=AT,
        edited_at=AT,
        listed_at=AT,
        name=reference,
        product_type="DATASET",
    )


def _release(product: Product) -> Release:
    stored = StoredObject.objects.create(
        reference="OB-TREATMENT",
        owner=PROVIDER,
        purpose="TABLE",
        filename="t",
        size=1,
        sha256=DIGEST,
        wrapped_key="k",
        path="treatment",
        stored_at=AT,
    )
    return Release.objects.create(
        reference="V-TREATMENT",
        product=product,
        number=1,
        status_since=AT,
        original=stored,
        table=stored,
        sha256=DIGEST,
        filename="t",
        format="CSV",
        rows=1,
        size=1,
        uploaded_at=AT,
    )


def _order(buyer: Organization, release: Release, plan: Plan, earlier: int) -> Order:
    placed = AT - timedelta(days=30 + earlier)
    quote = quote_terms(plan.terms, 1, at=placed, plan=plan.reference)
    return Order.objects.create(
        reference=f"O-T{buyer.pk}-{earlier}",
        product=release.product,
        release=release,
        release_sha256=release.sha256,
        buyer=buyer,
        provider=release.product.provider,
        plan={"reference": plan.reference, "sha256": plan.terms_sha256, **plan.terms.as_document()},
        quote=quote.as_document(),
        amount=quote.total.amount,
        price_guaranteed_until=placed,
        scenario={},
        placed_at=placed,
        paid_at=placed,
    )
