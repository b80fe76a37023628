"""The income method: several uses, four ways to the income of a year, life, option, rates."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pricing.income import (
    Charge,
    Expansion,
    IncomeForecast,
    IncomeForm,
    IncomeUse,
    Life,
    RateParts,
)
from pricing.methods.income import appraise_by_income
from pricing.methods.working import Estimate, NotApplicable
from pricing.money import Money

from .making import facts, policy

RULES = policy().income
DIRECT = IncomeUse(
    name="credit scoring",
    yearly=(Money.of(1100), Money.of(1210)),
    weight=Decimal("0.6"),
    discount_rate=Decimal("0.10"),
)
OTHER = IncomeUse(
    name="site selection",
    yearly=(Money.of(600), Money.of(720)),
    weight=Decimal("0.4"),
    discount_rate=Decimal("0.20"),
)
EXPANSION = Expansion(
    value=Money.of(400000),
    outlay=Money.of(500000),
    years=Decimal(2),
    rate=Decimal("0.03"),
    volatility=Decimal("0.40"),
)


def _whole(**changes: Any) -> IncomeUse:
    return replace(DIRECT, **({"weight": Decimal(1)} | changes))


def _found(*uses: IncomeUse, buyers: int = 1, **changes: Any) -> Estimate | NotApplicable:
    return appraise_by_income(
        facts(expected_buyers=buyers),
        IncomeForecast(uses=uses, **changes),
        policy=RULES,
        per_license=True,
    )


def _estimate(*uses: IncomeUse, **changes: Any) -> Estimate:
    found = _found(*uses, **changes)
    assert isinstance(found, Estimate)
    return found


def test_several_uses_are_weighed_each_at_its_own_rate() -> None:
    found = _estimate(DIRECT, OTHER)

    assert found.value.text == "1600.00"
    assert [(step.code, step.value) for step in found.steps][:2] == [
        ("use_1", Decimal("1200.00000000")),
        ("use_2", Decimal("1600.00000000")),
    ]
    codes = {item.code for item in found.coefficients}
    assert {"income_1", "income_2", "discount_1", "discount_2"} <= codes


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"form": IncomeForm.DIRECT}, "2000.00"),
        ({"form": IncomeForm.ROYALTY, "contribution_rate": Decimal("0.35")}, "700.00"),
        (
            {
                "form": IncomeForm.EXCESS,
                "charges": (
                    Charge(name="servers", yearly=(Money.of(220), Money.of(242))),
                    Charge(name="staff", yearly=(Money.of(330), Money.of(363))),
                ),
            },
            "1000.00",  # 550 / 1.1 + 605 / 1.21
        ),
        (
            {"form": IncomeForm.INCREMENTAL, "without": (Money.of(1045), Money.of(1089))},
            "150.00",  # 55 / 1.1 + 121 / 1.21
        ),
    ],
)
def test_each_way_to_the_income_of_a_year(changes: dict[str, Any], value: str) -> None:
    assert _estimate(_whole(**changes)).value.text == value


def test_a_year_begun_counts_in_part_and_is_said() -> None:
    use = _whole(yearly=(Money.of(1100),) * 3)

    found = _estimate(use, life=Life(legal=Decimal(20), renewal=Decimal("1.5")))

    assert found.value.text == "1454.55"  # 1100 / 1.1 + 550 / 1.21
    assert [remark.code for remark in found.remarks] == ["beyond_life"]
    assert found.remarks[0].params == {"years": "1.5", "bound": "renewal"}


def test_the_horizon_of_the_rules_binds_a_longer_life() -> None:
    use = _whole(yearly=(Money.of(1000),) * 7, discount_rate=Decimal(0))

    found = _estimate(use, life=Life(technical=Decimal(10)))

    assert found.value.text == "5000.00"
    assert found.remarks[0].params == {"count": "2", "years": "5"}


def test_a_rate_built_up_holds_for_uses_without_their_own() -> None:
    parts = RateParts(
        risk_free=Decimal("0.025"),
        beta=Decimal("1.10"),
        premium=Decimal("0.05"),
        size=Decimal("0.02"),
    )

    built = _estimate(_whole(discount_rate=None), rate_parts=parts)

    assert built.value == _estimate(_whole()).value


def test_the_growth_option_is_added_and_shared_by_the_buyers() -> None:
    found = _estimate(_whole(), expansion=EXPANSION, buyers=20)

    added = next(step for step in found.steps if step.code == "growth_option")
    assert Money(added.operand).text == "65421.44"
    assert found.value.text == "3371.07"  # (2000.00 + 65421.44) / 20
    assert {"expansion", "volatility"} <= {row.code for row in found.sensitivity}


@pytest.mark.parametrize(
    ("without", "code"),
    [((5000, 5000), "is_nothing"), ((1100, 1100), "may_be_nothing")],
)
def test_an_income_that_may_be_nothing_gives_no_value(without: tuple[int, int], code: str) -> None:
    """A loss first and a gain later: at a higher rate the gain no longer makes up for it."""
    yearly = (Money.of(1000), Money.of(1212)) if code == "may_be_nothing" else DIRECT.yearly
    use = _whole(
        form=IncomeForm.INCREMENTAL,
        yearly=yearly,
        without=tuple(map(Money.of, without)),
    )

    found = _found(use)

    assert isinstance(found, NotApplicable)
    assert found.remark.code == code


def test_no_income_is_no_forecast() -> None:
    found = _found(_whole(yearly=(Money.of(0),)))

    assert isinstance(found, NotApplicable)
    assert found.remark.code == "no_forecast"


NAN = Decimal("NaN")


@pytest.mark.parametrize(
    ("forecast", "field", "code"),
    [
        (IncomeForecast(uses=()), "uses", "uses_count"),
        (IncomeForecast(uses=(DIRECT,) * 6), "uses", "uses_count"),
        (IncomeForecast(uses=(DIRECT, replace(OTHER, name=DIRECT.name))), "uses", "named_twice"),
        (IncomeForecast(uses=(DIRECT,)), "uses", "weights_not_one"),
        (IncomeForecast(uses=(_whole(name=" "),)), "uses.0.name", "missing"),
        (IncomeForecast(uses=(replace(DIRECT, weight=NAN),)), "uses.0.weight", "not_a_share"),
        (
            IncomeForecast(uses=(replace(DIRECT, weight=Decimal(0)),)),
            "uses.0.weight",
            "not_a_share",
        ),
        (IncomeForecast(uses=(_whole(discount_rate=None),)), "uses.0.discount_rate", "missing"),
        (
            IncomeForecast(uses=(_whole(form=IncomeForm.ROYALTY),)),
            "uses.0.contribution_rate",
            "not_a_share",
        ),
        (
            IncomeForecast(uses=(_whole(contribution_rate=Decimal("0.5")),)),
            "uses.0.contribution_rate",
            "not_of_the_form",
        ),
        (IncomeForecast(uses=(_whole(form=IncomeForm.EXCESS),)), "uses.0.charges", "missing"),
        (
            IncomeForecast(
                uses=(
                    _whole(
                        form=IncomeForm.EXCESS,
                        charges=(Charge(name="staff", yearly=(Money.of(1),)),),
                    ),
                )
            ),
            "uses.0.charges",
            "not_every_year",
        ),
        (
            IncomeForecast(
                uses=(
                    _whole(
                        form=IncomeForm.EXCESS,
                        charges=(Charge(name="staff", yearly=(Money.of(1), Money.of(-1))),),
                    ),
                )
            ),
            "uses.0.charges",
            "negative",
        ),
        (
            IncomeForecast(uses=(_whole(charges=(Charge(name="staff", yearly=()),)),)),
            "uses.0.charges",
            "not_of_the_form",
        ),
        (
            IncomeForecast(uses=(_whole(form=IncomeForm.INCREMENTAL),)),
            "uses.0.without",
            "not_every_year",
        ),
        (
            IncomeForecast(uses=(_whole(without=(Money.of(1),)),)),
            "uses.0.without",
            "not_of_the_form",
        ),
        (
            IncomeForecast(
                uses=(
                    _whole(
                        form=IncomeForm.INCREMENTAL,
                        without=(Money.of(1, "USD"), Money.of(1, "USD")),
                    ),
                )
            ),
            "uses.0.yearly",
            "mixed_currencies",
        ),
        (
            IncomeForecast(
                uses=(_whole(),),
                rate_parts=RateParts(risk_free=NAN, beta=Decimal(1), premium=Decimal(0)),
            ),
            "rate_parts.risk_free",
            "not_a_share",
        ),
        (
            IncomeForecast(
                uses=(_whole(),),
                rate_parts=RateParts(risk_free=Decimal(0), beta=NAN, premium=Decimal(0)),
            ),
            "rate_parts.beta",
            "out_of_range",
        ),
        (
            IncomeForecast(
                uses=(_whole(),),
                rate_parts=RateParts(
                    risk_free=Decimal("0.5"), beta=Decimal(5), premium=Decimal("0.1")
                ),
            ),
            "rate_parts.risk_free",
            "out_of_range",
        ),
        (
            IncomeForecast(uses=(_whole(),), life=Life(legal=Decimal(0))),
            "life.legal",
            "out_of_range",
        ),
        (IncomeForecast(uses=(_whole(),), life=Life(legal=NAN)), "life.legal", "out_of_range"),
        *(
            (
                IncomeForecast(uses=(_whole(),), expansion=replace(EXPANSION, **change)),
                f"expansion.{name}",
                code,
            )
            for name, change, code in (
                ("value", {"value": Money.of(0)}, "not_positive"),
                ("outlay", {"outlay": Money.of(-1)}, "not_positive"),
                ("years", {"years": Decimal(0)}, "out_of_range"),
                ("years", {"years": NAN}, "out_of_range"),
                ("rate", {"rate": Decimal(1)}, "not_a_share"),
                ("volatility", {"volatility": Decimal(9)}, "out_of_range"),
                ("volatility", {"volatility": NAN}, "out_of_range"),
            )
        ),
    ],
)
def test_what_is_no_forecast_is_named_by_field(
    forecast: IncomeForecast, field: str, code: str
) -> None:
    assert forecast.problems()[field] == code


def test_a_sound_forecast_has_no_problems() -> None:
    whole = IncomeForecast(
        uses=(DIRECT, OTHER), life=Life(contract=Decimal(3)), expansion=EXPANSION
    )

    assert whole.problems() == {}
