"""Sequencing: committed entries get contiguous indexes, in batches, by one leader at a time.

The transaction that records an entry touches no shared row; what it leaves is a `Pending` row.
Here the waiting rows are taken in one transaction, which is therefore the only place where the
order of the log is decided. A crash leaves them waiting.
"""

from datetime import datetime

from django.db import connection, transaction

from verify.merkle import Frontier

from .heads import HeadLock, LogFrozen
from .models import Leaf, LogState, Pending

BATCH = 4096
_LEADER = 0x7175616E68656E67  # "quanheng": the advisory lock of this work on PostgreSQL


def sequence(*, at: datetime) -> int:  # noqa: ARG001  every verb is told the time
    """Give every waiting entry its index; return how many got one.

    Returns 0 at once when another process is the leader. Raises LogFrozen when the database is
    behind what was signed.
    """
    total = 0
    while Pending.objects.exists():
        taken = _sequence_batch()
        total += taken
        if taken < BATCH:
            break
    return total


@transaction.atomic(durable=True)
def _sequence_batch() -> int:
    if not _may_lead():
        return 0
    state, _made = LogState.objects.select_for_update().get_or_create(pk=1)
    waiting = list(
        Pending.objects.order_by("entry_id").values_list("entry_id", "entry__leaf_hash")[:BATCH]
    )
    if not waiting:
        return 0
    signed = HeadLock.of_log().read()
    if signed and signed.size > state.size:
        raise LogFrozen(
            f"The database holds {state.size} log entries, but {signed.size} were signed: an older "
            "database was restored. Nothing is sequenced until the missing entries are back."
        )
    frontier = Frontier.from_bytes(state.size, bytes(state.frontier))
    leaves: list[Leaf] = []
    for entry, stored in waiting:
        leaf_hash = bytes(stored)
        leaves.append(Leaf(index=frontier.size, entry_id=entry, leaf_hash=leaf_hash))
        frontier.append(leaf_hash)
    Leaf.objects.bulk_create(leaves)
    taken, _by_model = Pending.objects.filter(pk__in=[entry for entry, _hash in waiting]).delete()
    if taken != len(waiting):
        raise RuntimeError("waiting log entries were taken by somebody else")
    state.size, state.frontier = frontier.size, bytes(frontier)
    state.save(update_fields=["size", "frontier"])
    return taken


def _may_lead() -> bool:
    """Take the leader's place until the transaction ends; on SQLite every writer is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LEADER])
        return bool(cursor.fetchone()[0])
