"""Cost and market against docs/formulae.md: the methods themselves, held to the tables."""

from dataclasses import replace
from decimal import Decimal
from itertools import groupby

import pytest

from pricing.facts import CostRecord
from pricing.methods.cost import appraise_by_expert_9, appraise_by_guidance_2023
from pricing.methods.formulae.market import (
    corrected,
    date_factor,
    elastic_factor,
    mean_value,
    quality_factor,
)
from pricing.methods.policies import CostPolicy, Span
from pricing.methods.working import Estimate

from .golden.formulae import Row, fen, in_order, rows, six
from .making import BASIS, facts, policy

RULES = policy()
ONE = Decimal(1)


def _fixed(value: Decimal) -> Span:
    return Span(low=value, high=value, spread=Decimal(0))


def _rules(
    *,
    returned: Decimal = Decimal(0),
    quality: Decimal = ONE,
    flow: Decimal = ONE,
    scarcity: Decimal = Decimal(0),
    risk: Decimal = Decimal(0),
    lost: Decimal = Decimal(0),
) -> CostPolicy:
    """Return rules under which every coefficient is the one of the table, exactly."""
    return replace(
        RULES.cost,
        return_rate=returned,
        return_span=_fixed(returned),
        quality_span=_fixed(quality),
        circulation_span=_fixed(flow),
        scarcity_span=_fixed(scarcity),
        risk_span=_fixed(risk),
        depreciation_span=_fixed(lost),
    )


def _by_expert_9(cost: Decimal, rules: CostPolicy) -> Estimate | None:
    found = appraise_by_expert_9(
        facts(expected_buyers=1),
        CostRecord.of(collection=cost),
        policy=rules,
        quality=RULES.quality,
        basis_on=BASIS,
        per_license=True,
    )
    return found if isinstance(found, Estimate) else None


def _by_guidance(costs: CostRecord, rules: CostPolicy) -> Estimate | None:
    found = appraise_by_guidance_2023(
        facts(expected_buyers=1),
        costs,
        policy=rules,
        quality=RULES.quality,
        basis_on=BASIS,
        per_license=True,
    )
    return found if isinstance(found, Estimate) else None


@pytest.mark.parametrize("row", rows("Replacement cost"))
def test_replacement_cost(row: Row) -> None:
    early, direct, indirect, opportunity, taxes = in_order(
        row, "early", "direct", "indirect", "opportunity", "taxes"
    )
    costs = CostRecord.of(
        planning=early,
        collection=direct,
        overhead=indirect,
        opportunity=opportunity,
        taxes=taxes,
    )

    found = _by_guidance(costs, _rules())

    assert found is not None
    assert found.value.text == row["C"]


@pytest.mark.parametrize("row", rows("Value from cost, 2023 guidance"))
def test_value_by_the_guidance(row: Row) -> None:
    quality, use, age, scarcity = in_order(row, "quality", "use", "age", "scarcity")
    rules = _rules(quality=quality, flow=use, lost=ONE - age, scarcity=scarcity - ONE)

    found = _by_guidance(CostRecord.of(collection=row["C"]), rules)

    assert (found.value.text if found else "–") == row["P"]


@pytest.mark.parametrize("row", rows("Utility"))
def test_utility(row: Row) -> None:
    quality, flow, scarcity, risk = in_order(row, "α", "β", "l", "r")

    found = _by_expert_9(ONE, _rules(quality=quality, flow=flow, scarcity=scarcity, risk=risk))

    assert (f"{found.value.amount.normalize():f}" if found else "–") == row["U"]


@pytest.mark.parametrize("row", rows("Value from cost, expert guidance no. 9"))
def test_value_by_the_expert_guidance(row: Row) -> None:
    cost, rate, use = in_order(row, "TC", "R", "U")

    found = _by_expert_9(cost, _rules(returned=rate, quality=use))

    assert found is not None
    assert found.value.text == row["P"]


@pytest.mark.parametrize("row", rows("Three corrections"))
def test_three_corrections(row: Row) -> None:
    quality = quality_factor(*in_order(row, "subject quality", "its quality"))
    date = date_factor(*in_order(row, "index now", "index then"))
    volume = elastic_factor(*in_order(row, "subject volume", "its volume", "e"))

    assert [six(quality), six(date), six(volume)] == [
        six(Decimal(row[name])) for name in ("X1", "X3", "X4")
    ]


MARKETS = [list(found) for _, found in groupby(rows("Five coefficients"), lambda r: r["market"])]


@pytest.mark.parametrize("market", MARKETS)
def test_five_coefficients(market: list[Row]) -> None:
    prices = [
        corrected(Decimal(row["Q"]), in_order(row, "X1", "X2", "X3", "X4", "X5")) for row in market
    ]

    assert prices == [Decimal(row["corrected"]) for row in market]
    assert fen(mean_value(prices)) == market[-1]["P"]
