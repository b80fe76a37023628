"""Verbs of the price adjustment on the market: choices, steps, freezes and ordered ceilings."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.catalog.services import adjust_price
from exchange.catalog.services.locking import lock_product
from exchange.catalog.states import ProductState
from exchange.catalog.vocabulary import Industry
from exchange.trading.adjusting import (
    Silence,
    Standing,
    is_within,
    ordered_inputs,
    standing_of,
    why_held,
    work_out,
)
from pricing.adjustment import queries, services
from pricing.adjustment.models import Adjustment, PriceCeiling, PriceFreeze, PriceStep
from pricing.adjustment.rules import Choice
from pricing.adjustment.services import Proposal
from pricing.adjustment.states import FreezeScope, LapseCause, PriceStepState
from pricing.adjustment.terms import move_terms
from pricing.adjustment.wording import explain
from pricing.methods.adjusting import work_out_step
from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.policy import Policy, policy_of
from pricing.queries import current_plan
from pricing.rules import ADJUSTER

logger = logging.getLogger(__name__)
ASSESSED_EVERY: Final = timedelta(days=1)


@transaction.atomic
def choose_adjustment(*, product: Product, choice: Choice, by: Actor, at: datetime) -> Adjustment:
    """Let a product's price follow triggers from now on, within the provider's own bounds."""
    lock_product(product)
    plan = current_plan(product.reference)
    if plan is None:
        raise NotAllowed(_("Set a price first."))
    return services.set_adjustment(plan=plan, choice=choice, policy=_policy(at), by=by, at=at)


@transaction.atomic
def end_adjustment(*, product: Product, by: Actor, at: datetime) -> Product:
    """Let the product's price follow nothing any more."""
    adjustment = queries.current_adjustment(product.reference)
    if adjustment is None:
        raise NotAllowed(_("The price of this product follows nothing now."))
    services.end_adjustment(adjustment=adjustment, by=by, at=at)
    return product


@transaction.atomic
def assess(*, adjustment: Adjustment, at: datetime) -> PriceStep | Silence | None:
    """Work out whether a step follows, and announce it; None where another worker just did.

    The claim, the step and its entries are one transaction: a worker that dies leaves nothing.
    """
    rows = Adjustment.objects.filter(pk=adjustment.pk, assessed_at=adjustment.assessed_at)
    if not rows.update(assessed_at=at):
        return None
    product = _product(adjustment.asset)
    lock_product(product)
    adjustment.refresh_from_db()
    services.order_freezes(exclusive=False)
    if adjustment.ended_at is not None:
        return Silence.SWITCHED_OFF
    found = work_out(product, adjustment, at=at)
    if isinstance(found, Silence):
        return found
    return services.propose_step(proposal=found, by=ADJUSTER, at=at)


@transaction.atomic
def conclude(*, step: PriceStep, at: datetime) -> PriceStep:
    """Put a step in effect whose day has come, or let it lapse with its cause.

    Raises WrongState where another worker concluded it.
    """
    product = _product(step.asset)
    lock_product(product)
    step.refresh_from_db()
    services.order_freezes(exclusive=False)
    if cause := why_lapsed(step, product, at=at):
        return services.lapse_step(step=step, cause=cause, by=ADJUSTER, at=at)
    try:
        with transaction.atomic():
            plan = adjust_price(
                product=product,
                terms=PlanTerms.from_document(step.terms),
                reason=_reason(step),
                binding=step.binds,
                by=ADJUSTER,
                at=at,
            )
    except (NotAllowed, Invalid):
        return services.lapse_step(step=step, cause=LapseCause.OUT_OF_BOUNDS, by=ADJUSTER, at=at)
    return services.conclude_step(step=step, plan=plan, by=ADJUSTER, at=at)


def why_lapsed(step: PriceStep, product: Product, *, at: datetime) -> LapseCause | None:
    """Return what keeps a step from taking effect at its day.

    A regulator's order passes freezes and bounds, and reaches a suspended product too.
    """
    if step.status == PriceStepState.PROPOSED:
        return LapseCause.NO_CONSENT
    standing = standing_of(product, at=at)
    markets = {ProductState.LISTED, *([ProductState.SUSPENDED] if step.binds else [])}
    if standing is None or product.status not in markets:
        return LapseCause.OFF_MARKET
    if standing.plan.reference != step.plan:
        return LapseCause.PRICE_CHANGED
    return None if step.binds else _why_out_of_rules(step, standing)


def _why_out_of_rules(step: PriceStep, standing: Standing) -> LapseCause | None:
    if held := why_held(standing.product, standing.policy, at=standing.at):
        return LapseCause(held.value)
    adjustment = queries.current_adjustment(step.asset)
    if adjustment is None or adjustment.reference != step.adjustment:
        return LapseCause.SWITCHED_OFF
    factor = step.after_amount / step.before_amount
    if standing.appraisal is None or not is_within(standing, adjustment, factor):
        return LapseCause.OUT_OF_BOUNDS
    return None


def run_price_clocks(*, at: datetime) -> int:
    """Work out what is due once a day, and conclude steps whose day has come; return how many."""
    done = 0
    for adjustment in queries.due_adjustments(at - ASSESSED_EVERY):
        try:
            done += isinstance(assess(adjustment=adjustment, at=at), PriceStep)
        except DomainError as refusal:
            logger.warning("no price step for %s: %s", adjustment.asset, refusal)
    for step in queries.due_steps(at):
        try:
            conclude(step=step, at=at)
        except WrongState:
            logger.info("price step %s is in other hands", step.reference)
        else:
            done += 1
    return done


@transaction.atomic
def consent_to(*, step: PriceStep, by: Actor, at: datetime) -> PriceStep:
    """Let the provider agree to a step that needs its yes."""
    return services.consent_step(step=step, policy=_policy(at), by=by, at=at)


@transaction.atomic
def freeze_product(*, product: Product, reason: str, by: Actor, at: datetime) -> PriceFreeze:
    """Stop one product's price from moving by itself: its provider, or a regulator."""
    return services.freeze_prices(
        scope=FreezeScope.PRODUCT,
        target=product.reference,
        owner=product.provider.reference,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def freeze_market(*, industry: str, reason: str, by: Actor, at: datetime) -> PriceFreeze:
    """Stop all prices of an industry from moving by themselves, or of the market (empty)."""
    if industry and industry not in Industry.values:
        raise Invalid({"industry": [_("This industry is not known.")]})
    return services.freeze_prices(
        scope=FreezeScope.INDUSTRY if industry else FreezeScope.ALL,
        target=industry,
        owner="",
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def order_ceiling(
    *, product: Product, amount: Money, basis: str, reason: str, by: Actor, at: datetime
) -> PriceCeiling:
    """Order that a product asks no more; where it does, the step down is announced at once."""
    lock_product(product)
    standing = standing_of(product, at=at)
    if standing is not None and amount.currency != standing.plan.currency:
        raise Invalid({"amount": [_("The amount is in another currency than the price.")]})
    ceiling = services.order_ceiling(
        asset=product.reference, amount=amount, basis=basis, reason=reason, by=by, at=at
    )
    on_market = product.status in {ProductState.LISTED, ProductState.SUSPENDED}
    if standing is None or not on_market or standing.ask <= amount.amount:
        return ceiling
    services.lapse_pending(product.reference, LapseCause.ORDERED, by=ADJUSTER, at=at)
    inputs = ordered_inputs(standing, ceiling.amount)
    working = work_out_step(inputs, standing.policy.adjustment)
    moved = move_terms(
        standing.plan.terms, working.factor, quantity=standing.quantity, limits=working.limits
    )
    if moved is None:
        raise Conflict(_("No plan without a cheaper way to buy asks so little: name another one."))
    proposal = Proposal(
        plan=standing.plan,
        industry=product.industry,
        quantity=standing.quantity,
        inputs=inputs,
        working=working,
        moved=moved,
        policy=standing.policy,
        ceiling=ceiling,
    )
    services.propose_step(proposal=proposal, by=ADJUSTER, at=at)
    return ceiling


def _reason(step: PriceStep) -> str:
    """Return why the price moved, in both languages, as the justification beside it."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(" ".join(explain(step)))
    return f"{step.reference}\n" + "\n".join(said)


def _policy(at: datetime) -> Policy:
    return policy_of(get_pack("pricing", on=day_of(at)))


def _product(reference: str) -> Product:
    try:
        return Product.objects.select_related("provider").get(reference=reference)
    except Product.DoesNotExist:
        raise NotFound from None
