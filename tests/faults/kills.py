"""A process killed, or a disk that fails, at each single operation of a short life of the log."""

import errno
from collections.abc import Callable, Iterable

from tests.faults.checking import check
from tests.faults.hooks import Act, Operations, fail_with
from tests.faults.tally import Tally
from tests.faults.work import a_short_life, grow, publish_all
from tests.faults.world import World

BEFORE_A_TILE = 250  # entries at the start: the short life completes a tile
HARMLESS = {"mkdir", "unlink", "rmdir"}  # a folder that was there; tidying up
_PER_ATTEMPT = 100  # numbers of the entries that one attempt may use
Verb = Callable[[World, int], None]


def killed_everywhere(world: World, tally: Tally, *, long: bool) -> None:
    """SIGKILL at the k-th operation, for every k; a fresh process finishes, everything is there."""
    if long and world.is_sqlite:
        begin(world, 0)
        sweep(world, tally, _short_life, long=long)
    begin(world, BEFORE_A_TILE)
    sweep(world, tally, _short_life, long=long)


def failing_disk_everywhere(world: World, tally: Tally, *, long: bool) -> None:
    """EIO and ENOSPC at the k-th operation: reported, nothing wrongly signed, healed afterwards."""
    begin(world, BEFORE_A_TILE)
    for number in (errno.EIO, errno.ENOSPC) if long else (errno.ENOSPC,):
        sweep(world, tally, _short_life, long=long, act=fail_with(number))


def begin(world: World, start: int) -> None:
    """Publish `start` entries; what follows comes back to them on SQLite."""
    if start and not world.run(lambda: grow(world, start, first=10_000)).finished:
        raise RuntimeError("the first entries could not be published")
    if world.is_sqlite:
        world.keep()


def _short_life(world: World, first: int) -> None:
    a_short_life(world, first=first)


def sweep(
    world: World,
    tally: Tally,
    verb: Verb,
    *,
    long: bool,
    act: Act | None = None,
    recover: Callable[[], object] = publish_all,
) -> list[str]:
    """Strike `verb` at each of its operations, look each time; return the operations' names."""
    names = _operations(world, verb)
    points: Iterable[int] = range(len(names))
    if not long:
        points = _few(names)[:: 2 if world.is_sqlite else 4]
    for attempt, point in enumerate(points):
        _strike(world, tally, verb, point, attempt, act, recover)
    return names


def _operations(world: World, verb: Verb) -> list[str]:
    """Run `verb` once unharmed; return the operations it consists of."""

    def counted() -> None:
        operations = Operations(world.journal, fatal=None)
        operations.install()
        verb(world, 20_000)
        world.journal.note("operations", "\t".join(operations.names))

    outcome = world.run(counted)
    if not outcome.finished:
        raise RuntimeError(f"the verb fails unharmed: {outcome.error}")
    names = world.journal.values("operations")[-1].split("\t")
    if world.is_sqlite:
        world.reset()
    return names


def _few(names: list[str]) -> list[int]:
    """Choose points for a short sweep: the last of each kind of operation, and every ninth."""
    last = {name: point for point, name in enumerate(names)}
    return sorted({*last.values(), *range(0, len(names), 9)})


def _strike(
    world: World,
    tally: Tally,
    verb: Verb,
    point: int,
    attempt: int,
    act: Act | None,
    recover: Callable[[], object],
) -> None:
    if world.is_sqlite:
        world.reset()

    def struck() -> None:
        Operations(world.journal, fatal=point, act=act).install()
        verb(world, 30_000 + attempt * _PER_ATTEMPT)

    before = len(world.journal.values("struck"))
    outcome = world.run(struck)
    if len(world.journal.values("struck")) == before and outcome.finished:
        return  # on another size of the log it has fewer operations
    name = world.journal.values("struck")[-1]
    place = f"{name} ({point})"
    if act is None:
        tally.kills += outcome.killed
        if not outcome.killed and not outcome.finished:
            tally.wrong.append(f"{place}: {outcome.error}")
    else:
        tally.errors += 1
        if outcome.finished and name not in HARMLESS:
            tally.wrong.append(f"{place}: the error was passed over in silence")
        tally.take(check(world, settled=False), f"{place}, before the next run")
    healed = world.run(recover)
    if not healed.finished:
        tally.wrong.append(f"{place}: the next run says {healed.error}")
    tally.take(check(world), place)
