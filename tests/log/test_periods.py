"""At the turn of the year one log ends, and the next begins by naming how it ended."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from audit.log import periods, publishing, sequencing
from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Entry, Leaf, Log, Pending
from audit.log.periods import hash_of_note, period_of
from audit.log.publishing import publish
from audit.log.queries import current_log, latest_checkpoint, logs, state_of
from audit.log.receipts import receipt_for
from audit.log.sequencing import sequence
from audit.log.signing import get_signer
from audit.log.states import EntryState, PeriodState
from audit.log.tiles import TileStore
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.log import verify_log
from verify.receipt import verify_receipt

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
EVE = NEW_YEAR - timedelta(seconds=1)


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR)


def entry_at(index: int) -> Entry:
    return Entry.objects.get(leaf__index=index)


def body_at(index: int) -> dict[str, object]:
    document: dict[str, object] = json.loads(bytes(entry_at(index).data))["body"]
    return document


def assert_two_sound_logs(folder: Path, entries: int) -> None:
    """Expect a closed log and an open one that continues it, each right by itself."""
    old, new = logs()
    assert (old.status, new.status) == (PeriodState.CLOSED, PeriodState.OPEN)
    assert (old.first, new.first) == (0, old.size)
    assert new.end == Leaf.objects.count() == Entry.objects.count() == entries + 3
    assert not Pending.objects.exists()
    assert inspect().findings == []
    for log in (old, new):
        key = get_signer("log", origin=log.origin).verifier
        assert verify_log(folder / log.period, key).entries == log.size
    last = latest_checkpoint(old)
    assert last
    assert (last.size, bytes(old.closing_hash)) == (old.size, hash_of_note(last.note))
    assert entry_at(old.size - 1).name == "log.period.closed"
    assert body_at(old.size - 1) == {
        "period": "2026",
        "origin": "localhost/audit/2026",
        "entries": old.size,
    }
    assert [entry_at(new.first + n).name for n in (0, 1)] == [
        "log.period.opened",
        "log.period.sealed",
    ]
    assert body_at(new.first) == {
        "period": "2027",
        "origin": "localhost/audit/2027",
        "previous_origin": "localhost/audit/2026",
        "previous_size": old.size,
        "previous_note": bytes(old.closing_hash).hex(),
    }


def test_periods_turn_at_midnight_in_shanghai() -> None:
    assert (period_of(EVE), period_of(NEW_YEAR)) == ("2026", "2027")


def test_the_year_turns(folder: Path) -> None:
    write_entries(5, EVE)
    publish(at=EVE)
    write_entries(3, EVE, first=5)

    checkpoint = publish(at=NEW_YEAR)

    assert checkpoint
    assert (checkpoint.log.period, checkpoint.size) == ("2027", 5)
    assert_two_sound_logs(folder, 8)
    assert [log.size for log in logs()] == [6, 5]


def test_the_year_turns_without_anything_to_write(folder: Path) -> None:
    write_entries(5, EVE)
    publish(at=EVE)

    publish(at=NEW_YEAR)

    assert_two_sound_logs(folder, 5)
    assert publish(at=NEW_YEAR) is None


def test_receipts_of_closed_logs_are_served(folder: Path) -> None:
    [old, *_rest] = write_entries(3, EVE)
    publish(at=EVE)
    [new] = write_entries(1, NEW_YEAR, first=3)
    publish(at=NEW_YEAR)

    for entry, period in ((old, "2026"), (new, "2027")):
        key = get_signer("log", origin=f"localhost/audit/{period}").verifier
        proved = verify_receipt(receipt_for(entry).encode(), key)
        assert proved.entry == bytes(entry.data)
        assert state_of(entry) == EntryState.PUBLISHED


def test_a_closed_log_is_not_signed_again(folder: Path) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    publish(at=NEW_YEAR)
    shown = (folder / "2026/checkpoint").read_bytes()

    publish(at=NEW_YEAR + timedelta(days=1))

    assert (folder / "2026/checkpoint").read_bytes() == shown
    assert Checkpoint.objects.filter(log__period="2026").count() == 2
    assert Checkpoint.objects.filter(log__period="2027").count() == 2


def test_a_clock_that_runs_back_reopens_nothing(folder: Path) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    publish(at=NEW_YEAR)
    write_entries(2, EVE, first=3)

    publish(at=EVE)

    assert_two_sound_logs(folder, 5)


def test_years_without_entries_have_no_log(folder: Path) -> None:
    write_entries(1, EVE)
    publish(at=EVE)

    publish(at=NEW_YEAR + timedelta(days=800))

    assert [log.period for log in logs()] == ["2026", "2029"]
    assert inspect().findings == []


def test_what_comes_while_a_log_closes_waits(folder: Path) -> None:
    write_entries(3, EVE)
    sequence(at=EVE)
    write_entries(2, NEW_YEAR, first=3)

    assert sequence(at=NEW_YEAR) == 0

    log = current_log()
    assert log
    assert (log.status, log.size) == (PeriodState.CLOSING, 4)
    assert Pending.objects.count() == 2
    publish(at=NEW_YEAR)
    assert_two_sound_logs(folder, 5)


CRASHES: list[tuple[object, str]] = [
    (periods, "close"),
    (periods, "hand_over"),
    (periods, "append"),
    (sequencing, "may_lead"),
    (publishing, "close_period"),
    (publishing, "open_period"),
    (publishing, "write_files"),
    (publishing, "_sign"),
    (TileStore, "replace"),
]


@pytest.mark.parametrize(("where", "name"), CRASHES, ids=[name for _where, name in CRASHES])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_crash_at_the_turn_is_made_good(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    name: str,
    after: bool,  # noqa: FBT001  a parameter of the test
    call: int,
) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    write_entries(2, NEW_YEAR, first=3)
    original, calls = getattr(where, name), 0

    def crash(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            raise SystemError("killed here")
        result = original(*arguments, **options)
        if calls == call:
            raise SystemError("killed here")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(where, name, crash)
        with contextlib.suppress(SystemError):
            publish(at=NEW_YEAR)
    publish(at=NEW_YEAR)
    publish(at=NEW_YEAR)

    assert_two_sound_logs(folder, 5)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda: Log.objects.filter(first__gt=0).update(first=7), "begins at index 7, not at 4"),
        (lambda: Log.objects.filter(first=0).update(closing_hash=b"x" * 32), "closing_hash"),
        (lambda: Log.objects.filter(first__gt=0).delete(), "no log continues it"),
    ],
)
def test_broken_links_are_named(folder: Path, change: object, fault: str) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    publish(at=NEW_YEAR)

    with lifted():
        if fault.startswith("no log"):
            Checkpoint.objects.filter(log__first__gt=0)._raw_delete("default")
            Log.objects.filter(first__gt=0)._raw_delete("default")
        else:
            change()  # type: ignore[operator]

    assert any(fault in str(finding) for finding in inspect().findings)
