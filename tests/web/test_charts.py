"""Charts: readable without colour, safe against hostile words, right in their proportions."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from exchange.web import charts
from exchange.web.charts import Band, Bar, Bin, Leg, Swing
from exchange.web.charts.svg import place_labels, point, shorten, text_width

HOSTILE = "<script>alert('x')</script>\"&"


def say(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def drawing(svg: str) -> ET.Element:
    """Return the parsed drawing; it must be well-formed and carry no style or script."""
    root: ET.Element = fromstring(svg)
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby") or "").split()
    held = {element.get("id") for element in root.iter()}
    assert set(named) <= held
    assert "style=" not in svg
    assert "<script" not in svg
    return root


def numbers(root: ET.Element, kind: str, attribute: str) -> list[float]:
    """Return an attribute of every element of a class."""
    return [
        float(element.get(attribute, "nan"))
        for element in root.iter()
        if kind in (element.get("class") or "").split()
    ]


def test_histogram_columns_are_proportional() -> None:
    bins = [Bin(low="0", high="1", count=5), Bin(low="1", high="2", count=10)]

    root = drawing(charts.histogram(bins, title="Delay", desc="two classes"))

    small, large = numbers(root, "fill", "height")
    assert large == pytest.approx(2 * small)
    assert root.find("title").text == "Delay"  # type: ignore[union-attr]
    assert root.find("desc").text == "two classes"  # type: ignore[union-attr]


@pytest.mark.parametrize("bins", [[], [Bin(low="a", high="b", count=0)]])
def test_histogram_of_nothing_is_still_a_figure(bins: list[Bin]) -> None:
    root = drawing(charts.histogram(bins, title="t", desc="d"))

    assert root.find("title").text == "t"  # type: ignore[union-attr]


def test_a_tornado_stands_on_its_middle() -> None:
    swings = [
        Swing(label="buyers", at_low=Decimal(150), at_high=Decimal(50)),
        Swing(label=HOSTILE, at_low=Decimal(90), at_high=Decimal(110)),
    ]

    root = drawing(
        charts.tornado(swings, Decimal(100), say=say, title="What moves it", desc="two inputs")
    )

    low, high = numbers(root, "fall", "width"), numbers(root, "fill", "width")
    assert low[0] == pytest.approx(high[0])
    assert low[0] == pytest.approx(5 * low[1], rel=0.01)
    assert numbers(root, "fall", "x")[0] > numbers(root, "fill", "x")[0]


def test_a_tornado_of_nothing_is_still_a_figure() -> None:
    root = drawing(charts.tornado([], Decimal(1), say=say, title="t", desc="d"))

    assert root.find("title").text == "t"  # type: ignore[union-attr]
    assert not numbers(root, "fill", "width")


def test_bars_start_at_zero_and_mark_one() -> None:
    items = [
        Bar(label="a", value=10, marked=True),
        Bar(label="中国", value=5),
        Bar(label="c", value=0),
    ]

    root = drawing(charts.bars(items, title="t", desc="d"))

    widths = numbers(root, "fill", "width")
    assert widths[0] == pytest.approx(2 * widths[1])
    assert widths[2] == 0
    assert len(numbers(root, "mark", "width")) == 1


def test_sparkline_of_a_constant_lies_in_the_middle() -> None:
    root = drawing(charts.sparkline([3, 3, 3], title="t", desc="d"))

    line = next(element for element in root.iter() if element.get("points"))
    assert {pair.split(",")[1] for pair in line.get("points", "").split()} == {"14.00"}
    drawing(charts.sparkline([], title="t", desc="d"))
    drawing(charts.sparkline([1], title="t", desc="d"))


@pytest.mark.parametrize(("rate", "filled"), [(0, 96), (0.25, 72), (1, 0), (7, 0), (-1, 96)])
def test_null_share_fills_the_rest(rate: float, filled: float) -> None:
    root = drawing(charts.null_share(rate, title="t", desc="d"))

    assert numbers(root, "fill", "width") == [filled]


@pytest.mark.parametrize(
    ("ask", "tone", "shape"),
    [("100", "good", "M0-6"), ("160", "wait", "M0-7"), ("9000", "stop", "M-5-5")],
)
def test_interval_marks_the_price_by_shape_too(ask: str, tone: str, shape: str) -> None:
    band = Band(low=Decimal(80), mid=Decimal(100), high=Decimal(120), ask=Decimal(ask), tone=tone)

    svg = charts.interval(band, say=say, title="t", desc="d")

    drawing(svg)
    assert f'd="{shape}' in svg
    assert f"ask {say(Decimal(ask))}" in svg


def test_interval_keeps_order_and_goes_logarithmic_far_out() -> None:
    near = Band(low=Decimal(80), mid=Decimal(100), high=Decimal(120), ask=Decimal(140))
    far = Band(low=Decimal(80), mid=Decimal(100), high=Decimal(120), ask=Decimal(100_000))

    for band in (near, far):
        root = drawing(charts.interval(band, say=say, title="t", desc="d"))
        (start,), (wide,) = numbers(root, "band", "x"), numbers(root, "band", "width")
        (middle,) = numbers(root, "mid", "x1")
        asked = numbers(root, "ask", "x1")[0]
        assert start < middle < start + wide < asked
        assert wide > 8
    assert len(numbers(root, "grid", "x1")) == 4


def test_interval_of_one_value_or_without_a_price() -> None:
    same = Band(low=Decimal(5), mid=Decimal(5), high=Decimal(5), ask=Decimal(5))
    drawing(charts.interval(same, say=say, title="t", desc="d"))

    bare = Band(low=Decimal(0), mid=Decimal(5), high=Decimal(9))
    root = drawing(charts.interval(bare, say=say, title="t", desc="d"))
    assert numbers(root, "ask", "x1") == []


def test_waterfall_rows_meet_and_decreases_are_outlined() -> None:
    legs = [
        Leg(label="a", amount=Decimal(100)),
        Leg(label="b", amount=Decimal(-40)),
        Leg(label="c", amount=Decimal(60), total=True),
    ]

    root = drawing(charts.waterfall(legs, say=say, title="t", desc="d"))

    boxes = [e for e in root.iter() if e.get("class") in {"fill", "fall", "fill mark"}]
    assert [e.get("class") for e in boxes] == ["fill", "fall", "fill mark"]
    left = [float(e.get("x", 0)) for e in boxes]
    right = [float(e.get("x", 0)) + float(e.get("width", 0)) for e in boxes]
    assert right[0] == pytest.approx(right[1], abs=0.02)
    assert left[1] == pytest.approx(right[2], abs=0.02)
    assert left[0] == left[2]


def test_waterfall_below_zero_stays_inside() -> None:
    legs = [Leg(label="loss", amount=Decimal(-50)), Leg(label="gain", amount=Decimal(20))]

    root = drawing(charts.waterfall(legs, say=say, title="t", desc="d"))

    for element in root.iter():
        if element.get("class") in {"fill", "fall"}:
            assert 0 <= float(element.get("x", 0)) <= 420


def test_seal_and_code_say_what_they_are() -> None:
    root = drawing(charts.seal(name="权衡", number="T-1", on="2026-11-23", title="t", desc="T-1"))
    assert [e.text for e in root.iter() if e.get("class") == "sign"] == ["权", "衡"]
    drawing(charts.seal(name="数据交易", number="T-1", on="2026-11-23", title="t", desc="T-1"))

    root = drawing(charts.qr("https://exchange.example/verify/T-1", title="t", desc="d"))
    dark = next(e.get("d", "") for e in root.iter() if e.get("class") == "ink")
    assert dark.startswith("M2 2h1v1h-1z")


def test_words_from_outside_are_escaped_everywhere() -> None:
    ten = Decimal(10)
    drawn = [
        charts.histogram([Bin(low=HOSTILE, high=HOSTILE, count=1)], title=HOSTILE, desc=HOSTILE),
        charts.bars([Bar(label=HOSTILE, value=1, note=HOSTILE)], title=HOSTILE, desc=HOSTILE),
        charts.waterfall([Leg(label=HOSTILE, amount=ten)], say=say, title=HOSTILE, desc=HOSTILE),
        charts.interval(
            Band(low=ten, mid=ten, high=ten, low_word=HOSTILE), say=say, title=HOSTILE, desc=HOSTILE
        ),
        charts.seal(name=HOSTILE, number=HOSTILE, on=HOSTILE, title=HOSTILE, desc=HOSTILE),
        charts.sparkline([1, 2], title=HOSTILE, desc=HOSTILE),
        charts.null_share(0.5, title=HOSTILE, desc=HOSTILE),
        charts.qr(HOSTILE, title=HOSTILE, desc=HOSTILE),
    ]

    for svg in drawn:
        assert drawing(svg).find("title").text == HOSTILE  # type: ignore[union-attr]


def test_labels_never_touch_nor_leave_the_drawing() -> None:
    labels = [(5, "low 41,000.00"), (7, "appraised 54,360.00"), (419, "high 68,000.00")]

    placed = place_labels(labels, 420)

    for label in placed:
        half = text_width(label.text) / 2
        assert half - 0.01 <= label.x <= 420 - half + 0.01
    by_row: dict[int, list[tuple[float, float]]] = {}
    for label in placed:
        half = text_width(label.text) / 2
        by_row.setdefault(label.row, []).append((label.x - half, label.x + half))
    for spans in by_row.values():
        for (_start, end), (start, _end) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert start >= end


def test_small_tools() -> None:
    assert point(3.0) == "3"
    assert point(Decimal("1.239")) == "1.24"
    assert shorten("abc", 100) == "abc"
    assert re.fullmatch(r"数据.*…", shorten("数据交易所有限公司", 60))
    assert shorten("abc", 0) == "…"
