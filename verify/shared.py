"""One proof for many entries of a log: the hashes of everything between them, and nothing twice.

Runs of neighboring entries are given whole; each gap between them is given as the roots of the
perfect subtrees that fill it. Laid side by side from the left they are the tree, whose root has to
be the checkpoint's. A single unbroken run needs at most two hashes for each level of the tree,
however many entries it has, where receipts would repeat them for every entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from verify.encoding import LARGEST_SIZE, parse_decimal, parse_hash, write_base64
from verify.errors import VerificationError
from verify.merkle import Frontier, subtrees

HEADER = "quanheng-shared-proof@v1"
_RUN = "run "


@dataclass(frozen=True)
class Run:
    """Entries `first`, `first` + 1, … up to but without `end`."""

    first: int
    end: int

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.end - self.first


@dataclass(frozen=True)
class SharedProof:
    """A proof as written, not yet believed."""

    runs: tuple[Run, ...]
    hashes: tuple[bytes, ...]


class Rebuilding:
    """A tree of `size` rebuilt from the leaves of the runs and the hashes of the gaps."""

    def __init__(self, proof: SharedProof, size: int) -> None:
        self._hashes = iter(proof.hashes)
        self._runs = iter(proof.runs)
        self._size = size
        self._frontier = Frontier()
        self._until = 0
        needed = sum(1 for gap in gaps(proof.runs, size) for _node in subtrees(*gap))
        if needed != len(proof.hashes):
            raise VerificationError("the shared proof has the wrong number of hashes")
        self._cross_gap()

    @property
    def next_index(self) -> int:
        """Index of the entry that is expected next."""
        return self._frontier.size

    def take(self, leaf: bytes) -> int:
        """Lay the next entry's leaf hash and return its index."""
        index = self._frontier.size
        if index >= self._until:
            raise VerificationError("there are more entries than the shared proof covers")
        self._frontier.append(leaf)
        if self._frontier.size == self._until:
            self._cross_gap()
        return index

    def root(self) -> bytes:
        """Return the root, once every entry was laid."""
        if self._frontier.size != self._size:
            raise VerificationError(f"entry {self._frontier.size} is missing")
        return self._frontier.root()

    def _cross_gap(self) -> None:
        run = next(self._runs, None)
        for level, _index in subtrees(self._frontier.size, run.first if run else self._size):
            self._frontier.append(next(self._hashes), level)
        self._until = run.end if run else self._size


def gaps(runs: Sequence[Run], size: int) -> Iterator[tuple[int, int]]:
    """Yield what lies before, between and behind the runs in a tree of `size` leaves."""
    start = 0
    for run in runs:
        yield start, run.first
        start = run.end
    yield start, size


def write_shared_proof(runs: Iterable[Run], hashes: Iterable[bytes]) -> str:
    """Write a proof as text."""
    lines = [HEADER, *(f"{_RUN}{run.first} {run.count}" for run in runs), ""]
    return "\n".join([*lines, *map(write_base64, hashes)]) + "\n"


def parse_shared_proof(value: bytes, size: int) -> SharedProof:
    """Read a proof strictly; its runs lie apart from one another, in order, within the tree."""
    try:
        lines = value.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise VerificationError("the shared proof is not plain text") from error
    if lines[0] != HEADER or lines[-1] or "" not in lines[:-1]:
        raise VerificationError("this is not a shared proof")
    cut = lines.index("")
    runs: list[Run] = []
    for line in lines[1:cut]:
        run = _parse_run(line)
        if run.end > size or (runs and run.first <= runs[-1].end):
            raise VerificationError("the runs of the shared proof are not in order")
        runs.append(run)
    if not runs:
        raise VerificationError("the shared proof covers nothing")
    hashes = tuple(parse_hash(line, "proof hash") for line in lines[cut + 1 : -1])
    return SharedProof(tuple(runs), hashes)


def _parse_run(line: str) -> Run:
    first, blank, count = line.removeprefix(_RUN).partition(" ")
    if not line.startswith(_RUN) or not blank:
        raise VerificationError("a run of the shared proof is not written as its first and count")
    start, length = parse_decimal(first, "index"), parse_decimal(count, "count")
    if not length or start + length > LARGEST_SIZE:
        raise VerificationError("a run of the shared proof has no entry")
    return Run(start, start + length)
