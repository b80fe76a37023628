"""The worker's part: run a model on rows in confined children, and put the result on record.

It takes long and runs outside of any transaction. A worker that is killed leaves a run RUNNING,
which another one takes up.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit.disclosure.evaluation import Card, Evaluation, RunLimits, evaluate, read_frame
from audit.disclosure.evaluation.frames import Frame
from audit.disclosure.evaluation.publishing import publish
from audit.disclosure.services import record_evaluation
from audit.disclosure.wording import describe_reason
from audit.log.actors import Actor, ActorKind
from audit.log.canonical import canonical
from audit.log.errors import DomainError, WrongState
from audit.log.lifecycle import advance
from confined.faults import Fault
from exchange.algorithms import queries
from exchange.algorithms.cards import card_for
from exchange.algorithms.events import RunFailed, RunFinished, RunInterrupted, RunStarted
from exchange.algorithms.models import EvaluationRun
from exchange.algorithms.states import EVALUATION_RUN, RunState
from exchange.vault.models import StoredObject
from exchange.vault.services.objects import plaintext_copy, workdir

from .requesting import cancel_run, named

logger = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 3
PATIENCE: Final = timedelta(minutes=5)
"""What a worker may be silent beyond the time that one child has."""
TOLD_EVERY: Final = 1.0
"""Seconds between two notes of progress."""
UNEXPECTED: Final = "unexpected"
OURS: Final = frozenset({"disk-full", "killed"})
"""Ends of a child that are the exchange's fault, and say nothing about the model."""
Clock = Callable[[], datetime]
Tell = Callable[[int, int | None, str], None]


class Abandoned(Exception):
    """The run was cancelled, or is in other hands."""


def run_evaluation(*, run: EvaluationRun, clock: Clock) -> EvaluationRun:
    """Measure what a queued run is about and finish it; whatever fails on our side ends it.

    Raises WrongState where another worker has it.
    """
    worker = _worker(run)
    if run.evaluation_set is not None and not run.evaluation_set.is_sealed:
        return _give_up(run, worker, clock())
    attempt = run.attempts + 1
    started = RunStarted(**named(run), attempt=attempt)
    changes = {"attempts": attempt, "heartbeat_at": Now(), "stage": "", "done": 0, "total": 0}
    advance(run, EVALUATION_RUN.start, event=started, by=worker, at=clock(), **changes)
    try:
        return _finish(run, measure(run, tell=_teller(run)), worker, clock())
    except Abandoned:
        run.refresh_from_db()
        return run
    except WrongState:
        raise
    except Fault as fault:
        words, reason = describe_reason(fault.what, fault.params), fault.what
    except DomainError as error:
        words, reason = str(error), error.code
    except Exception as error:
        logger.exception("evaluation run %s failed", run.reference)
        words, reason = type(error).__name__, UNEXPECTED
    return _fail(run, words, reason, clock())


def resume_runs(*, at: datetime) -> list[str]:
    """Queue runs anew whose worker fell silent; return all that wait to be handed out."""
    silence = timedelta(seconds=settings.EVALUATION_SECONDS) + PATIENCE
    rows = EvaluationRun.objects.select_related("disclosure")
    for run in rows.filter(status=RunState.RUNNING, heartbeat_at__lt=at - silence):
        if run.attempts >= MOST_ATTEMPTS:
            _fail(run, _("It was interrupted several times."), "interrupted", at)
            continue
        interrupted = RunInterrupted(**named(run), attempt=run.attempts)
        advance(run, EVALUATION_RUN.resume, event=interrupted, by=_worker(run), at=at)
    waiting = Q(requested_at__lt=at - PATIENCE) | Q(attempts__gt=0)
    queued = EvaluationRun.objects.filter(waiting, status=RunState.QUEUED)
    return list(queued.order_by("pk").values_list("reference", flat=True))


def measure(run: EvaluationRun, *, tell: Tell | None = None) -> Evaluation:
    """Measure a run as it was asked for, and keep nothing; the same result at every time."""
    card: Card = card_for(run.disclosure, run.card, run.evaluation_set)
    limits = RunLimits(seconds=run.limits["seconds"], memory=run.limits["memory"])
    source: Any = run.evaluation_set or run.own_rows
    with ExitStack() as stack:
        folder = stack.enter_context(workdir())
        model = stack.enter_context(plaintext_copy(run.model_object)).read_bytes()
        rows = stack.enter_context(_frame(source.stored, folder / "rows", tell))
        training = None
        if run.training is not None:
            training = stack.enter_context(_frame(run.training.stored, folder / "training", tell))
        work = folder / "work"
        work.mkdir()
        return evaluate(
            card, model, rows, train=training, workdir=work, limits=limits, progress=tell
        )


@contextmanager
def _frame(stored: StoredObject, folder: Path, tell: Tell | None) -> Iterator[Frame]:
    folder.mkdir()
    with plaintext_copy(stored) as parquet:
        yield read_frame(parquet, folder=folder, limits=RunLimits(), progress=tell)


def _teller(run: EvaluationRun) -> Tell:
    """Return what notes progress; it raises Abandoned, which kills the child."""
    last: tuple[float, str] = (0.0, "")

    def tell(done: int, total: int | None, stage: str) -> None:
        nonlocal last
        now = time.monotonic()
        if stage == last[1] and now - last[0] < TOLD_EVERY:
            return
        last = (now, stage)
        mine = EvaluationRun.objects.filter(
            pk=run.pk, status=RunState.RUNNING, attempts=run.attempts
        )
        if not mine.update(done=done, total=total or 0, stage=stage[:24], heartbeat_at=Now()):
            raise Abandoned

    return tell


@transaction.atomic
def _finish(
    run: EvaluationRun, evaluation: Evaluation, worker: Actor, at: datetime
) -> EvaluationRun:
    """Put the result on record and end the run, both or neither."""
    if evaluation.reason in OURS:
        words = describe_reason(evaluation.reason, evaluation.reason_params)
        return _fail(run, words, evaluation.reason, at)
    changes: dict[str, Any] = {"finished_at": at}
    if run.evaluation_set is None:
        text = canonical({"type": "algorithm-rehearsal", **publish(evaluation, sealed=False)})
        changes |= {"result": text.decode(), "result_sha256": hashlib.sha256(text).hexdigest()}
    else:
        held = queries.lock_set(run.evaluation_set)
        if not held.is_sealed:
            return _fail(run, _retired(held.retire_reason), "retired", at)
        report = record_evaluation(
            disclosure=run.disclosure,
            evaluation=evaluation,
            run=run.reference,
            evaluation_set=held.reference,
            set_sha256=held.sha256,
            commitment=held.commitment,
            limits=run.limits,
            by=worker,
            at=at,
        )
        changes |= {"report": report.reference, "result_sha256": report.document_sha256}
    finished = RunFinished(
        **named(run),
        evaluation=changes.get("report", ""),
        result_sha256=changes["result_sha256"],
    )
    advance(run, EVALUATION_RUN.finish, event=finished, by=worker, at=at, **changes)
    return run


def _give_up(run: EvaluationRun, worker: Actor, at: datetime) -> EvaluationRun:
    reason = run.evaluation_set.retire_reason if run.evaluation_set else ""
    return cancel_run(run=run, reason=_retired(reason), by=worker, at=at)


def _retired(reason: str) -> str:
    return _("The set was retired: %(reason)s Choose another one.") % {"reason": reason}


def _fail(run: EvaluationRun, words: str, reason: str, at: datetime) -> EvaluationRun:
    failed = RunFailed(**named(run), reason=reason[:200])
    changes = {"failure": words[:4000] or reason, "finished_at": at}
    advance(run, EVALUATION_RUN.fail, event=failed, by=_worker(run), at=at, **changes)
    return run


def _worker(run: EvaluationRun) -> Actor:
    return Actor(
        kind=ActorKind.SYSTEM,
        id="system:evaluation",
        organization=run.owner,
        on_behalf_of=run.requested_by,
    )
