"""Parts of a screening that is spread over workers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .screening import Screening


class ScreeningPart(models.Model):
    """Some row groups of a table: who reads them, and what was counted. Gone with the verdict.

    `tally` holds counts and hashes, never a value of the file.
    """

    screening = models.ForeignKey(
        Screening, on_delete=models.CASCADE, related_name="parts", verbose_name=_("screening")
    )
    number = models.PositiveIntegerField(_("number"))
    first_group = models.PositiveIntegerField(_("first row group"))
    stop_group = models.PositiveIntegerField(_("row group behind the last"))
    rows = models.BigIntegerField(_("rows"))
    taken_by = models.CharField(pgettext_lazy("worker", "taken by"), max_length=32, blank=True)
    taken_until = models.DateTimeField(_("taken until"), null=True, blank=True)
    tally = models.BinaryField(_("tally"), null=True, blank=True)

    class Meta:
        verbose_name = _("part of a screening")
        verbose_name_plural = _("parts of screenings")
        constraints = (
            models.UniqueConstraint(fields=["screening", "number"], name="screening_part_once"),
            models.CheckConstraint(
                condition=models.Q(first_group__lt=models.F("stop_group")),
                name="screening_part_has_groups",
            ),
        )

    def __str__(self) -> str:
        return f"{self.screening_id}/{self.number}"
