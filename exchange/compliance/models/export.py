"""Exports (数据出境): who exports, on what evidence, where to, and how many persons a year."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import FILING, FilingKind, FilingState, Whereabouts


class ExportStanding(models.Model):
    """Where an organization stands in the rules on export, as the watch verified it.

    `processor` is the number under which its persons are counted: organizations of one processor
    share it, so that splitting among them does not help (《个人信息出境认证办法》第五条).
    """

    organization = models.OneToOneField(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="export_standing",
        verbose_name=_("organization"),
    )
    processor = models.CharField(_("counted under"), max_length=32, db_index=True)
    place = models.CharField(_("registered in"), max_length=12, choices=Whereabouts)
    bay_area = models.BooleanField(_("in a city of the Greater Bay Area"), default=False)
    zone = models.CharField(_("free trade zone"), max_length=24, blank=True)
    critical = models.BooleanField(_("operates critical infrastructure"), default=False)
    set_by = models.CharField(_("set by"), max_length=96)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("standing for exports")
        verbose_name_plural = _("standings for exports")

    def __str__(self) -> str:
        return self.processor


class ExportFiling(models.Model):
    """A piece of evidence on file: an assessment, contract, certificate, consent, or claim.

    `scope` names uses, recipients, products, fields and places, and the scale in persons; what it
    does not name is not covered. `mapping` says which field of a zone's list a column is.
    """

    lifecycle: ClassVar[Lifecycle] = FILING

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organization = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="export_filings",
        verbose_name=_("filed by"),
    )
    kind = models.CharField(_("kind"), max_length=24, choices=FilingKind)
    number = models.CharField(pgettext_lazy("filing", "number"), max_length=80, blank=True)
    authority = models.CharField(_("issued by"), max_length=120, blank=True)
    ground = models.CharField(_("ground"), max_length=32, blank=True)
    partner = models.CharField(_("side of the Bay Area"), max_length=12, blank=True)
    scope = models.JSONField(_("scope"))
    mapping = models.JSONField(_("fields on the list"), default=dict, blank=True)
    document = models.CharField(_("document"), max_length=24)
    document_sha256 = models.CharField(_("document SHA-256"), max_length=64)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    file_by = models.DateField(_("to be filed with the authority by"), null=True, blank=True)
    authority_filed_on = models.DateField(_("filed with the authority"), null=True, blank=True)
    renewal_due_on = models.DateField(_("renewal due"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=24, choices=FilingState, default=FilingState.FILED
    )
    reason = models.TextField(_("reason"), blank=True)
    filed_by = models.CharField(_("entered by"), max_length=96)
    filed_at = models.DateTimeField(_("filed at"))
    decided_by = models.CharField(_("decided by"), max_length=96, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("export filing")
        verbose_name_plural = _("export filings")
        ordering = ("-filed_at", "-pk")
        indexes = (models.Index(fields=["status", "valid_until"], name="filing_expiry"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="filing_time_not_empty",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="SECURITY_ASSESSMENT")
                | models.Q(valid_until__isnull=False, renewal_due_on__isnull=False),
                name="filing_assessment_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["VERIFIED", "REJECTED"])
                | (~models.Q(decided_by="") & models.Q(decided_at__isnull=False)),
                name="filing_decided_has_time",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class ExportRoute(models.Model):
    """Where the data of one order goes and from where it will be read, as declared; kept as is."""

    order = models.CharField(_("order"), max_length=24, unique=True)
    release = models.ForeignKey(
        "catalog.Release", on_delete=models.PROTECT, related_name="+", verbose_name=_("release")
    )
    exporter = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("provider"),
    )
    recipient = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recipient"),
    )
    seat = models.CharField(_("place of the recipient"), max_length=12, choices=Whereabouts)
    access = models.JSONField(_("read from"), default=list)
    use = models.CharField(_("permitted scenario"), max_length=120, blank=True)
    declared_at = models.DateTimeField(_("declared at"))

    class Meta:
        verbose_name = _("export route")
        verbose_name_plural = _("export routes")
        ordering = ("-declared_at", "-pk")

    def __str__(self) -> str:
        return self.order


class ExportYear(models.Model):
    """The persons of one processor's exports in one calendar year; its row is the lock."""

    processor = models.CharField(_("processor"), max_length=32)
    year = models.PositiveSmallIntegerField(pgettext_lazy("calendar", "year"))
    ordinary = models.BigIntegerField(_("persons"), default=0)
    sensitive = models.BigIntegerField(_("persons of sensitive information"), default=0)

    class Meta:
        verbose_name = _("year of exports")
        verbose_name_plural = _("years of exports")
        ordering = ("-year", "processor")
        constraints = (
            models.UniqueConstraint(fields=["processor", "year"], name="export_year_once"),
            models.CheckConstraint(
                condition=models.Q(ordinary__gte=0, sensitive__gte=0),
                name="export_year_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.processor} {self.year}"


class ExportRecord(models.Model):
    """One line of the export ledger: an order's data opened to outside, in one year."""

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    route = models.ForeignKey(
        ExportRoute, on_delete=models.PROTECT, related_name="records", verbose_name=_("route")
    )
    processor = models.CharField(_("processor"), max_length=32, db_index=True)
    year = models.PositiveSmallIntegerField(pgettext_lazy("calendar", "year"))
    places = models.JSONField(_("places"), default=list)
    outcome = models.CharField(_("outcome"), max_length=24)
    mechanism = models.CharField(pgettext_lazy("export", "mechanism"), max_length=24, blank=True)
    ground = models.CharField(_("ground"), max_length=32, blank=True)
    rules = models.JSONField(_("rules"), default=list)
    filings = models.JSONField(pgettext_lazy("export", "evidence"), default=list)
    pack = models.CharField(_("rule pack"), max_length=48)
    ordinary = models.BigIntegerField(_("persons"))
    sensitive = models.BigIntegerField(_("persons of sensitive information"))
    year_ordinary = models.BigIntegerField(_("persons so far this year"))
    year_sensitive = models.BigIntegerField(_("persons of sensitive information so far"))
    counted_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-counted_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["route", "year"], name="export_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(ordinary__gte=0, sensitive__gte=0),
                name="export_persons_not_negative",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class ExportWarning(models.Model):
    """That a processor came near a line this year; provider and regulator read it."""

    processor = models.CharField(_("processor"), max_length=32, db_index=True)
    year = models.PositiveSmallIntegerField(pgettext_lazy("calendar", "year"))
    line = models.CharField(_("line"), max_length=40)
    line_at = models.BigIntegerField(_("persons from which it counts"))
    persons = models.BigIntegerField(_("persons then"))
    record = models.ForeignKey(
        ExportRecord, on_delete=models.PROTECT, related_name="+", verbose_name=_("export")
    )
    warned_at = models.DateTimeField(_("warned at"))

    class Meta:
        verbose_name = _("export warning")
        verbose_name_plural = _("export warnings")
        ordering = ("-warned_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["processor", "year", "line"], name="export_warning_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.processor} {self.year} {self.line}"
