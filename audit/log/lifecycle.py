"""Lifecycles: the only way a status changes, with its log entry in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models, transaction

from .actors import Actor
from .errors import Gone, WrongState
from .events import Event
from .models import Entry
from .services import record


@dataclass(frozen=True)
class Step:
    """One permitted change of state, from any of `sources` to `target`."""

    sources: Iterable[str]
    target: str
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", frozenset(self.sources))


class Lifecycle:
    """The table of steps of one kind of thing; also read for API actions and diagrams."""

    registry: ClassVar[dict[str, "Lifecycle"]] = {}

    def __init__(
        self, kind: str, states: type[models.TextChoices], *, initial: str, **steps: Step
    ) -> None:
        self.kind = kind
        self.states = states
        self.initial = initial
        self.steps = {name: Step(step.sources, step.target, name) for name, step in steps.items()}
        Lifecycle.registry[kind] = self

    def __getattr__(self, name: str) -> Step:
        try:
            return self.__dict__["steps"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def allowed(self, status: str) -> list[str]:
        """Return the names of the steps possible from `status`, in the table's order."""
        return [name for name, step in self.steps.items() if status in step.sources]

    @property
    def final(self) -> frozenset[str]:
        """The states that nothing leaves."""
        return frozenset(s for s in self.states.values if not self.allowed(s))


@transaction.atomic
def advance(
    obj: Any, step: Step, *, event: Event, by: Actor, at: datetime, **changes: Any
) -> Entry:
    """Take `obj` one step and record `event`: compare-and-set UPDATE and entry, or neither.

    `changes` are further columns set by the same UPDATE. Raises WrongState when another state was
    found (two rivals cannot both win, on SQLite and PostgreSQL alike) and Gone when the row is no
    longer there.
    """
    rows = type(obj)._default_manager.filter(pk=obj.pk, status__in=step.sources)  # noqa: SLF001  Django's documented name
    if not rows.update(status=step.target, **changes):
        found = (
            type(obj)._default_manager.filter(pk=obj.pk).values_list("status", flat=True).first()  # noqa: SLF001
        )
        if found is None:
            raise Gone
        raise WrongState(
            subject=str(obj.reference), status=str(found), allowed=obj.lifecycle.allowed(found)
        )
    obj.status = step.target
    for name, value in changes.items():
        if not hasattr(value, "resolve_expression"):
            setattr(obj, name, value)
    computed = [n for n, v in changes.items() if hasattr(v, "resolve_expression")]
    if computed:
        obj.refresh_from_db(fields=computed)
    return record(event, by=by, at=at)
