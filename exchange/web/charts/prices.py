"""Charts of what something is worth: the appraisal band with the asked price, and a waterfall."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from .svg import figure, hover, place_labels, share, shorten, tag, text_width, words

WIDTH = 420
ROW = 26
LOG_FROM = 6  # beyond this ratio of the highest to the lowest value a linear scale hides the band

MARKS = {  # shape beside colour: a regulator may print it in black
    "good": "M0-6 6 0 0 6-6 0Z",
    "wait": "M0-7 7 6H-7Z",
    "stop": "M-5-5H5V5H-5Z",
}


@dataclass(frozen=True, kw_only=True)
class Band:
    """An appraised band beside the self-set price, with the words to say them in.

    `tone` is the deviation policy's zone: good, wait or stop.
    """

    low: Decimal
    mid: Decimal
    high: Decimal
    ask: Decimal | None = None
    tone: str = "good"
    low_word: str = "low"
    mid_word: str = "mid"
    high_word: str = "high"
    ask_word: str = "ask"


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One row of a waterfall: a change, or a subtotal that starts from zero."""

    label: str
    amount: Decimal
    total: bool = False


Say = Callable[[Decimal], str]


def interval(band: Band, *, say: Say, title: object, desc: object) -> SafeString:
    """Return the band as a bar with its middle, and the asked price as a mark above it.

    Where the ask lies far outside, the scale is logarithmic and grid lines at powers of ten say so.
    """
    values = [band.low, band.mid, band.high, *([] if band.ask is None else [band.ask])]
    place, ticks = _scale([float(value) for value in values])
    low, mid, high = place(float(band.low)), place(float(band.mid)), place(float(band.high))
    top = 30 if band.ask is not None else 10
    parts = [
        tag("line", hover(f"{tick:,.0f}"), x1=place(tick), x2=place(tick), y1=top - 4,
            y2=top + 22, class_="grid")
        for tick in ticks
    ]  # fmt: skip
    parts += [
        tag("line", x1=0, x2=WIDTH, y1=top + 9, y2=top + 9, class_="axis"),
        tag("rect", x=low, y=top, width=max(high - low, 2), height=18, class_="band"),
        tag("line", x1=mid, x2=mid, y1=top - 2, y2=top + 20, class_="mid"),
    ]
    if band.ask is not None:
        parts += _ask(place(float(band.ask)), top, f"{band.ask_word} {say(band.ask)}", band.tone)
    labels = place_labels(
        [
            (low, f"{band.low_word} {say(band.low)}"),
            (mid, f"{band.mid_word} {say(band.mid)}"),
            (high, f"{band.high_word} {say(band.high)}"),
        ],
        WIDTH,
    )
    rows = max(label.row for label in labels) + 1
    parts += [
        words(label.text, x=label.x, y=top + 36 + label.row * 17, anchor="middle")
        for label in labels
    ]
    height = top + 26 + rows * 17
    return figure(*parts, kind="interval", width=WIDTH, height=height, title=title, desc=desc)


def _ask(x: float, top: int, text: str, tone: str) -> list[str]:
    half = text_width(text) / 2
    return [
        tag("line", x1=x, x2=x, y1=top - 8, y2=top + 20, class_=f"ask {tone}"),
        tag("path", d=MARKS[tone], transform=f"translate({x:.2f} {top - 7})", class_=f"ask {tone}"),
        words(text, x=min(max(x, half), WIDTH - half), y=12, kind="strong", anchor="middle"),
    ]


def _scale(values: Sequence[float]) -> tuple[Callable[[float], float], list[float]]:
    """Return value to coordinate, and the powers of ten inside a logarithmic scale."""
    low, high = min(values), max(values)
    edge = 24.0
    room = WIDTH - 2 * edge
    if low > 0 and high / low > LOG_FROM:
        start, span = math.log10(low), math.log10(high) - math.log10(low)
        ticks = [10.0**power for power in range(math.ceil(start), math.floor(start + span) + 1)]
        return (lambda value: edge + (math.log10(value) - start) / span * room), ticks
    span = high - low
    if not span:
        return (lambda _value: WIDTH / 2), []
    return (lambda value: edge + (value - low) / span * room), []


def waterfall(legs: Sequence[Leg], *, say: Say, title: object, desc: object) -> SafeString:
    """Return how an amount comes about, row by row; decreases are outlined, totals are dark."""
    spans = _spans(legs)
    low = min([Decimal(0), *(start for start, _end in spans), *(end for _start, end in spans)])
    high = max([Decimal(0), *(start for start, _end in spans), *(end for _start, end in spans)])
    figures = [say(leg.amount) for leg in legs]
    right = min(max((text_width(text) for text in figures), default=0) + 6, WIDTH / 2.6)
    left = min(max((text_width(leg.label) for leg in legs), default=0) + 8, WIDTH / 2.6)
    room = WIDTH - left - right

    def across(value: Decimal) -> float:
        return left + share(value - low, high - low) * room

    parts = []
    for number, (leg, (start, end), text) in enumerate(zip(legs, spans, figures, strict=True)):
        y = number * ROW
        kind = "fill mark" if leg.total else ("fill" if leg.amount >= 0 else "fall")
        box = tag(
            "rect",
            hover(f"{leg.label}: {text}"),
            x=min(across(start), across(end)),
            y=y + 5,
            width=max(abs(across(end) - across(start)), 1.0),
            height=ROW - 10,
            class_=kind,
        )
        parts += [
            words(shorten(leg.label, left - 8), x=0, y=y + 17, kind="strong" if leg.total else ""),
            box,
            words(text, x=WIDTH, y=y + 17, anchor="end", kind="figure"),
        ]
        if number + 1 < len(legs):
            x = across(end)
            parts.append(tag("line", x1=x, x2=x, y1=y + ROW - 5, y2=y + ROW + 5, class_="axis"))
    height = max(len(legs), 1) * ROW
    return figure(*parts, kind="waterfall", width=WIDTH, height=height, title=title, desc=desc)


def _spans(legs: Sequence[Leg]) -> list[tuple[Decimal, Decimal]]:
    """Return where each row's bar begins and ends on the amounts' axis."""
    spans = []
    level = Decimal(0)
    for leg in legs:
        start = Decimal(0) if leg.total else level
        level = leg.amount if leg.total else level + leg.amount
        spans.append((start, level))
    return spans
