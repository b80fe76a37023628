"""Who may audit, answer, judge and take over. Each returns the reason for a no, or None."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation
from exchange.appraisers.ownership import Ownership
from exchange.appraisers.states import AccreditationKind, LinkKind
from exchange.parties.models import Organization

from .models import AlgorithmAudit, AuditFinding
from .states import Origin


def answers_for(actor: Actor, owner: str) -> bool:
    """Whether the actor's organization answers for the algorithms of `owner`."""
    if not owner:
        return actor.has_role("OPERATOR")
    return actor.organization == owner


def why_not_plan(actor: Actor, owner: str) -> str | None:
    """Let the schedule, the owner and a regulator bring an audit about."""
    if actor.is_system:
        return None
    if not (answers_for(actor, owner) or actor.has_role("REGULATOR")):
        return _("Only the owner of the algorithm or a regulator has it audited.")
    return _why_not_write(actor)


def origin_of(actor: Actor) -> Origin:
    """Say who brings an audit about."""
    if actor.is_system:
        return Origin.SCHEDULE
    return Origin.REGULATOR if actor.has_role("REGULATOR") else Origin.OWNER


def why_not_order(actor: Actor, audit: AlgorithmAudit) -> str | None:
    """Let the owner choose among independent auditors, and a regulator appoint one."""
    return why_not_plan(actor, audit.owner) if not actor.is_system else _("A person orders it.")


def why_not_cancel(actor: Actor, audit: AlgorithmAudit) -> str | None:
    """Let a regulator cancel any audit, and the owner the one that it asked for itself."""
    if not actor.has_role("REGULATOR"):
        own = answers_for(actor, audit.owner) and audit.origin == Origin.OWNER
        if not own:
            return _("Only a regulator cancels an audit that is owed.")
        if audit.begun_at:
            return _("Once the fieldwork began, only a regulator cancels an audit.")
    return _why_not_write(actor)


def why_not_auditor(accreditation: Accreditation, on: date) -> str | None:
    """Only an organization accredited as auditor of algorithms, in force on the day."""
    if accreditation.kind != AccreditationKind.ALGORITHM_AUDIT:
        return _("The organization is not accredited to audit algorithms.")
    if not accreditation.is_in_force(on):
        return _("The accreditation of the auditor is not in force.")
    return None


def why_not_independent(
    accreditation: Accreditation,
    owner: Organization,
    *,
    ownership: Ownership,
    shared_people: frozenset[str],
    deals: bool,
) -> str | None:
    """Keep an auditor away from what touches it (6 RCNY 5-300: independent auditor; RISK26 12).

    It is not the owner, neither holds a share of the other, no owner stands behind both, nobody
    acts for both, no signing person has a relative or a business there, and it neither appraised
    for the owner nor traded with it lately (`deals`).
    """
    auditor = accreditation.organization
    if auditor.pk == owner.pk:
        return _("Nobody audits its own algorithm.")
    if ownership.tie(auditor.uscc, owner.uscc):
        return _("Auditor and owner are tied by shareholdings, directly or through others.")
    if auditor.reference in shared_people:
        return _("A person acts for both the auditor and the owner of the algorithm.")
    for link in accreditation.links:
        if link["uscc"] == owner.uscc:
            family = link["kind"] == LinkKind.FAMILY
            return (
                _("A signing person of the auditor has a near relative at the owner.")
                if family
                else _("A signing person of the auditor has business of its own with the owner.")
            )
    if deals:
        return _("The auditor appraised for the owner or traded with it lately.")
    return None


def why_not_again(auditor: str, earlier: Sequence[str], most: int) -> str | None:
    """Rotate auditors: none audits an algorithm more than `most` times in a row (RISK26 12).

    `earlier` are the auditors of the reported audits, the latest first.
    """
    if list(earlier[:most]) == [auditor] * most:
        return _(
            "The last %(count)d audits of this algorithm were by the same auditor: another one "
            "is needed."
        ) % {"count": most}
    return None


def why_not_as_auditor(actor: Actor, audit: AlgorithmAudit) -> str | None:
    """Only the auditor that was asked acts for it."""
    accreditation = audit.accreditation
    if accreditation is None or actor.organization != accreditation.organization.reference:
        return _("Only the auditor that was asked does this.")
    if not actor.has_role("ASSESSOR"):
        return _("The organization is not admitted as an assessor at present.")
    return _why_not_write(actor)


def why_not_sign(actor: Actor, audit: AlgorithmAudit) -> str | None:
    """Let those sign who were named as signing persons, and so declared their ties."""
    if refusal := why_not_as_auditor(actor, audit):
        return refusal
    person = (actor.on_behalf_of or actor.id).removeprefix("user:")
    if audit.accreditation is None or person not in audit.accreditation.signers:
        return _("Only a signing person of the accreditation signs a report.")
    return None


def why_not_answer(actor: Actor, finding: AuditFinding) -> str | None:
    """Only the owner of the algorithm answers what was found."""
    if not answers_for(actor, finding.audit.owner):
        return _("Only the owner of the algorithm answers a finding.")
    return _why_not_write(actor)


def why_not_judge(actor: Actor, finding: AuditFinding) -> str | None:
    """Let the auditor, or a regulator, say whether an answer remedies what was found.

    What a regulator took over is closed by a regulator.
    """
    if actor.has_role("REGULATOR"):
        return _why_not_write(actor)
    if finding.status == "TAKEN_OVER":
        return _("The regulator has taken this finding over.")
    return why_not_as_auditor(actor, finding.audit)


def why_not_take_over(actor: Actor) -> str | None:
    """Let a regulator pursue a finding with its own powers."""
    if not actor.has_role("REGULATOR"):
        return _("Only a regulator takes a finding over.")
    return _why_not_write(actor)


def audit_actions(actor: Actor, audit: AlgorithmAudit) -> list[str]:
    """Return the verbs open to the actor on an audit now, for both faces."""
    allowed = audit.lifecycle.allowed(audit.status)
    refusals = {
        "order": why_not_order(actor, audit),
        "accept": why_not_as_auditor(actor, audit),
        "give_back": why_not_as_auditor(actor, audit),
        "begin": why_not_as_auditor(actor, audit),
        "report": why_not_sign(actor, audit),
        "cancel": why_not_cancel(actor, audit),
    }
    return [verb for verb, refusal in refusals.items() if verb in allowed and not refusal]


def finding_actions(actor: Actor, finding: AuditFinding) -> list[str]:
    """Return the verbs open to the actor on a finding now, for both faces."""
    allowed = finding.lifecycle.allowed(finding.status)
    refusals = {
        "answer": why_not_answer(actor, finding),
        "send_back": why_not_judge(actor, finding),
        "close": why_not_judge(actor, finding),
        "take_over": why_not_take_over(actor),
    }
    return [verb for verb, refusal in refusals.items() if verb in allowed and not refusal]


def _why_not_write(actor: Actor) -> str | None:
    if actor.may_write:
        return None
    return _("Your place in the organization lets you look, not act; ask its administrator.")
