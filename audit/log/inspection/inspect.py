"""One pass over the logs, from the entries' bytes up to the signatures."""

from django.db import DatabaseError, connection

from audit.log.inspection.files import FileChecker
from audit.log.inspection.heads import HeadChecker
from audit.log.inspection.links import check_links
from audit.log.inspection.report import Progress, Report
from audit.log.inspection.rows import RowChecker, leaves_after, pending_rows
from audit.log.models import Checkpoint, Cosignature, Entry, EntryRef, Leaf, Log, Pending
from audit.log.tiles import TileStore
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
    logs = list(Log.objects.order_by("first"))
    total = logs[-1].end if logs else 0
    for log in logs:
        heads = HeadChecker(report, log)
        files = FileChecker(TileStore.of_period(log.period), heads.published, report)
        tree = _Tree(report, heads, files, log)
        tree.read(progress, total, is_first=log == logs[0])
        tree.compare_log()
        heads.finish(tree.frontier.size)
        report.size += tree.frontier.size
        report.root = tree.frontier.root()
    check_links(logs, report)
    _check_beyond(logs, report)
    _check_waiting(report)
    _check_indexes(report)


class _Tree:
    """The tree over the leaves, grown while they are read."""

    def __init__(self, report: Report, heads: HeadChecker, files: FileChecker, log: Log) -> None:
        self._report, self._heads, self._files, self._log = report, heads, files, log
        self._rows = RowChecker(report)
        self.frontier = Frontier()
        self._whole = True

    def read(self, progress: Progress | None, total: int, *, is_first: bool) -> None:
        """Read every leaf of the log and its entry in order."""
        last = None if is_first else self._log.first - 1
        while chunk := leaves_after(last, self._log.end, self._report):
            self._rows.look_at([row for _index, _leaf, row in chunk])
            for index, leaf, row in chunk:
                value = self._rows.true_hash(row, index, leaf)
                if index != self._log.first + self.frontier.size and self._whole:
                    self._note_gap(index)
                if self._whole:
                    self._grow(value, row.data)
            last = chunk[-1][0]
            if progress:
                progress(last + 1, total)
        if self._whole and self.frontier.size < self._log.size:
            self._note_gap(self._log.end)
        if self._whole:
            self._files.finish()

    def compare_log(self) -> None:
        """Compare the sequencer's own account of the tree."""
        log = self._log
        if self._whole and bytes(log.frontier) != bytes(self.frontier):
            self._report.add(
                f"log {log.period}", f"its frontier is not that of the {log.size} leaves"
            )

    def _grow(self, value: bytes, data: bytes) -> None:
        self.frontier.append(value)
        self._files.take(value, data)
        if self._heads.is_awaited(self.frontier.size):
            self._heads.compare(self.frontier)

    def _note_gap(self, found: int) -> None:
        """Name the first place where the leaves are not contiguous; the tree ends before it."""
        self._whole = False
        index = min(self._log.first + self.frontier.size, found)
        leaf = Leaf.objects.filter(index=index).values_list("entry_id", flat=True).first()
        if index < 0:
            self._report.add(f"leaf {index}", "lies before the first index")
        elif leaf is None:
            self._report.add(f"leaf {index}", "is missing")
        elif not Entry.objects.filter(position=leaf).exists():
            self._report.add(f"leaf {index}", f"its entry, at position {leaf}, is missing")


def _check_beyond(logs: list[Log], report: Report) -> None:
    """Name a leaf after the end of the newest log; what was sequenced meanwhile is none."""
    end = logs[-1].end if logs else 0
    beyond = Leaf.objects.filter(index__gte=end).order_by("index").first()
    newest = Log.objects.order_by("-first").first()
    now = newest.end if newest else 0
    if beyond and beyond.index >= now:
        report.add("logs", f"end with {now} entries, but leaf {beyond.index} exists")


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
        for model in (Entry, EntryRef, Pending, Leaf, Log, Checkpoint, Cosignature):
            table = model._meta.db_table  # noqa: SLF001  Django's documented name
            cursor.execute(f"PRAGMA integrity_check({connection.ops.quote_name(table)})")
            for (fault,) in cursor.fetchall()[:20]:
                if fault != "ok":
                    report.add(f"table {table}", fault)
