"""What a price has to fit beside its own arithmetic: the product's data, manual and neighbors."""

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from pricing.models import Appraisal, Plan
from pricing.plans import PlanTerms
from pricing.queries import current_plans
from pricing.regimes import regime_of, why_not_cap, why_not_regime
from pricing.states import PlanKind, Regime

from .models import Product
from .vocabulary import DeliveryMode

COUNTS_HITS: Final = frozenset({DeliveryMode.API_PULL})
"""Ways of delivery in which queries are answered, so that their hits can be counted."""


OF_MODELS: Final = frozenset(
    {PlanKind.FREE, PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION, PlanKind.PER_CALL}
)
"""Kinds of price that fit a model, which has no rows and is not sold by its size."""


def fitted_terms(product: Product, terms: PlanTerms) -> PlanTerms:
    """Return the terms under the regime that follows from the data; Invalid where they do not fit.

    A regime that is stated has to be that one. Without a rights statement nothing follows yet, and
    the listing asks again.
    """
    faults: dict[str, list[str]] = {}
    if product.rights is not None:
        follows = regime_of(product.rights.origin, terms.kind)
        if terms.regime not in {Regime.MARKET, follows}:
            refusal = why_not_regime(terms.regime, product.rights.origin, terms.kind)
            faults["regime"] = [refusal or ""]
        terms = replace(terms, regime=follows)
    if product.is_model and terms.kind not in OF_MODELS:
        faults["kind"] = [_("A model is priced once, by the period or by the call.")]
    if unknown := _unknown_scenarios(product, terms):
        faults["scenarios"] = [unknown]
    if unfit := _unfit_companions(product, terms):
        faults["companions"] = [unfit]
    if faults:
        raise Invalid(faults)
    return terms


def plan_gap(product: Product, plan: Plan | None, appraisal: Appraisal | None) -> str | None:
    """Return why the price in force cannot be listed, or None."""
    if plan is None or plan.owner != product.provider.reference:
        return _("No price is set.")
    if product.rights is None:
        return None
    terms = plan.terms
    if refusal := why_not_regime(plan.regime, product.rights.origin, plan.kind):
        return refusal
    if plan.kind == PlanKind.PER_HIT and COUNTS_HITS.isdisjoint(
        product.manual.get("delivery_modes", [])
    ):
        return _("A price per hit needs API access among the ways of delivery.")
    if appraisal is not None and (refusal := why_not_cap(plan, appraisal)):
        return refusal
    return _unknown_scenarios(product, terms)


def _unknown_scenarios(product: Product, terms: PlanTerms) -> str | None:
    permitted = product.manual.get("scenarios_allowed", [])
    unknown = [row.scenario for row in terms.scenarios if row.scenario not in permitted]
    if not unknown:
        return None
    return _("The manual does not permit these scenarios: %(names)s.") % {
        "names": "; ".join(unknown)
    }


def _unfit_companions(product: Product, terms: PlanTerms) -> str | None:
    """Keep a bundle among the provider's own products, and stated at one of them only.

    Stated at both, what a buyer pays would depend on which it orders first.
    """
    named = [row.product for row in terms.companions]
    if not named:
        return None
    own = Product.objects.filter(reference__in=named, provider=product.provider_id)
    known = set(own.values_list("reference", flat=True)) - {product.reference}
    strangers = [reference for reference in named if reference not in known]
    if strangers:
        return _("A bundle is made of your own other products: %(names)s.") % {
            "names": ", ".join(strangers)
        }
    for reference, plan in current_plans(named).items():
        if any(row.product == product.reference for row in plan.terms.companions):
            return _("The price of %(product)s already makes this bundle.") % {"product": reference}
        if plan.currency != terms.currency:
            return _("All amounts must be in one currency.")
    return None
