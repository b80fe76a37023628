"""Signals of dominance and of discrimination (R-MONO), from sales that were concluded. Pure.

A signal is no finding: 《深圳经济特区数据条例》第六十九条 names what may differ (needs of the buyer
and custom, offers to new users for a reasonable time, fair chance), and who sells alone may do so
for good reasons. The regulator is told and asks.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

RULE: Final = "R-MONO"
DISCRIMINATION, DOMINANCE = "DISCRIMINATION", "DOMINANCE"


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One concluded sale: to whom, and at what price for one unit."""

    order: str
    buyer: str
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class MarketShare:
    """What was sold in one market: by everybody, and of that by one provider."""

    sales: int
    amount: Decimal
    own: Decimal

    def with_sale(self, amount: Decimal) -> "MarketShare":
        """Return the same after one more sale of the provider."""
        return MarketShare(sales=self.sales + 1, amount=self.amount + amount, own=self.own + amount)


@dataclass(frozen=True, kw_only=True)
class MarketSignal:
    """What was noticed: the share of the market, or of the price, and the sale it shows beside."""

    kind: str
    share: Decimal
    beside: str = ""


def is_watched(pack: Mapping[str, Any]) -> bool:
    """Whether a version of the rules has the market watched."""
    return any(rule["id"] == RULE and rule.get("enabled", True) for rule in pack["rules"])


def unequal_prices(
    sale: Sale, alike: Iterable[Sale], pack: Mapping[str, Any]
) -> Iterator[MarketSignal]:
    """Yield a signal where another buyer paid much more or less on conditions that are alike.

    Of several the sale that lies farthest off is named. `share` is the difference as a part of the
    higher price.
    """
    apart = [
        MarketSignal(kind=DISCRIMINATION, share=_apart(sale.price, other.price), beside=other.order)
        for other in alike
        if other.buyer != sale.buyer
    ]
    most = max(apart, key=lambda signal: signal.share, default=None)
    if most is not None and most.share > Decimal(str(pack["market"]["price_apart"])):
        yield most


def reached_dominance(
    before: MarketShare, amount: Decimal, pack: Mapping[str, Any]
) -> Iterator[MarketSignal]:
    """Yield a signal where a sale takes its provider to the line of dominance, and only then.

    《反垄断法》第二十四条 presumes it at one half of the relevant market.
    """
    after = before.with_sale(amount)
    if _dominates(after, pack) and not _dominates(before, pack):
        yield MarketSignal(kind=DOMINANCE, share=after.own / after.amount)


def _dominates(market: MarketShare, pack: Mapping[str, Any]) -> bool:
    line = Decimal(str(pack["market"]["dominant_share"]))
    enough = market.sales >= pack["market"]["least_sales"] and market.amount > 0
    return bool(enough and market.own >= line * market.amount)


def _apart(one: Decimal, other: Decimal) -> Decimal:
    higher = max(one, other)
    return abs(one - other) / higher if higher else Decimal(0)
