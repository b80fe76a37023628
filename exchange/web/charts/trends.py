"""A figure over time with the interval it lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from .svg import figure, hover, share, tag, words

WIDTH = 420
HEIGHT = 170
LEFT = 44
TOP = 14
BASE = HEIGHT - 26
COARSE = 10  # smaller figures are told to three places


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One point of a trend; the label is words already."""

    label: str
    value: Decimal
    low: Decimal
    high: Decimal


def trend(readings: Sequence[Reading], *, title: object, desc: object) -> SafeString:
    """Return a line through the values over the band of their intervals, first and last named."""
    if not readings:
        return figure(kind="trend", width=WIDTH, height=HEIGHT, title=title, desc=desc)
    low, high = min(item.low for item in readings), max(item.high for item in readings)
    if low == high:
        low, high = low - 1, high + 1
    step = (WIDTH - LEFT - 8) / max(len(readings) - 1, 1)

    def place(number: int, value: Decimal) -> str:
        return f"{LEFT + number * step:.2f},{_height(value, low, high):.2f}"

    upper = [place(number, item.high) for number, item in enumerate(readings)]
    lower = [place(number, item.low) for number, item in enumerate(readings)]
    line = [place(number, item.value) for number, item in enumerate(readings)]
    parts = [
        *(_rule(value, low, high) for value in (low, high)),
        tag("polygon", points=" ".join((*upper, *reversed(lower))), class_="band"),
        tag("polyline", points=" ".join(line), class_="line"),
    ]
    for number, item in enumerate(readings):
        said = hover(f"{item.label}: {item.value} [{item.low}, {item.high}]")
        x, y = place(number, item.value).split(",")
        parts.append(tag("circle", said, cx=x, cy=y, r=3, class_="fill mark"))
    parts.append(words(readings[0].label, x=LEFT, y=HEIGHT - 8))
    if len(readings) > 1:
        parts.append(words(readings[-1].label, x=WIDTH, y=HEIGHT - 8, anchor="end"))
    return figure(*parts, kind="trend", width=WIDTH, height=HEIGHT, title=title, desc=desc)


def _height(value: Decimal, low: Decimal, high: Decimal) -> float:
    return BASE - share(value - low, high - low) * (BASE - TOP)


def _rule(value: Decimal, low: Decimal, high: Decimal) -> str:
    y = _height(value, low, high)
    mark = tag("line", x1=LEFT, x2=WIDTH, y1=y, y2=y, class_="grid")
    return mark + words(
        f"{value:.1f}" if abs(value) >= COARSE else f"{value:.3f}",
        x=LEFT - 6,
        y=y + 4,
        kind="quiet",
        anchor="end",
    )
