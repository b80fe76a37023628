"""Grants: what a contract opens, for whom, when and how often; and every access under them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .states import ACCESS, GRANT, AccessState, Channel, Form, GrantState


class Grant(models.Model):
    """The right of one organization to fetch one release a number of times within a window.

    `contract_sha256` is the signed contract's digest and `terms_sha256` binds every term of this
    row; the latter also stands in the entry of its opening and is compared on each access.
    """

    lifecycle = GRANT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    order = models.CharField(_("order"), max_length=24, db_index=True)
    contract = models.CharField(_("contract"), max_length=24, db_index=True)
    contract_sha256 = models.CharField(_("contract SHA-256"), max_length=64)
    product = models.ForeignKey(
        "catalog.Product",
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="grants",
    )
    release = models.ForeignKey(
        "catalog.Release",
        verbose_name=_("release"),
        on_delete=models.PROTECT,
        related_name="grants",
    )
    release_sha256 = models.CharField(_("release SHA-256"), max_length=64)
    grantee = models.ForeignKey(
        "parties.Organization",
        verbose_name=_("grantee"),
        on_delete=models.PROTECT,
        related_name="grants",
    )
    channel = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices, default=Channel.DOWNLOAD
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    budget_downloads = models.PositiveIntegerField(_("downloads granted"))
    used_downloads = models.PositiveIntegerField(_("downloads used"), default=0)
    status = models.CharField(
        _("status"), max_length=24, choices=GrantState.choices, default=GrantState.OPEN
    )
    status_reason = models.TextField(_("reason"), blank=True)
    terms_sha256 = models.CharField(_("terms SHA-256"), max_length=64)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ("-opened_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "release", "channel"], name="grant_once_per_order"
            ),
            models.CheckConstraint(
                condition=Q(budget_downloads__gte=1), name="grant_budget_positive"
            ),
            models.CheckConstraint(
                condition=Q(used_downloads__lte=F("budget_downloads")),
                name="grant_budget_not_overspent",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_until")), name="grant_window_not_empty"
            ),
        ]
        indexes = [models.Index(fields=["status", "valid_until"], name="grant_expiry")]

    def __str__(self) -> str:
        return self.reference

    @property
    def left_downloads(self) -> int:
        """How many downloads are still to be taken."""
        return self.budget_downloads - self.used_downloads


class Access(models.Model):
    """One unit of a grant's budget, taken; bytes may follow until `resumable_until`."""

    lifecycle = ACCESS

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="accesses")
    form = models.CharField(_("form"), max_length=16, choices=Form.choices)
    question = models.JSONField(_("question"), default=dict, blank=True)
    object = models.CharField(_("object"), max_length=24)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    taken_by = models.CharField(_("taken by"), max_length=96)
    taken_at = models.DateTimeField(_("time"))
    resumable_until = models.DateTimeField(_("resumable until"))
    request_key = models.CharField(_("request key"), max_length=64, blank=True)
    status = models.CharField(
        _("outcome"), max_length=24, choices=AccessState.choices, default=AccessState.TAKEN
    )
    bytes_reserved = models.BigIntegerField(_("bytes reserved"), default=0)
    bytes_sent = models.BigIntegerField(_("bytes sent"), default=0)
    bytes_covered = models.BigIntegerField(_("bytes handed over from the start"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        ordering = ("-taken_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "request_key"],
                condition=~Q(request_key=""),
                name="access_once_per_request",
            ),
            models.CheckConstraint(
                condition=Q(
                    size__gte=0, bytes_sent__gte=0, bytes_reserved__gte=0, bytes_covered__gte=0
                ),
                name="access_bytes_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(bytes_covered__lte=F("size")), name="access_covers_at_most_all"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
