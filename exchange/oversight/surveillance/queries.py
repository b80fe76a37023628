"""Reads of alerts: the desk, one alert, counts by rule and outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook.queries import day_of, find_pack, get_pack
from exchange.oversight.queries import watches

from .detection.thresholds import RULES, Thresholds
from .models import Alert
from .states import TOLD, AlertState, SubjectKind

PACK = "surveillance"


@dataclass(frozen=True, kw_only=True)
class AlertFilters:
    """What the desk shows; empty means anything."""

    rule: str = ""
    status: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RuleTally:
    """How often a rule fired and what people made of it.

    `precision` is what was escalated and not found unfounded, of what was decided; None where
    nothing was.
    """

    rule: str
    raised: int
    open: int
    dismissed: int
    escalated: int
    confirmed: int
    unfounded: int

    @property
    def decided(self) -> int:
        """How many a person has decided on."""
        return self.dismissed + self.escalated + self.confirmed + self.unfounded

    @property
    def before_regulator(self) -> int:
        """How many were ever laid before the regulator."""
        return self.escalated + self.confirmed + self.unfounded

    @property
    def upheld(self) -> int:
        """How many of those a person took for a case."""
        return self.escalated + self.confirmed

    @property
    def precision(self) -> float | None:
        """The share of decided alerts that were a case."""
        return self.upheld / self.decided if self.decided else None


def alerts_visible_to(actor: Actor) -> QuerySet[Alert]:
    """Return the alerts an actor may read: all for the watch; one's own once they are told."""
    rows = Alert.objects.prefetch_related("subjects").select_related("previous")
    if watches(actor):
        return rows
    return alerts_about(actor)


def get_alert_for(actor: Actor, reference: str) -> Alert:
    """Return an alert by reference; NotFound where the actor may not know of it."""
    found = alerts_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def alerts_about(actor: Actor) -> QuerySet[Alert]:
    """Return the alerts that an actor's own organization may know of, whatever its role."""
    rows = Alert.objects.prefetch_related("subjects").select_related("previous")
    if not actor.organization:
        return rows.none()
    return rows.filter(
        subjects__kind=SubjectKind.ORGANIZATION,
        subjects__reference=actor.organization,
        status__in=TOLD,
    )


def get_own_alert(actor: Actor, reference: str) -> Alert:
    """Return an alert about the actor's own organization; NotFound where it may not know."""
    found = alerts_about(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def desk(actor: Actor, filters: AlertFilters) -> QuerySet[Alert]:
    """Return the alerts an actor may read that fit, the newest first."""
    rows = alerts_visible_to(actor)
    exact = {"rule": filters.rule, "status": filters.status}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.subject:
        rows = rows.filter(subjects__reference=filters.subject)
    if filters.since:
        rows = rows.filter(raised_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(raised_at__lt=filters.until)
    return rows.distinct()


def related_to(actor: Actor, alert: Alert) -> QuerySet[Alert]:
    """Return other alerts about the same organizations or of the same case."""
    same = Q(subjects__kind=SubjectKind.ORGANIZATION, subjects__reference__in=alert.organizations)
    rows = alerts_visible_to(actor).filter(same | Q(key=alert.key))
    return rows.exclude(pk=alert.pk).distinct()


def tallies() -> list[RuleTally]:
    """Return the counts of every rule, in the order of the rules."""
    states = AlertState
    rows = {
        row["rule"]: row
        for row in Alert.objects.order_by()
        .values("rule")
        .annotate(
            raised=Count("pk"),
            open=Count("pk", filter=Q(status__in=[states.OPEN, states.UNDER_REVIEW])),
            dismissed=Count("pk", filter=Q(status=states.DISMISSED)),
            escalated=Count("pk", filter=Q(status=states.ESCALATED)),
            confirmed=Count("pk", filter=Q(outcome="CONFIRMED")),
            unfounded=Count("pk", filter=Q(outcome="UNFOUNDED")),
        )
    }
    nothing = dict.fromkeys(
        ("raised", "open", "dismissed", "escalated", "confirmed", "unfounded"), 0
    )
    return [RuleTally(**({"rule": rule} | nothing | rows.get(rule, {}))) for rule in RULES]


def by_month() -> list[tuple[datetime, int, int]]:
    """Return for each month how many alerts were raised and how many decided, the oldest first."""
    months: dict[datetime, list[int]] = {}
    for column, place in (("raised_at", 0), ("decided_at", 1)):
        rows = Alert.objects.filter(**{f"{column}__isnull": False}).order_by()
        for row in rows.annotate(month=TruncMonth(column)).values("month").annotate(n=Count("pk")):
            months.setdefault(row["month"], [0, 0])[place] = row["n"]
    return [(month, *counts) for month, counts in sorted(months.items())]  # type: ignore[misc]


def thresholds_at(at: datetime) -> tuple[Thresholds, str]:
    """Return the thresholds in force, and the label of the pack they stand in."""
    pack = get_pack(PACK, on=day_of(at))
    return Thresholds.of(pack.data), pack.label


def words_of(rule: str, pack_label: str) -> Mapping[str, Any]:
    """Return what the pack an alert was raised under says of its rule, in both languages."""
    pack = find_pack(pack_label)
    rows = pack.data["rules"] if pack else ()
    return next((row for row in rows if row["id"] == rule), {})
