"""Orders of the regulator, which bind the market until they are lifted; searches that watch."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .states import (
    EVIDENCE,
    SEARCH,
    SUPERVISION,
    EvidenceKind,
    EvidenceState,
    Interval,
    SearchState,
    SupervisionKind,
    SupervisionState,
)


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


class EvidenceBundle(models.Model):
    """A file with all evidence of one order, product, organization or period, made on request.

    《网络数据安全管理条例》第五十条: supervisors may inspect and copy records; parties take what
    concerns them. The finished file lies encrypted in the vault until it expires.
    """

    lifecycle = EVIDENCE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organization = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="evidence_bundles",
        verbose_name=_("requested by"),
    )
    requested_by = models.CharField(_("requested by"), max_length=96)
    kind = models.CharField(_("evidence of"), max_length=16, choices=EvidenceKind.choices)
    subject = models.CharField(_("subject"), max_length=32, blank=True)
    since = models.DateTimeField(_("from"), null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=EvidenceState.choices,
        default=EvidenceState.QUEUED,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    handed_at = models.DateTimeField(_("handed to a worker"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    entries_done = models.PositiveBigIntegerField(_("entries written"), default=0)
    entries_total = models.PositiveBigIntegerField(_("entries"), default=0)
    documents = models.PositiveIntegerField(pgettext_lazy("count", "documents"), default=0)
    failure = models.TextField(_("failure"), blank=True)
    stored = models.ForeignKey(
        "vault.StoredObject",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence bundle")
        verbose_name_plural = _("evidence bundles")
        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["status", "expires_at"], name="evidence_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.PERIOD, subject="", since__lt=models.F("until"))
                | (~Q(kind=EvidenceKind.PERIOD) & ~Q(subject="") & Q(since__isnull=True)),
                name="evidence_of_something",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[EvidenceState.READY, EvidenceState.EXPIRED])
                | Q(stored__isnull=False, expires_at__isnull=False),
                name="evidence_ready_has_file",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_under_way(self) -> bool:
        """Whether it is still being made."""
        return self.status in {EvidenceState.QUEUED, EvidenceState.RUNNING}

    @property
    def filename(self) -> str:
        """What the file is called where it is saved."""
        return f"{self.reference}.zip"


class SavedSearch(models.Model):
    """What one member of an authority looks for in the trail, again and again.

    `next_index` is the first entry of the log that it has not compared yet; `mailed_to` the last
    finding that a mail has told of; `attempts` how often in a row it failed.
    """

    lifecycle = SEARCH

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    owner = models.ForeignKey(
        "parties.User",
        on_delete=models.PROTECT,
        related_name="saved_searches",
        verbose_name=_("saved by"),
    )
    authority = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="saved_searches",
        verbose_name=_("authority"),
    )
    name = models.CharField(_("name"), max_length=80)
    filters = models.JSONField(_("filters"), default=dict)
    alert = models.BooleanField(pgettext_lazy("saved search", "alert"), default=True)
    interval = models.PositiveIntegerField(
        _("interval"), choices=Interval.choices, default=Interval.HOUR
    )
    status = models.CharField(
        _("status"), max_length=24, choices=SearchState.choices, default=SearchState.KEPT
    )
    next_index = models.BigIntegerField(_("next entry to compare"), default=0)
    checked_at = models.DateTimeField(_("compared at"))
    mailed_to = models.BigIntegerField(_("last finding told by mail"), default=0)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.reference


class Finding(models.Model):
    """That a saved search found an entry, once; unseen until its owner opens the findings."""

    search = models.ForeignKey(
        SavedSearch,
        on_delete=models.PROTECT,
        related_name="findings",
        verbose_name=_("saved search"),
    )
    index = models.BigIntegerField(_("index of the entry"))
    found_at = models.DateTimeField(_("found at"))
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("finding of a saved search")
        verbose_name_plural = _("findings of saved searches")
        constraints = [models.UniqueConstraint(fields=["search", "index"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.search_id} {self.index}"
