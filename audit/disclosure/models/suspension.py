"""Suspensions: the spans of time in which an algorithm was not to decide."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .disclosure import Disclosure


class Suspension(models.Model):
    """One suspension of an algorithm, with the day from which its decisions are in doubt.

    What was decided from `since` on is marked wherever it is shown; `lifted_at` ends the
    suspension, not the doubt about what was decided in between. `basis` is empty in suspensions
    of a time in which none was asked for.
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="suspensions")
    authority = models.CharField(_("suspended by"), max_length=24)
    by_regulator = models.BooleanField(_("by a regulator"))
    reason = models.TextField(_("reason"))
    basis = models.CharField(_("legal basis"), max_length=400, blank=True)
    since = models.DateField(_("decisions in doubt since"))
    suspended_at = models.DateTimeField(_("suspended at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lift_reason = models.TextField(_("reason of the lifting"), blank=True)

    class Meta:
        verbose_name = _("suspension of an algorithm")
        verbose_name_plural = _("suspensions of algorithms")
        ordering = ("-suspended_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["disclosure"],
                condition=Q(lifted_at__isnull=True),
                name="suspension_one_open",
            ),
        )

    def __str__(self) -> str:
        """Name the suspension by its reference."""
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether the algorithm is still not to decide."""
        return self.lifted_at is None
