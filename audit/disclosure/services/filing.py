"""Handing in: for review, or into the register under one's own responsibility; and withdrawal."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import DisclosureFiled, DisclosureWithdrawn
from audit.disclosure.limits import due_after, workdays_for
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import is_held_by_regulator, lock_disclosure, lock_standing
from audit.disclosure.showing import commitment_of
from audit.disclosure.statements import Statement
from audit.disclosure.states import DISCLOSURE, STANDING, Duty
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance
from audit.rulebook.queries import day_of

from .drafting import draft_disclosure, statement_of
from .publishing import publish
from .suspending import read_reason


@transaction.atomic
def file_disclosure(*, disclosure: Disclosure, by: Actor, at: datetime) -> Disclosure:
    """Hand a version in for review, within ten working days of what it tells of.

    The platform's own algorithms are published at once under the operator's responsibility, unless
    a regulator suspended the algorithm or has a version of it in hand. Raises Invalid with
    everything that is missing.
    """
    if refusal := rules.why_not_describe(by, disclosure.owner):
        raise NotAllowed(refusal)
    found = lock_disclosure(disclosure)
    on = day_of(at)
    own = found.is_platform
    faults = rules.faults_to_file(statement_of(found), on=on, measures_itself=own)
    if faults and "file" in DISCLOSURE.allowed(found.status):
        raise Invalid(faults)
    due = due_after(on, workdays_for("decide", on))
    event = DisclosureFiled(
        disclosure=found.reference,
        organization=found.owner,
        algorithm=found.algorithm,
        number=found.version,
        statement_sha256=commitment_of(found),
        due_on=due.isoformat(),
        late=found.file_due_on is not None and on > found.file_due_on,
    )
    advance(
        found,
        DISCLOSURE.file,
        event=event,
        by=by,
        at=at,
        filed_at=at,
        status_since=at,
        due_on=due,
        reminded_on=None,
        missed_on=None,
    )
    _fulfil_duty(found)
    if own and not is_held_by_regulator(found):
        publish(found, DISCLOSURE.publish_own, note="", reviewer="", by=by, at=at)
    disclosure.refresh_from_db()
    return disclosure


@transaction.atomic
def supersede_disclosure(
    *, disclosure: Disclosure, statement: Statement, by: Actor, at: datetime
) -> Disclosure:
    """File a new version in place of a published one (《算法推荐管理规定》第二十四条: 变更).

    The published one stays in force until the new one is published.
    """
    if statement.algorithm != disclosure.algorithm:
        raise Invalid({"algorithm": [_("The key of a disclosure is not changed.")]})
    if disclosure.status not in STANDING:
        raise WrongState(
            subject=disclosure.reference,
            status=disclosure.status,
            allowed=DISCLOSURE.allowed(disclosure.status),
        )
    draft = draft_disclosure(statement=statement, owner=disclosure.owner, by=by, at=at)
    return file_disclosure(disclosure=draft, by=by, at=at)


@transaction.atomic
def withdraw_disclosure(
    *,
    disclosure: Disclosure,
    reason: str,
    by: Actor,
    at: datetime,
    last_day: date | None = None,
) -> Disclosure:
    """Give up what is on its way, or cancel what is in the register; it stays readable.

    Cancelling names the last day of service, within twenty working days of which it is filed
    (《算法推荐管理规定》第二十四条第三款); later is put on record as late.
    """
    if refusal := rules.why_not_describe(by, disclosure.owner):
        raise NotAllowed(refusal)
    said = read_reason(reason)
    found = lock_disclosure(disclosure)
    on = day_of(at)
    late = False
    if found.status in STANDING:
        late = _is_late(last_day, on)
    event = DisclosureWithdrawn(
        disclosure=found.reference,
        organization=found.owner,
        algorithm=found.algorithm,
        number=found.version,
        reason=said,
        service_ended_on=last_day.isoformat() if last_day and found.published_at else "",
        late=late,
    )
    advance(
        found,
        DISCLOSURE.withdraw,
        event=event,
        by=by,
        at=at,
        status_since=at,
        ended_at=at,
        end_reason=said,
        service_ended_on=last_day if found.published_at else None,
        due_on=None,
        duty=Duty.NONE,
    )
    disclosure.refresh_from_db()
    return disclosure


def _is_late(last_day: date | None, on: date) -> bool:
    if last_day is None:
        raise Invalid({"last_day": [_("The last day of service is needed.")]})
    if last_day > on:
        words = _("The service still runs on this day; cancel once it has ended.")
        raise Invalid({"last_day": [words]})
    return on > due_after(last_day, workdays_for("cancel", on))


def _fulfil_duty(found: Disclosure) -> None:
    """Let the version in the register owe no change any more, now that it is filed."""
    before = lock_standing(found)
    if before is not None and before.duty == Duty.CHANGE:
        Disclosure.objects.filter(pk=before.pk).update(
            duty=Duty.NONE, duty_since=None, due_on=None, reminded_on=None, missed_on=None
        )
