"""Reactions: what follows from a fact, read from the sequenced log with a cursor each.

At least once and in order. A reaction runs in the transaction that moves its cursor, so what it
writes to the database happens exactly once; what it does outside must be idempotent.
"""

import dataclasses
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from .actors import Actor
from .events import REGISTRY, Event, Ref, event
from .models import Cursor, Entry
from .queries import log_size
from .services import record

logger = logging.getLogger(__name__)

BATCH = 256
ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=2)

Reaction = Callable[..., None]
REACTIONS: dict[str, tuple[tuple[str, ...], Reaction]] = {}


@event("log.reaction.abandoned", label=_("reaction abandoned after repeated failure"))
class ReactionAbandoned(Event):
    """A reaction failed too often on one entry and was moved past it, for the operator to see."""

    entry: Ref
    reaction: str
    error: str


def on(*events: type[Event]) -> Callable[[Reaction], Reaction]:
    """Register `function(*, entry, event, at)` to be called for each of `events`."""

    def register(function: Reaction) -> Reaction:
        key = f"{function.__module__}.{function.__qualname__}"
        REACTIONS[key] = (tuple(kind.name for kind in events), function)
        return function

    return register


def event_of(entry: Entry) -> Event:
    """Rebuild the typed event from the entry's own bytes."""
    kind = REGISTRY[entry.name]
    body = json.loads(bytes(entry.data))["body"]
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in body.items() if name in known})


def dispatch(*, at: datetime) -> int:
    """Run what is due of every reaction until nothing is; return how many entries were handled.

    Entries that reactions record are sequenced and dispatched in the same call.
    """
    from .sequencing import sequence  # noqa: PLC0415  sequencing reads the models of this package

    total = 0
    while True:
        sequence(at=at)
        handled = sum(_run(key, at) for key in sorted(REACTIONS))
        total += handled
        if not handled:
            return total


def _run(key: str, at: datetime) -> int:
    """Handle entries of one reaction until its end, its failure, or a rival holding its cursor."""
    names, function = REACTIONS[key]
    handled = 0
    while handled < BATCH:
        try:
            with transaction.atomic():
                cursor = _lock(key)
                if cursor is None or (cursor.retry_at and cursor.retry_at > at):
                    return handled
                entry = _next(cursor, names)
                if entry is None:
                    return handled
                index = entry.leaf.index
                function(entry=entry, event=event_of(entry), at=at)
                _move(cursor, index + 1)
        except Exception as error:
            logger.exception("reaction %s failed", key)
            if not _fail(key, index, entry, error, at):
                return handled
        handled += 1
    return handled


def _lock(key: str) -> Cursor | None:
    cursors = Cursor.objects.all()
    if connection.features.has_select_for_update_skip_locked:
        cursors = cursors.select_for_update(skip_locked=True)
    found = cursors.filter(pk=key).first()
    if found is None and not Cursor.objects.filter(pk=key).exists():
        Cursor.objects.bulk_create([Cursor(reaction=key)], ignore_conflicts=True)
        found = cursors.filter(pk=key).first()
    return found


def _next(cursor: Cursor, names: tuple[str, ...]) -> Entry | None:
    """Return the next entry for this cursor; move it to the log's end where there is none."""
    size = log_size()
    if cursor.next_index >= size:
        return None
    entry = (
        Entry.objects.filter(name__in=names, leaf__index__gte=cursor.next_index)
        .select_related("leaf")
        .order_by("leaf__index")
        .first()
    )
    if entry is None:
        _move(cursor, size)
    return entry


def _move(cursor: Cursor, index: int) -> None:
    Cursor.objects.filter(pk=cursor.pk).update(
        next_index=index, attempts=0, retry_at=None, last_error=""
    )


@transaction.atomic
def _fail(key: str, index: int, entry: Any, error: Exception, at: datetime) -> bool:
    """Note the failure with growing delay; after ATTEMPTS abandon the entry and say True."""
    cursor = _lock(key)
    if cursor is None:
        return False
    attempts = cursor.attempts + 1
    words = f"{type(error).__name__}: {error}"[:500]
    if attempts >= ATTEMPTS:
        _move(cursor, index + 1)
        abandoned = ReactionAbandoned(entry=str(entry.id), reaction=key, error=type(error).__name__)
        record(abandoned, by=Actor.system("dispatcher"), at=at)
        return True
    Cursor.objects.filter(pk=key).update(
        attempts=attempts, retry_at=at + FIRST_DELAY * 2**attempts, last_error=words
    )
    return False
