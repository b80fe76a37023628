"""What the audit entry costs: state changes without it, with it, and with a hash chain instead.

    python benchmarks/audit_writes.py [--changes 1000] [--clients 1 16] [--rounds 3] [--json]

Uses the configured database engine (DATABASE_URL, or SQLite), in a test database of its own that
is dropped afterwards. The change is the same in all three kinds: a rule pack goes from DRAFT to
PUBLISHED by the same compare-and-set UPDATE, in a transaction that the caller opened, as services
do. The kinds take turns in one run, on connections with the same settings:

- plain: the UPDATE alone, no entry;
- audited: `advance()`, as every service does it;
- chained: the usual hash chain. After the UPDATE the transaction locks the chain's head and reads
  it in one statement (SELECT … FOR UPDATE), hashes head and entry, writes in one further call, and
  commits, which frees the head. It is spared what can be spared: the entry is composed before the
  lock is asked for, and written by the same prepared function as ours, with the same bytes, actor,
  references, indexes and completeness trigger. Where ours puts a row among the waiting, it puts one
  with the entry's hash, and moves the head.

Every client opens its connection and makes some changes before the time starts, for connections
stay open in service. Figures are medians of rounds. Then everything recorded is sequenced,
published (tiles and bundles written and fsynced, checkpoint signed) and verified; beside that
stands the physical limit: the same bytes written to the same disk in one file with one fsync.
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
from typing import Any, NamedTuple

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
from audit.log.models import EntryRef  # noqa: E402
from audit.log.publishing import publish  # noqa: E402
from audit.log.sequencing import sequence  # noqa: E402
from audit.log.services import Change, compose  # noqa: E402
from audit.log.writing import CALL, CREATE, arguments, compare_and_set  # noqa: E402
from audit.rulebook.events import PackPublished  # noqa: E402
from audit.rulebook.models import RulePack  # noqa: E402
from audit.rulebook.states import PACK, PackState  # noqa: E402

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CLERK = Actor.system("benchmark")
POSTGRESQL = connection.vendor == "postgresql"
GUARD = "rulebook_rulepack_logged_status"
READ_HEAD = f"SELECT hash FROM benchmark_head{' FOR UPDATE' * POSTGRESQL}"  # noqa: S608  own names
CHAINED = ("log_write", "benchmark_write")
WARMING = 8  # changes of each client before the time starts
Latencies = list[float]


class Run(NamedTuple):
    """One round of one kind: changes per second, and how long each took."""

    per_second: float
    latencies: Latencies


@transaction.atomic
def change_plainly(pack: RulePack) -> None:
    """Change a state, without the log."""
    _change(pack)


@transaction.atomic
def change_with_log(pack: RulePack) -> None:
    """Change a state and record it, as every service does."""
    advance(pack, PACK.publish, event=event_of(pack), by=CLERK, at=AT)


@transaction.atomic
def change_with_chain(pack: RulePack) -> None:
    """Change a state and record it in a hash chain, whose head every writer has to wait for."""
    change = Change(kind="pack", reference=pack.reference, before="DRAFT", after="PUBLISHED")
    composed = compose(event_of(pack), by=CLERK, at=AT, change=change)
    _change(pack)
    with connection.cursor() as cursor:
        cursor.execute(READ_HEAD)
        before = bytes(cursor.fetchone()[0])
        linked = hashlib.sha256(before + composed.entry.data).digest()
        if POSTGRESQL:
            values = arguments(composed.entry, composed.refs)
            cursor.execute(f"SELECT {CALL[:-1]}, %s)".replace(*CHAINED), [*values, linked])
            return
        composed.entry.save(force_insert=True)
        EntryRef.objects.bulk_create(
            EntryRef(entry=composed.entry, kind=kind, reference=reference)
            for kind, reference in composed.refs
        )
        values = [composed.entry.position, linked]
        cursor.execute("INSERT INTO benchmark_chain (entry_id, hash) VALUES (%s, %s)", values)
        cursor.execute("UPDATE benchmark_head SET hash = %s", [linked])


def _change(pack: RulePack) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*compare_and_set(pack, "DRAFT", {"status": PackState.PUBLISHED}))


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


def _work(
    change: Callable[[RulePack], None], packs: list[RulePack], gate: Any, answer: Any
) -> None:
    for pack in packs[:WARMING]:
        change(pack)
    gate.wait()
    latencies = []
    for pack in packs[WARMING:]:
        started = time.perf_counter()
        change(pack)
        latencies.append(time.perf_counter() - started)
    answer.put((latencies, time.perf_counter()))
    connection.close()


def run(change: Callable[[RulePack], None], packs: list[RulePack], clients: int) -> Run:
    """Carry the changes out, the work split over client processes."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate, answer = fork.Barrier(clients + 1), fork.Queue()
    parts = [packs[client::clients] for client in range(clients)]
    workers = [fork.Process(target=_work, args=[change, part, gate, answer]) for part in parts]
    for worker in workers:
        worker.start()
    gate.wait(timeout=600)
    started = time.perf_counter()
    answers = [answer.get(timeout=600) for _worker in workers]
    for worker in workers:
        worker.join()
    latencies = [each for part, _ended in answers for each in part]
    seconds = max(ended for _part, ended in answers) - started
    return Run(len(latencies) / seconds, latencies)


def compare(changes: int, clients: int, rounds: int) -> dict[str, object]:
    """Run the three kinds in turns and return their figures."""
    kinds = {"plain": change_plainly, "audited": change_with_log, "chained": change_with_chain}
    runs: dict[str, list[Run]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name, change in kinds.items():
            packs = make_packs(changes + WARMING * clients, f"{name}-{clients}-{number}")
            _guard(name != "plain")
            runs[name].append(run(change, packs, clients))
            _queue_chained()
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


def prepare() -> None:
    """Make the chain: a head, a table of links, and on PostgreSQL a function to write with."""
    blob = "bytea" if POSTGRESQL else "blob"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE benchmark_head (hash {blob})")
        cursor.execute("INSERT INTO benchmark_head VALUES (%s)", [bytes(32)])
        cursor.execute(
            "CREATE TABLE benchmark_chain (entry_id bigint PRIMARY KEY REFERENCES log_entry "
            f"DEFERRABLE INITIALLY DEFERRED, hash {blob})"
        )
        if POSTGRESQL:
            queued = "INSERT INTO log_pending (entry_id) VALUES (written);"
            chained = (
                "INSERT INTO benchmark_chain (entry_id, hash) VALUES (written, linked); "
                "UPDATE benchmark_head SET hash = linked;"
            )
            create = CREATE.replace(*CHAINED).replace(queued, chained)
            cursor.execute(create.replace(") RETURNS", ", linked bytea) RETURNS"))


def _queue_chained() -> None:
    """Let what was chained wait for its index as well, so that the whole log can be verified."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO log_pending (entry_id) SELECT entry_id FROM benchmark_chain")
        cursor.execute("DELETE FROM benchmark_chain")


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
        prepare()
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
