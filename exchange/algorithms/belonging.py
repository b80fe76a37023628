"""What sets, files and runs belong to: a hold on an algorithm holds what it was measured with."""

from collections.abc import Iterable

from django.db.models import Q

from audit.retention.belonging import Thing, belongs

from .models import AlgorithmFile, EvaluationRun, EvaluationSet


@belongs("object")
def evaluation_of_object(reference: str) -> Iterable[Thing]:
    """Name the set or the handed-in file whose bytes these are."""
    sets = EvaluationSet.objects.filter(stored__reference=reference)
    files = AlgorithmFile.objects.filter(stored__reference=reference)
    found = [("evaluation_set", name) for name in sets.values_list("reference", flat=True)]
    return found + [("algorithm_file", name) for name in files.values_list("reference", flat=True)]


@belongs("evaluation_set")
def things_of_set(reference: str) -> Iterable[Thing]:
    """Name who sealed a set, and the runs on it; it is evidence in each."""
    rows = EvaluationSet.objects.filter(reference=reference)
    for name in rows.values_list("sealed_by__reference", flat=True):
        yield "organization", name
    yield from _runs(Q(evaluation_set__reference=reference))


@belongs("algorithm_file")
def things_of_file(reference: str) -> Iterable[Thing]:
    """Name the owner of a file that was handed in, and the runs with it."""
    rows = AlgorithmFile.objects.filter(reference=reference)
    for name in rows.values_list("organization__reference", flat=True):
        yield "organization", name
    model = Q(model_object__algorithm_file__reference=reference)
    yield from _runs(model | Q(own_rows__reference=reference) | Q(training__reference=reference))


@belongs("evaluation_run")
def things_of_run(reference: str) -> Iterable[Thing]:
    """Name the version that was measured, and who answers for it."""
    rows = EvaluationRun.objects.filter(reference=reference)
    for disclosure, owner in rows.values_list("disclosure__reference", "owner"):
        yield from (("disclosure", disclosure), ("organization", owner))


def _runs(used: Q) -> Iterable[Thing]:
    rows = EvaluationRun.objects.filter(used)
    return [("evaluation_run", name) for name in rows.values_list("reference", flat=True)]
