"""Evaluation reports: what came of measuring somebody's algorithm on rows it had never seen."""

import json
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.disclosure.wording import VERDICTS

from .disclosure import Disclosure


class EvaluationReport(models.Model):
    """The signed result of one evaluation run; written once, never changed.

    `metric`, `declared`, `measured`, its 95 % interval and `baseline` are of the claim that the
    card names first; `judged_by` may be another metric where that one flatters. Figures are texts
    of three significant digits, as everybody sees them; empty where nothing could be measured.
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="evaluations")
    run = models.CharField(_("evaluation run"), max_length=24, unique=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=list(VERDICTS.items()))
    contradicted = models.BooleanField(_("a finding speaks against the disclosure"))
    metric = models.CharField(_("metric"), max_length=120, blank=True)
    judged_by = models.CharField(_("judged by"), max_length=40, blank=True)
    declared = models.CharField(_("declared"), max_length=40, blank=True)
    measured = models.CharField(_("measured"), max_length=40, blank=True)
    ci_low = models.CharField(_("interval from"), max_length=40, blank=True)
    ci_high = models.CharField(_("interval to"), max_length=40, blank=True)
    baseline = models.CharField(_("simple rule"), max_length=40, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    evaluation_set = models.CharField(_("evaluation set"), max_length=24, db_index=True)
    set_sha256 = models.CharField(_("digest of the set"), max_length=64)
    model_sha256 = models.CharField(_("digest of the model"), max_length=64)
    document = models.TextField(_("signed document"))
    document_sha256 = models.CharField(_("digest of the document"), max_length=64)
    signature = models.CharField(_("signature"), max_length=128)
    signer = models.CharField(_("signing key"), max_length=160)
    measured_at = models.DateTimeField(_("measured at"), db_index=True)

    class Meta:
        verbose_name = _("evaluation report")
        verbose_name_plural = _("evaluation reports")
        ordering = ("-measured_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(document="") & ~Q(signature=""), name="evaluation_report_is_signed"
            ),
        )

    def __str__(self) -> str:
        """Name the report by its reference."""
        return self.reference

    @property
    def is_bad_news(self) -> bool:
        """Whether somebody has to act: a claim that does not hold, or a finding against it."""
        return self.contradicted or self.verdict not in ("CONFIRMED", "WITHIN_ERROR")

    @cached_property
    def content(self) -> dict[str, Any]:
        """The signed document as plain values."""
        found: dict[str, Any] = json.loads(self.document)
        return found

    @property
    def evaluation(self) -> dict[str, Any]:
        """Figures, groups, calibration, confusion and findings, as `publishing` writes them."""
        found: dict[str, Any] = self.content["evaluation"]
        return found
