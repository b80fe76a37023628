"""The tornado: how far each input moves a value, either way, the widest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from .svg import figure, hover, share, shorten, tag, text_width, words

WIDTH = 420
ROW = 38
TOP = 22


@dataclass(frozen=True, kw_only=True)
class Swing:
    """One input and the value at either end of its range."""

    label: str
    at_low: Decimal
    at_high: Decimal


def tornado(
    swings: Sequence[Swing],
    middle: Decimal,
    *,
    say: Callable[[Decimal], str],
    title: object,
    desc: object,
) -> SafeString:
    """Return a bar for each input around the middle; the end of the high input is filled."""
    every = [middle, *(end for item in swings for end in (item.at_low, item.at_high))]
    low, high = min(every), max(every)

    def across(value: Decimal) -> float:
        return share(value - low, high - low) * (WIDTH - 4) + 2

    center = across(middle)
    base = TOP + len(swings) * ROW
    half = text_width(say(middle)) / 2
    parts = [
        words(say(middle), x=min(max(center, half), WIDTH - half), y=12, kind="strong",
              anchor="middle"),
        tag("line", x1=center, x2=center, y1=TOP - 4, y2=base, class_="axis"),
    ]  # fmt: skip
    for number, item in enumerate(swings):
        y = TOP + number * ROW
        parts.append(words(shorten(item.label, WIDTH), x=0, y=y + 13))
        for end, kind in ((item.at_low, "fall"), (item.at_high, "fill")):
            x = across(end)
            parts.append(
                tag(
                    "rect",
                    hover(f"{item.label}: {say(end)}"),
                    x=min(x, center),
                    y=y + 18,
                    width=max(abs(x - center), 0.5),
                    height=13,
                    class_=kind,
                )
            )
    return figure(*parts, kind="tornado", width=WIDTH, height=base + 4, title=title, desc=desc)
