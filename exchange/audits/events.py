"""What the log says of audits of algorithms. Words are named by digest, records by reference."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("audits.audit.planned", label=_("audit of an algorithm planned"))
class AuditPlanned(Event):
    """An audit is due, or was asked for; the report is owed by the end of `due_on`."""

    algorithm_audit: Ref
    organization: Ref
    disclosure: Ref
    algorithm: str
    origin: str
    scope: str
    due_on: str
    pack: str


@event("audits.audit.ordered", label=_("audit of an algorithm ordered"))
class AuditOrdered(Event):
    """An accredited auditor was asked; criteria and owners stated are named by digest."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    algorithm: str
    scope: str
    period_from: str
    period_until: str
    criteria_sha256: str
    owners_sha256: str


@event("audits.audit.accepted", label=_("audit of an algorithm taken on"))
class AuditAccepted(Event):
    """The auditor declared itself independent and without conflict."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    algorithm: str
    statement_sha256: str


@event("audits.audit.given_back", label=_("audit of an algorithm given back"))
class AuditGivenBack(Event):
    """The auditor declined or gave it back; another one is needed."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    algorithm: str
    reason_sha256: str


@event("audits.audit.begun", label=_("fieldwork begun and sample drawn"))
class FieldworkBegun(Event):
    """The sample was drawn; who knows the population can draw it again from the seed."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    algorithm: str
    source: str
    population: int
    population_sha256: str
    size: int
    seed: str
    sample_sha256: str


@event("audits.sample.read", label=_("sample of an audit read"))
class SampleRead(Event):
    """The auditor looked at the drawn records."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    sample_sha256: str
    count: int


@event("audits.document.read", label=_("document of an audit read"))
class AuditDocumentRead(Event):
    """A document of the report, of a finding or of an answer was taken out of the vault."""

    object: Ref
    algorithm_audit: Ref
    purpose: str = ""


@event("audits.audit.reported", label=_("audit of an algorithm reported"))
class AuditReported(Event):
    """The auditor signed its report."""

    algorithm_audit: Ref
    accreditation: Ref
    organization: Ref
    algorithm: str
    opinion: str
    findings: int
    report_sha256: str
    objects: str


@event("audits.audit.closed", label=_("audit of an algorithm closed"))
class AuditClosed(Event):
    """Every finding is remedied, or the regulator's own."""

    algorithm_audit: Ref
    organization: Ref
    algorithm: str


@event("audits.audit.cancelled", label=_("audit of an algorithm cancelled"))
class AuditCancelled(Event):
    """The audit is not carried out."""

    algorithm_audit: Ref
    organization: Ref
    algorithm: str
    reason_sha256: str


@event("audits.audit.reminded", label=_("audit of an algorithm soon due"))
class AuditReminded(Event):
    """The report is due soon."""

    algorithm_audit: Ref
    organization: Ref
    algorithm: str
    due_on: str


@event("audits.audit.missed", label=_("audit of an algorithm overdue"))
class AuditMissed(Event):
    """The day of the report passed without one."""

    algorithm_audit: Ref
    organization: Ref
    algorithm: str
    due_on: str


@event("audits.finding.raised", label=_("finding of an audit raised"))
class FindingRaised(Event):
    """The auditor found something; `doubt_since` is the day from which decisions are in doubt."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    severity: str
    scope: str
    finding_sha256: str
    doubt_since: str
    due_on: str
    pack: str


@event("audits.finding.answered", label=_("finding of an audit answered"))
class FindingAnswered(Event):
    """The owner said what it did."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    answer_sha256: str
    objects: str


@event("audits.finding.sent_back", label=_("answer to a finding sent back"))
class FindingSentBack(Event):
    """The answer does not remedy it; there is a new time limit."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    reason_sha256: str
    due_on: str


@event("audits.finding.reminded", label=_("answer to a finding of an audit soon due"))
class FindingReminded(Event):
    """The time limit of the owner's answer ends soon."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    severity: str
    due_on: str


@event("audits.finding.escalated", label=_("finding of an audit overdue"))
class FindingEscalated(Event):
    """The time limit passed without an answer; regulators are told."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    severity: str
    due_on: str


@event("audits.finding.taken_over", label=_("finding of an audit taken over by the regulator"))
class FindingTakenOver(Event):
    """The regulator pursues it with its own powers."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    reason_sha256: str


@event("audits.finding.closed", label=_("finding of an audit closed"))
class FindingClosed(Event):
    """What was found is remedied."""

    audit_finding: Ref
    algorithm_audit: Ref
    organization: Ref
    reason_sha256: str
