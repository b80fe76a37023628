"""Who sets the price follows from whose data it is; nobody chooses it (发改价格〔2025〕65号).

Public data is free for governance and welfare and under a cap for industry, with a maximum allowed
revenue for each period (最高准许收入); what was earned above it is deducted in the next. Enterprise
data and personal information are priced by their provider (数据二十条（八）).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from .models import Appraisal, Plan
from .money import Money
from .plans import PlanTerms
from .states import Period, PlanKind, Regime

PUBLIC = "PUBLIC"
MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


def regime_of(origin: str, kind: str) -> Regime:
    """Return the regime that follows from the origin of the data."""
    if origin != PUBLIC:
        return Regime.MARKET
    return Regime.PUBLIC_FREE if kind == PlanKind.FREE else Regime.PUBLIC_CAPPED


def why_not_regime(regime: str, origin: str, kind: str) -> str | None:
    """Return why a plan is not under the regime its data calls for, or None."""
    if not origin or regime == regime_of(origin, kind):
        return None
    if origin == PUBLIC:
        return _("Products from public data are free or have a price cap.")
    return _("Public price regimes apply to public data only.")


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What one period allowed and earned; `cap` is None where no maximum was in force."""

    start: date
    cap: Decimal | None
    earned: Decimal


def period_start(on: date, period: Period) -> date:
    """Return the first day of the calendar period that holds a day."""
    months = MONTHS[period]
    return date(on.year, (on.month - 1) // months * months + 1, 1)


def over_recovery(periods: Iterable[Recovery]) -> Decimal:
    """Return what is still to be deducted after these periods, the earliest first."""
    over = Decimal(0)
    for period in periods:
        allowed = period.earned + over if period.cap is None else period.cap
        over = max(Decimal(0), over + period.earned - allowed)
    return over


def why_not_charge(
    terms: PlanTerms, *, ask: Money, earned: Money, before: Sequence[Recovery] = ()
) -> str | None:
    """Keep a capped product from earning more than this period allows.

    `earned` is of this period (or ever, where the plan names none), `before` of the periods before.
    """
    if terms.regime != Regime.PUBLIC_CAPPED or terms.revenue_cap is None:
        return None
    over = over_recovery(before)
    if (earned + ask).amount + over <= terms.revenue_cap:
        return None
    cap = Money(terms.revenue_cap, terms.currency).formatted()
    if not over:
        return _("This sale would exceed the maximum allowed revenue of %(cap)s.") % {"cap": cap}
    return _(
        "This sale would exceed the maximum allowed revenue of %(cap)s, less %(over)s earned above "
        "it before."
    ) % {"cap": cap, "over": Money(over, terms.currency).formatted()}


def why_not_cap(plan: Plan, appraisal: Appraisal) -> str | None:
    """Refuse a maximum allowed revenue below the recorded cost: it is cost and a fair profit."""
    terms = plan.terms
    if terms.regime != Regime.PUBLIC_CAPPED or terms.revenue_cap is None:
        return None
    costs = [
        Money.parse(amount)
        for name, amount in appraisal.inputs["costs"].items()
        if name not in {"incurred_on", "source"}
    ]
    cost = Money.total((item for item in costs if not item.is_zero), terms.currency)
    if cost.currency != terms.currency or cost.amount <= terms.revenue_cap:
        return None
    return _(
        "The maximum allowed revenue of %(cap)s is below the recorded cost of %(cost)s. Have the "
        "authorizing body review it, or give the data away free of charge."
    ) % {
        "cap": Money(terms.revenue_cap, terms.currency).formatted(),
        "cost": cost.formatted(),
    }
