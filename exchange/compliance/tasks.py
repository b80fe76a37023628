"""Screenings as background work, begun by the submission of a release; derivations as well."""

import logging
from datetime import date, datetime
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.disclosure.events import DisclosurePublished, SuspensionLifted
from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from audit.log.reactions import on
from audit.rulebook.events import PackPublished, PackWithdrawn
from audit.rulebook.queries import day_of, find_pack, forget_packs
from exchange.catalog.events import ReleaseSubmitted, ReleaseWithdrawn
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState

from . import belonging, letters, services
from .case_events import AppealRescreened
from .events import DerivationRequested, RegradeOpened, ScreeningQueued
from .models import (
    Derivation,
    Rescreening,
    Screening,
)
from .queries import unfinished_screening
from .resting import DECIDES, may_judge, waiting_screenings
from .states import ScreeningState

logger = logging.getLogger(__name__)

BY = Actor.system("compliance")
CHUNK = 20.0
"""Seconds for which one message works on a run; the embedded dispatcher waits no longer for it."""


@on(ReleaseSubmitted)
def screen_submitted(*, entry: Entry, event: ReleaseSubmitted, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Line a submitted release up and have it read after this transaction."""
    release = Release.objects.select_related("product__provider").get(reference=event.release)
    if release.status != ReleaseState.SUBMITTED or unfinished_screening(release):
        return
    screening = services.queue_screening(release=release, by=BY, at=at)
    transaction.on_commit(lambda: carry_out.delay(reference=screening.reference))


@on(ScreeningQueued)
def read_on_request(*, entry: Entry, event: ScreeningQueued, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have a release read that a person lined up; programs hand out what they line up."""
    if not entry.actor.startswith("system:"):
        transaction.on_commit(lambda: carry_out.delay(reference=event.screening))


@on(DisclosurePublished)
def read_disclosed_models(*, entry: Entry, event: DisclosurePublished, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Read models again that were held until their disclosure is in force."""
    for screening in services.read_models_again(
        algorithm=event.algorithm,
        owner=event.organization,
        disclosure=event.disclosure,
        by=BY,
        at=at,
    ):
        transaction.on_commit(partial(carry_out.delay, reference=screening.reference))


@on(SuspensionLifted, DisclosurePublished)
def read_what_waited(
    *,
    entry: Entry,  # noqa: ARG001  all reactions take the entry
    event: SuspensionLifted | DisclosurePublished,
    at: datetime,  # noqa: ARG001  the same
) -> None:
    """Go on with what waited for an algorithm of the exchange, once it may decide again."""
    if event.organization or event.algorithm not in DECIDES or not may_judge():
        return
    for reference in waiting_screenings().values_list("reference", flat=True):
        transaction.on_commit(partial(carry_out.delay, reference=reference))


@on(RegradeOpened)
def grade_again(*, entry: Entry, event: RegradeOpened, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Read a release again whose grading was called for, where it is on the market."""
    release = Release.objects.select_related("product__provider").get(reference=event.release)
    if release.status != ReleaseState.CLEARED or unfinished_screening(release):
        return
    screening = services.queue_screening(release=release, by=BY, at=at)
    transaction.on_commit(lambda: carry_out.delay(reference=screening.reference))


@shared_task(acks_late=True, ignore_result=True)
def carry_out(*, reference: str) -> None:
    """Read the release of one queued screening."""
    screening = Screening.objects.select_related("release__product__provider").get(
        reference=reference
    )

    def spread(parts: int) -> None:
        for _helper in range(min(parts, settings.SCREENING_WORKERS) - 1):
            lend_a_hand.delay(reference=reference)

    alone = settings.CELERY_TASK_ALWAYS_EAGER
    try:
        services.run_screening(
            screening=screening,
            at=timezone.now(),
            spread=None if alone else spread,
            clock=timezone.now,
        )
    except WrongState:
        logger.info("screening %s is already in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def lend_a_hand(*, reference: str) -> None:
    """Read parts of a screening that is spread over workers."""
    screening = Screening.objects.select_related(
        "release__product__provider", "release__product__rights", "release__table"
    ).get(reference=reference)
    try:
        services.help_screening(screening=screening, clock=timezone.now)
    except WrongState:
        logger.info("screening %s is over", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_screenings() -> None:
    """Take up what a killed worker left, and what was queued and never begun."""
    now = timezone.now()
    waiting = waiting_screenings().filter(created_at__lt=now - services.SILENCE)
    references = list(waiting.values_list("reference", flat=True)) if may_judge() else []
    references += [screening.reference for screening in services.recover_screenings(at=now)]
    for reference in references:
        carry_out.delay(reference=reference)
    for screening in services.forsaken_screenings(now):
        lend_a_hand.delay(reference=screening.reference)


@on(PackPublished)
def plan_for_new_rules(*, entry: Entry, event: PackPublished, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Begin to read what a new version of the rules touches, ahead of its day."""
    kind = event.pack.partition("@")[0]
    if kind != "compliance" or date.fromisoformat(event.effective_on) <= day_of(at):
        return
    forget_packs()  # published a moment ago, perhaps by another process
    if find_pack(event.pack) is not None:
        services.plan_rescreening(pack=event.pack, by=BY, at=at)


@on(PackWithdrawn)
def cancel_for_withdrawn_rules(*, entry: Entry, event: PackWithdrawn, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """End the reading for rules that will not bind."""
    services.cancel_rescreening(pack=event.pack, reason=event.reason, by=BY, at=at)


@shared_task(acks_late=True, ignore_result=True)
def rescreen_outdated() -> None:
    """Put new rules into effect when their day has come, and have workers at every open run."""
    now = timezone.now()
    for run in services.begin_due(at=now):
        taken = run.items.filter(taken_until__gt=now, settled_at=None).count()
        wanted = min(services.free_items(run, now).count(), settings.RESCREENING_WORKERS - taken)
        for _worker in range(wanted):
            rescreen.delay(reference=run.reference)


@shared_task(acks_late=True, ignore_result=True)
def rescreen(*, reference: str) -> None:
    """Work on a run for a while; another message goes on where this one ends."""
    run = Rescreening.objects.get(reference=reference)
    done = services.work_on(run=run, clock=timezone.now, seconds=CHUNK)
    if done and not settings.CELERY_TASK_ALWAYS_EAGER and services.free_items(run, timezone.now()):
        rescreen.delay(reference=reference)


@on(DerivationRequested)
def derive_requested(*, entry: Entry, event: DerivationRequested, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have a derived release made after this transaction."""
    transaction.on_commit(lambda: carry_out_derivation.delay(reference=event.derivation))


@shared_task(acks_late=True, ignore_result=True)
def carry_out_derivation(*, reference: str) -> None:
    """Make one queued derivation."""
    rows = Derivation.objects.select_related("source__product__provider", "product__provider")
    try:
        services.carry_out_derivation(derivation=rows.get(reference=reference), clock=timezone.now)
    except WrongState:
        logger.info("derivation %s is already in other hands", reference)


@shared_task(acks_late=True, ignore_result=True)
def resume_derivations() -> None:
    """Take up derivations that a killed worker left, and those that were queued and never begun."""
    now = timezone.now()
    services.resume_derivations(at=now)
    for reference in services.derivations_to_hand_out(at=now):
        carry_out_derivation.delay(reference=reference)


@shared_task(acks_late=True, ignore_result=True)
def run_export_clocks() -> None:
    """End the evidence for exports that is over, and remind of what has to be renewed."""
    services.expire_filings(at=timezone.now())


@on(AppealRescreened)
def read_on_appeal(*, entry: Entry, event: AppealRescreened, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Have the release read whose screening an appeal brought about."""
    release = Release.objects.get(reference=event.release)
    screening = unfinished_screening(release)
    if screening is not None:
        reference = screening.reference
        transaction.on_commit(lambda: carry_out.delay(reference=reference))


@on(ReleaseWithdrawn)
def close_cases_of_withdrawn(*, entry: Entry, event: ReleaseWithdrawn, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Close what was open on a release that its provider took back."""
    release = Release.objects.select_related("product").get(reference=event.release)
    with transaction.atomic():
        services.close_cases(release, reason="withdrawn", at=at)


@shared_task(acks_late=True, ignore_result=True)
def watch_cases() -> None:
    """Remind, mark what was missed, let approvals lapse, and read again what waits for it."""
    now = timezone.now()
    services.watch_limits(at=now)
    services.read_again(at=now)
    lined_up = Screening.objects.filter(status=ScreeningState.QUEUED, created_at=now)
    for reference in lined_up.values_list("reference", flat=True):
        carry_out.delay(reference=reference)


__all__ = ["belonging", "letters"]
