"""Reads of the register: what is filed, what it was before, and how accurate it measured."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import Disclosure, Measurement
from .states import DisclosureState

PLATFORM = ""
"""The owner of the exchange's own algorithms."""


@dataclass(frozen=True, kw_only=True)
class AccuracyRow:
    """One metric: what the owner declares beside what the platform found."""

    metric: str
    label: str
    declared: str
    declared_note: str
    measured: Measurement | None

    @property
    def is_measured(self) -> bool:
        """Whether there is a measured value; if not, pages say so plainly."""
        return self.measured is not None


def register() -> QuerySet[Disclosure]:
    """Return the public register: the filed disclosures, the platform's own first."""
    return Disclosure.objects.filter(status=DisclosureState.FILED).order_by("owner", "algorithm")


def current_disclosure(algorithm: str, *, owner: str = PLATFORM) -> Disclosure | None:
    """Return the filed disclosure of an algorithm."""
    return Disclosure.objects.filter(
        owner=owner, algorithm=algorithm, status=DisclosureState.FILED
    ).first()


def filed_reference(algorithm: str, *, owner: str = PLATFORM) -> str:
    """Return the reference a decision names as its algorithm's disclosure, or nothing."""
    found = current_disclosure(algorithm, owner=owner)
    return found.reference if found else ""


def history_of(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Disclosure]:
    """Return every version that was ever public, the newest first."""
    return Disclosure.objects.filter(
        owner=owner, algorithm=algorithm, filed_at__isnull=False
    ).order_by("-version")


def visible_to(actor: Actor) -> QuerySet[Disclosure]:
    """Return what was ever filed, for anybody, and drafts for their owner and supervisors."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return Disclosure.objects.all()
    public = Q(filed_at__isnull=False)
    if actor.organization:
        public |= Q(owner=actor.organization)
    return Disclosure.objects.filter(public)


def get_disclosure_for(actor: Actor, reference: str) -> Disclosure:
    """Return a disclosure, or NotFound for whoever may not see it."""
    try:
        return visible_to(actor).get(reference=reference)
    except Disclosure.DoesNotExist:
        raise NotFound from None


def measurements_of(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Measurement]:
    """Return every figure ever measured of an algorithm, the newest first."""
    return Measurement.objects.filter(
        disclosure__owner=owner, disclosure__algorithm=algorithm
    ).select_related("disclosure")


def latest_measurements(disclosure: Disclosure) -> list[Measurement]:
    """Return the figures of the latest run, whichever version of the text was filed then."""
    return latest_measurements_of([disclosure]).get(disclosure.pk, [])


def latest_measurements_of(disclosures: Iterable[Disclosure]) -> dict[int, list[Measurement]]:
    """Return the latest run's figures for many disclosures, by primary key, in one query."""
    wanted = {(item.owner, item.algorithm): item.pk for item in disclosures}
    rows = (
        Measurement.objects.filter(
            disclosure__algorithm__in={algorithm for _, algorithm in wanted},
            disclosure__owner__in={owner for owner, _ in wanted},
        )
        .select_related("disclosure")
        .order_by("-measured_at", "-pk")
    )
    runs: dict[int, str] = {}
    found: dict[int, list[Measurement]] = {}
    for row in rows:
        key = wanted.get((row.disclosure.owner, row.disclosure.algorithm))
        if key is not None and runs.setdefault(key, row.run) == row.run:
            found.setdefault(key, []).append(row)
    return {key: sorted(rows, key=lambda row: row.position) for key, rows in found.items()}


def accuracy_of(
    disclosure: Disclosure, measured: list[Measurement] | None = None
) -> list[AccuracyRow]:
    """Put declared and measured accuracy side by side, metric by metric.

    Pass `measured` when it was read for many disclosures at once.
    """
    rows = latest_measurements(disclosure) if measured is None else measured
    declared = {item["metric"]: item for item in disclosure.declared}
    found = [
        AccuracyRow(
            metric=row.metric,
            label=disclosure.metric_label(row.metric),
            declared=declared.get(row.metric, {}).get("value", ""),
            declared_note=declared.get(row.metric, {}).get("note", ""),
            measured=row,
        )
        for row in rows
    ]
    names = {row.metric for row in rows}
    found += [
        AccuracyRow(
            metric=metric,
            label=disclosure.metric_label(metric),
            declared=item["value"],
            declared_note=item["note"],
            measured=None,
        )
        for metric, item in declared.items()
        if metric not in names
    ]
    return found
