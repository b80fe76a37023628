"""Sealed evaluation sets, what owners of algorithms hand in, and the runs that measure."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle

from .states import (
    EVALUATION_RUN,
    EVALUATION_SET,
    UNDER_WAY,
    FileKind,
    RunKind,
    RunState,
    SetState,
)


class EvaluationSet(models.Model):
    """Rows with answers that nobody who is measured on them ever sees (封存评测集).

    `columns` are rows of name, kind (number, text, matrix) and width. `commitment` is the SHA-256
    of a canonical document of `salt`, digest and description (see `services.sealing`); it stands
    in the log from the day of the sealing on, the salt does not.
    """

    lifecycle: ClassVar[Lifecycle] = EVALUATION_SET

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    sealed_by = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="evaluation_sets",
        verbose_name=_("sealed by"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=SetState.choices, default=SetState.SEALED
    )
    title = models.CharField(_("title"), max_length=120)
    task = models.CharField(_("task"), max_length=24)
    target = models.CharField(_("column of the answers"), max_length=200)
    features = models.JSONField(_("features"), default=list)
    group_columns = models.JSONField(_("columns whose groups are compared"), default=list)
    query_column = models.CharField(_("column of the query"), max_length=200, blank=True)
    time_column = models.CharField(_("column of time"), max_length=200, blank=True)
    positive_class = models.CharField(_("positive class"), max_length=200, blank=True)
    columns = models.JSONField(_("columns"), default=list)
    rows = models.PositiveIntegerField(_("rows"))
    provenance = models.TextField(_("where the rows are from"))
    licence = models.CharField(_("license"), max_length=120)
    stored = models.OneToOneField(
        "vault.StoredObject",
        on_delete=models.PROTECT,
        related_name="evaluation_set",
        verbose_name=_("sealed file"),
    )
    sha256 = models.CharField(_("digest of the file"), max_length=64)
    salt = models.CharField(_("salt"), max_length=64)
    commitment = models.CharField(_("commitment"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    retire_reason = models.TextField(_("reason of the retirement"), blank=True)

    class Meta:
        verbose_name = _("evaluation set")
        verbose_name_plural = _("evaluation sets")
        ordering = ("-sealed_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=SetState.SEALED, retired_at__isnull=True)
                | (Q(status=SetState.RETIRED, retired_at__isnull=False) & ~Q(retire_reason="")),
                name="evaluation_set_retired_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_sealed(self) -> bool:
        """Whether algorithms may be measured on it."""
        return self.status == SetState.SEALED


class AlgorithmFile(models.Model):
    """A model or rows that the owner of an algorithm handed in, and what was seen in the file.

    `seen` of a model: inputs, outputs, operators, techniques; of rows: columns and their number.
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organization = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="algorithm_files",
        verbose_name=_("owner"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=FileKind.choices)
    stored = models.OneToOneField(
        "vault.StoredObject",
        on_delete=models.PROTECT,
        related_name="algorithm_file",
        verbose_name=_("file"),
    )
    sha256 = models.CharField(_("digest of the file"), max_length=64)
    seen = models.JSONField(_("seen in the file"), default=dict)
    handed_in_at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("file of an algorithm")
        verbose_name_plural = _("files of algorithms")
        ordering = ("-handed_in_at", "-pk")

    def __str__(self) -> str:
        return self.reference


class EvaluationRun(models.Model):
    """One measurement of one version of a disclosure: its model on a set, or on own rows.

    `card` is the technical part that the owner gave; `limits` the bounds of the children in seconds
    and bytes. `report` names the signed report in the register; a rehearsal has its `result` here.
    """

    lifecycle: ClassVar[Lifecycle] = EVALUATION_RUN

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=RunKind.choices)
    disclosure = models.ForeignKey(
        "disclosure.Disclosure", on_delete=models.PROTECT, related_name="evaluation_runs"
    )
    owner = models.CharField(_("owner of the algorithm"), max_length=24, blank=True, db_index=True)
    model_object = models.ForeignKey(
        "vault.StoredObject", on_delete=models.PROTECT, related_name="+", verbose_name=_("model")
    )
    model_source = models.CharField(_("file or release of the model"), max_length=24)
    evaluation_set = models.ForeignKey(
        EvaluationSet,
        on_delete=models.PROTECT,
        related_name="runs",
        null=True,
        blank=True,
        verbose_name=_("evaluation set"),
    )
    own_rows = models.ForeignKey(
        AlgorithmFile,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("own rows"),
    )
    training = models.ForeignKey(
        AlgorithmFile,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("training rows"),
    )
    card = models.JSONField(_("technical part of the card"), default=dict)
    limits = models.JSONField(pgettext_lazy("evaluation run", "limits"), default=dict)
    status = models.CharField(
        _("status"), max_length=24, choices=RunState.choices, default=RunState.QUEUED
    )
    stage = models.CharField(_("stage"), max_length=24, blank=True)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("in all"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=96)
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    report = models.CharField(_("report in the register"), max_length=24, blank=True)
    result = models.TextField(_("result"), blank=True)
    result_sha256 = models.CharField(_("digest of the result"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("evaluation run")
        verbose_name_plural = _("evaluation runs")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=RunKind.SEALED, evaluation_set__isnull=False, own_rows=None)
                | Q(kind=RunKind.REHEARSAL, evaluation_set=None, own_rows__isnull=False),
                name="evaluation_run_on_one_kind_of_rows",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RunKind.SEALED) | Q(result=""),
                name="evaluation_run_sealed_result_in_register",
            ),
            models.CheckConstraint(
                condition=~Q(status=RunState.DONE) | ~Q(result_sha256=""),
                name="evaluation_run_done_has_result",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[RunState.FAILED, RunState.CANCELLED]) | ~Q(failure=""),
                name="evaluation_run_ended_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["owner", "evaluation_set", "requested_at"])]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_under_way(self) -> bool:
        """Whether somebody still works on it, or will."""
        return self.status in UNDER_WAY

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is on rows of the owner's own, and in no register."""
        return self.kind == RunKind.REHEARSAL

    @property
    def progress(self) -> int:
        """Percentage of the present stage."""
        if self.status == RunState.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def rows_sha256(self) -> str:
        """Digest of the rows it measures on."""
        source: Any = self.own_rows or self.evaluation_set
        return str(source.sha256)
