"""The logs that a bundle draws on: what is published of each, and the hashes of its tree."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.log.queries import latest_checkpoint, logs
from audit.log.signing import get_signer
from audit.log.states import PeriodState
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
    published: list[PublishedLog] = []
    for log in logs():
        checkpoint = latest_checkpoint(log)
        if checkpoint is None:
            break
        published.append(
            PublishedLog(
                label=_label(log.origin),
                origin=log.origin,
                key=get_signer("log", origin=log.origin).verifier_key,
                first=log.first,
                size=checkpoint.size,
                note=checkpoint.published_note,
                is_closed=log.status == PeriodState.CLOSED,
                node=TileReader(TileStore.of_period(log.period), checkpoint.size).node,
            )
        )
    return published if published and published[-1].end > cut else None


def log_keys() -> list[str]:
    """Return the verifier keys of all logs there are."""
    return [get_signer("log").verifier_key]


def _label(origin: str) -> str:
    """Return the last part of a log's name, which is its period, as a part of file names."""
    last = origin.rpartition("/")[2]
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in last) or "log"
