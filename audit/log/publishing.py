"""Publishing: the log's files are written, read back and checked, and only then signed.

Every step may be repeated: after a crash anywhere, the next `publish()` finishes the work.
"""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from verify.checkpoint import TreeHead, parse_body, verify_signed
from verify.errors import VerificationError
from verify.merkle import Frontier, check_consistency
from verify.note import parse_note
from verify.tile import tile_path

from .alarms import end_alarm, raise_alarm
from .cosigning import Cosigned, collect
from .filing import check_files, write_files
from .halt import refuse_halted
from .heads import HeadLock, LogFrozen, agreed_heads, refuse_rollback
from .merkle import NodeAt, consistency_proof
from .models import Checkpoint, Cosignature, Log
from .notes import make_checkpoint
from .periods import origin_of
from .queries import current_log, latest_checkpoint
from .rotation import log_signers, log_verifiers
from .sequencing import close_period, open_period, sequence
from .states import PeriodState
from .storing import store_logs
from .tiles import CHECKPOINT, LogDamaged, TileReader, TileStore

logger = logging.getLogger(__name__)

_PAUSE = timedelta(seconds=10)  # before witnesses are asked again for the same checkpoint
_asked: dict[int, datetime] = {}  # by checkpoint, when this process asked them last


def publish(*, at: datetime) -> Checkpoint | None:
    """Sequence what waits and sign the tree over it; None when nothing is new or a rival did it.

    At the turn of a period the old log is closed and the next begun. Raises LogFrozen when the
    database does not continue what was signed, LogDamaged when entries, hashes and files
    contradict each other. Nothing is signed then.
    """
    try:
        checkpoint = _publish_logs(at)
    except (LogFrozen, LogDamaged, OSError) as error:
        raise_alarm(error, at=at)
        raise
    end_alarm()
    store_logs(at=at)
    return checkpoint


def _publish_logs(at: datetime) -> Checkpoint | None:
    sequence(at=at)
    refuse_halted()
    close_period(at=at)
    signed = agreed_heads()
    log = current_log()
    refuse_rollback(log, signed)
    if log is None:
        return None
    _ask_for_closed(log, at)
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
        return _ask_again(log, newest, at)
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
    _show(log, checkpoint)
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
            heads.append(verify_signed(shown, log_verifiers(log.origin)).head)
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
    """Sign a head that was agreed to and put it before the witnesses; time never runs backwards.

    None when a rival signed a larger one meanwhile; its own where it signed the same one.
    """
    newest = latest_checkpoint(log)
    signed_at = (max(at, newest.created_at) if newest else at).replace(microsecond=0)
    note = make_checkpoint(head, *log_signers(log.origin), at=signed_at)
    cosigned = _collect(log, head, note, at)
    if cosigned is None:
        return None
    with transaction.atomic(durable=True):
        Log.objects.select_for_update().get(pk=log.pk)
        rival = latest_checkpoint(log)
        if rival != newest and rival and rival.size >= head.size:
            return rival if rival.size == head.size else None
        checkpoint = Checkpoint.objects.create(
            log=log, size=head.size, root=head.root, note=note, created_at=signed_at
        )
        _keep(checkpoint, cosigned)
    _asked[checkpoint.pk] = at
    return checkpoint


def _collect(log: Log, head: TreeHead, note: str, at: datetime) -> Cosigned | None:
    """Return what the witnesses say; None when a rival agreed to a later head meanwhile.

    Raises LogFrozen when a witness holds a checkpoint of our own key that contradicts ours.
    """
    node = TileReader(TileStore.of_period(log.period), head.size).node
    cosigned = collect(head, note, prove=partial(_prove, node), at=at)
    for failure in cosigned.failures:
        logger.warning("witness %s", failure)
    if cosigned.conflicts:
        if HeadLock.of_period(log.period).read() != head:
            return None
        raise LogFrozen(
            f"A witness holds a checkpoint of {log.origin} that our own key signed and that does "
            f"not agree with our {head.size} entries. Nothing is signed. It says:\n"
            + "\n".join(cosigned.conflicts)
        )
    return cosigned


def _prove(node: NodeAt, old: int, new: int) -> list[bytes]:
    return consistency_proof(old, new, node)


def _keep(checkpoint: Checkpoint, cosigned: Cosigned) -> None:
    """Keep the cosignatures that are new, and whether a quorum was reached."""
    known = set(checkpoint.cosignatures.values_list("name", "key_id"))
    body = f"{checkpoint.note.partition(chr(10) * 2)[0]}\n"
    text = "".join(f"{line}\n" for line in cosigned.lines)
    lines = parse_note(f"{body}\n{text}".encode()).signatures if text else ()
    Cosignature.objects.bulk_create(
        Cosignature(
            checkpoint=checkpoint,
            name=signature.name,
            key_id=signature.key_id.hex(),
            line=line,
            at=datetime.fromtimestamp(int.from_bytes(signature.signature[:8], "big"), UTC),
        )
        for line, signature in zip(cosigned.lines, lines, strict=True)
        if (signature.name, signature.key_id.hex()) not in known
    )
    if cosigned.satisfied and not checkpoint.witnessed:
        checkpoint.witnessed = True
        checkpoint.save(update_fields=["witnessed"])


def _ask_again(log: Log, checkpoint: Checkpoint, at: datetime) -> Checkpoint | None:
    """Put a checkpoint without quorum before the witnesses again, with a pause between."""
    asked = _asked.get(checkpoint.pk)
    if checkpoint.witnessed or (asked and at < asked + _PAUSE):
        return None
    _asked[checkpoint.pk] = at
    head = TreeHead(log.origin, checkpoint.size, bytes(checkpoint.root))
    cosigned = _collect(log, head, checkpoint.note, at)
    if cosigned is None or not (cosigned.lines or cosigned.satisfied):
        return None
    with transaction.atomic(durable=True):
        Log.objects.select_for_update().get(pk=log.pk)
        _keep(checkpoint, cosigned)
    _show(log, checkpoint)
    return checkpoint


def _ask_for_closed(log: Log, at: datetime) -> None:
    """Ask again for the last checkpoint of the log before, which is never signed anew."""
    before = Log.objects.filter(first__lt=log.first).order_by("-first").first()
    last = latest_checkpoint(before) if before else None
    if before and last and not last.witnessed:
        _ask_again(before, last, at)


def _show(log: Log, checkpoint: Checkpoint) -> None:
    """Put a checkpoint in the place of the one before, unless a rival shows a newer one."""
    head = TreeHead(log.origin, checkpoint.size, bytes(checkpoint.root))
    with HeadLock.of_period(log.period).held_at(head) as still_newest:
        if still_newest and latest_checkpoint(log) == checkpoint:
            note = checkpoint.published_note.encode()
            TileStore.of_period(log.period).replace(CHECKPOINT, note)
