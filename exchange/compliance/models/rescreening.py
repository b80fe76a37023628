"""Runs that screen anew what a new version of the rules touches."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import RESCREENING, ItemOutcome, RescreeningState


class Rescreening(models.Model):
    """What one version of the rules asks of everything that was cleared under another."""

    lifecycle: ClassVar[Lifecycle] = RESCREENING

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    pack = models.CharField(_("rule pack"), max_length=48, unique=True)
    effective_on = models.DateField(_("effective on"))
    status = models.CharField(
        _("status"), max_length=24, choices=RescreeningState, default=RescreeningState.PREPARING
    )
    planned_at = models.DateTimeField(_("planned"))
    applied_from = models.DateTimeField(_("applied from"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("re-screening")
        verbose_name_plural = _("re-screenings")
        ordering = ("-planned_at", "-pk")

    def __str__(self) -> str:
        return self.reference


class RescreeningItem(models.Model):
    """One release of a run: who is at work on it, and what came of it.

    A row of the work list, not a thing of the market: its states are told by the screening and the
    release. `taken_until` is a lease; who lets it lapse is taken for dead.
    """

    rescreening = models.ForeignKey(
        Rescreening, on_delete=models.PROTECT, related_name="items", verbose_name=_("re-screening")
    )
    release = models.ForeignKey(
        "catalog.Release", on_delete=models.PROTECT, related_name="+", verbose_name=_("release")
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)
    screening = models.OneToOneField(
        "compliance.Screening",
        on_delete=models.PROTECT,
        related_name="item",
        null=True,
        blank=True,
        verbose_name=_("screening"),
    )
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    taken_by = models.CharField(pgettext_lazy("worker", "taken by"), max_length=32, blank=True)
    taken_until = models.DateTimeField(_("taken until"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=ItemOutcome, blank=True)
    settled_at = models.DateTimeField(pgettext_lazy("time", "settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("release to screen again")
        verbose_name_plural = _("releases to screen again")
        constraints = (
            models.UniqueConstraint(
                fields=["rescreening", "release"], name="rescreening_release_once"
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, outcome="")
                | (models.Q(settled_at__isnull=False) & ~models.Q(outcome="")),
                name="rescreening_settled_has_outcome",
            ),
        )
        indexes = (
            models.Index(
                fields=["rescreening", "rank", "id"],
                condition=models.Q(settled_at__isnull=True),
                name="rescreening_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rescreening_id}/{self.release_id}"
