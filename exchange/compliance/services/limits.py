"""What the clock does for cases: reminders, missed time limits, approvals that lapse."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of, get_pack
from audit.rulebook.workdays import workdays_until
from exchange.catalog.models import Release
from exchange.catalog.services import requeue_release
from exchange.catalog.states import ReleaseState
from exchange.compliance import dossiers
from exchange.compliance.case_events import (
    AppealMissed,
    CaseLapsed,
    CaseMissed,
    CaseReminded,
)
from exchange.compliance.heads import case_pack
from exchange.compliance.models import Appeal, Case
from exchange.compliance.queries import unfinished_screening
from exchange.compliance.states import CASE, UNDECIDED, AppealState, CaseState

from .screening import queue_screening
from .verdicts import FILTER

BATCH = 200


def watch_limits(*, at: datetime) -> int:
    """Remind, mark what was missed, let approvals lapse; return how many things were touched."""
    on = day_of(at)
    return _remind(on, at) + _miss_cases(on, at) + _miss_appeals(on, at) + _lapse(on, at)


def read_again(*, at: datetime) -> int:
    """Line up what waits for a decision under rules that no longer hold, or whose approval lapsed.

    Nothing is decided under old rules, so without this such a case would wait for ever.
    """
    in_effect = get_pack("compliance", on=day_of(at)).label
    waiting = Case.objects.filter(status__in=UNDECIDED).exclude(screening__pack=in_effect)
    lapsed = Case.objects.filter(
        status=CaseState.LAPSED, screening__release__status=ReleaseState.CLEARED
    )
    count = 0
    for case in [*waiting.order_by("pk")[:BATCH], *lapsed.order_by("pk")[:BATCH]]:
        count += _read_again(case, at)
    return count


@transaction.atomic
def _read_again(case: Case, at: datetime) -> bool:
    release = Release.objects.select_related("product__provider").get(pk=case.screening.release_id)
    if release.screening != case.screening.reference or unfinished_screening(release):
        return False
    if release.status == ReleaseState.IN_REVIEW:
        words = _("The rules have changed, or the approval ended.")
        requeue_release(release=release, reason=words, by=FILTER, at=at)
    elif release.status != ReleaseState.CLEARED:
        return False
    queue_screening(release=release, by=FILTER, at=at)
    return True


def _remind(on: date, at: datetime) -> int:
    days = int(case_pack(on).data["workdays"]["remind"])
    near = Case.objects.filter(
        status__in=UNDECIDED,
        reminded_on=None,
        due_on__gte=on,
        due_on__lte=on + timedelta(days=7 + 2 * days),
    )
    count = 0
    for case in near.order_by("due_on", "pk")[:BATCH]:
        if case.due_on is not None and workdays_until(on, case.due_on) <= days:
            count += _mark(case, "reminded_on", on, at)
    return count


def _miss_cases(on: date, at: datetime) -> int:
    late = Case.objects.filter(status__in=UNDECIDED, missed_on=None, due_on__lt=on)
    return sum(_mark(case, "missed_on", on, at) for case in late.order_by("due_on", "pk")[:BATCH])


@transaction.atomic
def _mark(case: Case, column: str, on: date, at: datetime) -> bool:
    """Put a reminder or a missed limit on record, once for each time limit."""
    locked = dossiers.lock_case(case)
    if not locked.is_undecided or locked.due_on is None or getattr(locked, column) is not None:
        return False
    Case.objects.filter(pk=case.pk).update(**{column: on})
    release = locked.screening.release
    common = {
        "case": locked.reference,
        "release": release.reference,
        "product": release.product.reference,
        "due_on": locked.due_on.isoformat(),
    }
    said = (
        CaseReminded(**common)
        if column == "reminded_on"
        else CaseMissed(status=locked.status, **common)
    )
    record(said, by=FILTER, at=at)
    return True


def _miss_appeals(on: date, at: datetime) -> int:
    late = Appeal.objects.filter(status=AppealState.LODGED, missed_on=None, due_on__lt=on)
    rows = late.select_related("screening__release__product").order_by("due_on", "pk")
    return sum(_miss_appeal(appeal, on, at) for appeal in rows[:BATCH])


@transaction.atomic
def _miss_appeal(appeal: Appeal, on: date, at: datetime) -> bool:
    rows = Appeal.objects.filter(pk=appeal.pk, status=AppealState.LODGED, missed_on=None)
    if not rows.update(missed_on=on):
        return False
    release = appeal.screening.release
    missed = AppealMissed(
        appeal=appeal.reference,
        screening=appeal.screening.reference,
        release=release.reference,
        product=release.product.reference,
        due_on=appeal.due_on.isoformat(),
    )
    record(missed, by=FILTER, at=at)
    return True


def _lapse(on: date, at: datetime) -> int:
    over = Case.objects.filter(status=CaseState.APPROVED, valid_until__lt=on)
    return sum(_lapse_one(case, on, at) for case in over.order_by("valid_until", "pk")[:BATCH])


@transaction.atomic
def _lapse_one(case: Case, on: date, at: datetime) -> bool:
    locked = dossiers.lock_case(case)
    if locked.status != CaseState.APPROVED or locked.valid_until is None:
        return False
    if locked.valid_until >= on:
        return False
    release = locked.screening.release
    lapsed = CaseLapsed(
        case=locked.reference,
        release=release.reference,
        product=release.product.reference,
        valid_until=locked.valid_until.isoformat(),
    )
    advance(locked, CASE.lapse, event=lapsed, by=FILTER, at=at)
    return True
