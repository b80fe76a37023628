"""What may be said of a measurement whose rows are sealed: rounded figures, no small groups.

Whoever may send models and read results can ask the rows questions. Figures are of three
significant digits, groups and stretches of fewer than ten rows are left out, and what a model can
put into a message of its own choosing (a failing row, the runtime's words, the one value it always
answers) is not repeated.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from .results import Bin, Claim, Evaluation, Figure, Finding, GroupRow, Param

FEWEST_SHOWN: Final = 10
SPEAKING_REASONS: Final = ("not-run", "not-finite", "other-rows")
"""Reasons whose details a model can choose after it has seen the rows."""
SPEAKING_FINDINGS: Final = ("constant", "always-same-class")
SEALED: Final = "-sealed"
Plain = dict[str, Any]


def figure_text(value: float | None) -> str:
    """Return a figure with three significant digits, without an exponent; empty for none."""
    return "" if value is None else format(Decimal(f"{value:#.3g}"), "f")


def publish(evaluation: Evaluation, *, sealed: bool = True) -> Plain:
    """Return a measurement as plain values without floats, fit to be signed and shown.

    Where the rows are the owner's own (`sealed` false) nothing has to be kept from him, and
    messages stay in full.
    """
    reason, params = evaluation.reason, evaluation.reason_params
    if sealed and reason in SPEAKING_REASONS:
        reason, params = reason + SEALED, {}
    return {
        "name": evaluation.name,
        "task": evaluation.task,
        "verdict": str(evaluation.verdict),
        "judged_by": evaluation.judged_by,
        "reason": reason,
        "reason_params": _params(params),
        "contradicted": evaluation.contradicted,
        "claims": [_claim(claim) for claim in evaluation.claims],
        "figures": [_figure(figure) for figure in evaluation.figures],
        "findings": [_finding(finding, sealed=sealed) for finding in evaluation.findings],
        "groups": [_group(row) for row in evaluation.groups if row.rows >= FEWEST_SHOWN],
        "calibration": [_bin(row) for row in evaluation.calibration if row.rows >= FEWEST_SHOWN],
        **_confusion(evaluation.classes, evaluation.confusion),
        "rows": evaluation.rows,
        "training_rows": evaluation.training_rows,
        "model_sha256": evaluation.model_sha256,
        "set_sha256": evaluation.holdout_sha256,
        "operators": dict(sorted(evaluation.operators.items())),
        "techniques": list(evaluation.techniques),
        "held": list(evaluation.held),
    }


def _claim(claim: Claim) -> Plain:
    return {
        "metric": claim.metric,
        "declared": str(claim.declared),
        "verdict": str(claim.verdict),
        "judged": claim.judged,
    } | {key: value for key, value in _figure(claim.figure).items() if key != "metric"}


def _figure(figure: Figure) -> Plain:
    return {
        "metric": figure.metric,
        "value": figure_text(figure.value),
        "low": figure_text(figure.low),
        "high": figure_text(figure.high),
        "baseline": figure_text(figure.baseline),
        "baseline_name": figure.baseline_name,
    }


def _finding(finding: Finding, *, sealed: bool) -> Plain:
    hidden = sealed and finding.code in SPEAKING_FINDINGS
    return {
        "code": finding.code + SEALED if hidden else finding.code,
        "severity": str(finding.severity),
        "sureness": str(finding.sureness),
        "params": {} if hidden else _params(finding.params),
    }


def _group(row: GroupRow) -> Plain:
    return {
        "column": row.column,
        "group": row.group,
        "rows": row.rows,
        "selection_rate": figure_text(row.selection_rate),
        "impact_ratio": figure_text(row.impact_ratio),
        "true_positive_rate": figure_text(row.true_positive_rate),
        "false_positive_rate": figure_text(row.false_positive_rate),
        "score": figure_text(row.score),
    }


def _bin(row: Bin) -> Plain:
    return {
        "low": figure_text(row.low),
        "high": figure_text(row.high),
        "rows": round(row.rows, -1),
        "predicted": figure_text(row.predicted),
        "observed": figure_text(row.observed),
    }


def _confusion(classes: tuple[str, ...], confusion: Iterable[tuple[int, ...]]) -> Plain:
    """Return shares of each true class; classes of few rows without name and shares."""
    names, shares = [], []
    for place, row in enumerate(confusion):
        total = sum(row)
        shown = total >= FEWEST_SHOWN
        names.append(classes[place] if shown else "")
        shares.append([figure_text(count / total) for count in row] if shown else [])
    return {"classes": names, "confusion": shares}


def _params(params: Mapping[str, Param]) -> Plain:
    return {
        str(name): figure_text(value) if isinstance(value, float) else value
        for name, value in params.items()
    }
