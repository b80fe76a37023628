"""What the REST interface itself remembers: answers to requests that may be repeated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class IdempotencyKey(models.Model):
    """One key of one caller on one route, and the answer it got (Idempotency-Key header)."""

    principal = models.CharField(_("caller"), max_length=96)
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(pgettext_lazy("idempotency", "key"), max_length=100)
    body_sha256 = models.CharField(_("request digest"), max_length=64)
    code = models.PositiveSmallIntegerField(_("status code"), null=True)
    response = models.JSONField(_("response"), null=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="idempotency_once")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
