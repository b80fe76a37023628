"""Who may read what an entry commits to about a person; every reading is itself an entry."""

import json
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .actors import Actor, ActorKind
from .errors import Invalid, NotAllowed, NotFound
from .events import Event, Ref, event
from .models import Entry, PersonalValue
from .personal import Opened, is_blocked, open_statement
from .services import record

LONGEST_PURPOSE = 200


@event("log.commitment.opened", label=gettext_lazy("statement about a person read"))
class CommitmentOpened(Event):
    """What an entry commits to about a person was shown, for a stated purpose."""

    entry: Ref
    member: Ref
    statement: str
    purpose: str


def why_not_open(actor: Actor, person: str) -> str | None:
    """Why `actor` may not read what the log keeps of `person`, or None.

    The person itself may (《个人信息保护法》第四十五条), and a regulator; the operator only while
    the person is not blocked (第四十七条: no use but storage).
    """
    if actor.kind == ActorKind.USER and actor.id == f"user:{person}":
        return None
    if actor.has_role("REGULATOR"):
        return None
    if not (actor.has_role("OPERATOR") and actor.is_admin):
        return _("Only the person and those who supervise may read what is kept of a person.")
    if is_blocked(person):
        return _("What is kept of this person is stored for the law only; it is not used.")
    return None


@transaction.atomic
def open_commitment(*, entry: Entry, name: str, purpose: str, by: Actor, at: datetime) -> Opened:
    """Show what `entry` commits to under `name`, with the salt that proves it.

    Raises NotFound where nothing was said, Gone once it was erased, NotAllowed for who may not
    see it, Invalid without a purpose.
    """
    if name not in json.loads(bytes(entry.data)).get("pii", {}):
        raise NotFound
    kept = PersonalValue.objects.filter(entry=entry, name=name).first()
    person = kept.key_id if kept else ""
    if refusal := why_not_open(by, person):
        raise NotAllowed(refusal)
    said = purpose.strip()
    if not said or len(said) > LONGEST_PURPOSE:
        words = _("Say what it is read for, in %(most)d characters at most.")
        raise Invalid({"purpose": [words % {"most": LONGEST_PURPOSE}]})
    opened = open_statement(entry, name)
    read = CommitmentOpened(entry=str(entry.id), member=person, statement=name, purpose=said)
    record(read, by=by, at=at)
    return opened
