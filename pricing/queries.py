"""Reads of plans, quotes and appraisals."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .facts import CostEntry, CostRecord
from .models import Appraisal, CostItem, Plan
from .money import Money
from .quotes import USUAL, Circumstances, Quote, quote_terms
from .states import AppraisalState, PlanState, Purpose

APPRAISERS_ASKED: Final = 8


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


def quote(plan: Plan, quantity: int = 1, *, at: datetime, given: Circumstances = USUAL) -> Quote:
    """Quote a quantity from a plan; the price holds until `valid_until`."""
    return quote_terms(plan.terms, quantity, at=at, given=given, plan=plan.reference)


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


def appraisal_before(appraisal: Appraisal) -> Appraisal | None:
    """Return the appraisal of the same thing and purpose signed last before this one."""
    return (
        Appraisal.objects.filter(asset=appraisal.asset, purpose=appraisal.purpose)
        .filter(
            Q(signed_at__lt=appraisal.signed_at)
            | Q(signed_at=appraisal.signed_at, pk__lt=appraisal.pk)
        )
        .first()
    )


def appraisers_for(owner: str) -> list[str]:
    """Return who signed a provider's appraisals, the latest first; no more than a rule asks for."""
    signed = Appraisal.objects.filter(owner=owner).exclude(appraiser__startswith="system")
    return list(signed.values_list("appraiser", flat=True)[:APPRAISERS_ASKED])


def appraisers_of(asset: str) -> list[str]:
    """Return who signed a product's appraisals, the latest first; no more than a rule asks for."""
    signed = Appraisal.objects.filter(asset=asset).exclude(appraiser__startswith="system")
    return list(signed.values_list("appraiser", flat=True)[:APPRAISERS_ASKED])


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


def cost_items(asset: str) -> QuerySet[CostItem]:
    """Return every entry of a product's cost ledger, the latest recorded first."""
    return CostItem.objects.filter(asset=asset).select_related("reverses", "reversed_by")


def booked_costs(asset: str, *, on: date) -> CostRecord | None:
    """Return what the ledger holds of costs incurred by a day; None where it holds nothing.

    What was reversed is in it no more, nor what reversed it.
    """
    standing = _standing(asset).filter(period_until__lte=on).order_by("period_until", "pk")
    entries = [
        CostEntry(
            reference=item.reference,
            kind=item.kind,
            amount=item.attributed,
            incurred_on=item.period_until,
        )
        for item in standing
    ]
    return CostRecord.booked(entries) if entries else None


def costs_by_bearer(asset: str) -> dict[str, Decimal]:
    """Return what each organization bore of a product's cost, by its reference."""
    found: dict[str, Decimal] = {}
    for item in _standing(asset).order_by("bearer", "pk"):
        found[item.bearer] = found.get(item.bearer, Decimal(0)) + item.attributed_amount
    return found


def total_cost(asset: str) -> Money | None:
    """Return the sum of a product's cost; None where its ledger holds nothing."""
    standing = list(_standing(asset))
    return Money.total(item.attributed for item in standing) if standing else None


def _standing(asset: str) -> QuerySet[CostItem]:
    return CostItem.objects.filter(asset=asset, reverses=None, reversed_by=None)
