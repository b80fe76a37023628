"""A disclosed algorithm, an accredited auditor of algorithms, and an audit on its way."""

from datetime import date, datetime
from typing import Any

from audit.disclosure.models import Disclosure
from audit.disclosure.services import draft_disclosure, file_disclosure, record_measurement
from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation
from exchange.appraisers.services import accredit_appraiser, apply_for_accreditation
from exchange.audits.models import AlgorithmAudit
from exchange.audits.services import (
    accept_audit,
    begin_fieldwork,
    order_audit,
    plan_audit,
    report_audit,
)
from tests.appraisers.making import SAID as DECLARED
from tests.disclosure.making import CODE, PLATFORM, metric, reviewed, statement

ORDERED: dict[str, Any] = {
    "scope": ["MECHANISM", "MODEL", "DATA", "RESULTS"],
    "criteria": "The disclosure in force, and GB/T 45654.",
    "period_from": date(2026, 10, 1),
    "period_until": date(2026, 11, 22),
    "owners": [],
}
DRAWN: dict[str, Any] = {"source": "MEASUREMENTS", "size": 5, "word": "plum"}
FOUND: dict[str, Any] = {
    "severity": "MAJOR",
    "part": "MODEL",
    "seen": "The accuracy declared is 0.91; 0.84 was measured.",
    "remedy": "Declare what is reached, or reach what is declared.",
    "evidence": [],
    "doubt_since": date(2026, 11, 2),
}
REPORTED: dict[str, Any] = {"opinion": "QUALIFIED", "summary": "Accurate, though less than said."}
SOUND: dict[str, Any] = {"opinion": "SOUND", "summary": "As disclosed."}


def published(by: Actor, at: datetime, *, owner: str = "", **changes: Any) -> Disclosure:
    """Return a disclosure that stands in the public register."""
    draft = draft_disclosure(statement=statement(**changes), owner=owner, by=by, at=at)
    found = file_disclosure(disclosure=draft, by=by, at=at)
    return reviewed(found, at) if owner else found


def measured(disclosure: Disclosure, at: datetime) -> str:
    """Return the run of a measurement of the algorithm."""
    rows = record_measurement(
        disclosure=disclosure, metrics=[metric()], code_sha256=CODE, by=PLATFORM, at=at
    )
    return rows[0].run


def auditing(by: Actor, operator: Actor, at: datetime, **changes: Any) -> Accreditation:
    """Return an accreditation to audit algorithms, in force; its administrator signs."""
    signers = {"signers": [by.id.removeprefix("user:")]}
    applied = apply_for_accreditation(
        said=DECLARED | signers | changes, kind="ALGORITHM_AUDIT", by=by, at=at
    )
    return accredit_appraiser(accreditation=applied, reason="Checked.", by=operator, at=at)


def ordered(
    disclosure: Disclosure, accreditation: Accreditation, by: Actor, at: datetime, **changes: Any
) -> AlgorithmAudit:
    """Return an audit that waits for its auditor."""
    audit = plan_audit(disclosure=disclosure, by=by, at=at)
    return order_audit(
        audit=audit, accreditation=accreditation, said=ORDERED | changes, by=by, at=at
    )


def accepted(audit: AlgorithmAudit, by: Actor, at: datetime) -> AlgorithmAudit:
    """Return an audit that was taken on."""
    return accept_audit(audit=audit, declares_independence=True, by=by, at=at)


def begun(audit: AlgorithmAudit, by: Actor, at: datetime, **changes: Any) -> AlgorithmAudit:
    """Return an audit with its sample drawn."""
    return begin_fieldwork(audit=accepted(audit, by, at), said=DRAWN | changes, by=by, at=at)


def reported(
    audit: AlgorithmAudit, by: Actor, at: datetime, *findings: dict[str, Any]
) -> AlgorithmAudit:
    """Return an audit with its report signed."""
    said = REPORTED if findings else SOUND
    return report_audit(
        audit=begun(audit, by, at), said=said, findings=list(findings), by=by, at=at
    )
