"""Sequencing: committed entries get contiguous indexes, in batches, by one leader at a time.

The transaction that records an entry touches no shared row; what it leaves is a `Pending` row.
Here the waiting rows are taken in one transaction, which is therefore the only place where the
order of the log is decided. A crash leaves them waiting. So does the turn of a period, until the
last checkpoint of the old log is published (see `periods`).
"""

from datetime import datetime

from django.db import connection, transaction

from . import periods
from .heads import agreed_heads, refuse_rollback
from .models import Checkpoint, Log, Pending
from .states import PeriodState

BATCH = 4096
_LEADER = 0x7175616E68656E67  # "quanheng": the advisory lock of this work on PostgreSQL


def sequence(*, at: datetime) -> int:
    """Give every waiting entry its index; return how many got one.

    Returns 0 at once when another process is the leader, and while a period is being closed.
    Raises LogFrozen when the database is behind what was signed.
    """
    total = 0
    while Pending.objects.exists():
        taken = _sequence_batch(at)
        total += taken
        if taken < BATCH:
            break
    return total


@transaction.atomic(durable=True)
def close_period(*, at: datetime) -> None:
    """Give the newest log its last entry if its period is over."""
    if not may_lead():
        return
    log = _lock_newest()
    if log and log.status == PeriodState.OPEN and periods.is_over(log, at=at):
        refuse_rollback(log, agreed_heads())
        periods.close(log, at=at)


@transaction.atomic(durable=True)
def open_period(last: Checkpoint, *, at: datetime) -> None:
    """Begin the next log, `last` being the published last checkpoint of the one that closes."""
    if not may_lead():
        return
    log = _lock_newest()
    if log and log.pk == last.log_id and log.status == PeriodState.CLOSING:
        refuse_rollback(log, agreed_heads())
        periods.hand_over(log, last, at=at)


@transaction.atomic(durable=True)
def _sequence_batch(at: datetime) -> int:
    if not may_lead():
        return 0
    log = _lock_newest()
    refuse_rollback(log, agreed_heads())
    log = log or periods.first_log(at=at)
    if log.status != PeriodState.OPEN:
        return 0
    if periods.is_over(log, at=at):
        periods.close(log, at=at)
        return 0
    waiting = list(
        Pending.objects.order_by("entry_id").values_list("entry_id", "entry__leaf_hash")[:BATCH]
    )
    if waiting:
        periods.append(log, waiting)
    return len(waiting)


def _lock_newest() -> Log | None:
    return Log.objects.select_for_update().order_by("-first").first()


def may_lead() -> bool:
    """Take the leader's place until the transaction ends; on SQLite every writer is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LEADER])
        return bool(cursor.fetchone()[0])
