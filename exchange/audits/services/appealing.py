"""Appeals are lodged, taken further, taken back, and who appealed is erased.

The entries are written by the exchange for who appealed: neither actor nor organization of an
entry names the person to whoever reads the log. Who it was is sealed in the statement `appellant`.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure.models import Disclosure
from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.events import Personal
from audit.log.lifecycle import advance, begin
from audit.log.models import PersonalValue
from audit.log.references import new_reference
from audit.log.services import record
from audit.retention.queries import holds_on
from audit.retention.services import keep_holds_still, record_destruction
from audit.retention.states import DestroyedKind
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.audits import appeal_queries, appeal_rules
from exchange.audits.appeal_events import (
    AlgorithmAppealLodged,
    AlgorithmAppealReferred,
    AlgorithmAppealWithdrawn,
    AppellantErased,
)
from exchange.audits.appeal_fields import LODGE_FIELDS, REFER_REASON
from exchange.audits.models import AlgorithmAppeal
from exchange.audits.policy import Policy
from exchange.audits.states import ALGORITHM_APPEAL
from exchange.parties.queries import user_of
from exchange.registry.fields import read_values

BASIS = "《个人信息保护法》第四十七条"
DESK = Actor.system("appeals")


@dataclass(frozen=True, kw_only=True)
class Lodged:
    """An appeal with its receipt; the secret is shown once and kept nowhere."""

    appeal: AlgorithmAppeal
    secret: str

    def __repr__(self) -> str:
        return f"<Lodged {self.appeal.reference}>"


@transaction.atomic
def lodge_appeal(
    *, disclosure: Disclosure, said: dict[str, Any], by: Actor, at: datetime
) -> Lodged:
    """Appeal against a decision of a disclosed algorithm, or against the algorithm in general.

    Whoever has no account gets a secret, by which the appeal is followed. Raises NotAllowed for
    who answers for the algorithm itself, Invalid by field.
    """
    if refusal := appeal_rules.why_not_lodge(by, disclosure.owner):
        raise NotAllowed(refusal)
    if disclosure.published_at is None:
        raise NotAllowed(_("An appeal is against an algorithm that was published."))
    values: dict[str, Any] = read_values(LODGE_FIELDS, said)
    secret = "" if by.is_identified else secrets.token_urlsafe(24)
    if values["decision"] and not appeal_queries.is_decision_of(disclosure, values["decision"]):
        raise Invalid({"decision": [_("There is no such decision of this algorithm.")]})
    person = appeal_rules.person_of(by) or str(uuid.uuid4())
    today = day_of(at)
    policy = Policy.on(today)
    due = add_workdays(today, policy.figure("appeal", "answer"))
    appeal = AlgorithmAppeal(
        reference=new_reference("AA", at),
        algorithm=disclosure.algorithm,
        owner=disclosure.owner,
        disclosure=disclosure.reference,
        decision=values["decision"],
        inference=values["inference"],
        organization=by.organization,
        person=person,
        secret_sha256=appeal_queries.hash_of(secret) if secret else "",
        wish=values["wish"],
        pack=policy.label,
        status_since=at,
        lodged_at=at,
        due_on=due,
    )
    appeal.save(force_insert=True)
    lodged = AlgorithmAppealLodged(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
        disclosure=appeal.disclosure,
        decision=appeal.decision,
        inference=appeal.inference,
        wish=appeal.wish,
        due_on=due.isoformat(),
        pack=appeal.pack,
        appellant=Personal(person, _who(by, values)),
        grounds=Personal(person, {"text": values["grounds"]}),
    )
    begin(appeal, event=lodged, by=DESK, at=at)
    return Lodged(appeal=appeal, secret=secret)


@transaction.atomic
def refer_appeal(
    *, appeal: AlgorithmAppeal, reason: str, secret: str = "", by: Actor, at: datetime
) -> AlgorithmAppeal:
    """Take an appeal to the regulator: in time after an answer, or once an answer is overdue."""
    appeal = appeal_queries.lock_appeal(appeal)
    if refusal := appeal_rules.why_not_refer(by, appeal, with_receipt=_holds(appeal, secret)):
        raise NotAllowed(refusal)
    words = str(read_values((REFER_REASON,), {"reason": reason})["reason"])
    today = day_of(at)
    policy = Policy.on(today)
    if appeal.answered_at is not None and not by.has_role("REGULATOR"):
        days = policy.figure("appeal", "refer")
        last = add_workdays(day_of(appeal.answered_at), days)
        if today > last:
            text = _("The time to take it to the regulator ended on %(last)s.")
            raise Conflict(text % {"last": last.isoformat()})
    due = add_workdays(today, policy.figure("appeal", "decide"))
    referred = AlgorithmAppealReferred(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
        due_on=due.isoformat(),
        reason=Personal(appeal.person, {"text": words}),
    )
    actor = by if by.has_role("REGULATOR") else DESK
    advance(
        appeal,
        ALGORITHM_APPEAL.refer,
        event=referred,
        by=actor,
        at=at,
        status_since=at,
        instance=2,
        due_on=due,
        reminded_on=None,
    )
    return appeal


@transaction.atomic
def withdraw_appeal(
    *, appeal: AlgorithmAppeal, secret: str = "", by: Actor, at: datetime
) -> AlgorithmAppeal:
    """Take an appeal back."""
    appeal = appeal_queries.lock_appeal(appeal)
    if refusal := appeal_rules.why_not_pursue(by, appeal, with_receipt=_holds(appeal, secret)):
        raise NotAllowed(refusal)
    _withdraw(appeal, at)
    return appeal


@transaction.atomic
def erase_appellant(
    *, appeal: AlgorithmAppeal, secret: str = "", by: Actor, at: datetime
) -> AlgorithmAppeal:
    """Destroy everything said of and by a person without account; a waiting appeal ends with it.

    The entries stay with their commitments. Raises Conflict while a legal hold needs it.
    """
    appeal = appeal_queries.lock_appeal(appeal)
    if appeal.erased_at is not None:
        raise Conflict(_("This has been erased already."))
    if appeal.is_with_account:
        raise NotAllowed(_("Who has an account is erased with the account."))
    if not (by.is_system or _holds(appeal, secret)):
        raise NotAllowed(_("Only who appealed does this."))
    keep_holds_still()
    if holds_on({("member", appeal.person), ("algorithm_appeal", appeal.reference)}):
        raise Conflict(_("A legal hold keeps this for now."))
    if appeal.is_waiting:
        _withdraw(appeal, at)
    destroyed = PersonalValue.objects.filter(key_id=appeal.person).count()
    personal.destroy_key(appeal.person, at=at)
    AlgorithmAppeal.objects.filter(pk=appeal.pk).update(erased_at=at, secret_sha256="")
    appeal.erased_at, appeal.secret_sha256 = at, ""
    erased = AppellantErased(
        algorithm_appeal=appeal.reference,
        member=appeal.person,
        destroyed=destroyed,
        legal_basis=BASIS,
    )
    record(erased, by=DESK, at=at)
    record_destruction(
        kind=DestroyedKind.PERSON,
        subject=appeal.person,
        what={"statements": destroyed, "key": True, "account": False},
        reason="REQUEST" if not by.is_system else "TERM",
        basis=BASIS,
        by=DESK,
        at=at,
    )
    transaction.on_commit(personal.scrub_journal, robust=True)
    return appeal


def _withdraw(appeal: AlgorithmAppeal, at: datetime) -> None:
    withdrawn = AlgorithmAppealWithdrawn(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
    )
    advance(appeal, ALGORITHM_APPEAL.withdraw, event=withdrawn, by=DESK, at=at, status_since=at)


def _who(by: Actor, values: dict[str, Any]) -> dict[str, str | int | bool | None]:
    user = user_of(by) if by.is_identified else None
    return {
        "actor": by.id if by.is_identified else "",
        "organization": by.organization,
        "name": values["name"] or (user.name if user else ""),
        "contact": values["contact"] or (user.email if user else ""),
    }


def _holds(appeal: AlgorithmAppeal, secret: str) -> bool:
    """Whether `secret` is that of the appeal's receipt."""
    known = appeal.secret_sha256
    return bool(secret and known) and secrets.compare_digest(known, appeal_queries.hash_of(secret))
