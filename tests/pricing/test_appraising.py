"""Appraisals: signed, independent, never overwritten, withdrawn with a reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.rulebook.queries import get_pack
from pricing import services
from pricing.facts import CostRecord, UpdateFrequency
from pricing.income import IncomeForecast
from pricing.models import Appraisal
from pricing.money import Money
from pricing.queries import (
    current_appraisal,
    get_appraisal,
    list_appraisals,
)
from pricing.rules import why_not_rely_on
from pricing.services import withdraw_appraisal
from pricing.states import Purpose
from pricing.verification import is_authentic
from pricing.wording import remark_text
from tests.decisions.making import taken

from .making import ASSESSOR, COSTS, FACTS, appraise_usual, comparables, facts

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def test_a_band_is_worked_out_and_signed(at: datetime, log: Log) -> None:
    appraisal = appraise_usual(at)

    assert appraisal == current_appraisal(FACTS.asset) == get_appraisal(appraisal.reference)
    assert appraisal.methods == "COST_EXPERT_9,COST_GUIDANCE_2023,MARKET"
    assert appraisal.low < appraisal.mid < appraisal.high
    assert (appraisal.release, appraisal.owner) == (FACTS.release, FACTS.owner)
    assert appraisal.appraiser == "system:appraisal"
    assert appraisal.pack == "pricing@2026-01-01"
    assert appraisal.guideline == "CAS-2023-17@2023-09-08,CAS-EG-9@2020-01-09"
    assert appraisal.basis_on == at.date()
    assert appraisal.valid_until == at.date() + timedelta(days=365)
    assert is_authentic(appraisal)
    signed = ("pricing.appraisal.signed", appraisal.reference)
    assert log() == [signed, taken(appraisal.reference)]


def test_the_day_is_that_of_the_exchange_and_not_of_greenwich(at: datetime) -> None:
    after_midnight = at.replace(hour=17)  # 01:00 of the next day in Shanghai

    appraisal = appraise_usual(after_midnight)

    assert appraisal.basis_on == at.date() + timedelta(days=1)
    last = after_midnight + timedelta(days=365)
    assert not appraisal.is_stale(last - timedelta(hours=2))
    assert appraisal.is_stale(last + timedelta(days=1))


def test_an_independent_assessor_appraises(at: datetime, log: Log) -> None:
    appraisal = appraise_usual(at, ASSESSOR, declares_independence=True)

    document = json.loads(appraisal.document)
    assert appraisal.appraiser == "ORG-ASSESSOR"
    assert "no interest in the asset" in document["independence"]["en"]
    signed = ("pricing.appraisal.signed", appraisal.reference)
    assert log() == [signed, taken(appraisal.reference)]


def test_an_assessor_must_declare_independence(at: datetime, log: Log) -> None:
    with pytest.raises(Invalid) as refusal:
        appraise_usual(at, ASSESSOR)

    assert list(refusal.value.fields) == ["declares_independence"]
    assert not Appraisal.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    "who",
    ["provider", "provider_viewer", "buyer", "stranger", "regulator", "operator", "anonymous"],
)
def test_nobody_else_appraises(
    who: str, request: pytest.FixtureRequest, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        appraise_usual(at, request.getfixturevalue(who), declares_independence=True)

    assert not Appraisal.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    "by",
    [
        replace(ASSESSOR, organization="ORG-PROVIDER"),
        replace(ASSESSOR, roles=frozenset({"ASSESSOR", "OPERATOR"})),
        replace(ASSESSOR, member_role="VIEWER"),
        replace(ASSESSOR, roles=frozenset()),
    ],
    ids=["own product", "operator", "viewer", "not admitted"],
)
def test_an_assessor_that_is_not_independent_is_refused(by: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed):
        appraise_usual(at, by, declares_independence=True)

    assert log() == []


def test_a_new_appraisal_supersedes_and_keeps_the_old_one(at: datetime, log: Log) -> None:
    first = appraise_usual(at)
    signed = first.document
    later = at + timedelta(days=30)

    second = appraise_usual(later, facts=facts(completeness=Decimal("0.5")))

    first.refresh_from_db()
    assert (first.status, first.ended_at, first.end_reason) == (
        "SUPERSEDED",
        later,
        second.reference,
    )
    assert first.document == signed
    assert is_authentic(first)
    assert current_appraisal(FACTS.asset) == second
    assert list(list_appraisals(FACTS.asset)) == [second, first]
    assert log() == [
        ("pricing.appraisal.signed", first.reference),
        taken(first.reference),
        ("pricing.appraisal.superseded", first.reference),
        ("pricing.appraisal.signed", second.reference),
        taken(second.reference),
    ]


def test_appraisals_for_other_purposes_stand_side_by_side(at: datetime, log: Log) -> None:
    trade = appraise_usual(at)
    financing = appraise_usual(at, purpose=Purpose.FINANCING)

    assert current_appraisal(FACTS.asset) == trade
    assert current_appraisal(FACTS.asset, purpose=Purpose.FINANCING) == financing
    assert financing.mid > trade.mid * 10
    assert [name for name, _ in log()] == ["pricing.appraisal.signed", "decision.taken"] * 2


def test_a_forecast_adds_the_income_method(at: datetime) -> None:
    forecast = IncomeForecast.single(*(Money.of(90000),) * 3, discount_rate=Decimal("0.12"))

    appraisal = appraise_usual(at, income=forecast)

    assert appraisal.methods.endswith("INCOME")
    assert is_authentic(Appraisal.objects.get(pk=appraisal.pk))


def test_one_method_is_enough_and_the_others_are_named(at: datetime) -> None:
    appraisal = appraise_usual(at, comparables=[], costs=COSTS)

    missing = {row["method"]: row["remark"] for row in appraisal.result["not_applicable"]}
    assert set(missing) == {"MARKET", "INCOME"}
    assert remark_text(missing["MARKET"]) == "0 comparables, at least 3 are needed"


def test_nothing_to_go_on_is_no_band(at: datetime, log: Log) -> None:
    with pytest.raises(Invalid, match="No method applies"):
        appraise_usual(at, comparables=comparables(1, 2), costs=CostRecord())

    assert not Appraisal.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"facts": facts(rows=-1)}, "facts.rows"),
        ({"facts": facts(completeness=Decimal("1.01"))}, "facts.completeness"),
        ({"facts": facts(demand=Decimal(0))}, "facts.demand"),
        ({"facts": facts(expected_buyers=0)}, "facts.expected_buyers"),
        ({"facts": facts(expected_buyers=10**7)}, "facts.expected_buyers"),
        ({"facts": facts(grade_level=5)}, "facts.grade_level"),
        ({"facts": facts(asset="")}, "facts.asset"),
        ({"facts": facts(updated_on=FACTS.updated_on + timedelta(1))}, "facts.updated_on"),
        ({"costs": CostRecord.of(collection=-1)}, "costs.collection"),
        ({"costs": CostRecord.of("USD", collection=1)}, "currency"),
        ({"comparables": comparables(0, 1, 2)}, "comparables.0.price"),
        ({"comparables": comparables(1, 2, 3) * 2}, "comparables"),
        ({"comparables": comparables(1, 2, 3, rows=0)}, "comparables.0.rows"),
        ({"comparables": comparables(1, 2, 3, quality=Decimal(2))}, "comparables.0.quality"),
        ({"comparables": comparables(1, 2, 3, other=Decimal(2))}, "comparables.0.other_reason"),
        ({"comparables": comparables(1, 2, 3, other=Decimal(0))}, "comparables.0.other"),
        ({"income": IncomeForecast.single(discount_rate=Decimal(0))}, "income.uses.0.yearly"),
        (
            {"income": IncomeForecast.single(Money.of(1), discount_rate=Decimal(1))},
            "income.uses.0.discount_rate",
        ),
        ({"basis_on": FACTS.updated_on + timedelta(days=1)}, "basis_on"),
    ],
)
def test_wrong_inputs_are_refused_at_the_field(
    changes: dict[str, Any], field: str, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refusal:
        appraise_usual(at, **changes)

    assert field in refusal.value.fields
    assert not Appraisal.objects.exists()
    assert log() == []


def test_an_appraisal_is_withdrawn_with_a_reason(regulator: Actor, at: datetime, log: Log) -> None:
    appraisal = appraise_usual(at)

    withdraw_appraisal(appraisal=appraisal, reason=" wrong costs ", by=regulator, at=at)

    appraisal.refresh_from_db()
    assert (appraisal.status, appraisal.end_reason) == ("WITHDRAWN", "wrong costs")
    assert current_appraisal(FACTS.asset) is None
    assert log()[2:] == [("pricing.appraisal.withdrawn", appraisal.reference)]


def test_its_own_assessor_withdraws_an_appraisal(at: datetime) -> None:
    appraisal = appraise_usual(at, ASSESSOR, declares_independence=True)

    withdraw_appraisal(appraisal=appraisal, reason="found an error", by=ASSESSOR, at=at)

    assert appraisal.status == "WITHDRAWN"


@pytest.mark.parametrize("who", ["provider", "provider_viewer", "buyer", "stranger", "anonymous"])
def test_nobody_else_withdraws_an_appraisal(
    who: str, request: pytest.FixtureRequest, at: datetime, log: Log
) -> None:
    appraisal = appraise_usual(at)

    with pytest.raises(NotAllowed):
        withdraw_appraisal(
            appraisal=appraisal, reason="dislike", by=request.getfixturevalue(who), at=at
        )

    appraisal.refresh_from_db()
    assert appraisal.status == "SIGNED"
    signed = ("pricing.appraisal.signed", appraisal.reference)
    assert log() == [signed, taken(appraisal.reference)]


def test_withdrawing_needs_a_reason_and_a_signed_appraisal(operator: Actor, at: datetime) -> None:
    appraisal = appraise_usual(at)
    with pytest.raises(Invalid):
        withdraw_appraisal(appraisal=appraisal, reason="  ", by=operator, at=at)
    withdraw_appraisal(appraisal=appraisal, reason="once", by=operator, at=at)

    with pytest.raises(WrongState):
        withdraw_appraisal(appraisal=appraisal, reason="twice", by=operator, at=at)


def test_an_appraisal_signed_meanwhile_is_found_out(
    at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interfere(kind: str, *, on: Any) -> Any:
        monkeypatch.setattr(services, "get_pack", get_pack)
        appraise_usual(at)
        return get_pack(kind, on=on)

    monkeypatch.setattr(services, "get_pack", interfere)

    appraisal = appraise_usual(at, costs=CostRecord.of(collection=5))

    assert Appraisal.objects.filter(status="SIGNED").get() == appraisal
    assert [name for name, _ in log()] == [
        "pricing.appraisal.signed",
        "decision.taken",
        "pricing.appraisal.superseded",
        "pricing.appraisal.signed",
        "decision.taken",
    ]


def test_a_stale_or_foreign_appraisal_is_not_relied_on(at: datetime, operator: Actor) -> None:
    daily = facts(update_frequency=UpdateFrequency.DAILY)
    appraisal = appraise_usual(at, facts=daily)
    release = FACTS.release

    assert why_not_rely_on(None, release=release, at=at) is not None
    assert why_not_rely_on(appraisal, release=release, at=at + timedelta(days=180)) is None
    late = why_not_rely_on(appraisal, release=release, at=at + timedelta(days=181))
    assert late == "The appraisal was valid until 2027-05-22."
    assert why_not_rely_on(appraisal, release="V-OTHER", at=at) is not None
    withdraw_appraisal(appraisal=appraisal, reason="error", by=operator, at=at)
    assert why_not_rely_on(appraisal, release=release, at=at) is not None
