"""Writers, two sequencers and two publishers at once, killed at random; the database stopped."""

import itertools
import random
import time
from collections.abc import Callable
from functools import partial

from tests.faults.checking import check
from tests.faults.tally import Tally
from tests.faults.work import publish_all, record_pairs
from tests.faults.world import AT, World

SEED = 20261123
WRITERS, RIVALS = 3, 2
_SHARE = 1_000_000  # numbers of the entries that one writer may use


def killed_rivals(world: World, tally: Tally, *, long: bool) -> None:
    """SIGKILL a random process again and again while all of them work on one log."""
    crew = _Crew(world)
    crew.start()
    chance = random.Random(SEED)
    for _kill in range(250 if long else 24):
        time.sleep(chance.uniform(0.02, 0.25))
        tally.kills += crew.replace(chance.randrange(len(crew.roles)))
    crew.finish(tally, "after kills at random")


def stopped_database(world: World, tally: Tally, *, long: bool) -> None:
    """Stop the database at once under load, and start it again."""
    if world.cluster is None:
        tally.skipped = "SQLite has no server that could be stopped"
        return
    crew = _Crew(world, forgiving=True)
    crew.start()
    chance = random.Random(SEED)
    for _stop in range(12 if long else 2):
        time.sleep(chance.uniform(0.4, 1.2))
        world.cluster.stop("immediate")
        world.cluster.start()
        tally.errors += 1
    crew.finish(tally, "after stops of the database")


class _Crew:
    """The processes at work on one log."""

    def __init__(self, world: World, *, forgiving: bool = False) -> None:
        self._world, self._forgiving = world, forgiving
        self._stop = world.folder / "stop"
        self._rounds = 0
        self.roles: list[Callable[[], None]] = [
            *(partial(self._write, each) for each in range(WRITERS)),
            *[self._sequence] * RIVALS,
            *[self._publish] * RIVALS,
        ]
        self._children: list[int] = []
        self._said: list[str] = []

    def start(self) -> None:
        """Let all of them begin."""
        self._children = [self._world.start(role) for role in self.roles]

    def replace(self, place: int) -> bool:
        """Kill one and put another in its place; False when it had ended by itself."""
        self._world.kill(self._children[place])
        outcome = self._world.wait(self._children[place])
        self._rounds += 1
        self._children[place] = self._world.start(self.roles[place])
        if not outcome.killed:
            self._said.append(outcome.error)
        return outcome.killed

    def finish(self, tally: Tally, place: str) -> None:
        """Let them end, publish what is left, and look."""
        self._stop.touch()
        for child in self._children:
            outcome = self._world.wait(child)
            if not outcome.finished:
                self._said.append(outcome.error)
        self._stop.unlink()
        tally.wrong += [f"{place}: a process says {words}" for words in self._said]
        settled = self._world.run(publish_all)
        if not settled.finished:
            tally.wrong.append(f"{place}: the last run says {settled.error}")
        tally.take(check(self._world), place)

    def _write(self, number: int) -> None:
        pairs = itertools.count((1 + self._rounds * WRITERS + number) * _SHARE, 2)
        self._repeat(lambda: record_pairs(self._world, first=next(pairs), pairs=1), pause=0.01)

    def _sequence(self) -> None:
        from audit.log.sequencing import sequence  # noqa: PLC0415  after the settings

        self._repeat(lambda: sequence(at=AT))

    def _publish(self) -> None:
        from audit.log.publishing import publish  # noqa: PLC0415  after the settings

        self._repeat(lambda: publish(at=AT))

    def _repeat(self, verb: Callable[[], object], pause: float = 0.0) -> None:
        """Do `verb` until all shall stop; where the database may go away, take it up again."""
        from django.db import Error, connection  # noqa: PLC0415  after the settings

        while not self._stop.exists():
            try:
                verb()
            except Error:
                if not self._forgiving:
                    raise
                connection.close()
                time.sleep(0.05)
            time.sleep(pause)
