"""A step applied to a plan: every price of it by the same factor, rounded without new loopholes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Final

from pricing.methods.formulae.adjustment import Limits
from pricing.methods.working import working_precision
from pricing.money import MINOR_UNITS, Money
from pricing.plan_rules import faults_of_terms
from pricing.plans import UNIT_PLACES, PlanTerms
from pricing.quotes import price_of
from pricing.states import PlanKind, Regime

ROUNDINGS: Final = (ROUND_UP, ROUND_HALF_UP, ROUND_DOWN)
"""Up first: ⌈a + b⌉ ≤ ⌈a⌉ + ⌈b⌉, so that packages rounded up leave no cheaper way to buy."""

ROOM_PLACES: Final = Decimal("1E-8")


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Terms after a step, with what the quantity of reference costs then."""

    terms: PlanTerms
    ask: Money


def can_move(terms: PlanTerms) -> bool:
    """Whether there is a price to move: what is free of charge stays so."""
    return terms.kind != PlanKind.FREE and terms.regime != Regime.PUBLIC_FREE


def cap_room(terms: PlanTerms) -> Decimal | None:
    """Return the factor at which the first unit reaches its cap; None without a cap.

    Never below 1: a plan in force is within its caps.
    """
    if terms.regime != Regime.PUBLIC_CAPPED or terms.cap is None:
        return None
    with working_precision():
        units = [tier.unit_price for tier in terms.tiers]
        units += [package.price / package.units for package in terms.packages]
        highest = max([terms.price, terms.minimum, *units])
        rooms = [(Decimal(1), terms.cap)]
        rooms += [
            (row.rate, terms.cap if row.cap is None else row.cap)
            for row in terms.scenarios
            if row.rate
        ]
        room = min(cap / (rate * highest) for rate, cap in rooms) if highest else Decimal(1)
        return max(Decimal(1), room.quantize(ROOM_PLACES, ROUND_DOWN))


def move_terms(terms: PlanTerms, factor: Decimal, *, quantity: int, limits: Limits) -> Moved | None:
    """Return terms at `factor` times every price, or None where rounding leaves no way.

    Whatever way is taken is a plan without faults, moves the price the way it was meant to, and no
    single price of it leaves the limits.
    """
    before = price_of(terms, quantity)
    for rounding in ROUNDINGS:
        moved = _times(terms, factor, rounding)
        after = price_of(moved, quantity)
        right_way = after > before if factor > 1 else after < before
        if right_way and _within(terms, moved, limits) and not faults_of_terms(moved):
            return Moved(terms=moved, ask=after)
    return None


def _times(terms: PlanTerms, factor: Decimal, rounding: str) -> PlanTerms:
    minor = Decimal(1).scaleb(-MINOR_UNITS[terms.currency])
    unit = Decimal(1).scaleb(-UNIT_PLACES)
    with working_precision():
        return replace(
            terms,
            price=(terms.price * factor).quantize(minor, rounding),
            minimum=(terms.minimum * factor).quantize(minor, rounding),
            tiers=tuple(
                replace(tier, unit_price=(tier.unit_price * factor).quantize(unit, rounding))
                for tier in terms.tiers
            ),
            packages=tuple(
                replace(package, price=(package.price * factor).quantize(minor, rounding))
                for package in terms.packages
            ),
        )


def _within(terms: PlanTerms, moved: PlanTerms, limits: Limits) -> bool:
    with working_precision():
        return all(
            before * limits.low <= after <= before * limits.high
            for before, after in zip(_prices(terms), _prices(moved), strict=True)
        )


def _prices(terms: PlanTerms) -> Iterator[Decimal]:
    yield terms.price
    yield terms.minimum
    for tier in terms.tiers:
        yield tier.unit_price
    for package in terms.packages:
        yield package.price
