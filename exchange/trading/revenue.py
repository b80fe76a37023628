"""What a product from public data earned, period by period, against what it was allowed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from audit.rulebook.queries import day_of
from exchange.catalog.models import Product
from pricing.models import Plan
from pricing.queries import list_plans
from pricing.regimes import MONTHS, Recovery, over_recovery, period_start
from pricing.states import Period, Regime

from .models import Order
from .states import OrderState


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """What the present period earned, and the periods before it, the earliest first."""

    start: date | None
    earned: Decimal
    before: tuple[Recovery, ...] = ()

    @property
    def over(self) -> Decimal:
        """What was earned above the maximum before and is deducted in this period."""
        return over_recovery(self.before)


def revenue_of(product: Product, *, period: Period | None, at: datetime) -> Revenue:
    """Return what a product's paid orders earned; since ever, where no period is named."""
    by_month = _earned_by_month(product)
    if period is None:
        return Revenue(start=None, earned=sum(by_month.values(), Decimal(0)))
    earned: dict[date, Decimal] = {}
    for month, amount in by_month.items():
        start = period_start(month, period)
        earned[start] = earned.get(start, Decimal(0)) + amount
    present = period_start(day_of(at), period)
    caps = _caps_by_period(list_plans(product.reference), period)
    return Revenue(
        start=present,
        earned=earned.get(present, Decimal(0)),
        before=tuple(
            Recovery(start=start, cap=_cap_in(caps, start), earned=earned.get(start, Decimal(0)))
            for start in _periods(min([present, *earned]), present, period)
        ),
    )


def _earned_by_month(product: Product) -> dict[date, Decimal]:
    paid = Order.objects.filter(product=product, paid_at__isnull=False)
    kept = paid.exclude(status=OrderState.REFUNDED).order_by()
    rows = kept.annotate(month=TruncMonth("paid_at")).values("month").annotate(total=Sum("amount"))
    return {day_of(row["month"]): row["total"] for row in rows}


def _caps_by_period(plans: Iterable[Plan], period: Period) -> dict[date, Decimal | None]:
    """Return the maximum that stood at the end of each period in which it was set anew."""
    ordered = sorted(plans, key=lambda plan: (plan.set_at, plan.pk))
    return {
        start: _revenue_cap(list(rows)[-1])
        for start, rows in groupby(ordered, lambda plan: period_start(day_of(plan.set_at), period))
    }


def _revenue_cap(plan: Plan) -> Decimal | None:
    return plan.revenue_cap_amount if plan.regime == Regime.PUBLIC_CAPPED else None


def _cap_in(caps: Mapping[date, Decimal | None], start: date) -> Decimal | None:
    begun = [since for since in caps if since <= start]
    return caps[max(begun)] if begun else None


def _periods(first: date, stop: date, period: Period) -> Iterator[date]:
    """Go through the starts of the periods from `first` up to, without, `stop`."""
    start = first
    while start < stop:
        yield start
        start = period_start(start + timedelta(days=32 * MONTHS[period]), period)
