"""Reads of rules, steps, freezes and ceilings."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import Adjustment, PriceCeiling, PriceFreeze, PriceStep
from .states import PENDING, AdjustmentState, FreezeScope, OrderedState, PriceStepState


def current_adjustment(asset: str) -> Adjustment | None:
    """Return what a product's price follows now, if anything."""
    return Adjustment.objects.filter(asset=asset, status=AdjustmentState.IN_FORCE).first()


def list_adjustments(asset: str) -> QuerySet[Adjustment]:
    """Return every choice its provider ever made, the newest first."""
    return Adjustment.objects.filter(asset=asset)


def due_adjustments(before: datetime) -> QuerySet[Adjustment]:
    """Return the choices in force that were last worked out before a moment, or never."""
    rows = Adjustment.objects.filter(status=AdjustmentState.IN_FORCE)
    return rows.filter(Q(assessed_at__isnull=True) | Q(assessed_at__lt=before)).order_by("pk")


def pending_step(asset: str) -> PriceStep | None:
    """Return the step that may still take effect."""
    return PriceStep.objects.filter(asset=asset, status__in=PENDING).first()


def due_steps(at: datetime) -> QuerySet[PriceStep]:
    """Return the pending steps whose day has come: to take effect, or to lapse unanswered."""
    return PriceStep.objects.filter(status__in=PENDING, effective_at__lte=at).order_by("pk")


def list_steps(asset: str) -> QuerySet[PriceStep]:
    """Return every step a product's price ever took or was to take, the newest first."""
    return PriceStep.objects.filter(asset=asset)


def shown_steps(asset: str) -> QuerySet[PriceStep]:
    """Return what everybody may know: announced changes, and those in effect."""
    shown = (PriceStepState.ANNOUNCED, PriceStepState.APPLIED)
    return list_steps(asset).filter(status__in=shown)


def factors_since(asset: str, since: datetime) -> tuple[Decimal, ...]:
    """Return by how much each automatic step since a moment moved the price, orders left out."""
    rows = PriceStep.objects.filter(
        asset=asset, status=PriceStepState.APPLIED, ceiling="", ended_at__gte=since
    ).order_by("ended_at")
    return tuple(row.after_amount / row.before_amount for row in rows)


def steps_visible_to(actor: Actor) -> QuerySet[PriceStep]:
    """Return the steps whose working an actor may read: its own, and all for who watches."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return PriceStep.objects.all()
    if not actor.organization:
        return PriceStep.objects.none()
    return PriceStep.objects.filter(owner=actor.organization)


def get_step_for(actor: Actor, reference: str) -> PriceStep:
    """Return a step with its working, or NotFound for whoever may not read it."""
    try:
        return steps_visible_to(actor).get(reference=reference)
    except PriceStep.DoesNotExist:
        raise NotFound from None


def freezes_on(asset: str, industry: str) -> QuerySet[PriceFreeze]:
    """Return the freezes that hold a product's price: of itself, its industry, or of all."""
    reach = Q(scope=FreezeScope.ALL) | Q(scope=FreezeScope.PRODUCT, target=asset)
    if industry:
        reach |= Q(scope=FreezeScope.INDUSTRY, target=industry)
    return PriceFreeze.objects.filter(reach, status=OrderedState.IN_FORCE)


def pending_under(freeze: PriceFreeze) -> QuerySet[PriceStep]:
    """Return the pending steps that a freeze stops: none that a regulator ordered."""
    rows = PriceStep.objects.filter(status__in=PENDING, ceiling="").order_by("pk")
    if freeze.scope == FreezeScope.PRODUCT:
        return rows.filter(asset=freeze.target)
    if freeze.scope == FreezeScope.INDUSTRY:
        return rows.filter(industry=freeze.target)
    return rows


def freezes_visible_to(actor: Actor) -> QuerySet[PriceFreeze]:
    """Return the freezes an actor may read of: the market's and industries' for anybody.

    Those of one product are for its provider, who froze it or reads of it on the product's page,
    and for who watches.
    """
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return PriceFreeze.objects.all()
    reach = ~Q(scope=FreezeScope.PRODUCT)
    if actor.organization:
        reach |= Q(organization=actor.organization)
    return PriceFreeze.objects.filter(reach)


def get_freeze_for(actor: Actor, reference: str) -> PriceFreeze:
    """Return a freeze by its reference, or NotFound for whoever may not read of it."""
    try:
        return freezes_visible_to(actor).get(reference=reference)
    except PriceFreeze.DoesNotExist:
        raise NotFound from None


def current_ceiling(asset: str) -> PriceCeiling | None:
    """Return the ceiling a regulator ordered for a product, if one stands."""
    return PriceCeiling.objects.filter(asset=asset, status=OrderedState.IN_FORCE).first()


def get_ceiling(reference: str) -> PriceCeiling:
    """Return a ceiling by its reference."""
    try:
        return PriceCeiling.objects.get(reference=reference)
    except PriceCeiling.DoesNotExist:
        raise NotFound from None
