"""Measurements as background work, and what their files belong to."""

import logging
from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on
from audit.retention.belonging import Thing, belongs

from . import queries, services
from .events import RunRequested
from .models import AlgorithmFile, EvaluationSet

logger = logging.getLogger(__name__)


@on(RunRequested)
def measure_requested(*, entry: Entry, event: RunRequested, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have a worker measure after this transaction."""
    transaction.on_commit(lambda: carry_out_evaluation.delay(reference=event.evaluation_run))


@shared_task(acks_late=True, ignore_result=True)
def carry_out_evaluation(*, reference: str) -> None:
    """Measure what one queued run is about."""
    try:
        services.run_evaluation(run=queries.get_run(reference), clock=timezone.now)
    except WrongState:
        logger.info("evaluation run %s is in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_evaluations() -> None:
    """Take up runs that a killed worker left, and those that were queued and never begun."""
    for reference in services.resume_runs(at=timezone.now()):
        carry_out_evaluation.delay(reference=reference)


@belongs("object")
def evaluation_of_object(reference: str) -> Iterable[Thing]:
    """Name the set or the handed-in file whose bytes these are."""
    sets = EvaluationSet.objects.filter(stored__reference=reference)
    files = AlgorithmFile.objects.filter(stored__reference=reference)
    found = [("evaluation_set", name) for name in sets.values_list("reference", flat=True)]
    return found + [("algorithm_file", name) for name in files.values_list("reference", flat=True)]


@belongs("evaluation_set")
def sealer_of_set(reference: str) -> Iterable[Thing]:
    """Name who sealed a set."""
    rows = EvaluationSet.objects.filter(reference=reference)
    return [("organization", name) for name in rows.values_list("sealed_by__reference", flat=True)]


@belongs("algorithm_file")
def owner_of_file(reference: str) -> Iterable[Thing]:
    """Name the owner of a file that was handed in."""
    rows = AlgorithmFile.objects.filter(reference=reference)
    names = rows.values_list("organization__reference", flat=True)
    return [("organization", name) for name in names]
