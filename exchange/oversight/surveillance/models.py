"""Alerts of surveillance, whom each concerns, and how far the log has been watched."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle

from .detection.thresholds import RULES
from .states import ALERT, AlertState, CloseOutcome, DismissGround, SubjectKind


class Alert(models.Model):
    """That a rule fired on certain facts, and what people made of it.

    The facts and figures stay as they were found; `previous` is the alert of the same case that
    this one follows because the case has grown. `key` tells cases apart, `number` counts a case's
    alerts.
    """

    lifecycle: ClassVar[Lifecycle] = ALERT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    rule = models.CharField(_("rule"), max_length=32, choices=[(rule, rule) for rule in RULES])
    key = models.CharField(_("case"), max_length=64)
    number = models.PositiveIntegerField(_("number of the alert of this case"), default=1)
    previous = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_up",
        verbose_name=_("follows"),
    )
    facts_sha256 = models.CharField(_("digest of the facts"), max_length=64, unique=True)
    status = models.CharField(
        _("status"), max_length=24, choices=AlertState.choices, default=AlertState.OPEN
    )
    status_since = models.DateTimeField(_("since"))
    pack = models.CharField(_("rule pack"), max_length=48)
    disclosure = models.CharField(_("algorithm disclosure"), max_length=24, blank=True)
    decision = models.CharField(_("decision of the algorithm"), max_length=24, blank=True)
    score = models.PositiveSmallIntegerField(_("score"))
    measured = models.CharField(_("measured"), max_length=32)
    threshold = models.CharField(_("threshold"), max_length=32)
    excess_rate = models.DecimalField(_("times the threshold"), max_digits=14, decimal_places=4)
    period_from = models.DateTimeField(_("from"))
    period_until = models.DateTimeField(_("until"))
    figures = models.JSONField(_("figures"), default=dict)
    evidence = models.JSONField(_("facts"), default=list)
    raised_at = models.DateTimeField(_("raised at"))
    taken_up_by = models.CharField(_("taken up by"), max_length=96, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=96, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    ground = models.CharField(_("ground"), max_length=16, choices=DismissGround.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=CloseOutcome.choices, blank=True
    )
    closing_reason = models.TextField(_("reason of the outcome"), blank=True)
    closed_by = models.CharField(_("closed by"), max_length=96, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert of surveillance")
        verbose_name_plural = _("alerts of surveillance")
        ordering = ("-raised_at", "-pk")
        indexes = (
            models.Index(fields=["status", "-raised_at"], name="alert_desk"),
            models.Index(fields=["rule", "status"], name="alert_rule"),
        )
        constraints = (
            models.UniqueConstraint(fields=["key", "number"], name="alert_once_per_case_number"),
            models.CheckConstraint(
                condition=Q(number=1, previous__isnull=True)
                | Q(number__gt=1, previous__isnull=False),
                name="alert_follows_one_of_its_case",
            ),
            models.CheckConstraint(
                condition=Q(excess_rate__gte=1), name="alert_reaches_its_threshold"
            ),
            models.CheckConstraint(
                condition=Q(period_until__gte=models.F("period_from")), name="alert_period_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(status=AlertState.DISMISSED) | (~Q(reason="") & ~Q(ground="")),
                name="alert_dismissed_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[AlertState.ESCALATED, AlertState.CLOSED]) | ~Q(reason=""),
                name="alert_escalated_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=AlertState.CLOSED)
                | (~Q(outcome="") & ~Q(closing_reason="") & Q(closed_at__isnull=False)),
                name="alert_closed_with_outcome",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def subjects_of(self, kind: str) -> list[str]:
        """Return the references of one kind that it concerns, in order."""
        return [each.reference for each in self.subjects.all() if each.kind == kind]

    @property
    def organizations(self) -> list[str]:
        """The organizations it concerns."""
        return self.subjects_of(SubjectKind.ORGANIZATION)

    @property
    def products(self) -> list[str]:
        """The products it concerns."""
        return self.subjects_of(SubjectKind.PRODUCT)

    @property
    def orders(self) -> list[str]:
        """The orders it rests on."""
        return self.subjects_of(SubjectKind.ORDER)

    def as_explanation(self) -> dict[str, Any]:
        """Return rule and figures, as they explain the alert."""
        return {
            "rule": self.rule,
            "measured": self.measured,
            "threshold": self.threshold,
            "score": self.score,
            "pack": self.pack,
            "figures": dict(self.figures),
        }


class AlertSubject(models.Model):
    """One organization, product or order that an alert concerns; kept, never edited."""

    alert = models.ForeignKey(
        Alert, on_delete=models.PROTECT, related_name="subjects", verbose_name=_("alert")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=SubjectKind.choices)
    reference = models.CharField(_("reference"), max_length=24)

    class Meta:
        verbose_name = _("subject of an alert")
        verbose_name_plural = _("subjects of alerts")
        ordering = ("kind", "reference")
        indexes = (models.Index(fields=["kind", "reference"], name="alert_subject"),)
        constraints = (
            models.UniqueConstraint(
                fields=["alert", "kind", "reference"], name="alert_subject_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class AlertMeasure(models.Model):
    """A supervision order that was given because of an alert; kept, never edited."""

    alert = models.ForeignKey(
        Alert, on_delete=models.PROTECT, related_name="measures", verbose_name=_("alert")
    )
    supervision = models.OneToOneField(
        "oversight.SupervisionOrder",
        on_delete=models.PROTECT,
        related_name="because_of",
        verbose_name=_("supervision order"),
    )

    class Meta:
        verbose_name = _("measure upon an alert")
        verbose_name_plural = _("measures upon alerts")

    def __str__(self) -> str:
        return f"{self.alert_id} {self.supervision_id}"


class Watch(models.Model):
    """How far the log has been watched; there is one."""

    next_index = models.BigIntegerField(_("next entry to watch"), default=0)
    swept_at = models.DateTimeField(_("watched at"))
    only = models.BooleanField(_("the only one"), default=True, unique=True)

    class Meta:
        verbose_name = _("progress of surveillance")
        verbose_name_plural = _("progress of surveillance")
        constraints = (models.CheckConstraint(condition=Q(only=True), name="watch_only_one"),)

    def __str__(self) -> str:
        return str(self.next_index)
