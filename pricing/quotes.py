"""Quotes: what a quantity costs line by line, and how the amount came about. No database.

A price goes through declared → adjusted → agreed → fee → tax, and every intermediate is stored with
the order: the provider's own terms for the quantity; trial, scenario, minimum charge and bundle;
what the parties agreed on, the same unless they negotiated; what trading adds of fee and tax.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from .money import Money
from .plans import PlanTerms
from .states import Period, PlanKind

GIGABYTE: Final = 1_000_000_000
PERIODS_PER_YEAR: Final = {Period.MONTH: 12, Period.QUARTER: 4, Period.YEAR: 1}


class NoSuchPackage(ValueError):
    """A plan that is sold in packages has none of this size."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__(f"sold in packages of {', '.join(map(str, sizes))}")
        self.sizes = tuple(sizes)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a price depends on beside the quantity: the buyer's own, stated by whoever knows it."""

    trial_left: int = 0
    scenario: str = ""
    reduction: Decimal = Decimal(0)


USUAL: Final = Circumstances()


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
    declared: Money
    adjustments: tuple[str, ...]
    adjusted: Money
    total: Money
    terms_sha256: str
    plan: str = ""
    agreement: str = ""
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
            "pipeline": [
                {"stage": "declared", "amount": self.declared.text, "basis": [self.terms_sha256]},
                {
                    "stage": "adjusted",
                    "amount": self.adjusted.text,
                    "basis": list(self.adjustments),
                },
                {
                    "stage": "agreed",
                    "amount": self.total.text,
                    "basis": [self.agreement] if self.agreement else [],
                },
            ],
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
    plan: str = "",
    given: Circumstances = USUAL,
) -> Quote:
    """Work out what a quantity costs: licenses, periods, calls, hits, rows or gigabytes.

    The total is rounded once, up to the minor unit: rounding half up would let buyers in parts save
    what the parts lose. The lines sum to it. Raises NoSuchPackage where packages are sold and none
    has this size.
    """
    if quantity < 1:
        message = "a quote is for at least one unit"
        raise ValueError(message)
    trial = min(given.trial_left, terms.trial_quota)
    rate = terms.rate_for(given.scenario)
    exact = [
        replace(line, unit_price=line.unit_price * rate, amount=line.amount * rate)
        for line in _charged_lines(terms, quantity, trial)
    ]
    total = Money.total((line.amount for line in exact), terms.currency).rounded_up()
    lines = _rounded(exact, total)
    reduction = min(Money(given.reduction, terms.currency), total)
    if reduction.is_positive:
        lines = (*lines, _line(terms, "bundle", 1, -reduction.amount))
        total -= reduction
    applied = {
        "trial": any(line.code.startswith("trial") for line in exact),
        "minimum": any(line.code == "minimum" for line in exact),
        "scenario": rate != 1,
        "bundle": reduction.is_positive,
    }
    until = None
    if at is not None and terms.guarantee_days is not None:
        until = at + timedelta(days=terms.guarantee_days)
    return Quote(
        kind=terms.kind,
        quantity=quantity,
        lines=lines,
        declared=_declared(terms, quantity, trial),
        adjustments=tuple(name for name, did in applied.items() if did),
        adjusted=total,
        total=total,
        terms_sha256=terms.sha256,
        plan=plan,
        negotiable=terms.negotiable,
        quoted_at=at,
        valid_until=until,
    )


def agreed_quote(quote: Quote, agreed: Money, *, agreement: str, until: datetime) -> Quote:
    """Return a quote at the price that the parties agreed on, which is no more than adjusted.

    What was taken off stands as a line of its own, so that the lines still sum to the total.
    """
    if agreed > quote.adjusted:
        message = f"agreed on {agreed.text}, above the posted {quote.adjusted.text}"
        raise ValueError(message)
    off = quote.adjusted - agreed
    line = QuoteLine(code="agreed", quantity=1, unit_price=-off.amount, amount=-off)
    return replace(
        quote,
        lines=(*quote.lines, line) if off.is_positive else quote.lines,
        total=agreed,
        agreement=agreement,
        valid_until=until,
    )


def price_of(terms: PlanTerms, quantity: int) -> Money:
    """Return the exact price of a quantity, before rounding, trial and scenario.

    Of packages, the smallest that holds the quantity is meant, or as many of the largest as it
    takes.
    """
    if terms.packages:
        enough = [package.price for package in terms.packages if package.units >= quantity]
        if enough:
            return Money(min(enough), terms.currency)
        largest = max(terms.packages, key=lambda package: package.units)
        return Money(largest.price, terms.currency) * -(-quantity // largest.units)
    total = Money.total((line.amount for line in _list_lines(terms, quantity, 0)), terms.currency)
    return max(total, Money(terms.minimum, terms.currency))


CALLS_PER_LICENSE: Final = 10_000
"""Calls of a model that are compared with one license of it [own choice]."""


def reference_quantity(terms: PlanTerms, *, rows: int, size: int) -> int:
    """Return the quantity at which a plan is compared with the appraisal of one license.

    One purchase, one year of a subscription, or the whole release once through the meter; of a
    model, which has no rows, so many calls as one license is taken to be worth.
    """
    match terms.kind:
        case PlanKind.SUBSCRIPTION:
            return PERIODS_PER_YEAR[terms.period or Period.YEAR]
        case PlanKind.PER_CALL:
            return rows or CALLS_PER_LICENSE
        case PlanKind.PER_HIT | PlanKind.PER_ROW:
            return max(1, rows)
        case PlanKind.PER_GB:
            return max(1, -(-size // GIGABYTE))
    return 1


def trial_units(quote: Mapping[str, Any]) -> int:
    """Count the units of the free trial that a pinned quote used."""
    lines = quote["lines"]
    return sum(line["quantity"] for line in lines if line["code"].startswith("trial"))


def _declared(terms: PlanTerms, quantity: int, trial: int) -> Money:
    """Return what the bare terms say of the quantity; of a package, also what its trial is."""
    lines = _list_lines(terms, quantity, trial if terms.packages else 0)
    return Money.total((line.amount for line in lines), terms.currency).rounded_up()


def _charged_lines(terms: PlanTerms, quantity: int, trial: int) -> list[QuoteLine]:
    """Return the lines with the free trial and the supplement to the minimum charge."""
    lines = list(_list_lines(terms, quantity, trial))
    paid = Money.total((line.amount for line in lines), terms.currency)
    missing = Money(terms.minimum, terms.currency) - paid
    if missing.is_positive and not lines[-1].code.startswith("trial"):
        lines.append(_line(terms, "minimum", 1, missing.amount))
    return lines


def _list_lines(terms: PlanTerms, quantity: int, trial: int) -> Sequence[QuoteLine]:
    if terms.kind == PlanKind.FREE:
        return [_line(terms, "free", quantity, Decimal(0))]
    unit = terms.kind.lower()
    free = min(trial, quantity)
    if terms.packages:
        return [_package_line(terms, unit, quantity, free)]
    if terms.kind == PlanKind.ONE_OFF:
        return [_line(terms, "license", quantity, terms.price)]
    if terms.kind == PlanKind.SUBSCRIPTION:
        return [_line(terms, f"period_{terms.period or Period.YEAR}", quantity, terms.price)]
    lines = [_line(terms, f"trial_{unit}", free, Decimal(0))] if free else []
    done, rest = 0, quantity - free
    for tier in terms.tiers:
        reach = rest if tier.up_to is None else min(rest, tier.up_to)
        if reach > done:
            lines.append(_line(terms, unit, reach - done, tier.unit_price))
            done = reach
    return lines


def _package_line(terms: PlanTerms, unit: str, quantity: int, free: int) -> QuoteLine:
    """Return the line of a package, or of the trial where that is enough by itself."""
    if free == quantity:
        return _line(terms, f"trial_{unit}", free, Decimal(0))
    package = terms.package_of(quantity)
    if package is None:
        raise NoSuchPackage(sorted(row.units for row in terms.packages))
    line = _line(terms, "package", 1, package.price)
    return replace(line, code=f"package_{unit}")


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
