"""Conditions of a compliance decision: in the contract, at the order, at every access."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from audit.log.errors import NotAllowed
from exchange.catalog.models import Release
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Case, Screening
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import take_download

from .making import SCENARIO, Floor, again

Log = Callable[[], list[tuple[str, str]]]
HOME: dict[str, Any] = {**SCENARIO, "access_places": ["MAINLAND"]}
WITHIN: dict[str, Any] = {
    "purpose": "Planning of flood protection",
    "recipients": ["ORG-BUYER"],
    "scenarios": ["pricing of travel insurance"],
    "channels": ["FILE_DOWNLOAD"],
    "retention_days": 90,
    "reporting_days": 30,
    "expires_on": "2027-03-01",
}


def decide(floor: Floor, conditions: dict[str, Any], **changes: Any) -> Case:
    """Let the release on the floor have passed by a case."""
    release = floor.product.current
    screening = Screening.objects.create(
        reference="S-2026-DECIDED0",
        release=release,
        status="DONE",
        sha256=release.sha256,
        pack=release.cleared_pack,
        scanner="1",
        outcome="BLOCK",
        grade="IMPORTANT",
        level=4,
        personal="NONE",
        rules=["R-IMP"],
        signature="x",
        created_at=floor.at,
        finished_at=floor.at,
    )
    Release.objects.filter(pk=release.pk).update(
        screening=screening.reference, grade="IMPORTANT", level=4
    )
    columns = {
        "reference": "CASE-2026-DECIDED0",
        "status": "APPROVED",
        "valid_until": date(2027, 6, 30),
        **changes,
    }
    return Case.objects.create(
        screening=screening,
        kind="IMPORTANT",
        grade="IMPORTANT",
        authority="REGULATOR",
        rules=["R-IMP"],
        pack="cases@2026-11-01",
        reason="Assessed.",
        conditions=conditions,
        decided_by="user:x",
        decided_for="ORG-REGULATOR",
        opened_at=floor.at,
        decided_at=floor.at,
        **columns,
    )


def test_conditions_stand_in_the_contract_in_both_languages(floor: Floor) -> None:
    decide(floor, WITHIN)

    document = json.loads(floor.place(scenario=HOME).contract.document)

    assert document["decision"] == {
        "case": "CASE-2026-DECIDED0",
        "conditions": WITHIN,
        "valid_until": "2027-06-30",
    }
    added = {c["id"]: c for c in document["clauses"] if c["id"].startswith("CASE_")}
    assert list(added) == [
        "CASE_BASIS",
        "CASE_SECURITY",
        "CASE_PURPOSE",
        "CASE_SCENARIOS",
        "CASE_RECIPIENTS",
        "CASE_CHANNELS",
        "CASE_RETENTION",
        "CASE_REPORTING",
        "CASE_EXPIRY",
    ]
    assert "buyer organization (ORG-BUYER)" in added["CASE_RECIPIENTS"]["text_en"]
    assert "buyer organization (ORG-BUYER)" in added["CASE_RECIPIENTS"]["text_zh"]
    assert "at most 90 days" in added["CASE_RETENTION"]["text_en"]
    assert "不得超过 90 日" in added["CASE_RETENTION"]["text_zh"]
    assert "file download" in added["CASE_CHANNELS"]["text_en"]
    assert "第十二条" in added["CASE_SECURITY"]["text_zh"]


def test_without_a_case_a_contract_says_nothing_of_one(floor: Floor) -> None:
    document = json.loads(floor.place(scenario=HOME).contract.document)

    assert "decision" not in document
    assert not [c for c in document["clauses"] if c["id"].startswith("CASE_")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipients": ["ORG-STRANGER"]}, r"\(recipients\)"),
        ({"scenarios": ["flood planning"]}, r"\(scenarios\)"),
        ({"channels": ["SANDBOX"]}, r"\(ways of delivery\).*sandbox"),
        ({"retention_days": 89}, r"\(kept for at most \(days\)\)"),
        ({"expires_on": "2027-02-20"}, r"\(delivered and used until\)"),
    ],
)
def test_an_order_outside_a_condition_is_refused_with_its_name(
    change: dict[str, Any], words: str, floor: Floor, log: Log
) -> None:
    decide(floor, {**WITHIN, **change})
    before = log()

    with pytest.raises(NotAllowed, match=words):
        floor.place(scenario=HOME)

    assert log() == before


def test_data_that_has_to_be_deleted_is_not_kept(floor: Floor, log: Log) -> None:
    floor.product.manual |= {"retention": "KEEP", "time_limit": "UNLIMITED"}
    floor.product.save(update_fields=["manual"])
    decide(floor, WITHIN)
    before = log()

    with pytest.raises(NotAllowed, match="has to be deleted"):
        floor.place(scenario={**HOME, "delete_after_term": False})

    assert log() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "LAPSED"}, "not approved now"),
        ({"status": "SUBMITTED"}, "not approved now"),
        ({"valid_until": date(2026, 11, 22)}, "ended on 2026-11-22"),
    ],
)
def test_without_an_approval_in_force_nothing_is_traded(
    change: dict[str, Any], words: str, floor: Floor, log: Log
) -> None:
    decide(floor, WITHIN, **change)
    before = log()

    with pytest.raises(NotAllowed, match=words):
        floor.place(scenario=HOME)

    assert log() == before


def test_an_approval_holds_to_the_end_of_its_last_day(floor: Floor, at: datetime) -> None:
    decide(floor, WITHIN, valid_until=date(2026, 11, 23))
    release = Release.objects.get(pk=floor.product.current_id)

    assert why_not_trade(release, at) is None
    assert why_not_trade(release, at + timedelta(hours=9)) is None
    assert "ended" in str(why_not_trade(release, at + timedelta(hours=10)))


def test_important_data_passes_by_no_other_way_than_a_case(floor: Floor, at: datetime) -> None:
    release = floor.product.current
    assert why_not_trade(release, at) is None

    release.grade = "IMPORTANT"
    assert "only under an approved compliance case" in str(why_not_trade(release, at))
    release.grade = "CORE"
    assert "Core data" in str(why_not_trade(release, at))


def test_delivery_asks_the_conditions_again(floor: Floor, at: datetime, log: Log) -> None:
    case = decide(floor, WITHIN)
    order = again(floor.paid(scenario=HOME))
    assert order.grant is not None
    Case.objects.filter(pk=case.pk).update(conditions={**WITHIN, "recipients": ["ORG-STRANGER"]})
    before = len(log())

    with pytest.raises(AccessDenied, match=r"\(recipients\)"):
        take_download(grant=order.grant, by=floor.buyer, at=at)
    assert [name for name, _ in log()][before:] == ["delivery.access.refused"]

    Case.objects.filter(pk=case.pk).update(conditions={**WITHIN, "expires_on": "2026-11-22"})
    with pytest.raises(AccessDenied, match=r"\(delivered and used until\)"):
        take_download(grant=order.grant, by=floor.buyer, at=at)
