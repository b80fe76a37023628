"""What happens in the price adjustment, as the log tells it."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("pricing.adjustment.set", label=_("price adjustment switched on"))
class AdjustmentSet(Event):
    """The provider lets a product follow triggers, within its own bounds."""

    adjustment: Ref
    product: Ref
    organization: Ref
    pack: Ref
    triggers: str
    step_most: str
    floor: str
    ceiling: str


@event("pricing.adjustment.superseded", label=_("price adjustment changed"))
class AdjustmentSuperseded(Event):
    """Another choice took the place of this one."""

    adjustment: Ref
    product: Ref


@event("pricing.adjustment.ended", label=_("price adjustment switched off"))
class AdjustmentEnded(Event):
    """The product's price follows nothing any more."""

    adjustment: Ref
    product: Ref


@event("pricing.step.proposed", label=_("price step worked out"))
class PriceStepProposed(Event):
    """A step was worked out from frozen inputs; it is in effect only after notice."""

    price_step: Ref
    product: Ref
    organization: Ref
    plan: Ref
    pack: Ref
    disclosure: Ref
    triggers: str
    ask_before: str
    ask_after: str
    inputs_sha256: str
    terms_sha256: str


@event("pricing.step.announced", label=_("price change announced"))
class PriceStepAnnounced(Event):
    """The step takes effect at the day named unless its provider declines."""

    price_step: Ref
    product: Ref
    ask_before: str
    ask_after: str
    effective_at: str


@event("pricing.step.declined", label=_("price step declined"))
class PriceStepDeclined(Event):
    """The provider keeps its price."""

    price_step: Ref
    product: Ref
    reason_sha256: str


@event("pricing.step.lapsed", label=_("price step lapsed"))
class PriceStepLapsed(Event):
    """The step came to nothing; the cause is one of a list."""

    price_step: Ref
    product: Ref
    cause: str


@event("pricing.step.applied", label=_("price step in effect"))
class PriceStepApplied(Event):
    """New orders are quoted at the step's price; contracts and quotes that stand keep theirs."""

    price_step: Ref
    product: Ref
    plan: Ref
    ask_before: str
    ask_after: str
    terms_sha256: str


@event("pricing.freeze.ordered", label=_("price adjustment frozen"))
class PriceFreezeOrdered(Event):
    """No price in its scope moves by itself until the freeze is lifted."""

    price_freeze: Ref
    product: Ref
    scope: str
    industry: str
    authority: str
    reason_sha256: str


@event("pricing.freeze.lifted", label=_("freeze of price adjustment lifted"))
class PriceFreezeLifted(Event):
    """Prices may follow their triggers again, from new workings."""

    price_freeze: Ref
    product: Ref
    reason_sha256: str


@event("pricing.ceiling.ordered", label=_("price ceiling ordered"))
class PriceCeilingOrdered(Event):
    """A regulator orders that a product's price shall not exceed an amount."""

    price_ceiling: Ref
    product: Ref
    amount: str
    basis: str
    reason_sha256: str


@event("pricing.ceiling.lifted", label=_("price ceiling lifted"))
class PriceCeilingLifted(Event):
    """The ceiling binds no more; the price stays where it is."""

    price_ceiling: Ref
    product: Ref
    reason_sha256: str
