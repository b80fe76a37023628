"""Decisions of algorithms, and what people made of them. Neither is ever changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .states import Result


class Decision(models.Model):
    """One decision of one of the platform's algorithms, under the disclosure in force then.

    《个人信息保护法》第二十四条, 《算法推荐管理规定》第二十八条. What was put in is kept by digest
    only; `output` and `explanation` hold codes and figures, worded when they are shown.
    `concerning` is the reference of the organization it is about, empty where it is nobody's own.
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48, db_index=False)
    disclosure = models.ForeignKey(
        "disclosure.Disclosure",
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("disclosure in force"),
    )
    subject_kind = models.CharField(_("kind of thing"), max_length=32)
    subject = models.CharField(_("thing decided about"), max_length=64)
    concerning = models.CharField(_("organization concerned"), max_length=24, blank=True)
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    output = models.JSONField(_("output"))
    explanation = models.JSONField(_("explanation"))
    taken_at = models.DateTimeField(_("taken at"))

    class Meta:
        verbose_name = _("decision of an algorithm")
        verbose_name_plural = _("decisions of algorithms")
        ordering = ("-taken_at", "-pk")
        indexes = [
            models.Index(fields=["subject_kind", "subject"], name="decision_subject"),
            models.Index(fields=["concerning", "-taken_at", "-id"], name="decision_concerning"),
            models.Index(fields=["algorithm", "-taken_at", "-id"], name="decision_algorithm"),
            models.Index(fields=["-taken_at", "-id"], name="decision_newest"),
        ]

    def __str__(self) -> str:
        """Name the decision by its reference."""
        return self.reference


class Override(models.Model):
    """What a person made of a decision: another outcome, or the same after a look of its own."""

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("decision")
    )
    result = models.CharField(_("result"), max_length=16, choices=Result)
    outcome = models.CharField(_("outcome instead"), max_length=200)
    reason = models.TextField(_("reason"))
    actor = models.CharField(pgettext_lazy("actor", "person"), max_length=80)
    organization = models.CharField(_("for the organization"), max_length=24, blank=True)
    overridden_at = models.DateTimeField(_("overridden at"))

    class Meta:
        verbose_name = _("override of a decision")
        verbose_name_plural = _("overrides of decisions")
        ordering = ("overridden_at", "pk")

    def __str__(self) -> str:
        """Name the override by its reference."""
        return self.reference


class Seal(models.Model):
    """One batch of standing decisions: its hash tree's root is in the log, the rows lead to it."""

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    count = models.PositiveIntegerField(_("decisions"))
    root_sha256 = models.CharField(_("root of the hash tree"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"), db_index=True)

    class Meta:
        verbose_name = _("seal of decisions")
        verbose_name_plural = _("seals of decisions")
        ordering = ("-sealed_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=models.Q(count__gte=1), name="seal_of_some"),
        ]

    def __str__(self) -> str:
        """Name the seal by its reference."""
        return self.reference


class StandingDecision(models.Model):
    """A decision that is the same for whoever asks the same: the order of a search's results.

    It is kept once, without who asked; `key_sha256` is of the disclosure, the inputs and the
    output. Unsealed rows wait for the next batch. Rows of a seal are destroyed together when the
    term of network logs is over (《网络安全法》第二十三条).
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48)
    disclosure = models.ForeignKey(
        "disclosure.Disclosure",
        on_delete=models.PROTECT,
        related_name="standing_decisions",
        verbose_name=_("disclosure in force"),
    )
    key_sha256 = models.CharField(_("digest of the decision"), max_length=64, unique=True)
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    output = models.JSONField(_("output"))
    explanation = models.JSONField(_("explanation"))
    taken_at = models.DateTimeField(_("taken at"), db_index=True)
    seal = models.ForeignKey(
        Seal,
        on_delete=models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
        verbose_name=_("seal"),
    )

    subject_kind = "search"
    concerning = ""

    class Meta:
        verbose_name = _("standing decision")
        verbose_name_plural = _("standing decisions")
        ordering = ("-taken_at", "-pk")

    def __str__(self) -> str:
        """Name the decision by its reference."""
        return self.reference

    @property
    def subject(self) -> str:
        """The search, known by the digest of what was asked."""
        return self.inputs_sha256[:16]
