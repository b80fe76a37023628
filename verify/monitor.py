"""A monitor: follows a log from outside and notices when it contradicts what it said before.

It keeps the last checkpoint it verified and the hashes from which it goes on. Two signed notes of
one log that cannot both be true are kept as evidence; whoever holds them can show them to others.
"""

import contextlib
import errno
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from verify.chain import check_link, for_period, is_chain, later_periods, period_of
from verify.checkpoint import SignedHead, TreeHead
from verify.errors import Contradiction, Unavailable, VerificationError
from verify.log import Reading, may_read_entries
from verify.merkle import EMPTY_ROOT, Frontier
from verify.policy import Policy
from verify.source import Source, read_checkpoint
from verify.tile import WIDTH
from verify.tree import Fork, Tiles, check_continuation

STATE = "state.json"
EVIDENCE = "evidence"
LOOKS = 3  # a server's caches may lag behind for a moment
LOOK_PAUSE_SECONDS = 3.0
_VERSION = 1
_MOST_STATE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """What the monitor remembers: a note it verified, and how far it read the entries."""

    note: bytes
    signed: SignedHead
    entries: Frontier  # of the entries that were read and found to give the tree


@dataclass(frozen=True)
class Sighting:
    """One look at the log that ended well."""

    signed: SignedHead
    before: int | None  # the size at the look before, if there was one
    entries: int  # how many entries were read and found to give the tree, in all looks
    contents: bool


class Monitor:
    """Follows one log, whose files `source` holds, and remembers in `folder`."""

    def __init__(
        self,
        source: Source,
        policy: Policy,
        folder: Path,
        *,
        contents: bool | None = None,
        continues: Kept | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.source, self.policy, self.folder = source, policy, folder
        self.contents = contents
        self.continues = continues  # the end of the log that this one continues
        self._log = Policy(policy.logs)  # the log's keys alone
        self._sleep = sleep

    def look(self, *, now: datetime | None = None, max_age: timedelta | None = None) -> Sighting:
        """Look once. Raises Contradiction with both notes, or VerificationError, or Unavailable.

        A checkpoint that lacks a quorum, or freshness, is remembered before it is refused.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with _alone(self.folder):
            kept = self.read_state()
            note, signed = self._see(kept)
            entries = self._compare(kept, note, signed)
            contents = self.contents
            if contents is None:
                size = signed.head.size
                contents = entries.size == size or may_read_entries(self.source, size)
            if contents:
                entries = self._read_entries(entries, signed.head)
            self._write_state(note, entries)
            self.policy.check(note, now=now, max_age=max_age)
        before = kept.signed.head.size if kept else None
        return Sighting(signed, before, entries.size, contents)

    def read_state(self) -> Kept | None:
        """Return what was kept; refuses a state that is damaged or of another log's key."""
        path = self.folder / STATE
        try:
            content = path.read_bytes()[:_MOST_STATE_BYTES]
        except FileNotFoundError:
            return None
        try:
            return self._parse_state(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError, VerificationError) as error:
            message = f"cannot be used as this monitor's state: {error}"
            raise OSError(errno.EINVAL, message, str(path)) from error

    def _parse_state(self, document: dict[str, Any]) -> Kept:
        if document["v"] != _VERSION:
            raise VerificationError("it was written by another version")
        note = document["note"].encode()
        hashes = [bytes.fromhex(each) for each in document["frontier"]]
        entries = Frontier(int(document["entries"]), hashes)
        signed = self._log.check(note)
        if entries.size > signed.head.size:
            raise VerificationError("it counts more entries than the log had")
        if entries.size == signed.head.size and entries.root() != signed.head.root:
            raise VerificationError("its hashes do not give the root of its note")
        return Kept(note, signed, entries)

    def _see(self, kept: Kept | None) -> tuple[bytes, SignedHead]:
        """Return the newest checkpoint, looking again where an old one is shown."""
        for _look in range(LOOKS - 1):
            note = read_checkpoint(self.source)
            signed = self._log.check(note)
            if kept is None or signed.head.size >= kept.signed.head.size:
                return note, signed
            self._sleep(LOOK_PAUSE_SECONDS)
        note = read_checkpoint(self.source)
        return note, self._log.check(note)

    def _compare(self, kept: Kept | None, note: bytes, signed: SignedHead) -> Frontier:
        """Hold the note seen against the one kept; return the frontier of the entries read."""
        head = signed.head
        old = kept.signed.head if kept else TreeHead(head.origin, 0, EMPTY_ROOT)
        if kept is None:
            check_continuation(Tiles(self.source, head.size), old=old, new=head)
            return Frontier()
        if old.origin != head.origin:
            raise VerificationError(f"the log {head.origin} stands where {old.origin} stood")
        smaller, larger = sorted((old, head), key=lambda each: each.size)
        tiles = Tiles(self.source, larger.size)
        try:
            check_continuation(tiles, old=smaller, new=larger)
        except Fork as fork:
            raise self._contradiction("fork", str(fork), kept.note, note) from fork
        except VerificationError as error:
            if head.size >= old.size:
                if isinstance(error, Unavailable):
                    raise
                self._keep_evidence("unproved", str(error), kept.note, note)
                raise
        if head.size < old.size:
            message = f"the log went back from {old.size} entries to {head.size}"
            raise self._contradiction("rollback", message, kept.note, note)
        return kept.entries

    def _read_entries(self, frontier: Frontier, head: TreeHead) -> Frontier:
        """Read the entries that were not read yet; they must give the signed tree."""
        if frontier.size == head.size:
            return frontier
        whole = frontier.size - frontier.size % WIDTH  # the last tile may have been partial
        start = Frontier(whole, frontier.hashes[: whole.bit_count()])
        reading = Reading(self.source, head.size, {frontier.size: frontier.root()}, frontier=start)
        reading.run()
        if reading.frontier.root() != head.root:
            raise VerificationError(
                f"the entries do not give the root of the checkpoint of size {head.size}"
            )
        if self.continues and not whole:
            check_link(self.continues.note, self.continues.signed.head, reading.first)
        return reading.frontier

    def _write_state(self, note: bytes, entries: Frontier) -> None:
        document = {
            "v": _VERSION,
            "note": note.decode(),
            "entries": entries.size,
            "frontier": [value.hex() for value in entries.hashes],
        }
        replace_file(self.folder / STATE, json.dumps(document, indent=1).encode() + b"\n")

    def _contradiction(self, kind: str, message: str, kept: bytes, seen: bytes) -> Contradiction:
        folder = self._keep_evidence(kind, message, kept, seen)
        return Contradiction(message, kept=kept, seen=seen, folder=folder)

    def _keep_evidence(self, kind: str, message: str, kept: bytes, seen: bytes) -> Path:
        """Keep both notes; the same two give the same folder."""
        digest = hashlib.sha256(kept + b"\0" + seen).hexdigest()[:16]
        folder = self.folder / EVIDENCE / f"{kind}-{digest}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("kept.note", kept),
            ("seen.note", seen),
            ("what.txt", f"{message}\n".encode()),
        ):
            replace_file(folder / name, content)
        return folder


class Follower:
    """Follows a log through its periods; each has a folder below that of the monitor."""

    def __init__(
        self, source: Source, policy: Policy, folder: Path, *, contents: bool | None = None
    ) -> None:
        self.source, self.policy, self.folder = source, policy, folder
        self.contents = contents

    def look(
        self, *, now: datetime | None = None, max_age: timedelta | None = None
    ) -> list[Sighting]:
        """Look once at the newest log known and at those after it."""
        known = self._known()
        if (self.folder / STATE).exists() or (not known and not is_chain(self.source)):
            watch = Monitor(self.source, self.policy, self.folder, contents=self.contents)
            return [watch.look(now=now, max_age=max_age)]
        newest = max(known, default=period_of(self.policy))
        names = [newest, *later_periods(self.source, newest)]
        sightings: list[Sighting] = []
        before: Kept | None = None
        for name in names:
            watch = Monitor(
                self.source.below(name),
                for_period(self.policy, name),
                self.folder / name,
                contents=self.contents,
                continues=before,
            )
            age = max_age if name == names[-1] else None
            sightings.append(watch.look(now=now, max_age=age))
            before = watch.read_state()
        return sightings

    def _known(self) -> list[str]:
        """Return the periods of which something is kept."""
        return [path.parent.name for path in self.folder.glob(f"*/{STATE}")]


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in the place of its predecessor in one step, and wait for the disk."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the state against another monitor; refuses to wait for it."""
    try:
        import fcntl  # noqa: PLC0415  not on every system
    except ImportError:
        yield
        return
    with (folder / ".lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OSError(errno.EBUSY, "another monitor works here", str(folder)) from error
        yield
