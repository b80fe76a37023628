"""Review: taken up, taken over, sent back, refused, published, or confirmed afterwards."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import (
    DisclosureRefused,
    DisclosureReturned,
    DisclosureReviewed,
    ReviewTaken,
)
from audit.disclosure.fields import BY_CODE, FACTS
from audit.disclosure.limits import due_after, workdays_for
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import is_held_by_regulator, lock_disclosure
from audit.disclosure.states import DISCLOSURE, DisclosureState
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of

from .publishing import publish
from .suspending import REASON_MOST, digest_of, read_reason

WHOLE = "whole"
"""The place of a note that is about no single field."""


@transaction.atomic
def take_review(*, disclosure: Disclosure, by: Actor, at: datetime) -> Disclosure:
    """Begin to review what was filed; a regulator may take a review over from the operator."""
    found = lock_disclosure(disclosure)
    if refusal := rules.why_not_take(by, found, held=is_held_by_regulator(found)):
        raise NotAllowed(refusal)
    regulator = by.has_role("REGULATOR")
    event = ReviewTaken(
        disclosure=found.reference,
        organization=found.owner,
        reviewer=by.organization,
        by_regulator=regulator,
        due_on=found.due_on.isoformat() if found.due_on else "",
    )
    columns = {"reviewer": by.organization, "regulator_reviews": regulator, "taken_at": at}
    if found.status == DisclosureState.UNDER_REVIEW:
        Disclosure.objects.filter(pk=found.pk).update(**columns)
        record(event, by=by, at=at)
    else:
        advance(found, DISCLOSURE.take, event=event, by=by, at=at, status_since=at, **columns)
    disclosure.refresh_from_db()
    return disclosure


@transaction.atomic
def return_disclosure(
    *, disclosure: Disclosure, notes: Mapping[str, str], by: Actor, at: datetime
) -> Disclosure:
    """Send a filing back with what is to be mended, by field; the same version is filed again.

    `notes` may have one under `whole`. The owner has the working days of the rules for it.
    """
    found = _taken(disclosure, by)
    said = _read_notes(notes)
    on = day_of(at)
    due = due_after(on, workdays_for("mend", on))
    event = DisclosureReturned(
        disclosure=found.reference,
        organization=found.owner,
        fields=",".join(said),
        notes_sha256=digest_of(canonical(said).decode()),
        due_on=due.isoformat(),
    )
    advance(
        found,
        DISCLOSURE.send_back,
        event=event,
        by=by,
        at=at,
        status_since=at,
        notes=said,
        due_on=due,
        reminded_on=None,
        missed_on=None,
    )
    disclosure.refresh_from_db()
    return disclosure


@transaction.atomic
def refuse_disclosure(
    *, disclosure: Disclosure, reason: str, by: Actor, at: datetime
) -> Disclosure:
    """Keep a version out of the register for good; the owner may draft another."""
    found = _taken(disclosure, by)
    said = read_reason(reason)
    event = DisclosureRefused(
        disclosure=found.reference, organization=found.owner, reason_sha256=digest_of(said)
    )
    advance(
        found,
        DISCLOSURE.refuse,
        event=event,
        by=by,
        at=at,
        status_since=at,
        reviewed_at=at,
        ended_at=at,
        end_reason=said,
        due_on=None,
    )
    disclosure.refresh_from_db()
    return disclosure


@transaction.atomic
def publish_disclosure(
    *, disclosure: Disclosure, by: Actor, at: datetime, note: str = ""
) -> Disclosure:
    """Put a reviewed version into force, with its number; the one before it is superseded.

    Suspensions of the algorithm end with it, which is why the operator cannot publish what follows
    a version that a regulator suspended.
    """
    found = _taken(disclosure, by)
    if is_held_by_regulator(found) and not by.has_role("REGULATOR"):
        raise NotAllowed(_("A regulator has this algorithm in hand."))
    said = read_reason(note, "note") if note.strip() else ""
    publish(found, DISCLOSURE.publish, note=said, reviewer=by.organization, by=by, at=at)
    disclosure.refresh_from_db()
    return disclosure


@transaction.atomic
def confirm_disclosure(*, disclosure: Disclosure, note: str, by: Actor, at: datetime) -> Disclosure:
    """Say that a regulator reviewed what was published under its owner's own responsibility."""
    found = lock_disclosure(disclosure)
    if refusal := rules.why_not_review_afterwards(by, found):
        raise NotAllowed(refusal)
    said = read_reason(note, "note")
    Disclosure.objects.filter(pk=found.pk).update(
        reviewer=by.organization, reviewed_at=at, review_note=said
    )
    event = DisclosureReviewed(
        disclosure=found.reference,
        organization=found.owner,
        reviewer=by.organization,
        note_sha256=digest_of(said),
    )
    record(event, by=by, at=at)
    disclosure.refresh_from_db()
    return disclosure


def _taken(disclosure: Disclosure, by: Actor) -> Disclosure:
    """Return the locked row where the actor is who decides about it."""
    found = lock_disclosure(disclosure)
    if refusal := rules.why_not_supervise(by, found.owner):
        raise NotAllowed(refusal)
    if found.status != DisclosureState.UNDER_REVIEW:
        raise WrongState(
            subject=found.reference, status=found.status, allowed=DISCLOSURE.allowed(found.status)
        )
    if refusal := rules.why_not_decide(by, found):
        raise NotAllowed(refusal)
    return found


def _read_notes(notes: Mapping[str, str]) -> dict[str, str]:
    said = {code: text.strip() for code, text in notes.items() if text.strip()}
    known = {WHOLE, *BY_CODE, *(fact.code for fact in FACTS)}
    faults = {code: [_("A disclosure has no such field.")] for code in said if code not in known}
    faults |= {
        code: [_("At most %(most)d characters.") % {"most": REASON_MOST}]
        for code, text in said.items()
        if len(text) > REASON_MOST
    }
    if not said:
        faults["notes"] = [_("Say what is to be mended, at one field at least.")]
    if faults:
        raise Invalid(faults)
    return said
