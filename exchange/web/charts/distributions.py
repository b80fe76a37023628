"""Charts of what a column holds: distribution, counts, trend, share of empty cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .svg import Number, figure, hover, share, shorten, tag, text_width, words

WIDTH = 420
HIST_HEIGHT = 150
ROW = 24


@dataclass(frozen=True, kw_only=True)
class Bin:
    """One class of a histogram; its limits are words already."""

    low: str
    high: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of a bar chart; `note` is what stands at its end."""

    label: str
    value: Number
    note: str = ""
    marked: bool = False


def histogram(bins: Sequence[Bin], *, title: object, desc: object) -> SafeString:
    """Return equal-width classes as columns, with the lowest and highest limit and the peak."""
    top, base = 22.0, HIST_HEIGHT - 24.0
    peak = max((item.count for item in bins), default=0)
    parts = [
        tag("line", x1=0, x2=WIDTH, y1=top, y2=top, class_="grid"),
        words(f"{peak:,}", x=0, y=top - 6, kind="quiet"),
    ]
    step = WIDTH / max(len(bins), 1)
    for number, item in enumerate(bins):
        tall = share(item.count, peak) * (base - top)
        column = tag(
            "rect",
            hover(f"{item.low} – {item.high}: {item.count:,}"),
            x=number * step + 0.5,
            y=base - tall,
            width=max(step - 1, 0.5),
            height=tall,
            class_="fill",
        )
        parts.append(column)
    parts.append(tag("line", x1=0, x2=WIDTH, y1=base, y2=base, class_="axis"))
    if bins:
        parts.append(words(bins[0].low, x=0, y=base + 16))
        parts.append(words(bins[-1].high, x=WIDTH, y=base + 16, anchor="end"))
    return figure(*parts, kind="histogram", width=WIDTH, height=HIST_HEIGHT, title=title, desc=desc)


def bars(
    items: Sequence[Bar], *, title: object, desc: object, full: Number | None = None
) -> SafeString:
    """Return rows with a bar from zero each; a marked row is drawn stronger.

    `full` is the value of a whole bar; without it the largest one is.
    """
    notes = [item.note or f"{item.value:,}" for item in items]
    right = min(max((text_width(note) for note in notes), default=0) + 8, WIDTH / 3)
    left = min(max((text_width(item.label) for item in items), default=0) + 8, WIDTH / 2.6)
    room = WIDTH - left - right
    peak = full or max((item.value for item in items), default=0)
    parts = [tag("line", x1=left, x2=left, y1=0, y2=len(items) * ROW, class_="axis")]
    for number, (item, note) in enumerate(zip(items, notes, strict=True)):
        y = number * ROW
        wide = share(item.value, peak) * room
        bar = tag(
            "rect",
            hover(f"{item.label}: {note}"),
            x=left,
            y=y + 5,
            width=wide,
            height=ROW - 10,
            class_="fill mark" if item.marked else "fill",
        )
        parts += [
            words(shorten(item.label, left - 8), x=left - 8, y=y + 16, anchor="end"),
            bar,
            words(note, x=left + wide + 6, y=y + 16, kind="figure"),
        ]
    height = max(len(items), 1) * ROW
    return figure(*parts, kind="bars", width=WIDTH, height=height, title=title, desc=desc)


def sparkline(values: Sequence[Number], *, title: object, desc: object) -> SafeString:
    """Return a trend the size of a word; the last value is a dot."""
    wide, tall, pad = 120, 28, 4.0
    if not values:
        return figure(kind="spark", width=wide, height=tall, title=title, desc=desc)
    low, high = min(values), max(values)
    step = (wide - 2 * pad) / max(len(values) - 1, 1)
    flat = high == low
    places = [
        (
            pad + number * step,
            tall / 2 if flat else tall - pad - share(value - low, high - low) * (tall - 2 * pad),  # type: ignore[operator]
        )
        for number, value in enumerate(values)
    ]
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
    end_x, end_y = places[-1]
    parts = [
        tag("polyline", points=line, class_="line"),
        tag("circle", cx=end_x, cy=end_y, r=2.5, class_="fill mark"),
    ]
    return figure(*parts, kind="spark", width=wide, height=tall, title=title, desc=desc)


def null_share(rate: Number, *, title: object, desc: object) -> SafeString:
    """Return a bar of filled and empty cells; the empty part is hatched, not only paler."""
    wide, tall = 96, 10
    empty = min(max(float(rate), 0.0), 1.0) * wide
    start = wide - empty
    hatches = [
        tag("line", x1=x, y1=tall - 1, x2=x + 3, y2=1, class_="hatch")
        for x in range(int(start) + 2, wide - 3, 4)
    ]
    parts = [
        tag("rect", x=0, y=1, width=start, height=tall - 2, class_="fill"),
        tag("rect", x=start, y=1, width=empty, height=tall - 2, class_="void"),
        *hatches,
    ]
    return figure(*parts, kind="nulls", width=wide, height=tall, title=title, desc=desc)
