"""What a report says of comparables and formulae, and what changed between two of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from pricing.changes import changes_between
from pricing.facts import CostRecord, Traits
from pricing.income import Charge, IncomeForecast, IncomeForm, IncomeUse
from pricing.money import Money
from pricing.queries import appraisal_before
from pricing.report import report_of
from pricing.states import Purpose
from pricing.verification import content_of

from .making import FACTS, appraise_usual, comparables, facts

pytestmark = pytest.mark.django_db
TRAITS = Traits(
    title="上海 航班 延误", industry="G", kind="DATASET", unit="license", renewal="DAILY"
)


def test_each_comparable_says_why_it_counts_or_not(at: datetime) -> None:
    others = [
        *comparables(7000, 8000, 9000, 7500, 900000, traits=TRAITS),
        replace(comparables(8000)[0], reference="OWN", owner=FACTS.owner, traits=TRAITS),
        replace(comparables(8000)[0], reference="CALL", traits=replace(TRAITS, unit="call")),
    ]
    appraisal = appraise_usual(at, facts=facts(traits=TRAITS), comparables=others)

    report = report_of(appraisal, content_of(appraisal))

    why = {line.reference: line.why for line in report.comparables}
    assert why["L-0"] == "counts like every other: too few to learn weights from"
    assert why["L-4"].startswith("left out: ")
    assert why["OWN"] == "a product of the same provider is not compared"
    assert why["CALL"] == "priced by another unit of sale"
    assert [line.used for line in report.comparables] == [True] * 4 + [False] * 3


def test_weighed_comparables_name_what_they_have_in_common(at: datetime) -> None:
    others = [
        replace(item, owner=f"ORG-{place}", traits=replace(TRAITS, title=f"上海 航班 延误 {place}"))
        for place, item in enumerate(comparables(*range(7000, 8200, 100)))
    ]
    appraisal = appraise_usual(at, facts=facts(traits=TRAITS), comparables=others)

    lines = report_of(appraisal, content_of(appraisal)).comparables

    used = [line for line in lines if line.used]
    assert used
    assert (
        sum((line.weight or Decimal(0) for line in used), Decimal(0)).quantize(Decimal("0.001"))
        == 1
    )
    assert {line.why for line in used} == {
        "alike in title and text; same industry, type of product, rhythm of renewal"
    }
    assert {line.why for line in lines if not line.used} <= {"others are more alike"}


def test_formulae_bear_their_numbers(at: datetime) -> None:
    use = IncomeUse(
        name="a",
        yearly=(Money.of(1100), Money.of(1210)),
        weight=Decimal("0.6"),
        discount_rate=Decimal("0.1"),
    )
    other = IncomeUse(
        name="b",
        yearly=(Money.of(1000),),
        form=IncomeForm.EXCESS,
        charges=(Charge(name="staff", yearly=(Money.of(280),)),),
        weight=Decimal("0.4"),
        discount_rate=Decimal("0.2"),
    )
    appraisal = appraise_usual(at, income=IncomeForecast(uses=(use, other)))

    report = report_of(appraisal, content_of(appraisal))

    worked = {method.code: method.worked for method in report.methods}
    assert worked["INCOME"] == (
        "(0.6 × (1,100.00 ÷ (1 + 0.1)^1 + 1,210.00 ÷ (1 + 0.1)^2) "
        "+ 0.4 × ((1,000.00 − 280.00) ÷ (1 + 0.2)^1)) ÷ 20 = 72.00"
    )
    assert worked["COST_EXPERT_9"].startswith("(60,000.00 + 25,000.50 + 15,000.00) × 1.15 × ")
    assert worked["MARKET"].startswith("7,875.00 × ")
    assert [line.form for line in report.uses] == [
        "direct income, F = R",
        "excess income, F = R − Σ C",
    ]


def test_only_what_changed_is_listed(at: datetime) -> None:
    first = appraise_usual(at)
    second = appraise_usual(
        at + timedelta(days=1),
        costs=CostRecord.of(collection="60000", cleaning="25000.50", compliance=20000),
        comparables=comparables(7000, 8000, 9500, rows=8000),
        basis_on=first.basis_on,
    )

    found = changes_between(first, second)

    assert [(row.label, row.before, row.after) for row in found.inputs] == [
        ("cost: compliance", "15,000.00 CNY", "20,000.00 CNY")
    ]
    assert [(row.label, row.before, row.after) for row in found.comparables] == [
        ("L-2", "9,000.00 CNY", "9,500.00 CNY"),
        ("L-3", "7,500.00 CNY", "—"),
    ]
    assert "middle value" in [row.label for row in found.result]
    assert any("recorded cost" in row.label for row in found.coefficients)
    assert changes_between(first, first).result == []


def test_the_one_before_is_of_the_same_purpose(at: datetime) -> None:
    first = appraise_usual(at)
    financing = appraise_usual(at + timedelta(hours=1), purpose=Purpose.FINANCING)
    second = appraise_usual(at + timedelta(hours=2))

    assert appraisal_before(second) == first
    assert appraisal_before(first) is None
    assert appraisal_before(financing) is None
