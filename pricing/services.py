"""Verbs of pricing: the provider sets its price, an appraiser signs a value band beside it."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.disclosure.queries import filed_reference
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.signing import get_signer
from audit.rulebook.queries import day_of, get_pack

from . import rules
from .appraising import AppraisalInputs, AppraisalWorking, valid_until, work_out_appraisal
from .documents import as_plain, digest_of
from .events import (
    AppraisalSigned,
    AppraisalSuperseded,
    AppraisalWithdrawn,
    PlanSet,
    PlanSuperseded,
)
from .facts import AssetFacts, Comparable, CostRecord, IncomeForecast
from .methods.band import Band
from .models import Appraisal, Plan
from .plans import PlanTerms
from .policy import Policy, policy_of
from .states import APPRAISAL, PLAN, AppraisalState, PlanState, Purpose
from .wording import INDEPENDENCE_OF_ASSESSOR, INDEPENDENCE_OF_PLATFORM, band_text

ALGORITHM = "appraisal"
DOCUMENT_VERSION = 1
LANGUAGES = {"en": "en", "zh": "zh-hans"}


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
    if faults := rules.faults_of_terms(terms):
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
    tiers = plan.terms.tiers
    event = PlanSet(
        plan=plan.reference,
        product=asset,
        organization=owner,
        kind=plan.kind,
        regime=plan.regime,
        currency=plan.currency,
        price=f"{tiers[0].unit_price:f}" if tiers else plan.price.text,
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
    purpose: Purpose = Purpose.TRADE,
    basis_on: date | None = None,
    declares_independence: bool = False,
) -> Appraisal:
    """Work out a value band, sign it and put it in force (评估); the one before is kept.

    Raises NotAllowed for the provider and for whoever is no assessor, Invalid for inputs that no
    method can use, Conflict when another appraisal was signed at the same time.
    """
    if refusal := rules.why_not_appraise(by, facts.owner):
        raise NotAllowed(refusal)
    policy = policy_of(get_pack("pricing", on=day_of(at)))
    inputs = AppraisalInputs(
        facts=facts,
        costs=costs,
        comparables=tuple(comparables),
        income=income,
        purpose=str(purpose),
        basis_on=basis_on or day_of(at),
    )
    band, working = _checked_working(
        inputs, policy, by=by, at=at, declares_independence=declares_independence
    )
    appraisal = _signed(inputs, working, band, policy, by=by, at=at)
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


def _new_plan(asset: str, terms: PlanTerms, owner: str, policy: Policy, at: datetime) -> Plan:
    days = terms.guarantee_days
    plan = Plan(
        reference=new_reference("PL", at),
        asset=asset,
        owner=owner,
        kind=terms.kind,
        regime=terms.regime,
        currency=terms.currency,
        price_amount=terms.price,
        period=terms.period or "",
        tiers=terms.as_document()["tiers"],
        minimum_amount=terms.minimum,
        trial_quota=terms.trial_quota,
        negotiable=terms.negotiable,
        cap_amount=terms.cap,
        cap_basis=terms.cap_basis,
        revenue_cap_amount=terms.revenue_cap,
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
    faults = rules.faults_of_inputs(inputs)
    if inputs.basis_on > at.date():
        faults["basis_on"] = [_("The basis date cannot lie in the future.")]
    if not by.is_system and not declares_independence:
        faults["declares_independence"] = [_("The assessor must declare its independence.")]
    if faults:
        raise Invalid(faults)
    working = work_out_appraisal(inputs, policy)
    if working.band is None:
        message = _(
            "No method applies: give the costs, at least %(count)s comparables or a forecast."
        ) % {"count": policy.market.minimum}
        raise Invalid({"costs": [message]})
    return working.band, working


def _signed(
    inputs: AppraisalInputs,
    working: AppraisalWorking,
    band: Band,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
) -> Appraisal:
    signer = get_signer("appraisal")
    plain, result = as_plain(inputs), as_plain(working)
    appraisal = Appraisal(
        reference=new_reference("A", at),
        asset=inputs.facts.asset,
        release=inputs.facts.release,
        owner=inputs.facts.owner,
        appraiser=by.organization or by.id,
        purpose=inputs.purpose,
        basis_on=inputs.basis_on,
        valid_until=valid_until(inputs, policy),
        currency=band.mid.currency,
        low_amount=band.low.amount,
        mid_amount=band.mid.amount,
        high_amount=band.high.amount,
        confidence_rate=band.confidence,
        methods=",".join(item.method for item in working.estimates),
        guideline=",".join(item.label for item in policy.guidelines),
        inputs=plain,
        inputs_sha256=digest_of(plain),
        result=result,
        disclosure=filed_reference(ALGORITHM),
        pack=policy.label,
        signer=signer.verifier_key,
        signed_at=at,
    )
    document = canonical(_document(appraisal, policy, by=by))
    appraisal.document = document.decode()
    appraisal.document_sha256 = hashlib.sha256(document).hexdigest()
    appraisal.signature = base64.b64encode(signer.sign(document)).decode()
    return appraisal


def _document(appraisal: Appraisal, policy: Policy, *, by: Actor) -> dict[str, Any]:
    independence = INDEPENDENCE_OF_PLATFORM if by.is_system else INDEPENDENCE_OF_ASSESSOR
    texts: dict[str, dict[str, str]] = {"basis_in_words": {}, "independence": {}}
    for key, language in LANGUAGES.items():
        with translation.override(language):
            texts["basis_in_words"][key] = band_text(appraisal.result)
            texts["independence"][key] = str(independence)
    return {
        "type": "appraisal",
        "v": DOCUMENT_VERSION,
        "reference": appraisal.reference,
        "asset": appraisal.asset,
        "release": appraisal.release,
        "provider": appraisal.owner,
        "appraiser": appraisal.appraiser,
        "actor": by.id,
        "purpose": appraisal.purpose,
        "basis_on": appraisal.basis_on.isoformat(),
        "valid_until": appraisal.valid_until.isoformat(),
        "signed_at": appraisal.signed_at.isoformat(),
        "currency": appraisal.currency,
        "low": appraisal.low.text,
        "mid": appraisal.mid.text,
        "high": appraisal.high.text,
        "confidence": f"{appraisal.confidence_rate:f}",
        "guidelines": [as_plain(item) for item in policy.guidelines],
        "pack": {"label": policy.label, "sha256": policy.digest},
        "disclosure": appraisal.disclosure,
        "inputs": appraisal.inputs,
        "inputs_sha256": appraisal.inputs_sha256,
        "result": appraisal.result,
        **texts,
    }


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
