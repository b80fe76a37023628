"""What a price adjustment reads of a product and its market, at any moment, and what follows."""

import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.states import ProductState
from exchange.catalog.valuation import asset_facts
from exchange.parties.queries import sharing_people_with
from pricing.adjustment import queries
from pricing.adjustment.models import Adjustment
from pricing.adjustment.services import Proposal
from pricing.adjustment.terms import can_move, cap_room, move_terms
from pricing.methods.adjusting import (
    Bounds,
    Readings,
    StepInputs,
    Trigger,
    limits_of,
    sequence_of,
    work_out_step,
)
from pricing.methods.policies import index_at
from pricing.methods.quality import score_quality
from pricing.models import Appraisal, Plan
from pricing.policy import Policy, policy_of
from pricing.queries import current_appraisal, current_plan
from pricing.quotes import reference_quantity
from pricing.rules import asking_price, why_not_rely_on

from .circumstances import VOID
from .models import Inquiry, Order


class Silence(StrEnum):
    """Why no step follows now."""

    SWITCHED_OFF = "SWITCHED_OFF"
    NOT_LISTED = "NOT_LISTED"
    NO_PRICE = "NO_PRICE"
    NO_APPRAISAL = "NO_APPRAISAL"
    FROZEN = "FROZEN"
    EMERGENCY = "EMERGENCY"
    PENDING = "PENDING"
    COOLING = "COOLING"
    NOTHING = "NOTHING"
    ROUNDING = "ROUNDING"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A product on the market with all that its price stands on at one moment."""

    product: Product
    release: Release
    plan: Plan
    appraisal: Appraisal | None
    policy: Policy
    at: datetime

    @property
    def quantity(self) -> int:
        """The quantity at which prices are compared with the band."""
        release = self.release
        return reference_quantity(self.plan.terms, rows=release.rows, size=release.size)

    @property
    def since(self) -> datetime:
        """When the market first saw this price: set, or listed with the product."""
        return max(self.plan.set_at, self.product.listed_at or self.plan.set_at)

    @property
    def ask(self) -> Decimal:
        """What one license asks now."""
        return asking_price(self.plan, rows=self.release.rows, size=self.release.size).amount


def standing_of(product: Product, *, at: datetime) -> Standing | None:
    """Return what a product's price stands on, or None where there is no price to move."""
    plan, release = current_plan(product.reference), product.current
    if plan is None or release is None or not can_move(plan.terms):
        return None
    appraisal = current_appraisal(product.reference)
    if why_not_rely_on(appraisal, release="", at=at) is not None:
        appraisal = None
    return Standing(
        product=product,
        release=release,
        plan=plan,
        appraisal=appraisal,
        policy=policy_of(get_pack("pricing", on=day_of(at))),
        at=at,
    )


def work_out(product: Product, adjustment: Adjustment, *, at: datetime) -> Proposal | Silence:
    """Return the step that follows for a product now, or why there is none."""
    standing = standing_of(product, at=at)
    if (obstacle := obstacle_to(product, standing, at=at)) or standing is None:
        return obstacle or Silence.NO_PRICE
    inputs = inputs_of(standing, adjustment)
    working = work_out_step(inputs, standing.policy.adjustment)
    if not working.moves:
        return Silence.NOTHING
    moved = move_terms(
        standing.plan.terms, working.factor, quantity=standing.quantity, limits=working.limits
    )
    if moved is None:
        return Silence.ROUNDING
    return Proposal(
        plan=standing.plan,
        industry=product.industry,
        quantity=standing.quantity,
        inputs=inputs,
        working=working,
        moved=moved,
        policy=standing.policy,
        appraisal=standing.appraisal.reference if standing.appraisal else "",
        adjustment=adjustment,
    )


def obstacle_to(product: Product, standing: Standing | None, *, at: datetime) -> Silence | None:
    """Return what keeps every step of a product from being worked out, if anything does."""
    if product.status != ProductState.LISTED:
        return Silence.NOT_LISTED
    if standing is None:
        return Silence.NO_PRICE
    if queries.pending_step(product.reference) is not None:
        return Silence.PENDING
    cooled = standing.since + timedelta(days=standing.policy.adjustment.cooling_days)
    band = standing.appraisal
    obstacles = {
        Silence.NO_APPRAISAL: band is None or band.currency != standing.plan.currency,
        Silence.COOLING: at < cooled,
    }
    held = why_held(product, standing.policy, at=at)
    return held or next((silence for silence, found in obstacles.items() if found), None)


def why_held(product: Product, policy: Policy, *, at: datetime) -> Silence | None:
    """Return whether a freeze or a declared emergency holds a product's price."""
    if policy.adjustment.emergency_of(product.industry, day_of(at)):
        return Silence.EMERGENCY
    if queries.freezes_on(product.reference, product.industry).exists():
        return Silence.FROZEN
    return None


def inputs_of(standing: Standing, adjustment: Adjustment) -> StepInputs:
    """Return what a step of a product rests on: readings now and when its price was set."""
    plan, policy = standing.plan, standing.policy
    since = standing.at - timedelta(days=policy.adjustment.period_days)
    now = readings_at(standing.product, policy, at=standing.at)
    ratios, bargainers = negotiated(standing.product, plan, policy, at=standing.at)
    return StepInputs(
        ask=standing.ask,
        currency=plan.currency,
        triggers=sequence_of(adjustment.triggers),
        then=readings_at(standing.product, policy, at=standing.since),
        now=replace(now, negotiated=ratios, bargainers=bargainers),
        bounds=bounds_of(standing, adjustment),
        gone=queries.factors_since(plan.asset, since),
    )


def ordered_inputs(standing: Standing, ceiling: Decimal) -> StepInputs:
    """Return what a step that a regulator ordered rests on: the ask and the ceiling."""
    now = readings_at(standing.product, standing.policy, at=standing.at)
    rules = standing.policy.adjustment
    return StepInputs(
        ask=standing.ask,
        currency=standing.plan.currency,
        triggers=(Trigger.ORDER,),
        then=now,
        now=now,
        bounds=Bounds(
            step_most=rules.step_most,
            period_most=rules.period_most,
            order_ceiling=ceiling,
            cap_room=cap_room(standing.plan.terms),
        ),
    )


def bounds_of(standing: Standing, adjustment: Adjustment) -> Bounds:
    """Return the pack's bounds and the provider's narrower ones, the band, orders and the cap."""
    rules, band = standing.policy.adjustment, standing.appraisal
    ceiling = queries.current_ceiling(standing.plan.asset)
    own = adjustment.currency == standing.plan.currency
    return Bounds(
        step_most=min(rules.step_most, adjustment.step_most_rate),
        period_most=rules.period_most,
        band_low=band.low_amount if band else None,
        band_high=band.high_amount if band else None,
        own_floor=adjustment.floor_amount if own else None,
        own_ceiling=adjustment.ceiling_amount if own else None,
        order_ceiling=ceiling.amount if ceiling else None,
        cap_room=cap_room(standing.plan.terms),
    )


def is_within(standing: Standing, adjustment: Adjustment, factor: Decimal) -> bool:
    """Whether a factor that was announced is still within all bounds as they are now."""
    limits = limits_of(inputs_of(standing, adjustment))
    return limits.low <= factor <= limits.high


def readings_at(product: Product, policy: Policy, *, at: datetime) -> Readings:
    """Return what was known of a product and its market at a moment; nothing about any buyer."""
    rules, day = policy.adjustment, day_of(at)
    like = like_products(product, at=at)
    others = like.exclude(provider=product.provider_id).count()
    release = _release_at(product, at)
    readings = Readings(
        on=day,
        cost_index=index_at(policy.cost.cost_index, day),
        interested=_interested(product, like, since=at - timedelta(days=rules.window_days), at=at),
        offers=like.count(),
        comparables=others,
    )
    if release is None:
        return readings
    seen = copy.copy(product)
    seen.current = release
    facts = asset_facts(seen)
    quality = score_quality(facts, policy.quality, day, with_age=False)
    return replace(
        readings,
        quality=quality.value if quality.dimensions else None,
        age_days=max(0, (day - day_of(release.uploaded_at)).days),
        promised_days=rules.promised_days.get(facts.update_frequency.value),
        half_life_days=policy.quality.half_life_days[facts.update_frequency.value],
    )


def like_products(product: Product, *, at: datetime) -> QuerySet[Product]:
    """Return what was on the market at a moment on the same board and of the same type."""
    listed = Q(status=ProductState.LISTED) | Q(status_since__gt=at)
    alike = Product.objects.filter(sector=product.sector, product_type=product.product_type)
    return alike.filter(listed, listed_at__lte=at)


def negotiated(
    product: Product, plan: Plan, policy: Policy, *, at: datetime
) -> tuple[tuple[Decimal, ...], int]:
    """Return agreed ÷ list of each concluded quote of the plan, and by how many buyers."""
    since = at - timedelta(days=policy.adjustment.window_days)
    rows = (
        Order.objects.filter(
            product=product,
            plan__reference=plan.reference,
            contract__effective_at__gt=since,
            contract__effective_at__lte=at,
        )
        .exclude(status__in=VOID)
        .order_by("placed_at", "pk")
        .values_list("quote", "buyer")
    )
    found = [(ratio, buyer) for quote, buyer in rows if (ratio := negotiated_ratio(quote))]
    return tuple(ratio for ratio, _buyer in found), len({buyer for _ratio, buyer in found})


def negotiated_ratio(quote: dict[str, Any]) -> Decimal | None:
    """Return what was agreed on, against the same quantity at the plan's own rules.

    None where the plan was not negotiable or nothing was to be paid. The list side is the stage
    after trial, scenario and bundle: what those take off was not negotiated.
    """
    stages = {row["stage"]: Decimal(row["amount"]) for row in quote["pipeline"]}
    if not quote["negotiable"] or not stages["adjusted"] or not stages["agreed"]:
        return None
    return (stages["agreed"] / stages["adjusted"]).quantize(Decimal("1E-8"))


def _interested(product: Product, like: QuerySet[Product], *, since: datetime, at: datetime) -> int:
    """Count the different buyers of orders and inquiries, none who acts for the provider too."""
    own = {product.provider.reference, *sharing_people_with(product.provider)}
    ordered = Order.objects.filter(product__in=like, placed_at__gt=since, placed_at__lte=at)
    asked = Inquiry.objects.filter(product__in=like, opened_at__gt=since, opened_at__lte=at)
    buyers: set[int] = set()
    for rows in (ordered, asked):
        strangers = rows.exclude(buyer__reference__in=own).order_by()
        buyers.update(strangers.values_list("buyer", flat=True).distinct())
    return len(buyers)


def _release_at(product: Product, at: datetime) -> Release | None:
    rows = product.releases.filter(cleared_at__isnull=False, cleared_at__lte=at)
    return rows.order_by("-number").first()
