"""What a document of a bundle says: as it was signed, or in words where nothing was signed.

A document in words holds no more than its reader may know: of sealed rows the commitment alone, of
an appeal no word of a person, of an alert nobody else's name unless the reader watches the market.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.decisions.models import Decision
from audit.decisions.services import document_of
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.log.canonical import canonical
from exchange.algorithms.models import EvaluationSet
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.compliance.models import Screening
from exchange.oversight.models import SupervisionOrder
from exchange.oversight.surveillance.models import Alert
from exchange.trading.models import Contract, TradeCertificate
from exchange.trading.signatures import time_text
from pricing.models import Appraisal

Row = (
    Contract
    | TradeCertificate
    | Appraisal
    | Screening
    | Disclosure
    | Decision
    | SupervisionOrder
    | EvaluationReport
    | EvaluationSet
    | AlgorithmAudit
    | AuditFinding
    | AlgorithmAppeal
    | Alert
)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The content of a document, with the signatures under it as a bundle writes them."""

    content: bytes
    signatures: Sequence[Mapping[str, str]] = field(default_factory=list)


def read_paper(what: str, reference: str, *, told_to: str = "") -> Paper:
    """Return a document with its signatures; of an alert what is told to an organization."""
    row = _ROWS[what].objects.get(reference=reference)
    match row:
        case Contract():
            return Paper(
                content=row.document.encode(),
                signatures=[
                    {
                        "key": each.key,
                        "side": each.side,
                        "statement": each.statement,
                        "signature": _as_base64(each.signature),
                    }
                    for each in row.signatures.order_by("signed_at", "pk")
                ],
            )
        case TradeCertificate():
            signed = _signed(row.key, _as_base64(row.signature))
            return Paper(content=row.document.encode(), signatures=signed)
        case Appraisal() | Disclosure() | EvaluationReport():
            signed = _signed(row.signer, row.signature)
            return Paper(content=row.document.encode(), signatures=signed)
        case Screening():
            signed = _signed(row.signed_by, row.signature)
            return Paper(content=canonical(row.report), signatures=signed)
        case AlgorithmAudit():
            signed = _signed(row.report_key, _as_base64(row.report_signature))
            return Paper(content=row.report.encode(), signatures=signed)
    return Paper(content=canonical(_in_words(row, told_to)))


_ROWS: Mapping[str, type[Row]] = {
    "contract": Contract,
    "certificate": TradeCertificate,
    "appraisal": Appraisal,
    "screening": Screening,
    "disclosure": Disclosure,
    "decision": Decision,
    "supervision": SupervisionOrder,
    "evaluation": EvaluationReport,
    "evaluation_set": EvaluationSet,
    "algorithm_audit": AlgorithmAudit,
    "audit_finding": AuditFinding,
    "algorithm_appeal": AlgorithmAppeal,
    "alert": Alert,
}


def _in_words(row: Row, told_to: str) -> Mapping[str, Any]:
    match row:
        case Decision():
            return document_of(row)
        case EvaluationSet():
            return _set_in_words(row)
        case AuditFinding():
            found: Mapping[str, Any] = json.loads(row.audit.report)["findings"][row.number - 1]
            return found
        case AlgorithmAppeal():
            return _appeal_in_words(row)
        case Alert():
            return _alert_as_told(row, told_to) if told_to else _alert_in_words(row)
        case SupervisionOrder():
            return _order_in_words(row)
    msg = f"{type(row).__name__} is a signed document"
    raise TypeError(msg)


def _set_in_words(row: EvaluationSet) -> dict[str, Any]:
    """Return what was committed to on the day of the sealing; neither a row nor the salt."""
    return {
        "type": "quanheng.evaluation-set.v1",
        "reference": row.reference,
        "sealed_by": row.sealed_by.reference,
        "sealed_at": time_text(row.sealed_at),
        "task": row.task,
        "rows": row.rows,
        "sha256": row.sha256,
        "commitment": row.commitment,
        "status": row.status,
        "retired_at": time_text(row.retired_at) if row.retired_at else "",
    }


def _appeal_in_words(row: AlgorithmAppeal) -> dict[str, Any]:
    """Return how an appeal went; who appealed and what was said can be erased, a bundle cannot."""
    return {
        "type": "quanheng.algorithm-appeal.v1",
        "reference": row.reference,
        "algorithm": row.algorithm,
        "owner": row.owner,
        "disclosure": row.disclosure,
        "decision": row.decision,
        "wish": row.wish,
        "status": row.status,
        "instance": row.instance,
        "lodged_at": time_text(row.lodged_at),
        "due_on": row.due_on.isoformat(),
        "answered_by": row.answered_for,
        "answered_at": time_text(row.answered_at) if row.answered_at else "",
        "overridden": row.overridden,
    }


def _alert_as_told(row: Alert, told_to: str) -> dict[str, Any]:
    """Return what an organization may know of an alert that concerns it: nobody else's part."""
    return {
        "type": "quanheng.alert-told.v1",
        "reference": row.reference,
        "rule": row.rule,
        "organization": told_to,
        "status": row.status,
        "outcome": row.outcome,
    }


def _alert_in_words(row: Alert) -> dict[str, Any]:
    """Return an alert as those read it who watch the market; figures as text."""
    figures = {name: _as_text(value) for name, value in row.figures.items()}
    return {
        "type": "quanheng.alert.v1",
        "reference": row.reference,
        "rule": row.rule,
        "pack": row.pack,
        "disclosure": row.disclosure,
        "decision": row.decision,
        "previous": row.previous.reference if row.previous else "",
        "score": row.score,
        "measured": row.measured,
        "threshold": row.threshold,
        "period_from": time_text(row.period_from),
        "period_until": time_text(row.period_until),
        "figures": figures,
        "facts": [str(each) for each in row.evidence],
        "facts_sha256": row.facts_sha256,
        "subjects": sorted([each.kind, each.reference] for each in row.subjects.all()),
        "status": row.status,
        "ground": row.ground,
        "reason": row.reason,
        "outcome": row.outcome,
        "closing_reason": row.closing_reason,
    }


def _order_in_words(row: SupervisionOrder) -> dict[str, str]:
    """Return a supervision order as a document; that it was ordered so stands in the log."""
    return {
        "type": "quanheng.supervision-order.v1",
        "reference": row.reference,
        "product": row.product.reference,
        "authority": row.authority.reference,
        "authority_name": row.authority.name,
        "kind": row.kind,
        "reason": row.reason,
        "legal_basis": row.legal_basis,
        "ordered_at": time_text(row.ordered_at),
        "status": row.status,
        "lifted_at": time_text(row.lifted_at) if row.lifted_at else "",
        "lift_reason": row.lift_reason,
    }


def _signed(key: str, signature: str) -> list[dict[str, str]]:
    return [{"key": key, "side": "", "statement": "", "signature": signature}]


def _as_base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")


def _as_text(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
