"""What the audit entry costs: state changes without it, with it, and with a hash chain instead.

    python benchmarks/audit_writes.py [--changes 1000] [--clients 1 16] [--rounds 3] [--json]

Uses the configured database engine (DATABASE_URL, or SQLite), in a test database of its own that
is dropped afterwards. One change publishes a rule pack through `advance()`: a compare-and-set
UPDATE and its entry in a transaction of its own. Beside it, in turns and in the same run:

- plain: the same UPDATE in a transaction, without any entry;
- chained: the same UPDATE with the same entry, but hashed in the transaction onto the entry before
  it, which takes a lock just before the insert and holds it until the commit.

Figures are medians of rounds. Then everything recorded is sequenced, published (tiles and bundles
written and fsynced, checkpoint signed) and verified; beside that stands the physical limit: the
same bytes written to the same disk in one file with one fsync.
"""

import argparse
import hashlib
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
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SCRATCH = tempfile.TemporaryDirectory(prefix="quanheng-benchmark-", dir=os.environ.get("SCRATCH"))
os.environ["QUANHENG_VAR"] = SCRATCH.name

import django  # noqa: E402  after the settings know where to write

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from audit.log.actors import Actor  # noqa: E402
from audit.log.inspection import inspect  # noqa: E402
from audit.log.lifecycle import advance, begin  # noqa: E402
from audit.log.publishing import publish  # noqa: E402
from audit.log.sequencing import sequence  # noqa: E402
from audit.log.services import Change, compose, write  # noqa: E402
from audit.rulebook.events import PackPublished  # noqa: E402
from audit.rulebook.models import RulePack  # noqa: E402
from audit.rulebook.states import PACK, PackState  # noqa: E402

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CLERK = Actor.system("benchmark")
CHAIN_LOCK = 0x636861696E
POSTGRESQL = connection.vendor == "postgresql"
GUARD = "rulebook_rulepack_logged_status"
Latencies = list[float]


class Run(NamedTuple):
    """One round of one kind: changes per second, and how long each took."""

    per_second: float
    latencies: Latencies


def change_plainly(pack: RulePack) -> None:
    """Change a state, without the log."""
    with transaction.atomic():
        RulePack.objects.filter(pk=pack.pk, status=PackState.DRAFT).update(
            status=PackState.PUBLISHED
        )


def change_with_log(pack: RulePack) -> None:
    """Change a state and record it, as every service does."""
    advance(pack, PACK.publish, event=event_of(pack), by=CLERK, at=AT)


def change_with_chain(pack: RulePack) -> None:
    """Change a state and record it in a hash chain, whose end every writer has to wait for."""
    change = Change(kind="pack", reference=pack.reference, before="DRAFT", after="PUBLISHED")
    with transaction.atomic():
        composed = compose(event_of(pack), by=CLERK, at=AT, change=change)
        RulePack.objects.filter(pk=pack.pk, status=PackState.DRAFT).update(
            status=PackState.PUBLISHED
        )
        with connection.cursor() as cursor:
            if POSTGRESQL:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
            cursor.execute("SELECT hash FROM benchmark_chain ORDER BY position DESC LIMIT 1")
            before = (cursor.fetchone() or [bytes(32)])[0]
            entry = write(composed)
            linked = hashlib.sha256(bytes(before) + bytes(entry.data)).digest()
            cursor.execute(
                "INSERT INTO benchmark_chain (entry, hash) VALUES (%s, %s)",
                [entry.position, linked],
            )


def event_of(pack: RulePack) -> PackPublished:
    """Return what the log says of it."""
    return PackPublished(pack=pack.reference, effective_on="2026-11-23", sha256=pack.sha256)


@transaction.atomic
def make_packs(count: int, name: str) -> list[RulePack]:
    """Return new drafts to work on, each with the entry of its beginning."""
    packs = RulePack.objects.bulk_create(
        RulePack(
            reference=f"{name}@{number}",
            kind="benchmark",
            effective_on=AT.date(),
            sha256="0" * 64,
            created_at=AT,
        )
        for number in range(count)
    )
    for pack in packs:
        begin(pack, event=event_of(pack), by=CLERK, at=AT)
    return packs


def _work(change: Callable[[RulePack], None], packs: list[RulePack], answer: object) -> None:
    connection.ensure_connection()
    latencies = []
    for pack in packs:
        started = time.perf_counter()
        change(pack)
        latencies.append(time.perf_counter() - started)
    connection.close()
    answer.put(latencies)  # type: ignore[attr-defined]


def run(change: Callable[[RulePack], None], packs: list[RulePack], clients: int) -> Run:
    """Carry the changes out, the work split over client processes."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    answer = fork.Queue()
    parts = [packs[client::clients] for client in range(clients)]
    workers = [fork.Process(target=_work, args=[change, part, answer]) for part in parts]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    latencies = [each for _worker in workers for each in answer.get(timeout=600)]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return Run(len(packs) / seconds, latencies)


def compare(changes: int, clients: int, rounds: int) -> dict[str, object]:
    """Run the three kinds in turns and return their figures."""
    kinds = {"plain": change_plainly, "audited": change_with_log, "chained": change_with_chain}
    runs: dict[str, list[Run]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name, change in kinds.items():
            packs = make_packs(changes, f"{name}-{clients}-{number}")
            _guard(name != "plain")
            runs[name].append(run(change, packs, clients))
    _guard(True)
    rates = {name: statistics.median(r.per_second for r in of) for name, of in runs.items()}
    times = {name: sorted(t for r in of for t in r.latencies) for name, of in runs.items()}
    figures: dict[str, object] = {"clients": clients}
    for name in kinds:
        figures[f"{name}_per_second"] = round(rates[name])
        figures[f"{name}_p50_ms"] = round(1000 * _quantile(times[name], 0.50), 2)
        figures[f"{name}_p99_ms"] = round(1000 * _quantile(times[name], 0.99), 2)
    added = _quantile(times["audited"], 0.50) - _quantile(times["plain"], 0.50)
    figures["added_p50_ms"] = round(1000 * added, 2)
    figures["audited_to_plain"] = round(rates["audited"] / rates["plain"], 2)
    figures["audited_to_chained"] = round(rates["audited"] / rates["chained"], 2)
    return figures


def _quantile(ordered: Latencies, share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _guard(on: bool) -> None:  # noqa: FBT001  a switch
    """Let the plain writes pass without entries; the others are held to theirs, as in service."""
    if POSTGRESQL:
        with connection.cursor() as cursor:
            verb = "ENABLE ALWAYS" if on else "DISABLE"
            cursor.execute(f"ALTER TABLE rulebook_rulepack {verb} TRIGGER {GUARD}")


def publishing() -> dict[str, object]:
    """Sequence, publish and verify everything recorded, beside one plain write of the bytes."""
    started = time.perf_counter()
    entries = sequence(at=AT)
    sequenced = time.perf_counter()
    publish(at=AT)
    published = time.perf_counter()
    report = inspect()
    verified = time.perf_counter()
    if not report.is_sound:
        sys.exit("\n".join(map(str, report.findings[:20])))
    folder = Path(settings.AUDIT_LOG_DIR)
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    target = folder / "limit"
    bare = time.perf_counter()
    with target.open("wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    limit = time.perf_counter() - bare
    target.unlink()
    return {
        "entries": entries,
        "sequenced_per_second": round(entries / (sequenced - started)),
        "published_per_second": round(entries / (published - sequenced)),
        "sequenced_and_published_per_second": round(entries / (published - started)),
        "plain_fsynced_write_per_second": round(entries / limit),
        "published_megabytes": round(len(content) / 1e6, 1),
        "verified_per_second": round(entries / (verified - published)),
    }


def main() -> None:
    """Prepare the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--changes", type=int, default=1000, help="changes in one round")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16], help="processes at once")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each kind")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    if not POSTGRESQL:
        connection.settings_dict["TEST"]["NAME"] = str(Path(SCRATCH.name) / "benchmark.sqlite3")
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        key = "bigserial" if POSTGRESQL else "integer"
        blob = "bytea" if POSTGRESQL else "blob"
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE benchmark_chain (position {key} PRIMARY KEY, entry bigint, "
                f"hash {blob})"
            )
        figures: list[dict[str, object]] = [{"database": connection.vendor}]
        figures += [compare(options.changes, each, options.rounds) for each in options.clients]
        figures.append(publishing())
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    memory = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    figures.append({"peak_memory_mb": round(memory / 1024)})
    if options.json:
        print(json.dumps(figures))
        return
    for group in figures:
        for name, value in group.items():
            print(f"{name.replace('_', ' '):<38}{value:>12}")
        print()


if __name__ == "__main__":
    main()
