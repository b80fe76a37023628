"""The file of a case: what the provider shows for each head, every version of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .case import Case


class FilePart(models.Model):
    """One version of one head of a case's file; the newest of a head counts, none is changed.

    `documents` name objects of the vault by reference, digest, name and size.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="parts", verbose_name=_("case")
    )
    head = models.CharField(_("head"), max_length=24)
    number = models.PositiveIntegerField(_("version"))
    values = models.JSONField(_("what is said"), default=dict)
    documents = models.JSONField(_("documents"), default=list)
    sha256 = models.CharField(_("digest"), max_length=64)
    written_by = models.CharField(_("written by"), max_length=96)
    written_for = models.CharField(_("for organization"), max_length=32)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("part of a file")
        verbose_name_plural = _("parts of files")
        ordering = ("case", "head", "-number")
        constraints = (
            models.UniqueConstraint(fields=["case", "head", "number"], name="part_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.head} {self.number}"
