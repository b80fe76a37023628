"""Audits are planned, ordered from an independent auditor, taken on, given back or cancelled."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import history_of
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.retention.terms import months_after
from audit.rulebook.queries import begins_at, day_of
from audit.rulebook.workdays import add_workdays
from exchange.appraisers.models import Accreditation
from exchange.appraisers.services.declaring import read_stakes
from exchange.audits import queries, rules
from exchange.audits.events import (
    AuditAccepted,
    AuditCancelled,
    AuditGivenBack,
    AuditOrdered,
    AuditPlanned,
)
from exchange.audits.fields import ACCEPT_FIELDS, ORDER_FIELDS, REASON
from exchange.audits.models import AlgorithmAudit
from exchange.audits.policy import Policy
from exchange.audits.states import AUDIT, ScopePart
from exchange.parties.queries import sharing_people_with
from exchange.registry.fields import read_values
from exchange.trading.signatures import digest_of

WHOLE = list(ScopePart.values)


@transaction.atomic
def plan_audit(
    *, disclosure: Disclosure, due_on: date | None = None, by: Actor, at: datetime
) -> AlgorithmAudit:
    """Open an audit of a published algorithm, due by `due_on` or as soon as the rules allow.

    Raises Conflict while a report about the algorithm is owed already.
    """
    if refusal := rules.why_not_plan(by, disclosure.owner):
        raise NotAllowed(refusal)
    if disclosure.published_at is None:
        raise NotAllowed(_("An algorithm is audited once it is published."))
    policy = Policy.on(day_of(at))
    soonest = add_workdays(day_of(at), policy.figure("audit", "order_least"))
    audit = AlgorithmAudit(
        reference=new_reference("AU", at),
        algorithm=disclosure.algorithm,
        owner=disclosure.owner,
        disclosure=disclosure.reference,
        origin=rules.origin_of(by),
        pack=policy.label,
        scope=WHOLE,
        due_on=due_on or soonest,
        status_since=at,
        planned_at=at,
    )
    try:
        with transaction.atomic():
            audit.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("An audit of this algorithm is under way already.")) from error
    planned = AuditPlanned(
        algorithm_audit=audit.reference,
        organization=audit.owner,
        disclosure=audit.disclosure,
        algorithm=audit.algorithm,
        origin=audit.origin,
        scope=",".join(audit.scope),
        due_on=audit.due_on.isoformat(),
        pack=audit.pack,
    )
    begin(audit, event=planned, by=by, at=at)
    return audit


@transaction.atomic
def order_audit(
    *,
    audit: AlgorithmAudit,
    accreditation: Accreditation,
    said: dict[str, Any],
    by: Actor,
    at: datetime,
) -> AlgorithmAudit:
    """Ask an accredited auditor, with scope, criteria and the period that is audited.

    Raises NotAllowed where the auditor is not accredited, not independent of the owner, or was
    the last one too often.
    """
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_order(by, audit):
        raise NotAllowed(refusal)
    values: dict[str, Any] = read_values(ORDER_FIELDS, said)
    start, end = values["period_from"], values["period_until"]
    if end < start or end > day_of(at):
        words = _("The period ends after it begins, and not after today.")
        raise Invalid({"period_until": [words]})
    audit.owners = _owners(audit, values["owners"])
    if refusal := _why_not_by(audit, accreditation, at):
        raise NotAllowed(refusal)
    ordered = AuditOrdered(
        algorithm_audit=audit.reference,
        accreditation=accreditation.reference,
        organization=accreditation.organization.reference,
        algorithm=audit.algorithm,
        scope=",".join(values["scope"]),
        period_from=start.isoformat(),
        period_until=end.isoformat(),
        criteria_sha256=digest_of(values["criteria"]),
        owners_sha256=digest_of(canonical({"owners": audit.owners})),
    )
    advance(
        audit,
        AUDIT.order,
        event=ordered,
        by=by,
        at=at,
        status_since=at,
        accreditation=accreditation,
        scope=values["scope"],
        criteria=values["criteria"],
        period_from=start,
        period_until=end,
        owners=audit.owners,
        versions=_versions(audit, start, end),
        ordered_at=at,
        ordered_for=by.organization,
        reason="",
    )
    return audit


@transaction.atomic
def accept_audit(
    *,
    audit: AlgorithmAudit,
    declares_independence: bool,
    conflicts: str = "",
    by: Actor,
    at: datetime,
) -> AlgorithmAudit:
    """Take an audit on; who has a conflict of interest gives it back instead."""
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_as_auditor(by, audit) or why_not_carry_out(audit, at):
        raise NotAllowed(refusal)
    values = read_values(ACCEPT_FIELDS, {"conflicts": conflicts})
    faults: dict[str, list[str]] = {}
    if not declares_independence:
        faults["declares_independence"] = [_("The auditor must declare its independence.")]
    if values["conflicts"]:
        faults["conflicts"] = [_("With a conflict of interest an audit is given back.")]
    if faults:
        raise Invalid(faults)
    statement = {"independent": True, "conflicts": ""}
    accepted = AuditAccepted(
        statement_sha256=digest_of(canonical({"by": by.id, **statement})), **_named(audit)
    )
    advance(audit, AUDIT.accept, event=accepted, by=by, at=at, status_since=at, statement=statement)
    return audit


@transaction.atomic
def give_back_audit(
    *, audit: AlgorithmAudit, reason: str, by: Actor, at: datetime
) -> AlgorithmAudit:
    """Decline an audit, or give it back before the fieldwork; another auditor is needed."""
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_as_auditor(by, audit):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    given_back = AuditGivenBack(reason_sha256=digest_of(words), **_named(audit))
    advance(
        audit,
        AUDIT.give_back,
        event=given_back,
        by=by,
        at=at,
        status_since=at,
        accreditation=None,
        statement={},
        reason=words,
    )
    return audit


@transaction.atomic
def cancel_audit(*, audit: AlgorithmAudit, reason: str, by: Actor, at: datetime) -> AlgorithmAudit:
    """Call an audit off; the schedule opens another one where one is owed."""
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_cancel(by, audit):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    cancelled = AuditCancelled(
        algorithm_audit=audit.reference,
        organization=audit.owner,
        algorithm=audit.algorithm,
        reason_sha256=digest_of(words),
    )
    advance(
        audit,
        AUDIT.cancel,
        event=cancelled,
        by=by,
        at=at,
        status_since=at,
        closed_at=at,
        reason=words,
    )
    return audit


def why_not_carry_out(audit: AlgorithmAudit, at: datetime) -> str | None:
    """Return why the auditor that was asked may not audit this algorithm now, or None."""
    assert audit.accreditation is not None  # noqa: S101  the database asks for it
    return _why_not_by(audit, audit.accreditation, at)


def _why_not_by(audit: AlgorithmAudit, accreditation: Accreditation, at: datetime) -> str | None:
    today = day_of(at)
    policy = Policy.on(today)
    if refusal := rules.why_not_auditor(accreditation, today):
        return refusal
    owners = queries.organizations_of(audit.owner)
    ownership = queries.ownership_around(owners, audit)
    since = begins_at(months_after(today, -policy.figure("audit", "business_months")))
    for owner in owners:
        if refusal := rules.why_not_independent(
            accreditation,
            owner,
            ownership=ownership,
            shared_people=sharing_people_with(owner),
            deals=queries.deals(accreditation.organization, owner, since),
        ):
            return refusal
    most = policy.figure("audit", "in_a_row_most")
    earlier = queries.earlier_auditors(audit, most)
    return rules.why_not_again(accreditation.organization.reference, earlier, most)


def _owners(audit: AlgorithmAudit, stated: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    owners = queries.organizations_of(audit.owner)
    own = owners[0].uscc if owners else ""
    return read_stakes("owners", list(stated), own=own)


def _versions(audit: AlgorithmAudit, start: date, end: date) -> list[dict[str, Any]]:
    """Return the versions that were public on some day of the period, the newest first."""
    return [
        {"disclosure": row.reference, "version": row.version}
        for row in history_of(audit.algorithm, owner=audit.owner)
        if row.published_at is not None
        and day_of(row.published_at) <= end
        and (row.ended_at is None or day_of(row.ended_at) >= start)
    ]


def _named(audit: AlgorithmAudit) -> dict[str, str]:
    assert audit.accreditation is not None  # noqa: S101  `why_not_as_auditor` asked
    return {
        "algorithm_audit": audit.reference,
        "accreditation": audit.accreditation.reference,
        "organization": audit.accreditation.organization.reference,
        "algorithm": audit.algorithm,
    }
