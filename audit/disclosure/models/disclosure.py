"""Disclosures: what is said of an algorithm, version by version."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.disclosure.metric_names import usual_name
from audit.disclosure.states import (
    DISCLOSURE,
    OPEN,
    STANDING,
    AlgorithmType,
    DisclosureState,
    Duty,
)
from audit.disclosure.tongues import in_language
from audit.log.lifecycle import Lifecycle


class Disclosure(models.Model):
    """One version of what the owner of an algorithm discloses about it.

    `statement` holds the texts by field code (`fields.py`), each in English and Chinese; who may
    read which is asked of `showing.py`. `owner` is an organization's reference, or empty for the
    platform's own algorithms. `salt` keeps texts that not everybody reads from being guessed by
    their digest. `due_on` is the end of the time limit that runs now: of the owner while it is a
    draft, returned or owes a `duty`, of the reviewer while it is filed or under review.
    """

    lifecycle: ClassVar[Lifecycle] = DISCLOSURE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48, allow_unicode=False)
    owner = models.CharField(_("owner"), max_length=24, blank=True, db_index=True)
    version = models.PositiveIntegerField(_("version"))
    status = models.CharField(
        _("status"), max_length=24, choices=DisclosureState.choices, default=DisclosureState.DRAFT
    )
    algorithm_type = models.CharField(
        _("type of algorithm"), max_length=24, choices=AlgorithmType.choices
    )
    statement = models.JSONField(_("statement"))
    metrics = models.JSONField(_("names of the metrics"), default=dict, blank=True)
    declared = models.JSONField(_("declared accuracy"), default=list, blank=True)
    products = models.JSONField(_("products concerned"), default=list, blank=True)
    statement_sha256 = models.CharField(_("digest of the statement"), max_length=64)
    searchable = models.TextField(_("text of the public part"), blank=True)
    salt = models.CharField(_("salt of the digests"), max_length=64, blank=True)
    service_began_on = models.DateField(_("beginning of service"), null=True, blank=True)
    changed_on = models.DateField(_("day of the change"), null=True, blank=True)
    model_sha256 = models.CharField(_("digest of the model"), max_length=64, blank=True)
    document = models.TextField(_("signed document"), blank=True)
    document_sha256 = models.CharField(_("digest of the document"), max_length=64, blank=True)
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    signer = models.CharField(_("signing key"), max_length=160, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    status_since = models.DateTimeField(_("in this state since"), null=True, blank=True)
    file_due_on = models.DateField(_("to be filed by"), null=True, blank=True)
    due_on = models.DateField(_("time limit"), null=True, blank=True, db_index=True)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True)
    missed_on = models.DateField(_("time limit missed on"), null=True, blank=True)
    duty = models.CharField(
        _("to be filed"), max_length=16, choices=Duty.choices, default=Duty.NONE, blank=True
    )
    duty_since = models.DateField(_("reason of the duty on"), null=True, blank=True)
    reviewer = models.CharField(_("reviewed by"), max_length=24, blank=True)
    regulator_reviews = models.BooleanField(_("in a regulator's hands"), default=False)
    taken_at = models.DateTimeField(_("taken up at"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    notes = models.JSONField(_("what is to be mended"), default=dict, blank=True)
    review_note = models.TextField(_("note of the reviewer"), blank=True)
    filing_number = models.CharField(_("filing number"), max_length=24, blank=True, db_index=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    service_ended_on = models.DateField(_("last day of service"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("algorithm disclosure")
        verbose_name_plural = _("algorithm disclosures")
        ordering = ("owner", "algorithm", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "algorithm", "version"], name="disclosure_version_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "algorithm"],
                condition=Q(status__in=STANDING),
                name="disclosure_one_standing",
            ),
            models.UniqueConstraint(
                fields=["owner", "algorithm"],
                condition=Q(status__in=OPEN),
                name="disclosure_one_open",
            ),
            models.UniqueConstraint(
                fields=["filing_number"],
                condition=Q(status__in=STANDING),
                name="disclosure_number_once",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=STANDING)
                | (
                    Q(published_at__isnull=False)
                    & ~Q(filing_number="")
                    & ~Q(document="")
                    & ~Q(signature="")
                ),
                name="disclosure_published_is_signed",
            ),
        )

    def __str__(self) -> str:
        """Name the disclosure by its reference."""
        return self.reference

    @property
    def is_platform(self) -> bool:
        """Whether it describes an algorithm of the exchange itself."""
        return not self.owner

    @property
    def is_own_responsibility(self) -> bool:
        """Whether it was published by who answers for it, and nobody else reviewed it yet."""
        return self.published_at is not None and not self.reviewer

    def text(self, code: str) -> str:
        """Return a field's text in the current language, or in the other where there is one."""
        return in_language(self.statement.get(code, {}))

    def metric_label(self, metric: str) -> str:
        """Return what a metric is called in the current language: here, else usually."""
        return in_language(self.metrics.get(metric, {})) or usual_name(metric)

    @property
    def name(self) -> str:
        """The algorithm's name."""
        return self.text("name") or self.algorithm

    @property
    def technique(self) -> str:
        """How it works."""
        return self.text("technique")

    @property
    def prediction_target(self) -> str:
        """What it predicts or decides."""
        return self.text("prediction_target")

    @property
    def stakeholders(self) -> str:
        """Whom it concerns."""
        return self.text("stakeholders")
