"""Lifecycles: the only way a status changes, with its log entry in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from .actors import Actor
from .errors import Gone, WrongState
from .events import Event
from .models import Entry
from .services import Change, Posting, compose, keep_sealed, record
from .steps import Lifecycle, Step
from .writing import change_and_write

__all__ = ["Lifecycle", "Step", "advance", "begin"]


def begin(
    obj: Any, *, event: Event, by: Actor, at: datetime, postings: Sequence[Posting] = ()
) -> Entry:
    """Record that `obj` was just inserted, with the state it came into being in."""
    born = Change(
        kind=obj.lifecycle.kind, reference=str(obj.reference), before=None, after=str(obj.status)
    )
    return record(event, by=by, at=at, change=born, postings=postings)


def advance(
    obj: Any,
    step: Step,
    *,
    event: Event,
    by: Actor,
    at: datetime,
    **changes: Any,
) -> Entry:
    """Take `obj` one step and record `event`: compare-and-set UPDATE and entry, or neither.

    `changes` are further columns set by the same UPDATE. Raises WrongState when another state was
    found (two rivals cannot both win, on SQLite and PostgreSQL alike) and Gone when the row is no
    longer there.
    """
    if not connection.in_atomic_block:
        with transaction.atomic():
            return _advance(obj, step, event, by, at, changes)
    return _advance(obj, step, event, by, at, changes)


def _advance(
    obj: Any, step: Step, event: Event, by: Actor, at: datetime, changes: dict[str, Any]
) -> Entry:
    """Change and record within the caller's transaction, without a savepoint of its own.

    The entry is composed first: what it refuses is refused before anything changed.
    """
    before = str(obj.status)
    while True:
        if before in step.sources:
            moved = Change(
                kind=obj.lifecycle.kind,
                reference=str(obj.reference),
                before=before,
                after=str(step.target),
            )
            composed = compose(event, by=by, at=at, change=moved)
            columns = {"status": step.target} | changes
            if change_and_write(obj, before, columns, composed.entry, composed.refs):
                break
        rows = type(obj)._default_manager.filter(pk=obj.pk)  # noqa: SLF001  Django's documented name
        found = rows.values_list("status", flat=True).first()
        if found is None:
            raise Gone
        if found not in step.sources:
            raise WrongState(
                subject=str(obj.reference), status=found, allowed=obj.lifecycle.allowed(found)
            )
        before = found
    keep_sealed(composed)
    obj.status = step.target
    for name, value in changes.items():
        if not hasattr(value, "resolve_expression"):
            setattr(obj, name, value)
    computed = [n for n, v in changes.items() if hasattr(v, "resolve_expression")]
    if computed:
        obj.refresh_from_db(fields=computed)
    return composed.entry
