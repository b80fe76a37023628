"""One byte changed anywhere: inspection names the place, and no false head is ever signed (T04)."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.checking import check
from tests.faults.tally import Tally
from tests.faults.work import grow, publish_all, record_pairs
from tests.faults.world import World

SEED = 20261123
ENTRIES = 520
PLACES, FEW_PLACES = 20, 3
Undo = Callable[[], None]


class Flip(NamedTuple):
    """A byte that was changed: where inspection should see it, and how to put it back."""

    place: str
    undo: Undo


def flipped_bytes(world: World, tally: Tally, *, long: bool) -> None:
    """Change one byte of each kind of thing at random places."""
    if not world.is_sqlite:
        tally.skipped = "the same rows and files as on SQLite, read by the same code"
        return
    if not world.run(lambda: grow(world, ENTRIES)).finished:
        raise RuntimeError("the log could not be made")
    world.lift()
    world.keep()
    chance = random.Random(SEED)
    for kind, flip in KINDS.items():
        for number in range(PLACES if long else FEW_PLACES):
            world.reset()
            _look(world, tally, f"{kind} {number}", flip(world, chance))


def _look(world: World, tally: Tally, name: str, flip: Flip) -> None:
    """Inspect with the changed byte in place, try to publish, put it back."""
    tally.errors += 1
    found = _findings(world)
    if not any(flip.place in finding for finding in found):
        tally.wrong.append(f"{name}: at {flip.place}, inspection says {found[:3]}")
    before = len(world.journal.values("signed"))
    recorded = world.run(lambda: record_pairs(world, first=1_000_000, pairs=1))
    if not recorded.finished:
        tally.wrong.append(f"{name}: nothing can be recorded: {recorded.error}")
    published = world.run(publish_all)
    if published.finished or len(world.journal.values("signed")) != before:
        tally.wrong.append(f"{name}: at {flip.place}, a head was signed")
    flip.undo()
    if found := _findings(world):
        tally.wrong.append(f"{name}: when it was put back, inspection says {found[:3]}")
    healed = world.run(publish_all)
    if not healed.finished:
        tally.wrong.append(f"{name}: when it was put back, publishing says {healed.error}")
    tally.take(check(world), f"{name}, when it was put back")


def _findings(world: World) -> list[str]:
    """Inspect as `verify_log` does; return what it finds."""

    def inspected() -> None:
        from audit.log.halt import heed  # noqa: PLC0415  after the settings
        from audit.log.inspection import inspect  # noqa: PLC0415

        report = inspect()
        heed(report)
        found = [str(finding) for finding in report.findings]
        world.journal.note("found", json.dumps(found))

    outcome = world.run(inspected)
    if not outcome.finished:
        return [f"inspection itself fails: {outcome.error}"]
    return list(json.loads(world.journal.values("found")[-1]))


def _changed(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    changed = bytearray(content)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _row(table: str, column: str, place: str, order: str) -> Callable[[World, random.Random], Flip]:
    """Return how one byte in a random row of a table is changed."""

    def flip(world: World, chance: random.Random) -> Flip:
        with world.reading() as connection:
            rows = connection.execute(
                f'SELECT "{order}", "{column}" FROM {table} ORDER BY 1'  # noqa: S608  own names
            ).fetchall()
        key, value = rows[chance.randrange(len(rows))]
        content = value.encode() if isinstance(value, str) else bytes(value)
        changed: Any = _changed(content, chance)
        if isinstance(value, str):
            while changed.decode(errors="ignore").encode() != changed:
                changed = _changed(content, chance)
            changed = changed.decode()

        def put(new: Any) -> None:
            mark = "?" if world.is_sqlite else "%s"
            change = f'UPDATE {table} SET "{column}" = {mark} WHERE "{order}" = {mark}'  # noqa: S608
            with world.reading() as connection:
                connection.execute(change, [new, key])
                connection.commit()

        put(changed)
        return Flip(place.format(key=_index_of(world, table, key)), lambda: put(value))

    return flip


def _index_of(world: World, table: str, key: int) -> int:
    if table != "log_entry":
        return key
    mark = "?" if world.is_sqlite else "%s"
    with world.reading() as connection:
        [index] = connection.execute(
            f'SELECT "index" FROM log_leaf WHERE entry_id = {mark}',  # noqa: S608  own names
            [key],
        ).fetchone()
    return int(index)


def _file(pattern: str) -> Callable[[World, random.Random], Flip]:
    """Return how one byte in a random file is changed."""

    def flip(world: World, chance: random.Random) -> Flip:
        files = sorted(path for path in (world.here / "audit").rglob(pattern) if path.is_file())
        file = files[chance.randrange(len(files))]
        content = file.read_bytes()
        file.write_bytes(_changed(content, chance))
        return Flip(_named(file), lambda: _write(file, content))

    return flip


def _lock(world: World, chance: random.Random) -> Flip:
    """Change one byte of the head that the lock remembers."""
    [file] = sorted(world.here.rglob("*.lock"))
    content = file.read_bytes()
    start = content.index(b"fault.example/")
    body = content[start : start + 70]
    file.write_bytes(content.replace(body, _changed(body, chance)))
    return Flip(str(file), lambda: _write(file, content))


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def _named(file: Path) -> str:
    return file.as_posix()[file.as_posix().index("tile/") :] if "tile" in file.parts else str(file)


def _all() -> Iterator[tuple[str, Callable[[World, random.Random], Flip]]]:
    yield "entry", _row("log_entry", "data", "(index {key})", "position")
    yield "leaf", _row("log_leaf", "leaf_hash", "leaf {key}: ", "index")
    yield "frontier", _row("log_log", "frontier", "frontier", "id")
    yield "checkpoint row", _row("log_checkpoint", "note", "checkpoint", "id")
    yield "tile", _file("tile/[0-9]/**/*")
    yield "bundle", _file("tile/entries/**/*")
    yield "checkpoint", _file("checkpoint")
    yield "lock", _lock


KINDS = dict(_all())
