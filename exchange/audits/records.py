"""The records of an algorithm that an audit draws its sample from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import QuerySet

from audit.decisions.models import Decision
from audit.disclosure.queries import measurements_of
from audit.rulebook.queries import begins_at
from exchange.catalog.models import TrainingStatement
from exchange.delivery.models import Access
from exchange.delivery.states import Form

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


def _calls_of(audit: AlgorithmAudit) -> QuerySet[Access]:
    """Return the calls of every product that was ever stated to be this algorithm."""
    stated = TrainingStatement.objects.filter(algorithm=audit.algorithm)
    products = stated.filter(product__provider__reference=audit.owner or "-").values("product")
    calls = Access.objects.filter(form=Form.INFERENCE, grant__product__in=products)
    return calls.select_related("grant__release")


def _inferences(audit: AlgorithmAudit) -> Iterable[str]:
    start, end = _bounds(audit)
    rows = _calls_of(audit).filter(taken_at__gte=begins_at(start), taken_at__lt=begins_at(end))
    return rows.order_by().values_list("reference", flat=True).iterator()


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a model as its auditor reads it: what was put in and came out, not who called.

    Rows are not kept and outputs are the buyer's; both digests stand in the entry of the call.
    """

    reference: str
    taken_at: datetime
    release: str
    model_sha256: str
    rows: int
    inputs_sha256: str
    outputs_sha256: str


def calls_in(audit: AlgorithmAudit, references: Sequence[str]) -> list[Call]:
    """Return the drawn calls in the order of the draw; nothing where other records were drawn."""
    if audit.sample_source != SampleSource.INFERENCES:
        return []
    found = {row.reference: row for row in _calls_of(audit).filter(reference__in=references)}
    return [
        Call(
            reference=row.reference,
            taken_at=row.taken_at,
            release=row.grant.release.reference,
            model_sha256=row.grant.release_sha256,
            rows=int(row.question.get("rows", 0)),
            inputs_sha256=str(row.question.get("inputs_sha256", "")),
            outputs_sha256=row.sha256,
        )
        for row in (found[each] for each in references if each in found)
    ]


SOURCES: Final[Mapping[SampleSource, Callable[[AlgorithmAudit], Iterable[str]]]] = {
    SampleSource.DECISIONS: _decisions,
    SampleSource.MEASUREMENTS: _measurements,
    SampleSource.INFERENCES: _inferences,
}
