"""How a classifier fares: calibration, confusion, and how alike groups are treated."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .svg import figure, hover, share, shorten, tag, text_width, words

WIDTH = 420
PLOT = 260
LEFT, TOP, BOTTOM = 44, 10, 40
LARGEST = 9.0
HEADS = 34.0  # above the first row: which way is which, and the names of the columns
CELL_MOST, CELL_LEAST, CELL_WORDS = 44.0, 14.0, 26.0
NAMES = 120
DARK = 0.55
RATIO_ROW = 30
FOUR_FIFTHS = 0.8


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of probabilities: what was predicted there, what came, over how many rows."""

    predicted: float
    observed: float
    rows: int


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A group's rate over that of the group most often chosen."""

    label: str
    ratio: float
    note: str = ""


def calibration(
    stretches: Sequence[Stretch], *, across: str, up: str, title: object, desc: object
) -> SafeString:
    """Return predicted against observed shares, with the diagonal on which honest ones lie.

    Dots are larger the more rows they stand for.
    """
    most = max((item.rows for item in stretches), default=0)
    base, room = TOP + PLOT, float(PLOT)
    parts = [tag("rect", x=LEFT, y=TOP, width=PLOT, height=PLOT, class_="void")]
    for tenth in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = LEFT + tenth * room, base - tenth * room
        parts += [
            tag("line", x1=LEFT, x2=LEFT + PLOT, y1=y, y2=y, class_="grid"),
            tag("line", x1=x, x2=x, y1=TOP, y2=base, class_="grid"),
            words(f"{tenth:g}", x=LEFT - 6, y=y + 4, kind="quiet", anchor="end"),
            words(f"{tenth:g}", x=x, y=base + 15, kind="quiet", anchor="middle"),
        ]
    parts.append(tag("line", x1=LEFT, y1=base, x2=LEFT + PLOT, y2=TOP, class_="beside diagonal"))
    known = [item for item in stretches if math.isfinite(item.predicted + item.observed)]
    places = [
        (LEFT + _inside(s.predicted) * room, base - _inside(s.observed) * room) for s in known
    ]
    if len(places) > 1:
        path = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
        parts.append(tag("polyline", points=path, class_="line"))
    for item, (x, y) in zip(known, places, strict=True):
        told = hover(f"{item.predicted:.3g} → {item.observed:.3g} ({item.rows:,})")
        size = 3.0 + math.sqrt(share(item.rows, most)) * (LARGEST - 3)
        parts.append(tag("circle", told, cx=x, cy=y, r=size, class_="fill mark"))
    parts += [
        words(across, x=LEFT + PLOT / 2, y=base + 33, anchor="middle"),
        words(up, x=LEFT + PLOT + 8, y=TOP + 12, kind="quiet"),
    ]
    height = TOP + PLOT + BOTTOM
    return figure(*parts, kind="calibration", width=WIDTH, height=height, title=title, desc=desc)


def confusion(
    names: Sequence[str],
    shares: Sequence[Sequence[float]],
    *,
    axes: str,
    title: object,
    desc: object,
) -> SafeString:
    """Return a heat map of true classes (rows) against what was said of them (columns), in percent.

    `axes` says which way is which. Columns bear the names of their classes while there is room, and
    letters that stand before the names of the rows where there is not. Shares are of each true
    class. A row without shares is hatched: too few rows to tell of. Numbers stand in the cells
    while there is room, and while pointing at them always.
    """
    count = max(len(names), 1)
    rows, heads = _labels(names, count)
    left = min(max((text_width(label) for label in rows), default=0) + 8, NAMES)
    cell = min(max((WIDTH - left) / count, CELL_LEAST), CELL_MOST)
    parts = [words(axes, x=0, y=12, kind="quiet")]
    parts += [
        words(head, x=left + (place + 0.5) * cell, y=HEADS - 6, kind="quiet", anchor="middle")
        for place, head in enumerate(heads)
    ]
    for row, label in enumerate(rows):
        y = HEADS + row * cell
        middle = y + cell / 2 + 4
        short = shorten(label, left - 8)
        parts.append(words(short, x=left - 8, y=middle, anchor="end"))
        found = shares[row] if row < len(shares) else ()
        if not found:
            wide = cell * len(names)
            parts.append(tag("rect", x=left, y=y + 1, width=wide, height=cell - 2, class_="void"))
            parts.append(tag("line", x1=left, x2=left + wide, y1=y + cell, y2=y, class_="hatch"))
        for column, value in enumerate(found):
            parts += _cell(left + column * cell, y, cell, _inside(value), row == column, label)
    height = int(HEADS + count * cell + 4)
    return figure(*parts, kind="confusion", width=WIDTH, height=height, title=title, desc=desc)


def _labels(names: Sequence[str], count: int) -> tuple[list[str], list[str]]:
    """Return what the rows are called and what the columns are."""
    plain = [name or "–" for name in names]
    widest = max((text_width(name) for name in plain), default=0)
    room = min(max((WIDTH - min(widest + 8, NAMES)) / count, CELL_LEAST), CELL_MOST)
    if widest <= room - 4:
        return plain, plain
    letters = [_letter(place) for place in range(len(plain))]
    return [f"{letter} · {name}" for letter, name in zip(letters, plain, strict=True)], letters


def _letter(place: int) -> str:
    """Return A, B, … Z, AA, … as columns of sheets are called."""
    before, rest = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + rest)


def _cell(x: float, y: float, size: float, value: float, right: bool, label: str) -> list[str]:  # noqa: FBT001
    percent = f"{value * 100:.0f}"
    parts = [
        tag(
            "rect",
            hover(f"{label}: {percent}\u00a0%"),
            x=x + 0.5,
            y=y + 0.5,
            width=size - 1,
            height=size - 1,
            class_="heat right" if right else "heat",
            fill_opacity=round(0.04 + 0.96 * value, 3),
        )
    ]
    if size >= CELL_WORDS:
        kind = "figure light" if value > DARK else "figure"
        parts.append(words(percent, x=x + size / 2, y=y + size / 2 + 4, kind=kind, anchor="middle"))
    return parts


def ratios(rows: Sequence[Ratio], *, line: str, title: object, desc: object) -> SafeString:
    """Return impact ratios as bars with the four-fifths line; bars that end before it are dark."""
    left = min(max((text_width(row.label) for row in rows), default=0) + 8, WIDTH / 2.6)
    right = min(max((text_width(row.note) for row in rows), default=0) + 10, WIDTH / 4)
    room = WIDTH - left - right
    limit, base = left + FOUR_FIFTHS * room, 18 + len(rows) * RATIO_ROW
    parts = [words(line, x=limit, y=11, kind="quiet", anchor="middle")]
    for number, row in enumerate(rows):
        y = 18 + number * RATIO_ROW
        low = not row.ratio >= FOUR_FIFTHS
        parts += [
            words(shorten(row.label, left - 8), x=left - 8, y=y + 17, anchor="end"),
            tag(
                "rect",
                hover(f"{row.label}: {row.ratio:.3g}"),
                x=left,
                y=y + 5,
                width=_inside(row.ratio) * room,
                height=RATIO_ROW - 13,
                class_="fill mark" if low else "fill",
            ),
            words(shorten(row.note, right - 6), x=left + room + 8, y=y + 17, kind="figure"),
        ]
    parts += [
        tag("line", x1=left, x2=left, y1=18, y2=base, class_="axis"),
        tag("line", x1=limit, x2=limit, y1=14, y2=base, class_="base"),
    ]
    height = max(base, 40)
    return figure(*parts, kind="ratios", width=WIDTH, height=height, title=title, desc=desc)


def _inside(value: float) -> float:
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0
