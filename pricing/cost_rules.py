"""Who keeps a cost ledger, what an entry has to say, and when a cap does not cover the cost."""

from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .facts import CostRecord
from .models import CostItem, Plan
from .money import MINOR_UNITS, Money
from .states import Allocation, PlanKind, Regime

TITLE_MAX: Final = 200
FIRST_DAY: Final = date(1990, 1, 1)
BY_LICENSE: Final = frozenset({PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION})


def why_not_keep_costs(by: Actor, owner: str) -> str | None:
    """Let a provider keep the ledger of its own products, and nobody else."""
    if by.organization != owner or not by.has_role("PROVIDER"):
        return _("Only the provider of a product keeps its cost ledger.")
    if not by.may_write:
        return _("Your place in the organization allows looking only.")
    return None


def why_not_reverse(item: CostItem) -> str | None:
    """Let an entry be reversed once, and no reversal."""
    if item.reverses_id is not None:
        return _("This entry takes another one back. Record the cost again instead.")
    if CostItem.objects.filter(reverses=item).exists():
        return _("This entry was reversed already.")
    return None


def faults_of_cost(  # noqa: PLR0913  an entry is described by all of these
    *,
    kind: str,
    title: str,
    amount: Money,
    allocation: str,
    part: Decimal,
    whole: Decimal,
    period_from: date,
    period_until: date,
    today: date,
    currency: str | None,
) -> dict[str, list[str]]:
    """Return what is wrong with an entry, by field; `currency` is that of the ledger so far."""
    found: dict[str, list[str]] = {}
    if kind not in CostRecord.kinds():
        choices = ", ".join(CostRecord.kinds())
        found["kind"] = [_("Choose one of: %(choices)s.") % {"choices": choices}]
    if not title or len(title) > TITLE_MAX:
        found["title"] = [_("Say what it was for, in at most 200 characters.")]
    if not amount.is_positive or amount != amount.quantized():
        found["amount"] = [_("A cost is more than zero, to the minor unit of its currency.")]
    if currency not in {None, amount.currency} or amount.currency not in MINOR_UNITS:
        words = _("This ledger is kept in %(currency)s.")
        found["currency"] = [words % {"currency": currency or ", ".join(MINOR_UNITS)}]
    if allocation not in Allocation:
        found["allocation"] = [
            _("Choose one of: %(choices)s.") % {"choices": ", ".join(Allocation)}
        ]
    elif not (part.is_finite() and whole.is_finite() and 0 < part <= whole):
        found["part"] = [_("The part is more than zero and no more than the whole.")]
    elif allocation == Allocation.DIRECT and part != whole:
        found["part"] = [_("A direct cost falls wholly to this product.")]
    if not FIRST_DAY <= period_from <= period_until <= today:
        found["period_until"] = [_("A period begins before it ends, and has ended by today.")]
    return found


def cap_warnings(plan: Plan | None, cost: Money | None, buyers: int | None) -> list[str]:
    """Return what a guided price does not cover: cost of a license, cost of everything.

    The maximum allowed revenue covers cost and reasonable profit (发改价格〔2025〕65号). A cap
    below cost is permitted, but somebody has to bear the difference.
    """
    if plan is None or cost is None or plan.regime != Regime.PUBLIC_CAPPED:
        return []
    terms, found = plan.terms, []
    comparable = cost.currency == terms.currency
    if comparable and terms.cap is not None and buyers and terms.kind in BY_LICENSE:
        unit = Money(cost.amount / buyers, cost.currency).quantized()
        if terms.cap < unit.amount:
            words = _(
                "The cap of %(cap)s lies below the cost of a license, %(unit)s for each of "
                "%(buyers)d expected buyers."
            )
            cap = Money(terms.cap, terms.currency).quantized()
            found.append(words % {"cap": cap.text, "unit": unit.text, "buyers": buyers})
    if comparable and terms.revenue_cap is not None and terms.revenue_cap < cost.amount:
        words = _("The maximum allowed revenue of %(cap)s lies below the cost of %(cost)s.")
        most = Money(terms.revenue_cap, terms.currency)
        found.append(words % {"cap": most.text, "cost": cost.text})
    return found
