"""Verbs of pricing: the provider sets its price, an appraiser signs a value band beside it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.decisions.queries import latest_decision
from audit.decisions.services import note_override, record_decision
from audit.decisions.states import Result
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of, get_pack

from . import rules
from .appraisal_rules import faults_of_band, faults_of_inputs, why_no_band, why_not_weighed
from .appraising import AppraisalInputs, AppraisalWorking, work_out_appraisal
from .documents import as_frozen
from .events import (
    AppraisalLapsed,
    AppraisalOutdated,
    AppraisalSigned,
    AppraisalSuperseded,
    AppraisalWithdrawn,
    PlanSet,
    PlanSuperseded,
)
from .facts import AssetFacts, Comparable, CostRecord
from .income import IncomeForecast
from .methods.band import Band
from .methods.reconciling import NoValueToWeigh, Weighing
from .models import Appraisal, Plan
from .money import Money
from .plan_rules import faults_of_terms
from .plans import PlanTerms
from .policy import Policy, policy_of
from .queries import appraisers_for, appraisers_of
from .signing import ALGORITHM, sign_appraisal
from .states import APPRAISAL, PLAN, AppraisalState, PlanState, Purpose
from .validity import Ended


@transaction.atomic
def set_plan(*, asset: str, terms: PlanTerms, owner: str, by: Actor, at: datetime) -> Plan:
    """Put a price in force (自定); the plan before it is kept and superseded.

    Setting the very same terms again changes nothing. When two prices are set at once, one is in
    force and the other caller gets Conflict or is superseded: never are two in force.
    """
    current = Plan.objects.filter(asset=asset, status=PlanState.IN_FORCE).first()
    if refusal := rules.why_not_set_plan(by, owner, current):
        raise NotAllowed(refusal)
    policy = policy_of(get_pack("pricing", on=day_of(at)))
    if faults := faults_of_terms(terms):
        raise Invalid(faults)
    plan = _new_plan(asset, terms, owner, policy, at)
    if current is not None and current.terms_sha256 == plan.terms_sha256:
        return current
    if current is not None:
        superseded = PlanSuperseded(
            plan=current.reference, product=asset, terms_sha256=current.terms_sha256
        )
        advance(current, PLAN.supersede, event=superseded, by=by, at=at, superseded_at=at)
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("Another price was set for this product at the same time.")) from error
    event = PlanSet(
        plan=plan.reference,
        product=asset,
        organization=owner,
        kind=plan.kind,
        regime=plan.regime,
        currency=plan.currency,
        price=_first_price(plan.terms),
        negotiable=plan.negotiable,
        terms_sha256=plan.terms_sha256,
    )
    begin(plan, event=event, by=by, at=at)
    return plan


@transaction.atomic
def appraise(  # noqa: PLR0913  an appraisal is described by all of these
    *,
    facts: AssetFacts,
    costs: CostRecord,
    comparables: Sequence[Comparable],
    by: Actor,
    at: datetime,
    income: IncomeForecast | None = None,
    weighing: Weighing | None = None,
    purpose: Purpose = Purpose.TRADE,
    basis_on: date | None = None,
    declares_independence: bool = False,
    related: Collection[str] = (),
) -> Appraisal:
    """Work out a value band, sign it and put it in force (评估); the one before is kept.

    `related` are the organizations that have somebody or something in common with the provider.
    Raises NotAllowed for them, for the provider, for whoever is no assessor and for an assessor
    that signed twice in a row for this provider; Invalid for inputs that no
    method can use, Conflict when another appraisal was signed at the same time.
    """
    if refusal := rules.why_not_appraise(by, facts.owner, related=related):
        raise NotAllowed(refusal)
    if refusal := rules.why_not_again(
        by.organization or by.id,
        of_provider=appraisers_for(facts.owner),
        of_product=appraisers_of(facts.asset),
    ):
        raise NotAllowed(refusal)
    policy = policy_of(get_pack("pricing", on=day_of(at)))
    inputs = AppraisalInputs(
        facts=facts,
        costs=costs,
        comparables=tuple(comparables),
        income=income,
        purpose=str(purpose),
        basis_on=basis_on or day_of(at),
        weighing=weighing,
    )
    band, working = _checked_working(
        inputs, policy, by=by, at=at, declares_independence=declares_independence
    )
    appraisal = sign_appraisal(inputs, working, band, policy, by=by, at=at)
    _supersede_current(appraisal, by=by, at=at)
    try:
        with transaction.atomic():
            appraisal.save(force_insert=True)
    except IntegrityError as error:
        message = _("Another appraisal of this product was signed at the same time.")
        raise Conflict(message) from error
    event = AppraisalSigned(
        appraisal=appraisal.reference,
        product=appraisal.asset,
        release=appraisal.release,
        pack=appraisal.pack,
        disclosure=appraisal.disclosure,
        currency=appraisal.currency,
        low=appraisal.low.text,
        mid=appraisal.mid.text,
        high=appraisal.high.text,
        methods=appraisal.methods,
        inputs_sha256=appraisal.inputs_sha256,
        document_sha256=appraisal.document_sha256,
    )
    begin(appraisal, event=event, by=by, at=at)
    _record_decision(appraisal, working, by=by, at=at)
    return appraisal


@transaction.atomic
def withdraw_appraisal(*, appraisal: Appraisal, reason: str, by: Actor, at: datetime) -> Appraisal:
    """Take back an appraisal that was found wrong; it stays readable with the reason."""
    if refusal := rules.why_not_withdraw(by, appraisal):
        raise NotAllowed(refusal)
    if not reason.strip():
        raise Invalid({"reason": [_("A reason is needed.")]})
    event = AppraisalWithdrawn(
        appraisal=appraisal.reference,
        product=appraisal.asset,
        document_sha256=appraisal.document_sha256,
        reason=reason.strip(),
    )
    advance(
        appraisal,
        APPRAISAL.withdraw,
        event=event,
        by=by,
        at=at,
        ended_at=at,
        end_reason=reason.strip(),
    )
    return appraisal


@transaction.atomic
def outdate_appraisal(*, appraisal: Appraisal, ended: Ended, by: Actor, at: datetime) -> None:
    """Note why an appraisal no longer holds; only the exchange itself does."""
    _only_the_exchange(by)
    event = AppraisalOutdated(
        appraisal=appraisal.reference,
        product=appraisal.asset,
        cause=ended.cause.value,
        detail=ended.detail,
    )
    record(event, by=by, at=at)


@transaction.atomic
def lapse_appraisal(*, appraisal: Appraisal, ended: Ended, by: Actor, at: datetime) -> Appraisal:
    """End an outdated appraisal that no other takes the place of; it stays readable."""
    _only_the_exchange(by)
    event = AppraisalLapsed(
        appraisal=appraisal.reference,
        product=appraisal.asset,
        document_sha256=appraisal.document_sha256,
        cause=ended.cause.value,
    )
    advance(
        appraisal,
        APPRAISAL.lapse,
        event=event,
        by=by,
        at=at,
        ended_at=at,
        end_reason=ended.cause.value,
    )
    return appraisal


def _only_the_exchange(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed(_("Only the exchange itself ends an appraisal that is outdated."))


def _first_price(terms: PlanTerms) -> str:
    """Return the price a reader meets first: of one purchase, one unit or the smallest package."""
    if terms.tiers:
        return f"{terms.tiers[0].unit_price:f}"
    if terms.packages:
        return Money(min(row.price for row in terms.packages), terms.currency).text
    return Money(terms.price, terms.currency).text


def _new_plan(asset: str, terms: PlanTerms, owner: str, policy: Policy, at: datetime) -> Plan:
    days = terms.guarantee_days
    said = terms.as_document()
    plan = Plan(
        reference=new_reference("PL", at),
        asset=asset,
        owner=owner,
        kind=terms.kind,
        regime=terms.regime,
        currency=terms.currency,
        price_amount=terms.price,
        period=terms.period or "",
        tiers=said["tiers"],
        packages=said.get("packages", []),
        minimum_amount=terms.minimum,
        trial_quota=terms.trial_quota,
        negotiable=terms.negotiable,
        floor_rate=terms.floor_rate,
        scenarios=said.get("scenarios", []),
        companions=said.get("companions", []),
        renewable=terms.renewable,
        notice_days=terms.notice_days,
        cap_amount=terms.cap,
        cap_basis=terms.cap_basis,
        revenue_cap_amount=terms.revenue_cap,
        revenue_period=terms.revenue_period or "",
        guarantee_days=policy.price_guarantee_days if days is None else days,
        pack=policy.label,
        set_at=at,
    )
    plan.terms_sha256 = plan.terms.sha256
    return plan


def _checked_working(
    inputs: AppraisalInputs,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
    declares_independence: bool,
) -> tuple[Band, AppraisalWorking]:
    faults = faults_of_inputs(inputs)
    if inputs.basis_on > day_of(at):
        faults["basis_on"] = [_("The basis date cannot lie in the future.")]
    if not by.is_system and not declares_independence:
        faults["declares_independence"] = [_("The assessor must declare its independence.")]
    if faults:
        raise Invalid(faults)
    try:
        working = work_out_appraisal(as_frozen(inputs), policy)
    except NoValueToWeigh as error:
        raise Invalid({"weighing.approaches": [why_not_weighed(error)]}) from error
    if working.band is None:
        raise Invalid({"costs": why_no_band(working, policy)})
    if faults := faults_of_band(working.band):
        raise Invalid(faults)
    return working.band, working


def _record_decision(
    appraisal: Appraisal, working: AppraisalWorking, *, by: Actor, at: datetime
) -> None:
    """Keep the working as the algorithm's decision; another assessor's replaces the one before."""
    assert working.band is not None  # noqa: S101  checked before it was signed
    before = Appraisal.objects.filter(
        asset=appraisal.asset, purpose=appraisal.purpose, end_reason=appraisal.reference
    ).first()
    decided = latest_decision("appraisal", before.reference) if before else None
    if before and decided and before.appraiser != appraisal.appraiser and not by.is_system:
        note_override(
            decision=decided,
            reason=_("Another assessor appraised the product: %(reference)s.")
            % {"reference": appraisal.reference},
            outcome=appraisal.mid.text,
            result=Result.CHANGED,
            by=by,
            at=at,
        )
    record_decision(
        algorithm=ALGORITHM,
        subject=("appraisal", appraisal.reference),
        concerning=appraisal.owner,
        inputs=appraisal.inputs,
        output={
            "low": appraisal.low.text,
            "mid": appraisal.mid.text,
            "high": appraisal.high.text,
            "currency": appraisal.currency,
            "document_sha256": appraisal.document_sha256,
        },
        explanation={
            "pack": appraisal.pack,
            "methods": [
                {
                    "method": str(share.method),
                    "value": share.value.text,
                    "weight": f"{share.weight:f}",
                }
                for share in working.band.shares
            ],
        },
        by=by,
        at=at,
    )


def _supersede_current(appraisal: Appraisal, *, by: Actor, at: datetime) -> None:
    current = Appraisal.objects.filter(
        asset=appraisal.asset, purpose=appraisal.purpose, status=AppraisalState.SIGNED
    ).first()
    if current is None:
        return
    event = AppraisalSuperseded(
        appraisal=current.reference,
        product=current.asset,
        document_sha256=current.document_sha256,
    )
    reason = appraisal.reference
    advance(current, APPRAISAL.supersede, event=event, by=by, at=at, ended_at=at, end_reason=reason)
