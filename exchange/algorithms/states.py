"""Lives of evaluation sets and of runs, and what an owner hands in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class SetState(models.TextChoices):
    """Whether algorithms are measured on a set (封存评测集)."""

    SEALED = "SEALED", _("sealed")
    RETIRED = "RETIRED", pgettext_lazy("evaluation set", "retired")


EVALUATION_SET = Lifecycle(
    "evaluation_set",
    SetState,
    initial=SetState.SEALED,
    retire=Step({SetState.SEALED}, SetState.RETIRED),
)
"""A set whose rows became known is burnt: nothing is measured on it again."""


class RunState(models.TextChoices):
    """How far a measurement is (评测任务)."""

    QUEUED = "QUEUED", pgettext_lazy("evaluation run", "waiting for a worker")
    RUNNING = "RUNNING", pgettext_lazy("evaluation run", "running")
    DONE = "DONE", pgettext_lazy("evaluation run", "measured")
    FAILED = "FAILED", pgettext_lazy("evaluation run", "failed")
    CANCELLED = "CANCELLED", pgettext_lazy("evaluation run", "cancelled")


UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)

EVALUATION_RUN = Lifecycle(
    "evaluation_run",
    RunState,
    initial=RunState.QUEUED,
    start=Step({RunState.QUEUED}, RunState.RUNNING),
    resume=Step({RunState.RUNNING}, RunState.QUEUED),
    finish=Step({RunState.RUNNING}, RunState.DONE),
    fail=Step({RunState.QUEUED, RunState.RUNNING}, RunState.FAILED),
    cancel=Step({RunState.QUEUED, RunState.RUNNING}, RunState.CANCELLED),
)


class RunKind(models.TextChoices):
    """On whose rows is measured."""

    SEALED = "SEALED", _("on a sealed set, for the register")
    REHEARSAL = "REHEARSAL", _("rehearsal on own rows, not in the register")


class FileKind(models.TextChoices):
    """What the owner of an algorithm hands in."""

    MODEL = "MODEL", _("model (ONNX)")
    ROWS = "ROWS", _("rows (Parquet)")
