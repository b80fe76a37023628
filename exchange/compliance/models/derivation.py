"""Releases that were made of other releases, and the keys of their pseudonyms."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import DERIVATION, DerivationState, DerivedKind


class Derivation(models.Model):
    """What was made of which release by which recipe; the provenance of the result.

    `figures` says how many rows were left out and why, which k was reached, and how many values
    could not be generalized.
    """

    lifecycle: ClassVar[Lifecycle] = DERIVATION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    source = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="derivations",
        verbose_name=_("derived from"),
    )
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="derivations",
        verbose_name=_("product of the result"),
    )
    result = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="derived_by",
        null=True,
        blank=True,
        verbose_name=_("derived release"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=DerivationState, default=DerivationState.QUEUED
    )
    kind = models.CharField(_("kind"), max_length=16, choices=DerivedKind)
    preset = models.CharField(_("preset"), max_length=16, blank=True)
    recipe = models.JSONField(_("recipe"))
    recipe_sha256 = models.CharField(_("recipe SHA-256"), max_length=64)
    source_sha256 = models.CharField(_("source SHA-256"), max_length=64)
    result_sha256 = models.CharField(_("result SHA-256"), max_length=64, blank=True)
    tool = models.CharField(_("version of the remedies"), max_length=24, blank=True)
    rows_in = models.BigIntegerField(_("rows read"), null=True, blank=True)
    rows_out = models.BigIntegerField(_("rows written"), null=True, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=96)
    stage = models.CharField(_("stage"), max_length=24, blank=True)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("derivation")
        verbose_name_plural = _("derivations")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["result"],
                condition=models.Q(result__isnull=False),
                name="derivation_result_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="DONE",
                    result__isnull=False,
                    rows_in__isnull=False,
                    rows_out__isnull=False,
                    finished_at__isnull=False,
                )
                & ~models.Q(result_sha256="")
                & ~models.Q(tool="")
                | ~models.Q(status="DONE") & models.Q(result__isnull=True, result_sha256=""),
                name="derivation_done_has_result",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="FAILED") | ~models.Q(failure=""),
                name="derivation_failure_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_under_way(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in {DerivationState.QUEUED, DerivationState.RUNNING}

    @property
    def progress(self) -> int:
        """Percentage of the rows of this stage."""
        if self.status == DerivationState.DONE:
            return 100
        return min(99, 100 * self.rows_done // self.rows_total) if self.rows_total else 0


class PseudonymKey(models.Model):
    """The key of a product's pseudonyms: an object of the vault, sealed like all others.

    The same value has the same pseudonym in all releases of the product, so that they can be
    joined. Nobody is shown the key; destroying the object makes old pseudonyms unlinkable for good.
    """

    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="pseudonym_keys",
        verbose_name=_("product"),
    )
    stored = models.OneToOneField(
        "vault.StoredObject", on_delete=models.PROTECT, related_name="+", verbose_name=_("key")
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("key of pseudonyms")
        verbose_name_plural = _("keys of pseudonyms")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.product_id}"
