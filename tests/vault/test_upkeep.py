"""Turning keys over while objects are read, and cleaning up after killed processes."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.vault.keys import get_key_ring
from exchange.vault.models import StoredObject
from exchange.vault.services import (
    ObjectDamaged,
    destroy_object,
    discard_orphans,
    open_object,
    rewrap_keys,
    rotate_keys,
    store_object,
)
from tests.faults import Broken, breaking_at
from tests.vault.conftest import files_below

SYSTEM = Actor.system("vault")
Log = Callable[[], list[tuple[str, str]]]


def store(by: Actor, at: datetime, content: bytes = b"content") -> StoredObject:
    return store_object(
        source=io.BytesIO(content),
        filename="t.csv",
        purpose="ORIGINAL",
        owner=by.organization,
        by=by,
        at=at,
    )


def content_of(stored: StoredObject) -> bytes:
    with open_object(stored) as reader:
        return reader.read()


def test_keys_turn_over_and_every_object_stays_readable(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    objects = [store(provider, at, b"object %d" % n) for n in range(3)]
    gone = store(provider, at)
    destroy_object(stored=gone, reason="x", by=provider, at=at)
    before = log()

    newest = rotate_keys(by=SYSTEM, at=at)

    assert newest == "kek-0002"
    assert log()[len(before) :] == [("vault.object.rewrapped", o.reference) for o in objects]
    assert set(StoredObject.objects.exclude(pk=gone.pk).values_list("key_id", flat=True)) == {
        "kek-0002"
    }
    get_key_ring().destroy("kek-0001")
    assert [content_of(stored) for stored in objects] == [b"object %d" % n for n in range(3)]
    assert rewrap_keys(by=SYSTEM, at=at) == 0


def test_a_reader_that_began_before_the_turn_goes_on(
    vault: Path, provider: Actor, at: datetime
) -> None:
    content = os.urandom(3_000_000)
    stored = store(provider, at, content)
    with open_object(stored) as reader:
        pieces = reader.chunks()
        first = next(pieces)
        rotate_keys(by=SYSTEM, at=at)
        get_key_ring().destroy("kek-0001")

        assert first + b"".join(pieces) == content
    assert content_of(stored) == content  # the row in memory is old; the key is read anew


def test_a_destroyed_key_takes_its_objects_with_it(
    vault: Path, provider: Actor, at: datetime
) -> None:
    lost = store(provider, at)
    get_key_ring().rotate()
    kept = store(provider, at)
    get_key_ring().destroy("kek-0001")

    with pytest.raises(ObjectDamaged):
        open_object(lost)
    assert content_of(kept) == b"content"


def test_a_crash_while_keys_turn_leaves_every_object_readable(
    vault: Path, provider: Actor, at: datetime
) -> None:
    objects = [store(provider, at, b"object %d" % n) for n in range(3)]
    get_key_ring().rotate()

    for statement in range(40):
        try:
            with breaking_at(statement):
                rewrap_keys(by=SYSTEM, at=at)
        except Broken:
            assert [content_of(stored) for stored in objects] == [
                b"object %d" % n for n in range(3)
            ]
        else:
            break

    assert set(StoredObject.objects.values_list("key_id", flat=True)) == {"kek-0002"}


def test_an_object_rewrapped_by_a_rival_is_left_alone(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    stored = store(provider, at)
    get_key_ring().rotate()
    rewrap_keys(by=SYSTEM, at=at)
    stale = stored
    assert stale.key_id == "kek-0001"
    from exchange.vault.services.upkeep import _rewrap  # noqa: PLC0415

    entries = len(log())

    assert _rewrap(stale, get_key_ring(), SYSTEM, at) is False
    assert len(log()) == entries


def test_who_may_turn_keys(
    vault: Path, provider: Actor, operator: Actor, regulator: Actor, at: datetime
) -> None:
    for actor in (provider, regulator, Actor.anonymous()):
        for verb in (rotate_keys, rewrap_keys):
            with pytest.raises(NotAllowed):
                verb(by=actor, at=at)
        with pytest.raises(NotAllowed):
            discard_orphans(before=at, by=actor, at=at)

    assert rotate_keys(by=operator, at=at) == "kek-0002"


def age(path: Path, at: datetime, hours: float) -> None:
    moment = (at - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))


def test_leftovers_are_discarded_and_nothing_else(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    kept = store(provider, at)
    orphan = store(provider, at)
    StoredObject.objects.filter(pk=orphan.pk).delete()
    fresh = vault / "objects" / "ZZ" / "OB-2026-FRESHZZZ"
    fresh.parent.mkdir(exist_ok=True)
    fresh.write_bytes(b"being written")
    draft = vault / "objects" / ".incoming" / "object-left"
    draft.write_bytes(b"half")
    work = vault / "tmp" / "vault-left"
    work.mkdir(parents=True)
    (work / "original").write_bytes(b"upload")
    for path, hours in ((kept.path, 50), (orphan.path, 50)):
        age(vault / "objects" / path, at, hours)
    age(draft, at, 50)
    age(fresh, at, 0.5)
    age(work, at, 50)
    before = log()

    count = discard_orphans(before=at, by=SYSTEM, at=at)

    assert count == 3
    assert log()[len(before) :] == [("vault.orphan.discarded", orphan.reference)]
    assert sorted(path.name for path in files_below(vault)) == sorted(
        [kept.reference, "OB-2026-FRESHZZZ"]
    )
    assert content_of(kept) == b"content"


def test_bytes_of_a_destroyed_object_that_came_back_are_removed(
    vault: Path, provider: Actor, at: datetime
) -> None:
    stored = store(provider, at)
    destroy_object(stored=stored, reason="x", by=provider, at=at)
    path = vault / "objects" / stored.path
    assert path.exists()  # the test's transaction never commits
    age(path, at, 50)

    assert discard_orphans(before=at, by=SYSTEM, at=at) == 1
    assert not path.exists()


KILLED = """
import io, os, signal, sys
from datetime import datetime, UTC
sys.path.insert(0, os.getcwd())
import django
django.setup()
from exchange.vault import storage
from exchange.vault.services import store_object
from audit.log.actors import Actor

class Source(io.BytesIO):
    def read(self, size=-1):
        if self.tell() and sys.argv[1] == "reading":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(size)

if sys.argv[1] == "entering":
    from exchange.vault.services import objects
    objects.enter_objects = lambda *_a, **_k: os.kill(os.getpid(), signal.SIGKILL)
store_object(source=Source(bytes(3_000_000)), filename="t", purpose="ORIGINAL", owner="ORG-X",
    by=Actor.system("test"), at=datetime(2026, 11, 23, tzinfo=UTC))
"""


@pytest.mark.parametrize(("moment", "left"), [("reading", "object-"), ("entering", "OB-2026-")])
def test_a_killed_process_leaves_only_what_can_be_discarded(
    settings: pytest.FixtureRequest,
    vault: Path,
    at: datetime,
    log: Log,
    moment: str,
    left: str,
) -> None:
    killed = subprocess.run(  # noqa: S603
        [sys.executable, "-c", KILLED, moment],
        env=os.environ | {"QUANHENG_VAR": str(vault), "DATABASE_URL": ""},
        cwd=settings.ROOT,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -9, killed.stderr
    remains = files_below(vault / "objects")
    assert [path.name.startswith(left) for path in remains] == [True]
    age(remains[0], at, 50)

    discard_orphans(before=at, by=SYSTEM, at=at)

    assert files_below(vault / "objects") == []
