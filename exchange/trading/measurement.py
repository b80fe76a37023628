"""The price adjustment measured: steps against another computation, buyers against each other."""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from math import exp, log
from random import Random
from typing import Any, Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.log.canonical import canonical
from audit.rulebook.queries import get_pack
from pricing.documents import as_plain
from pricing.equal_treatment import Treated, unequal
from pricing.methods.adjusting import (
    CHOSEN,
    Bounds,
    Readings,
    StepInputs,
    StepWorking,
    work_out_step,
)
from pricing.methods.policies import AdjustmentPolicy
from pricing.policy import policy_of

from .invented import AT, invented_market
from .treatment import try_quotes

SEED: Final = 20261129
DRAWS: Final = 1000
STEPS: Final = f"random readings and bounds, seed {SEED}"
MARKET: Final = "invented market: buyers in every mixture of region, kind, size, name and history"
CLOSE: Final = 1e-6
CODE: Final = (
    "pricing.methods.adjusting",
    "pricing.methods.formulae.adjustment",
    "pricing.equal_treatment",
    "exchange.trading.quoting",
    "exchange.trading.circumstances",
    "exchange.trading.treatment",
)


@measurement("price_adjustment", code=CODE)
def measure_price_adjustment() -> list[Metric]:
    """Work random steps out twice, and quote an invented market to buyers of every kind."""
    rules = policy_of(get_pack("pricing", on=AT.date())).adjustment
    random = Random(SEED)  # noqa: S311  repeatability is the point
    drawn, agreed, within = [], 0, 0
    for done in range(1, DRAWS + 1):
        inputs = draw_inputs(random, rules)
        working = work_out_step(inputs, rules)
        drawn.append(as_plain(inputs))
        agreed += abs(float(working.wanted) - independent_factor(inputs, working, rules)) < CLOSE
        within += keeps_bounds(inputs, working)
        report_progress(done, DRAWS, "random steps")
    digest = hashlib.sha256(canonical({"drawn": drawn})).hexdigest()
    with invented_market() as market:
        cases = list(try_quotes(market.products, market.buyers, at=AT))
        known = hashlib.sha256(canonical(market.as_document())).hexdigest()
    return [
        _metric("agreement_with_independent_sum", agreed, DRAWS, STEPS, digest),
        _metric("within_all_bounds", within, DRAWS, STEPS, digest),
        _metric("same_price_on_same_conditions", equal_cases(cases), len(cases), MARKET, known),
    ]


def equal_cases(cases: Sequence[Treated]) -> int:
    """Count the quotes on conditions under which nobody was treated otherwise."""
    differing = {found.conditions for found in unequal(cases)}
    return sum(case.conditions not in differing for case in cases)


def draw_inputs(random: Random, rules: AdjustmentPolicy) -> StepInputs:
    """Draw a product's readings now and then, and bounds around its price."""
    ask = _decimal(random.uniform(1, 10_000), 2)
    then, now = (_draw_readings(random) for _ in range(2))
    return StepInputs(
        ask=ask,
        currency="CNY",
        triggers=CHOSEN,
        then=then,
        now=now,
        bounds=Bounds(
            step_most=rules.step_most,
            period_most=rules.period_most,
            band_low=_decimal(random.uniform(0.5, 1.1) * float(ask), 2),
            band_high=_decimal(random.uniform(1.1, 2.0) * float(ask), 2),
        ),
        gone=tuple(_decimal(random.uniform(0.95, 1.05), 4) for _ in range(random.randrange(3))),
    )


def independent_factor(inputs: StepInputs, working: StepWorking, rules: AdjustmentPolicy) -> float:
    """Add logarithms of the triggers that fired, sharing no code with the formulae."""
    now, then = inputs.now, inputs.then
    e = {name: float(rule.elasticity) for name, rule in rules.triggers.items()}
    s = float(rules.smoothing)
    overdue = [max(0, (row.age_days or 0) - (now.promised_days or 0)) for row in (now, then)]
    ratios = sorted(float(ratio) for ratio in now.negotiated)
    logs = {
        "COST": e["COST"] * log(now.cost_index / then.cost_index),
        "DEMAND": e["DEMAND"]
        * (
            log((now.interested + s) / (now.offers + s))
            - log((then.interested + s) / (then.offers + s))
        ),
        "QUALITY": e["QUALITY"] * log((now.quality or 1) / (then.quality or 1)),
        "FRESHNESS": -e["FRESHNESS"]
        * log(2)
        * (overdue[0] - overdue[1])
        / (now.half_life_days or 1),
        "SCARCITY": log(1 + e["SCARCITY"] / (1 + now.comparables))
        - log(1 + e["SCARCITY"] / (1 + then.comparables)),
        "DRIFT": e["DRIFT"] * log(ratios[len(ratios) // 2]) if ratios else 0.0,
    }
    return exp(sum(logs[signal.trigger.value] for signal in working.fired))


def keeps_bounds(inputs: StepInputs, working: StepWorking) -> bool:
    """Whether a step stays in all its bounds, asked with fractions of the amounts."""
    bounds, factor = inputs.bounds, working.factor
    gone = Decimal(1)
    for step in inputs.gone:
        gone *= step
    after = inputs.ask * factor
    together = gone * factor
    rises, falls = factor > 1, factor < 1
    return (
        abs(factor - 1) <= bounds.step_most
        and not (rises and together > 1 + bounds.period_most)
        and not (falls and together < 1 - bounds.period_most)
        and not (rises and bounds.band_high is not None and after > bounds.band_high)
        and not (falls and bounds.band_low is not None and after < bounds.band_low)
    )


def _draw_readings(random: Random) -> Readings:
    deals = random.choice([0, 5, 7, 9])
    return Readings(
        on=date(2026, 11, 23),
        cost_index=_decimal(random.uniform(80, 125), 1),
        interested=random.randrange(60),
        offers=random.randrange(1, 40),
        comparables=random.randrange(40),
        quality=_decimal(random.uniform(0.3, 1), 4),
        age_days=random.randrange(200),
        promised_days=35,
        half_life_days=240,
        negotiated=tuple(_decimal(random.uniform(0.6, 1), 4) for _ in range(deals)),
        bargainers=deals,
    )


def _decimal(value: float, places: int) -> Decimal:
    return Decimal(f"{value:.{places}f}")


def _metric(name: str, right: int, whole: int, dataset: str, digest: str) -> Metric:
    low, high = wilson_interval(right, whole)
    figures: dict[str, Any] = {
        "value": f"{Decimal(right) / whole:.4f}",
        "ci_low": f"{low:.4f}",
        "ci_high": f"{high:.4f}",
    }
    return Metric(name=name, n=whole, dataset=dataset, dataset_sha256=digest, exact=True, **figures)
