"""The records of an algorithm that an audit draws its sample from."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from audit.decisions.models import Decision
from audit.disclosure.queries import measurements_of
from audit.rulebook.queries import begins_at

from .models import AlgorithmAudit
from .states import SampleSource


def references_of(audit: AlgorithmAudit, source: str) -> Iterable[str]:
    """Return the references of all records of the audited period, in no order."""
    return SOURCES[SampleSource(source)](audit)


def _measurements(audit: AlgorithmAudit) -> Iterable[str]:
    rows = measurements_of(audit.algorithm, owner=audit.owner)
    start, end = _bounds(audit)
    within = rows.filter(measured_at__gte=begins_at(start), measured_at__lt=begins_at(end))
    return set(within.values_list("run", flat=True))


def _bounds(audit: AlgorithmAudit) -> tuple[date, date]:
    """Return the audited period, half open."""
    assert audit.period_from is not None  # noqa: S101  the database asks for it
    assert audit.period_until is not None  # noqa: S101  the same
    return audit.period_from, date.fromordinal(audit.period_until.toordinal() + 1)


def _decisions(audit: AlgorithmAudit) -> Iterable[str]:
    start, end = _bounds(audit)
    rows = Decision.objects.filter(
        algorithm=audit.algorithm,
        disclosure__owner=audit.owner,
        taken_at__gte=begins_at(start),
        taken_at__lt=begins_at(end),
    )
    return rows.values_list("reference", flat=True).iterator()


SOURCES: Final[Mapping[SampleSource, Callable[[AlgorithmAudit], Iterable[str]]]] = {
    SampleSource.DECISIONS: _decisions,
    SampleSource.MEASUREMENTS: _measurements,
}
