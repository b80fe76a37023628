"""A backup from before the last checkpoint put back: frozen and named, then healed (T10)."""

import shutil

from tests.faults.checking import check
from tests.faults.kills import sweep
from tests.faults.tally import Tally
from tests.faults.work import grow, publish_all, record_pairs
from tests.faults.world import AT, World

BACKED_UP, LATER = 300, 260  # entries in the backup; signed after it


def restored_backup(world: World, tally: Tally, *, long: bool) -> None:
    """Restore an older database: nothing is signed until replay from the tiles has healed it."""
    _prepare(world)
    _restore(world)
    tally.errors += 1
    _is_frozen(world, tally)
    if world.is_sqlite:
        world.keep()
        sweep(world, tally, _heal_and_go_on, long=long, recover=_heal_and_publish)
        world.reset()
    healed = world.run(lambda: _heal_and_go_on(world, 50_000))
    if not healed.finished:
        tally.wrong.append(f"healing: {healed.error}")
    tally.take(check(world), "after healing")


def _prepare(world: World) -> None:
    if not world.run(lambda: grow(world, BACKED_UP)).finished:
        raise RuntimeError("the log could not be begun")
    world.save_database()
    if not world.run(lambda: grow(world, LATER, first=1_000)).finished:
        raise RuntimeError("the log could not be continued")


def _restore(world: World) -> None:
    world.restore_database()
    if not world.run(lambda: record_pairs(world, first=2_000, pairs=3)).finished:
        raise RuntimeError("a frozen log must go on taking entries")


def _is_frozen(world: World, tally: Tally) -> None:
    """Neither sequencing nor publishing goes on, both say why, nothing is signed."""
    signed = len(world.journal.values("signed"))

    def sequenced() -> None:
        from audit.log.sequencing import sequence  # noqa: PLC0415  after the settings

        sequence(at=AT)

    for verb in (sequenced, publish_all):
        outcome = world.run(verb)
        if "LogFrozen" not in outcome.error or str(BACKED_UP + LATER) not in outcome.error:
            tally.wrong.append(f"after the restore, {verb.__name__} says {outcome.error!r}")
    if len(world.journal.values("signed")) != signed:
        tally.wrong.append("a head was signed by a frozen log")


def _heal_and_go_on(world: World, first: int) -> None:
    _heal()
    record_pairs(world, first=first, pairs=2)
    publish_all()


def _heal_and_publish() -> None:
    _heal()
    publish_all()


def _heal() -> None:
    """Do what `manage.py heal_log` does."""
    from audit.log.actors import Actor  # noqa: PLC0415  after the settings
    from audit.log.healing import heal  # noqa: PLC0415
    from tests.log import writing  # noqa: F401, PLC0415  makes its events known

    heal(by=Actor.system("operation"), at=AT)


def restored_into_nothing(world: World, tally: Tally, *, long: bool) -> None:
    """Back up as the operator's guide says, lose everything, restore (T68)."""
    for busy in (False, True):
        _prepare(world)
        world.save_database()
        if busy and not world.run(lambda: grow(world, LATER, first=3_000)).finished:
            raise RuntimeError("the log could not be continued")
        copy = world.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(world.here / "audit", copy / "audit")
        shutil.copytree(world.here / "keys", copy / "keys")
        shutil.rmtree(world.here / "audit")
        shutil.rmtree(world.here / "keys")
        world.restore_database()
        shutil.copytree(copy, world.here, dirs_exist_ok=True)
        tally.errors += 1
        place = "restored into nothing" + (", files newer than the database" if busy else "")
        went_on = world.run(lambda busy=busy: _go_on(world, heal=busy))
        if not went_on.finished:
            tally.wrong.append(f"{place}: {went_on.error}")
        tally.take(check(world), place)


def _go_on(world: World, *, heal: bool) -> None:
    if heal:
        _heal()
    publish_all()
    record_pairs(world, first=4_000, pairs=2)
    publish_all()
