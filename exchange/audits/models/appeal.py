"""Appeals of who is affected by a decision of an algorithm. No row holds a word of a person."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.audits.states import ALGORITHM_APPEAL, OUTCOMES, WAITING, AppealState, Wish


class AlgorithmAppeal(models.Model):
    """An appeal (《互联网信息服务算法推荐管理规定》第二十二条: 用户申诉).

    Name, contact, grounds and answers are statements of the log, sealed under the key of `person`
    (a member's public id, or a pseudonym made for this appeal). Destroying the key erases them.
    """

    lifecycle: ClassVar[Lifecycle] = ALGORITHM_APPEAL

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48)
    owner = models.CharField(_("owner"), max_length=24, blank=True, db_index=True)
    disclosure = models.CharField(_("disclosure"), max_length=24)
    decision = models.CharField(_("decision"), max_length=24, blank=True)
    inference = models.CharField(_("inference"), max_length=64, blank=True)
    organization = models.CharField(_("appealing organization"), max_length=24, blank=True)
    person = models.CharField(_("appealing person"), max_length=64)
    secret_sha256 = models.CharField(_("digest of the receipt's secret"), max_length=64, blank=True)
    wish = models.CharField(_("asks for"), max_length=16, choices=Wish)
    status = models.CharField(
        _("status"), max_length=24, choices=AppealState, default=AppealState.LODGED
    )
    status_since = models.DateTimeField(_("since"))
    instance = models.PositiveSmallIntegerField(_("instance"), default=1)
    pack = models.CharField(_("rules"), max_length=40)
    lodged_at = models.DateTimeField(_("lodged"))
    due_on = models.DateField(_("answer due"))
    reminded_on = models.DateField(_("reminded"), null=True, blank=True)
    extended_on = models.DateField(_("extended"), null=True, blank=True)
    answered_for = models.CharField(
        pgettext_lazy("organization", "answered by"), max_length=24, blank=True
    )
    answered_at = models.DateTimeField(pgettext_lazy("time", "answered"), null=True, blank=True)
    overridden = models.BooleanField(_("decision replaced by a person's"), default=False)
    erased_at = models.DateTimeField(pgettext_lazy("time", "person erased"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal against an algorithm")
        verbose_name_plural = _("appeals against algorithms")
        ordering = ("-lodged_at", "-pk")
        indexes = (models.Index(fields=["status", "due_on"], name="algorithm_appeal_queue"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status__in=OUTCOMES) | Q(answered_at__isnull=False),
                name="algorithm_appeal_has_answer",
            ),
            models.CheckConstraint(
                condition=Q(instance__in=[1, 2]), name="algorithm_appeal_two_instances"
            ),
            models.CheckConstraint(
                condition=Q(organization="") | Q(secret_sha256=""),
                name="algorithm_appeal_member_or_receipt",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_waiting(self) -> bool:
        """Whether somebody owes an answer."""
        return self.status in WAITING

    @property
    def is_with_account(self) -> bool:
        """Whether the person has an account, so that there is no receipt."""
        return not self.secret_sha256

    def is_late(self, on: date) -> bool:
        """Whether an answer is owed and its day has passed."""
        return self.is_waiting and on > self.due_on
