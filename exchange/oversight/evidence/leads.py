"""What a subject leads to beyond what its entries name: the records of the algorithms behind it.

A disclosure in the bundle brings its measurements and audits, a decision its appeals, an audit its
findings; the alerts are those that concern the subject itself. An algorithm has besides the
decisions that people looked at again: all that it ever took would be most of the log.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.db.models import Q, QuerySet

from audit.decisions.models import Override
from audit.disclosure.models import Disclosure, EvaluationReport
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import versions_of
from exchange.oversight.states import EvidenceKind
from exchange.oversight.surveillance.models import Alert

CHUNK = 200
Known = Mapping[str, Sequence[str]]


def leads_to(what: str, bundle: EvidenceBundle, known: Known) -> Iterable[str]:
    """Return the references of documents of a kind that the subject and what is `known` lead to.

    Whether they may be read is asked afterwards. A period leads to nothing: what its entries name
    is in it.
    """
    find = _LEADS.get(what)
    if find is None or bundle.kind == EvidenceKind.PERIOD:
        return ()
    return find(bundle, known)


def chunks(references: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield references in lists that a query can take."""
    for start in range(0, len(references), CHUNK):
        yield references[start : start + CHUNK]


def _decisions(bundle: EvidenceBundle, _known: Known) -> Iterator[str]:
    if bundle.kind != EvidenceKind.ALGORITHM:
        return
    versions = versions_of(bundle.subject)
    overridden = Override.objects.filter(decision__disclosure__in=versions)
    yield from overridden.values_list("decision__reference", flat=True)
    named = versions.values("reference")
    appealed = AlgorithmAppeal.objects.filter(disclosure__in=named).exclude(decision="")
    yield from appealed.values_list("decision", flat=True)


def _evaluations(_bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    for some in chunks(known["disclosure"]):
        rows = EvaluationReport.objects.filter(disclosure__reference__in=some)
        yield from rows.values_list("reference", flat=True)


def _sets(_bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    for some in chunks(known["evaluation"]):
        rows = EvaluationReport.objects.filter(reference__in=some)
        yield from rows.values_list("evaluation_set", flat=True)


def _audits(_bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    """Yield audits of the same algorithms; which version stood then is in the report."""
    algorithms: set[tuple[str, str]] = set()
    for some in chunks(known["disclosure"]):
        rows = Disclosure.objects.filter(reference__in=some)
        algorithms |= set(rows.values_list("owner", "algorithm"))
    for owner, algorithm in sorted(algorithms):
        found = AlgorithmAudit.objects.filter(owner=owner, algorithm=algorithm)
        yield from found.values_list("reference", flat=True)


def _findings(_bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    for some in chunks(known["algorithm_audit"]):
        rows = AuditFinding.objects.filter(audit__reference__in=some)
        yield from rows.values_list("reference", flat=True)


def _appeals(bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    if bundle.kind == EvidenceKind.ALGORITHM:
        named = versions_of(bundle.subject).values("reference")
        yield from _references(AlgorithmAppeal.objects.filter(disclosure__in=named))
    for some in chunks(known["decision"]):
        yield from _references(AlgorithmAppeal.objects.filter(decision__in=some))


def _alerts(bundle: EvidenceBundle, known: Known) -> Iterator[str]:
    subject = Q(subjects__kind=bundle.kind.lower(), subjects__reference=bundle.subject)
    yield from _references(Alert.objects.filter(subject).distinct())
    for some in chunks(known["decision"]):
        yield from _references(Alert.objects.filter(decision__in=some))


def _references(rows: QuerySet[AlgorithmAppeal] | QuerySet[Alert]) -> Iterator[str]:
    yield from rows.values_list("reference", flat=True)


_LEADS: Mapping[str, Callable[[EvidenceBundle, Known], Iterator[str]]] = {
    "decision": _decisions,
    "evaluation": _evaluations,
    "evaluation_set": _sets,
    "algorithm_audit": _audits,
    "audit_finding": _findings,
    "algorithm_appeal": _appeals,
    "alert": _alerts,
}
