"""Published versions of the rules, the texts written here, and drafts of further ones."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .states import PACK, RULE_DRAFT, DraftState, PackState


class RulePack(models.Model):
    """One version of one kind of rules: laws, thresholds, fee schedules, deviation bands."""

    lifecycle = PACK

    reference = models.CharField(_("reference"), max_length=48, unique=True)
    kind = models.CharField(_("kind"), max_length=24)
    effective_on = models.DateField(_("effective on"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    status = models.CharField(
        _("status"), max_length=24, choices=PackState.choices, default=PackState.DRAFT
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("rule pack")
        verbose_name_plural = _("rule packs")

    def __str__(self) -> str:
        return self.reference


class PackText(models.Model):
    """The text of a version that was written here instead of shipped as a file; append-only."""

    reference = models.CharField(_("reference"), max_length=48, unique=True)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of a rule pack")
        verbose_name_plural = _("texts of rule packs")

    def __str__(self) -> str:
        return self.reference


class RuleDraft(models.Model):
    """A version in the making. Who wrote any of it does not approve it.

    `seal` is of kind, day and text as they were approved: another text, another day, no approval.
    """

    lifecycle = RULE_DRAFT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=24)
    base = models.CharField(_("begun from"), max_length=48)
    authority = models.CharField(_("authority"), max_length=32)
    reason = models.CharField(_("reason"), max_length=500)
    text = models.TextField(_("text"))
    version = models.PositiveIntegerField(_("version of the draft"), default=1)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=24, choices=DraftState.choices, default=DraftState.EDITING
    )
    status_since = models.DateTimeField(_("since"))
    status_reason = models.CharField(_("reason of the state"), max_length=500, blank=True)
    authors = models.JSONField(_("written by"), default=list)
    started_at = models.DateTimeField(_("started"))
    seal = models.CharField(_("approved seal"), max_length=64, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=96, blank=True)
    published_as = models.CharField(_("published as"), max_length=48, blank=True)

    class Meta:
        verbose_name = _("draft of rules")
        verbose_name_plural = _("drafts of rules")
        ordering = ("-started_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(status__in=["APPROVED", "PUBLISHED"])
                | (
                    ~models.Q(seal="")
                    & ~models.Q(approved_by="")
                    & models.Q(effective_on__isnull=False)
                ),
                name="rule_draft_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="PUBLISHED") | ~models.Q(published_as=""),
                name="rule_draft_published_as_pack",
            ),
        )

    def __str__(self) -> str:
        return self.reference
