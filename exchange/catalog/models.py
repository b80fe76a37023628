"""Data products with their manual, the releases of each, and what the search reads."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle

from .price_review import PriceReview as PriceReview
from .states import PRODUCT, QUALITY, RELEASE, ProductState, QualityState, ReleaseState
from .training_statement import TrainingStatement as TrainingStatement
from .vocabulary import (
    DeliveryLevel,
    Form,
    Industry,
    ProductType,
    RegionScope,
    Sector,
    SuspensionAuthority,
    UpdateFrequency,
)

MODEL_FORMAT = "onnx"
"""The one format of models (docs/decisions/0045)."""


class Product(models.Model):
    """A data product (数据产品) as its provider describes it.

    What is filtered, sorted or shown in lists is a column; the rest of the manual is `manual`,
    whose fields are defined in `manual.py`. `version` grows with every change of the description,
    so that nobody approves what he has not read.
    """

    lifecycle: ClassVar[Lifecycle] = PRODUCT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    provider = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("provider"),
    )
    rights = models.ForeignKey(
        "registry.RightsStatement",
        on_delete=models.PROTECT,
        related_name="products",
        null=True,
        blank=True,
        verbose_name=_("rights statement"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=ProductState.choices, default=ProductState.DRAFT
    )
    status_since = models.DateTimeField(_("since"))
    status_reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(_("version of the description"), default=1)
    created_at = models.DateTimeField(_("created"))
    edited_at = models.DateTimeField(_("last edited"))

    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    abstract = models.CharField(_("abstract"), max_length=400, blank=True)
    abstract_en = models.CharField(_("abstract in English"), max_length=1200, blank=True)
    product_type = models.CharField(_("type"), max_length=24, choices=ProductType.choices)
    sector = models.CharField(_("board"), max_length=24, choices=Sector.choices, blank=True)
    industry = models.CharField(_("industry"), max_length=1, choices=Industry.choices, blank=True)
    keywords = models.JSONField(_("keywords"), default=list, blank=True)
    region_scope = models.CharField(
        _("region covered"), max_length=24, choices=RegionScope.choices, blank=True
    )
    update_frequency = models.CharField(
        _("update frequency"), max_length=24, choices=UpdateFrequency.choices, blank=True
    )
    form = models.CharField(
        _("form of the content"), max_length=24, choices=Form.choices, blank=True
    )
    delivery_level = models.CharField(
        _("delivery level"), max_length=4, choices=DeliveryLevel.choices, blank=True
    )
    manual = models.JSONField(_("manual"), default=dict, blank=True)

    current = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("current release"),
    )
    last_number = models.PositiveIntegerField(_("number of the last release"), default=0)
    format = models.CharField(_("file format"), max_length=16, blank=True)
    level = models.PositiveSmallIntegerField(_("level of the data"), null=True, blank=True)
    price_kind = models.CharField(_("kind of price"), max_length=16, blank=True)
    appraisal = models.CharField(_("appraisal"), max_length=24, blank=True)

    commitment_version = models.PositiveIntegerField(_("version committed to"), default=0)
    commitment_sha256 = models.CharField(_("digest of the commitment"), max_length=64, blank=True)
    committed_at = models.DateTimeField(_("commitment accepted"), null=True, blank=True)

    justification = models.TextField(_("justification of the price"), max_length=2000, blank=True)
    operator_note = models.TextField(_("operator's note"), max_length=2000, blank=True)
    zone = models.CharField(_("deviation zone"), max_length=8, blank=True)
    deviation_rate = models.DecimalField(
        _("deviation from the appraisal"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    listed_plan = models.CharField(_("plan listed with"), max_length=24, blank=True)
    listed_release = models.CharField(_("release listed with"), max_length=24, blank=True)
    requested_at = models.DateTimeField(_("listing requested"), null=True, blank=True)
    listed_at = models.DateTimeField(_("listed"), null=True, blank=True)
    suspension_authority = models.CharField(
        _("suspended by"), max_length=16, choices=SuspensionAuthority.choices, blank=True
    )

    class Meta:
        verbose_name = _("data product")
        verbose_name_plural = _("data products")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="product_version_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[ProductState.LISTED, ProductState.SUSPENDED])
                | models.Q(listed_at__isnull=False, rights__isnull=False),
                name="product_listed_has_time_and_rights",
            ),
            models.CheckConstraint(
                condition=models.Q(status=ProductState.SUSPENDED, suspension_authority__gt="")
                | (~models.Q(status=ProductState.SUSPENDED) & models.Q(suspension_authority="")),
                name="product_suspended_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(level__isnull=True) | models.Q(level__range=(1, 4)),
                name="product_level_1_to_4",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-listed_at", "-id"], name="product_market"),
            models.Index(fields=["provider", "status"], name="product_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    @property
    def is_listed(self) -> bool:
        """Whether buyers can order it now."""
        return self.status == ProductState.LISTED

    @property
    def is_model(self) -> bool:
        """Whether its releases are trained models, not tables."""
        return self.product_type == ProductType.MODEL


class Release(models.Model):
    """One upload of a product's content, immutable once submitted: what is sold is this, by hash.

    `sha256` is of the provider's file as uploaded; `table` is the same content as Parquet. Of a
    model, which has neither rows nor columns, the table holds every word in the file for the filter
    to read, and the profile says what the model is.
    """

    lifecycle: ClassVar[Lifecycle] = RELEASE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="releases", verbose_name=_("product")
    )
    number = models.PositiveIntegerField(_("number of the release"))
    status = models.CharField(
        _("status"), max_length=24, choices=ReleaseState.choices, default=ReleaseState.DRAFT
    )
    status_since = models.DateTimeField(_("since"))
    status_reason = models.TextField(_("reason"), blank=True)
    changelog = models.TextField(_("changes in this release"), max_length=2000, blank=True)
    original = models.ForeignKey(
        "vault.StoredObject",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("file as uploaded"),
    )
    table = models.ForeignKey(
        "vault.StoredObject", on_delete=models.PROTECT, related_name="+", verbose_name=_("table")
    )
    sha256 = models.CharField(_("digest of the content"), max_length=64)
    filename = models.CharField(_("file name"), max_length=255)
    format = models.CharField(_("file format"), max_length=16)
    encoding = models.CharField(_("encoding"), max_length=32, blank=True)
    rows = models.BigIntegerField(_("rows"))
    columns = models.JSONField(_("columns"), default=list)
    size = models.BigIntegerField(_("bytes"))
    profile = models.JSONField(_("profile"), default=dict)
    notes = models.JSONField(_("notes of the reader"), default=list)
    outside = models.JSONField(_("text outside of the table"), default=list)
    sample = models.JSONField(_("sample of masked rows"), default=dict, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)

    screening = models.CharField(_("screening"), max_length=24, blank=True)
    grade = models.CharField(_("grade"), max_length=16, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    personal = models.CharField(_("personal information"), max_length=16, blank=True)
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)
    cleared_pack = models.CharField(_("cleared under rule pack"), max_length=48, blank=True)
    cleared_sha256 = models.CharField(_("digest that was cleared"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("product", "-number")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="release_number_once"),
            models.CheckConstraint(
                condition=~models.Q(status=ReleaseState.CLEARED)
                | models.Q(
                    cleared_sha256=models.F("sha256"),
                    cleared_pack__gt="",
                    cleared_at__isnull=False,
                ),
                name="release_cleared_for_its_content",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=ReleaseState.CLEARED) | ~models.Q(grade="CORE"),
                name="release_core_never_cleared",
            ),
            models.CheckConstraint(
                condition=models.Q(rows__gte=0) & models.Q(size__gte=0),
                name="release_sizes_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(format=MODEL_FORMAT) | models.Q(rows=0, columns=[]),
                name="release_model_has_no_rows",
            ),
        ]
        indexes = [models.Index(fields=["status", "uploaded_at"], name="release_queue")]

    def __str__(self) -> str:
        return f"{self.reference} ({self.number})"

    @property
    def is_cleared(self) -> bool:
        """Whether the filter let exactly this content through."""
        return self.status == ReleaseState.CLEARED and self.cleared_sha256 == self.sha256

    @property
    def is_model(self) -> bool:
        """Whether it is a trained model, not a table."""
        return self.format == MODEL_FORMAT

    @property
    def model(self) -> dict[str, Any]:
        """What the file of a model is, as it was read without running it; empty for a table."""
        told: dict[str, Any] = self.profile.get("model", {}) if self.is_model else {}
        return told

    @property
    def rows_to_read(self) -> int:
        """How many rows the filter has to read: those of the table that is kept."""
        return int(self.model.get("texts", 0)) if self.is_model else self.rows

    @property
    def column_names(self) -> list[str]:
        """Names of the columns as the file has them."""
        columns: list[dict[str, Any]] = self.columns
        return [str(column["name"]) for column in columns]


class SearchEntry(models.Model):
    """What the search reads of one product, in normalized form.

    `tokens` holds words and two-character pieces of Chinese; the database keeps its index over it
    (migration 0002). The other columns are what phrases are checked and weighed against.
    """

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="search"
    )
    name = models.TextField()
    keywords = models.TextField(blank=True)
    abstract = models.TextField(blank=True)
    body = models.TextField(blank=True)
    tokens = models.TextField(blank=True)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")

    def __str__(self) -> str:
        return self.name


class QualityRules(models.Model):
    """What a provider promises of each row of a product, in one version; the latest counts."""

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="quality_rules", verbose_name=_("product")
    )
    number = models.PositiveIntegerField(_("number of the version"))
    rules = models.JSONField(_("rules"))
    sha256 = models.CharField(_("digest of the rules"), max_length=64)
    declared_by = models.CharField(_("declared by"), max_length=96)
    declared_at = models.DateTimeField(pgettext_lazy("time", "declared"))

    class Meta:
        verbose_name = _("rules of quality")
        verbose_name_plural = _("rules of quality")
        ordering = ("product", "-number")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="quality_rules_number_once"),
        ]

    def __str__(self) -> str:
        return self.reference


class QualityReport(models.Model):
    """What was measured of one release by the rules that held then (质量评估报告).

    `document` is the exact text whose digest stands in the log. `examples` are row numbers with the
    shapes of cells, which its provider and the watch may see.
    """

    lifecycle: ClassVar[Lifecycle] = QUALITY

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, related_name="quality_reports", verbose_name=_("release")
    )
    rules = models.ForeignKey(
        QualityRules,
        on_delete=models.PROTECT,
        related_name="reports",
        null=True,
        blank=True,
        verbose_name=_("rules"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=QualityState.choices, default=QualityState.QUEUED
    )
    content_sha256 = models.CharField(_("digest of the content"), max_length=64)
    requested_by = models.CharField(_("requested by"), max_length=96)
    created_at = models.DateTimeField(_("created at"))
    stage = models.CharField(_("stage"), max_length=24, blank=True)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("in all"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    pack = models.CharField(_("rule pack"), max_length=48, blank=True)
    document = models.TextField(_("report"), blank=True)
    document_sha256 = models.CharField(_("digest of the report"), max_length=64, blank=True)
    examples = models.JSONField(_("rows that break a rule"), default=dict, blank=True)
    score_rate = models.DecimalField(
        _("score"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    grade = models.CharField(_("grade"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("quality report")
        verbose_name_plural = _("quality reports")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["release"],
                condition=models.Q(status__in=[QualityState.QUEUED, QualityState.RUNNING]),
                name="quality_one_under_way_per_release",
            ),
            models.CheckConstraint(
                condition=models.Q(status=QualityState.DONE, finished_at__isnull=False)
                & ~models.Q(document_sha256="")
                | ~models.Q(status=QualityState.DONE) & models.Q(document_sha256=""),
                name="quality_done_has_report",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=QualityState.FAILED) | ~models.Q(failure=""),
                name="quality_failure_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_under_way(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in {QualityState.QUEUED, QualityState.RUNNING}

    @property
    def progress(self) -> int:
        """Percentage of the rows of this stage."""
        if self.status == QualityState.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0
