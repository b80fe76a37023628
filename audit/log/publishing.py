"""Publishing: the log's files are written, read back and checked, and only then signed.

Every step may be repeated: after a crash anywhere, the next `publish()` finishes the work.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from verify.checkpoint import TreeHead, parse_body, verify_checkpoint
from verify.errors import VerificationError
from verify.merkle import Frontier, check_consistency
from verify.note import parse_note
from verify.tile import tile_path

from .filing import check_files, write_files
from .heads import HeadLock, LogFrozen, agreed_heads, refuse_rollback
from .merkle import consistency_proof
from .models import Checkpoint, Log
from .notes import make_checkpoint
from .periods import origin_of
from .queries import current_log, latest_checkpoint
from .sequencing import close_period, open_period, sequence
from .signing import get_signer
from .states import PeriodState
from .tiles import CHECKPOINT, LogDamaged, TileReader, TileStore


def publish(*, at: datetime) -> Checkpoint | None:
    """Sequence what waits and sign the tree over it; None when nothing is new or a rival did it.

    At the turn of a period the old log is closed and the next begun. Raises LogFrozen when the
    database does not continue what was signed, LogDamaged when entries, hashes and files
    contradict each other. Nothing is signed then.
    """
    sequence(at=at)
    close_period(at=at)
    signed = agreed_heads()
    log = current_log()
    if log is None:
        if signed:
            raise LogFrozen(
                f"The database has no log, but that of {max(signed)} was signed: nothing is "
                "sequenced or signed until its entries are back (manage.py heal_log)."
            )
        return None
    refuse_rollback(log, signed)
    checkpoint = _publish(log, at)
    last = _shown(log) if log.status == PeriodState.CLOSING else None
    if last is None:
        return checkpoint
    open_period(last, at=at)
    sequence(at=at)
    following = current_log()
    return (_publish(following, at) if following else None) or checkpoint


def _publish(log: Log, at: datetime) -> Checkpoint | None:
    """Write, check, sign and show the tree of one log."""
    store, lock = TileStore.of_period(log.period), HeadLock.of_period(log.period)
    agreed, newest, shown = lock.read(), latest_checkpoint(log), store.read(CHECKPOINT)
    log.refresh_from_db()  # after what was signed, which a rival may extend at any time
    head = _head(log)
    is_due = newest is None or newest.size != head.size or _is_stale(log, newest, at)
    if agreed == head and newest and not is_due and shown == newest.published_note.encode():
        return None
    earlier = _signed_before(log, agreed, newest, shown)
    _refuse_foreign(head, earlier)
    complete = write_files(log, store, agreed.size if agreed else 0, head.size)
    check_files(store, head, complete)
    _check_continuity(store, head, earlier)
    if not lock.advance(agreed, head):
        return None
    checkpoint = _sign(log, head, at) if is_due else newest
    if checkpoint is None:
        return None
    with lock.held_at(head) as still_newest:
        if still_newest and latest_checkpoint(log) == checkpoint:
            store.replace(CHECKPOINT, checkpoint.published_note.encode())
    for level, index in complete:
        store.drop_partials(tile_path(level, index))
    return checkpoint


def _head(log: Log) -> TreeHead:
    """Return the tree head that the database gives for a log."""
    if log.origin != origin_of(log.period):
        raise LogFrozen(
            f"This log was begun as {log.origin}; it cannot become {origin_of(log.period)}."
        )
    root = Frontier.from_bytes(log.size, bytes(log.frontier)).root()
    return TreeHead(log.origin, log.size, root)


def _shown(log: Log) -> Checkpoint | None:
    """Return the checkpoint over all of a log that is complete, once its files show it."""
    last = latest_checkpoint(log)
    if last is None or last.size != log.size:
        return None
    shown = TileStore.of_period(log.period).read(CHECKPOINT)
    return last if shown == last.published_note.encode() else None


def _is_stale(log: Log, newest: Checkpoint, at: datetime) -> bool:
    """Whether a growing log's checkpoint is so old that it is signed again."""
    fresh_for = timedelta(seconds=settings.AUDIT_FRESHNESS)
    return log.status == PeriodState.OPEN and newest.created_at + fresh_for <= at


def _signed_before(
    log: Log, agreed: TreeHead | None, newest: Checkpoint | None, shown: bytes | None
) -> list[TreeHead]:
    """Return the heads that were signed or agreed to, from every place that remembers one."""
    heads = [agreed] if agreed else []
    try:
        if newest:
            heads.append(parse_body(parse_note(newest.note.encode()).text))
        if shown is not None:
            key = get_signer("log", origin=log.origin).verifier
            heads.append(verify_checkpoint(shown, key).head)
    except VerificationError as error:
        raise LogDamaged(f"The last checkpoint is damaged: {error}") from error
    return heads


def _refuse_foreign(head: TreeHead, earlier: list[TreeHead]) -> None:
    for known in earlier:
        if known.origin != head.origin:
            raise LogFrozen(
                f"This log was signed as {known.origin}; it cannot become {head.origin}."
            )
        if known.size > head.size:
            raise LogFrozen(
                f"The database holds {head.size} log entries, but {known.size} were signed: an "
                "older database was restored. Nothing is signed until the missing entries are back."
            )


def _check_continuity(store: TileStore, head: TreeHead, earlier: list[TreeHead]) -> None:
    """Prove to ourselves that the new tree continues every head that was signed."""
    node = TileReader(store, head.size).node
    for known in earlier:
        try:
            check_consistency(
                old_size=known.size,
                new_size=head.size,
                old_root=known.root,
                new_root=head.root,
                proof=consistency_proof(known.size, head.size, node),
            )
        except VerificationError as error:
            raise LogFrozen(
                f"The log in the database does not continue the checkpoint of size {known.size}: "
                f"{error}. Nothing is signed."
            ) from error


def _sign(log: Log, head: TreeHead, at: datetime) -> Checkpoint | None:
    """Sign a head that was agreed to; its time never runs backwards.

    None when a rival signed a larger one meanwhile; its own where it signed the same one.
    """
    newest = latest_checkpoint(log)
    at = (max(at, newest.created_at) if newest else at).replace(microsecond=0)
    note = make_checkpoint(head, get_signer("log", origin=log.origin), at=at)
    with transaction.atomic(durable=True):
        Log.objects.select_for_update().get(pk=log.pk)
        rival = latest_checkpoint(log)
        if rival != newest and rival and rival.size >= head.size:
            return rival if rival.size == head.size else None
        return Checkpoint.objects.create(
            log=log, size=head.size, root=head.root, note=note, created_at=at
        )
