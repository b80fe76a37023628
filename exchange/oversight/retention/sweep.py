"""Destroying what is due: each thing in a transaction of its own, each with its signed record."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from audit.decisions.sealing import empty_seal
from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.retention.queries import holds_on, things_of
from audit.retention.services import keep_holds_still, record_destruction
from audit.retention.states import DestroyedKind
from audit.retention.terms import pack_on
from audit.rulebook.queries import day_of
from exchange.oversight import rules
from exchange.parties.services import erase_closed_accounts, finish_erasures
from exchange.vault.services import destroy_object, discard_orphans

from .due import Due, list_due

REASON = "term over"


@dataclass(kw_only=True)
class Swept:
    """What one run destroyed, and what it left because of legal holds."""

    destroyed: list[Due] = field(default_factory=list)
    held: list[Due] = field(default_factory=list)
    accounts: int = 0
    persons: int = 0
    orphans: int = 0
    sessions: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.destroyed or self.accounts or self.persons or self.orphans)


def destroy_due(*, by: Actor, at: datetime) -> Swept:
    """Destroy everything that is due and not held; may be repeated and interrupted at will."""
    if refusal := rules.why_not_destroy_due(by):
        raise NotAllowed(refusal)
    swept = Swept()
    for due in list(list_due(at=at)):
        done = not due.holds and _destroy(due, by=by, at=at)
        (swept.destroyed if done else swept.held).append(due)
    system = Actor.system("retention", request_id=by.request_id)
    swept.accounts = erase_closed_accounts(by=system, at=at)
    swept.persons = finish_erasures(by=system, at=at)
    swept.orphans = _discard_orphans(by=system, at=at)
    swept.sessions = clear_sessions(at=at)
    return swept


def clear_sessions(*, at: datetime) -> int:
    """Remove expired sessions, with the address and browser that were noted for them."""
    expired = Session.objects.filter(expire_date__lt=at).delete()[0]
    UserSession.objects.exclude(
        session_key__in=Session.objects.values_list("session_key", flat=True)
    ).delete()
    return expired


def _destroy(due: Due, *, by: Actor, at: datetime) -> bool:
    """Destroy one thing; a hold placed or a rival's destruction meanwhile leaves it alone."""
    system = Actor.system("retention", request_id=by.request_id)
    try:
        if due.kind == "object":
            destroy_object(
                stored=due.row,
                reason=REASON,
                basis=due.basis,
                retention_class=due.retention_class,
                by=system,
                at=at,
            )
        elif due.kind == "seal":
            empty_seal(
                seal=due.row,
                reason=REASON,
                basis=due.basis,
                retention_class=due.retention_class,
                by=system,
                at=at,
            )
        else:
            _destroy_statement(due, by=system, at=at)
    except Conflict:
        return False
    return True


@transaction.atomic
def _destroy_statement(due: Due, *, by: Actor, at: datetime) -> None:
    value = due.row
    keep_holds_still()
    if holds_on(things_of(value.entry) | {("member", value.key_id)}):
        raise Conflict
    if not personal.drop_statements([value]):
        raise Conflict
    record_destruction(
        kind=DestroyedKind.STATEMENT,
        subject=value.key_id,
        what={"entry": due.reference, "statement": value.name, "statements": 1},
        reason=REASON,
        basis=due.basis,
        retention_class=due.retention_class,
        by=by,
        at=at,
    )
    transaction.on_commit(personal.scrub_journal, robust=True)


def _discard_orphans(*, by: Actor, at: datetime) -> int:
    hours = int(pack_on(day_of(at)).data["orphans_hours"])
    return discard_orphans(before=at - timedelta(hours=hours), by=by, at=at)
