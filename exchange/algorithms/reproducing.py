"""Results of runs read again, and the line that repeats a measurement where set and model are."""

import json
from collections.abc import Mapping
from typing import Any, Final

from audit.disclosure.evaluation.publishing import publish
from audit.disclosure.evaluation.results import Evaluation
from audit.disclosure.models import EvaluationReport

from .models import EvaluationRun

OF_THE_MACHINE: Final = ("held",)
"""What depends on where it was measured, and not on model and rows."""


def result_of(run: EvaluationRun) -> dict[str, Any] | None:
    """Return what a run found: of a sealed set as signed in the register; None before."""
    if run.result:
        found: dict[str, Any] = json.loads(run.result)
        return found
    if not run.report:
        return None
    return EvaluationReport.objects.get(reference=run.report).evaluation


def command_of(run: EvaluationRun) -> str:
    """Return the command that measures a run again and compares; for whoever runs the exchange."""
    if run.evaluation_set is None:
        return ""
    return (
        f"python3 manage.py evaluate_algorithm --set {run.evaluation_set.reference} "
        f"--run {run.reference}"
    )


def differences(run: EvaluationRun, evaluation: Evaluation) -> list[str]:
    """Return the members of the recorded result that another measurement does not repeat."""
    recorded = result_of(run) or {}
    again = publish(evaluation, sealed=run.evaluation_set is not None)
    return [
        name
        for name in sorted(again)
        if name not in OF_THE_MACHINE and not _same(again[name], recorded.get(name))
    ]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(json.loads(json.dumps(one)) == other)
