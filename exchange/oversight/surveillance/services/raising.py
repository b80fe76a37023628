"""What was found becomes alerts: each set of facts once, a case again only when it has grown."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from audit.decisions.services import record_decision, require_in_force
from audit.log.actors import Actor
from audit.log.lifecycle import begin
from audit.log.references import new_reference
from exchange.oversight.surveillance.detection.findings import Finding
from exchange.oversight.surveillance.events import AlertRaised
from exchange.oversight.surveillance.models import Alert, AlertSubject
from exchange.oversight.surveillance.states import SubjectKind

ALGORITHM: Final = "surveillance"
MOST_EVIDENCE: Final = 2000
"""Facts that an alert names one by one; the digest is of all."""
LARGEST: Final = Decimal(9999999999)


def raise_alerts(
    findings: Iterable[Finding], *, growth: float, pack: str, by: Actor, at: datetime
) -> list[Alert]:
    """Record what is new among findings; return the alerts that were raised.

    Each is a decision of the algorithm that names nobody it concerns: until a case is before the
    regulator, its record is for those who watch. Raises NotInForce where no disclosure holds.
    """
    disclosure = require_in_force(ALGORITHM).reference
    raised = []
    for finding in findings:
        alert = _raise(finding, growth, pack, disclosure, by, at)
        if alert is not None:
            raised.append(alert)
    return raised


def _raise(
    finding: Finding, growth: float, pack: str, disclosure: str, by: Actor, at: datetime
) -> Alert | None:
    if Alert.objects.filter(facts_sha256=finding.facts_sha256).exists():
        return None
    last = Alert.objects.filter(key=finding.key).order_by("-number").first()
    if last is not None and not _has_grown(finding, last, growth):
        return None
    try:
        with transaction.atomic():
            alert = _insert(finding, last, pack, disclosure, by, at)
    except IntegrityError:
        if _is_told(finding, last):
            return None  # a rival raised it
        raise
    return alert


def _is_told(finding: Finding, last: Alert | None) -> bool:
    number = last.number + 1 if last is not None else 1
    same = Alert.objects.filter(facts_sha256=finding.facts_sha256)
    return same.exists() or Alert.objects.filter(key=finding.key, number=number).exists()


def _has_grown(finding: Finding, last: Alert, growth: float) -> bool:
    """Whether there is something later than the last alert knew, and enough of it."""
    since, until = _instant(finding.since), _instant(finding.until)
    if until <= last.period_until:
        return False
    return since > last.period_until or finding.excess >= float(last.excess_rate) * growth


def _insert(
    finding: Finding, last: Alert | None, pack: str, disclosure: str, by: Actor, at: datetime
) -> Alert:
    reference = new_reference("AL", at)
    decision = record_decision(
        algorithm=ALGORITHM,
        subject=("alert", reference),
        inputs={"rule": finding.rule, "pack": pack, "facts_sha256": finding.facts_sha256},
        output={"rule": finding.rule, "score": finding.score},
        explanation={
            "rule": finding.rule,
            "measured": f"{finding.measured:.10g}",
            "threshold": f"{finding.threshold:.10g}",
            "pack": pack,
            **{name: _as_text(value) for name, value in finding.figures.items()},
        },
        by=by,
        at=at,
    )
    alert = Alert.objects.create(
        reference=reference,
        decision=decision.reference,
        rule=finding.rule,
        key=finding.key,
        number=last.number + 1 if last is not None else 1,
        previous=last,
        facts_sha256=finding.facts_sha256,
        status_since=at,
        pack=pack,
        disclosure=disclosure,
        score=finding.score,
        measured=f"{finding.measured:.10g}",
        threshold=f"{finding.threshold:.10g}",
        excess_rate=min(Decimal(f"{finding.excess:.4f}"), LARGEST),
        period_from=_instant(finding.since),
        period_until=_instant(finding.until),
        figures=dict(finding.figures),
        evidence=list(finding.evidence[:MOST_EVIDENCE]),
        raised_at=at,
    )
    subjects = [
        AlertSubject(alert=alert, kind=kind, reference=reference)
        for kind, references in (
            (SubjectKind.ORGANIZATION, finding.organizations),
            (SubjectKind.PRODUCT, finding.products),
            (SubjectKind.ORDER, finding.orders),
        )
        for reference in references
    ]
    AlertSubject.objects.bulk_create(subjects, batch_size=1000)
    raised = AlertRaised(
        alert=alert.reference,
        rule=alert.rule,
        pack=pack,
        disclosure=disclosure,
        previous=last.reference if last is not None else "",
        facts_sha256=alert.facts_sha256,
        subjects_sha256=_digest_of(subjects),
        measured=alert.measured,
        threshold=alert.threshold,
    )
    begin(alert, event=raised, by=by, at=at)
    return alert


def _as_text(value: float | str) -> int | str:
    """Return a figure as the log writes it: whole numbers and text, no fractions."""
    return f"{value:.10g}" if isinstance(value, float) else value


def _digest_of(subjects: Iterable[AlertSubject]) -> str:
    named = sorted([subject.kind, subject.reference] for subject in subjects)
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
