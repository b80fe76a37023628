"""The signed report: opinion, summary, documents, and each finding with its time limit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotAllowed, NotFound, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.audits import queries, rules
from exchange.audits.events import AuditClosed, AuditDocumentRead, AuditReported, FindingRaised
from exchange.audits.fields import REPORT_FIELDS
from exchange.audits.models import AlgorithmAudit, AuditFinding
from exchange.audits.policy import Policy
from exchange.audits.states import AUDIT, UNSETTLED, Opinion
from exchange.compliance.services.files import own_documents
from exchange.registry.fields import read_values
from exchange.trading.signatures import canonical_text, digest_of, sign_text, time_text
from exchange.vault.models import StoredObject
from exchange.vault.services import ObjectReader, open_object

from .fieldwork import read_finding
from .ordering import why_not_carry_out

DOCUMENT = "quanheng.algorithm-audit.v1"


@transaction.atomic
def report_audit(
    *,
    audit: AlgorithmAudit,
    said: dict[str, Any],
    findings: Sequence[dict[str, Any]] | None = None,
    documents: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> AlgorithmAudit:
    """Sign the report with its findings; without `findings` those of the working papers.

    Each finding has to be answered in the time its severity gives. Without any the audit closes
    at once. Raises Invalid by field, and by `findings.<place>.<field>`.
    """
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_sign(by, audit) or why_not_carry_out(audit, at):
        raise NotAllowed(refusal)
    if audit.status not in AUDIT.report.sources:
        raise WrongState(
            subject=audit.reference, status=audit.status, allowed=AUDIT.allowed(audit.status)
        )
    today = day_of(at)
    policy = Policy.on(today)
    values: dict[str, Any] = read_values(REPORT_FIELDS, said)
    raised = _read_findings(audit, audit.drafts if findings is None else findings, policy, today)
    _check_opinion(values["opinion"], raised)
    assert audit.accreditation is not None  # noqa: S101  `why_not_sign` asked
    auditor = audit.accreditation.organization.reference
    kept = own_documents(documents, auditor, policy.figure("audit", "documents_most"))
    text = canonical_text(
        _document(audit, values, raised, kept) | {"signed_by": by.id, "signed_at": time_text(at)}
    )
    signed = sign_text(text, purpose=f"party/{auditor}")
    digest = digest_of(text)
    reported = AuditReported(
        algorithm_audit=audit.reference,
        accreditation=audit.accreditation.reference,
        organization=auditor,
        algorithm=audit.algorithm,
        opinion=values["opinion"],
        findings=len(raised),
        report_sha256=digest,
        objects=",".join(each["object"] for each in kept),
    )
    advance(
        audit,
        AUDIT.report,
        event=reported,
        by=by,
        at=at,
        status_since=at,
        reported_at=at,
        opinion=values["opinion"],
        summary=values["summary"],
        documents=kept,
        report=text,
        report_sha256=digest,
        report_key=signed.key,
        report_signature=signed.signature,
        drafts=[],
    )
    for number, finding in enumerate(raised, 1):
        _raise(audit, number, finding, policy, by=by, at=at)
    close_when_settled(audit, by=by, at=at)
    return audit


def close_when_settled(audit: AlgorithmAudit, *, by: Actor, at: datetime) -> None:
    """Close a reported audit of which no finding is left to its auditor; its row is held."""
    if audit.status not in AUDIT.close.sources:
        return
    if AuditFinding.objects.filter(audit=audit, status__in=UNSETTLED).exists():
        return
    closed = AuditClosed(
        algorithm_audit=audit.reference, organization=audit.owner, algorithm=audit.algorithm
    )
    advance(audit, AUDIT.close, event=closed, by=by, at=at, status_since=at, closed_at=at)


def read_audit_document(
    *, audit: AlgorithmAudit, reference: str, purpose: str = "", by: Actor, at: datetime
) -> tuple[StoredObject, ObjectReader]:
    """Open a document of a report or of an answer for whoever may see the audit, on record."""
    audit = queries.get_audit_for(by, audit.reference)
    if reference not in documents_of(audit):
        raise NotFound
    with transaction.atomic():
        read = AuditDocumentRead(object=reference, algorithm_audit=audit.reference, purpose=purpose)
        record(read, by=by, at=at)
    stored = StoredObject.objects.get(reference=reference)
    return stored, open_object(stored)


def documents_of(audit: AlgorithmAudit) -> set[str]:
    """Return the references of the documents of a report and of everything said about it."""
    rows = AuditFinding.objects.filter(audit=audit).values_list("notes__documents", flat=True)
    lists = [audit.documents, *(row or [] for row in rows)]
    return {each["object"] for row in lists for each in row}


def _read_findings(
    audit: AlgorithmAudit,
    said: Sequence[dict[str, Any]],
    policy: Policy,
    today: date,
) -> list[dict[str, Any]]:
    most = policy.figure("audit", "findings_most")
    if len(said) > most:
        raise Invalid({"findings": [_("At most %(most)d findings.") % {"most": most}]})
    read: list[dict[str, Any]] = []
    faults: dict[str, list[object]] = {}
    for place, each in enumerate(said):
        try:
            read.append(read_finding(audit, _as_said(each), on=today))
        except Invalid as invalid:
            faults |= {f"findings.{place}.{name}": what for name, what in invalid.fields.items()}
    if faults:
        raise Invalid(faults)
    return read


def _as_said(noted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in noted.items() if value not in ("", None)}


def _check_opinion(opinion: str, raised: Sequence[dict[str, Any]]) -> None:
    if (opinion == Opinion.SOUND) == bool(raised):
        words = (
            _("With findings the opinion is qualified or adverse.")
            if raised
            else _("An opinion that is not “without findings” names at least one finding.")
        )
        raise Invalid({"opinion": [words]})


def _document(
    audit: AlgorithmAudit,
    values: dict[str, Any],
    raised: Sequence[dict[str, Any]],
    documents: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    assert audit.period_from is not None  # noqa: S101  the database asks for it
    assert audit.period_until is not None  # noqa: S101  the same
    assert audit.accreditation is not None  # noqa: S101  the same
    return {
        "type": DOCUMENT,
        "audit": audit.reference,
        "algorithm": audit.algorithm,
        "owner": audit.owner,
        "versions": audit.versions,
        "scope": audit.scope,
        "period": [audit.period_from.isoformat(), audit.period_until.isoformat()],
        "criteria": audit.criteria,
        "auditor": audit.accreditation.organization.reference,
        "accreditation": audit.accreditation.reference,
        "statement": audit.statement,
        "sample": {
            "source": audit.sample_source,
            "population": audit.population or 0,
            "population_sha256": audit.population_sha256,
            "seed": audit.sample_seed,
            "sha256": audit.sample_sha256,
            "size": len(audit.sample),
        },
        "opinion": values["opinion"],
        "summary": values["summary"],
        "findings": list(raised),
        "documents": [{"object": row["object"], "sha256": row["sha256"]} for row in documents],
    }


def _raise(
    audit: AlgorithmAudit,
    number: int,
    said: dict[str, Any],
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
) -> None:
    since = date.fromisoformat(said["doubt_since"]) if said["doubt_since"] else None
    finding = AuditFinding(
        reference=new_reference("AF", at),
        audit=audit,
        number=number,
        severity=said["severity"],
        part=said["part"],
        seen=said["seen"],
        remedy=said["remedy"],
        evidence=said["evidence"],
        doubt_since=since,
        sha256=digest_of(canonical(said)),
        pack=policy.label,
        due_on=policy.finding_due(said["severity"], day_of(at)),
        status_since=at,
        raised_at=at,
    )
    finding.save(force_insert=True)
    event = FindingRaised(
        audit_finding=finding.reference,
        algorithm_audit=audit.reference,
        organization=audit.owner,
        severity=finding.severity,
        scope=finding.part,
        finding_sha256=finding.sha256,
        doubt_since=said["doubt_since"],
        due_on=finding.due_on.isoformat(),
        pack=finding.pack,
    )
    begin(finding, event=event, by=by, at=at)
