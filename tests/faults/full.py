"""A disk that is really full: the whole world on a small file system of its own (T34)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.checking import check
from tests.faults.kills import BEFORE_A_TILE
from tests.faults.tally import Tally
from tests.faults.work import a_short_life, grow, publish_all
from tests.faults.world import World

SIZE = 8 * 1024**2
PAGE = 4096
FREE_PAGES = (0, 1, 2, 3, 5, 8, 13, 21, 34)
MANY_FREE_PAGES = tuple(range(48))


def full_disk(world: World, tally: Tally, *, long: bool) -> None:
    """Run out of space at ever later places; with space again, everything goes on."""
    if not world.is_sqlite:
        tally.skipped = "the server's own disk is not ours to fill"
        return
    if not world.run(lambda: grow(world, BEFORE_A_TILE)).finished:
        raise RuntimeError("the first entries could not be published")
    world.keep()
    failed = 0
    for pages in MANY_FREE_PAGES if long else FREE_PAGES:
        try:
            with _small_disk(world.here):
                failed += _fill(world, tally, pages)
        except subprocess.CalledProcessError as error:
            tally.skipped = f"no file system can be mounted here: {error.stderr.decode().strip()}"
            return
    if not failed:
        tally.wrong.append("the disk was never full")


def _fill(world: World, tally: Tally, pages: int) -> bool:
    """Live with `pages` of free space, then with enough; whether the space was too little."""
    shutil.copytree(world.kept, world.here, dirs_exist_ok=True)
    shutil.copyfile(world.folder / "journal.base", world.journal.path)
    ballast = world.here / "ballast"
    free = os.statvfs(world.here)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - pages * PAGE)
    outcome = world.run(lambda: a_short_life(world, first=30_000))
    place = f"{pages} free pages"
    tally.errors += not outcome.finished
    tally.take(check(world, settled=False), f"{place}, before there is space")
    ballast.unlink()
    healed = world.run(publish_all)
    if not healed.finished:
        tally.wrong.append(f"{place}: with space again, publishing says {healed.error}")
    tally.take(check(world), place)
    return not outcome.finished


@contextmanager
def _small_disk(place: Path) -> Iterator[None]:
    """Mount a small file system at `place` for the time of the block."""
    _command("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place))
    try:
        yield
    finally:
        _command("umount", str(place))


def _command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603  the two commands above
