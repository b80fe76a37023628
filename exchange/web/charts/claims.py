"""Declared against measured: one row a figure, with its interval, the claim and a simple rule."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .prices import MARKS
from .svg import figure, hover, shorten, tag, text_width, words

WIDTH = 420
ROW = 46
LEGEND = 22
EDGE = 8
UNIT = (0.0, 1.0)
TONES = {"good": "good", "wait": "wait", "stop": "stop"}


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A figure as declared and as measured; None for what is not known. `said` is the verdict."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    declared: float | None = None
    baseline: float | None = None
    said: str = ""
    tone: str = "good"

    @property
    def points(self) -> list[float]:
        """What has to find room on the scale; what is not finite is not drawn."""
        known = (self.value, self.low, self.high, self.declared, self.baseline)
        return [point for point in known if point is not None and math.isfinite(point)]


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The words for the three marks."""

    measured: str
    declared: str
    baseline: str


def claims(rows: Sequence[Claimed], *, legend: Legend, title: object, desc: object) -> SafeString:
    """Return a row for each figure: the interval as a bar, the claim as a shape, the rule dashed.

    Figures between 0 and 1 share the scale from 0 to 1; others have one of their own, whose ends
    stand beneath it.
    """
    parts = _legend(legend)
    for number, row in enumerate(rows):
        parts += _row(row, LEGEND + number * ROW)
    height = LEGEND + max(len(rows), 1) * ROW
    return figure(*parts, kind="claims", width=WIDTH, height=height, title=title, desc=desc)


def _legend(legend: Legend) -> list[str]:
    parts, x = [], 0.0
    marks: tuple[tuple[str, Callable[[float], str]], ...] = (
        (legend.measured, lambda x: tag("rect", x=x, y=2, width=18, height=9, class_="band")),
        (legend.declared, lambda x: _mark(x + 9, 7, "good")),
        (
            legend.baseline,
            lambda x: tag("line", x1=x + 9, x2=x + 9, y1=1, y2=13, class_="base"),
        ),
    )
    for text, draw in marks:
        parts += [draw(x), words(text, x=x + 23, y=11, kind="quiet")]
        x += 23 + text_width(text) + 14
    return parts


def _mark(x: float, y: float, tone: str) -> str:
    kind = TONES.get(tone, "good")
    path = MARKS[kind]
    return tag("path", d=path, transform=f"translate({x:.2f} {y:.2f})", class_=f"claim {kind}")


def _row(row: Claimed, top: float) -> list[str]:
    said = shorten(row.said, WIDTH * 0.6)
    room = WIDTH - text_width(said) - 12
    parts = [
        words(shorten(row.label, room), x=0, y=top + 13, kind="strong"),
        words(said, x=WIDTH, y=top + 13, anchor="end", kind=f"said {row.tone}"),
    ]
    y = top + 28
    parts.append(tag("line", x1=EDGE, x2=WIDTH - EDGE, y1=y, y2=y, class_="axis"))
    if not row.points:
        return parts
    place, ends = _scale(row.points)
    parts += [
        words(ends[0], x=0, y=y + 15, kind="quiet"),
        words(ends[1], x=WIDTH, y=y + 15, kind="quiet", anchor="end"),
    ]
    if _finite(row.low, row.high):
        left, right = sorted((place(row.low or 0.0), place(row.high or 0.0)))
        told = hover(f"{_say(row.low)} – {_say(row.high)}")
        parts.append(
            tag("rect", told, x=left, y=y - 6, width=max(right - left, 2), height=12, class_="band")
        )
    if _finite(row.baseline):
        x = place(row.baseline or 0.0)
        told = hover(_say(row.baseline))
        parts.append(tag("line", told, x1=x, x2=x, y1=y - 10, y2=y + 10, class_="base"))
    if _finite(row.value):
        x = place(row.value or 0.0)
        parts.append(tag("line", hover(_say(row.value)), x1=x, x2=x, y1=y - 8, y2=y + 8,
                         class_="mid"))  # fmt: skip
    if _finite(row.declared):
        parts.append(_mark(place(row.declared or 0.0), y, row.tone))
    return parts


def _finite(*values: float | None) -> bool:
    return all(value is not None and math.isfinite(value) for value in values)


def _say(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _scale(points: Sequence[float]) -> tuple[Callable[[float], float], tuple[str, str]]:
    low, high = min(points), max(points)
    if low >= UNIT[0] and high <= UNIT[1]:
        low, high = UNIT
    elif low == high:
        low, high = low - 1, high + 1
    else:
        low, high = low - (high - low) * 0.08, high + (high - low) * 0.08
    room = WIDTH - 2 * EDGE
    return (lambda value: EDGE + (value - low) / (high - low) * room), (_say(low), _say(high))
