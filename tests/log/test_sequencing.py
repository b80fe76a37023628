"""Indexes are contiguous, given once, in commit order, by one leader at a time."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection, transaction

from audit.log import sequencing
from audit.log.heads import HeadLock, LogFrozen
from audit.log.models import Entry, Leaf, Log, Pending
from audit.log.queries import state_of
from audit.log.sequencing import sequence
from audit.log.states import EntryState
from tests.log.writing import write_entries
from verify.checkpoint import TreeHead
from verify.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_of


def assert_one_log(count: int) -> None:
    leaves = list(Leaf.objects.order_by("index").select_related("entry"))
    state = Log.objects.get()
    frontier = Frontier.from_bytes(state.size, bytes(state.frontier))
    assert [leaf.index for leaf in leaves] == list(range(count))
    assert len({leaf.entry_id for leaf in leaves}) == count == state.size
    assert all(bytes(leaf.leaf_hash) == leaf_hash(bytes(leaf.entry.data)) for leaf in leaves)
    assert frontier.root() == root_of(bytes(leaf.leaf_hash) for leaf in leaves)
    assert not Pending.objects.exists()


def test_entries_get_contiguous_indexes_once(db: None, at: datetime) -> None:
    entries = write_entries(5, at)
    assert [state_of(entry) for entry in entries] == [EntryState.PENDING] * 5

    assert sequence(at=at) == 5
    assert sequence(at=at) == 0

    assert_one_log(5)
    assert list(Leaf.objects.order_by("index").values_list("entry_id", flat=True)) == [
        entry.position for entry in entries
    ]
    assert state_of(entries[0]) == EntryState.SEQUENCED


def test_long_queues_are_drained_in_batches(
    db: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "BATCH", 3)
    write_entries(9, at)

    assert sequence(at=at) == 9

    assert_one_log(9)


def test_a_rolled_back_entry_leaves_no_gap(db: None, at: datetime) -> None:
    write_entries(2, at)
    with transaction.atomic():
        write_entries(2, at, first=2)
        transaction.set_rollback(True)
    write_entries(2, at, first=4)

    assert sequence(at=at) == 4

    assert_one_log(4)


def test_an_entry_that_commits_late_is_taken_late(db: None, at: datetime) -> None:
    first, second = write_entries(2, at)
    Pending.objects.filter(entry=first).delete()  # as if its transaction were still open
    sequence(at=at)
    Pending.objects.create(entry=first)

    assert sequence(at=at) == 1

    assert (second.leaf.index, first.leaf.index) == (0, 1)
    assert_one_log(2)


def test_nothing_is_sequenced_on_a_database_behind_what_was_signed(db: None, at: datetime) -> None:
    HeadLock.of_period("2026").advance(None, TreeHead("localhost/audit/2026", 7, EMPTY_ROOT))
    write_entries(2, at)

    with pytest.raises(LogFrozen, match="that of 2026 was signed"):
        sequence(at=at)

    assert Pending.objects.count() == 2
    assert not Leaf.objects.exists()


@pytest.mark.parametrize(
    "statement", ["INSERT INTO log_leaf", "DELETE FROM log_pending", 'UPDATE "log_log"']
)
def test_a_crash_within_a_batch_leaves_everything_waiting(
    db: None, at: datetime, statement: str
) -> None:
    write_entries(3, at)

    with connection.execute_wrapper(_before(statement, _crash)), pytest.raises(SystemError):
        sequence(at=at)

    assert Pending.objects.count() == 3
    assert not Leaf.objects.exists()
    assert sequence(at=at) == 3
    assert_one_log(3)


def test_a_batch_that_somebody_else_took_is_given_up(db: None, at: datetime) -> None:
    write_entries(3, at)

    def take_one() -> None:
        Pending.objects.filter(pk=Pending.objects.order_by("pk")[:1].get().pk).delete()

    rival = _before("DELETE FROM log_pending", take_one)
    with (
        connection.execute_wrapper(rival),
        pytest.raises(RuntimeError, match="somebody else"),
    ):
        sequence(at=at)

    assert not Leaf.objects.exists()


def test_sequencing_is_refused_within_a_transaction_of_its_caller(
    transactional_db: None, at: datetime
) -> None:
    write_entries(1, at)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        sequence(at=at)


@pytest.mark.postgres
def test_rival_sequencers_make_one_log_while_entries_arrive(
    transactional_db: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "BATCH", 5)
    done = threading.Event()

    def drain() -> None:
        while not done.is_set():
            sequence(at=at)

    writers = [lambda n=n: write_entries(60, at, first=100 * n) for n in range(4)]
    rivals = [_Thread(drain) for _rival in range(3)]
    threads = [_Thread(writer) for writer in writers]
    for thread in (*rivals, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for thread in rivals:
        thread.join()
    sequence(at=at)

    assert [thread.error for thread in (*rivals, *threads) if thread.error] == []
    assert Entry.objects.count() == 240
    assert_one_log(240)


class _Thread(threading.Thread):
    """A thread with its own connection, which it closes, and whose error is kept."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  shown by the test
            self.error = error
        finally:
            connection.close()


def _before(words: str, act: Callable[[], None]) -> Callable[..., object]:
    """Return a wrapper of statements that acts when one begins with `words`."""

    def wrap(
        execute: Callable[..., object], sql: str, params: object, many: object, context: object
    ) -> object:
        if sql.startswith(words):
            act()
        return execute(sql, params, many, context)

    return wrap


def _crash(*_arguments: object, **_options: object) -> None:
    raise SystemError("killed here")
