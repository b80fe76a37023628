"""Deciding a case: one person proposes, another confirms what it has seen itself.

A proposal is bound to the content, the rule pack and the file; where one of them is another at the
confirmation, nothing is decided (trust: approvals are void when what they are of changes).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import Pack, day_of, get_pack
from audit.rulebook.workdays import add_workdays
from exchange.catalog.models import Release
from exchange.catalog.services import block_release, clear_release
from exchange.compliance import carrying, dossiers, rules
from exchange.compliance.case_events import (
    CaseProposed,
    ProposalConfirmed,
    ProposalDeclined,
    ProposalMade,
    ProposalWithdrawn,
)
from exchange.compliance.conditions import digest_of, read_conditions
from exchange.compliance.events import (
    CaseApproved,
    CaseRejected,
)
from exchange.compliance.heads import case_pack, heads_of
from exchange.compliance.models import Case, Proposal
from exchange.compliance.persons import person_of
from exchange.compliance.states import CASE, PROPOSAL, CaseState, ProposalState

from .drops import drop_case
from .files import new_limit
from .justifying import note_person_decided
from .verdicts import verdict_of
from .wording import digest_of_text, read_reason


@transaction.atomic
def propose_decision(
    *,
    case: Case,
    approve: bool,
    reason: str,
    conditions: Mapping[str, Any] | None = None,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> Case:
    """Propose to approve, under conditions, or to reject; another person has to confirm it.

    Without `valid_until` an approval holds as long as the rules of cases let it.
    """
    case = dossiers.lock_case(case)
    ask = rules.why_not_approve if approve else rules.why_not_decide
    if refusal := ask(by, case):
        raise NotAllowed(refusal)
    words, on = read_reason(reason), day_of(at)
    pack = case_pack(on)
    _check_unchanged(case, at)
    said = read_conditions(conditions) if approve else {}
    until = carrying.last_day(case, pack, asked=valid_until, on=on) if approve else None
    if refusal := _why_too_early(case, pack, approve=approve, on=on):
        raise Conflict(refusal)
    if approve:
        carrying.require_file(case, said, pack, on=on)
    proposal = Proposal.objects.create(
        reference=new_reference("PD", at),
        case=case,
        approve=approve,
        reason=words,
        conditions=said,
        valid_until=until,
        content_sha256=case.screening.sha256,
        pack=case.screening.pack,
        file_sha256=dossiers.digest_of_file(case),
        proposed_by=by.id,
        proposed_as=person_of(by),
        proposed_for=by.organization,
        by_regulator=by.has_role("REGULATOR"),
        proposed_at=at,
    )
    _record_proposed(proposal, pack, by=by, at=at)
    return case


def _record_proposed(proposal: Proposal, pack: Pack, *, by: Actor, at: datetime) -> None:
    case = proposal.case
    release = case.screening.release
    due = add_workdays(day_of(at), int(pack.data["workdays"]["confirm"]))
    proposed = CaseProposed(
        case=case.reference,
        proposal=proposal.reference,
        release=release.reference,
        product=release.product.reference,
        due_on=due.isoformat(),
    )
    advance(case, CASE.propose, event=proposed, by=by, at=at, **new_limit(due))
    made = ProposalMade(
        proposal=proposal.reference,
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        approve=proposal.approve,
        content_sha256=proposal.content_sha256,
        pack=proposal.pack,
        file_sha256=proposal.file_sha256,
        conditions_sha256=digest_of(proposal.conditions),
        valid_until=proposal.valid_until.isoformat() if proposal.valid_until else "",
        reason_sha256=digest_of_text(proposal.reason),
        person=proposal.proposed_as,
    )
    begin(proposal, event=made, by=by, at=at)


@transaction.atomic
def confirm_decision(*, case: Case, proposal: str, reason: str, by: Actor, at: datetime) -> Case:
    """Confirm a proposal, named by its reference, with one's own reason; the case is decided.

    Raises Conflict when content, rules or file are no longer those that the proposal is bound to,
    or when another proposal took its place.
    """
    case, made = _opened(case, proposal)
    if refusal := rules.why_not_confirm(by, made):
        raise NotAllowed(refusal)
    words, on = read_reason(reason), day_of(at)
    _check_unchanged(case, at)
    _check_bound(made)
    if made.approve:
        pack = case_pack(on)
        carrying.require_file(case, made.conditions, pack, on=on)
        if made.valid_until is not None and made.valid_until <= on:
            raise Conflict(_("The approval would end before it begins; propose another."))
    _close(made, "confirm", ProposalConfirmed, words, by=by, at=at)
    _decide(case, made, by=by, at=at)
    return case


@transaction.atomic
def decline_decision(*, case: Case, proposal: str, reason: str, by: Actor, at: datetime) -> Case:
    """Decline to confirm a proposal, with the reason; the case awaits another one."""
    case, made = _opened(case, proposal)
    if refusal := rules.why_not_decide(by, case):
        raise NotAllowed(refusal)
    if person_of(by) == made.proposed_as:
        raise NotAllowed(_("Who proposed takes the proposal back instead."))
    _close(made, "decline", ProposalDeclined, read_reason(reason), by=by, at=at)
    drop_case(case, made, by=by, at=at)
    return case


@transaction.atomic
def withdraw_decision(*, case: Case, proposal: str, reason: str, by: Actor, at: datetime) -> Case:
    """Take one's own proposal back, with the reason; the case awaits another one."""
    case, made = _opened(case, proposal)
    if refusal := rules.why_not_withdraw(by, made):
        raise NotAllowed(refusal)
    words = read_reason(reason)
    withdrawn = ProposalWithdrawn(
        proposal=made.reference,
        case=case.reference,
        release=case.screening.release.reference,
        product=case.screening.release.product.reference,
        reason_sha256=digest_of_text(words),
    )
    advance(made, PROPOSAL.withdraw, event=withdrawn, by=by, at=at, answer=words, closed_at=at)
    drop_case(case, made, by=by, at=at)
    return case


def _opened(case: Case, reference: str) -> tuple[Case, Proposal]:
    case = dossiers.lock_case(case)
    rows = Proposal.objects.filter(case=case).select_for_update(of=("self",))
    made = rows.filter(reference=reference).first()
    if made is None or made.status != ProposalState.MADE:
        raise Conflict(_("This proposal is not open any more; look at the present state."))
    made.case = case
    return case, made


def _check_unchanged(case: Case, at: datetime) -> None:
    """Refuse to decide about another content or under other rules than those of the screening."""
    screening = case.screening
    release = Release.objects.get(pk=screening.release_id)
    if screening.sha256 != release.sha256 or release.screening != screening.reference:
        raise Conflict(_("The release was screened again; decide the newer case."))
    if screening.pack != get_pack("compliance", on=day_of(at)).label:
        raise Conflict(_("The rules have changed since; the release has to be screened again."))


def _check_bound(made: Proposal) -> None:
    screening = made.case.screening
    if (made.content_sha256, made.pack) != (screening.sha256, screening.pack):
        raise Conflict(_("The proposal is about another content or other rules."))
    if made.file_sha256 != dossiers.digest_of_file(made.case):
        raise Conflict(_("The file of the case changed since the proposal."))


def _why_too_early(case: Case, pack: Pack, *, approve: bool, on: date) -> str | None:
    """Return that the provider still has time for a file that this case needs, or None."""
    if case.status != CaseState.OPEN or all(head.optional for head in heads_of(case, pack)):
        return None
    if not approve and case.due_on is not None and on > case.due_on:
        return None
    return _("The provider has not handed in its file yet; its time ends on %(due)s.") % {
        "due": case.due_on
    }


def _close(
    made: Proposal,
    verb: str,
    kind: type[ProposalConfirmed | ProposalDeclined],
    words: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    release = made.case.screening.release
    said = kind(
        proposal=made.reference,
        case=made.case.reference,
        release=release.reference,
        product=release.product.reference,
        reason_sha256=digest_of_text(words),
        person=person_of(by),
    )
    advance(
        made,
        PROPOSAL.steps[verb],
        event=said,
        by=by,
        at=at,
        answer=words,
        confirmed_by=by.id,
        confirmed_as=person_of(by),
        confirmed_for=by.organization,
        closed_at=at,
    )


def _decide(case: Case, made: Proposal, *, by: Actor, at: datetime) -> None:
    """Approve or reject as proposed and confirmed, and tell the catalog."""
    screening = case.screening
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    common: dict[str, Any] = {
        "case": case.reference,
        "screening": screening.reference,
        "release": release.reference,
        "product": release.product.reference,
        "proposal": made.reference,
        "reason_sha256": digest_of_text(made.reason),
        "file_sha256": made.file_sha256,
    }
    changes: dict[str, Any] = {
        "reason": made.reason,
        "decided_by": by.id,
        "decided_for": by.organization,
        "decided_at": at,
        "due_on": None,
    }
    note_person_decided(
        screening,
        outcome="APPROVED" if made.approve else "REJECTED",
        confirms=not made.approve,
        reason=made.reason,
        by=by,
        at=at,
    )
    if not made.approve:
        advance(case, CASE.reject, event=CaseRejected(**common), by=by, at=at, **changes)
        block_release(
            release=release, screening=verdict_of(screening), reason=made.reason, by=by, at=at
        )
        return
    approved = CaseApproved(
        **common,
        conditions_sha256=digest_of(made.conditions),
        valid_until=made.valid_until.isoformat() if made.valid_until else "",
    )
    advance(
        case,
        CASE.approve,
        event=approved,
        by=by,
        at=at,
        conditions=made.conditions,
        valid_until=made.valid_until,
        **changes,
    )
    clear_release(
        release=release,
        screening=verdict_of(screening),
        pack=screening.pack,
        sample=screening.sample,
        by=by,
        at=at,
    )
