"""Periods: a calendar year in Asia/Shanghai has a log of its own, and hands over to the next.

At the turn of the year the log takes a last entry, `log.period.closed`, and its last checkpoint.
Only when that is published does the next log begin, with an entry that names the hash of that
checkpoint: whoever holds the newest log can therefore prove what the earlier ones said. What is
recorded meanwhile waits. Each step is one transaction, and found again after a crash.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from verify.merkle import Frontier

from .actors import Actor
from .events import Event, Ref, event
from .lifecycle import advance, begin
from .models import Checkpoint, Entry, Log
from .states import PERIOD

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEQUENCER = Actor.system("log")


@event("log.period.closed", label=_("log of the period closed"))
class PeriodClosed(Event):
    """The last entry of a log."""

    period: Ref
    origin: str
    entries: int


@event("log.period.opened", label=_("log of the period opened"))
class PeriodOpened(Event):
    """The first entry of a log that continues another: `note` is the hash of its last note."""

    period: Ref
    origin: str
    previous_origin: str
    previous_size: int
    previous_note: str


@event("log.period.sealed", label=_("log of the period sealed"))
class PeriodSealed(Event):
    """The second entry of a log that continues another, about that other: `note` is as above."""

    period: Ref
    note: str


def period_of(at: datetime) -> str:
    """Return the period an instant falls into."""
    return str(at.astimezone(SHANGHAI).year)


def origin_of(period: str) -> str:
    """Return the name of a period's log."""
    return f"{settings.AUDIT_LOG_ORIGIN}/{period}"


def hash_of_note(note: str) -> bytes:
    """Return the SHA-256 by which the next log names a note: without cosignatures."""
    return hashlib.sha256(note.encode()).digest()


def first_log(*, at: datetime) -> Log:
    """Begin the first log of this exchange; the leader's place is held."""
    period = period_of(at)
    return Log.objects.create(period=period, origin=origin_of(period), first=0)


def is_over(log: Log, *, at: datetime) -> bool:
    """Whether the log's period has ended; a clock that runs back reopens nothing."""
    return period_of(at) > log.period


def close(log: Log, *, at: datetime) -> None:
    """Give a log its last entry; the leader's place and the log's row are held."""
    closed = PeriodClosed(period=log.period, origin=log.origin, entries=log.size + 1)
    _append(log, advance(log, PERIOD.close, event=closed, by=SEQUENCER, at=at))


def hand_over(log: Log, last: Checkpoint, *, at: datetime) -> Log:
    """Seal a log with its last checkpoint and begin the next; leader's place and row are held."""
    period = max(period_of(at), str(int(log.period) + 1))
    following = Log(period=period, origin=origin_of(period), first=log.end)
    digest = hash_of_note(last.note)
    opened = PeriodOpened(
        period=following.period,
        origin=following.origin,
        previous_origin=log.origin,
        previous_size=last.size,
        previous_note=digest.hex(),
    )
    following.save(force_insert=True)
    _append(following, begin(following, event=opened, by=SEQUENCER, at=at))
    sealed = PeriodSealed(period=log.period, note=digest.hex())
    sealing = advance(log, PERIOD.seal, event=sealed, by=SEQUENCER, at=at, closing_hash=digest)
    _append(following, sealing)
    return following


def append(log: Log, waiting: Sequence[tuple[int, bytes | memoryview]]) -> None:
    """Give entries, by position and leaf hash, the next places of a log."""
    frontier = Frontier.from_bytes(log.size, bytes(log.frontier))
    leaves: list[tuple[int, int, bytes]] = []
    for entry, stored in waiting:
        leaf_hash = bytes(stored)
        leaves.append((log.first + frontier.size, entry, leaf_hash))
        frontier.append(leaf_hash)
    if _place(leaves) != len(waiting):
        raise RuntimeError("waiting log entries were taken by somebody else")
    log.size, log.frontier = frontier.size, bytes(frontier)
    log.save(update_fields=["size", "frontier"])


def _place(leaves: Sequence[tuple[int, int, bytes]]) -> int:
    """Write leaves, each an index, an entry and a hash; return how many of the entries waited.

    Statements with thousands of parameters cost more to take apart than to run: arrays instead.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            indexes, entries, hashes = map(list, zip(*leaves, strict=True))
            cursor.execute(
                'INSERT INTO log_leaf ("index", entry_id, leaf_hash) '
                "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])",
                [indexes, entries, hashes],
            )
            cursor.execute("DELETE FROM log_pending WHERE entry_id = ANY(%s)", [entries])
        else:
            cursor.executemany(
                'INSERT INTO log_leaf ("index", entry_id, leaf_hash) VALUES (%s, %s, %s)', leaves
            )
            cursor.executemany(
                "DELETE FROM log_pending WHERE entry_id = %s", [[leaf[1]] for leaf in leaves]
            )
        return int(cursor.rowcount)


def _append(log: Log, entry: Entry) -> None:
    append(log, [(entry.position, bytes(entry.leaf_hash))])
