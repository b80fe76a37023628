"""Decisions in doubt: those an algorithm made since the day that its suspension names."""

from collections.abc import Iterable

from django.db.models import QuerySet

from audit.decisions.models import Decision
from audit.disclosure.models import Suspension
from audit.disclosure.queries import suspensions_of
from audit.rulebook.queries import begins_at


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
