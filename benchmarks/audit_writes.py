"""Audited state changes per second, beside the same writes without the log.

    python benchmarks/audit_writes.py [--changes 1000] [--clients 1] [--rounds 3] [--json]

Uses the configured database engine (DATABASE_URL, or SQLite), in a test database of its own that
is dropped afterwards. One change publishes a rule pack: a compare-and-set UPDATE in a transaction
of its own; audited, the same through `advance()`, with its log entry. Rounds alternate between
both; the figures are medians. Then everything recorded is sequenced, published and verified.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SCRATCH = tempfile.TemporaryDirectory(prefix="quanheng-benchmark-")
os.environ["QUANHENG_VAR"] = SCRATCH.name

import django  # noqa: E402  after the settings know where to write

django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from audit.log.actors import Actor  # noqa: E402
from audit.log.inspection import inspect  # noqa: E402
from audit.log.lifecycle import advance  # noqa: E402
from audit.log.publishing import publish  # noqa: E402
from audit.log.sequencing import sequence  # noqa: E402
from audit.rulebook.events import PackPublished  # noqa: E402
from audit.rulebook.models import RulePack  # noqa: E402
from audit.rulebook.states import PACK, PackState  # noqa: E402

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CLERK = Actor.system("benchmark")


def change_plainly(packs: list[RulePack]) -> None:
    """Change each state, without the log."""
    for pack in packs:
        with transaction.atomic():
            RulePack.objects.filter(pk=pack.pk, status=PackState.DRAFT).update(
                status=PackState.PUBLISHED
            )


def change_with_log(packs: list[RulePack]) -> None:
    """Change each state and record it."""
    for pack in packs:
        event = PackPublished(pack=pack.reference, effective_on="2026-11-23", sha256=pack.sha256)
        advance(pack, PACK.publish, event=event, by=CLERK, at=AT)


def make_packs(count: int, name: str) -> list[RulePack]:
    """Return new drafts to work on."""
    return RulePack.objects.bulk_create(
        RulePack(
            reference=f"{name}@{number}",
            kind="benchmark",
            effective_on=AT.date(),
            sha256="0" * 64,
            created_at=AT,
        )
        for number in range(count)
    )


def rate(change: Callable[[list[RulePack]], None], packs: list[RulePack], clients: int) -> float:
    """Return changes per second, the work split over client processes."""
    parts = [packs[client::clients] for client in range(clients)]
    if clients == 1:
        started = time.perf_counter()
        change(packs)
        return len(packs) / (time.perf_counter() - started)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=change, args=[part]) for part in parts]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit("a client failed")
    return len(packs) / (time.perf_counter() - started)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(changes: int, clients: int, rounds: int) -> dict[str, object]:
    """Run all rounds and return the figures."""
    plain: list[float] = []
    audited: list[float] = []
    for number in range(rounds):
        plain.append(rate(change_plainly, make_packs(changes, f"plain-{number}"), clients))
        audited.append(rate(change_with_log, make_packs(changes, f"log-{number}"), clients))
    entries = changes * rounds
    without, with_log = statistics.median(plain), statistics.median(audited)
    sequencing = timed(lambda: sequence(at=AT))
    publishing = timed(lambda: publish(at=AT))
    verifying = timed(_verify)
    memory = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "database": connection.vendor,
        "clients": clients,
        "changes": entries,
        "plain_per_second": round(without),
        "audited_per_second": round(with_log),
        "ratio": round(with_log / without, 2),
        "overhead_ms": round(1000 * clients * (1 / with_log - 1 / without), 2),
        "sequenced_per_second": round(entries / sequencing),
        "published_per_second": round(entries / publishing),
        "verified_per_second": round(entries / verifying),
        "peak_memory_mb": round(memory / 1024),
    }


def _verify() -> None:
    report = inspect()
    if not report.is_sound:
        sys.exit("\n".join(map(str, report.findings[:20])))


def main() -> None:
    """Prepare the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--changes", type=int, default=1000, help="changes in one round")
    parser.add_argument("--clients", type=int, default=1, help="processes at once")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each kind")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(SCRATCH.name) / "benchmark.sqlite3")
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        figures = measure(options.changes, options.clients, options.rounds)
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<22}{value:>12,}" if isinstance(value, int | float)
              else f"{name:<22}{value:>12}")  # fmt: skip


if __name__ == "__main__":
    main()
