"""The turn of a year under kills: one log is closed, the next continues it."""

from datetime import UTC, datetime

from tests.faults.kills import begin, sweep
from tests.faults.tally import Tally
from tests.faults.work import publish_all, record_pairs
from tests.faults.world import World

NEW_YEAR = datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC)  # in Shanghai


def killed_at_new_year(world: World, tally: Tally, *, long: bool) -> None:
    """SIGKILL at the k-th operation of the turn from one period to the next."""
    begin(world, 20)
    sweep(world, tally, _turn, long=long, recover=lambda: publish_all(at=NEW_YEAR))
    if [folder.name for folder in world.logs] != ["2026", "2027"]:
        tally.wrong.append("the year did not turn")


def _turn(world: World, first: int) -> None:
    from audit.log.publishing import publish  # noqa: PLC0415  after the settings

    record_pairs(world, first=first, pairs=2)
    publish(at=NEW_YEAR)
    record_pairs(world, first=first + 4, pairs=1, at=NEW_YEAR)
    publish_all(at=NEW_YEAR)
