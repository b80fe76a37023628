"""What decisions and the register's records belong to: a hold on an algorithm holds all of them.

An algorithm is known by any version of its disclosure: each version belongs to every other.
"""

from collections.abc import Iterable

from audit.disclosure.models import Disclosure, EvaluationReport, Suspension
from audit.retention.belonging import Thing, belongs

from .models import Decision, Override, StandingDecision


@belongs("disclosure")
def algorithm_of_disclosure(reference: str) -> Iterable[Thing]:
    """Name the owner of an algorithm, and the other versions of its disclosure."""
    for row in Disclosure.objects.filter(reference=reference):
        yield "organization", row.owner
        versions = Disclosure.objects.filter(owner=row.owner, algorithm=row.algorithm)
        for version in versions.values_list("reference", flat=True):
            yield "disclosure", version


@belongs("suspension")
def disclosure_of_suspension(reference: str) -> Iterable[Thing]:
    """Name the version that was suspended."""
    rows = Suspension.objects.filter(reference=reference)
    return [("disclosure", name) for name in rows.values_list("disclosure__reference", flat=True)]


@belongs("evaluation")
def disclosure_of_evaluation(reference: str) -> Iterable[Thing]:
    """Name the version that a signed report is about."""
    rows = EvaluationReport.objects.filter(reference=reference)
    return [("disclosure", name) for name in rows.values_list("disclosure__reference", flat=True)]


@belongs("decision")
def things_of_decision(reference: str) -> Iterable[Thing]:
    """Name what was decided about, whom it concerns, and under which version."""
    for row in Decision.objects.filter(reference=reference).select_related("disclosure"):
        yield row.subject_kind, row.subject
        yield "organization", row.concerning
        yield "disclosure", row.disclosure.reference


@belongs("override")
def decision_of_override(reference: str) -> Iterable[Thing]:
    """Name the decision that a person looked at."""
    rows = Override.objects.filter(reference=reference)
    return [("decision", name) for name in rows.values_list("decision__reference", flat=True)]


@belongs("seal")
def things_of_seal(reference: str) -> Iterable[Thing]:
    """Name the versions that ranked, and every product that was ranked; a seal goes as a whole."""
    rows = StandingDecision.objects.filter(seal__reference=reference)
    versions = rows.order_by().values_list("disclosure__reference", flat=True).distinct()
    found = {("disclosure", version) for version in versions}
    for output in rows.values_list("output", flat=True).iterator():
        found |= {("product", product) for product in output.get("products", ())}
    return found
