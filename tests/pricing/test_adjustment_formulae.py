"""The formulae of price adjustment against docs/formulae.md, which people read."""

from decimal import Decimal

import pytest

from pricing.methods.formulae.adjustment import (
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

from .golden.formulae import Row, rows, six


@pytest.mark.parametrize("row", rows("Cost index"))
def test_cost_index(row: Row) -> None:
    assert (
        six(cost_factor(Decimal(row["I"]), Decimal(row["I₀"]), Decimal(row["e"]))) == row["factor"]
    )


@pytest.mark.parametrize("row", rows("Demand and supply"))
def test_demand_and_supply(row: Row) -> None:
    smoothing = Decimal(row["s"])
    now = tightness(int(row["D"]), int(row["S"]), smoothing)
    then = tightness(int(row["D₀"]), int(row["S₀"]), smoothing)

    assert six(demand_factor(now, then, Decimal(row["e"]))) == row["factor"]


@pytest.mark.parametrize("row", rows("Change of quality"))
def test_change_of_quality(row: Row) -> None:
    assert (
        six(renewal_factor(Decimal(row["q"]), Decimal(row["q₀"]), Decimal(row["e"])))
        == row["factor"]
    )


@pytest.mark.parametrize("row", rows("Decay of freshness"))
def test_decay_of_freshness(row: Row) -> None:
    promised = int(row["p"])
    now, then = (overdue_days(int(row[name]), promised) for name in ("a", "a₀"))

    found = freshness_factor(now, then, int(row["half-life"]), Decimal(row["e"]))

    assert six(found) == row["factor"]


@pytest.mark.parametrize("row", rows("Scarcity on the market"))
def test_scarcity(row: Row) -> None:
    assert six(scarcity_factor(int(row["n"]), int(row["n₀"]), Decimal(row["l"]))) == row["factor"]


@pytest.mark.parametrize("row", rows("Drift of negotiated prices"))
def test_drift_of_negotiated_prices(row: Row) -> None:
    ratios = [Decimal(row[name]) for name in ("a1", "a2", "a3")]

    assert six(drift_factor(ratios, Decimal(row["e"]))) == row["factor"]


@pytest.mark.parametrize("row", rows("Ceiling by order"))
def test_ceiling_by_order(row: Row) -> None:
    assert six(ceiling_factor(Decimal(row["C"]), Decimal(row["P"]))) == row["factor"]


@pytest.mark.parametrize("row", rows("Bounds of a step"))
def test_bounds_of_a_step(row: Row) -> None:
    floor, ceiling = (None if row[name] == "–" else Decimal(row[name]) for name in ("F", "C"))

    limits = tightest(
        [
            step_limits(Decimal(row["m"])),
            period_limits(Decimal(row["M"]), [Decimal(row["G"])]),
            absolute_limits(Decimal(row["P"]), floor, ceiling, name="band"),
        ]
    )

    assert six(limits.keep(Decimal(row["wanted"]))) == row["factor"]
