"""What is the same for everybody is kept once, sealed in batches, and destroyed in time."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from audit.decisions import sealing, tasks
from audit.decisions.models import Seal, StandingDecision
from audit.decisions.sealing import (
    empty_seal,
    leaf_of,
    may_add,
    proof_of,
    seal_decisions,
)
from audit.decisions.verification import verify_decisions
from audit.disclosure.events import DutyNoted
from audit.log.actors import Actor
from audit.log.errors import Conflict
from audit.log.services import record
from audit.retention.models import Destruction
from audit.retention.services import Held, is_sound, place_hold
from exchange.catalog.events import ProductReopened
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


def test_sealed_rows_go_together_signed_and_the_seal_stays(
    db: None, at: datetime, log: Log
) -> None:
    stand(at)
    seal = seal_decisions(by=BY, at=at)
    stand(at, 1)
    assert seal is not None
    said = {"reason": "term over", "basis": "CSL 23", "retention_class": "RANKINGS"}

    assert empty_seal(seal=seal, **said, by=BY, at=at) == 1

    assert StandingDecision.objects.count() == 1
    assert list(Seal.objects.all()) == [seal]
    kept = Destruction.objects.get()
    assert (kept.kind, kept.subject, is_sound(kept)) == ("SEAL", seal.reference, True)
    what = json.loads(kept.document)
    assert what["what"] == {"decisions": 1, "root_sha256": seal.root_sha256}
    assert what["method"] == "rows deleted"
    assert log()[-2:] == [
        ("retention.record.destroyed", kept.reference),
        ("decision.seal.emptied", seal.reference),
    ]
    assert ("seal-broken", seal.reference) not in faults()
    with pytest.raises(Conflict):
        empty_seal(seal=seal, **said, by=BY, at=at)
    assert Destruction.objects.count() == 1


@pytest.mark.parametrize("kind", ["product", "disclosure"])
def test_a_hold_on_a_ranked_product_or_on_the_algorithm_keeps_a_whole_seal(
    db: None, at: datetime, kind: str
) -> None:
    row = stand(at, output={"products": ["P-1", "P-2"], "scores": [2, 1]})
    seal = seal_decisions(by=BY, at=at)
    assert seal is not None
    subject = "P-2" if kind == "product" else row.disclosure.reference
    record(ProductReopened(product="P-2", product_version=1), by=BY, at=at)
    record(DutyNoted(**duty(row.disclosure.reference)), by=BY, at=at)
    place_hold(kind=kind, subject=subject, reason="r", basis="b", by=BY, at=at)

    with pytest.raises(Held):
        empty_seal(seal=seal, reason="r", basis="b", retention_class="", by=BY, at=at)

    assert StandingDecision.objects.get() == row
    assert not Destruction.objects.exists()


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


def duty(disclosure: str) -> dict[str, str]:
    return dict.fromkeys(DutyNoted.__dataclass_fields__, "") | {"disclosure": disclosure}


def faults() -> list[tuple[str, str]]:
    return [(fault.code, fault.reference) for fault in verify_decisions()[1]]
