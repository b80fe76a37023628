"""What follows from news of others, and what the clock does."""

import logging
from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on
from audit.retention.belonging import Thing, belongs
from exchange.catalog.events import ListingResumed, ListingSuspended, QualityRequested
from exchange.catalog.models import Product, QualityReport
from exchange.catalog.quality import window_of
from exchange.catalog.services import measure_quality, resume_quality

from . import services
from .models import Access
from .queries import accesses_ended
from .rules import COMPUTED_FORMS

logger = logging.getLogger(__name__)

BY = Actor.system("delivery")


@belongs("object")
def order_of_answer(reference: str) -> Iterable[Thing]:
    """Name the order under which an answer was computed."""
    rows = Access.objects.filter(object=reference, form__in=COMPUTED_FORMS)
    return [("order", order) for order in rows.values_list("grant__order", flat=True)]


@on(ListingSuspended)
def suspend_with_listing(*, entry: Entry, event: ListingSuspended, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Stop the grants of a suspended product; access was refused from the suspension on."""
    product = Product.objects.get(reference=event.product)
    services.suspend_grants(product=product, reason=event.reason, by=BY, at=at)


@on(ListingResumed)
def resume_with_listing(*, entry: Entry, event: ListingResumed, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Open the grants again that the suspension stopped."""
    product = Product.objects.get(reference=event.product)
    services.resume_grants(product=product, reason=event.reason, by=BY, at=at)


@shared_task(acks_late=True, ignore_result=True)
def close_what_is_over() -> None:
    """Expire grants and close accesses whose time ran out."""
    now = timezone.now()
    services.expire_grants(now)
    services.close_accesses(now)


@on(QualityRequested)
def measure_requested(*, entry: Entry, event: QualityRequested, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have the quality of a release measured after this transaction.

    It is done here, because accessibility is measured on the accesses that delivery keeps.
    """
    transaction.on_commit(lambda: carry_out_measuring.delay(reference=event.quality))


@shared_task(acks_late=True, ignore_result=True)
def carry_out_measuring(*, reference: str) -> None:
    """Measure what one queued report is about."""
    rows = QualityReport.objects.select_related("release__product__provider", "release__table")
    report = rows.select_related("rules").get(reference=reference)
    since, until = window_of(timezone.now())
    accesses = accesses_ended(report.release.product, since=since, until=until)
    try:
        measure_quality(report=report, accesses=accesses, clock=timezone.now)
    except WrongState:
        logger.info("quality report %s is already in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_measuring() -> None:
    """Take up reports that a killed worker left, and those that were queued and never begun."""
    for reference in resume_quality(at=timezone.now()):
        carry_out_measuring.delay(reference=reference)
