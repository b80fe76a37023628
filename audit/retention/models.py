"""Legal holds, and the signed records of what was destroyed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .states import HOLD, DestroyedKind, HoldKind, HoldState


class LegalHold(models.Model):
    """That nothing belonging to a thing may be destroyed, by whom, why and on what basis.

    《网络数据安全管理条例》第五十条: who supervises may inspect and copy records, so what is
    wanted must still be there.
    """

    lifecycle = HOLD

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("placed on"), max_length=24, choices=HoldKind.choices)
    subject = models.CharField(_("thing"), max_length=64)
    authority = models.CharField(_("placed by"), max_length=32)
    reason = models.TextField(_("reason"))
    legal_basis = models.CharField(_("legal basis"), max_length=400)
    status = models.CharField(
        _("status"), max_length=24, choices=HoldState.choices, default=HoldState.IN_FORCE
    )
    placed_at = models.DateTimeField(pgettext_lazy("time", "placed"))
    lifted_at = models.DateTimeField(pgettext_lazy("time", "lifted"), null=True, blank=True)
    lift_reason = models.TextField(_("reason for lifting"), blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ("-placed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "authority"],
                condition=Q(status=HoldState.IN_FORCE),
                name="hold_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status=HoldState.IN_FORCE, lifted_at__isnull=True)
                | Q(status=HoldState.LIFTED, lifted_at__isnull=False),
                name="hold_lifted_has_time",
            ),
        ]
        indexes = [models.Index(fields=["kind", "subject"], name="hold_thing")]

    def __str__(self) -> str:
        return self.reference


class Destruction(models.Model):
    """A signed record of a destruction (《深圳经济特区数据条例》第八十条): kept, never edited."""

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("what"), max_length=16, choices=DestroyedKind.choices)
    subject = models.CharField(_("thing"), max_length=64, db_index=True)
    retention_class = models.CharField(_("class"), max_length=24, blank=True)
    document = models.TextField(_("record"))
    key = models.CharField(_("verifier key"), max_length=200)
    signature = models.CharField(_("signature"), max_length=128)
    destroyed_at = models.DateTimeField(_("destroyed"))

    class Meta:
        verbose_name = _("destruction record")
        verbose_name_plural = _("destruction records")
        ordering = ("-destroyed_at", "-pk")

    def __str__(self) -> str:
        return self.reference
