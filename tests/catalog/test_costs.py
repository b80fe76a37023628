"""The cost ledger: entered, reversed, never changed; what appraisals and shares take of it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.models import Entry
from exchange.catalog.costs import ledger_of
from exchange.catalog.models import Product
from exchange.catalog.services import (
    appraise_product,
    record_product_cost,
    reverse_product_cost,
)
from exchange.parties.models import Organization
from exchange.settlement.services import propose_share
from pricing.bookkeeping import attributed, item_sha256
from pricing.cost_rules import cap_warnings
from pricing.documents import as_plain, read_inputs
from pricing.facts import CostEntry, CostRecord
from pricing.models import CostItem, Plan
from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.queries import booked_costs
from pricing.services import set_plan
from pricing.sharing import Basis, RevenueShare
from pricing.states import PlanKind, Regime
from pricing.verification import faults_of_appraisal
from tests.catalog.making import COSTS, cleared_release, draft_product
from tests.pricing.golden import table_of

FORMULAE = Path("docs/formulae.md")
Log = Callable[[], list[tuple[str, str]]]
ENTRY: dict[str, Any] = {
    "kind": "collection",
    "title": "传感器租赁",
    "amount": Money.of("80000.00"),
    "period_from": date(2026, 1, 1),
    "period_until": date(2026, 3, 31),
}


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product with a cleared release."""
    made = draft_product(provider_org, provider, at)
    cleared_release(made, provider, at)
    made.refresh_from_db()
    return made


@pytest.fixture
def enter(product: Product, provider: Actor, at: datetime) -> Callable[..., CostItem]:
    """Enter a cost that differs from the usual one in what is said."""

    def entered(**changes: Any) -> CostItem:
        return record_product_cost(product=product, by=provider, at=at, **ENTRY | changes)

    return entered


@pytest.mark.parametrize("row", table_of(FORMULAE, "Joint cost"))
def test_what_falls_to_a_product(row: dict[str, str]) -> None:
    found = attributed(Money.of(row["amount"]), Decimal(row["part"]), Decimal(row["whole"]))

    assert found == Money.of(row["falls to it"])


@pytest.mark.parametrize("ledger", ["A", "B"])
def test_restated_cost(ledger: str) -> None:
    rows = [row for row in table_of(FORMULAE, "Restated cost") if row["ledger"] == ledger]
    days = {date(2020 + place, 1, 1): Decimal(row["I(incurred)"]) for place, row in enumerate(rows)}
    basis = date(2026, 1, 1)
    index = days | {basis: Decimal(rows[0]["I(basis)"])}
    entries = [
        CostEntry(reference=f"CO-{n}", kind="compute", amount=Money.of(row["a"]), incurred_on=day)
        for n, (day, row) in enumerate(zip(days, rows, strict=True))
    ]

    found = CostRecord.booked(entries).restated(index.__getitem__, basis)

    total = sum(Decimal(row["restated"]) for row in rows)
    assert found == total / sum(Decimal(row["a"]) for row in rows)
    assert f"{found:f}".startswith(rows[0]["I"].rstrip("…"))


def test_an_entry_is_recorded_by_its_digest_and_never_changed(
    enter: Callable[..., CostItem], product: Product, log: Log
) -> None:
    before = len(log())

    item = enter(allocation="USERS", part=Decimal(35), whole=Decimal(120), evidence=b"invoice")

    assert item.attributed == Money.of("23333.33")
    assert item.evidence_sha256 == hashlib.sha256(b"invoice").hexdigest()
    assert log()[before:] == [("pricing.cost.recorded", item.reference)]
    body = json.loads(bytes(Entry.objects.get(name="pricing.cost.recorded").data))["body"]
    item.refresh_from_db()
    assert body["item_sha256"] == item_sha256(item)
    assert "80000" not in json.dumps(body)
    for change in (
        lambda: CostItem.objects.filter(pk=item.pk).update(amount=1),
        item.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_reversal_takes_back_once(
    enter: Callable[..., CostItem], product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    item, kept = enter(), enter(kind="storage", amount=Money.of("500.00"))

    back = reverse_product_cost(product=product, item=item, reason="twice", by=provider, at=at)

    assert (back.amount, back.reverses) == (-item.amount, item)
    assert log()[-1] == ("pricing.cost.reversed", back.reference)
    ledger = ledger_of(product, by=provider)
    assert (ledger.total, len(ledger.items)) == (Money.of("500.00"), 3)
    booked = booked_costs(product.reference, on=date(2026, 11, 23))
    assert booked is not None
    assert booked.entries is not None
    assert [entry.reference for entry in booked.entries] == [kept.reference]
    before = log()
    for wrong, words in ((item, "reversed already"), (back, "takes another one back")):
        with pytest.raises(NotAllowed, match=words):
            reverse_product_cost(product=product, item=wrong, reason="x", by=provider, at=at)
    assert log() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "lunch"}, "kind"),
        ({"title": "  "}, "title"),
        ({"amount": Money.of("0.00")}, "amount"),
        ({"amount": Money.of("-5.00")}, "amount"),
        ({"amount": Money(Decimal("0.001"), "CNY")}, "amount"),
        ({"amount": Money.of("5.00", "USD")}, "currency"),
        ({"allocation": "GUESS"}, "allocation"),
        ({"allocation": "USERS", "part": Decimal(3), "whole": Decimal(2)}, "part"),
        ({"allocation": "USERS", "part": Decimal("NaN"), "whole": Decimal(2)}, "part"),
        ({"part": Decimal(1), "whole": Decimal(2)}, "part"),
        ({"period_from": date(2026, 4, 1)}, "period_until"),
        ({"period_until": date(2027, 1, 1)}, "period_until"),
        ({"bearer": "ORG-NOBODY"}, "bearer"),
    ],
)
def test_what_cannot_be_an_entry(
    enter: Callable[..., CostItem], log: Log, changes: dict[str, Any], field: str
) -> None:
    enter()
    before = log()

    with pytest.raises(Invalid) as refusal:
        enter(**changes)

    assert list(refusal.value.fields) == [field]
    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "stranger", "operator"])
def test_only_the_provider_keeps_and_reads_it(
    request: pytest.FixtureRequest,
    enter: Callable[..., CostItem],
    product: Product,
    at: datetime,
    who: str,
    log: Log,
) -> None:
    item, actor = enter(), request.getfixturevalue(who)
    before = log()

    with pytest.raises(NotAllowed):
        record_product_cost(product=product, by=actor, at=at, **ENTRY)
    with pytest.raises(NotAllowed):
        reverse_product_cost(product=product, item=item, reason="x", by=actor, at=at)
    if who != "provider_viewer":
        with pytest.raises(NotAllowed):
            ledger_of(product, by=actor)
    assert log() == before


def test_an_appraisal_takes_the_ledger_and_names_its_entries(
    enter: Callable[..., CostItem], product: Product, provider: Actor, at: datetime
) -> None:
    items = [enter(), enter(kind="labeling", amount=Money.of("20000.00"))]

    with pytest.raises(Invalid, match="has a cost ledger"):
        appraise_product(product=product, costs=COSTS, by=provider, at=at)
    made = appraise_product(product=product, by=provider, at=at)

    costs = read_inputs(made.inputs).costs
    assert costs.entries is not None
    assert [entry.reference for entry in costs.entries] == [item.reference for item in items]
    assert (costs.collection, costs.labeling) == (Money.of("80000.00"), Money.of("20000.00"))
    assert as_plain(costs) == made.inputs["costs"]
    assert faults_of_appraisal(made) == []


def test_weights_by_cost_are_those_of_the_ledger(
    enter: Callable[..., CostItem],
    product: Product,
    provider: Actor,
    buyer_org: Organization,
    at: datetime,
    log: Log,
) -> None:
    share = RevenueShare(
        cuts=(),
        weights={"ORG-PROVIDER": Decimal("0.8"), "ORG-BUYER": Decimal("0.2")},
        basis=Basis.COST,
    )

    def propose(proposed: RevenueShare) -> Any:
        return propose_share(product=product, share=proposed, releases={}, by=provider, at=at)

    with pytest.raises(Invalid, match="no cost ledger"):
        propose(share)
    enter()
    enter(amount=Money.of("20000.00"), bearer=buyer_org.reference)
    before = log()
    other = {"ORG-PROVIDER": Decimal("0.5"), "ORG-BUYER": Decimal("0.5")}
    with pytest.raises(Invalid, match=r"ORG-PROVIDER 0\.8"):
        propose(replace(share, weights=other))
    assert log() == before

    assert propose(share).terms["basis"] == "COST"


@pytest.mark.parametrize(
    ("cap", "revenue", "told"),
    [("9999.99", None, 1), ("10000.00", None, 0), ("20000.00", "99999.00", 1)],
)
def test_a_guided_price_below_cost_is_told(
    product: Product, provider: Actor, at: datetime, cap: str, revenue: str | None, told: int
) -> None:
    terms = PlanTerms(
        kind=PlanKind.ONE_OFF,
        regime=Regime.PUBLIC_CAPPED,
        price=Decimal(cap),
        cap=Decimal(cap),
        cap_basis="沪发改价〔2026〕1号",
        revenue_cap=Decimal(revenue) if revenue else None,
    )
    plan = set_plan(asset=product.reference, terms=terms, owner="ORG-PROVIDER", by=provider, at=at)

    assert len(cap_warnings(plan, Money.of("100000.00"), 10)) == told
    assert cap_warnings(plan, None, 10) == []
    assert cap_warnings(Plan(regime=Regime.MARKET), Money.of("100000.00"), 10) == []
