"""The price adjustment: what triggers say together, and the bounds that no step leaves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.methods.adjusting import (
    CHOSEN,
    Bounds,
    Readings,
    StepInputs,
    Trigger,
    limits_of,
    sequence_of,
    work_out_step,
)
from pricing.methods.formulae.adjustment import (
    cost_factor,
)

from .making import policy

D = Decimal
THEN = Readings(
    on=date(2026, 8, 1),
    cost_index=D(100),
    interested=6,
    offers=6,
    comparables=5,
    quality=D("0.90"),
    age_days=1,
    promised_days=35,
    half_life_days=240,
)
NOW = replace(THEN, on=date(2026, 11, 1))
BOUNDS = Bounds(step_most=D("0.05"), period_most=D("0.15"), band_low=D(500), band_high=D(2000))


def step(*triggers: Trigger, **changes: Any) -> StepInputs:
    """Inputs of a product at 1,000 to which nothing has happened, but for what is changed."""
    bounds = replace(BOUNDS, **changes.pop("bounds", {}))
    usual = {"ask": D(1000), "currency": "CNY", "then": THEN, "gone": (), **changes}
    now = replace(NOW, **usual.pop("now", {}))
    return StepInputs(triggers=triggers or CHOSEN, now=now, bounds=bounds, **usual)


def test_where_nothing_changed_nothing_moves() -> None:
    working = work_out_step(step(), policy().adjustment)

    assert not working.moves
    assert working.fired == ()
    assert {signal.silent for signal in working.signals} == {"below_threshold", "too_few_deals"}


@pytest.mark.parametrize(
    ("trigger", "now", "rises"),
    [
        (Trigger.COST, {"cost_index": D(120)}, True),
        (Trigger.COST, {"cost_index": D(80)}, False),
        (Trigger.DEMAND, {"interested": 30}, True),
        (Trigger.DEMAND, {"interested": 0}, False),
        (Trigger.DEMAND, {"offers": 40}, False),
        (Trigger.QUALITY, {"quality": D("0.99")}, True),
        (Trigger.QUALITY, {"quality": D("0.70")}, False),
        (Trigger.FRESHNESS, {"age_days": 90}, False),
        (Trigger.SCARCITY, {"comparables": 0}, True),
        (Trigger.SCARCITY, {"comparables": 90}, False),
        (Trigger.DRIFT, {"negotiated": (D("0.8"),) * 5, "bargainers": 3}, False),
        (Trigger.DRIFT, {"negotiated": (D("1.2"),) * 5, "bargainers": 3}, True),
    ],
)
def test_each_trigger_moves_the_price_its_own_way(
    trigger: Trigger,
    now: dict[str, Any],
    rises: bool,  # noqa: FBT001  a column of the table
) -> None:
    working = work_out_step(step(trigger, now=now), policy().adjustment)

    assert [signal.trigger for signal in working.fired] == [trigger]
    assert (working.factor > 1) is rises
    assert working.moves


@pytest.mark.parametrize(
    ("trigger", "now", "silent"),
    [
        (Trigger.QUALITY, {"quality": None}, "unknown"),
        (Trigger.QUALITY, {"quality": D(0)}, "unknown"),
        (Trigger.FRESHNESS, {"promised_days": None}, "nothing_promised"),
        (Trigger.FRESHNESS, {"age_days": None}, "unknown"),
        (Trigger.DRIFT, {"negotiated": (D("0.5"),) * 4, "bargainers": 4}, "too_few_deals"),
        (Trigger.DRIFT, {"negotiated": (D("0.5"),) * 9, "bargainers": 2}, "too_few_deals"),
    ],
)
def test_what_is_not_known_says_nothing(trigger: Trigger, now: dict[str, Any], silent: str) -> None:
    working = work_out_step(step(trigger, now=now), policy().adjustment)

    assert [signal.silent for signal in working.signals] == [silent]
    assert not working.moves


def test_two_buyers_do_not_move_a_market() -> None:
    quiet = replace(THEN, interested=0, offers=1)

    working = work_out_step(
        step(Trigger.DEMAND, then=quiet, now={"interested": 2, "offers": 1}), policy().adjustment
    )

    assert working.signals[0].silent == "too_few_buyers"


def test_a_change_at_the_threshold_counts_and_one_below_it_does_not() -> None:
    rules = policy().adjustment
    at = (1 + rules.triggers["COST"].threshold) ** 2 * 100
    inputs = [step(Trigger.COST, now={"cost_index": at - less}) for less in (D(0), D("0.001"))]

    fired = [bool(work_out_step(each, rules).fired) for each in inputs]

    assert fired == [True, False]


def test_triggers_that_were_not_chosen_are_not_read() -> None:
    now = {"cost_index": D(500), "comparables": 0}

    working = work_out_step(step(Trigger.SCARCITY, now=now), policy().adjustment)

    assert [signal.trigger for signal in working.signals] == [Trigger.SCARCITY]


def test_an_order_binds_beyond_the_bounds_of_a_step_and_never_raises() -> None:
    rules = policy().adjustment
    low, high = (
        work_out_step(step(Trigger.ORDER, bounds={"order_ceiling": ceiling}), rules)
        for ceiling in (D(200), D(5000))
    )

    assert (low.factor, low.bound_by) == (D("0.2"), "")
    assert high.factor == 1


def test_after_an_order_no_trigger_takes_the_price_above_it() -> None:
    inputs = step(Trigger.COST, now={"cost_index": D(200)}, bounds={"order_ceiling": D(1010)})

    working = work_out_step(inputs, policy().adjustment)

    assert (working.factor, working.bound_by) == (D("1.01"), "order")


def test_no_trigger_takes_public_data_above_its_cap() -> None:
    inputs = step(Trigger.COST, now={"cost_index": D(200)}, bounds={"cap_room": D("1.02")})

    working = work_out_step(inputs, policy().adjustment)

    assert (working.factor, working.bound_by) == (D("1.02"), "cap")


def test_own_bounds_are_kept() -> None:
    inputs = step(Trigger.COST, now={"cost_index": D(50)}, bounds={"own_floor": D(980)})

    working = work_out_step(inputs, policy().adjustment)

    assert (working.factor, working.bound_by) == (D("0.98"), "own")


def test_a_chosen_order_is_refused() -> None:
    assert sequence_of(["DRIFT", "COST", "COST"]) == (Trigger.COST, Trigger.DRIFT)
    for wrong in ("ORDER", "MOON", ""):
        with pytest.raises(ValueError, match=r"."):
            sequence_of([wrong])


AMOUNTS = st.decimals(D("0.01"), D(10**9), places=2)
FACTORS = st.decimals(D("0.5"), D(2), places=4)


@given(
    ask=AMOUNTS,
    ends=st.tuples(AMOUNTS, AMOUNTS),
    gone=st.lists(FACTORS, max_size=4),
    index=st.decimals(D(1), D(10_000), places=2),
    comparables=st.integers(0, 1000),
    interested=st.integers(0, 1000),
    quality=st.decimals(D(0), D(1), places=4),
)
def test_no_step_ever_leaves_its_bounds(
    ask: Decimal,
    ends: tuple[Decimal, Decimal],
    gone: list[Decimal],
    index: Decimal,
    comparables: int,
    interested: int,
    quality: Decimal,
) -> None:
    inputs = step(
        ask=ask,
        gone=tuple(gone),
        bounds={"band_low": min(ends), "band_high": max(ends)},
        now={
            "cost_index": index,
            "comparables": comparables,
            "interested": interested,
            "quality": quality,
        },
    )

    working = work_out_step(inputs, policy().adjustment)

    assert D("0.95") <= working.factor <= D("1.05")
    after, tiny = ask * working.factor, ask * D("1E-8")
    if working.factor > 1:
        assert after <= max(ask, *ends) + tiny
    if working.factor < 1:
        assert after >= min(ask, *ends) - tiny
    limits = limits_of(inputs)
    assert limits.low <= 1 <= limits.high


@pytest.mark.parametrize("wrong", [D("NaN"), D("Infinity"), D(-1), D(0)])
def test_what_is_no_index_is_refused(wrong: Decimal) -> None:
    with pytest.raises(ValueError, match="I must"):
        cost_factor(wrong, D(100), D("0.5"))
