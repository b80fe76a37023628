"""Receipts prove, offline and alone, that an entry stands in the log."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from audit.log.errors import NotFound
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.queries import (
    TrailFilters,
    entries_for,
    get_entry,
    latest_checkpoint,
    state_of,
    trail,
)
from audit.log.receipts import NotPublished, receipt_for
from audit.log.sequencing import sequence
from audit.log.signing import get_signer
from audit.log.states import EntryState
from tests.log.writing import CLERK, write_entries
from verify.__main__ import main
from verify.errors import VerificationError
from verify.receipt import verify_receipt


def test_an_entry_has_no_receipt_until_it_is_published(db: None, at: datetime) -> None:
    [entry] = write_entries(1, at)
    with pytest.raises(NotPublished):
        receipt_for(entry)
    sequence(at=at)
    with pytest.raises(NotPublished):
        receipt_for(entry)

    publish(at=at)

    assert receipt_for(entry)
    assert state_of(entry) == EntryState.PUBLISHED


def test_every_receipt_verifies_and_is_small(db: None, at: datetime) -> None:
    log = get_signer("log").verifier
    entries = write_entries(300, at)
    publish(at=at)

    for entry in entries[::7]:
        receipt = receipt_for(entry).encode()
        proved = verify_receipt(receipt, log)
        assert proved.entry == bytes(entry.data)
        assert proved.index == entry.leaf.index
        assert proved.head.size == 300
        assert proved.signed_at == at
        assert len(receipt) < 4096


def test_a_receipt_serves_no_other_entry_and_no_other_key(db: None, at: datetime) -> None:
    log = get_signer("log").verifier
    first, second = write_entries(2, at)
    publish(at=at)
    receipt = receipt_for(first).encode()

    with pytest.raises(VerificationError, match="not in the tree"):
        verify_receipt(receipt, log, bytes(second.data))
    with pytest.raises(VerificationError, match="not signed by the expected key"):
        verify_receipt(receipt, get_signer("contract").verifier)


def test_old_receipts_verify_while_the_log_grows(db: None, at: datetime) -> None:
    log = get_signer("log").verifier
    [entry] = write_entries(1, at)
    publish(at=at)
    old = receipt_for(entry).encode()
    write_entries(600, at, first=1)
    publish(at=at)

    assert verify_receipt(old, log).head.size == 1
    assert verify_receipt(receipt_for(entry).encode(), log).head.size == 601


def test_the_command_proves_a_receipt(
    db: None, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = write_entries(3, at)
    publish(at=at)
    file = tmp_path / "entry.tlog-proof"
    file.write_text(receipt_for(entries[1]), encoding="utf-8")

    status = main(["receipt", str(file), "--key", get_signer("log").verifier_key])

    output = capsys.readouterr().out
    assert status == 0
    assert output.startswith(f"PROVED: log.test.counted {entries[1].id} of 2026-11-23T06:00:00")
    assert "is entry 1 of the 3" in output
    assert "Not proved" in output
    assert output.count("\n") == 1


def test_timeline_and_trail(db: None, at: datetime) -> None:
    entries = write_entries(9, at)
    publish(at=at)

    assert list(entries_for("order", "O-1")) == [entries[1], entries[8]]
    assert list(trail()) == entries[::-1]
    assert list(trail(TrailFilters(kind="order", reference="O-2"))) == [entries[2]]
    assert list(trail(TrailFilters(reference="P-3"))) == [entries[3]]
    assert trail(TrailFilters(names=["log.test."], actor=CLERK.id, kind="product")).count() == 9
    assert trail(TrailFilters(names=["log.test.counted", "other."])).count() == 9
    assert not trail(TrailFilters(names=["log.test"])).exists()
    assert not trail(TrailFilters(organization="ORG-1")).exists()
    assert not trail(TrailFilters(since=at, until=at)).exists()
    assert trail(TrailFilters(since=at)).count() == 9
    assert get_entry(entries[4].id) == entries[4]
    newest = latest_checkpoint()
    assert newest is not None
    assert newest.size == 9
    with pytest.raises(NotFound):
        get_entry(UUID(int=0))
    assert Entry.objects.count() == 9
    assert Path(django_settings.AUDIT_LOG_DIR).is_dir()
