"""`python -m tests.faults [--long]`: break the log in every way we know, and count what came of it.

Exit status 0 when nothing was lost, doubled or wrongly signed.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.faults.cluster import Cluster, NoCluster, own_cluster
from tests.faults.flips import flipped_bytes
from tests.faults.full import full_disk
from tests.faults.kills import failing_disk_everywhere, killed_everywhere
from tests.faults.restored import restored_backup, restored_into_nothing
from tests.faults.rivals import killed_rivals, stopped_database
from tests.faults.syscalls import struck_system_calls
from tests.faults.tally import Tally
from tests.faults.turnover import killed_at_new_year
from tests.faults.world import World, open_world

Part = Callable[..., None]
PARTS: dict[str, Part] = {
    "kills": killed_everywhere,
    "disk": failing_disk_everywhere,
    "full": full_disk,
    "rivals": killed_rivals,
    "stops": stopped_database,
    "flips": flipped_bytes,
    "new-year": killed_at_new_year,
    "restored": restored_backup,
    "moved": restored_into_nothing,
    "syscalls": struck_system_calls,
}
DATABASES = ("sqlite", "postgresql")
_MEMORY = Path("/dev/shm")  # noqa: S108  a kill loses no page of a disk; memory is as good and quick


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for and print their figures."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    tallies: list[Tally] = []
    print(f"{'part':12} {'database':12} kills  faults  lost  doubled  wrong  seconds")
    for database in options.database or DATABASES:
        for part in options.part or PARTS:
            tally = _run_apart(part, database, long=options.long)
            tallies.append(tally)
            _show(tally)
    _show_sum(tallies, time.monotonic() - started)
    return 0 if all(tally.is_clean for tally in tallies) else 1


def _run_apart(part: str, database: str, *, long: bool) -> Tally:
    """Run one part in a process of its own, because Django is configured once in each."""
    sys.stdout.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        tally = Tally(part, database)
        try:
            _run(tally, long=long)
        except BaseException:  # noqa: BLE001  the parent reports it
            tally.wrong.append(traceback.format_exc())
        with os.fdopen(writer, "w") as answer:
            answer.write(tally.write())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        line = answer.read()
    os.waitpid(child, 0)
    return Tally.read(line)


def _run(tally: Tally, *, long: bool) -> None:
    started = time.monotonic()
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="quanheng-faults-", dir=place))
    try:
        with _world(tally.database, folder) as world:
            PARTS[tally.part](world, tally, long=long)
    except NoCluster as reason:
        tally.skipped = str(reason)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tally.seconds = time.monotonic() - started


@contextlib.contextmanager
def _world(database: str, folder: Path) -> Iterator[World]:
    if database == "sqlite":
        yield open_world(folder / "world")
        return
    cluster: Cluster
    with own_cluster(folder) as cluster:
        yield open_world(folder / "world", cluster)


def _show(tally: Tally) -> None:
    if tally.skipped:
        print(f"{tally.part:12} {tally.database:12} skipped: {tally.skipped}")
        return
    counts = (len(each) for each in (tally.lost, tally.doubled, tally.wrong))
    lost, doubled, wrong = counts
    print(
        f"{tally.part:12} {tally.database:12} {tally.kills:5}  {tally.errors:6}  {lost:4}  "
        f"{doubled:7}  {wrong:5}  {tally.seconds:7.1f}"
    )
    for word in ("lost", "doubled", "wrong"):
        for each in getattr(tally, word):
            print(f"  {word}: {each}")
    sys.stdout.flush()


def _show_sum(tallies: list[Tally], seconds: float) -> None:
    print(
        f"{'sum':25} {sum(t.kills for t in tallies):5}  {sum(t.errors for t in tallies):6}  "
        f"{sum(len(t.lost) for t in tallies):4}  {sum(len(t.doubled) for t in tallies):7}  "
        f"{sum(len(t.wrong) for t in tallies):5}  {seconds:7.1f}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="every point, not a choice of them")
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this part")
    parser.add_argument("--database", action="append", choices=DATABASES, help="only on this")
    return parser


if __name__ == "__main__":
    sys.exit(main())
