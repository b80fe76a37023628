"""A price over time as stairs: it holds until the next one, and what is announced is dashed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.safestring import SafeString

from .svg import figure, hover, share, tag, text_width, words

WIDTH = 420
HEIGHT = 180
TOP = 16
BASE = HEIGHT - 26
RIGHT = WIDTH - 10


@dataclass(frozen=True, kw_only=True)
class Stair:
    """From when on a price was, or will be; the label is words already."""

    at: datetime
    value: Decimal
    label: str
    coming: bool = False


@dataclass(frozen=True, kw_only=True)
class Flight:
    """Stairs of one kind; a second kind is drawn lighter, for comparison."""

    stairs: Sequence[Stair]
    beside: bool = False


def stairs(
    flights: Sequence[Flight], *, until: datetime, title: object, desc: object
) -> SafeString:
    """Return prices over time, each with its words on its mark, and the ends of both scales."""
    every = [stair for flight in flights for stair in flight.stairs]
    if not every:
        return figure(kind="stairs", width=WIDTH, height=HEIGHT, title=title, desc=desc)
    low, high = min(item.value for item in every), max(item.value for item in every)
    ends = [f"{value:,.2f}" for value in (low, high)]
    left = max(text_width(text) for text in ends) + 8
    margin = (high - low) / 10 or max(high, Decimal(1)) / 10
    first, last = min(item.at for item in every), max([until, *(item.at for item in every)])
    span = (last - first).total_seconds() or 1.0

    def x(at: datetime) -> float:
        return left + share((at - first).total_seconds(), span) * (RIGHT - left)

    def y(value: Decimal) -> float:
        height = share(value - (low - margin), high - low + 2 * margin)
        return BASE - height * (BASE - TOP)

    parts = [
        tag("line", x1=left, x2=RIGHT, y1=y(value), y2=y(value), class_="grid")
        + words(text, x=left - 6, y=y(value) + 4, kind="quiet", anchor="end")
        for value, text in dict(zip((low, high), ends, strict=True)).items()
    ]
    for flight in flights:
        rows = sorted(flight.stairs, key=lambda stair: stair.at)
        for number, stair in enumerate(rows):
            end = rows[number + 1].at if number + 1 < len(rows) else last
            kind = "line coming" if stair.coming else "line beside" if flight.beside else "line"
            before = rows[number - 1].value if number else stair.value
            path = f"M{x(stair.at):.2f} {y(before):.2f}V{y(stair.value):.2f}H{x(end):.2f}"
            parts.append(tag("path", d=path, class_=kind))
            mark = "fill" if stair.coming or flight.beside else "fill mark"
            said = hover(stair.label)
            parts.append(tag("circle", said, cx=x(stair.at), cy=y(stair.value), r=3.5, class_=mark))
    parts.append(words(f"{first:%Y-%m-%d}", x=left, y=HEIGHT - 8, kind="quiet"))
    parts.append(words(f"{last:%Y-%m-%d}", x=RIGHT, y=HEIGHT - 8, kind="quiet", anchor="end"))
    return figure(*parts, kind="stairs", width=WIDTH, height=HEIGHT, title=title, desc=desc)
