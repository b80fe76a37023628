"""When an appraisal ends before its day: another release, another grade, a market that moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .methods.policies import ValidityPolicy
from .methods.working import working_precision
from .models import Appraisal
from .money import Money
from .states import EndCause


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Why an appraisal no longer holds; `detail` is a reference, a level, a day or an index."""

    cause: EndCause
    detail: str


def prices_at_signing(inputs: Mapping[str, Any]) -> dict[str, Money]:
    """Return what the comparables of an appraisal were priced at, by reference."""
    return {row["reference"]: Money.parse(row["price"]) for row in inputs["comparables"]}


def market_index(
    then: Mapping[str, Money], now: Mapping[str, Money], *, least: int
) -> Decimal | None:
    """Return the geometric mean of price now ÷ price then over what is priced at both times.

    None where fewer than `least` comparables are, in the same currency and above zero.
    """
    with working_precision():
        ratios = [
            now[name].ratio_to(price)
            for name, price in then.items()
            if name in now
            and now[name].currency == price.currency
            and price.is_positive
            and now[name].is_positive
        ]
        if len(ratios) < max(least, 1):
            return None
        mean = sum((ratio.ln() for ratio in ratios), Decimal(0)) / len(ratios)
        return mean.exp().quantize(Decimal("0.0001"))


def why_ended(
    appraisal: Appraisal,
    *,
    release: str,
    level: int,
    prices: Mapping[str, Money],
    policy: ValidityPolicy,
    at: datetime,
) -> Ended | None:
    """Say what ended an appraisal; None while it holds.

    `release` and `level` are those sold now, `prices` what its comparables ask now.
    """
    if appraisal.release != release:
        return Ended(cause=EndCause.RELEASE, detail=release)
    if appraisal.inputs["facts"]["grade_level"] != level:
        return Ended(cause=EndCause.GRADE, detail=str(level))
    if appraisal.is_stale(at):
        return Ended(cause=EndCause.DATE, detail=appraisal.valid_until.isoformat())
    then = prices_at_signing(appraisal.inputs)
    index = market_index(then, prices, least=policy.market_least)
    if index is not None and abs(index - 1) > policy.market_shift:
        return Ended(cause=EndCause.MARKET, detail=f"{index:f}")
    return None
