"""The logs that a bundle draws on: what is published of each period, and the hashes of its tree."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from audit.log.models import Checkpoint, Log
from audit.log.queries import covering_checkpoint, log_holding, logs
from audit.log.signing import get_signer
from audit.log.tiles import TileReader, TileStore


@dataclass(frozen=True, kw_only=True)
class PublishedLog:
    """One log under a checkpoint. Its index 0 is the entry `first` of the whole."""

    label: str
    origin: str
    key: str
    first: int
    size: int
    note: str
    node: Callable[[int, int], bytes]

    @property
    def end(self) -> int:
        """Index of the whole behind its last entry."""
        return self.first + self.size


def is_published(index: int) -> bool:
    """Whether a signed checkpoint covers the entry of this index."""
    return covering_checkpoint(index) is not None


def published_logs(cut: int) -> list[PublishedLog] | None:
    """Return the logs up to the entry `cut`; None until checkpoints cover all before it.

    The log that holds it stands under its newest checkpoint, best one that witnesses cosigned, and
    each before it under its last, whose hash opens the next.
    """
    holding = log_holding(cut)
    found: list[PublishedLog] = []
    for log in logs().filter(first__lte=holding.first):
        checkpoint = covering_checkpoint(cut) if log == holding else _last(log)
        if checkpoint is None:
            return None
        store = TileStore.of_period(log.period)
        found.append(
            PublishedLog(
                label=log.period,
                origin=log.origin,
                key=get_signer("log", origin=log.origin).verifier_key,
                first=log.first,
                size=checkpoint.size,
                note=checkpoint.published_note,
                node=TileReader(store, checkpoint.size).node,
            )
        )
    return found


def log_key() -> str:
    """Return the verifier key of the newest log; those of the others differ by name only."""
    return get_signer("log").verifier_key


def _last(log: Log) -> Checkpoint | None:
    """Return the checkpoint that the next log names."""
    rows = Checkpoint.objects.filter(log=log, size=log.size)
    closing = bytes(log.closing_hash)
    named = (row for row in rows if hashlib.sha256(row.note.encode()).digest() == closing)
    return next(named, None)
