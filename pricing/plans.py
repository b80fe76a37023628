"""Price plans: everything a provider says when it sets its price. No database."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

from audit.log.canonical import canonical

from .money import DEFAULT_CURRENCY, MINOR_UNITS, Money
from .states import Period, PlanKind, Regime

AMOUNT_PLACES: Final = 2
UNIT_PLACES: Final = 8
RATE_PLACES: Final = 4
UNIT_PRICE_END: Final = Decimal(10) ** 16


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A step of a graduated price: units up to `up_to` (None: without end) at `unit_price`."""

    up_to: int | None
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Package:
    """Units paid in advance together (预付费套餐): licenses, periods, calls or hits by the kind."""

    units: int
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class ScenarioPrice:
    """What one permitted scenario pays: `rate` times the price, and no unit above `cap`.

    `public_good` says that the scenario is public governance or welfare (公共治理、公益事业), for
    which public data is free.
    """

    scenario: str
    rate: Decimal
    cap: Decimal | None = None
    public_good: bool = False


@dataclass(frozen=True, kw_only=True)
class Companion:
    """A bundle: who holds a paid order of `product` pays `reduction` less, once."""

    product: str
    reduction: Decimal


@dataclass(frozen=True, kw_only=True)
class PlanTerms:
    """Everything a provider says when it sets its price.

    Of what is negotiable, `floor_rate` is the least share of the posted price that is agreed on.
    """

    kind: PlanKind
    regime: Regime = Regime.MARKET
    currency: str = DEFAULT_CURRENCY
    price: Decimal = Decimal(0)
    period: Period | None = None
    tiers: tuple[Tier, ...] = ()
    packages: tuple[Package, ...] = ()
    minimum: Decimal = Decimal(0)
    trial_quota: int = 0
    negotiable: bool = False
    floor_rate: Decimal | None = None
    scenarios: tuple[ScenarioPrice, ...] = ()
    companions: tuple[Companion, ...] = ()
    renewable: bool = False
    notice_days: int = 0
    cap: Decimal | None = None
    cap_basis: str = ""
    revenue_cap: Decimal | None = None
    revenue_period: Period | None = None
    guarantee_days: int | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the terms as plain values, for snapshots, contracts and the digest.

        What came later than the first plans stands in it only where it is said, so that the digests
        in their contracts still hold.
        """
        return {
            "kind": str(self.kind),
            "regime": str(self.regime),
            "currency": self.currency,
            "price": _fixed(self.price, AMOUNT_PLACES),
            "period": str(self.period) if self.period else "",
            "tiers": [
                {"up_to": tier.up_to, "unit_price": _fixed(tier.unit_price, UNIT_PLACES)}
                for tier in self.tiers
            ],
            "minimum": _fixed(self.minimum, AMOUNT_PLACES),
            "trial_quota": self.trial_quota,
            "negotiable": self.negotiable,
            "cap": _fixed(self.cap, UNIT_PLACES),
            "cap_basis": self.cap_basis,
            "revenue_cap": _fixed(self.revenue_cap, AMOUNT_PLACES),
            "guarantee_days": self.guarantee_days,
            **{name: said for name, said in self._said_later().items() if said},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read terms back from a snapshot."""
        return cls(
            kind=PlanKind(document["kind"]),
            regime=Regime(document["regime"]),
            currency=document["currency"],
            price=Decimal(document["price"]),
            period=Period(document["period"]) if document["period"] else None,
            tiers=tuple(
                Tier(up_to=row["up_to"], unit_price=Decimal(row["unit_price"]))
                for row in document["tiers"]
            ),
            packages=tuple(
                Package(units=row["units"], price=Decimal(row["price"]))
                for row in document.get("packages", [])
            ),
            minimum=Decimal(document["minimum"]),
            trial_quota=document["trial_quota"],
            negotiable=document["negotiable"],
            floor_rate=_amount(document.get("floor_rate", "")),
            scenarios=tuple(_read_scenario(row) for row in document.get("scenarios", [])),
            companions=tuple(
                Companion(product=row["product"], reduction=Decimal(row["reduction"]))
                for row in document.get("companions", [])
            ),
            renewable=document.get("renewable", False),
            notice_days=document.get("notice_days", 0),
            cap=_amount(document["cap"]),
            cap_basis=document["cap_basis"],
            revenue_cap=_amount(document["revenue_cap"]),
            revenue_period=_period(document.get("revenue_period", "")),
            guarantee_days=document["guarantee_days"],
        )

    @property
    def sha256(self) -> str:
        """Digest of the terms, by which a contract names the price it was made at."""
        return hashlib.sha256(canonical(self.as_document())).hexdigest()

    def negotiated_least(self, posted: Money) -> Money:
        """Return the least that may be agreed on instead of a posted price."""
        return (posted * (self.floor_rate or Decimal(0))).rounded_up()

    def cap_in(self, scenario: str) -> Decimal | None:
        """Return the most that one unit may cost in a scenario, where prices are guided."""
        found = self.price_in(scenario)
        return self.cap if found is None or found.cap is None else found.cap

    def rate_for(self, scenario: str) -> Decimal:
        """Return how many times the price a scenario pays; 1 where nothing is said of it."""
        found = self.price_in(scenario)
        return Decimal(1) if found is None else found.rate

    def price_in(self, scenario: str) -> ScenarioPrice | None:
        """Return what the plan says of a scenario, if anything."""
        return next((row for row in self.scenarios if row.scenario == scenario), None)

    def package_of(self, units: int) -> Package | None:
        """Return the package of exactly so many units."""
        return next((package for package in self.packages if package.units == units), None)

    def _said_later(self) -> dict[str, Any]:
        return {
            "packages": [
                {"units": row.units, "price": _fixed(row.price, AMOUNT_PLACES)}
                for row in self.packages
            ],
            "scenarios": [
                {
                    "scenario": row.scenario,
                    "rate": _fixed(row.rate, RATE_PLACES),
                    "cap": _fixed(row.cap, UNIT_PLACES),
                    "public_good": row.public_good,
                }
                for row in self.scenarios
            ],
            "companions": [
                {"product": row.product, "reduction": _fixed(row.reduction, AMOUNT_PLACES)}
                for row in self.companions
            ],
            "floor_rate": _fixed(self.floor_rate, RATE_PLACES),
            "renewable": self.renewable,
            "notice_days": self.notice_days,
            "revenue_period": str(self.revenue_period) if self.revenue_period else "",
        }


def is_payable(amount: Decimal, currency: str) -> bool:
    """Whether an amount can be paid: finite, not negative, no finer than the minor unit."""
    return amount.is_finite() and amount >= 0 and places_of(amount) <= MINOR_UNITS[currency]


def places_of(amount: Decimal) -> int:
    """Count the decimal places an amount really uses."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def tier_faults(tiers: Sequence[Tier]) -> list[str]:
    """Return codes of what is wrong with the form of graduated tiers.

    Limits must rise and end open, unit prices be amounts; whether the tiers leave a cheaper way to
    buy is for `pricing.arbitrage` to find.
    """
    if not tiers:
        return ["tiers_missing"]
    faults = []
    if tiers[-1].up_to is not None or any(tier.up_to is None for tier in tiers[:-1]):
        faults.append("tiers_end_open")
    limits = [tier.up_to for tier in tiers if tier.up_to is not None]
    if any(limit < 1 for limit in limits) or limits != sorted(set(limits)):
        faults.append("tiers_limits_rise")
    prices = [tier.unit_price for tier in tiers]
    if any(not price.is_finite() or price < 0 for price in prices):
        faults.append("tiers_not_negative")
    elif any(places_of(price) > UNIT_PLACES for price in prices):
        faults.append("tiers_places")
    elif any(price >= UNIT_PRICE_END for price in prices):
        faults.append("out_of_range")
    return faults


def _read_scenario(row: Mapping[str, Any]) -> ScenarioPrice:
    return ScenarioPrice(
        scenario=row["scenario"],
        rate=Decimal(row["rate"]),
        cap=_amount(row["cap"]),
        public_good=row["public_good"],
    )


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _period(text: str) -> Period | None:
    return Period(text) if text else None


def _fixed(amount: Decimal | None, places: int) -> str:
    """Write an amount with the places it is stored with, so that its digest survives storage."""
    return "" if amount is None else f"{amount:.{places}f}"
