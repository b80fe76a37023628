"""Income, weights and options against docs/formulae.md: the tests read what people read."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.methods.formulae.income import (
    Scenario,
    direct_income,
    discount_rate,
    economic_life,
    excess_income,
    incremental_income,
    lasting,
    present_value,
    royalty_income,
    scenario_parts,
)
from pricing.methods.formulae.market import corrected, elastic_factor, mean_value
from pricing.methods.formulae.options import growth_option, normal
from pricing.methods.formulae.weights import (
    Inconsistent,
    combined_weights,
    entropy_weights,
    judged_weights,
)
from pricing.methods.reconciling import Approach, Way, Weighing, weigh_approaches

from .golden.formulae import FORMULAE, Row, fen, in_order, named, rows, six

COSTS = Path(__file__).parents[1] / "catalog" / "test_costs.py"


@pytest.mark.parametrize("row", rows("Income of a year"))
def test_income_of_a_year(row: Row) -> None:
    income = Decimal(row["R"])

    match row["way"]:
        case "direct":
            found = direct_income(income)
        case "royalty":
            found = royalty_income(income, Decimal(row["K"]))
        case "excess":
            found = excess_income(income, in_order(row, "C1", "C2"))
        case way:
            assert way == "incremental"
            found = incremental_income(income, Decimal(row["RN"]))

    assert fen(found) == row["F"]


@pytest.mark.parametrize("row", rows("Present value"))
def test_present_value(row: Row) -> None:
    flows = in_order(row, "F1", "F2", "F3")

    assert fen(present_value(flows, Decimal(row["i"]))) == row["P"]


@pytest.mark.parametrize("row", rows("Several scenarios"))
def test_several_scenarios(row: Row) -> None:
    scenarios = [
        Scenario(
            weight=Decimal(row[f"w{number}"]),
            flows=in_order(row, f"F{number}1", f"F{number}2"),
            rate=Decimal(row[f"i{number}"]),
        )
        for number in (1, 2)
    ]

    assert fen(sum(scenario_parts(scenarios), Decimal())) == row["P"]


@pytest.mark.parametrize("row", rows("Discount rate"))
def test_discount_rate(row: Row) -> None:
    free, beta, premium, size = in_order(row, "r_f", "β", "ERP", "size")
    own = named(row, "management", "circulation", "security", "supervision")

    found = discount_rate(risk_free=free, beta=beta, premium=premium, size=size, own=own)

    assert found == Decimal(row["i"])


@pytest.mark.parametrize("row", rows("Economic life"))
def test_economic_life(row: Row) -> None:
    names = ("legal", "contract", "technical", "renewal")
    lives = {name: Decimal(row[name]) for name in names if row[name] != "–"}

    assert economic_life(lives) == Decimal(row["n"])


@pytest.mark.parametrize("row", rows("Years that count"))
def test_years_that_count(row: Row) -> None:
    found = lasting(in_order(row, "F1", "F2", "F3"), Decimal(row["n"]))

    assert " ".join(fen(flow) for flow in found) == row["counted"]


@pytest.mark.parametrize("row", rows("Judged in pairs"))
def test_weights_judged_in_pairs(row: Row) -> None:
    first, second, third = in_order(row, "1:2", "1:3", "2:3")
    above = [[first, second], [third]]

    if row["w1"] == "refused":
        with pytest.raises(Inconsistent) as refused:
            judged_weights(above)
        assert f"{refused.value.ratio:.4f}" == row["CR"]
        return
    found = judged_weights(above)

    assert [six(weight) for weight in found.weights] == [row[name] for name in ("w1", "w2", "w3")]
    assert f"{found.ratio:.4f}" == row["CR"]


@pytest.mark.parametrize("row", rows("Measured"))
def test_weights_measured(row: Row) -> None:
    columns = [[Decimal(part) for part in row[name].split(" / ")] for name in ("A", "B", "C")]

    found = entropy_weights(list(zip(*columns, strict=True)))

    assert [six(weight) for weight in found] == [row[name] for name in ("wA", "wB", "wC")]


@pytest.mark.parametrize("row", rows("Both together"))
def test_weights_combined(row: Row) -> None:
    found = combined_weights(in_order(row, "a1", "a2", "a3"), in_order(row, "b1", "b2", "b3"))

    assert [six(weight) for weight in found] == [row[name] for name in ("w1", "w2", "w3")]


@pytest.mark.parametrize("row", rows("Approaches by scores"))
def test_approaches_weighed_by_scores(row: Row) -> None:
    columns = [[Decimal(part) for part in row[name].split(" / ")] for name in ("A", "B", "C")]
    cost, market = zip(*columns, strict=True)
    scored = Weighing(
        way=Way.SCORED,
        approaches=(Approach.COST, Approach.MARKET),
        aspects=("A", "B", "C"),
        scores=(cost, market),
    )

    found = weigh_approaches(scored).weights

    assert six(found[Approach.COST]) == row["w cost"]
    assert six(found[Approach.MARKET]) == row["w market"]


@pytest.mark.parametrize("row", rows("Growth option"))
def test_growth_option(row: Row) -> None:
    value, outlay, years, rate, volatility = in_order(row, "V", "I", "T", "r", "σ")

    added = growth_option(value=value, outlay=outlay, years=years, rate=rate, volatility=volatility)

    assert fen(added) == row["added"]
    first = Decimal(row["d1"])
    assert abs(normal(first) - Decimal(row["N(d1)"])) < Decimal("0.000001")
    assert abs(normal(Decimal(row["d2"])) - Decimal(row["N(d2)"])) < Decimal("0.000001")


def test_every_table_of_the_document_is_asserted() -> None:
    text = FORMULAE.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)\n(?:(?!#)[^\n]*\n)*?\|", text, flags=re.MULTILINE)
    sources = [*Path(__file__).parent.glob("test_*formulae.py"), COSTS]
    words = r'\b(?:rows\(|table_of\(FORMULAE, )"([^"]+)"\)'
    read = re.findall(words, "".join(path.read_text(encoding="utf-8") for path in sources))

    unread = [title for title in titles if not any(title.startswith(name) for name in read)]

    assert len(titles) == len(re.findall(r"^\|[-:|]+\|$", text, flags=re.MULTILINE))
    assert unread == []


NOT_A_NUMBER = Decimal("NaN")
WRONG: list[Callable[[], object]] = [
    lambda: royalty_income(Decimal(1), Decimal(2)),
    lambda: excess_income(Decimal(1), [Decimal(-1)]),
    lambda: present_value([Decimal(1)], Decimal("-0.5")),
    lambda: present_value([NOT_A_NUMBER], Decimal(0)),
    lambda: scenario_parts([Scenario(weight=Decimal("0.9"), flows=(), rate=Decimal(0))]),
    lambda: lasting([Decimal(1)], Decimal(0)),
    lambda: mean_value([]),
    lambda: corrected(Decimal(0), []),
    lambda: corrected(Decimal(1), [Decimal(0)]),
    lambda: elastic_factor(Decimal(1), Decimal(0), Decimal(1)),
    lambda: judged_weights([[Decimal(10)]]),
    lambda: judged_weights([[Decimal(1)], [Decimal(1)]]),
    lambda: entropy_weights([[Decimal(1)]]),
    lambda: entropy_weights([[Decimal(1)], [Decimal(1)]]),
    lambda: entropy_weights([[Decimal(-1)], [Decimal(1)]]),
    lambda: combined_weights([Decimal(1), Decimal(0)], [Decimal(0), Decimal(1)]),
    lambda: growth_option(
        value=Decimal(0),
        outlay=Decimal(1),
        years=Decimal(1),
        rate=Decimal(0),
        volatility=Decimal(1),
    ),
    lambda: economic_life({"legal": Decimal(1), "contract": Decimal(0)}),
]


@pytest.mark.parametrize("formula", WRONG)
def test_what_is_no_quantity_is_refused(formula: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        formula()


money = st.decimals("0.01", "1000000", places=2)


@given(value=money, outlay=money, years=st.integers(1, 20), volatility=st.integers(1, 100))
def test_an_option_is_worth_no_less_than_exercising_it_and_no_more_than_its_object(
    value: Decimal, outlay: Decimal, years: int, volatility: int
) -> None:
    rate = Decimal("0.03")
    added = growth_option(
        value=value,
        outlay=outlay,
        years=Decimal(years),
        rate=rate,
        volatility=Decimal(volatility) / 100,
    )

    least = max(Decimal(0), value - outlay * (-rate * years).exp())
    assert least - Decimal("1E-15") <= added <= value + Decimal("1E-15")


@given(point=st.decimals("-13", "13", places=3))
def test_the_normal_distribution_is_symmetric(point: Decimal) -> None:
    assert abs(normal(point) + normal(-point) - 1) < Decimal("1E-30")
