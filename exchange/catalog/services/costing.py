"""The cost ledger of a product: who bore a cost has to be an organization of this exchange."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.states import OrganizationState
from pricing.bookkeeping import record_cost, reverse_cost
from pricing.cost_rules import why_not_keep_costs
from pricing.models import CostItem


def record_product_cost(
    *, product: Product, bearer: str = "", by: Actor, at: datetime, **entry: Any
) -> CostItem:
    """Enter a cost of a product; `entry` is what `pricing.bookkeeping.record_cost` takes."""
    owner = product.provider.reference
    if refusal := why_not_keep_costs(by, owner):
        raise NotAllowed(refusal)
    admitted = Organization.objects.filter(reference=bearer, status=OrganizationState.ADMITTED)
    if bearer and not admitted.exists():
        text = _("%(party)s is no admitted organization of this exchange.")
        raise Invalid({"bearer": [text % {"party": bearer}]})
    return record_cost(asset=product.reference, owner=owner, bearer=bearer, by=by, at=at, **entry)


def reverse_product_cost(
    *, product: Product, item: CostItem, reason: str, by: Actor, at: datetime
) -> CostItem:
    """Take an entry of the product's ledger back."""
    if item.asset != product.reference:
        raise Invalid({"item": [_("This entry is of another product.")]})
    return reverse_cost(item=item, reason=reason, by=by, at=at)
