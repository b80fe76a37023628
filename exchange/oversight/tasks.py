"""Evidence bundles as background work, saved searches, and mails about what was stopped."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from audit.disclosure.events import AlgorithmEvaluated, DisclosureSuspended, SuspensionLifted
from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.events import Event
from audit.log.models import Entry
from audit.log.reactions import on
from exchange.audits.appeal_events import (
    AlgorithmAppealLodged,
    AlgorithmAppealMissed,
    AlgorithmAppealReminded,
)
from exchange.audits.events import (
    AuditMissed,
    AuditReminded,
    FindingEscalated,
    FindingRaised,
    FindingReminded,
)
from exchange.compliance.events import ReleaseStopped
from pricing.adjustment.events import PriceStepAnnounced, PriceStepProposed

from .evidence import services
from .models import EvidenceBundle
from .retention import destroy_due
from .services.audit_notices import tell_of_audit, tell_of_suspension
from .services.evaluation_notices import tell_of_evaluation
from .services.notices import tell_of_stop
from .services.price_notices import ask_for_consent, tell_of_price
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


@on(PriceStepProposed)
def ask_the_provider(
    *,
    entry: Entry,
    event: PriceStepProposed,
    at: datetime,  # noqa: ARG001  reactions are called with it
) -> None:
    """Ask the provider for the yes that a step needs."""
    ask_for_consent(entry=entry, event=event)


@on(PriceStepAnnounced)
def tell_of_a_price_change(*, entry: Entry, event: PriceStepAnnounced, at: datetime) -> None:
    """Tell provider, subscribers and who asked or ordered lately that a price will change."""
    tell_of_price(entry=entry, event=event, at=at)


@on(AlgorithmEvaluated)
def tell_of_a_claim_that_fails(
    *,
    entry: Entry,
    event: AlgorithmEvaluated,
    at: datetime,  # noqa: ARG001  reactions are called with it
) -> None:
    """Tell owner and regulators of a claim that a measurement does not bear out."""
    tell_of_evaluation(entry=entry, event=event)


@on(
    AuditReminded,
    AuditMissed,
    FindingRaised,
    FindingReminded,
    FindingEscalated,
    AlgorithmAppealLodged,
    AlgorithmAppealReminded,
    AlgorithmAppealMissed,
)
def write_about_audits(*, entry: Entry, event: Event, at: datetime) -> None:  # noqa: ARG001  all reactions take the time
    """Tell who has to act on an audit, a finding or an appeal."""
    tell_of_audit(entry=entry, event=event)


@on(DisclosureSuspended, SuspensionLifted)
def write_about_suspensions(
    *,
    entry: Entry,
    event: DisclosureSuspended | SuspensionLifted,
    at: datetime,  # noqa: ARG001  all reactions take the time
) -> None:
    """Tell whom decisions of a suspended algorithm concern, and when it decides again."""
    tell_of_suspension(entry=entry, event=event)
