"""What surveillance draws: who paid whom as a circle, and what happened when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from .svg import figure, hover, shorten, tag, text_width, words

SIZE = 420
RADIUS = 120.0
DOT = 5.0
MOST_NODES = 12
WIDTH, HEIGHT, TOP, LEFT = 640, 200, 16, 70
BASE = HEIGHT - 28


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Money from one party to another; the label is words already."""

    payer: str
    payee: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something at a time with a size; `marked` is what the alert is about."""

    at: datetime
    value: float
    label: str
    marked: bool = True


def ring(
    parties: Sequence[str], flows: Sequence[Flow], *, title: object, desc: object
) -> SafeString:
    """Return parties around a circle with an arrow for each flow, its words in its middle."""
    shown = list(parties)[:MOST_NODES]
    middle = SIZE / 2
    places = {
        party: (
            middle + RADIUS * math.sin(2 * math.pi * number / len(shown)),
            middle - RADIUS * math.cos(2 * math.pi * number / len(shown)),
        )
        for number, party in enumerate(shown)
    }
    parts: list[str] = []
    for flow in flows:
        if flow.payer in places and flow.payee in places and flow.payer != flow.payee:
            parts += _arrow(places[flow.payer], places[flow.payee], flow.label)
    for party, (x, y) in places.items():
        parts.append(tag("circle", hover(party), cx=x, cy=y, r=7.0, class_="fill mark"))
        below = y >= middle
        half = min(text_width(party) / 2, 90)
        parts.append(
            words(
                shorten(party, 180),
                x=min(max(x, half), SIZE - half),
                y=y + 24 if below else y - 14,
                kind="strong",
                anchor="middle",
            )
        )
    return figure(*parts, kind="ring", width=SIZE, height=SIZE, title=title, desc=desc)


def _arrow(start: tuple[float, float], end: tuple[float, float], label: str) -> list[str]:
    """Return an arrow that bends to its left, so that two between the same parties part."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    bend = 28.0
    cx, cy = (x1 + x2) / 2 + dy * bend, (y1 + y2) / 2 - dx * bend
    tip_x, tip_y = x2 - dx * 12 + dy * 4, y2 - dy * 12 - dx * 4
    turn = math.degrees(math.atan2(y2 - cy, x2 - cx))
    word_x, word_y = (x1 + x2) / 4 + cx / 2, (y1 + y2) / 4 + cy / 2
    half = text_width(label) / 2
    return [
        tag(
            "path",
            hover(label),
            d=f"M{x1:.1f} {y1:.1f} Q{cx:.1f} {cy:.1f} {tip_x:.1f} {tip_y:.1f}",
            class_="axis flow",
            fill="none",
        ),
        tag(
            "path",
            d="M-8 -5 L2 0 L-8 5 Z",
            transform=f"translate({tip_x:.1f} {tip_y:.1f}) rotate({turn:.1f})",
            class_="fill",
        ),
        words(
            label,
            x=min(max(word_x, half), SIZE - half),
            y=word_y + 4,
            kind="quiet",
            anchor="middle",
        ),
    ]


def happenings(
    items: Sequence[Happening],
    *,
    line: float | None = None,
    line_word: str = "",
    say: str = "{:,.0f}",
    title: object,
    desc: object,
) -> SafeString:
    """Return dots over time, those the alert is about filled, and a line they are held against."""
    if not items:
        return figure(kind="happenings", width=WIDTH, height=HEIGHT, title=title, desc=desc)
    values = [item.value for item in items] + ([line] if line is not None else [])
    low, high = min(0.0, *values), max(values) or 1.0
    first, last = min(item.at for item in items), max(item.at for item in items)
    span = (last - first).total_seconds() or 1.0

    def x(at: datetime) -> float:
        return LEFT + (at - first).total_seconds() / span * (WIDTH - LEFT - 16)

    def y(value: float) -> float:
        return BASE - (value - low) / (high - low or 1.0) * (BASE - TOP)

    parts = [
        tag("line", x1=LEFT, x2=WIDTH, y1=y(value), y2=y(value), class_="grid")
        + words(say.format(value), x=LEFT - 6, y=y(value) + 4, kind="quiet", anchor="end")
        for value in dict.fromkeys((low, high))
    ]
    if line is not None:
        parts.append(tag("line", x1=LEFT, x2=WIDTH, y1=y(line), y2=y(line), class_="mid"))
        parts.append(words(line_word, x=WIDTH, y=y(line) - 5, kind="quiet", anchor="end"))
    parts += [
        tag(
            "circle",
            hover(item.label),
            cx=x(item.at),
            cy=y(item.value),
            r=DOT,
            class_="fill mark" if item.marked else "fall",
        )
        for item in items
    ]
    parts += [
        words(f"{first:%Y-%m-%d}", x=LEFT, y=HEIGHT - 6, kind="quiet"),
        words(f"{last:%Y-%m-%d}", x=WIDTH, y=HEIGHT - 6, kind="quiet", anchor="end"),
    ]
    return figure(*parts, kind="happenings", width=WIDTH, height=HEIGHT, title=title, desc=desc)
