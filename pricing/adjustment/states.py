"""States of the price adjustment: rules, steps, freezes and ceilings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class AdjustmentState(models.TextChoices):
    """Whether a provider's product follows its triggers."""

    IN_FORCE = "IN_FORCE", _("switched on")
    SUPERSEDED = "SUPERSEDED", _("superseded")
    ENDED = "ENDED", _("switched off")


ADJUSTMENT = Lifecycle(
    "adjustment",
    AdjustmentState,
    initial=AdjustmentState.IN_FORCE,
    supersede=Step({AdjustmentState.IN_FORCE}, AdjustmentState.SUPERSEDED),
    end=Step({AdjustmentState.IN_FORCE}, AdjustmentState.ENDED),
)


class PriceStepState(models.TextChoices):
    """A step of a price, from the working to its effect."""

    PROPOSED = "PROPOSED", _("waits for the provider")
    ANNOUNCED = "ANNOUNCED", _("announced")
    APPLIED = "APPLIED", _("in effect")
    DECLINED = "DECLINED", _("declined")
    LAPSED = "LAPSED", _("lapsed")


PENDING = (PriceStepState.PROPOSED, PriceStepState.ANNOUNCED)

PRICE_STEP = Lifecycle(
    "price_step",
    PriceStepState,
    initial=PriceStepState.PROPOSED,
    announce=Step({PriceStepState.PROPOSED}, PriceStepState.ANNOUNCED),
    apply=Step({PriceStepState.ANNOUNCED}, PriceStepState.APPLIED),
    decline=Step(set(PENDING), PriceStepState.DECLINED),
    lapse=Step(set(PENDING), PriceStepState.LAPSED),
)


class LapseCause(models.TextChoices):
    """Why a step came to nothing without anybody declining it."""

    FROZEN = "FROZEN", _("price adjustment is frozen")
    EMERGENCY = "EMERGENCY", _("an emergency was declared")
    PRICE_CHANGED = "PRICE_CHANGED", _("the provider set another price")
    SWITCHED_OFF = "SWITCHED_OFF", _("the provider changed or ended its adjustment")
    OFF_MARKET = "OFF_MARKET", _("the product is not on the market")
    OUT_OF_BOUNDS = "OUT_OF_BOUNDS", _("it would leave what the price is bounded by now")
    NO_CONSENT = "NO_CONSENT", _("the provider did not consent in time")
    ORDERED = "ORDERED", _("a regulator's order took its place")
    ORDER_LIFTED = "ORDER_LIFTED", _("the regulator's order was lifted")


class FreezeScope(models.TextChoices):
    """How far a freeze reaches."""

    PRODUCT = "PRODUCT", _("one product")
    INDUSTRY = "INDUSTRY", _("one industry")
    ALL = "ALL", _("the whole market")


class FreezeAuthority(models.TextChoices):
    """Who froze, and so who may lift it."""

    PROVIDER = "PROVIDER", _("provider")
    REGULATOR = "REGULATOR", _("regulator")


class OrderedState(models.TextChoices):
    """Whether a freeze or a ceiling stands."""

    IN_FORCE = "IN_FORCE", _("in force")
    LIFTED = "LIFTED", _("lifted")


PRICE_FREEZE = Lifecycle(
    "price_freeze",
    OrderedState,
    initial=OrderedState.IN_FORCE,
    lift=Step({OrderedState.IN_FORCE}, OrderedState.LIFTED),
)

PRICE_CEILING = Lifecycle(
    "price_ceiling",
    OrderedState,
    initial=OrderedState.IN_FORCE,
    lift=Step({OrderedState.IN_FORCE}, OrderedState.LIFTED),
)
