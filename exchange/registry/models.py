"""Rights statements: who says that it holds, may use and may operate which data, and why."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle

from .states import RIGHTS, Origin, PersonalBasis, Right, RightsState, Situation, SourceKind


class RightsStatement(models.Model):
    """One organization's statement of source and rights (数据产权), with its proofs.

    Several organizations may hold the same right over the same data, so nothing here is exclusive
    (国数综政策〔2026〕35号 第二十一条). Proofs name files of the vault by reference and digest.
    """

    lifecycle: ClassVar[Lifecycle] = RIGHTS

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organization = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="rights_statements",
        verbose_name=_("organization"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=RightsState.choices, default=RightsState.DRAFT
    )
    title = models.CharField(_("title of the statement"), max_length=80, blank=True)
    rights = models.JSONField(_("rights"), default=list)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin.choices)
    source_kind = models.CharField(_("source"), max_length=24, choices=SourceKind.choices)
    situation = models.CharField(
        _("position to the data"), max_length=24, choices=Situation.choices
    )
    source_note = models.TextField(_("explanation of the source"), max_length=2000, blank=True)
    proofs = models.JSONField(_("proofs"), default=list)
    license_name = models.CharField(_("license"), max_length=80, blank=True)
    certificate_code = models.CharField(_("registration certificate"), max_length=15, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    may_resell = models.BooleanField(_("buyers may pass it on"), default=False)
    limits = models.TextField(_("limits"), max_length=1000, blank=True)
    personal_basis = models.CharField(
        _("personal information"),
        max_length=16,
        choices=PersonalBasis.choices,
        default=PersonalBasis.NONE,
    )
    drafted_at = models.DateTimeField(_("drafted"))
    stated_at = models.DateTimeField(_("stated"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), blank=True)

    class Meta:
        verbose_name = _("rights statement")
        verbose_name_plural = _("rights statements")
        ordering = ("-drafted_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="rights_term_forward",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=RightsState.STATED) | models.Q(stated_at__isnull=False),
                name="rights_stated_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=RightsState.WITHDRAWN)
                | models.Q(withdrawn_at__isnull=False),
                name="rights_withdrawn_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def held(self) -> list[Right]:
        """The rights stated, in the order of the law."""
        return [right for right in Right if right in self.rights]

    def gives(self, right: Right, *, on: date) -> bool:
        """Whether the statement is in force on a day and contains `right`."""
        return right in self.rights and self.is_in_force(on=on)

    def is_in_force(self, *, on: date) -> bool:
        """Whether somebody answers for it on a day: stated, begun and not run out (half-open)."""
        begun = self.valid_from <= on
        ended = self.valid_until is not None and on >= self.valid_until
        return self.status == RightsState.STATED and begun and not ended
