"""The review of a price in the red zone, kept beside the product."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle

from .states import PRICE_REVIEW, ReviewRoute, ReviewState


class PriceReview(models.Model):
    """The way of a price in the red zone: its second appraisal or the operator's review.

    `appraisal` is the one by which it was red; what came of it is shown to buyers.
    """

    lifecycle: ClassVar[Lifecycle] = PRICE_REVIEW

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="price_reviews",
        verbose_name=_("product"),
    )
    route = models.CharField(_("way"), max_length=24, choices=ReviewRoute.choices)
    status = models.CharField(
        _("status"), max_length=24, choices=ReviewState.choices, default=ReviewState.REQUESTED
    )
    plan = models.CharField(_("price plan"), max_length=24)
    appraisal = models.CharField(_("appraisal"), max_length=24)
    deviation_rate = models.DecimalField(
        _("deviation from the appraisal"), max_digits=12, decimal_places=4
    )
    justification = models.TextField(_("justification of the price"), max_length=2000)
    second_appraisal = models.CharField(_("second appraisal"), max_length=24, blank=True)
    second_rate = models.DecimalField(
        _("deviation from the second appraisal"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
    )
    reasons = models.TextField(_("reasons of the operator"), max_length=2000, blank=True)
    requested_at = models.DateTimeField(_("requested"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("review of a price")
        verbose_name_plural = _("reviews of prices")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(status=ReviewState.REQUESTED),
                name="price_review_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(status=ReviewState.REQUESTED, decided_at__isnull=True)
                | (~models.Q(status=ReviewState.REQUESTED) & models.Q(decided_at__isnull=False)),
                name="price_review_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
