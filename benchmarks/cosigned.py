"""From commit to a checkpoint that two witnesses cosigned, beside the same without witnesses.

    python benchmarks/cosigned.py [--changes 200] [--rate 20] [--rounds 2] [--json]

Uses the configured database engine (DATABASE_URL, or SQLite), in a test database of its own that
is dropped afterwards. A client in a process of its own commits audited changes at random moments;
the dispatcher runs as `serve` runs it; two witnesses, Ed25519 and ML-DSA-44, run as processes of
their own; another process looks at the log's `checkpoint` file, as a reader would. A change counts
as there when the file shows a checkpoint over its entry, in the rounds with witnesses one that
satisfies the policy of both. Rounds alternate; the percentiles are over all changes of a kind.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SCRATCH = tempfile.TemporaryDirectory(prefix="quanheng-benchmark-")
os.environ["QUANHENG_VAR"] = SCRATCH.name

import django  # noqa: E402  after the settings know where to write

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from audit.log.actors import Actor  # noqa: E402
from audit.log.lifecycle import begin  # noqa: E402
from audit.log.models import Leaf  # noqa: E402
from audit.log.queries import latest_checkpoint  # noqa: E402
from audit.log.signing import get_signer  # noqa: E402
from audit.rulebook.events import PackPublished  # noqa: E402
from audit.rulebook.models import RulePack  # noqa: E402
from audit.rulebook.states import PackState  # noqa: E402
from config.demo.witnesses import witnesses  # noqa: E402
from config.serving import dispatcher  # noqa: E402
from verify.errors import VerificationError  # noqa: E402
from verify.policy import Policy, parse_policy  # noqa: E402

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CLERK = Actor.system("benchmark")
FORK = multiprocessing.get_context("fork")
LOOKS = 0.002  # seconds between two looks at the file
WAITS = 60  # seconds for the last change to be there


def publish_pack(reference: str) -> None:
    """Do what the rulebook does when a pack is new: one row and its entry."""
    sha256 = "0" * 64
    with transaction.atomic(durable=True):
        pack = RulePack.objects.create(
            reference=reference,
            kind="benchmark",
            effective_on=AT.date(),
            sha256=sha256,
            status=PackState.PUBLISHED,
            created_at=AT,
        )
        event = PackPublished(pack=reference, effective_on=str(AT.date()), sha256=sha256)
        begin(pack, event=event, by=CLERK, at=AT)


def commit(references: Sequence[str], rate: float, told: Connection) -> None:
    """Make each change at a moment of its own, and tell when it was committed."""
    chance = random.Random(0)
    times = {}
    for reference in references:
        time.sleep(chance.expovariate(rate))
        publish_pack(reference)
        times[reference] = time.perf_counter()
    told.send(times)


def look(policy: Policy, told: Connection) -> None:
    """Note when a checkpoint of each size is shown and believed, until told to end."""
    seen: list[tuple[int, float]] = []
    last = b""
    while not told.poll(LOOKS):
        files = sorted(settings.AUDIT_LOG_DIR.rglob("checkpoint"))
        content = files[-1].read_bytes() if files else b""
        now = time.perf_counter()
        if content and content != last:
            last = content
            try:
                size = policy.check(content).head.size
            except VerificationError:
                continue
            if not seen or size > seen[-1][0]:
                seen.append((size, now))
    told.send(seen)


def run(changes: int, rate: float, name: str, policy: Policy) -> list[float]:
    """Make the changes while the dispatcher runs; return what each took, in seconds."""
    references = [f"{name}@{number}" for number in range(changes)]
    connections.close_all()
    here, there = FORK.Pipe()
    eye, watching = FORK.Pipe()
    client = FORK.Process(target=commit, args=[references, rate, there])
    reader = FORK.Process(target=look, args=[policy, watching])
    reader.start()
    client.start()
    with dispatcher():
        times: dict[str, float] = here.recv()
        client.join()
        until = time.monotonic() + WAITS
        while _last_shown() < Leaf.objects.count() or _waiting(references):
            if time.monotonic() > until:
                sys.exit("the last change was not published")
            time.sleep(0.05)
        time.sleep(10 * LOOKS + 1)  # cosignatures follow
    eye.send("end")
    seen: list[tuple[int, float]] = eye.recv()
    reader.join()
    indexes = dict(
        Leaf.objects.filter(entry__subject__in=times).values_list("entry__subject", "index")
    )
    sizes = [size for size, _when in seen]
    took = []
    for reference, committed in times.items():
        place = bisect_left(sizes, indexes[reference] + 1)
        if place == len(sizes):
            sys.exit(f"no checkpoint over {reference} was believed")
        took.append(seen[place][1] - committed)
    return took


def _last_shown() -> int:
    checkpoint = latest_checkpoint()
    return checkpoint.size if checkpoint else 0


def _waiting(references: Sequence[str]) -> bool:
    return Leaf.objects.filter(entry__subject__in=references).count() < len(references)


def measure(changes: int, rate: float, rounds: int) -> dict[str, object]:
    """Run all rounds and return the figures."""
    took: dict[str, list[float]] = {"bare": [], "cosigned": []}
    for number in range(rounds):
        for kind, all_of_it in took.items():
            with witnesses() if kind == "cosigned" else nullcontext() as both:
                lines = (
                    both.policy.read_text()
                    if both
                    else f"log {get_signer('log').verifier_key}\nquorum none\n"
                )
                all_of_it.extend(run(changes, rate, f"{kind}-{number}", parse_policy(lines)))
    figures: dict[str, object] = {
        "database": connection.vendor,
        "changes of each kind": len(took["bare"]),
    }
    for kind, all_of_it in took.items():
        percentiles = statistics.quantiles(all_of_it, n=100, method="inclusive")
        figures |= {
            f"{kind} p50 s": round(percentiles[49], 3),
            f"{kind} p99 s": round(percentiles[98], 3),
            f"{kind} max s": round(max(all_of_it), 3),
        }
    figures["ratio p50"] = round(
        statistics.median(took["cosigned"]) / statistics.median(took["bare"]), 2
    )
    return figures


def main() -> None:
    """Prepare the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--changes", type=int, default=200, help="changes in one round")
    parser.add_argument("--rate", type=float, default=20, help="changes per second")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(SCRATCH.name) / "benchmark.sqlite3")
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        figures = measure(options.changes, options.rate, options.rounds)
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<22}{value:>12}")


if __name__ == "__main__":
    main()
