"""Screenings as background work, begun by the submission of a release."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.events import ReleaseSubmitted
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState

from . import services
from .models import Screening
from .queries import unfinished_screening
from .states import ScreeningState

logger = logging.getLogger(__name__)

BY = Actor.system("compliance")


@on(ReleaseSubmitted)
def screen_submitted(*, entry: Entry, event: ReleaseSubmitted, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Line a submitted release up and have it read after this transaction."""
    release = Release.objects.select_related("product__provider").get(reference=event.release)
    if release.status != ReleaseState.SUBMITTED or unfinished_screening(release):
        return
    screening = services.queue_screening(release=release, by=BY, at=at)
    transaction.on_commit(lambda: carry_out.delay(reference=screening.reference))


@shared_task(acks_late=True, ignore_result=True)
def carry_out(*, reference: str) -> None:
    """Read the release of one queued screening."""
    screening = Screening.objects.select_related("release__product__provider").get(
        reference=reference
    )
    try:
        services.run_screening(screening=screening, at=timezone.now())
    except WrongState:
        logger.info("screening %s is already in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_screenings() -> None:
    """Take up what a killed worker left, and what was queued and never begun."""
    now = timezone.now()
    waiting = Screening.objects.filter(
        status=ScreeningState.QUEUED, created_at__lt=now - services.SILENCE
    )
    references = list(waiting.values_list("reference", flat=True))
    references += [screening.reference for screening in services.recover_screenings(at=now)]
    for reference in references:
        carry_out.delay(reference=reference)


@shared_task(acks_late=True, ignore_result=True)
def rescreen_outdated() -> None:
    """Screen again what was cleared under rules that are no longer in effect."""
    now = timezone.now()
    in_effect = get_pack("compliance", on=day_of(now)).label
    outdated = Release.objects.filter(status=ReleaseState.CLEARED).exclude(cleared_pack=in_effect)
    for release in outdated.select_related("product__provider"):
        if unfinished_screening(release) is None:
            screening = services.queue_screening(release=release, by=BY, at=now)
            carry_out.delay(reference=screening.reference)
