"""The comparables of one appraisal, weighed: from listings and exact prices to exact weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from pricing.facts import AssetFacts, Comparable, Traits

from .learning import find, learn
from .likeness import Bools, Likeness, Whole


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """The weight of each comparable, how far off the result may be, and what says so.

    `half_width` and `median_error` are on the scale of the natural logarithm of the price.
    """

    weights: tuple[Decimal, ...]
    half_width: Decimal
    median_error: Decimal
    residuals: int
    favorite: str


def weigh_comparables(
    facts: AssetFacts,
    comparables: Sequence[Comparable],
    prices: Sequence[Decimal],
    *,
    minimum: int,
) -> Weighed | None:
    """Weigh comparables, whose adjusted prices are given, by what can be learned from themselves.

    None where the listings do not say what they are, or too few can be predicted from those of
    other providers. All weights are 0 where nothing is alike.
    """
    traits = [item.traits for item in comparables if item.traits is not None]
    if facts.traits is None or len(traits) < len(comparables):
        return None
    owners = number_owners([item.owner or item.reference for item in comparables])
    logs = np.array([float(price.ln()) for price in prices])
    among = Likeness.between(traits, traits)
    learned = learn(among, logs, owners, apart(owners), minimum=minimum)
    if learned is None:
        return None
    subject: list[Traits] = [facts.traits]
    found = find(
        learned,
        Likeness.between(subject, traits),
        logs,
        owners,
        np.ones((1, len(traits)), dtype=np.bool_),
    )
    return Weighed(
        weights=tuple(Decimal(f"{weight:.6f}") for weight in found.weights[0]),
        half_width=_figure(found.half_widths[0]),
        median_error=_figure(learned.median_error),
        residuals=learned.residuals,
        favorite=learned.favorite,
    )


def number_owners(names: Sequence[str]) -> Whole:
    """Return the place of each name among the names in order, from 0."""
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def apart(groups: Whole) -> Bools:
    """Say which listing may speak for which: those of another group."""
    different: Bools = groups[:, None] != groups[None, :]
    return different


def _figure(value: float) -> Decimal:
    return Decimal(f"{value:.6f}") if np.isfinite(value) else Decimal(0)
