"""A step of a price: kept, announced, answered by its provider, lapsed, or in effect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.decisions.queries import latest_decision
from audit.decisions.services import note_override, record_decision
from audit.disclosure.queries import reference_in_force
from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from pricing.adjustment import queries, rules
from pricing.adjustment.events import (
    PriceStepAnnounced,
    PriceStepApplied,
    PriceStepDeclined,
    PriceStepLapsed,
    PriceStepProposed,
)
from pricing.adjustment.models import Adjustment, PriceCeiling, PriceStep
from pricing.adjustment.states import PRICE_STEP, LapseCause
from pricing.adjustment.terms import Moved
from pricing.documents import as_plain, digest_of
from pricing.methods.adjusting import StepInputs, StepWorking
from pricing.models import Plan
from pricing.policy import Policy

from .writing import digest_of_words, insert_once, read_words

ALGORITHM: Final = "price_adjustment"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A step worked out, with what it was worked out from and for whom."""

    plan: Plan
    industry: str
    quantity: int
    inputs: StepInputs
    working: StepWorking
    moved: Moved
    policy: Policy
    appraisal: str = ""
    adjustment: Adjustment | None = None
    ceiling: PriceCeiling | None = None


def propose_step(*, proposal: Proposal, by: Actor, at: datetime) -> PriceStep:
    """Keep a step that was worked out, and announce it unless the provider has to consent first.

    Raises Conflict when another step of the product is pending.
    """
    plan, rules_of, ordered = proposal.plan, proposal.policy.adjustment, proposal.ceiling
    factor = proposal.working.factor
    consent = ordered is None and rules.needs_consent(plan.terms, factor, rules_of)
    inputs = as_plain(proposal.inputs) | {
        "plan": plan.terms.as_document(),
        "quantity": proposal.quantity,
    }
    step = PriceStep(
        reference=new_reference("PS", at),
        asset=plan.asset,
        owner=plan.owner,
        industry=proposal.industry,
        adjustment=proposal.adjustment.reference if proposal.adjustment else "",
        ceiling=ordered.reference if ordered else "",
        plan=plan.reference,
        terms=proposal.moved.terms.as_document(),
        terms_sha256=proposal.moved.terms.sha256,
        triggers=",".join(signal.trigger.value for signal in proposal.working.fired),
        currency=plan.currency,
        before_amount=proposal.inputs.ask,
        after_amount=proposal.moved.ask.amount,
        inputs=inputs,
        inputs_sha256=digest_of(inputs),
        working=as_plain(proposal.working),
        appraisal=proposal.appraisal,
        pack=proposal.policy.label,
        disclosure=reference_in_force(ALGORITHM),
        needs_consent=consent,
        proposed_at=at,
        effective_at=at + timedelta(days=_days(proposal, consent=consent)),
    )
    insert_once(step, _("Another price step of this product was announced at the same time."))
    event = PriceStepProposed(
        price_step=step.reference,
        product=step.asset,
        organization=step.owner,
        plan=step.plan,
        pack=step.pack,
        disclosure=step.disclosure,
        triggers=step.triggers,
        ask_before=step.before.text,
        ask_after=step.after.text,
        inputs_sha256=step.inputs_sha256,
        terms_sha256=step.terms_sha256,
    )
    begin(step, event=event, by=by, at=at)
    record_decision(
        algorithm=ALGORITHM,
        subject=("price_step", step.reference),
        concerning=step.owner,
        inputs=step.inputs,
        output={"before": step.before.text, "after": step.after.text, "currency": step.currency},
        explanation=step.working,
        by=by,
        at=at,
    )
    if not consent:
        _announce(step, step.effective_at, by=by, at=at)
    return step


@transaction.atomic
def consent_step(*, step: PriceStep, policy: Policy, by: Actor, at: datetime) -> PriceStep:
    """Let the provider say yes: the step is announced and takes effect after its notice."""
    if refusal := rules.why_not_answer(by, step):
        raise NotAllowed(refusal)
    rises, promised = step.after_amount > step.before_amount, step.terms.get("notice_days", 0)
    notice = _notice_days(policy, rises=rises, promised=promised)
    _announce(step, at + timedelta(days=notice), by=by, at=at)
    return step


@transaction.atomic
def decline_step(*, step: PriceStep, reason: str, by: Actor, at: datetime) -> PriceStep:
    """Let the provider keep its price; buyers who were told of the change read the reason."""
    if refusal := rules.why_not_answer(by, step):
        raise NotAllowed(refusal)
    words = read_words("reason", reason, most=rules.REASON_MOST)
    declined = PriceStepDeclined(
        price_step=step.reference, product=step.asset, reason_sha256=digest_of_words(words)
    )
    advance(step, PRICE_STEP.decline, event=declined, by=by, at=at, ended_at=at, reason=words)
    if decided := latest_decision("price_step", step.reference):
        kept = step.before.text
        note_override(decision=decided, reason=words, outcome=kept, by=by, at=at)
    return step


def lapse_step(*, step: PriceStep, cause: LapseCause, by: Actor, at: datetime) -> PriceStep:
    """End a step that may not take effect any more."""
    lapsed = PriceStepLapsed(price_step=step.reference, product=step.asset, cause=cause.value)
    advance(step, PRICE_STEP.lapse, event=lapsed, by=by, at=at, ended_at=at, cause=cause.value)
    return step


def lapse_pending(asset: str, cause: LapseCause, *, by: Actor, at: datetime) -> None:
    """End what a product has pending, but for what a regulator ordered."""
    step = queries.pending_step(asset)
    if step is not None and not step.binds:
        lapse_step(step=step, cause=cause, by=by, at=at)


def conclude_step(*, step: PriceStep, plan: Plan, by: Actor, at: datetime) -> PriceStep:
    """Note that the step's price is in force."""
    applied = PriceStepApplied(
        price_step=step.reference,
        product=step.asset,
        plan=plan.reference,
        ask_before=step.before.text,
        ask_after=step.after.text,
        terms_sha256=plan.terms_sha256,
    )
    new = plan.reference
    advance(step, PRICE_STEP.apply, event=applied, by=by, at=at, ended_at=at, new_plan=new)
    return step


def _announce(step: PriceStep, effective_at: datetime, *, by: Actor, at: datetime) -> None:
    announced = PriceStepAnnounced(
        price_step=step.reference,
        product=step.asset,
        ask_before=step.before.text,
        ask_after=step.after.text,
        effective_at=effective_at.isoformat(),
    )
    advance(
        step,
        PRICE_STEP.announce,
        event=announced,
        by=by,
        at=at,
        announced_at=at,
        effective_at=effective_at,
    )


def _days(proposal: Proposal, *, consent: bool) -> int:
    rules_of = proposal.policy.adjustment
    if proposal.ceiling is not None:
        return rules_of.notice_days_order
    if consent:
        return rules_of.consent_days
    return _notice_days(
        proposal.policy,
        rises=proposal.working.factor > 1,
        promised=proposal.plan.notice_days,
    )


def _notice_days(policy: Policy, *, rises: bool, promised: int) -> int:
    """Return the days of notice: the pack's, or what the plan promised subscribers if longer."""
    rules_of = policy.adjustment
    return max(rules_of.notice_days_rise if rises else rules_of.notice_days_cut, promised)
