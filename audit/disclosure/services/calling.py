"""Noting that an algorithm changed or went out of service, which its owner has to file."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import DutyNoted
from audit.disclosure.limits import due_after, workdays_for
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import lock_disclosure
from audit.disclosure.states import DISCLOSURE, STANDING, Duty
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.services import record
from audit.rulebook.queries import day_of

from .suspending import digest_of, read_reason

ACTS = {Duty.CHANGE: "change", Duty.CANCELLATION: "cancel"}


@transaction.atomic
def call_for_filing(
    *, disclosure: Disclosure, duty: str, since: date, reason: str, by: Actor, at: datetime
) -> Disclosure:
    """Let the time limit of a change or a cancellation run, from the day it happened.

    Raises Conflict where the same is due already.
    """
    found = lock_disclosure(disclosure)
    if refusal := rules.why_not_call(by, found):
        raise NotAllowed(refusal)
    if found.status not in STANDING:
        raise WrongState(
            subject=found.reference, status=found.status, allowed=DISCLOSURE.allowed(found.status)
        )
    if duty not in ACTS:
        raise Invalid({"duty": [_("Either a change or a cancellation is filed.")]})
    on = day_of(at)
    if since > on:
        raise Invalid({"since": [_("This day has not come yet.")]})
    if found.duty in {duty, Duty.CANCELLATION}:
        raise Conflict(_("This is to be filed already."))
    said = read_reason(reason)
    due = due_after(since, workdays_for(ACTS[Duty(duty)], on))
    Disclosure.objects.filter(pk=found.pk).update(
        duty=duty, duty_since=since, due_on=due, reminded_on=None, missed_on=None
    )
    event = DutyNoted(
        disclosure=found.reference,
        organization=found.owner,
        duty=duty,
        since=since.isoformat(),
        due_on=due.isoformat(),
        reason_sha256=digest_of(said),
    )
    record(event, by=by, at=at)
    disclosure.refresh_from_db()
    return disclosure
