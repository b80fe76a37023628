"""One pass over the log, from the entries' bytes up to the signatures."""

import sqlite3
from collections import defaultdict

from django.conf import settings
from django.db import DatabaseError, connection, models
from django.db.models.functions import Cast

from audit.log.heads import HeadLock
from audit.log.inspection.files import FileChecker
from audit.log.inspection.report import Progress, Report
from audit.log.inspection.rows import UNREADABLE, RowChecker, leaves_after, pending_rows
from audit.log.models import Checkpoint, Entry, EntryRef, Leaf, LogState, Pending
from audit.log.signing import get_signer
from audit.log.tiles import CHECKPOINT, TileStore
from verify.checkpoint import SignedHead, TreeHead, verify_checkpoint
from verify.errors import VerificationError
from verify.merkle import Frontier


def inspect(*, progress: Progress | None = None) -> Report:
    """Recompute the log and compare: bytes, hashes, tree, signatures, files, waiting entries.

    Works beside a running exchange; entries recorded meanwhile are left for the next inspection.
    """
    report = Report()
    try:
        _inspect(report, progress)
    except DatabaseError as error:
        report.add("database", f"cannot be read further: {error}")
    except OSError as error:
        report.add(str(error.filename), f"cannot be read: {error.strerror}")
    return report


def _inspect(report: Report, progress: Progress | None) -> None:
    store = TileStore.of_log()
    heads = _Heads(report, store)
    files = FileChecker(store, heads.published, report)
    state = LogState.objects.filter(pk=1).first() or LogState()
    tree = _Tree(report, heads, files, state.size)
    tree.read(progress)
    tree.compare_state(state)
    heads.finish(tree.frontier.size)
    _check_waiting(report)
    _check_indexes(report)
    report.size, report.root = tree.frontier.size, tree.frontier.root()


class _Heads:
    """Every tree head that was signed or agreed to, by size, waiting for its root."""

    def __init__(self, report: Report, store: TileStore) -> None:
        self._report = report
        self._verifier = get_signer("log").verifier
        self._waiting: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
        self._notes: dict[int, str] = {}
        self.published = 0
        self._read_lock()
        self._read_rows()
        self._read_file(store)
        self.compare(Frontier())

    def compare(self, tree: Frontier) -> None:
        """Compare the heads of the tree's present size with its root."""
        waiting = self._waiting.pop(tree.size, ())
        for place, root in waiting:
            if root != tree.root():
                self._report.add(place, f"its root is not that of the first {tree.size} entries")

    def finish(self, size: int) -> None:
        """Name the heads that the tree does not reach."""
        for head_size, waiting in sorted(self._waiting.items()):
            for place, _root in waiting:
                self._report.add(
                    place, f"states {head_size} entries, but the database gives {size} of them"
                )

    def is_awaited(self, size: int) -> bool:
        """Whether a head of this size was signed."""
        return size in self._waiting

    def _read_lock(self) -> None:
        lock = HeadLock.of_log()
        try:
            head = lock.read()
        except (VerificationError, sqlite3.Error) as error:
            self._report.add(str(lock.path), f"the last signed head cannot be read: {error}")
            return
        if head:
            self._expect(str(lock.path), head)

    def _read_rows(self) -> None:
        rows = Checkpoint.objects.order_by("size").values_list(
            "size", "root", "note", Cast("created_at", models.TextField())
        )
        size = -1
        self._rows_are_read = False
        try:
            for size, root, note, created_at in rows.iterator(chunk_size=500):
                self._report.checkpoints += 1
                self._read_row(size, bytes(root), str(note), str(created_at))
            self._rows_are_read = True
        except UNREADABLE as error:
            self._report.add(
                "checkpoints" + (f" after size {size}" if size >= 0 else ""),
                f"cannot be read: {error}",
            )

    def _read_row(self, size: int, root: bytes, note: str, created_at: str) -> None:
        place = f"checkpoint {size}"
        self._notes[size] = note
        signed = self._verify(place, note.encode(errors="surrogateescape"))
        if signed is None:
            return
        self._expect(place, signed.head)
        self.published = max(self.published, signed.head.size)
        if signed.head.size != size:
            self._report.add(place, f"its note states {signed.head.size} entries")
        if signed.head.root != root:
            self._report.add(place, "column root is not the root in its note")
        if signed.signed_at is None:
            self._report.add(place, "its note is not dated by the log")
        elif created_at.removesuffix("+00") != f"{signed.signed_at:%Y-%m-%d %H:%M:%S}":
            self._report.add(
                place, f"column created_at is {created_at}, its note is of {signed.signed_at}"
            )

    def _read_file(self, store: TileStore) -> None:
        place = str(store.folder / CHECKPOINT)
        content = store.read(CHECKPOINT)
        if content is None:
            if self._notes:
                self._report.add(place, "is missing")
            return
        signed = self._verify(place, content)
        if signed is None:
            return
        self._expect(place, signed.head)
        self.published = max(self.published, signed.head.size)
        note = self._notes.get(signed.head.size)
        if note is None and self._rows_are_read:
            self._report.add(place, f"checkpoint {signed.head.size} is not in the database")
        elif note is not None and note.encode() != content:
            self._report.add(place, f"differs from checkpoint {signed.head.size} in the database")

    def _verify(self, place: str, note: bytes) -> SignedHead | None:
        try:
            return verify_checkpoint(note, self._verifier)
        except VerificationError as error:
            self._report.add(place, str(error))
            return None

    def _expect(self, place: str, head: TreeHead) -> None:
        if head.origin != settings.AUDIT_LOG_ORIGIN:
            self._report.add(place, f"is of another log, {head.origin}")
        self._waiting[head.size].append((place, head.root))


class _Tree:
    """The tree over the leaves, grown while they are read."""

    def __init__(self, report: Report, heads: _Heads, files: FileChecker, size: int) -> None:
        self._report, self._heads, self._files, self._size = report, heads, files, size
        self._rows = RowChecker(report)
        self.frontier = Frontier()
        self._whole = True

    def read(self, progress: Progress | None) -> None:
        """Read every leaf and its entry in order."""
        last: int | None = None
        while chunk := leaves_after(last, self._size, self._report):
            self._rows.look_at([row for _index, _leaf, row in chunk])
            for index, leaf, row in chunk:
                value = self._rows.true_hash(row, index, leaf)
                if index != self.frontier.size and self._whole:
                    self._note_gap(index)
                if self._whole:
                    self._grow(value, row.data)
            last = chunk[-1][0]
            if progress:
                progress(last + 1, self._size)
        if self._whole and self.frontier.size < self._size:
            self._note_gap(self._size)
        if self._whole:
            self._files.finish()

    def compare_state(self, state: LogState) -> None:
        """Compare the sequencer's own account of the tree."""
        beyond = Leaf.objects.filter(index__gte=state.size).order_by("index").first()
        now = LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0
        if beyond and beyond.index >= now:
            self._report.add("log state", f"says {now} entries, but leaf {beyond.index} exists")
        if self._whole and bytes(state.frontier) != bytes(self.frontier):
            self._report.add("log state", f"its frontier is not that of the {state.size} leaves")

    def _grow(self, value: bytes, data: bytes) -> None:
        self.frontier.append(value)
        self._files.take(value, data)
        if self._heads.is_awaited(self.frontier.size):
            self._heads.compare(self.frontier)

    def _note_gap(self, found: int) -> None:
        """Name the first place where the leaves are not contiguous; the tree ends before it."""
        self._whole = False
        index = min(self.frontier.size, found)
        leaf = Leaf.objects.filter(index=index).values_list("entry_id", flat=True).first()
        if index < 0:
            self._report.add(f"leaf {index}", "lies before the first index")
        elif leaf is None:
            self._report.add(f"leaf {index}", "is missing")
        elif not Entry.objects.filter(position=leaf).exists():
            self._report.add(f"leaf {index}", f"its entry, at position {leaf}, is missing")


def _check_waiting(report: Report) -> None:
    """Check that each entry has an index or waits for one, and those that wait."""
    rows = RowChecker(report)
    for waiting in pending_rows(report):
        rows.look_at(waiting)
        report.pending += len(waiting)
        for row in waiting:
            rows.true_hash(row)
    lost = Entry.objects.filter(leaf__isnull=True, pending__isnull=True)
    for position in lost.values_list("position", flat=True)[:20]:
        report.add(f"entry at position {position}", "has no index and does not wait for one")
    doubled = Pending.objects.filter(entry__leaf__isnull=False)
    for position in doubled.values_list("entry_id", flat=True)[:20]:
        report.add(f"entry at position {position}", "has an index and still waits for one")


def _check_indexes(report: Report) -> None:
    """Compare SQLite's indexes with the rows: a value read from one may differ from the other."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for model in (Entry, EntryRef, Pending, Leaf, LogState, Checkpoint):
            table = model._meta.db_table  # noqa: SLF001  Django's documented name
            cursor.execute(f"PRAGMA integrity_check({connection.ops.quote_name(table)})")
            for (fault,) in cursor.fetchall()[:20]:
                if fault != "ok":
                    report.add(f"table {table}", fault)
