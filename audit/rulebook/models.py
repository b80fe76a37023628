"""Published versions of the rule packs; the texts themselves are data files."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .states import PACK, PackState


class RulePack(models.Model):
    """One version of one kind of rules: laws, thresholds, fee schedules, deviation bands."""

    lifecycle = PACK

    reference = models.CharField(_("reference"), max_length=48, unique=True)
    kind = models.CharField(_("kind"), max_length=24)
    effective_on = models.DateField(_("effective on"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    status = models.CharField(
        _("status"), max_length=24, choices=PackState.choices, default=PackState.DRAFT
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("rule pack")
        verbose_name_plural = _("rule packs")

    def __str__(self) -> str:
        return self.reference
