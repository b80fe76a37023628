"""What the clock does in the register: reminders, and time limits that were missed."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from audit.disclosure.events import DisclosureLimitMissed, DisclosureReminded
from audit.disclosure.limits import left_until, stage_of, workdays_for
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import lock_disclosure
from audit.disclosure.states import OPEN, STANDING, Duty
from audit.log.actors import Actor
from audit.log.services import record
from audit.rulebook.queries import day_of

CLOCK = Actor.system("disclosure")
BATCH = 200
RUNNING = Q(status__in=OPEN) | (Q(status__in=STANDING) & ~Q(duty=Duty.NONE))


def watch_disclosures(*, at: datetime) -> int:
    """Remind of limits that end soon and mark those that were missed, once for each limit."""
    on = day_of(at)
    rows = Disclosure.objects.filter(RUNNING, due_on__isnull=False).order_by("due_on", "pk")
    days = workdays_for("remind", on)
    near = rows.filter(
        reminded_on=None, due_on__gte=on, due_on__lte=on + timedelta(days=7 + 2 * days)
    )
    late = rows.filter(missed_on=None, due_on__lt=on)
    count = sum(
        _mark(row, "reminded_on", on, at)
        for row in near[:BATCH]
        if row.due_on is not None and left_until(on, row.due_on) <= days
    )
    return count + sum(_mark(row, "missed_on", on, at) for row in late[:BATCH])


@transaction.atomic
def _mark(row: Disclosure, column: str, on: date, at: datetime) -> bool:
    found = lock_disclosure(row)
    stage = stage_of(found)
    if stage is None or getattr(found, column) is not None or found.due_on != row.due_on:
        return False
    Disclosure.objects.filter(pk=found.pk).update(**{column: on})
    kind = DisclosureReminded if column == "reminded_on" else DisclosureLimitMissed
    said = kind(
        disclosure=found.reference,
        organization=found.owner,
        stage=stage.value,
        due_on=row.due_on.isoformat() if row.due_on else "",
    )
    record(said, by=CLOCK, at=at)
    return True
