"""What a product's price was, is and will be, and what triggers would have made of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from exchange.catalog.models import Product
from pricing.adjustment.models import Adjustment, PriceStep
from pricing.adjustment.queries import shown_steps
from pricing.adjustment.rules import Choice, needs_consent
from pricing.adjustment.states import PriceStepState
from pricing.methods.adjusting import (
    StepInputs,
    StepWorking,
    sequence_of,
    work_out_step,
)
from pricing.models import Plan
from pricing.money import Money
from pricing.policy import Policy
from pricing.queries import list_plans
from pricing.rules import asking_price

from .adjusting import Standing, bounds_of, readings_at, standing_of

PREVIEW_DAYS: Final = 180
LOOKS_EVERY: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """From when on one license asked how much; `step` where the price moved by itself."""

    at: datetime
    ask: Money
    plan: Plan | None = None
    step: PriceStep | None = None

    @property
    def is_announced(self) -> bool:
        """Whether it is still to come."""
        return self.step is not None and self.step.status == PriceStepState.ANNOUNCED


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """A step that triggers would have made: when in effect, from what to what, and why."""

    at: datetime
    before: Decimal
    after: Decimal
    consent: bool
    working: StepWorking


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would have been: the price as it was beside the one that followed."""

    since: datetime
    at: datetime
    start: Decimal
    currency: str
    steps: tuple[Foreseen, ...]


def price_history(product: Product) -> list[Moment]:
    """Return what one license asked since when, the earliest first, with what is announced last.

    Every plan is reckoned at the quantity of reference of the current release.
    """
    release = product.current
    if release is None:
        return []
    steps = {step.new_plan: step for step in shown_steps(product.reference) if step.new_plan}
    plans = sorted(list_plans(product.reference), key=lambda plan: (plan.set_at, plan.pk))
    moments = [
        Moment(
            at=plan.set_at,
            ask=asking_price(plan, rows=release.rows, size=release.size).quantized(),
            plan=plan,
            step=steps.get(plan.reference),
        )
        for plan in plans
    ]
    coming = shown_steps(product.reference).filter(status=PriceStepState.ANNOUNCED).first()
    if coming is not None:
        moments.append(Moment(at=coming.effective_at, ask=coming.after.quantized(), step=coming))
    return moments


def preview(product: Product, choice: Choice, *, at: datetime) -> Preview | None:
    """Return what a choice would have made of the price in force over the last months.

    The price in force is taken to have stood at the beginning, every step to have been consented
    to; readings, notice, cooling time and all bounds are those of each week. The band is the
    present one. None where there is no price that could move.
    """
    standing = standing_of(product, at=at)
    if standing is None:
        return None
    since = at - timedelta(days=PREVIEW_DAYS)
    if product.listed_at is not None:
        since = max(since, product.listed_at)
    return Preview(
        since=since,
        at=at,
        start=standing.ask,
        currency=standing.plan.currency,
        steps=tuple(_follow(standing, choice, since)),
    )


def _follow(standing: Standing, choice: Choice, since: datetime) -> list[Foreseen]:
    rules, policy = standing.policy.adjustment, standing.policy
    bounds = bounds_of(standing, _chosen(standing, choice))
    ask, priced, steps = standing.ask, since, list[Foreseen]()
    then = readings_at(standing.product, policy, at=since)
    look = since + timedelta(days=rules.cooling_days)
    while look <= standing.at:
        now = readings_at(standing.product, policy, at=look)
        period = look - timedelta(days=rules.period_days)
        inputs = StepInputs(
            ask=ask,
            currency=standing.plan.currency,
            triggers=sequence_of(choice.triggers),
            then=then,
            now=now,
            bounds=bounds,
            gone=tuple(step.after / step.before for step in steps if step.at >= period),
        )
        working = work_out_step(inputs, rules)
        if not working.moves:
            look += LOOKS_EVERY
            continue
        found = _foreseen(standing, policy, working, ask, look)
        if found.at > standing.at:
            break
        steps.append(found)
        ask, priced = found.after, found.at
        then = readings_at(standing.product, policy, at=priced)
        look = priced + timedelta(days=rules.cooling_days)
    return steps


def _foreseen(
    standing: Standing, policy: Policy, working: StepWorking, ask: Decimal, look: datetime
) -> Foreseen:
    rules = policy.adjustment
    notice = rules.notice_days_rise if working.factor > 1 else rules.notice_days_cut
    return Foreseen(
        at=look + timedelta(days=max(notice, standing.plan.notice_days)),
        before=ask,
        after=Money(ask * working.factor, standing.plan.currency).quantized().amount,
        consent=needs_consent(standing.plan.terms, working.factor, rules),
        working=working,
    )


def _chosen(standing: Standing, choice: Choice) -> Adjustment:
    """Return a choice as if it were switched on."""
    return Adjustment(
        triggers=list(choice.triggers),
        step_most_rate=choice.step_most,
        floor_amount=choice.floor,
        ceiling_amount=choice.ceiling,
        currency=standing.plan.currency,
    )
