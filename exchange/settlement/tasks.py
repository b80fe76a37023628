"""What the clock does to the ledger, and measurements as background work."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on

from . import services
from .events import MeasurementRequested
from .models import ValueMeasurement

logger = logging.getLogger(__name__)

BY = Actor.system("settlement")


@shared_task(acks_late=True, ignore_result=True)
def return_expired_holds() -> None:
    """Give money back whose time in escrow ran out."""
    services.expire_holds(at=timezone.now())


@on(MeasurementRequested)
def measure_requested(*, entry: Entry, event: MeasurementRequested, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have a requested measurement carried out after this transaction."""
    transaction.on_commit(lambda: measure.delay(reference=event.measurement))


@shared_task(acks_late=True, ignore_result=True)
def measure(*, reference: str) -> None:
    """Carry out one measurement."""
    measurement = ValueMeasurement.objects.select_related("agreement__product").get(
        reference=reference
    )
    try:
        services.run_measurement(measurement=measurement, by=BY, clock=timezone.now)
    except WrongState:
        logger.info("measurement %s is already in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_measurements() -> None:
    """Take up what a killed worker left, and what was queued and never begun."""
    for measurement in services.recover_measurements(by=BY, at=timezone.now()):
        measure.delay(reference=measurement.reference)
