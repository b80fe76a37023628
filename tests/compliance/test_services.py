"""Screening a release: verdict, rows, entries, and what happens when it cannot be read."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.signing import verify_signature
from exchange.catalog.models import Release
from exchange.catalog.services import withdraw_release
from exchange.compliance import services
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Case, Screening
from exchange.compliance.services import queue_screening, recover_screenings, screen_release
from exchange.parties.models import Organization
from exchange.vault.storage import open_path

from .making import CORE, IMPORTANT, PERSONAL, PSEUDONYMOUS, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")


def names(log: Log) -> list[str]:
    """Return the names of the entries."""
    return [name for name, _ in log()]


@pytest.fixture
def release(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A harmless release that waits for the filter."""
    return submitted(product_of(provider_org, provider, at), provider, at)


def test_a_clean_release_is_cleared(release: Release, at: datetime, request: Any) -> None:
    log: Log = request.getfixturevalue("log")
    told: list[int] = []

    screening = screen_release(
        release=release, by=SYSTEM, at=at, progress=lambda done, *_: told.append(done)
    )

    assert names(log) == [
        "compliance.screening.queued",
        "compliance.screening.started",
        "catalog.release.screening",
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
        "catalog.release.cleared",
    ]
    release.refresh_from_db()
    assert (screening.status, screening.outcome, screening.grade) == ("DONE", "CLEAR", "GENERAL")
    assert (screening.level, screening.personal, screening.rules) == (1, "NONE", [])
    assert (screening.rows_done, screening.progress) == (60, 100)
    assert (release.status, release.cleared_pack) == ("CLEARED", screening.pack)
    assert release.cleared_sha256 == release.sha256 == screening.sha256
    assert release.sample["columns"] == ["站点", "客流"]
    assert len(release.sample["rows"]) == 20
    assert told[-1] == 60
    assert why_not_trade(release, at) is None


def test_the_report_is_signed_and_any_change_shows(release: Release, at: datetime) -> None:
    screening = screen_release(release=release, by=SYSTEM, at=at)

    screening.refresh_from_db()
    signature = base64.b64decode(screening.signature)
    data = canonical(screening.report)
    assert verify_signature(screening.signed_by, data, signature)
    assert screening.report["content_sha256"] == release.sha256
    assert not verify_signature(
        screening.signed_by, canonical(screening.report | {"level": 2}), signature
    )


@pytest.mark.parametrize(
    ("columns", "outcome", "grade", "rules"),
    [
        (PERSONAL, "BLOCK", "GENERAL", ["R-PI-RAW", "R-SPI"]),
        (CORE, "BLOCK", "CORE", ["R-CORE", "R-GEO"]),
    ],
)
def test_what_knows_no_exception_is_blocked_for_good(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    columns: Mapping[str, Sequence[Any]],
    outcome: str,
    grade: str,
    rules: list[str],
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, columns)
    before = len(log())

    screening = screen_release(release=release, by=SYSTEM, at=at)

    release.refresh_from_db()
    assert (screening.outcome, screening.grade, screening.rules) == (outcome, grade, rules)
    assert release.status == "BLOCKED"
    told = names(log)[before:]
    verdict = told.index("compliance.screening.finished")
    assert told[verdict : verdict + 4] == [
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
        "catalog.release.blocked",
    ]
    assert not Case.objects.exists()
    assert why_not_trade(release, at)
    stored = str(screening.report)
    assert not any(str(value) in stored for value in [*columns.values()][1])


@pytest.mark.parametrize(
    ("columns", "outcome", "authority"),
    [(PSEUDONYMOUS, "REVIEW", "OPERATOR"), (IMPORTANT, "BLOCK", "REGULATOR")],
)
def test_what_a_person_may_decide_is_held_with_a_case(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    columns: Mapping[str, Sequence[Any]],
    outcome: str,
    authority: str,
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, columns)
    before = len(log())

    screening = screen_release(release=release, by=SYSTEM, at=at)

    release.refresh_from_db()
    assert (screening.outcome, release.status) == (outcome, "IN_REVIEW")
    assert (screening.case.status, screening.case.authority) == ("OPEN", authority)
    assert names(log)[before:][-5:] == [
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
        "catalog.release.held",
        "compliance.case.opened",
    ]
    assert why_not_trade(release, at)


def test_declared_deidentification_is_heard(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    release = submitted(product, provider, at, PSEUDONYMOUS)

    screening = screen_release(release=release, by=SYSTEM, at=at)

    release.refresh_from_db()
    assert (screening.outcome, screening.personal, screening.level) == ("CLEAR", "PSEUDONYMOUS", 2)
    assert release.sample["masked"] == ["会员编号"]
    assert all("*" in row[0] for row in release.sample["rows"])


def test_a_failing_scanner_blocks_loudly(
    release: Release, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError("row group 3")

    monkeypatch.setattr(services.screening, "scan_content", fail)

    screening = screen_release(release=release, by=SYSTEM, at=at)

    release.refresh_from_db()
    assert (screening.status, screening.outcome) == ("FAILED", "BLOCK")
    assert screening.failure == "MemoryError: row group 3"
    assert release.status == "BLOCKED"
    assert release.status_reason
    assert names(log)[-2:] == ["compliance.screening.failed", "catalog.release.blocked"]
    assert "failed" in caplog.text
    assert why_not_trade(release, at)


def test_damaged_bytes_block(release: Release, at: datetime) -> None:
    with open_path(release.table.path) as stored:
        path = Path(stored.name)  # type: ignore[attr-defined]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))

    screening = screen_release(release=release, by=SYSTEM, at=at)

    assert (screening.status, screening.outcome) == ("FAILED", "BLOCK")


def test_fewer_rows_than_promised_block(release: Release, at: datetime) -> None:
    Release.objects.filter(pk=release.pk).update(rows=61)
    release.refresh_from_db()

    screening = screen_release(release=release, by=SYSTEM, at=at)

    assert (screening.status, screening.outcome) == ("FAILED", "BLOCK")
    assert "60 rows were read of 61" in screening.failure


def test_one_screening_at_a_time(release: Release, at: datetime, log: Log) -> None:
    queue_screening(release=release, by=SYSTEM, at=at)
    before = log()

    with pytest.raises(Conflict):
        queue_screening(release=release, by=SYSTEM, at=at)

    assert log() == before
    assert Screening.objects.count() == 1


def test_a_queued_screening_is_taken_up_not_doubled(release: Release, at: datetime) -> None:
    queued = queue_screening(release=release, by=SYSTEM, at=at)

    screening = screen_release(release=release, by=SYSTEM, at=at)

    assert screening.pk == queued.pk
    assert Screening.objects.count() == 1


@pytest.mark.parametrize("who", ["stranger", "buyer", "anonymous", "provider_viewer"])
def test_others_cannot_have_it_screened(
    who: str, release: Release, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = log()

    with pytest.raises(NotAllowed):
        screen_release(release=release, by=actor, at=at)

    assert log() == before
    assert not Screening.objects.exists()


def test_a_release_taken_back_meanwhile_is_left_alone(
    release: Release, provider: Actor, at: datetime, log: Log
) -> None:
    screening = queue_screening(release=release, by=SYSTEM, at=at)
    withdraw_release(release=release, reason="wrong file", by=provider, at=at)

    services.run_screening(screening=screening, at=at)

    screening.refresh_from_db()
    release.refresh_from_db()
    assert (screening.status, release.status) == ("FAILED", "WITHDRAWN")
    assert names(log)[-1] == "compliance.screening.failed"


def test_two_workers_cannot_both_begin(release: Release, at: datetime) -> None:
    screening = queue_screening(release=release, by=SYSTEM, at=at)
    rival = Screening.objects.select_related("release__product").get(pk=screening.pk)
    services.run_screening(screening=screening, at=at)

    with pytest.raises(WrongState):
        services.run_screening(screening=rival, at=at)

    assert Screening.objects.get().status == "DONE"


def test_an_interrupted_screening_is_begun_anew(release: Release, at: datetime, log: Log) -> None:
    screening = queue_screening(release=release, by=SYSTEM, at=at)
    services.screening._begin(
        screening, services.screening.get_pack("compliance", on=at.date()), at
    )
    Screening.objects.update(heartbeat_at=at)

    assert recover_screenings(at=at + timedelta(minutes=5)) == []
    (again,) = recover_screenings(at=at + timedelta(minutes=11))

    screening.refresh_from_db()
    release.refresh_from_db()
    assert (screening.status, release.status, again.status) == ("FAILED", "SUBMITTED", "QUEUED")
    assert names(log)[-3:] == [
        "compliance.screening.failed",
        "catalog.release.interrupted",
        "compliance.screening.queued",
    ]
    assert services.run_screening(screening=again, at=at).outcome == "CLEAR"


def test_a_cleared_release_is_screened_again_under_new_rules(
    release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    Release.objects.filter(pk=release.pk).update(cleared_pack="compliance@2025-01-01")
    release.refresh_from_db()
    assert "compliance@2025-01-01" in (why_not_trade(release, at) or "")

    screen_release(release=release, by=SYSTEM, at=at)

    release.refresh_from_db()
    assert why_not_trade(release, at) is None
    assert Screening.objects.filter(status="DONE").count() == 2


def test_the_gate_needs_the_very_content(release: Release, at: datetime) -> None:
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    release.sha256 = "0" * 64

    assert why_not_trade(release, at)


def test_the_gate_needs_rules_in_effect(release: Release, at: datetime) -> None:
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()

    assert why_not_trade(release, at.replace(year=2020))


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "CLEAR", "grade": "IMPORTANT"},
        {"signature": ""},
        {"level": 5},
        {"status": "FAILED", "outcome": "CLEAR"},
    ],
)
def test_the_database_refuses_a_verdict_without_its_proof(
    release: Release, at: datetime, changes: dict[str, Any]
) -> None:
    screening = screen_release(release=release, by=SYSTEM, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Screening.objects.filter(pk=screening.pk).update(**changes)
