"""What reviewers determined about products, and releases whose grading has to be done again."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import (
    DETERMINATION,
    REGRADE,
    DeterminationKind,
    DeterminationState,
    RegradeState,
    Trigger,
)


class Determination(models.Model):
    """What a person of the watch found about a product that no content can show.

    A factor of Annex G (q and r are found in no other way), a harm, a catalogue or notice that
    lists it, core data (GB/T 43697-2024, 6.4, 6.5; 《网络数据安全管理条例》第二十九条), or a
    dispute over who owns it.
    """

    lifecycle: ClassVar[Lifecycle] = DETERMINATION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="determinations",
        verbose_name=_("product"),
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=DeterminationState,
        default=DeterminationState.STANDING,
    )
    kind = models.CharField(_("kind"), max_length=16, choices=DeterminationKind)
    code = models.CharField(_("factor or catalogue"), max_length=24, blank=True)
    affected = models.CharField(_("object of the harm"), max_length=24, blank=True)
    degree = models.CharField(_("degree of the harm"), max_length=16, blank=True)
    reason = models.TextField(_("reason"))
    made_by = models.CharField(_("made by"), max_length=96)
    made_for = models.CharField(_("for organization"), max_length=32)
    made_at = models.DateTimeField(pgettext_lazy("determination", "made"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("determination")
        verbose_name_plural = _("determinations")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.reference


class Regrade(models.Model):
    """That a release has to be graded again by a day (GB/T 43697-2024, Annex J)."""

    lifecycle: ClassVar[Lifecycle] = REGRADE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    release = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="regrades",
        verbose_name=_("release"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=RegradeState, default=RegradeState.DUE
    )
    trigger = models.CharField(_("trigger"), max_length=16, choices=Trigger)
    by_person = models.BooleanField(_("closed by a person only"), default=False)
    reason = models.TextField(_("reason"))
    opened_by = models.CharField(_("opened by"), max_length=96)
    opened_at = models.DateTimeField(pgettext_lazy("re-grading", "opened"))
    due_at = models.DateTimeField(_("due"))
    screening = models.CharField(_("screening"), max_length=24, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("re-grading")
        verbose_name_plural = _("re-gradings")
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["release", "trigger"],
                condition=models.Q(status="DUE"),
                name="regrade_trigger_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["release", "due_at"],
                condition=models.Q(status="DUE"),
                name="regrade_due",
            ),
        )

    def __str__(self) -> str:
        return self.reference
