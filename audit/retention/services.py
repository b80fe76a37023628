"""Placing and lifting legal holds, and putting each destruction on record, signed."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance, begin
from audit.log.models import EntryRef
from audit.log.references import new_reference
from audit.log.services import record
from audit.log.signing import get_signer, verify_signature

from . import queries, rules
from .belonging import Thing
from .events import HoldLifted, HoldPlaced, RecordDestroyed
from .models import Destruction, LegalHold
from .states import HOLD, DestroyedKind, HoldKind

DOCUMENT = "quanheng.destruction.v1"
HOLDS_LOCK = 0x51484C44  # "QHLD": an advisory lock of PostgreSQL
NAMED_AS = {
    DestroyedKind.OBJECT: "object",
    DestroyedKind.STATEMENT: "member",
    DestroyedKind.PERSON: "member",
    DestroyedKind.SEAL: "seal",
}
"""As what an entry names the thing that was destroyed."""
LONGEST_REASON = 2000
LONGEST_BASIS = 400


class Held(Conflict):
    """A legal hold forbids the destruction."""

    code = "held"


@transaction.atomic
def place_hold(
    *, kind: str, subject: str, reason: str, basis: str, by: Actor, at: datetime
) -> LegalHold:
    """Stop every destruction of what belongs to a thing, until the hold is lifted.

    Raises NotFound for what the log has never heard of, Conflict when one's own hold is in force.
    """
    if refusal := rules.why_not_hold(by):
        raise NotAllowed(refusal)
    if kind not in HoldKind.values:
        raise Invalid({"kind": [_("A legal hold is not placed on this kind of thing.")]})
    said = _texts(reason=(reason, LONGEST_REASON), basis=(basis, LONGEST_BASIS))
    if not EntryRef.objects.filter(kind=kind, reference=subject).exists():
        raise NotFound
    _order(exclusive=True)
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(
                reference=new_reference("LH", at),
                kind=kind,
                subject=subject,
                authority=by.organization or by.id,
                reason=said["reason"],
                legal_basis=said["basis"],
                placed_at=at,
            )
    except IntegrityError:
        raise Conflict(_("A hold of yours on this is in force already.")) from None
    placed = HoldPlaced(
        hold=hold.reference, legal_basis=said["basis"], reason_sha256=_digest(said["reason"])
    )
    begin(hold, event=replace(placed, **{kind: subject}), by=by, at=at)
    return hold


@transaction.atomic
def lift_hold(*, hold: LegalHold, reason: str, by: Actor, at: datetime) -> LegalHold:
    """End a hold; what is due is destroyed by the next run of the clock."""
    if refusal := rules.why_not_lift(by, hold):
        raise NotAllowed(refusal)
    said = _texts(reason=(reason, LONGEST_REASON))
    lifted = HoldLifted(hold=hold.reference, reason_sha256=_digest(said["reason"]))
    advance(
        hold,
        HOLD.lift,
        event=replace(lifted, **{hold.kind: hold.subject}),
        by=by,
        at=at,
        lifted_at=at,
        lift_reason=said["reason"],
    )
    return hold


def keep_holds_still() -> None:
    """Let no legal hold be placed from here to the end of the transaction.

    Whoever destroys calls it before it looks for holds, so that a hold is either seen or comes
    after the destruction; destructions do not hinder each other.
    """
    _order(exclusive=False)


def _order(*, exclusive: bool) -> None:
    """Put placing holds and destroying in an order; on SQLite writers are in one already."""
    if connection.vendor == "postgresql":
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [HOLDS_LOCK])


def require_free(*things: Thing) -> None:
    """Raise Held while a legal hold is in force on any of `things` or what they belong to."""
    keep_holds_still()
    holds = queries.holds_on(things)
    if holds:
        words = _("A legal hold is in force: %(holds)s. Nothing of it is destroyed.")
        raise Held(words % {"holds": ", ".join(hold.reference for hold in holds)})


@transaction.atomic
def record_destruction(
    *,
    kind: DestroyedKind,
    subject: str,
    what: Mapping[str, Any],
    reason: str,
    basis: str,
    retention_class: str = "",
    by: Actor,
    at: datetime,
) -> Destruction:
    """Sign what was destroyed, why and on what basis, and enter it in the log.

    Called in the transaction of the destruction itself (《深圳经济特区数据条例》第八十条). `what`
    may name digests and counts, never what was destroyed.
    """
    signer = get_signer("destruction")
    reference = new_reference("DR", at)
    document = canonical(
        {
            "type": DOCUMENT,
            "reference": reference,
            "kind": str(kind),
            "subject": subject,
            "what": dict(what),
            "method": "rows deleted" if kind == DestroyedKind.SEAL else "key erased",
            "reason": reason,
            "legal_basis": basis,
            "class": retention_class,
            "by": by.id,
            "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    kept = Destruction.objects.create(
        reference=reference,
        kind=kind,
        subject=subject,
        retention_class=retention_class,
        document=document.decode(),
        key=signer.verifier_key,
        signature=signer.sign(document).hex(),
        destroyed_at=at,
    )
    destroyed = RecordDestroyed(
        destruction=reference,
        retention_class=retention_class,
        legal_basis=basis,
        record_sha256=hashlib.sha256(document).hexdigest(),
    )
    record(replace(destroyed, **{NAMED_AS[kind]: subject}), by=by, at=at)
    return kept


def is_sound(kept: Destruction, *, verifier_key: str = "") -> bool:
    """Whether a destruction record carries the platform's signature over exactly its text."""
    try:
        signature = bytes.fromhex(kept.signature)
    except ValueError:
        return False
    trusted = verifier_key or get_signer("destruction").verifier_key
    return verify_signature(trusted, kept.document.encode(), signature)


def _texts(**fields: tuple[str, int]) -> dict[str, str]:
    said = {name: text.strip() for name, (text, _most) in fields.items()}
    problems: dict[str, list[str]] = {}
    for name, (_text, most) in fields.items():
        if not said[name]:
            problems[name] = [_("Please fill this in; it becomes part of the record.")]
        elif len(said[name]) > most:
            problems[name] = [_("At most %(most)d characters.") % {"most": most}]
    if problems:
        raise Invalid(problems)
    return said


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
