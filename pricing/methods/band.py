"""The band: several methods' results made one low, middle and high value.

The middle is the weighted mean. A method weighs more when the pack trusts its kind and when its
own interval is narrow, or as much as `pricing.methods.reconciling` makes of stated weights,
judgments or scores. The width holds both the methods' own uncertainty and their disagreement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.money import Money

from .policies import BandPolicy
from .working import Estimate, Method, shown, working_precision


@dataclass(frozen=True, kw_only=True)
class MethodShare:
    """What one method contributed to the band."""

    method: Method
    value: Money
    spread: Decimal
    weight: Decimal


@dataclass(frozen=True, kw_only=True)
class Band:
    """A value with its error. `confidence` is low ÷ mid: 1 would be exact, 0 no knowledge."""

    low: Money
    mid: Money
    high: Money
    spread: Decimal
    spread_within: Decimal
    spread_between: Decimal
    confidence: Decimal
    shares: tuple[MethodShare, ...]


def combine_methods(
    estimates: Sequence[Estimate],
    *,
    policy: BandPolicy,
    weights: Mapping[Method, Decimal] | None = None,
) -> Band:
    """Combine results by `weights`, which sum to 1 over the methods and are 0 where none is named.

    Without them weight = the pack's weight of the kind ÷ the square of the half width.
    """
    with working_precision():
        if not estimates:
            message = "a band needs at least one method's result"
            raise ValueError(message)
        spreads = [max(item.spread, policy.spread_least) for item in estimates]
        raw = [
            policy.weights[item.method] / spread**2
            if weights is None
            else weights.get(item.method, Decimal(0))
            for item, spread in zip(estimates, spreads, strict=True)
        ]
        parts = [weight / sum(raw) for weight in raw]
        pairs = list(zip(parts, estimates, strict=True))
        mid = Money.total(
            (item.value * weight for weight, item in pairs), estimates[0].value.currency
        )
        within = sum((w * s**2 for w, s in zip(parts, spreads, strict=True)), Decimal(0))
        between = sum(
            (weight * item.value.ratio_to(mid).ln() ** 2 for weight, item in pairs), Decimal(0)
        )
        spread = (within + between).sqrt()
        return Band(
            low=(mid * (-spread).exp()).quantized(),
            mid=mid.quantized(),
            high=(mid * spread.exp()).quantized(),
            spread=shown(spread),
            spread_within=shown(within.sqrt()),
            spread_between=shown(between.sqrt()),
            confidence=(-spread).exp().quantize(Decimal("0.0001")),
            shares=tuple(
                MethodShare(
                    method=item.method,
                    value=item.value,
                    spread=shown(own),
                    weight=shown(weight),
                )
                for weight, item, own in zip(parts, estimates, spreads, strict=True)
            ),
        )
