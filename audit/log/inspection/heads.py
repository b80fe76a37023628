"""Everything that was signed or agreed to of one log, waiting to be compared with its tree."""

import sqlite3
from collections import defaultdict

from django.db import models
from django.db.models.functions import Cast

from audit.log.heads import HeadLock
from audit.log.inspection.report import Report
from audit.log.inspection.rows import UNREADABLE
from audit.log.models import Checkpoint, Cosignature, Log
from audit.log.rotation import log_verifiers
from audit.log.tiles import CHECKPOINT, TileStore
from verify.checkpoint import SignedHead, TreeHead, verify_signed
from verify.errors import VerificationError
from verify.merkle import Frontier


class HeadChecker:
    """Every tree head that was signed or agreed to, by size, waiting for its root."""

    def __init__(self, report: Report, log: Log) -> None:
        self._report, self._log = report, log
        self._verifiers = log_verifiers(log.origin)
        self._waiting: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
        self._notes: dict[int, list[str]] = defaultdict(list)
        self.published = 0
        self._read_lock()
        self._read_rows()
        self._read_file(TileStore.of_period(log.period))
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
        lock = HeadLock.of_period(self._log.period)
        try:
            head = lock.read()
        except (VerificationError, sqlite3.Error) as error:
            self._report.add(str(lock.path), f"the last signed head cannot be read: {error}")
            return
        if head:
            self._expect(str(lock.path), head)

    def _read_rows(self) -> None:
        rows = (
            Checkpoint.objects.filter(log=self._log)
            .order_by("size", "pk")
            .values_list("pk", "size", "root", "note", Cast("created_at", models.TextField()))
        )
        cosigned = self._cosignatures()
        size = -1
        self._rows_are_read = False
        try:
            for key, size, root, note, created_at in rows.iterator(chunk_size=500):
                self._report.checkpoints += 1
                self._notes[size].append(str(note) + "".join(cosigned.get(key, ())))
                self._read_row(size, bytes(root), str(note), str(created_at))
            self._rows_are_read = True
        except UNREADABLE as error:
            self._report.add(
                f"checkpoints of {self._log.period}" + (f" after size {size}" if size >= 0 else ""),
                f"cannot be read: {error}",
            )

    def _read_row(self, size: int, root: bytes, note: str, created_at: str) -> None:
        place = f"checkpoint {size} of {self._log.period}"
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
        notes = self._notes.get(signed.head.size)
        if not notes and self._rows_are_read:
            self._report.add(place, f"checkpoint {signed.head.size} is not in the database")
        elif notes and content not in {note.encode() for note in notes}:
            self._report.add(place, f"differs from checkpoint {signed.head.size} in the database")

    def _cosignatures(self) -> dict[int, list[str]]:
        lines: dict[int, list[str]] = defaultdict(list)
        rows = Cosignature.objects.filter(checkpoint__log=self._log).order_by("pk")
        for checkpoint, line in rows.values_list("checkpoint_id", "line"):
            lines[checkpoint].append(f"{line}\n")
        return lines

    def _verify(self, place: str, note: bytes) -> SignedHead | None:
        try:
            return verify_signed(note, self._verifiers)
        except VerificationError as error:
            self._report.add(place, str(error))
            return None

    def _expect(self, place: str, head: TreeHead) -> None:
        if head.origin != self._log.origin:
            self._report.add(place, f"is of another log, {head.origin}")
        self._waiting[head.size].append((place, head.root))
