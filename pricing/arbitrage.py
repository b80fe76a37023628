"""Whether a plan leaves a cheaper way to buy, and the example that shows it (反套利)."""

from django.utils.translation import gettext as _

from .methods.formulae.tiers import (
    Arbitrage,
    Parcel,
    Part,
    Step,
    TooIntricate,
    find_split,
    find_undercut,
)
from .money import Money
from .plans import PlanTerms


def find_arbitrage(terms: PlanTerms) -> Arbitrage | None:
    """Return the posted purchase that others undercut, or None; the trial counts once.

    A scenario multiplies every price of the plan alike, a bundle never takes more off than was
    paid for the other product: neither opens another way. Raises TooIntricate.
    """
    if terms.packages:
        parcels = [Parcel(units=row.units, price=row.price) for row in terms.packages]
        return find_undercut(parcels, free=terms.trial_quota)
    steps = [Step(up_to=tier.up_to, unit_price=tier.unit_price) for tier in terms.tiers]
    return find_split(steps, terms.minimum) if steps else None


def arbitrage_fault(terms: PlanTerms) -> str | None:
    """Say the cheaper way to the provider, who is to mend the price."""
    try:
        found = find_arbitrage(terms)
    except TooIntricate:
        return _(
            "These packages are too many and too alike to be checked. Use fewer, or sizes that are "
            "multiples of one another."
        )
    if found is None:
        return None
    return _("Buying %(parts)s costs %(cost)s, less than %(units)s at once: %(price)s.") % {
        "parts": " + ".join(_part_text(part) for part in found.parts),
        "cost": Money(found.cost, terms.currency).rounded_up().formatted(),
        "units": f"{found.units:,}",
        "price": Money(found.price, terms.currency).rounded_up().formatted(),
    }


def _part_text(part: Part) -> str:
    units = f"{part.units:,}"
    if part.free:
        return _("the free trial of %(units)s") % {"units": units}
    return units if part.count == 1 else f"{part.count} × {units}"
