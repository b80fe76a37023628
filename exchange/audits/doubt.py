"""Decisions in doubt: those an algorithm made since the day that its suspension names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from audit.decisions.models import Decision
from audit.decisions.queries import in_doubt, narrowed, visible_to
from audit.disclosure.models import Suspension
from audit.disclosure.queries import suspensions_of
from audit.log.actors import Actor
from audit.rulebook.queries import begins_at


@dataclass(frozen=True, kw_only=True)
class DoubtSearch:
    """Which decisions in doubt; empty means any.

    `kind` is the kind of thing decided about, `suspension` a reference. Both days are included.
    """

    algorithm: str = ""
    kind: str = ""
    suspension: str = ""
    since: date | None = None
    until: date | None = None


def find_in_doubt(actor: Actor, said: DoubtSearch) -> QuerySet[Decision]:
    """Return the decisions that an actor may read and that a suspension put in doubt."""
    rows = narrowed(
        visible_to(actor),
        algorithm=said.algorithm,
        kind=said.kind,
        since=begins_at(said.since) if said.since else None,
        until=begins_at(said.until + timedelta(days=1)) if said.until else None,
    )
    return in_doubt(rows, suspension=said.suspension).prefetch_related("overrides")


def decisions_in_doubt(suspension: Suspension) -> QuerySet[Decision]:
    """Return what was decided from the day in doubt until the suspension, the newest first.

    A suspended algorithm decides nothing; what a lifted one decides afterwards is not in doubt.
    """
    disclosure = suspension.disclosure
    rows = Decision.objects.filter(
        algorithm=disclosure.algorithm,
        disclosure__owner=disclosure.owner,
        taken_at__gte=begins_at(suspension.since),
        taken_at__lte=suspension.suspended_at,
    )
    return rows.select_related("disclosure")


def organizations_in_doubt(suspension: Suspension) -> list[str]:
    """Return the references of the organizations that decisions in doubt concern."""
    rows = decisions_in_doubt(suspension).exclude(concerning="").order_by("concerning")
    return list(rows.values_list("concerning", flat=True).distinct())


def open_suspensions() -> Iterable[Suspension]:
    """Return every suspension in force, the latest first."""
    return Suspension.objects.filter(lifted_at=None).select_related("disclosure")


def suspensions_with_doubt(algorithm: str, *, owner: str) -> list[tuple[Suspension, int]]:
    """Return the suspensions of an algorithm with how many decisions each puts in doubt."""
    rows = suspensions_of(algorithm, owner=owner)
    return [(row, decisions_in_doubt(row).count()) for row in rows]
