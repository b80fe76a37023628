"""Screening again what a new version of the rules touches, while it stays on the market.

A run reads every release ahead of the day from which the rules bind and keeps a verdict beside
it; the release is not touched, and nobody is kept from trading. From that day on the verdicts
count at once (`gate`), and each is applied in one short transaction: the clearance is renewed, or
the listing stops. What could not be read in time stays refused until it is.

Any number of workers share a run. An item is taken under a lease that its reading prolongs; what a
killed worker had taken is free again when the lease is over, and every step is done once.
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from audit.decisions.services import NotInForce
from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, find_pack, get_pack
from exchange.catalog.models import Release
from exchange.catalog.states import ProductState, ReleaseState
from exchange.compliance import queries
from exchange.compliance.events import (
    RescreeningApplied,
    RescreeningCancelled,
    RescreeningFinished,
    RescreeningPlanned,
    ScreeningQueued,
)
from exchange.compliance.models import Rescreening, RescreeningItem, Screening
from exchange.compliance.resting import may_judge
from exchange.compliance.states import (
    RESCREENING,
    ItemOutcome,
    RescreeningState,
    ScreeningState,
)

from .applying import apply_verdict, give_up, settle
from .interrupting import mark_failed
from .screening import begin_reading, keep_verdict, read_content
from .verdicts import FILTER

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""After so long without a sign of life the worker that took a release counts as dead."""
PAUSE = timedelta(seconds=20)
"""Before a release is tried again that failed, or that is in other hands."""
MOST_FAILURES = 3
CHOICE = 16
BATCH = 1000
Clock = Callable[[], datetime]


@transaction.atomic
def plan_rescreening(*, pack: str, by: Actor, at: datetime) -> Rescreening:
    """Line up everything that was cleared under other rules; once for each version."""
    found = Rescreening.objects.filter(pack=pack).first()
    if found is not None:
        return found
    version = find_pack(pack)
    if version is None:
        msg = f"there are no rules {pack}"
        raise LookupError(msg)
    run = Rescreening.objects.create(
        reference=new_reference("RS", at),
        pack=pack,
        effective_on=version.effective_on,
        planned_at=at,
    )
    planned = RescreeningPlanned(
        rescreening=run.reference,
        pack=pack,
        effective_on=version.effective_on.isoformat(),
        releases=_add_items(run),
    )
    begin(run, event=planned, by=by, at=at)
    return run


@transaction.atomic
def cancel_rescreening(*, pack: str, reason: str, by: Actor, at: datetime) -> None:
    """End the run of a version that was withdrawn before it was in force."""
    run = Rescreening.objects.filter(pack=pack, status=RescreeningState.PREPARING).first()
    if run is None:
        return
    cancelled = RescreeningCancelled(rescreening=run.reference, pack=pack, reason=reason)
    advance(run, RESCREENING.cancel, event=cancelled, by=by, at=at, finished_at=at)


def begin_due(*, at: datetime) -> list[Rescreening]:
    """Put runs into effect whose day has come, and begin one where something is left behind.

    Return the runs that have work to do.
    """
    in_effect = get_pack("compliance", on=day_of(at)).label
    due = Rescreening.objects.filter(
        status=RescreeningState.PREPARING, effective_on__lte=day_of(at)
    )
    for run in due:
        _put_into_effect(run, at)
    if outdated(in_effect).exists():
        run = plan_rescreening(pack=in_effect, by=FILTER, at=at)
        _put_into_effect(run, at)
    for run in Rescreening.objects.filter(status=RescreeningState.APPLYING):
        _finish_if_done(run, at)
    going = (RescreeningState.PREPARING, RescreeningState.APPLYING)
    return list(Rescreening.objects.filter(status__in=going))


def outdated(pack: str) -> QuerySet[Release]:
    """Return the releases that were cleared under other rules than `pack`."""
    return Release.objects.filter(status=ReleaseState.CLEARED).exclude(cleared_pack=pack)


def free_items(run: Rescreening, at: datetime) -> QuerySet[RescreeningItem]:
    """Return the releases of a run that wait for a worker, those on the market first."""
    free = run.items.filter(Q(taken_until=None) | Q(taken_until__lt=at), settled_at=None)
    if run.status != RescreeningState.APPLYING:
        free = free.exclude(screening__status=ScreeningState.DONE)
    return free.order_by("rank", "pk")


def work_on(*, run: Rescreening, clock: Clock, seconds: float) -> int:
    """Work on a run for so many seconds, or until nothing is free; return how many were dealt with.

    Call it from as many workers as there are.
    """
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        run.refresh_from_db()
        item = _take(run, clock())
        if item is None:
            break
        _deal_with(run, item, clock)
        done += 1
    _finish_if_done(run, clock())
    return done


def _put_into_effect(run: Rescreening, at: datetime) -> None:
    """Let verdicts take effect, and take in what was cleared since the run was planned."""
    if run.status == RescreeningState.APPLYING:
        return
    with transaction.atomic():
        lock_run(run)
        if run.status not in RESCREENING.apply.sources:
            return  # a rival was there
        added = _add_items(run)
        applied = RescreeningApplied(rescreening=run.reference, pack=run.pack, releases=added)
        advance(run, RESCREENING.apply, event=applied, by=FILTER, at=at, applied_from=at)


def lock_run(run: Rescreening) -> None:
    """Refresh a run under its row's lock."""
    run.refresh_from_db(from_queryset=Rescreening.objects.select_for_update())


def _add_items(run: Rescreening) -> int:
    """Add what the run does not have yet; open again what was settled and is outdated anew."""
    touched = outdated(run.pack)
    known = run.items.values("release")
    rows = touched.exclude(pk__in=known).values_list("pk", "product__status").order_by("pk")
    fresh = [
        RescreeningItem(
            rescreening=run, release_id=pk, rank=0 if status == ProductState.LISTED else 1
        )
        for pk, status in rows
    ]
    RescreeningItem.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    again = run.items.filter(release__in=touched.values("pk"), settled_at__isnull=False)
    reopened = again.update(settled_at=None, outcome="", taken_until=None, failures=0)
    return len(fresh) + reopened


def _take(run: Rescreening, at: datetime) -> RescreeningItem | None:
    """Take a free release under a lease; of two workers one gets it."""
    name = secrets.token_hex(16)
    while chosen := list(free_items(run, at).values_list("pk", "taken_by")[:CHOICE]):
        for pk, before in chosen:
            rows = run.items.filter(pk=pk, taken_by=before, settled_at=None)
            if rows.update(taken_by=name, taken_until=at + LEASE):
                return run.items.select_related("screening").get(pk=pk)
    return None


def _deal_with(run: Rescreening, item: RescreeningItem, clock: Clock) -> None:
    """Bring one release a step on; whatever goes wrong, the release waits and is not passed."""
    try:
        _step(run, item, clock)
    except Exception:
        logger.exception("re-screening %s of release %s", run.reference, item.release_id)
        _let_go(item, clock() + PAUSE)


def _step(run: Rescreening, item: RescreeningItem, clock: Clock) -> None:
    release = Release.objects.select_related("product__provider", "product__rights").get(
        pk=item.release_id
    )
    if release.status == ReleaseState.SCREENING:
        _let_go(item, clock() + PAUSE)  # a screening of its own is under way
        return
    if release.status != ReleaseState.CLEARED or release.cleared_pack == run.pack:
        passed = release.status == ReleaseState.CLEARED
        settle(item, ItemOutcome.RENEWED if passed else ItemOutcome.LEFT, clock())
        return
    if item.screening is None or item.screening.status != ScreeningState.DONE:
        if item.failures >= MOST_FAILURES:
            if run.status == RescreeningState.APPLYING:
                give_up(item, release, clock())
            else:
                _let_go(item, clock() + LEASE)
            return
        if not may_judge():
            _let_go(item, clock() + LEASE)  # a verdict would not be given
            return
        if not _read(run, item, release, clock):
            return
    run.refresh_from_db()
    if run.status == RescreeningState.APPLYING:
        apply_verdict(item, release, clock())
    else:
        _let_go(item, None)


def _read(run: Rescreening, item: RescreeningItem, release: Release, clock: Clock) -> bool:
    """Read the content under the run's rules and keep the verdict beside the release."""
    pack = find_pack(run.pack)
    if pack is None:
        _let_go(item, clock() + LEASE)
        return False
    screening = _begin_ahead(run, item, release, clock())
    if screening is None:
        _let_go(item, clock() + PAUSE)
        return False

    def prolong(_done: int, _total: int | None, _what: str) -> None:
        _prolong(item, clock())

    try:
        on = max(run.effective_on, day_of(clock()))
        content = read_content(release, screening, pack, on, prolong)
    except Exception as error:
        logger.exception("screening %s failed", screening.reference)
        with transaction.atomic():
            mark_failed(screening, f"{type(error).__name__}: {error}", clock())
            mine = _mine(item)
            mine.update(failures=F("failures") + 1, taken_until=clock() + PAUSE)
        return False
    try:
        with transaction.atomic():
            keep_verdict(screening, content, clock())
    except NotInForce:  # suspended while it was read; the next worker begins anew
        _let_go(item, clock() + LEASE)
        return False
    item.screening = screening
    return True


@transaction.atomic
def _begin_ahead(
    run: Rescreening, item: RescreeningItem, release: Release, at: datetime
) -> Screening | None:
    """Begin a screening that leaves the release where it is; None where another is under way."""
    left = item.screening
    if left is not None and left.status in {ScreeningState.QUEUED, ScreeningState.RUNNING}:
        mark_failed(left, _("The screening was interrupted."), at)
    if Screening.objects.filter(
        release=release, status__in=(ScreeningState.QUEUED, ScreeningState.RUNNING)
    ).exists():
        return None
    pack = find_pack(run.pack)
    assert pack is not None  # noqa: S101  the caller looked
    screening = Screening.objects.create(
        reference=new_reference("S", at),
        release=release,
        rescreening=run,
        sha256=release.sha256,
        rows_total=release.rows_to_read,
        created_at=at,
    )
    if not _mine(item).update(screening=screening):
        transaction.set_rollback(True)
        return None
    queued = ScreeningQueued(
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        sha256=release.sha256,
    )
    begin(screening, event=queued, by=FILTER, at=at)
    begin_reading(screening, pack, at)
    item.screening = screening
    return screening


def _finish_if_done(run: Rescreening, at: datetime) -> None:
    """End a run that is through with everything."""
    run.refresh_from_db()
    if run.status != RescreeningState.APPLYING or run.items.filter(settled_at=None).exists():
        return
    if outdated(run.pack).exists() and get_pack("compliance", on=day_of(at)).label == run.pack:
        _add_items(run)
        return
    counts = queries.progress_of(run)
    finished = RescreeningFinished(
        rescreening=run.reference,
        pack=run.pack,
        renewed=counts.renewed,
        stopped=counts.stopped,
        failed=counts.failed,
        left=counts.left,
    )
    try:
        advance(run, RESCREENING.finish, event=finished, by=FILTER, at=at, finished_at=at)
    except WrongState:
        logger.info("re-screening %s was finished by another worker", run.reference)


def _mine(item: RescreeningItem) -> QuerySet[RescreeningItem]:
    """Return the item as long as nobody else has taken it."""
    return RescreeningItem.objects.filter(pk=item.pk, taken_by=item.taken_by, settled_at=None)


def _prolong(item: RescreeningItem, at: datetime) -> None:
    _mine(item).update(taken_until=at + LEASE)


def _let_go(item: RescreeningItem, until: datetime | None) -> None:
    _mine(item).update(taken_until=until)
