"""Looking after the vault: turning keys over, and removing what interrupted work left behind."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.services import record
from exchange.vault import rules
from exchange.vault.events import ObjectRewrapped, OrphanDiscarded
from exchange.vault.keys import KeyRing, get_key_ring
from exchange.vault.models import StoredObject
from exchange.vault.states import ObjectState
from exchange.vault.storage import INCOMING, paths_before, remove_object

from .objects import WORKDIR

GRACE = timedelta(hours=1)
BATCH = 500


def rotate_keys(*, by: Actor, at: datetime) -> str:
    """Make a new key-encryption key, wrap every object's key under it, and return its id."""
    if refusal := rules.why_not_rewrap(by):
        raise NotAllowed(refusal)
    newest = get_key_ring().rotate()
    rewrap_keys(by=by, at=at)
    return newest


def rewrap_keys(*, by: Actor, at: datetime) -> int:
    """Wrap every object key that lies under an older key-encryption key under the newest.

    Each object is its own transaction and compare-and-set: readers go on, a crash leaves every
    object under one key or the other, and running it again finishes the work. Returns how many.
    """
    if refusal := rules.why_not_rewrap(by):
        raise NotAllowed(refusal)
    ring = get_key_ring()
    waiting = StoredObject.objects.exclude(status=ObjectState.DESTROYED)
    waiting = waiting.exclude(key_id=ring.newest)
    done, after = 0, 0
    while batch := list(waiting.filter(pk__gt=after).order_by("pk")[:BATCH]):
        done += sum(_rewrap(stored, ring, by, at) for stored in batch)
        after = batch[-1].pk
    return done


def discard_orphans(*, before: datetime, by: Actor, at: datetime) -> int:
    """Remove bytes last written before `before` that no row names; return how many there were.

    Bytes are written first and entered after, so a killed process leaves bytes without a row,
    never a row without bytes. `before` lies an hour back at least: uploads under way stay.
    """
    if refusal := rules.why_not_rewrap(by):
        raise NotAllowed(refusal)
    before = min(before, at - GRACE)
    count = 0
    for path, size in list(paths_before(before)):
        kept = StoredObject.objects.exclude(status=ObjectState.DESTROYED)
        if kept.filter(path=path).exists():
            continue
        remove_object(path)
        count += 1
        if not path.startswith(INCOMING):
            with transaction.atomic():
                gone = OrphanDiscarded(object=PurePosixPath(path).name, size=size)
                record(gone, by=by, at=at)
    return count + _discard_workdirs(before)


def _rewrap(stored: StoredObject, ring: KeyRing, by: Actor, at: datetime) -> bool:
    wrapped, key_id = ring.rewrap(
        stored.wrapped_key, stored.key_id, stored.purpose, stored.reference
    )
    with transaction.atomic():
        row = StoredObject.objects.filter(pk=stored.pk, wrapped_key=stored.wrapped_key)
        if not row.update(wrapped_key=wrapped, key_id=key_id):
            return False
        turned = ObjectRewrapped(
            object=stored.reference, organization=stored.owner, before=stored.key_id, after=key_id
        )
        record(turned, by=by, at=at)
    return True


def _discard_workdirs(before: datetime) -> int:
    count = 0
    for folder in (Path(settings.VAR) / "tmp").glob(f"{WORKDIR}*"):
        if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before:
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count
