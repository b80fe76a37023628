"""Reading appeals: whose they are, what was said in them, and which are late."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.decisions.models import Decision
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor, ActorKind
from audit.log.errors import Gone, NotFound
from audit.log.models import Entry
from audit.log.personal import open_statement

from .appeal_events import (
    AlgorithmAppealDecided,
    AlgorithmAppealExtended,
    AlgorithmAppealLodged,
    AlgorithmAppealReferred,
)
from .models import AlgorithmAppeal
from .states import WAITING

WORDS = {
    AlgorithmAppealLodged.name: "grounds",
    AlgorithmAppealExtended.name: "reason",
    AlgorithmAppealReferred.name: "reason",
    AlgorithmAppealDecided.name: "answer",
}
"""Events of an appeal in which somebody speaks, and under which name the words are sealed."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said at one step of an appeal; `text` is None once it was erased."""

    event: str
    at: datetime
    text: str | None
    outcome: str
    instance: int


@dataclass(frozen=True, kw_only=True)
class Appellant:
    """Who appealed; only who appealed and a regulator may know."""

    name: str
    contact: str
    organization: str


def appeals_visible_to(actor: Actor) -> QuerySet[AlgorithmAppeal]:
    """Return one's own appeals and those one has to answer; a regulator sees all."""
    rows = AlgorithmAppeal.objects.all()
    if actor.is_system or actor.has_role("REGULATOR"):
        return rows
    seen = Q(pk__in=())
    if actor.organization:
        seen |= Q(organization=actor.organization) | Q(owner=actor.organization)
    if actor.has_role("OPERATOR"):
        seen |= Q(owner="")
    if actor.kind == ActorKind.USER:
        seen |= Q(person=actor.id.removeprefix("user:"), secret_sha256="")
    return rows.filter(seen)


def get_appeal_for(actor: Actor, reference: str) -> AlgorithmAppeal:
    """Return an appeal; NotFound tells nothing about others."""
    found = appeals_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_appeal_by_receipt(reference: str, secret: str) -> AlgorithmAppeal:
    """Return the appeal of a receipt; NotFound for a wrong reference or secret alike."""
    found = AlgorithmAppeal.objects.filter(reference=reference.strip().upper()).first()
    known = found.secret_sha256 if found else ""
    if not hmac.compare_digest(known or "-", hash_of(secret)) or found is None:
        raise NotFound
    return found


def is_decision_of(disclosure: Disclosure, reference: str) -> bool:
    """Whether a decision on record was made by the algorithm of a disclosure."""
    rows = Decision.objects.filter(reference=reference, algorithm=disclosure.algorithm)
    return rows.filter(disclosure__owner=disclosure.owner).exists()


def hash_of(secret: str) -> str:
    """Return the digest under which a receipt's secret is kept."""
    return hashlib.sha256(secret.strip().encode()).hexdigest()


def waiting_appeals(actor: Actor) -> QuerySet[AlgorithmAppeal]:
    """Return the appeals that the actor's side owes an answer, the most urgent first."""
    rows = appeals_visible_to(actor).filter(status__in=WAITING)
    if not actor.has_role("REGULATOR"):
        owned = Q(owner=actor.organization or "-")
        if actor.has_role("OPERATOR"):
            owned |= Q(owner="")
        rows = rows.filter(owned)
    return rows.order_by("due_on", "pk")


def said_in(appeal: AlgorithmAppeal) -> list[Said]:
    """Return what was said in an appeal, step by step; it names nobody by itself."""
    found = []
    for entry in _entries(appeal, WORDS):
        body = json.loads(bytes(entry.data))["body"]
        opened = _open(entry, WORDS[entry.name])
        found.append(
            Said(
                event=entry.name,
                at=entry.occurred_at,
                text=None if opened is None else str(opened["text"]),
                outcome=str(body.get("outcome", "")),
                instance=int(body.get("instance", 0)),
            )
        )
    return found


def grounds_of(appeal: AlgorithmAppeal) -> str | None:
    """Return why it was appealed, or None once that was erased."""
    return next((said.text for said in said_in(appeal)), None)


def appellant_of(appeal: AlgorithmAppeal) -> Appellant | None:
    """Return who appealed, or None once the person was erased."""
    for entry in _entries(appeal, [AlgorithmAppealLodged.name]):
        opened = _open(entry, "appellant")
        if opened is not None:
            return Appellant(
                name=str(opened["name"]),
                contact=str(opened["contact"]),
                organization=str(opened["organization"]),
            )
    return None


def lock_appeal(appeal: AlgorithmAppeal) -> AlgorithmAppeal:
    """Hold an appeal's row and return it as it is now."""
    AlgorithmAppeal.objects.select_for_update().values_list("pk").get(pk=appeal.pk)
    return AlgorithmAppeal.objects.get(pk=appeal.pk)


def _entries(appeal: AlgorithmAppeal, names: Iterable[str]) -> QuerySet[Entry]:
    rows = Entry.objects.filter(subject_kind="algorithm_appeal", subject=appeal.reference)
    return rows.filter(name__in=list(names)).order_by("position")


def _open(entry: Entry, name: str) -> dict[str, object] | None:
    try:
        return dict(open_statement(entry, name).value)
    except Gone:
        return None
