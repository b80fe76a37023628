"""The tornado: what the middle value would be with each input at either end of its range.

The methods' weights stay as they are; an input that several methods use moves all of them at once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .working import Coefficient, Estimate, Method, Sensitivity, shown, working_precision


@dataclass(frozen=True, kw_only=True)
class Blade:
    """One input: the ends of its range, the middle value at each, and how far they are apart.

    Where methods see an input differently (quality with and without age), the range holds both.
    """

    code: str
    low: Decimal
    high: Decimal
    at_low: Decimal
    at_high: Decimal
    swing: Decimal


def find_tornado(
    estimates: Sequence[Estimate], weights: Mapping[Method, Decimal]
) -> tuple[Blade, ...]:
    """Return a blade for each input that moves the value, the widest first; amounts as in a band.

    `weights` sum to 1 over the methods.
    """
    with working_precision():
        middle = sum(
            (weights.get(item.method, Decimal(0)) * item.value.amount for item in estimates),
            Decimal(0),
        )
        moved: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        ranges: dict[str, list[Coefficient]] = defaultdict(list)
        for item in estimates:
            weight = weights.get(item.method, Decimal(0))
            known = {row.code: row for row in item.coefficients}
            for row in item.sensitivity:
                ranges[row.code].append(known[row.code])
                for place, end in enumerate(_ends(row)):
                    moved[row.code][place] += weight * (end - item.value.amount)
        blades = [
            Blade(
                code=code,
                low=min(item.low for item in ranges[code]),
                high=max(item.high for item in ranges[code]),
                at_low=shown(middle + at_low),
                at_high=shown(middle + at_high),
                swing=shown(abs(at_high - at_low)),
            )
            for code, (at_low, at_high) in moved.items()
        ]
        return tuple(sorted((b for b in blades if b.swing), key=lambda b: (-b.swing, b.code)))


def _ends(row: Sensitivity) -> tuple[Decimal, Decimal]:
    return row.at_low, row.at_high
