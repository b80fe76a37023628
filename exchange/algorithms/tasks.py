"""Measurements as background work."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on

from . import queries, services
from .events import RunRequested

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
