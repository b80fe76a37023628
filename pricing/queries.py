"""Reads of plans, quotes and appraisals."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import Appraisal, Plan
from .plans import Quote, quote_terms
from .states import AppraisalState, PlanState, Purpose


def current_plan(asset: str) -> Plan | None:
    """Return the plan in force for a product."""
    return Plan.objects.filter(asset=asset, status=PlanState.IN_FORCE).first()


def current_plans(assets: Iterable[str]) -> dict[str, Plan]:
    """Return the plans in force for many products, by product, in one query."""
    rows = Plan.objects.filter(asset__in=list(assets), status=PlanState.IN_FORCE)
    return {plan.asset: plan for plan in rows}


def list_plans(asset: str) -> QuerySet[Plan]:
    """Return every plan a product ever had, the newest first."""
    return Plan.objects.filter(asset=asset)


def get_plan(reference: str) -> Plan:
    """Return a plan by its reference, in force or not."""
    try:
        return Plan.objects.get(reference=reference)
    except Plan.DoesNotExist:
        raise NotFound from None


def quote(plan: Plan, quantity: int = 1, *, at: datetime, trial_left: int = 0) -> Quote:
    """Quote a quantity from a plan; the price holds until `valid_until`."""
    return quote_terms(plan.terms, quantity, at=at, trial_left=trial_left, plan=plan.reference)


def current_appraisal(asset: str, *, purpose: str = Purpose.TRADE) -> Appraisal | None:
    """Return the appraisal in force for a product; `rules.why_not_rely_on` says if it is stale."""
    return Appraisal.objects.filter(
        asset=asset, purpose=purpose, status=AppraisalState.SIGNED
    ).first()


def current_appraisals(
    assets: Iterable[str], *, purpose: str = Purpose.TRADE
) -> dict[str, Appraisal]:
    """Return the appraisals in force for many products, by product, in one query."""
    rows = Appraisal.objects.filter(
        asset__in=list(assets), purpose=purpose, status=AppraisalState.SIGNED
    )
    return {appraisal.asset: appraisal for appraisal in rows}


def list_appraisals(asset: str) -> QuerySet[Appraisal]:
    """Return every appraisal a product ever had, the newest first."""
    return Appraisal.objects.filter(asset=asset)


def visible_to(actor: Actor) -> QuerySet[Appraisal]:
    """Return the appraisals whose inputs an actor may read; bands are shown with the product."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return Appraisal.objects.all()
    if not actor.organization:
        return Appraisal.objects.none()
    return Appraisal.objects.filter(Q(owner=actor.organization) | Q(appraiser=actor.organization))


def get_appraisal_for(actor: Actor, reference: str) -> Appraisal:
    """Return an appraisal with its inputs, or NotFound for whoever may not read them."""
    try:
        return visible_to(actor).get(reference=reference)
    except Appraisal.DoesNotExist:
        raise NotFound from None


def get_appraisal(reference: str) -> Appraisal:
    """Return an appraisal by its reference, for its band and signature."""
    try:
        return Appraisal.objects.get(reference=reference)
    except Appraisal.DoesNotExist:
        raise NotFound from None
