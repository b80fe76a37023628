"""The logs that a bundle draws on: what is published of each, and the hashes of its tree."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from audit.log.models import Checkpoint
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
    is_closed: bool
    node: Callable[[int, int], bytes]

    @property
    def end(self) -> int:
        """Index of the whole behind its last entry."""
        return self.first + self.size


def published_logs(cut: int) -> list[PublishedLog] | None:
    """Return all logs under their newest checkpoints; None until these cover the entry `cut`."""
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if checkpoint is None or checkpoint.size <= cut:
        return None
    signer = get_signer("log")
    return [
        PublishedLog(
            label=_label(settings.AUDIT_LOG_ORIGIN),
            origin=signer.name,
            key=signer.verifier_key,
            first=0,
            size=checkpoint.size,
            note=checkpoint.note,
            is_closed=False,
            node=TileReader(TileStore.of_log(), checkpoint.size).node,
        )
    ]


def log_keys() -> list[str]:
    """Return the verifier keys of all logs there are."""
    return [get_signer("log").verifier_key]


def _label(origin: str) -> str:
    """Return the last part of a log's name, which is its period, as a part of file names."""
    last = origin.rpartition("/")[2]
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in last) or "log"
