"""One step of the price adjustment worked out: triggers, their figures, the bounds, the factor.

Pure: what is known of a product now and when its price was set goes in, a working comes out that
anybody can repeat. Nothing about any buyer goes in; `Readings` has no place for it.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Final

from .formulae.adjustment import (
    Limits,
    absolute_limits,
    ceiling_factor,
    cost_factor,
    demand_factor,
    drift_factor,
    freshness_factor,
    overdue_days,
    period_limits,
    renewal_factor,
    scarcity_factor,
    step_limits,
    tightest,
    tightness,
)
from .policies import AdjustmentPolicy, TriggerPolicy
from .working import shown, working_precision

ONE: Final = Decimal(1)
PLACES: Final = Decimal("1E-8")


class Trigger(enum.StrEnum):
    """What may move a price by itself."""

    COST = "COST"
    DEMAND = "DEMAND"
    QUALITY = "QUALITY"
    FRESHNESS = "FRESHNESS"
    SCARCITY = "SCARCITY"
    DRIFT = "DRIFT"
    ORDER = "ORDER"


CHOSEN: Final = tuple(trigger for trigger in Trigger if trigger != Trigger.ORDER)
"""What a provider chooses among; a regulator's order is nobody's choice."""


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What is known of a product and its market on one day. A figure that is unknown is None.

    `interested` are the different buyers that ordered or asked for `offers` like products within
    the window; `negotiated` is agreed ÷ list of each concluded quote of the price in force, from
    `bargainers` different buyers.
    """

    on: date
    cost_index: Decimal
    interested: int
    offers: int
    comparables: int
    quality: Decimal | None = None
    age_days: int | None = None
    promised_days: int | None = None
    half_life_days: int | None = None
    negotiated: tuple[Decimal, ...] = ()
    bargainers: int = 0


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What the price may not leave, in the currency of the ask; None where nothing binds."""

    step_most: Decimal
    period_most: Decimal
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    own_floor: Decimal | None = None
    own_ceiling: Decimal | None = None
    order_ceiling: Decimal | None = None
    cap_room: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class StepInputs:
    """Everything a step rests on; frozen, hashed and stored with it."""

    ask: Decimal
    currency: str
    triggers: tuple[Trigger, ...]
    then: Readings
    now: Readings
    bounds: Bounds
    gone: tuple[Decimal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What one trigger says: its factor with the figures of its formula, or why it is silent."""

    trigger: Trigger
    factor: Decimal
    fired: bool
    figures: Mapping[str, str] = field(default_factory=dict)
    silent: str = ""


@dataclass(frozen=True, kw_only=True)
class StepWorking:
    """The signals, their product, what the bounds leave of it, and what bound it."""

    signals: tuple[Signal, ...]
    wanted: Decimal
    limits: Limits
    factor: Decimal
    bound_by: str = ""

    @property
    def moves(self) -> bool:
        """Whether a price should move at all."""
        return self.factor != ONE

    @property
    def fired(self) -> tuple[Signal, ...]:
        """The signals that count."""
        return tuple(signal for signal in self.signals if signal.fired)


def work_out_step(inputs: StepInputs, policy: AdjustmentPolicy) -> StepWorking:
    """Multiply the factors of the triggers that fired, and keep the bounds.

    A factor nearer to 1 than the pack's least step is no step, unless a regulator ordered it: an
    order goes by itself, and no bound of the mechanism holds it back.
    """
    with working_precision():
        signals = tuple(read_signal(trigger, inputs, policy) for trigger in inputs.triggers)
        ordered = Trigger.ORDER in inputs.triggers
        wanted = ONE
        for signal in signals:
            wanted *= signal.factor if signal.fired else ONE
        limits = limits_of(inputs)
        kept = limits.keep(wanted)
        bound = "" if kept == wanted else limits.why_high if kept < wanted else limits.why_low
        inward = ROUND_UP if kept < ONE and not ordered else ROUND_DOWN
        factor = kept.quantize(PLACES, inward)
        if abs(factor - ONE) < policy.least and not ordered:
            factor = ONE
        return StepWorking(
            signals=signals, wanted=shown(wanted), limits=limits, factor=factor, bound_by=bound
        )


def limits_of(inputs: StepInputs) -> Limits:
    """Return what a step may do: by itself, in its period, and against band, cap and orders."""
    bounds = inputs.bounds
    if Trigger.ORDER in inputs.triggers:
        high = _order(inputs).factor
        return Limits(low=Decimal(0), high=high, why_low="order", why_high="order")
    room = Decimal("Infinity") if bounds.cap_room is None else bounds.cap_room
    return tightest(
        [
            step_limits(bounds.step_most),
            period_limits(bounds.period_most, inputs.gone),
            absolute_limits(inputs.ask, bounds.band_low, bounds.band_high, name="band"),
            absolute_limits(inputs.ask, bounds.own_floor, bounds.own_ceiling, name="own"),
            absolute_limits(inputs.ask, None, bounds.order_ceiling, name="order"),
            Limits(low=Decimal(0), high=room, why_low="cap", why_high="cap"),
        ]
    )


def read_signal(trigger: Trigger, inputs: StepInputs, policy: AdjustmentPolicy) -> Signal:
    """Return what one trigger says of a product."""
    if trigger == Trigger.ORDER:
        return _order(inputs)
    reader = {
        Trigger.COST: _cost,
        Trigger.DEMAND: _demand,
        Trigger.QUALITY: _quality,
        Trigger.FRESHNESS: _freshness,
        Trigger.SCARCITY: _scarcity,
        Trigger.DRIFT: _drift,
    }[trigger]
    found = reader(inputs.then, inputs.now, policy.triggers[trigger.value], policy)
    if isinstance(found, str):
        return Signal(trigger=trigger, factor=ONE, fired=False, silent=found)
    factor, figures = found
    fired = abs(factor - ONE) >= policy.triggers[trigger.value].threshold
    return Signal(
        trigger=trigger,
        factor=shown(factor),
        fired=fired,
        figures={name: str(value) for name, value in figures.items()},
        silent="" if fired else "below_threshold",
    )


Found = tuple[Decimal, dict[str, object]] | str
"""A factor with its figures, or the code of why there is none."""


def _cost(
    then: Readings, now: Readings, trigger: TriggerPolicy, _policy: AdjustmentPolicy
) -> Found:
    factor = cost_factor(now.cost_index, then.cost_index, trigger.elasticity)
    return factor, {"now": now.cost_index, "then": then.cost_index, "e": trigger.elasticity}


def _demand(
    then: Readings, now: Readings, trigger: TriggerPolicy, policy: AdjustmentPolicy
) -> Found:
    if max(now.interested, then.interested) < policy.buyers_least:
        return "too_few_buyers"
    present = tightness(now.interested, now.offers, policy.smoothing)
    before = tightness(then.interested, then.offers, policy.smoothing)
    return demand_factor(present, before, trigger.elasticity), {
        "interested": now.interested,
        "offers": now.offers,
        "interested_then": then.interested,
        "offers_then": then.offers,
        "s": policy.smoothing,
        "e": trigger.elasticity,
    }


def _quality(
    then: Readings, now: Readings, trigger: TriggerPolicy, _policy: AdjustmentPolicy
) -> Found:
    if not now.quality or not then.quality:
        return "unknown"
    factor = renewal_factor(now.quality, then.quality, trigger.elasticity)
    return factor, {"now": now.quality, "then": then.quality, "e": trigger.elasticity}


def _freshness(
    then: Readings, now: Readings, trigger: TriggerPolicy, _policy: AdjustmentPolicy
) -> Found:
    if now.promised_days is None or now.half_life_days is None:
        return "nothing_promised"
    if now.age_days is None or then.age_days is None:
        return "unknown"
    present = overdue_days(now.age_days, now.promised_days)
    before = overdue_days(then.age_days, now.promised_days)
    return freshness_factor(present, before, now.half_life_days, trigger.elasticity), {
        "age": now.age_days,
        "promised": now.promised_days,
        "overdue": present,
        "overdue_then": before,
        "half_life": now.half_life_days,
        "e": trigger.elasticity,
    }


def _scarcity(
    then: Readings, now: Readings, trigger: TriggerPolicy, _policy: AdjustmentPolicy
) -> Found:
    factor = scarcity_factor(now.comparables, then.comparables, trigger.elasticity)
    return factor, {"now": now.comparables, "then": then.comparables, "l": trigger.elasticity}


def _drift(
    _then: Readings, now: Readings, trigger: TriggerPolicy, policy: AdjustmentPolicy
) -> Found:
    if len(now.negotiated) < policy.deals_least or now.bargainers < policy.buyers_least:
        return "too_few_deals"
    factor = drift_factor(now.negotiated, trigger.elasticity)
    middle = drift_factor(now.negotiated, ONE)
    return factor, {
        "middle": shown(middle),
        "deals": len(now.negotiated),
        "e": trigger.elasticity,
    }


def _order(inputs: StepInputs) -> Signal:
    ceiling = inputs.bounds.order_ceiling
    if ceiling is None:
        return Signal(trigger=Trigger.ORDER, factor=ONE, fired=False, silent="no_order")
    factor = ceiling_factor(ceiling, inputs.ask)
    return Signal(
        trigger=Trigger.ORDER,
        factor=factor,
        fired=factor < ONE,
        figures={"ceiling": str(ceiling), "ask": str(inputs.ask)},
        silent="" if factor < ONE else "below_threshold",
    )


def sequence_of(triggers: Sequence[str]) -> tuple[Trigger, ...]:
    """Return chosen triggers in their one order; ValueError for what is no choice."""
    named = {Trigger(name) for name in triggers}
    if Trigger.ORDER in named:
        message = "a regulator's order is not chosen"
        raise ValueError(message)
    return tuple(trigger for trigger in CHOSEN if trigger in named)
