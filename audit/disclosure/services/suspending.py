"""Suspension of an algorithm: from when its decisions are in doubt, and until when it rests."""

import hashlib
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import DisclosureSuspended, SuspensionLifted
from audit.disclosure.models import Disclosure, Suspension
from audit.disclosure.queries import lock_disclosure, open_suspensions
from audit.disclosure.states import DISCLOSURE
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of

REASON_MOST = 2000
BASIS_MOST = 400


@transaction.atomic
def suspend_disclosure(
    *, disclosure: Disclosure, reason: str, basis: str, since: date, by: Actor, at: datetime
) -> Suspension:
    """Stop an algorithm; decisions from `since` on are shown as in doubt.

    `basis` is law and article, or the rule of the exchange, and stands in the entry. Raises
    WrongState unless the version is in force.
    """
    found = lock_disclosure(disclosure)
    if refusal := rules.why_not_suspend(by, found):
        raise NotAllowed(refusal)
    said, founded = read_reason(reason), read_reason(basis, "basis", most=BASIS_MOST)
    if since > day_of(at):
        raise Invalid({"since": [_("This day has not come yet.")]})
    suspension = Suspension(
        reference=new_reference("AS", at),
        disclosure=found,
        authority=by.organization or by.id,
        by_regulator=by.has_role("REGULATOR"),
        reason=said,
        basis=founded,
        since=since,
        suspended_at=at,
    )
    event = DisclosureSuspended(
        disclosure=found.reference,
        suspension=suspension.reference,
        organization=found.owner,
        algorithm=found.algorithm,
        since=since.isoformat(),
        by_regulator=suspension.by_regulator,
        reason_sha256=digest_of(said),
        legal_basis=founded,
    )
    advance(found, DISCLOSURE.suspend, event=event, by=by, at=at, status_since=at)
    suspension.save(force_insert=True)
    disclosure.status = found.status
    return suspension


@transaction.atomic
def lift_suspension(*, disclosure: Disclosure, reason: str, by: Actor, at: datetime) -> Disclosure:
    """Let an algorithm decide again; what was decided in between stays in doubt."""
    found = lock_disclosure(disclosure)
    suspensions = list(open_suspensions(found.algorithm, owner=found.owner))
    if refusal := rules.why_not_lift(by, found, suspensions):
        raise NotAllowed(refusal)
    said = read_reason(reason)
    event = _lifted(found, suspensions[0].reference if suspensions else "", said)
    advance(found, DISCLOSURE.lift, event=event, by=by, at=at, status_since=at)
    Suspension.objects.filter(pk__in=[each.pk for each in suspensions]).update(
        lifted_at=at, lift_reason=said
    )
    disclosure.status = found.status
    return found


def end_suspension(suspension: Suspension, *, reason: str, by: Actor, at: datetime) -> None:
    """End the suspension of a version that another one follows, and put it on record."""
    record(_lifted(suspension.disclosure, suspension.reference, reason), by=by, at=at)
    Suspension.objects.filter(pk=suspension.pk, lifted_at=None).update(
        lifted_at=at, lift_reason=reason
    )


def read_reason(reason: str, field: str = "reason", *, most: int = REASON_MOST) -> str:
    """Return a reason without its margins; Invalid where there is none or too much of it."""
    said = reason.strip()
    if not said:
        words = _("A legal basis is needed.") if field == "basis" else _("A reason is needed.")
        raise Invalid({field: [words]})
    if len(said) > most:
        words = _("At most %(most)d characters.") % {"most": most}
        raise Invalid({field: [words]})
    return said


def digest_of(text: str) -> str:
    """Return the digest of a text that stands in the register and not in the log."""
    return hashlib.sha256(text.encode()).hexdigest()


def _lifted(disclosure: Disclosure, suspension: str, reason: str) -> SuspensionLifted:
    return SuspensionLifted(
        disclosure=disclosure.reference,
        suspension=suspension,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        reason_sha256=digest_of(reason),
    )
