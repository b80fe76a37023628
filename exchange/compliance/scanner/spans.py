"""What a detector finds in a block: stretches of text, each with the kind of thing it is."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import Hashes, Places
from .runs import Runs


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of one kind, ascending; `hashes` identify the value however it is written."""

    begins: Places
    ends: Places
    hashes: Hashes | None = None


@dataclass
class Finds:
    """All that the detectors found in one block.

    `tries` counts, by kind, how many stretches had the right shape before checksum and tables
    were asked: an order number passes a check digit by chance, but only as often as chance says.
    """

    spans: dict[str, list[Spans]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    births: list[Places] = field(default_factory=list)
    varieties: dict[str, set[int]] = field(default_factory=dict)
    runs: Runs | None = None
    words: tuple[Places, Places] | None = None
    """Begins and ends of the longer runs of letters and digits, where there are letters."""

    def add(self, kind: str, begins: Places, ends: Places, hashes: Hashes | None = None) -> None:
        """Note stretches of `kind`; none is nothing."""
        if begins.size:
            self.spans.setdefault(kind, []).append(Spans(begins, ends, hashes))

    def vary(self, kind: str, heads: Places) -> None:
        """Note with which different heads values of `kind` begin."""
        if heads.size:
            seen = np.flatnonzero(np.bincount(heads))
            self.varieties.setdefault(kind, set()).update(seen.tolist())

    def tried(self, kind: str, count: int) -> None:
        """Note how many stretches could have been of `kind`."""
        if count:
            self.tries[kind] = self.tries.get(kind, 0) + count

    def of(self, kind: str) -> Spans | None:
        """Return all stretches of `kind` together, in their order in the block."""
        parts = self.spans.get(kind)
        if not parts:
            return None
        if len(parts) == 1:
            return parts[0]
        begins = np.concatenate([part.begins for part in parts])
        ends = np.concatenate([part.ends for part in parts])
        order = np.argsort(begins, kind="stable")
        hashes = [part.hashes for part in parts if part.hashes is not None]
        merged = np.concatenate(hashes)[order] if len(hashes) == len(parts) else None
        return Spans(begins[order], ends[order], merged)
