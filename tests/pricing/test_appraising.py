"""Appraisals: signed, explained, reproducible, independent, never overwritten."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.disclosure.queries import current_disclosure
from audit.disclosure.services import file_platform_disclosures
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound, WrongState
from audit.log.signing import get_signer
from audit.rulebook.queries import get_pack
from pricing import services
from pricing.facts import AssetFacts, CostRecord, IncomeForecast, UpdateFrequency
from pricing.models import Appraisal
from pricing.money import Money
from pricing.queries import (
    current_appraisal,
    current_appraisals,
    get_appraisal,
    get_appraisal_for,
    list_appraisals,
    visible_to,
)
from pricing.rules import why_not_rely_on, why_not_see_inputs
from pricing.services import appraise, withdraw_appraisal
from pricing.states import Purpose
from pricing.verification import faults_of_appraisal, is_authentic
from pricing.waterfall import waterfall
from pricing.wording import METHODS, band_text, remark_text, step_text

from .making import ASSESSOR, COSTS, FACTS, PLATFORM, comparables, facts

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def _appraise(at: datetime, by: Actor = PLATFORM, **changes: Any) -> Appraisal:
    values: dict[str, Any] = {
        "facts": FACTS,
        "costs": COSTS,
        "comparables": comparables(7000, 8000, 9000, 7500, rows=8000),
    }
    return appraise(**(values | changes), by=by, at=at)


def test_a_band_is_worked_out_and_signed(at: datetime, log: Log) -> None:
    appraisal = _appraise(at)

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
    assert log() == [("pricing.appraisal.signed", appraisal.reference)]


def test_the_stored_row_verifies_as_well_as_the_fresh_one(at: datetime) -> None:
    stored = Appraisal.objects.get(pk=_appraise(at).pk)

    assert faults_of_appraisal(stored) == []


def test_the_report_says_everything_in_both_languages(at: datetime) -> None:
    document = json.loads(_appraise(at).document)

    assert document["guidelines"][0]["id"] == "CAS-2023-17"
    assert document["inputs"]["costs"]["collection"] == "60000 CNY"
    assert document["result"]["estimates"][0]["sensitivity"]
    assert document["pack"]["label"] == "pricing@2026-01-01"
    for key in ("basis_in_words", "independence"):
        assert set(document[key]) == {"en", "zh"}
        assert document[key]["en"] != document[key]["zh"]
    assert "weighted mean of 3 methods" in document["basis_in_words"]["en"]
    assert "加权平均" in document["basis_in_words"]["zh"]
    assert "手续费" in document["independence"]["zh"]


def test_the_report_names_the_disclosure_of_the_algorithm(at: datetime) -> None:
    file_platform_disclosures(by=Actor.system("disclosure"), at=at)

    appraisal = _appraise(at)

    disclosure = current_disclosure("appraisal")
    assert disclosure is not None
    assert appraisal.disclosure == disclosure.reference


def test_an_independent_assessor_appraises(at: datetime, log: Log) -> None:
    appraisal = _appraise(at, ASSESSOR, declares_independence=True)

    document = json.loads(appraisal.document)
    assert appraisal.appraiser == "ORG-ASSESSOR"
    assert "no interest in the asset" in document["independence"]["en"]
    assert log() == [("pricing.appraisal.signed", appraisal.reference)]


def test_an_assessor_must_declare_independence(at: datetime, log: Log) -> None:
    with pytest.raises(Invalid) as refusal:
        _appraise(at, ASSESSOR)

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
        _appraise(at, request.getfixturevalue(who), declares_independence=True)

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
        _appraise(at, by, declares_independence=True)

    assert log() == []


def test_a_new_appraisal_supersedes_and_keeps_the_old_one(at: datetime, log: Log) -> None:
    first = _appraise(at)
    signed = first.document
    later = at + timedelta(days=30)

    second = _appraise(later, facts=facts(completeness=Decimal("0.5")))

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
        ("pricing.appraisal.superseded", first.reference),
        ("pricing.appraisal.signed", second.reference),
    ]


def test_appraisals_for_other_purposes_stand_side_by_side(at: datetime, log: Log) -> None:
    trade = _appraise(at)
    financing = _appraise(at, purpose=Purpose.FINANCING)

    assert current_appraisal(FACTS.asset) == trade
    assert current_appraisal(FACTS.asset, purpose=Purpose.FINANCING) == financing
    assert financing.mid > trade.mid * 10
    assert [name for name, _ in log()] == ["pricing.appraisal.signed"] * 2


def test_the_same_inputs_give_the_same_band(at: datetime) -> None:
    first, second = _appraise(at), _appraise(at + timedelta(hours=1))

    assert first.inputs_sha256 == second.inputs_sha256
    assert first.result == second.result


def test_a_forecast_adds_the_income_method(at: datetime) -> None:
    forecast = IncomeForecast(yearly=(Money.of(90000),) * 3, discount_rate=Decimal("0.12"))

    appraisal = _appraise(at, income=forecast)

    assert appraisal.methods.endswith("INCOME")
    assert is_authentic(Appraisal.objects.get(pk=appraisal.pk))


def test_one_method_is_enough_and_the_others_are_named(at: datetime) -> None:
    appraisal = _appraise(at, comparables=[], costs=COSTS)

    missing = {row["method"]: row["remark"] for row in appraisal.result["not_applicable"]}
    assert set(missing) == {"MARKET", "INCOME"}
    assert remark_text(missing["MARKET"]) == "0 comparables, at least 3 are needed"


def test_nothing_to_go_on_is_no_band(at: datetime, log: Log) -> None:
    with pytest.raises(Invalid, match="No method applies"):
        _appraise(at, comparables=comparables(1, 2), costs=CostRecord())

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
        ({"income": IncomeForecast(yearly=(), discount_rate=Decimal(0))}, "income.yearly"),
        (
            {"income": IncomeForecast(yearly=(Money.of(1),), discount_rate=Decimal(1))},
            "income.discount_rate",
        ),
        ({"basis_on": FACTS.updated_on + timedelta(days=1)}, "basis_on"),
    ],
)
def test_wrong_inputs_are_refused_at_the_field(
    changes: dict[str, Any], field: str, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refusal:
        _appraise(at, **changes)

    assert field in refusal.value.fields
    assert not Appraisal.objects.exists()
    assert log() == []


def test_an_appraisal_is_withdrawn_with_a_reason(regulator: Actor, at: datetime, log: Log) -> None:
    appraisal = _appraise(at)

    withdraw_appraisal(appraisal=appraisal, reason=" wrong costs ", by=regulator, at=at)

    appraisal.refresh_from_db()
    assert (appraisal.status, appraisal.end_reason) == ("WITHDRAWN", "wrong costs")
    assert current_appraisal(FACTS.asset) is None
    assert log()[1:] == [("pricing.appraisal.withdrawn", appraisal.reference)]


def test_its_own_assessor_withdraws_an_appraisal(at: datetime) -> None:
    appraisal = _appraise(at, ASSESSOR, declares_independence=True)

    withdraw_appraisal(appraisal=appraisal, reason="found an error", by=ASSESSOR, at=at)

    assert appraisal.status == "WITHDRAWN"


@pytest.mark.parametrize("who", ["provider", "provider_viewer", "buyer", "stranger", "anonymous"])
def test_nobody_else_withdraws_an_appraisal(
    who: str, request: pytest.FixtureRequest, at: datetime, log: Log
) -> None:
    appraisal = _appraise(at)

    with pytest.raises(NotAllowed):
        withdraw_appraisal(
            appraisal=appraisal, reason="dislike", by=request.getfixturevalue(who), at=at
        )

    appraisal.refresh_from_db()
    assert appraisal.status == "SIGNED"
    assert log() == [("pricing.appraisal.signed", appraisal.reference)]


def test_withdrawing_needs_a_reason_and_a_signed_appraisal(operator: Actor, at: datetime) -> None:
    appraisal = _appraise(at)
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
        _appraise(at)
        return get_pack(kind, on=on)

    monkeypatch.setattr(services, "get_pack", interfere)

    appraisal = _appraise(at, costs=CostRecord.of(collection=5))

    assert Appraisal.objects.filter(status="SIGNED").get() == appraisal
    assert [name for name, _ in log()] == [
        "pricing.appraisal.signed",
        "pricing.appraisal.superseded",
        "pricing.appraisal.signed",
    ]


def test_the_database_keeps_one_signed_appraisal_in_order(at: datetime) -> None:
    appraisal = _appraise(at)
    appraisal.pk, appraisal.reference = None, "A-2026-AAAAAAAA"
    with pytest.raises(IntegrityError), transaction.atomic():
        appraisal.save(force_insert=True)
    appraisal.asset, appraisal.low_amount = "P-OTHER", appraisal.high_amount + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        appraisal.save(force_insert=True)


def test_what_was_signed_cannot_be_changed_in_place(at: datetime) -> None:
    appraisal = _appraise(at)

    for change in ({"mid_amount": 1}, {"document": "{}"}, {"result": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appraisal.objects.filter(pk=appraisal.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mid_amount": Decimal(1)}, "mid differs"),
        ({"valid_until": FACTS.updated_on}, "valid_until differs"),
        ({"signature": "AAAA"}, "signature"),
        ({"signature": "not base64!"}, "signature"),
        ({"document_sha256": "0" * 64}, "digest"),
        ({"document": "{"}, "cannot be read"),
        ({"document": "[]"}, "lacks inputs"),
        ({"document": '{"inputs": {}, "inputs_sha256": "", "pack": []}'}, "lacks pack, result"),
    ],
)
def test_tampering_is_found_out(change: dict[str, Any], words: str, at: datetime) -> None:
    appraisal = _appraise(at)
    for name, value in change.items():
        setattr(appraisal, name, value)

    faults = faults_of_appraisal(appraisal)

    assert any(words in fault for fault in faults)


def test_a_result_that_does_not_follow_from_its_inputs_is_found_out(at: datetime) -> None:
    appraisal = _appraise(at)
    content = json.loads(appraisal.document)
    content["inputs"]["costs"]["collection"] = "1 CNY"
    appraisal.document = json.dumps(content)

    faults = faults_of_appraisal(appraisal)

    assert "Worked out again from its inputs, the result is another." in faults
    assert "The inputs do not have their recorded digest." in faults


@pytest.mark.parametrize("inputs", [{}, {"costs": 1}, {"costs": {"collection": "1"}}])
def test_inputs_that_are_none_are_found_out(inputs: dict[str, Any], at: datetime) -> None:
    appraisal = _appraise(at)
    content = json.loads(appraisal.document)
    appraisal.document = json.dumps(content | {"inputs": inputs})

    faults = faults_of_appraisal(appraisal)

    assert "Worked out again from its inputs, the result is another." in faults


def test_another_key_is_not_trusted(at: datetime) -> None:
    other = get_signer("log").verifier_key

    assert faults_of_appraisal(_appraise(at), verifier_key=other) == [
        "The signature is not the platform's over this document."
    ]


def test_a_stale_or_foreign_appraisal_is_not_relied_on(at: datetime, operator: Actor) -> None:
    daily = facts(update_frequency=UpdateFrequency.DAILY)
    appraisal = _appraise(at, facts=daily)
    release = FACTS.release

    assert why_not_rely_on(None, release=release, at=at) is not None
    assert why_not_rely_on(appraisal, release=release, at=at + timedelta(days=180)) is None
    late = why_not_rely_on(appraisal, release=release, at=at + timedelta(days=181))
    assert late == "The appraisal was valid until 2027-05-22."
    assert why_not_rely_on(appraisal, release="V-OTHER", at=at) is not None
    withdraw_appraisal(appraisal=appraisal, reason="error", by=operator, at=at)
    assert why_not_rely_on(appraisal, release=release, at=at) is not None


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False),
        ("stranger", False),
        ("buyer", False),
        ("provider_viewer", True),
        ("provider", True),
        ("regulator", True),
        ("operator", True),
    ],
)
def test_costs_are_shown_to_provider_appraiser_and_supervisors(
    who: str, request: pytest.FixtureRequest, at: datetime, *, sees: bool
) -> None:
    appraisal = _appraise(at)
    actor = request.getfixturevalue(who)

    assert visible_to(actor).exists() is sees
    assert (why_not_see_inputs(actor, appraisal) is None) is sees
    if sees:
        assert get_appraisal_for(actor, appraisal.reference) == appraisal
    else:
        with pytest.raises(NotFound):
            get_appraisal_for(actor, appraisal.reference)


def test_bands_are_read_at_once(at: datetime, django_assert_num_queries: Any) -> None:
    appraisal = _appraise(at)

    with django_assert_num_queries(1):
        assert current_appraisals([FACTS.asset, "P-OTHER"]) == {FACTS.asset: appraisal}


def test_an_unknown_appraisal_is_not_found() -> None:
    with pytest.raises(NotFound):
        get_appraisal("A-2026-NOTTHERE")


def test_the_waterfall_runs_from_nothing_to_the_value(at: datetime) -> None:
    estimate = _appraise(at).result["estimates"][0]

    bars = waterfall(estimate)

    assert bars[0].before == 0
    assert all(one.after == other.before for one, other in pairwise(bars))
    assert f"{bars[-1].after:.8f} CNY" == estimate["value"]
    assert [bar.caption for bar in bars][:4] == [
        "+ 60,000.00",
        "+ 25,000.50",
        "+ 15,000.00",
        "× 1.15",
    ]
    assert bars[-1].caption == "÷ 20"


def test_the_waterfall_of_the_market_starts_from_the_mean(at: datetime) -> None:
    market = _appraise(at).result["estimates"][2]

    bars = waterfall(market)

    assert bars[0].caption == "n = 4"
    assert bars[0].after == Decimal("7875.00000000")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_word_of_a_report_is_found_in_either_language(language: str, at: datetime) -> None:
    forecast = IncomeForecast(yearly=(Money.of(90000),) * 7, discount_rate=Decimal("0.12"))
    sparse: AssetFacts = facts(completeness=None, expected_buyers=1)
    others = comparables(7000, 8000, 9000, 7500, 900000)
    appraisal = _appraise(at, facts=sparse, income=forecast, comparables=others)

    with translation.override(language):
        words = [band_text(appraisal.result)]
        for estimate in appraisal.result["estimates"]:
            words.append(str(METHODS[estimate["method"]]))
            words += [step_text(step["code"]) for step in estimate["steps"]]
            words += [remark_text(remark) for remark in estimate["remarks"]]

    assert all(words)
    assert not any("%(" in text for text in words)
