"""Erasure of a person: everything at once that no law demands, the rest when its term is over.

《个人信息保护法》第四十七条: personal information is erased when its purpose has ended or consent
is withdrawn; while a term set by law has not expired, every use but storage stops. Entries of the
log hold commitments only, so they and their receipts stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.models import EntryRef, PersonalValue
from audit.log.references import new_reference
from audit.log.services import record
from audit.retention.belonging import Thing
from audit.retention.models import LegalHold
from audit.retention.queries import holds_on, term_of, things_of
from audit.retention.services import keep_holds_still, record_destruction
from audit.retention.states import DestroyedKind, HoldKind, HoldState
from audit.retention.terms import Term, classes_on
from audit.rulebook.queries import day_of
from exchange.parties import queries, rules
from exchange.parties.events import (
    ErasureBlocked,
    ErasureRequested,
    MemberRemoved,
    PersonErased,
)
from exchange.parties.models import Erasure, Member, Organization, User
from exchange.parties.states import ERASURE, ErasureGround, ErasureState, OrganizationState

from .users import revoke_tokens_of

BASIS = "《个人信息保护法》第四十七条"
ACCOUNT = "ACCOUNT"
GONE = frozenset({OrganizationState.REJECTED, OrganizationState.TERMINATED})
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Statements that stay for now: how many, of which class, on what basis, until when."""

    classes: tuple[str, ...]
    count: int
    until: datetime | None
    basis: tuple[str, ...]
    held: bool

    def as_document(self) -> dict[str, Any]:
        """Return it for the row of the erasure."""
        return {
            "classes": list(self.classes),
            "count": self.count,
            "until": self.until.isoformat() if self.until else "",
            "basis": list(self.basis),
            "held": self.held,
        }


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an erasure would do, for the person to read before it decides."""

    destroyed: int
    kept: Sequence[Kept]
    account_held: bool
    alone_in: Sequence[Organization]


@dataclass(frozen=True, kw_only=True)
class _Judged:
    kept: list[tuple[PersonalValue, Term, bool]]
    free: list[PersonalValue]

    def summary(self) -> list[Kept]:
        """Return what is kept, put together by class and end."""
        groups: dict[tuple[Any, ...], int] = {}
        for _value, term, held in self.kept:
            until = None if held else term.statutory_until
            names = tuple(each.id for each in term.classes)
            key = (names, until, term.basis, held)
            groups[key] = groups.get(key, 0) + 1
        return [
            Kept(classes=names, count=count, until=until, basis=basis, held=held)
            for (names, until, basis, held), count in groups.items()
        ]


def preview_erasure(*, user: User, at: datetime) -> Preview:
    """Say what erasing a person at `at` would destroy, keep and be hindered by."""
    person = str(user.public_id)
    judged = _judge(person, at, left=True)
    return Preview(
        destroyed=len(judged.free),
        kept=judged.summary(),
        account_held=bool(holds_on(_account_things(person))),
        alone_in=_alone_in(user),
    )


@transaction.atomic
def erase_person(
    *, user: User, ground: str = ErasureGround.REQUEST, by: Actor, at: datetime
) -> Erasure:
    """Erase a person, or block what a law or a legal hold still demands.

    Sessions, tokens and memberships end at once in both cases. Raises Conflict while an
    organization would be left without an administrator, NotAllowed for who may not ask.
    """
    person = queries.lock_user(user)
    places = [place.organization for place in queries.memberships_of(person)]
    if refusal := rules.why_not_erase(by, person, places):
        raise NotAllowed(refusal)
    identity = str(person.public_id)
    if Erasure.objects.filter(person=identity).exists():
        raise Conflict(_("The erasure of this person is under way already."))
    for organization in sorted(places, key=lambda each: each.pk):
        queries.lock_organization(organization)
    if alone := _alone_in(person):
        words = _("Appoint another administrator first: nobody else administers %(names)s.")
        raise Conflict(words % {"names": ", ".join(each.name for each in alone)})
    keep_holds_still()
    held = bool(holds_on(_account_things(identity)))
    erasure = Erasure.objects.create(
        reference=new_reference("ER", at),
        person=identity,
        ground=ErasureGround(ground),
        requested_by=by.id,
        requested_at=at,
    )
    requested = ErasureRequested(
        erasure=erasure.reference, member=identity, ground=str(ground), legal_basis=BASIS
    )
    begin(erasure, event=requested, by=by, at=at)
    _end_powers(person, by=by, at=at)
    if held:
        User.objects.filter(pk=person.pk).update(is_active=False)
    else:
        _delete_account(person)
    _carry_on(erasure, account_held=held, by=by, at=at)
    return erasure


def finish_erasures(*, by: Actor, at: datetime) -> int:
    """Destroy what blocked persons' terms and holds no longer demand; return how many were done.

    Run by the clock; each person is a transaction of its own.
    """
    if not by.is_system and rules.why_not_review(by):
        raise NotAllowed(rules.why_not_review(by))
    done = 0
    blocked = Erasure.objects.filter(status=ErasureState.BLOCKED).order_by("pk")
    for erasure in blocked.iterator(chunk_size=BATCH):
        if not _may_move(erasure, at):
            continue
        with transaction.atomic():
            keep_holds_still()
            held = erasure.account_kept and bool(holds_on(_account_things(erasure.person)))
            if erasure.account_kept and not held:
                _delete_account(User.objects.filter(public_id=erasure.person).first())
            done += _carry_on(erasure, account_held=held, by=by, at=at)
    return done


def _may_move(erasure: Erasure, at: datetime) -> bool:
    """Whether time or a lifted hold may have changed what is kept of a blocked person."""
    return erasure.account_kept or any(
        each["held"] or not each["until"] or datetime.fromisoformat(each["until"]) <= at
        for each in erasure.kept
    )


def erase_closed_accounts(*, by: Actor, at: datetime) -> int:
    """Erase people whose account was closed longer ago than the account's term."""
    if not by.is_system:
        raise NotAllowed(_("Closed accounts are erased by the clock."))
    limit = next(each for each in classes_on(day_of(at)) if each.id == ACCOUNT)
    closed = User.objects.filter(is_active=False).exclude(
        public_id__in=list(Erasure.objects.values_list("person", flat=True))
    )
    done = 0
    for user in closed.order_by("pk"):
        entry = (
            EntryRef.objects.filter(
                kind="member", reference=str(user.public_id), entry__name__in=limit.ends
            )
            .order_by("-entry_id")
            .select_related("entry")
            .first()
        )
        due = Term(classes=(limit,), ended_at=entry.entry.occurred_at).due_at if entry else None
        if due is None or at < due or _alone_in(user):
            continue
        erase_person(user=user, ground=ErasureGround.CLOSED, by=by, at=at)
        done += 1
    return done


def _carry_on(erasure: Erasure, *, account_held: bool, by: Actor, at: datetime) -> int:
    """Destroy what may go and take the erasure as far as it comes; 1 when it is finished."""
    person = erasure.person
    judged = _judge(person, at)
    if not judged.kept and not account_held:
        destroyed = personal.destroy_key(person, at=at)
        LegalHold.objects.filter(
            kind=HoldKind.MEMBER, subject=person, status=HoldState.LIFTED
        ).update(reason="", lift_reason="")
        record_destruction(
            kind=DestroyedKind.PERSON,
            subject=person,
            what={"statements": destroyed, "key": True, "account": True},
            reason=str(erasure.ground),
            basis=BASIS,
            retention_class=ACCOUNT,
            by=by,
            at=at,
        )
        finished = PersonErased(
            erasure=erasure.reference, member=person, destroyed=destroyed, legal_basis=BASIS
        )
        advance(
            erasure,
            ERASURE.erase,
            event=finished,
            by=by,
            at=at,
            kept=[],
            account_kept=False,
            erased_at=at,
        )
        transaction.on_commit(personal.scrub_journal, robust=True)
        return 1
    _keep_the_rest(erasure, judged, account_held=account_held, by=by, at=at)
    return 0


def _keep_the_rest(
    erasure: Erasure, judged: _Judged, *, account_held: bool, by: Actor, at: datetime
) -> None:
    """Block the person and destroy single statements that nothing demands."""
    person, kept = erasure.person, judged.summary()
    personal.block_person(person, at=at)
    destroyed = personal.drop_statements(judged.free)
    if destroyed:
        record_destruction(
            kind=DestroyedKind.STATEMENT,
            subject=person,
            what={"statements": destroyed, "key": False, "account": not account_held},
            reason=str(erasure.ground),
            basis=BASIS,
            by=by,
            at=at,
        )
        transaction.on_commit(personal.scrub_journal, robust=True)
    documents = [each.as_document() for each in kept]
    if erasure.status == ErasureState.BLOCKED:
        Erasure.objects.filter(pk=erasure.pk).update(kept=documents, account_kept=account_held)
        return
    blocked = ErasureBlocked(
        erasure=erasure.reference,
        member=person,
        classes=",".join(sorted({name for each in kept for name in each.classes})),
        destroyed=destroyed,
        legal_basis="; ".join(dict.fromkeys(text for each in kept for text in each.basis)),
        held=account_held or any(each.held for each in kept),
    )
    advance(
        erasure,
        ERASURE.block,
        event=blocked,
        by=by,
        at=at,
        kept=documents,
        account_kept=account_held,
    )


def _judge(person: str, at: datetime, *, left: bool = False) -> _Judged:
    """Part a person's statements into those that are demanded or held and those that may go.

    With `left`, terms that the erasure itself would begin are shown as beginning at `at`.
    """
    judged = _Judged(kept=[], free=[])
    person_held = bool(holds_on(_account_things(person)))
    for value in personal.statements_of(person):
        term = term_of(value.entry, at=at)
        if left and term.ended_at is None and not value.entry.name.startswith("trading."):
            term = Term(classes=term.classes, ended_at=at)
        held = person_held or bool(holds_on(things_of(value.entry)))
        if held or term.is_demanded(at):
            judged.kept.append((value, term, held))
        else:
            judged.free.append(value)
    return judged


def _account_things(person: str) -> set[Thing]:
    """Return the person and every organization it acts or acted for."""
    added = EntryRef.objects.filter(
        entry__name="parties.member.added",
        kind="organization",
        entry__refs__kind="member",
        entry__refs__reference=person,
    )
    organizations = set(added.values_list("reference", flat=True))
    return {("member", person)} | {("organization", reference) for reference in organizations}


def _alone_in(user: User) -> list[Organization]:
    """Return the living organizations that nobody else administers."""
    return [
        place.organization
        for place in queries.memberships_of(user)
        if place.organization.status not in GONE and queries.is_last_admin(place)
    ]


def _end_powers(person: User, *, by: Actor, at: datetime) -> None:
    """End sessions, tokens, second factors and memberships, each membership with its entry."""
    revoke_tokens_of(person, organization=None, reason="person erased", by=by, at=at)
    for place in queries.memberships_of(person):
        removed = MemberRemoved(
            organization=place.organization.reference,
            member=str(person.public_id),
            role=place.role,
        )
        Member.objects.filter(pk=place.pk).delete()
        record(removed, by=by, at=at)
    end_sessions(person)
    Authenticator.objects.filter(user=person).delete()


def end_sessions(person: User) -> int:
    """End every session of a person at once; returns how many there were."""
    keys = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    UserSession.objects.filter(user=person).delete()
    return Session.objects.filter(session_key__in=keys).delete()[0]


def _delete_account(person: User | None) -> None:
    """Delete the account with everything that hangs on it: addresses, factors, tokens."""
    if person is None:
        return
    EmailAddress.objects.filter(user=person).delete()
    person.delete()
