"""Who holds database, disk and key can rewrite the log; who kept something notices (T05, T09)."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings as django_settings

from audit.log.inspection import inspect
from audit.log.merkle import consistency_proof
from audit.log.models import Checkpoint, Entry, EntryRef, Leaf, Log
from audit.log.publishing import publish
from audit.log.receipts import receipt_for
from audit.log.signing import get_signer
from audit.log.tiles import TileReader, TileStore
from audit.witness.state import Kind
from tests.log.writing import write_entries
from tests.triggers import lifted
from tests.witness.making import Bench, make_witness, submission
from verify.__main__ import main
from verify.merkle import Frontier, leaf_hash
from verify.monitor import Contradiction, Monitor
from verify.policy import Policy
from verify.receipt import parse_receipt, verify_receipt
from verify.source import Folder

PERIOD, ENTRIES, VICTIM = "2026", 300, 100


class Kept(NamedTuple):
    """What others hold of the log as it was: a receipt, a witness's and a monitor's memory."""

    entries: list[Entry]
    receipt: str
    witness: Bench
    monitor: Monitor


@pytest.fixture
def kept(db: None, at: datetime, tmp_path: Path) -> Iterator[Kept]:
    entries = write_entries(ENTRIES, at)
    publish(at=at)
    verifier = get_signer("log").verifier
    witness = make_witness(tmp_path, get_signer("log").verifier_key)
    assert _ask(witness, 0, ENTRIES)[0] == 200
    monitor = Monitor(
        Folder(_folder()),
        Policy.of_keys([verifier]),
        tmp_path / "monitor",
        sleep=lambda _seconds: None,
    )
    assert monitor.look().entries == ENTRIES
    yield Kept(entries, receipt_for(entries[VICTIM]), witness, monitor)
    witness.state.close()


def _folder() -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / PERIOD


def _ask(witness: Bench, old: int, size: int) -> tuple[int, str]:
    """Ask the witness to cosign the checkpoint on disk, with a proof from the tiles on disk."""
    reader = TileReader(TileStore.of_period(PERIOD), size)
    proof = consistency_proof(old, size, reader.node) if old <= size else []
    return witness.send(submission(old, proof, (_folder() / "checkpoint").read_text()))


def _remove(index: int) -> None:
    """Remove an entry and its leaf, and make everything that is derived from them anew."""
    entry = Entry.objects.get(leaf__index=index)
    with lifted():
        leaves = list(Leaf.objects.exclude(index=index).order_by("index"))
        Leaf.objects.all()._raw_delete("default")
        EntryRef.objects.filter(entry=entry)._raw_delete("default")
        Entry.objects.filter(pk=entry.pk)._raw_delete("default")
        Checkpoint.objects.all()._raw_delete("default")
        frontier = Frontier()
        for place, leaf in enumerate(leaves):
            leaf.index = place
            frontier.append(bytes(leaf.leaf_hash))
        Leaf.objects.bulk_create(leaves)
        Log.objects.update(size=frontier.size, frontier=bytes(frontier))
    shutil.rmtree(django_settings.AUDIT_LOG_DIR)


def _replace_bytes(index: int) -> None:
    """Let an entry say something else, and make everything that is derived from it anew."""
    entry = Entry.objects.get(leaf__index=index)
    data = bytes(entry.data).replace(b'"number":100', b'"number":999')
    assert data != bytes(entry.data)
    with lifted():
        Entry.objects.filter(pk=entry.pk).update(data=data, leaf_hash=leaf_hash(data))
        Leaf.objects.filter(index=index).update(leaf_hash=leaf_hash(data))
        Checkpoint.objects.all()._raw_delete("default")
        frontier = Frontier()
        for value in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True):
            frontier.append(bytes(value))
        Log.objects.update(size=frontier.size, frontier=bytes(frontier))
    shutil.rmtree(django_settings.AUDIT_LOG_DIR)


def _verify(tmp_path: Path, receipt: str) -> int:
    """Hold the checkpoint of an old receipt against today's log, as anybody can."""
    old = tmp_path / "checkpoint"
    old.write_bytes(parse_receipt(receipt.encode()).checkpoint)
    vkey = get_signer("log").verifier_key
    return main(["consistency", str(old), "--log", str(_folder()), "--key", vkey])


def test_a_removed_entry_is_missed_by_all_who_kept_something(
    kept: Kept, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (_folder() / "checkpoint").read_bytes()
    _remove(VICTIM)

    rewritten = publish(at=at)

    assert rewritten is not None
    assert rewritten.size == ENTRIES - 1
    assert inspect().findings == []  # within itself it is sound
    assert verify_receipt(kept.receipt.encode(), get_signer("log").verifier).index == VICTIM
    assert _verify(tmp_path, kept.receipt) == 1
    assert "REFUTED" in capsys.readouterr().out
    assert _ask(kept.witness, ENTRIES, ENTRIES - 1)[0] == 400
    with pytest.raises(Contradiction) as contradiction:
        kept.monitor.look()
    assert contradiction.value.kept == before
    assert contradiction.value.seen == (_folder() / "checkpoint").read_bytes()


@pytest.mark.parametrize("rewrite", [_remove, _replace_bytes])
def test_a_rewritten_log_that_grew_is_refused(
    kept: Kept,
    at: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rewrite: Callable[[int], None],
) -> None:
    rewrite(VICTIM)
    write_entries(50, at, first=60_000)

    grown = publish(at=at)

    assert grown is not None
    assert grown.size > ENTRIES
    assert _verify(tmp_path, kept.receipt) == 1
    assert f"does not continue the checkpoint of size {ENTRIES}" in capsys.readouterr().out
    assert _ask(kept.witness, ENTRIES, grown.size)[0] == 422
    assert [evidence.kind for evidence in kept.witness.reported] == [Kind.DOUBT]
    with pytest.raises(Contradiction):
        kept.monitor.look()


def test_two_clients_who_were_shown_two_trees_find_out(
    kept: Kept, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown_to_us = parse_receipt(kept.receipt.encode()).checkpoint
    _replace_bytes(VICTIM)
    publish(at=at)
    shown_to_them = (_folder() / "checkpoint").read_bytes()
    notes = [tmp_path / "ours", tmp_path / "theirs"]
    for file, note in zip(notes, (shown_to_us, shown_to_them), strict=True):
        file.write_bytes(note)

    vkey = get_signer("log").verifier_key
    status = main(["consistency", *map(str, notes), "--log", str(_folder()), "--key", vkey])

    assert status == 1
    printed = capsys.readouterr().out
    assert printed.startswith("CONTRADICTION: ")
    assert shown_to_us.decode() in printed
    assert shown_to_them.decode() in printed
    assert _ask(kept.witness, ENTRIES, ENTRIES)[0] == 422
    [fork] = kept.witness.reported
    assert fork.kind == Kind.FORK
    assert fork.against.startswith(shown_to_us.partition(b"\n\n")[0])
    assert fork.note.startswith(shown_to_them.partition(b"\n\n")[0])


def test_the_untouched_log_is_continued_by_all(
    kept: Kept, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_entries(50, at, first=60_000)
    publish(at=at)

    assert _verify(tmp_path, kept.receipt) == 0
    assert _ask(kept.witness, ENTRIES, ENTRIES + 50)[0] == 200
    assert kept.monitor.look().entries == ENTRIES + 50
    assert kept.witness.reported == []
