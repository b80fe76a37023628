"""Decisions of scanner and grading in the decision log, and what people make of them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from audit.decisions.queries import latest_decision
from audit.decisions.services import digest_of, note_override, record_decision
from audit.decisions.states import Result
from audit.log.actors import Actor
from exchange.compliance.grading import Verdict
from exchange.compliance.models import Screening
from exchange.compliance.resting import GRADING, SCANNER
from exchange.compliance.statements import Manual

from .content import Content
from .verdicts import FILTER

STEPS_MOST: Final = 80
RULES_MOST: Final = 60


def record_verdict(
    screening: Screening, content: Content, verdict: Verdict, manual: Manual, at: datetime
) -> None:
    """Keep both decisions that a verdict holds: what the filter does, and the grade."""
    report = content.scan.report
    product = screening.release.product
    inputs = {
        "content_sha256": screening.sha256,
        "manual_sha256": digest_of(_plain(asdict(manual))),
        "pack": content.pack.label,
        "product": product.reference,
        "rows": report.rows,
        "scanner": screening.scanner,
    }
    common: dict[str, Any] = {
        "subject": ("screening", screening.reference),
        "concerning": product.provider.reference,
        "inputs": inputs,
        "by": FILTER,
        "at": at,
    }
    record_decision(
        algorithm=SCANNER,
        output={
            "outcome": str(verdict.outcome),
            "rules": verdict.rule_ids()[:RULES_MOST],
            "report_sha256": screening.report_sha256,
        },
        explanation={
            "pack": content.pack.label,
            "rows": report.rows,
            "columns": len(report.columns),
            "rules": [
                {"id": rule.id, "action": rule.action, "override": rule.override}
                for rule in verdict.rules[:RULES_MOST]
            ],
        },
        **common,
    )
    record_decision(
        algorithm=GRADING,
        output={
            "grade": str(verdict.grade),
            "level": verdict.level,
            "personal": str(verdict.personal),
            "report_sha256": screening.report_sha256,
        },
        explanation={
            "pack": content.pack.label,
            "steps": [
                {"code": step.code, "result": str(step.result)}
                for step in verdict.steps[:STEPS_MOST]
            ],
        },
        **common,
    )


def note_person_decided(
    screening: Screening,
    *,
    outcome: str,
    confirms: bool,
    reason: str,
    by: Actor,
    at: datetime,
    algorithm: str = SCANNER,
) -> None:
    """Put a person's own decision beside the filter's, where the filter has one on record."""
    found = latest_decision("screening", screening.reference, algorithm=algorithm)
    if found is None:
        return
    result = Result.CONFIRMED if confirms else Result.SET_ASIDE
    note_override(decision=found, reason=reason, outcome=outcome, result=result, by=by, at=at)


def _plain(value: Any) -> Any:
    """Return a manual as JSON has it, sets in order, so that its digest repeats."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
