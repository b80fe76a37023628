"""What is the same for everybody is kept once, sealed in batches, and destroyed in time."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from audit.decisions import sealing, tasks
from audit.decisions.models import Seal, StandingDecision
from audit.decisions.sealing import (
    empty_seals,
    leaf_of,
    may_add,
    proof_of,
    seal_decisions,
)
from audit.decisions.verification import verify_decisions
from audit.log.actors import Actor
from verify.merkle import check_inclusion

from .making import stand

BY = Actor.system("decisions")
Log = Callable[[], list[tuple[str, str]]]


def test_the_same_search_is_kept_once(db: None, at: datetime, log: Log) -> None:
    first, again, other = stand(at), stand(at + timedelta(hours=1)), stand(at, 1)

    assert first == again != other
    assert log() == []


def test_one_entry_stands_for_a_batch_and_each_leads_to_it(
    complete: None, at: datetime, log: Log
) -> None:
    rows = [stand(at, number) for number in range(7)]

    seal = seal_decisions(by=BY, at=at)

    assert seal is not None
    assert log() == [("decision.sealed", seal.reference)]
    assert seal.count == 7
    for number, row in enumerate(rows):
        row.refresh_from_db()
        place, size, hashes = proof_of(row)
        assert (place, size) == (number, 7)
        root = bytes.fromhex(seal.root_sha256)
        check_inclusion(index=place, size=size, leaf=leaf_of(row), root=root, proof=hashes)
    assert seal_decisions(by=BY, at=at) is None
    assert verify_decisions()[1] == []


def test_a_changed_or_missing_row_breaks_its_seal(db: None, at: datetime) -> None:
    rows = [stand(at, number) for number in range(3)]
    seal = seal_decisions(by=BY, at=at)
    assert seal is not None

    StandingDecision.objects.filter(pk=rows[1].pk).update(
        output={"products": ["P-2026-00000001"], "scores": [99]}
    )

    assert ("seal-broken", seal.reference) in faults()
    rows[1].delete()
    assert ("seal-broken", seal.reference) in faults()


def test_sealed_rows_go_after_six_months_and_the_seal_stays(
    db: None, at: datetime, log: Log
) -> None:
    stand(at)
    seal = seal_decisions(by=BY, at=at)
    stand(at, 1)
    assert seal is not None

    assert empty_seals(by=BY, at=at + timedelta(days=180)) == 0
    assert empty_seals(by=BY, at=at + timedelta(days=190)) == 1

    assert StandingDecision.objects.count() == 1
    assert list(Seal.objects.all()) == [seal]
    assert log()[-1] == ("decision.seal.emptied", seal.reference)
    assert ("seal-broken", seal.reference) not in faults()


def test_seals_wait_for_others_but_not_long(
    db: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(at)

    assert tasks.seal_when_due(at=at + timedelta(minutes=1)) == 0
    assert tasks.seal_when_due(at=at + timedelta(minutes=6)) == 1
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(sealing, "BATCH", 2)
    for number in range(1, 6):
        stand(at, number)
    assert tasks.seal_when_due(at=at + timedelta(minutes=1)) == 2
    assert StandingDecision.objects.filter(seal=None).count() == 1


def test_a_visitor_adds_only_so_many_within_the_hour(db: None) -> None:
    cache.clear()

    assert [may_add("192.0.2.1", most=2) for _time in range(3)] == [True, True, False]
    assert may_add("192.0.2.2", most=2)


def faults() -> list[tuple[str, str]]:
    return [(fault.code, fault.reference) for fault in verify_decisions()[1]]
