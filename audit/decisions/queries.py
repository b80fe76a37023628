"""Reads of the decision log."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import get_current_timezone, make_aware

from audit.disclosure.models import Disclosure, Measurement, Suspension
from audit.disclosure.queries import PLATFORM
from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import Decision, StandingDecision
from .states import WATCHERS


def visible_to(actor: Actor) -> QuerySet[Decision]:
    """Return the decisions an actor may read: its organization's own, all for supervisors."""
    rows = Decision.objects.select_related("disclosure")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(concerning=actor.organization)


def get_decision_for(actor: Actor, reference: str) -> Decision:
    """Return a decision, or NotFound for whoever may not read it."""
    found = visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_any_for(actor: Actor, reference: str) -> Decision | StandingDecision:
    """Return a decision about somebody, or one that is the same for everybody and public."""
    standing = StandingDecision.objects.select_related("disclosure", "seal")
    if (found := standing.filter(reference=reference).first()) is not None:
        return found
    return get_decision_for(actor, reference)


def decisions_on(kind: str, reference: str, *, algorithm: str = "") -> QuerySet[Decision]:
    """Return what was decided about a thing, the newest first."""
    rows = Decision.objects.filter(subject_kind=kind, subject=reference)
    if algorithm:
        rows = rows.filter(algorithm=algorithm)
    return rows.select_related("disclosure")


def latest_decision(kind: str, reference: str, *, algorithm: str = "") -> Decision | None:
    """Return the last decision about a thing, by any algorithm or by one."""
    return decisions_on(kind, reference, algorithm=algorithm).first()


def narrowed(
    rows: QuerySet[Decision],
    *,
    algorithm: str = "",
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Decision]:
    """Narrow decisions to an algorithm, a kind of thing and a half-open span of time."""
    if algorithm:
        rows = rows.filter(algorithm=algorithm)
    if kind:
        rows = rows.filter(subject_kind=kind)
    if since:
        rows = rows.filter(taken_at__gte=since)
    if until:
        rows = rows.filter(taken_at__lt=until)
    return rows


def counts_by_algorithm(rows: QuerySet[Decision]) -> list[tuple[str, int]]:
    """Return how many decisions each algorithm took, the most first."""
    found = rows.order_by().values_list("algorithm").annotate(count=Count("pk"))
    return [(name, count) for name, count in found.order_by("-count", "algorithm")]


def kinds_decided() -> list[str]:
    """Return the kinds of things that were ever decided about."""
    rows = Decision.objects.order_by().values_list("subject_kind", flat=True).distinct()
    return sorted(rows)


def algorithm_names() -> dict[str, str]:
    """Return what the platform's algorithms are called in the current language."""
    rows = Disclosure.objects.filter(owner=PLATFORM).order_by("version")
    return {row.algorithm: row.name for row in rows}


def accuracy_then(decision: Decision | StandingDecision) -> list[Measurement]:
    """Return the figures of the last measurement of the algorithm before the decision."""
    measured = Measurement.objects.filter(
        disclosure__owner=PLATFORM,
        disclosure__algorithm=decision.algorithm,
        measured_at__lte=decision.taken_at,
    ).select_related("disclosure")
    run = measured.order_by("-measured_at", "-pk").values_list("run", flat=True).first()
    return list(measured.filter(run=run).order_by("position")) if run else []


def doubts_about(decision: Decision | StandingDecision) -> list[Suspension]:
    """Return the suspensions that put a decision in doubt, computed from the register.

    A decision is in doubt that the algorithm took from the suspension's `since` day on, up to the
    suspension itself; from then on it took none.
    """
    return doubts_among(decision, suspensions_on_record(decision.algorithm))


def doubts_among(
    decision: Decision | StandingDecision, known: Iterable[Suspension]
) -> list[Suspension]:
    """Return those of the suspensions, read once for many decisions, that put this one in doubt."""
    return [
        each
        for each in known
        if each.disclosure.algorithm == decision.algorithm
        and _begin(each) <= decision.taken_at <= each.suspended_at
    ]


def in_doubt(rows: QuerySet[Decision], *, suspension: str = "") -> QuerySet[Decision]:
    """Return the decisions that a suspension put in doubt: any, or the one that is named."""
    wanted = Q(pk__in=[])
    for each in suspensions_on_record():
        if suspension and each.reference != suspension:
            continue
        wanted |= Q(
            algorithm=each.disclosure.algorithm,
            taken_at__gte=_begin(each),
            taken_at__lte=each.suspended_at,
        )
    return rows.filter(wanted)


def count_in_doubt(rows: QuerySet[Decision]) -> int:
    """Return how many decisions a suspension put in doubt."""
    return in_doubt(rows).count()


def latest_of(kind: str, references: Sequence[str]) -> dict[str, str]:
    """Return the reference of the last decision about each of some things, in one query."""
    rows = Decision.objects.filter(subject_kind=kind, subject__in=references)
    last = rows.order_by().values("subject").annotate(last=Max("pk")).values("last")
    return dict(Decision.objects.filter(pk__in=last).values_list("subject", "reference"))


def suspensions_on_record(algorithm: str = "") -> list[Suspension]:
    """Return every suspension of the platform's algorithms, or of one of them, the latest first."""
    rows = Suspension.objects.filter(disclosure__owner=PLATFORM)
    rows = rows.select_related("disclosure")
    return list(rows.filter(disclosure__algorithm=algorithm) if algorithm else rows)


def _begin(suspension: Suspension) -> datetime:
    return make_aware(datetime.combine(suspension.since, time()), get_current_timezone())
