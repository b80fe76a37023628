"""The stand-alone verifier on a whole log, and on one receipt.

    python benchmarks/verifier.py [--entries 1000000] [--bytes 480] [--rounds 3] [--json]

Makes a log in a temporary folder, has a child process check all of it (`python -m verify log`),
and prints time, rate and peak memory of the child, beside a child that does no more than read the
same bundles and hash them. Then receipts: with Ed25519 alone, and with witnesses of both kinds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audit.log.merkle import inclusion_proof  # noqa: E402  after the path
from tests.verify.making import ORIGIN, VKEY, checkpoint  # noqa: E402
from tests.verify.witnessing import PQ, W1, W2, Witness  # noqa: E402
from verify.checkpoint import TreeHead  # noqa: E402
from verify.cosignature import MLDSA44  # noqa: E402
from verify.merkle import Frontier, leaf_hash  # noqa: E402
from verify.policy import parse_policy  # noqa: E402
from verify.receipt import verify_receipt, write_receipt  # noqa: E402
from verify.source import Folder  # noqa: E402
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, tile_path, write_bundle  # noqa: E402
from verify.tree import Tiles  # noqa: E402

AT = 1_700_000_000
CHECKS = 200
PLAIN = """
import hashlib, pathlib, sys
digest = hashlib.sha256()
for path in sorted(pathlib.Path(sys.argv[1], "tile/entries").rglob("*")):
    if path.is_file():
        digest.update(path.read_bytes())
"""


def entry(number: int, length: int) -> bytes:
    """Return an entry as long as the exchange's usually are."""
    text = (
        f'{{"actor":"user:{number % 997:08d}","body":{{"amount":"{number % 10_000}.00","order":'
        f'"O-{number:09d}"}},"id":"019347b2-{number:012x}","obj":{{"id":"O-{number:09d}","t":'
        f'"order"}},"ts":"2026-11-23T06:00:00.{number % 1_000_000:06d}Z","type":"trading.order.'
        'placed","v":1,"x":"'
    )
    return f'{text}{"x" * max(length - len(text) - 2, 0)}"}}'.encode()


def make_log(folder: Path, count: int, length: int) -> TreeHead:
    """Write the log's files."""
    frontier = Frontier()
    levels: list[list[bytes]] = [[]]
    for start in range(0, count, WIDTH):
        entries = [entry(number, length) for number in range(start, min(start + WIDTH, count))]
        write(folder, tile_path("entries", start // WIDTH, len(entries)), write_bundle(entries))
        hashes = [leaf_hash(each) for each in entries]
        write(folder, tile_path(0, start // WIDTH, len(hashes)), b"".join(hashes))
        if len(hashes) == WIDTH:
            levels[0].append(perfect_root(hashes))
            frontier.append(levels[0][-1], TILE_LEVELS)
        else:
            for each in hashes:
                frontier.append(each)
    while levels[-1]:
        below, level = levels[-1], len(levels)
        levels.append([])
        for start in range(0, len(below), WIDTH):
            tile = below[start : start + WIDTH]
            write(folder, tile_path(level, start // WIDTH, len(tile)), b"".join(tile))
            if len(tile) == WIDTH:
                levels[-1].append(perfect_root(tile))
    head = TreeHead(ORIGIN, count, frontier.root())
    write(folder, "checkpoint", checkpoint(count, head.root, AT).encode())
    return head


def write(folder: Path, path: str, content: bytes) -> None:
    """Write one file."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


def run_child(*arguments: str) -> tuple[float, float, float]:
    """Return a child's seconds by the clock and of the processor, and its peak memory in MB."""
    started = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603  own script
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    output = child.stdout.read() if child.stdout else ""
    _pid, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"the child failed: {output}")
    seconds = time.perf_counter() - started
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def receipts(folder: Path, head: TreeHead, length: int) -> Iterator[dict[str, object]]:
    """Yield time and size of receipts with several kinds of witnesses."""
    second = Witness("second", MLDSA44)
    node = Tiles(Folder(folder), head.size).node
    index = head.size // 3
    for name, witnesses in (
        ("Ed25519, no witness", ()),
        ("Ed25519, two witnesses", (W1, W2)),
        ("ML-DSA-44, two witnesses", (PQ, second)),
    ):
        note = checkpoint(head.size, head.root, AT)
        note += "".join(witness.sign(head, AT) for witness in witnesses)
        text = write_receipt(
            index=index,
            proof=inclusion_proof(index, head.size, node),
            checkpoint=note,
            extra=entry(index, length),
        ).encode()
        lines = [f"witness w{n} {witness.vkey}\n" for n, witness in enumerate(witnesses)]
        group = "group g all w0 w1\nquorum g\n" if witnesses else "quorum none\n"
        policy = parse_policy(f"log {VKEY}\n{''.join(lines)}{group}")
        times = []
        for _check in range(CHECKS):
            started = time.perf_counter()
            verify_receipt(text, policy)
            times.append(time.perf_counter() - started)
        yield {
            "receipt": name,
            "bytes": len(text),
            "median_ms": round(statistics.median(times) * 1000, 3),
            "worst_ms": round(max(times) * 1000, 3),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The stand-alone verifier's speed.")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=480, help="length of an entry")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quanheng-verifier-") as name:
        folder = Path(name)
        head = make_log(folder, options.entries, options.bytes)
        size = sum(path.stat().st_size for path in (folder / "tile/entries").rglob("*"))
        rounds = []
        for _round in range(options.rounds):
            plain = run_child("-c", PLAIN, name)
            rounds.append((*run_child("-m", "verify", "log", name, "--key", VKEY), *plain))
        seconds, processor, memory, plain_seconds, plain_processor, _memory = (
            statistics.median(column) for column in zip(*rounds, strict=True)
        )
        figures = {
            "entries": options.entries,
            "megabytes": round(size / 1e6),
            "seconds": round(seconds, 2),
            "entries_per_second": round(options.entries / seconds),
            "processor_seconds": round(processor, 2),
            "peak_memory_mb": round(memory),
            "plain_sha256_seconds": round(plain_seconds, 2),
            "plain_processor_seconds": round(plain_processor, 2),
            "ratio_to_plain_sha256": round(processor / plain_processor, 2),
            "receipts": list(receipts(folder, head, options.bytes)),
        }
    if options.json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        if key != "receipts":
            print(f"{key.replace('_', ' '):24} {value:>12,}")
    for row in figures["receipts"]:  # type: ignore[union-attr]
        print(
            f"receipt, {row['receipt']:26} {row['bytes']:>6,} bytes, "
            f"median {row['median_ms']} ms, worst {row['worst_ms']} ms"
        )


if __name__ == "__main__":
    main()
