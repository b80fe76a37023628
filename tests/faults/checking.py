"""The independent check after a fault: the files by the stand-alone verifier, the rows by SQL."""

import base64
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.faults.work import TOGETHER
from tests.faults.world import ORIGIN, World
from verify.chain import verify_chain
from verify.checkpoint import TreeHead, parse_body, verify_checkpoint
from verify.errors import VerificationError
from verify.log import verify_log
from verify.merkle import leaf_hash
from verify.note import Verifier, parse_vkey, write_vkey
from verify.policy import parse_policy
from verify.tile import WIDTH, split_bundle, tile_path

COUNTED = "log.test.counted"  # what the work records
_DATED = "cosignature/v1\n"


@dataclass
class Verdict:
    """What is wrong with a log after a fault; nothing, where the exchange keeps its word."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or wrongly signed."""
        return not (self.lost or self.doubled or self.wrong)


def check(world: World, *, settled: bool = True) -> Verdict:
    """Look at everything; `settled` says that all that was recorded should stand in the log."""
    verdict = Verdict()
    heads = signed_heads(world, verdict)
    printed: list[bytes] = []
    for folder in world.logs:
        printed += _printed(world, folder, heads, verdict, settled=settled)
    ids = [json.loads(entry)["id"] for entry in printed]
    rows = _read_rows(world)
    stored = [json.loads(data)["id"] for _position, data in rows.entries]
    committed = {each for line in world.journal.values("committed") for each in line.split()}
    verdict.lost += sorted(committed - set(ids if settled else stored))
    _check_chain(world, verdict)
    verdict.doubled += [each for each, count in Counter(ids).items() if count > 1]
    verdict.doubled += [each for each, count in Counter(stored).items() if count > 1]
    _compare(rows, printed, verdict, settled=settled)
    return verdict


def _check_chain(world: World, verdict: Verdict) -> None:
    """Check that each period's log continues the one before."""
    logs = world.logs
    if len(logs) < 2:
        return
    policy = parse_policy(f"log {vkey_of(world, logs[0])}\nquorum none\n")
    try:
        report = verify_chain(world.here / "audit", policy)
    except VerificationError as error:
        verdict.wrong.append(f"the chain of periods: {error}")
    else:
        if not report.linked or len(report.logs) != len(logs):
            verdict.wrong.append("the chain of periods could not be followed")


def verifier_for(world: World, folder: Path) -> Verifier:
    """Return the public half of the log's key under the name of one log."""
    return parse_vkey(vkey_of(world, folder))


def vkey_of(world: World, folder: Path) -> str:
    """Write the public half of the log's key under the name of one log."""
    pem = (world.here / "keys" / "log.pem").read_bytes()
    key = load_pem_private_key(pem, password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return write_vkey(f"{ORIGIN}/{folder.name}", key.public_key().public_bytes_raw())


def signed_heads(world: World, verdict: Verdict) -> list[TreeHead]:
    """Return every head that the log's key was ever asked to sign; one root for each size."""
    heads: list[TreeHead] = []
    for line in world.journal.values("signed"):
        text = base64.b64decode(line).decode(errors="replace")
        body = text.split("\n", 2)[2] if text.startswith(_DATED) else text
        try:
            heads.append(parse_body(body))
        except VerificationError:
            continue  # another kind of text
    roots: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for head in heads:
        roots[head.origin, head.size].add(head.root)
    verdict.wrong += [
        f"two roots of size {size} of {origin} were signed"
        for (origin, size), found in roots.items()
        if len(found) > 1
    ]
    return list(dict.fromkeys(heads))


def _printed(
    world: World, folder: Path, heads: list[TreeHead], verdict: Verdict, *, settled: bool
) -> list[bytes]:
    """Check one log with the stand-alone verifier against every signed head; read its entries.

    A head that was signed, but not shown yet, is compared once the log is settled.
    """
    key = verifier_for(world, folder)
    own = [head for head in heads if head.origin == key.name]
    try:
        if not settled:
            shown = verify_checkpoint((folder / "checkpoint").read_bytes(), key).head.size
            own = [head for head in own if head.size <= shown]
        report = verify_log(folder, key, earlier=own)
    except VerificationError as error:
        verdict.wrong.append(f"{folder.name}: {error}")
        return []
    entries: list[bytes] = []
    for index in range(-(-report.entries // WIDTH)):
        width = min(report.entries - WIDTH * index, WIDTH)
        file = folder / tile_path("entries", index, width)
        if not file.exists():
            file = folder / tile_path("entries", index)
        entries += split_bundle(file.read_bytes())[:width]
    return entries


@dataclass(frozen=True)
class _Rows:
    entries: list[tuple[int, bytes]]  # position, bytes
    leaves: list[tuple[int, int, bytes]]  # index, position, hash
    pending: list[int]  # positions
    notes: list[str]


def _read_rows(world: World) -> _Rows:
    with world.reading() as connection:

        def read(sql: str) -> list[tuple[Any, ...]]:
            return list(connection.execute(sql).fetchall())

        return _Rows(
            [(p, bytes(d)) for p, d in read("SELECT position, data FROM log_entry ORDER BY 1")],
            [
                (i, p, bytes(h))
                for i, p, h in read('SELECT "index", entry_id, leaf_hash FROM log_leaf ORDER BY 1')
            ],
            [p for (p,) in read("SELECT entry_id FROM log_pending ORDER BY 1")],
            [n for (n,) in read("SELECT note FROM log_checkpoint")],
        )


def _compare(rows: _Rows, printed: list[bytes], verdict: Verdict, *, settled: bool) -> None:
    """Compare the database with the files, and each with itself."""
    wrong, data = verdict.wrong, dict(rows.entries)
    if [index for index, *_rest in rows.leaves] != list(range(len(rows.leaves))):
        wrong.append("the indexes are not contiguous")
    indexed = [position for _index, position, _hash in rows.leaves]
    if sorted(indexed + rows.pending) != sorted(data):
        wrong.append("an entry has neither index nor place in the queue, or both")
    if any(leaf_hash(data[position]) != value for _index, position, value in rows.leaves):
        wrong.append("a leaf is not the hash of its entry")
    if printed != [data[position] for position in indexed[: len(printed)]]:
        wrong.append("the files hold other entries than the database")
    if settled and (rows.pending or len(printed) != len(data)):
        wrong.append(f"{len(data) - len(printed)} entries were not published in the end")
    counted = [entry for entry in map(json.loads, data.values()) if entry["type"] == COUNTED]
    together = Counter(entry["tx"] for entry in counted)
    if any(count % TOGETHER for count in together.values()):
        wrong.append("half of a transaction was recorded")
