"""Logs that grow, fork and roll back, and a witness of them with known keys and a set clock."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from audit.log.merkle import consistency_proof
from audit.witness.keys import make_key
from audit.witness.logs import KnownLogs
from audit.witness.state import Evidence, State
from audit.witness.witness import Witness
from tests.verify.making import KEY, ORIGIN, VKEY
from verify.checkpoint import TreeHead
from verify.encoding import write_base64
from verify.merkle import leaf_hash, root_of
from verify.note import key_id_of
from verify.tile import perfect_root

NAME = "witness.example/w1"
NOON = 1_800_000_000
ED25519_KEY = make_key(
    NAME, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"witness 1").digest())
)
MLDSA44_KEY = make_key(
    NAME, MLDSA44PrivateKey.from_seed_bytes(hashlib.sha256(b"witness 2").digest())
)


class Tree:
    """A log of counted entries; `label` tells logs apart, `fork_at` where it leaves the others."""

    def __init__(
        self,
        label: str = "",
        *,
        fork_at: int = 0,
        origin: str = ORIGIN,
        key: Ed25519PrivateKey = KEY,
        length: int = 200,
    ) -> None:
        self.origin, self.key = origin, key
        self.leaves = [
            leaf_hash(f"{number}{label if number >= fork_at else ''}".encode())
            for number in range(length)
        ]

    def head(self, size: int) -> TreeHead:
        return TreeHead(self.origin, size, root_of(self.leaves[:size]))

    def note(self, size: int) -> str:
        return self.sign(self.head(size).body)

    def sign(self, body: str) -> str:
        public = self.key.public_key().public_bytes_raw()
        value = key_id_of(self.origin, public) + self.key.sign(body.encode())
        return f"{body}\n\u2014 {self.origin} {write_base64(value)}\n"

    def node(self, level: int, index: int) -> bytes:
        return perfect_root(self.leaves[index << level : (index + 1) << level])

    def proof(self, old: int, size: int) -> list[bytes]:
        return consistency_proof(old, size, self.node)

    def submission(self, old: int, size: int, *, proof: list[bytes] | None = None) -> bytes:
        if proof is None:
            proof = self.proof(old, size) if old <= size else []
        return submission(old, proof, self.note(size))


def submission(old: int | str, proof: list[bytes], note: str) -> bytes:
    lines = [f"old {old}", *map(write_base64, proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A witness with everything a test may want to look at."""

    witness: Witness
    state: State
    clock: Clock
    reported: list[Evidence] = field(default_factory=list)

    def send(self, body: bytes) -> tuple[int, str]:
        answer = self.witness.add_checkpoint(body)
        return answer.status, answer.body

    def stored(self, origin: str = ORIGIN) -> int:
        kept = self.state.newest(lambda each: each == origin)
        return kept.head.size if kept else 0


def make_witness(folder: Path, *keys: str, following_years: bool = False, pq: bool = True) -> Bench:
    """Return a witness whose state lies in `folder`; the keys are those of the logs it knows."""
    reported: list[Evidence] = []
    state, clock = State(folder / "witness.sqlite3"), Clock()
    logs = KnownLogs.parse(keys or (VKEY,), following_years=following_years)
    own = [ED25519_KEY, MLDSA44_KEY] if pq else [ED25519_KEY]
    return Bench(Witness(own, logs, state, clock, reported.append), state, clock, reported)
