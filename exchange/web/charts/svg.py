"""Drawing SVG without a library: elements, figures with their words, and room for labels."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Number = Decimal | int | float
FONT = 12  # the size of words in a chart, in its own units
WIDE = {"W", "F", "A"}


def tag(element: str, *children: str, **attributes: object) -> str:
    """Return one element; `class_` means class, `stroke_width` means stroke-width.

    Children must be markup already: words go through `words()`.
    """
    parts = [element]
    for name, value in attributes.items():
        if value is None:
            continue
        text = point(value) if isinstance(value, (Decimal, float)) else escape(value)
        parts.append(f'{name.rstrip("_").replace("_", "-")}="{text}"')
    opening = " ".join(parts)
    return f"<{opening}>{''.join(children)}</{element}>" if children else f"<{opening}/>"


def words(text: object, *, x: Number, y: Number, kind: str = "", anchor: str = "") -> str:
    """Return a line of words at a place."""
    return tag("text", str(escape(text)), x=x, y=y, class_=kind or None, text_anchor=anchor or None)


def hover(text: object) -> str:
    """Return the words shown while pointing at an element."""
    return tag("title", str(escape(text)))


def figure(
    *parts: str, kind: str, width: int, height: int, title: object, desc: object
) -> SafeString:
    """Return a whole figure whose title and description are read aloud in its place."""
    body = "".join(parts)
    mark = hashlib.sha256(f"{kind}{title}{desc}{body}".encode()).hexdigest()[:10]
    head = tag("title", str(escape(title)), id=f"t{mark}")
    head += tag("desc", str(escape(desc)), id=f"d{mark}")
    drawn = tag(
        "svg",
        head,
        body,
        class_=f"chart chart-{kind}",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"t{mark} d{mark}",
    )
    return mark_safe(drawn)  # noqa: S308  every word went through escape()


def point(value: Number) -> str:
    """Return a coordinate with at most two digits after the point."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def share(value: Number, total: Number) -> float:
    """Return value / total as geometry, 0 for an empty total."""
    return float(value) / float(total) if total else 0.0


def text_width(text: str, size: int = FONT) -> float:
    """Estimate how wide words run; Chinese characters are square."""
    units = sum(1.0 if unicodedata.east_asian_width(c) in WIDE else 0.56 for c in text)
    return units * size


def shorten(text: str, width: float, size: int = FONT) -> str:
    """Cut words to a width, with an ellipsis when something is missing."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A label with the place found for it."""

    text: str
    at: float  # what it labels
    x: float  # its middle
    row: int


def place_labels(labels: Sequence[tuple[Number, str]], width: int, gap: int = 10) -> list[Placed]:
    """Set centered labels beneath their points, moving to a further row where they would touch."""
    rows: list[float] = []
    placed = []
    for at, text in sorted(labels, key=lambda label: float(label[0])):
        half = text_width(text) / 2
        x = min(max(float(at), half), width - half)
        row = next((i for i, end in enumerate(rows) if x - half >= end + gap), len(rows))
        if row == len(rows):
            rows.append(0.0)
        rows[row] = x + half
        placed.append(Placed(text=text, at=float(at), x=x, row=row))
    return placed
