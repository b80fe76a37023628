"""Orders of the regulator, which bind the market until they are lifted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .states import SUPERVISION, SupervisionKind, SupervisionState


class SupervisionOrder(models.Model):
    """An order of a regulator against one listing, with reason and legal basis.

    《数据安全法》第四十四条, 《网络数据安全管理条例》第五十一条: suspension may be ordered, and has
    to name why and on what basis.
    """

    lifecycle = SUPERVISION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="supervision_orders",
        verbose_name=_("product"),
    )
    authority = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="supervision_orders",
        verbose_name=_("ordered by"),
    )
    kind = models.CharField(
        _("kind"),
        max_length=24,
        choices=SupervisionKind.choices,
        default=SupervisionKind.SUSPEND,
    )
    reason = models.TextField(_("reason"))
    legal_basis = models.CharField(_("legal basis"), max_length=400)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=SupervisionState.choices,
        default=SupervisionState.IN_FORCE,
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lift_reason = models.TextField(_("reason for lifting"), blank=True)

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "kind"],
                condition=Q(status=SupervisionState.IN_FORCE),
                name="supervision_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status=SupervisionState.IN_FORCE, lifted_at__isnull=True)
                | Q(status=SupervisionState.LIFTED, lifted_at__isnull=False),
                name="supervision_lifted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
