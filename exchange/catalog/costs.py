"""The cost ledger of a product as its provider reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, NotFound
from pricing.cost_rules import cap_warnings
from pricing.models import CostItem
from pricing.money import Money
from pricing.queries import (
    cost_items,
    costs_by_bearer,
    current_appraisal,
    current_plan,
    total_cost,
)
from pricing.sharing import contribution_weights

from .models import Product


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Every entry, what stands of them, who bore it, and what a guided price does not cover."""

    items: list[CostItem]
    total: Money | None
    weights: Mapping[str, Decimal]
    warnings: list[str]


def ledger_of(product: Product, *, by: Actor) -> Ledger:
    """Return the ledger to the product's provider; NotAllowed for all others."""
    _require_own(product, by)
    asset = product.reference
    total, borne = total_cost(asset), costs_by_bearer(asset)
    appraisal = current_appraisal(asset)
    buyers = appraisal.inputs["facts"]["expected_buyers"] if appraisal else None
    return Ledger(
        items=list(cost_items(asset)),
        total=total,
        weights=contribution_weights(borne) if any(borne.values()) else {},
        warnings=cap_warnings(current_plan(asset), total, buyers),
    )


def item_of(product: Product, reference: str, *, by: Actor) -> CostItem:
    """Return one entry of the provider's ledger."""
    _require_own(product, by)
    found = cost_items(product.reference).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no entry %(reference)s.") % {"reference": reference})
    return found


def _require_own(product: Product, by: Actor) -> None:
    if by.organization != product.provider.reference:
        raise NotAllowed(_("Only the provider of a product reads its cost ledger."))
