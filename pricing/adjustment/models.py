"""Choices, steps, freezes and ceilings of price adjustment. A change is a new row."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle
from pricing.money import DEFAULT_CURRENCY, Money

from .states import (
    ADJUSTMENT,
    PENDING,
    PRICE_CEILING,
    PRICE_FREEZE,
    PRICE_STEP,
    AdjustmentState,
    FreezeAuthority,
    FreezeScope,
    LapseCause,
    OrderedState,
    PriceStepState,
)


class Adjustment(models.Model):
    """What a provider lets one product's price follow, and its own bounds. Kept when changed."""

    lifecycle: ClassVar[Lifecycle] = ADJUSTMENT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    owner = models.CharField(_("provider"), max_length=24, db_index=True)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=AdjustmentState.choices,
        default=AdjustmentState.IN_FORCE,
    )
    triggers = models.JSONField(_("triggers"))
    step_most_rate = models.DecimalField(_("largest step"), max_digits=5, decimal_places=4)
    floor_amount = models.DecimalField(
        _("lowest price"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    ceiling_amount = models.DecimalField(
        _("highest price"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    pack = models.CharField(_("rule pack"), max_length=48)
    set_at = models.DateTimeField(_("set at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    assessed_at = models.DateTimeField(_("last worked out"), null=True, blank=True)

    class Meta:
        verbose_name = _("price adjustment")
        verbose_name_plural = _("price adjustments")
        ordering = ("-set_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(status=AdjustmentState.IN_FORCE),
                name="adjustment_one_in_force_per_asset",
            ),
            models.CheckConstraint(
                condition=Q(step_most_rate__gt=0) & Q(step_most_rate__lte=1),
                name="adjustment_step_is_rate",
            ),
            models.CheckConstraint(
                condition=Q(floor_amount__isnull=True)
                | Q(ceiling_amount__isnull=True)
                | Q(floor_amount__lte=F("ceiling_amount")),
                name="adjustment_bounds_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status=AdjustmentState.IN_FORCE, ended_at__isnull=True)
                | (~Q(status=AdjustmentState.IN_FORCE) & Q(ended_at__isnull=False)),
                name="adjustment_ended_has_time",
            ),
        )

    def __str__(self) -> str:
        """Name the choice by its reference."""
        return self.reference


class PriceStep(models.Model):
    """One step of a price: worked out from frozen inputs, announced, then in effect or not.

    `terms` is the whole plan that the step would put in force. `adjustment` is empty and `ceiling`
    names the order where a regulator ordered the step.
    """

    lifecycle: ClassVar[Lifecycle] = PRICE_STEP

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    owner = models.CharField(_("provider"), max_length=24, db_index=True)
    industry = models.CharField(_("industry"), max_length=1, blank=True)
    adjustment = models.CharField(_("price adjustment"), max_length=24, blank=True)
    ceiling = models.CharField(_("price ceiling"), max_length=24, blank=True)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=PriceStepState.choices,
        default=PriceStepState.PROPOSED,
    )
    plan = models.CharField(_("price before"), max_length=24)
    terms = models.JSONField(_("terms"), encoder=DjangoJSONEncoder)
    terms_sha256 = models.CharField(_("digest of the terms"), max_length=64)
    triggers = models.CharField(_("triggers"), max_length=96)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    before_amount = models.DecimalField(_("price before"), max_digits=24, decimal_places=8)
    after_amount = models.DecimalField(_("price after"), max_digits=24, decimal_places=8)
    inputs = models.JSONField(_("inputs"), encoder=DjangoJSONEncoder)
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    working = models.JSONField(_("working"), encoder=DjangoJSONEncoder)
    appraisal = models.CharField(_("appraisal"), max_length=24, blank=True)
    pack = models.CharField(_("rule pack"), max_length=48)
    disclosure = models.CharField(_("algorithm disclosure"), max_length=24, blank=True)
    needs_consent = models.BooleanField(_("needs consent"), default=False)
    proposed_at = models.DateTimeField(_("worked out at"))
    effective_at = models.DateTimeField(_("takes effect at"))
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    cause = models.CharField(
        _("cause of the lapse"), max_length=24, choices=LapseCause.choices, blank=True
    )
    new_plan = models.CharField(_("price after"), max_length=24, blank=True)

    class Meta:
        verbose_name = _("price step")
        verbose_name_plural = _("price steps")
        ordering = ("-proposed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(status__in=PENDING),
                name="price_step_one_pending_per_asset",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__gte=F("proposed_at")),
                name="price_step_after_notice",
            ),
            models.CheckConstraint(
                condition=~Q(status=PriceStepState.APPLIED) | Q(new_plan__gt=""),
                name="price_step_applied_has_plan",
            ),
            models.CheckConstraint(
                condition=Q(status=PriceStepState.LAPSED, cause__gt="")
                | (~Q(status=PriceStepState.LAPSED) & Q(cause="")),
                name="price_step_lapsed_has_cause",
            ),
            models.CheckConstraint(
                condition=Q(adjustment__gt="", ceiling="") | Q(adjustment="", ceiling__gt=""),
                name="price_step_chosen_or_ordered",
            ),
        )
        indexes = (models.Index(fields=["status", "effective_at"], name="price_step_due"),)

    def __str__(self) -> str:
        """Name the step by its reference."""
        return self.reference

    @property
    def before(self) -> Money:
        """What one license asked before, at the quantity an appraisal values."""
        return Money(self.before_amount, self.currency)

    @property
    def after(self) -> Money:
        """What it asks once the step is in effect."""
        return Money(self.after_amount, self.currency)

    @property
    def is_pending(self) -> bool:
        """Whether it may still take effect."""
        return self.status in PENDING

    @property
    def binds(self) -> bool:
        """Whether a regulator ordered it, so that no provider declines it."""
        return bool(self.ceiling)


class PriceFreeze(models.Model):
    """Somebody stopped prices from moving by themselves; who lifted it, and why, stands beside."""

    lifecycle: ClassVar[Lifecycle] = PRICE_FREEZE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    status = models.CharField(
        _("status"), max_length=24, choices=OrderedState.choices, default=OrderedState.IN_FORCE
    )
    scope = models.CharField(_("scope"), max_length=16, choices=FreezeScope.choices)
    target = models.CharField(_("product or industry"), max_length=24, blank=True)
    authority = models.CharField(_("frozen by"), max_length=16, choices=FreezeAuthority.choices)
    organization = models.CharField(_("organization"), max_length=24)
    reason = models.TextField(_("reason"))
    frozen_at = models.DateTimeField(_("frozen at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lift_reason = models.TextField(_("reason of lifting"), blank=True)

    class Meta:
        verbose_name = _("price freeze")
        verbose_name_plural = _("price freezes")
        ordering = ("-frozen_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["authority", "scope", "target"],
                condition=Q(status=OrderedState.IN_FORCE),
                name="price_freeze_once",
            ),
            models.CheckConstraint(
                condition=Q(scope=FreezeScope.ALL, target="")
                | (~Q(scope=FreezeScope.ALL) & Q(target__gt="")),
                name="price_freeze_has_target",
            ),
            models.CheckConstraint(
                condition=~Q(authority=FreezeAuthority.PROVIDER) | Q(scope=FreezeScope.PRODUCT),
                name="price_freeze_of_provider_is_own",
            ),
        )

    def __str__(self) -> str:
        """Name the freeze by its reference."""
        return self.reference


class PriceCeiling(models.Model):
    """A regulator's order: one license of a product shall ask no more than this amount."""

    lifecycle: ClassVar[Lifecycle] = PRICE_CEILING

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    status = models.CharField(
        _("status"), max_length=24, choices=OrderedState.choices, default=OrderedState.IN_FORCE
    )
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    amount = models.DecimalField(_("ceiling"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    organization = models.CharField(_("authority"), max_length=24)
    basis = models.CharField(_("legal basis"), max_length=200)
    reason = models.TextField(_("reason"))
    ordered_at = models.DateTimeField(_("ordered at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lift_reason = models.TextField(_("reason of lifting"), blank=True)

    class Meta:
        verbose_name = _("price ceiling")
        verbose_name_plural = _("price ceilings")
        ordering = ("-ordered_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(status=OrderedState.IN_FORCE),
                name="price_ceiling_one_per_asset",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_ceiling_above_zero"),
        )

    def __str__(self) -> str:
        """Name the ceiling by its reference."""
        return self.reference

    @property
    def money(self) -> Money:
        """The highest price of one license."""
        return Money(self.amount, self.currency)
