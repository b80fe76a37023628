"""Evidence bundles as background work, saved searches, and mails about what was stopped."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on
from exchange.compliance.events import ReleaseStopped

from .evidence import services
from .models import EvidenceBundle
from .retention import destroy_due
from .services.notices import tell_of_stop
from .services.searches import run_due_searches

logger = logging.getLogger(__name__)


def begin_bundles() -> None:
    """Hand what waits to workers; without a broker it is made at once."""
    for reference in services.bundles_to_hand_out(at=timezone.now()):
        carry_out_bundle.delay(reference=reference)


def keep_bundles() -> None:
    """Take up what a killed worker left, and remove what is over."""
    now = timezone.now()
    services.resume_bundles(at=now)
    services.expire_bundles(at=now)


def destroy_what_is_due() -> None:
    """Destroy what has outlived its term and is under no legal hold."""
    destroy_due(by=Actor.system("retention"), at=timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def carry_out_bundle(*, reference: str) -> None:
    """Make one queued bundle."""
    bundle = EvidenceBundle.objects.select_related("organization").get(reference=reference)
    try:
        services.make_bundle(bundle=bundle, clock=timezone.now)
    except WrongState:
        logger.info("evidence bundle %s is in other hands", reference)


def watch_for_searches() -> int:
    """Run the saved searches that are due; return how many entries they found."""
    return run_due_searches(at=timezone.now())


@on(ReleaseStopped)
def tell_those_concerned(*, entry: Entry, event: ReleaseStopped, at: datetime) -> None:
    """Tell provider and buyers with open accesses that new rules have stopped a release."""
    tell_of_stop(entry=entry, event=event, at=at)
