"""Public data: whose price it is, and how much a period may earn."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.regimes import Recovery, over_recovery, period_start, why_not_charge
from pricing.states import Period, PlanKind, Regime

CAPPED = PlanTerms(
    kind=PlanKind.ONE_OFF,
    regime=Regime.PUBLIC_CAPPED,
    price=Decimal(80),
    cap=Decimal(100),
    cap_basis="沪发改价〔2026〕1号",
    revenue_cap=Decimal(1000),
    revenue_period=Period.YEAR,
)


@pytest.mark.parametrize(
    ("on", "period", "start"),
    [
        (date(2026, 11, 29), Period.MONTH, date(2026, 11, 1)),
        (date(2026, 11, 29), Period.QUARTER, date(2026, 10, 1)),
        (date(2026, 3, 31), Period.QUARTER, date(2026, 1, 1)),
        (date(2026, 11, 29), Period.YEAR, date(2026, 1, 1)),
        (date(2027, 1, 1), Period.YEAR, date(2027, 1, 1)),
    ],
)
def test_periods_are_those_of_the_calendar(on: date, period: Period, start: date) -> None:
    assert period_start(on, period) == start


@pytest.mark.parametrize(
    ("periods", "over"),
    [
        ([], 0),
        ([(1000, 1000)], 0),
        ([(1000, 1200)], 200),
        ([(1000, 1200), (1000, 900)], 100),
        ([(1000, 1200), (1000, 700)], 0),
        ([(1000, 1200), (1000, 1100)], 300),
        ([(None, 5000), (1000, 1100)], 100),
        ([(1000, 1200), (None, 0), (1000, 0)], 0),
    ],
)
def test_what_was_earned_above_is_carried_until_it_is_made_good(
    periods: list[tuple[int | None, int]], over: int
) -> None:
    rows = [
        Recovery(
            start=date(2020 + place, 1, 1),
            cap=None if cap is None else Decimal(cap),
            earned=Decimal(earned),
        )
        for place, (cap, earned) in enumerate(periods)
    ]

    assert over_recovery(rows) == over


def test_the_deduction_is_said() -> None:
    before = [Recovery(start=date(2025, 1, 1), cap=Decimal(1000), earned=Decimal(1300))]

    def refusal(earned: int) -> str | None:
        ask, had = Money.of(80), Money.of(earned)
        return why_not_charge(CAPPED, ask=ask, earned=had, before=before)

    assert refusal(620) is None
    assert "less CNY 300.00" in (refusal(621) or "")
    assert why_not_charge(CAPPED, ask=Money.of(80), earned=Money.of(921)) is not None
    market = replace(CAPPED, regime=Regime.MARKET)
    assert why_not_charge(market, ask=Money.of(80), earned=Money.of(10**6)) is None
