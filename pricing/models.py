"""Plans and appraisals: the provider's own price, and the signed value band beside it."""

from datetime import datetime
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from audit.rulebook.queries import day_of

from .money import DEFAULT_CURRENCY, Money
from .plans import PlanTerms
from .states import (
    APPRAISAL,
    PLAN,
    Allocation,
    AppraisalState,
    Period,
    PlanKind,
    PlanState,
    Purpose,
    Regime,
)


class Plan(models.Model):
    """What the provider asks for a product. A change is a new plan; the old one is kept."""

    lifecycle: ClassVar[Lifecycle] = PLAN

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    owner = models.CharField(_("provider"), max_length=24, db_index=True)
    status = models.CharField(
        _("status"), max_length=24, choices=PlanState.choices, default=PlanState.IN_FORCE
    )
    kind = models.CharField(_("kind"), max_length=16, choices=PlanKind.choices)
    regime = models.CharField(_("price regime"), max_length=16, choices=Regime.choices)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    price_amount = models.DecimalField(_("price"), max_digits=18, decimal_places=2, default=0)
    period = models.CharField(
        pgettext_lazy("plan", "period"), max_length=16, choices=Period.choices, blank=True
    )
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    packages = models.JSONField(_("packages"), default=list, blank=True)
    minimum_amount = models.DecimalField(
        _("minimum charge"), max_digits=18, decimal_places=2, default=0
    )
    trial_quota = models.PositiveIntegerField(_("free trial quota"), default=0)
    negotiable = models.BooleanField(_("negotiable"), default=False)
    floor_rate = models.DecimalField(
        _("least share of the price that is agreed on"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
    )
    scenarios = models.JSONField(_("prices by scenario"), default=list, blank=True)
    companions = models.JSONField(_("bundles"), default=list, blank=True)
    renewable = models.BooleanField(_("renewable"), default=False)
    notice_days = models.PositiveSmallIntegerField(_("notice of a new price in days"), default=0)
    cap_amount = models.DecimalField(
        _("price cap per unit"), max_digits=24, decimal_places=8, null=True, blank=True
    )
    cap_basis = models.CharField(_("basis of the cap"), max_length=200, blank=True)
    revenue_cap_amount = models.DecimalField(
        _("maximum allowed revenue"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    revenue_period = models.CharField(
        _("period of the allowed revenue"), max_length=16, choices=Period.choices, blank=True
    )
    guarantee_days = models.PositiveSmallIntegerField(_("price guarantee in days"))
    terms_sha256 = models.CharField(_("digest of the terms"), max_length=64)
    pack = models.CharField(_("rule pack"), max_length=48)
    set_at = models.DateTimeField(_("set at"))
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("price plan")
        verbose_name_plural = _("price plans")
        ordering = ("-set_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(status=PlanState.IN_FORCE),
                name="plan_one_in_force_per_asset",
            ),
            models.CheckConstraint(
                condition=Q(price_amount__gte=0) & Q(minimum_amount__gte=0),
                name="plan_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PlanKind.FREE) | Q(price_amount=0, minimum_amount=0),
                name="plan_free_costs_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(regime=Regime.PUBLIC_FREE) | Q(kind=PlanKind.FREE),
                name="plan_public_free_is_free",
            ),
            models.CheckConstraint(
                condition=~Q(regime=Regime.PUBLIC_CAPPED) | Q(cap_amount__gte=F("price_amount")),
                name="plan_public_capped_within_cap",
            ),
            models.CheckConstraint(
                condition=Q(status=PlanState.IN_FORCE, superseded_at__isnull=True)
                | Q(status=PlanState.SUPERSEDED, superseded_at__isnull=False),
                name="plan_superseded_has_time",
            ),
        )

    def __str__(self) -> str:
        """Name the plan by its reference."""
        return self.reference

    @property
    def price(self) -> Money:
        """The asking price of one purchase or one period; zero for metered plans."""
        return Money(self.price_amount, self.currency)

    @property
    def terms(self) -> PlanTerms:
        """The terms as the provider set them, for quotes and snapshots."""
        return PlanTerms.from_document(
            {
                "kind": self.kind,
                "regime": self.regime,
                "currency": self.currency,
                "price": str(self.price_amount),
                "period": self.period,
                "tiers": self.tiers,
                "packages": self.packages,
                "minimum": str(self.minimum_amount),
                "trial_quota": self.trial_quota,
                "negotiable": self.negotiable,
                "floor_rate": "" if self.floor_rate is None else str(self.floor_rate),
                "scenarios": self.scenarios,
                "companions": self.companions,
                "renewable": self.renewable,
                "notice_days": self.notice_days,
                "cap": "" if self.cap_amount is None else str(self.cap_amount),
                "cap_basis": self.cap_basis,
                "revenue_cap": (
                    "" if self.revenue_cap_amount is None else str(self.revenue_cap_amount)
                ),
                "revenue_period": self.revenue_period,
                "guarantee_days": self.guarantee_days,
            }
        )


class Appraisal(models.Model):
    """A signed value band. Never overwritten: a new one supersedes it."""

    lifecycle: ClassVar[Lifecycle] = APPRAISAL

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    release = models.CharField(_("release"), max_length=24)
    owner = models.CharField(_("provider"), max_length=24, db_index=True)
    appraiser = models.CharField(pgettext_lazy("person", "appraiser"), max_length=96)
    status = models.CharField(
        _("status"), max_length=24, choices=AppraisalState.choices, default=AppraisalState.SIGNED
    )
    purpose = models.CharField(
        pgettext_lazy("appraisal", "purpose"), max_length=16, choices=Purpose.choices
    )
    basis_on = models.DateField(_("basis date"))
    valid_until = models.DateField(_("valid until"))
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    low_amount = models.DecimalField(_("low value"), max_digits=18, decimal_places=2)
    mid_amount = models.DecimalField(_("middle value"), max_digits=18, decimal_places=2)
    high_amount = models.DecimalField(_("high value"), max_digits=18, decimal_places=2)
    confidence_rate = models.DecimalField(
        _("confidence"),
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    methods = models.CharField(_("methods"), max_length=64)
    guideline = models.CharField(_("guideline"), max_length=64)
    inputs = models.JSONField(_("inputs"), encoder=DjangoJSONEncoder)
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    result = models.JSONField(_("working"), encoder=DjangoJSONEncoder)
    disclosure = models.CharField(_("algorithm disclosure"), max_length=24, blank=True)
    pack = models.CharField(_("rule pack"), max_length=48)
    document = models.TextField(_("signed document"))
    document_sha256 = models.CharField(_("digest of the document"), max_length=64)
    signature = models.CharField(_("signature"), max_length=128)
    signer = models.CharField(_("signing key"), max_length=160)
    signed_at = models.DateTimeField(_("signed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("appraisal")
        verbose_name_plural = _("appraisals")
        ordering = ("-signed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["asset", "purpose"],
                condition=Q(status=AppraisalState.SIGNED),
                name="appraisal_one_signed_per_asset_purpose",
            ),
            models.CheckConstraint(
                condition=Q(low_amount__gte=0)
                & Q(low_amount__lte=F("mid_amount"))
                & Q(mid_amount__lte=F("high_amount")),
                name="appraisal_band_in_order",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("basis_on")), name="appraisal_valid_after_basis"
            ),
            models.CheckConstraint(
                condition=Q(confidence_rate__gte=0, confidence_rate__lte=1),
                name="appraisal_confidence_is_rate",
            ),
        )

    def __str__(self) -> str:
        """Name the appraisal by its reference."""
        return self.reference

    @property
    def low(self) -> Money:
        """The lower end of the band."""
        return Money(self.low_amount, self.currency)

    @property
    def mid(self) -> Money:
        """The value the deviation of an asking price is measured from."""
        return Money(self.mid_amount, self.currency)

    @property
    def high(self) -> Money:
        """The upper end of the band."""
        return Money(self.high_amount, self.currency)

    def is_stale(self, at: datetime) -> bool:
        """Whether its validity has run out, so that it may no longer stand beside a price."""
        return day_of(at) > self.valid_until


class CostItem(models.Model):
    """One entry of a product's cost ledger (成本台账): never changed, only reversed by another.

    `amount` is the whole cost; a joint one falls to the product by `part` of `whole` users or
    revenue. `bearer` is the organization that bore it: who invested is to benefit (谁投入谁受益).
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    asset = models.CharField(_("product"), max_length=24, db_index=True)
    owner = models.CharField(_("provider"), max_length=24)
    bearer = models.CharField(_("borne by"), max_length=24)
    kind = models.CharField(_("kind of cost"), max_length=16)
    title = models.CharField(_("what it was for"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    allocation = models.CharField(_("allocation"), max_length=16, choices=Allocation.choices)
    part = models.DecimalField(_("part of this product"), max_digits=18, decimal_places=2)
    whole = models.DecimalField(_("of all products"), max_digits=18, decimal_places=2)
    attributed_amount = models.DecimalField(
        _("falls to this product"), max_digits=18, decimal_places=2
    )
    period_from = models.DateField(_("from"))
    period_until = models.DateField(_("until"))
    evidence_sha256 = models.CharField(_("digest of the evidence"), max_length=64, blank=True)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        related_name="reversed_by",
        null=True,
        blank=True,
        verbose_name=_("reverses"),
    )
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=96)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("cost item")
        verbose_name_plural = _("cost items")
        ordering = ("-recorded_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0, attributed_amount__gte=0)
                | Q(reverses__isnull=False, amount__lt=0, attributed_amount__lte=0),
                name="cost_item_sign_says_whether_it_reverses",
            ),
            models.CheckConstraint(
                condition=Q(part__gt=0, part__lte=F("whole")), name="cost_item_part_of_whole"
            ),
            models.CheckConstraint(
                condition=Q(period_from__lte=F("period_until")), name="cost_item_period_in_order"
            ),
        )

    def __str__(self) -> str:
        """Name the item by its reference."""
        return self.reference

    @property
    def money(self) -> Money:
        """The whole cost."""
        return Money(self.amount, self.currency)

    @property
    def attributed(self) -> Money:
        """What of it falls to the product."""
        return Money(self.attributed_amount, self.currency)
