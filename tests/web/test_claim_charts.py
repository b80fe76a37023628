"""Charts of measured algorithms: right in their proportions, and not to be upset by odd figures."""

from math import inf, nan

import pytest

from exchange.web import charts
from exchange.web.charts import Claimed, Legend, Ratio, Stretch
from tests.web.test_charts import HOSTILE, drawing, numbers

LEGEND = Legend(measured="measured", declared="declared", baseline="simple rule")


def drawn(*rows: Claimed) -> str:
    """Return the chart of some figures."""
    return charts.claims(rows, legend=LEGEND, title="t", desc="d")


def test_a_claim_stands_where_it_is_on_the_scale() -> None:
    svg = drawn(Claimed(label="auc", value=0.5, low=0.25, high=0.75, declared=1.0, baseline=0.0))

    root = drawing(svg)
    (wide,) = numbers(root, "band", "width")[1:]
    (middle,) = numbers(root, "mid", "x1")
    assert wide == pytest.approx((420 - 16) / 2)
    assert middle == pytest.approx(210)
    assert "translate(412.00" in svg
    assert numbers(root, "base", "x1")[1] == pytest.approx(8)


def test_figures_beyond_one_have_a_scale_of_their_own() -> None:
    svg = drawn(Claimed(label="mae", value=40.0, low=38.0, high=42.0, declared=30.0))

    (wide,) = numbers(drawing(svg), "band", "width")[1:]
    assert 100 < wide < 200
    assert ">29.04<" in svg


@pytest.mark.parametrize(
    "row",
    [
        Claimed(label=""),
        Claimed(label=HOSTILE, said=HOSTILE, value=0.5),
        Claimed(label="x" * 500, said="y" * 500, value=0.5),
        Claimed(label="n", value=nan, low=nan, high=nan, declared=inf, baseline=-inf),
        Claimed(label="n", value=7.0),
        Claimed(label="n", value=-1e300, declared=1e300),
        Claimed(label="n", declared=0.9, tone="still"),
    ],
)
def test_odd_figures_are_no_reason_to_break(row: Claimed) -> None:
    svg = drawn(row)

    drawing(svg)
    assert "nan" not in svg
    assert "inf" not in svg


def test_no_figures_are_still_a_chart() -> None:
    root = drawing(drawn())

    assert root.tag.endswith("svg")
    assert numbers(root, "mid", "x1") == []


@pytest.mark.parametrize(
    "stretches",
    [
        [],
        [Stretch(predicted=0.5, observed=0.5, rows=10)],
        [Stretch(predicted=nan, observed=0.5, rows=10), Stretch(predicted=2, observed=-1, rows=0)],
        [Stretch(predicted=n / 10, observed=n / 20, rows=10**n) for n in range(11)],
    ],
)
def test_calibration_keeps_inside_its_square(stretches: list[Stretch]) -> None:
    svg = charts.calibration(stretches, across="said", up=HOSTILE, title="t", desc="d")

    root = drawing(svg)
    assert all(44 <= x <= 304 for x in numbers(root, "mark", "cx"))
    assert all(10 <= y <= 270 for y in numbers(root, "mark", "cy"))
    assert "nan" not in svg


def test_a_probability_that_comes_true_lies_on_the_diagonal() -> None:
    root = drawing(
        charts.calibration(
            [Stretch(predicted=0.25, observed=0.25, rows=10)], across="", up="", title="", desc=""
        )
    )

    (x,), (y,) = numbers(root, "mark", "cx"), numbers(root, "mark", "cy")
    assert x - 44 == pytest.approx(270 - y)


@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_a_confusion_of_any_size_has_its_cells(count: int) -> None:
    names = [HOSTILE * (number % 3) for number in range(count)]
    shares = [[float(row == column) for column in range(count)] for row in range(count)]

    svg = charts.confusion(names, shares, axes="a", title="t", desc="d")

    root = drawing(svg)
    heats = numbers(root, "heat", "fill-opacity")
    assert len(heats) == count * count
    assert sum(heat == 1 for heat in heats) == count
    width = max([*numbers(root, "heat", "x"), 0]) + max([*numbers(root, "heat", "width"), 0])
    assert width <= 420


def test_a_class_of_few_rows_is_hatched() -> None:
    root = drawing(charts.confusion(["a", ""], [[0.9, 0.1], []], axes="a", title="t", desc="d"))

    assert len(numbers(root, "heat", "x")) == 2
    assert len(numbers(root, "hatch", "x1")) == 1


def test_numbers_stand_in_cells_while_there_is_room() -> None:
    few = charts.confusion(["a", "b"], [[0.9, 0.1], [0.2, 0.8]], axes="a", title="t", desc="d")
    many = charts.confusion(["c"] * 20, [[0.05] * 20] * 20, axes="a", title="t", desc="d")

    assert ">90<" in few
    assert 'class="figure"' not in many


def test_both_ways_bear_the_names_of_the_classes_or_letters_for_long_ones() -> None:
    even = [[0.5, 0.5], [0.5, 0.5]]
    short = charts.confusion(["1", "0"], even, axes="true ↓ said →", title="t", desc="d")
    long = ["paid in time", "overdue for more than ninety days"]
    lettered = charts.confusion(long, even, axes="true ↓ said →", title="t", desc="d")

    assert "true ↓ said →" in short
    assert (short.count(">1<"), short.count(">0<")) == (2, 2)
    assert "A · paid in time" in lettered
    assert (lettered.count(">A<"), lettered.count(">B<")) == (1, 1)


@pytest.mark.parametrize("rows", [[], [Ratio(label=HOSTILE * 9, ratio=nan, note=HOSTILE)]])
def test_ratios_of_nothing_and_of_odd_groups(rows: list[Ratio]) -> None:
    assert "nan" not in charts.ratios(rows, line="4/5", title="t", desc="d").replace("nan<", "")


def test_a_group_below_four_fifths_is_dark_and_ends_before_the_line() -> None:
    rows = [Ratio(label="a", ratio=1.0), Ratio(label="b", ratio=0.79), Ratio(label="c", ratio=0.8)]

    root = drawing(charts.ratios(rows, line="four fifths", title="t", desc="d"))

    assert len(numbers(root, "mark", "x")) == 1
    (line,) = numbers(root, "base", "x1")
    left, wide = numbers(root, "mark", "x")[0], numbers(root, "mark", "width")[0]
    assert left + wide < line
