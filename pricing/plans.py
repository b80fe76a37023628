"""Plans and quotes: what is asked, and what a given quantity costs line by line. No database."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

from audit.log.canonical import canonical

from .money import DEFAULT_CURRENCY, MINOR_UNITS, Money
from .states import Period, PlanKind, Regime

AMOUNT_PLACES: Final = 2
UNIT_PLACES: Final = 8
GIGABYTE: Final = 1_000_000_000
PERIODS_PER_YEAR: Final = {Period.MONTH: 12, Period.QUARTER: 4, Period.YEAR: 1}


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A step of a graduated price: units up to `up_to` (None: without end) at `unit_price`."""

    up_to: int | None
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class PlanTerms:
    """Everything a provider says when it sets its price."""

    kind: PlanKind
    regime: Regime = Regime.MARKET
    currency: str = DEFAULT_CURRENCY
    price: Decimal = Decimal(0)
    period: Period | None = None
    tiers: tuple[Tier, ...] = ()
    minimum: Decimal = Decimal(0)
    trial_quota: int = 0
    negotiable: bool = False
    cap: Decimal | None = None
    cap_basis: str = ""
    revenue_cap: Decimal | None = None
    guarantee_days: int | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the terms as plain values, for snapshots, contracts and the digest."""
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
            minimum=Decimal(document["minimum"]),
            trial_quota=document["trial_quota"],
            negotiable=document["negotiable"],
            cap=Decimal(document["cap"]) if document["cap"] else None,
            cap_basis=document["cap_basis"],
            revenue_cap=Decimal(document["revenue_cap"]) if document["revenue_cap"] else None,
            guarantee_days=document["guarantee_days"],
        )

    @property
    def sha256(self) -> str:
        """Digest of the terms, by which a contract names the price it was made at."""
        return hashlib.sha256(canonical(self.as_document())).hexdigest()


@dataclass(frozen=True, kw_only=True)
class QuoteLine:
    """One line of a quote: what, how many, at what price. `code` is worded in `wording`."""

    code: str
    quantity: int
    unit_price: Decimal
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A price for a quantity, bound to the terms it was worked out from."""

    kind: PlanKind
    quantity: int
    lines: tuple[QuoteLine, ...]
    total: Money
    terms_sha256: str
    plan: str = ""
    negotiable: bool = False
    quoted_at: datetime | None = None
    valid_until: datetime | None = None

    def is_guaranteed(self, at: datetime) -> bool:
        """Whether the provider is still bound to this price, even if the plan changed since."""
        return self.valid_until is not None and at < self.valid_until

    def as_document(self) -> dict[str, Any]:
        """Return the quote as plain values, to be pinned to an order."""
        return {
            "plan": self.plan,
            "kind": str(self.kind),
            "quantity": self.quantity,
            "lines": [
                {
                    "code": line.code,
                    "quantity": line.quantity,
                    "unit_price": format(line.unit_price, "f"),
                    "amount": line.amount.text,
                }
                for line in self.lines
            ],
            "total": self.total.text,
            "currency": self.total.currency,
            "terms_sha256": self.terms_sha256,
            "negotiable": self.negotiable,
            "quoted_at": self.quoted_at.isoformat() if self.quoted_at else "",
            "valid_until": self.valid_until.isoformat() if self.valid_until else "",
        }


def quote_terms(
    terms: PlanTerms,
    quantity: int = 1,
    *,
    at: datetime | None = None,
    trial_left: int = 0,
    plan: str = "",
) -> Quote:
    """Work out what a quantity costs: licenses, periods, calls, rows or gigabytes by the kind.

    `trial_left` is what the buyer has left of the free trial; it is granted once per buyer, so the
    caller, who knows the buyer, says it. The total is rounded once and the lines sum to it.
    """
    if quantity < 1:
        message = "a quote is for at least one unit"
        raise ValueError(message)
    exact = list(_exact_lines(terms, quantity, min(trial_left, terms.trial_quota)))
    sum_of_lines = Money.total((line.amount for line in exact), terms.currency)
    missing = Money(terms.minimum, terms.currency) - sum_of_lines
    if missing.is_positive and not exact[-1].code.startswith("trial"):
        exact.append(
            QuoteLine(code="minimum", quantity=1, unit_price=missing.amount, amount=missing)
        )
    total = Money.total((line.amount for line in exact), terms.currency).quantized()
    until = None
    if at is not None and terms.guarantee_days is not None:
        until = at + timedelta(days=terms.guarantee_days)
    return Quote(
        kind=terms.kind,
        quantity=quantity,
        lines=_rounded(exact, total),
        total=total,
        terms_sha256=terms.sha256,
        plan=plan,
        negotiable=terms.negotiable,
        quoted_at=at,
        valid_until=until,
    )


def price_of(terms: PlanTerms, quantity: int) -> Money:
    """Return the exact price of a quantity, before rounding and without any trial."""
    lines = _exact_lines(terms, quantity, 0)
    total = Money.total((line.amount for line in lines), terms.currency)
    return max(total, Money(terms.minimum, terms.currency))


def reference_quantity(terms: PlanTerms, *, rows: int, size: int) -> int:
    """Return the quantity at which a plan is compared with the appraisal of one license.

    One purchase, one year of a subscription, or the whole release once through the meter.
    """
    match terms.kind:
        case PlanKind.SUBSCRIPTION:
            return PERIODS_PER_YEAR[terms.period or Period.YEAR]
        case PlanKind.PER_CALL | PlanKind.PER_ROW:
            return max(1, rows)
        case PlanKind.PER_GB:
            return max(1, -(-size // GIGABYTE))
    return 1


def tier_faults(tiers: Sequence[Tier]) -> list[str]:
    """Return codes of what is wrong with graduated tiers.

    Limits must rise and end open. Unit prices must not rise: then the price is monotone and
    subadditive, so nobody pays less by splitting an order or more by asking for less.
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
    elif prices != sorted(prices, reverse=True):
        faults.append("tiers_prices_fall")
    if any(_places(price) > UNIT_PLACES for price in prices):
        faults.append("tiers_places")
    return faults


def is_payable(amount: Decimal, currency: str) -> bool:
    """Whether an amount can be paid: finite, not negative, no finer than the minor unit."""
    return amount.is_finite() and amount >= 0 and _places(amount) <= MINOR_UNITS[currency]


def _exact_lines(terms: PlanTerms, quantity: int, trial: int) -> Sequence[QuoteLine]:
    if terms.kind == PlanKind.FREE:
        return [_line(terms, "free", quantity, Decimal(0))]
    if terms.kind == PlanKind.ONE_OFF:
        return [_line(terms, "license", quantity, terms.price)]
    if terms.kind == PlanKind.SUBSCRIPTION:
        return [_line(terms, f"period_{terms.period or Period.YEAR}", quantity, terms.price)]
    unit = terms.kind.lower()
    free = min(trial, quantity)
    lines = [_line(terms, f"trial_{unit}", free, Decimal(0))] if free else []
    done, rest = 0, quantity - free
    for tier in terms.tiers:
        reach = rest if tier.up_to is None else min(rest, tier.up_to)
        if reach > done:
            lines.append(_line(terms, unit, reach - done, tier.unit_price))
            done = reach
    return lines


def _line(terms: PlanTerms, code: str, quantity: int, unit_price: Decimal) -> QuoteLine:
    amount = Money(unit_price, terms.currency) * quantity
    return QuoteLine(code=code, quantity=quantity, unit_price=unit_price, amount=amount)


def _rounded(lines: Sequence[QuoteLine], total: Money) -> tuple[QuoteLine, ...]:
    if total.is_zero:
        shares = [total for _ in lines]
    else:
        shares = total.allocate([line.amount.amount for line in lines])
    return tuple(
        QuoteLine(code=line.code, quantity=line.quantity, unit_price=line.unit_price, amount=share)
        for line, share in zip(lines, shares, strict=True)
    )


def _fixed(amount: Decimal | None, places: int) -> str:
    """Write an amount with the places it is stored with, so that its digest survives storage."""
    return "" if amount is None else f"{amount:.{places}f}"


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
