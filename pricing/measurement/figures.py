"""The figures of a back-test: by exchange and protocol, never pooled, with how sure they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import fmean, median
from typing import Any, Final

from audit.disclosure.intervals import wilson_interval
from pricing.methods.comparables import TINY

from .backtest import Outcome, Protocol

SEED: Final = 20261129
ROUNDS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was found on one exchange under one protocol; errors are absolute log errors.

    The plain medians take all permitted listings of the unit; the chosen ones, unweighted; and the
    eight with the most similar titles. All errors are over the same listings, those answered.
    `error_low` and `error_high` redraw providers, not listings, which are not independent.
    """

    exchange: str
    protocol: str
    listings: int
    providers: int
    answered: int
    refused: int
    refused_share: float
    refusals: Mapping[str, int]
    median_error: float | None = None
    median_error_low: float | None = None
    median_error_high: float | None = None
    mean_error: float | None = None
    plain_median_error: float | None = None
    plain_chosen_error: float | None = None
    plain_nearest_error: float | None = None
    ratio_to_plain: float | None = None
    ratio_to_plain_chosen: float | None = None
    ratio_to_plain_nearest: float | None = None
    coverage: float | None = None
    coverage_low: float | None = None
    coverage_high: float | None = None
    exact_share: float | None = None
    median_half_width: float | None = None
    settings: Mapping[str, int] | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def figures_of(outcomes: Sequence[Outcome], protocol: Protocol) -> list[Figures]:
    """Sum outcomes up, exchange by exchange."""
    exchanges = sorted({one.listing.exchange for one in outcomes})
    return [
        _figures([one for one in outcomes if one.listing.exchange == exchange], exchange, protocol)
        for exchange in exchanges
    ]


def _figures(outcomes: Sequence[Outcome], exchange: str, protocol: Protocol) -> Figures:
    found = [one for one in outcomes if not one.refusal]
    refusals = Counter(one.refusal for one in outcomes if one.refusal)
    refused = len(outcomes) - len(found)
    counts: dict[str, Any] = {
        "exchange": exchange,
        "protocol": str(protocol),
        "listings": len(outcomes),
        "providers": len({one.listing.owner for one in outcomes if one.listing.owner}),
        "answered": len(found),
        "refused": refused,
        "refused_share": round(refused / len(outcomes), 4),
        "refusals": dict(sorted(refusals.items())),
    }
    if not found:
        return Figures(**counts)
    error = median(one.error for one in found)
    plain = median(abs(one.plain - one.actual) for one in found)
    chosen = median(abs(one.plain_chosen - one.actual) for one in found)
    nearest = median(abs(one.plain_nearest - one.actual) for one in found)
    low, high = _redrawn(found)
    covered = sum(one.is_covered for one in found)
    ends = wilson_interval(covered, len(found))
    return Figures(
        **counts,
        median_error=_four(error),
        median_error_low=_four(low),
        median_error_high=_four(high),
        mean_error=_four(fmean(one.error for one in found)),
        plain_median_error=_four(plain),
        plain_chosen_error=_four(chosen),
        plain_nearest_error=_four(nearest),
        ratio_to_plain=_ratio(error, plain),
        ratio_to_plain_chosen=_ratio(error, chosen),
        ratio_to_plain_nearest=_ratio(error, nearest),
        coverage=_four(covered / len(found)),
        coverage_low=_four(ends[0]),
        coverage_high=_four(ends[1]),
        exact_share=_four(sum(one.error <= TINY for one in found) / len(found)),
        median_half_width=_four(median(one.half_width for one in found)),
        settings=dict(Counter(one.setting for one in found).most_common(5)),
    )


def _redrawn(found: Sequence[Outcome]) -> tuple[float, float]:
    """95 % interval of the median error by redrawing providers; an unnamed listing stands alone."""
    by_owner: dict[str, list[float]] = {}
    for one in found:
        name = one.listing.owner or one.listing.identity
        by_owner.setdefault(name, []).append(one.error)
    groups = [by_owner[name] for name in sorted(by_owner)]
    random = Random(SEED)  # noqa: S311  repeatability is the point; nothing is kept secret
    drawn = sorted(
        median(error for group in random.choices(groups, k=len(groups)) for error in group)
        for _ in range(ROUNDS)
    )
    return drawn[int(0.025 * ROUNDS)], drawn[int(0.975 * ROUNDS)]


def _ratio(error: float, plain: float) -> float | None:
    return _four(error / plain) if plain > TINY else None


def _four(value: float) -> float:
    return round(value, 4)
