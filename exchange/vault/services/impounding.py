"""Sealing stored bytes as evidence (封存): unread, undestroyed, opened for an authority only."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance
from audit.log.services import record
from exchange.vault import rules
from exchange.vault.events import ObjectFreed, ObjectImpounded, ObjectInspected
from exchange.vault.models import StoredObject
from exchange.vault.states import OBJECT

from .objects import ObjectReader, open_object

PURPOSE_MAX = 200


@transaction.atomic
def impound_object(*, stored: StoredObject, reason: str, by: Actor, at: datetime) -> StoredObject:
    """Seal an object; its key stays, and opens for an authority only."""
    if refusal := rules.why_not_impound(by):
        raise NotAllowed(refusal)
    impounded = ObjectImpounded(
        object=stored.reference, organization=stored.owner, sha256=stored.sha256, reason=reason
    )
    advance(stored, OBJECT.impound, event=impounded, by=by, at=at)
    return stored


@transaction.atomic
def free_object(*, stored: StoredObject, reason: str, by: Actor, at: datetime) -> StoredObject:
    """Lift the seal of an object."""
    if refusal := rules.why_not_impound(by):
        raise NotAllowed(refusal)
    freed = ObjectFreed(object=stored.reference, organization=stored.owner, reason=reason)
    advance(stored, OBJECT.free, event=freed, by=by, at=at)
    return stored


def inspect_object(*, stored: StoredObject, purpose: str, by: Actor, at: datetime) -> ObjectReader:
    """Open an impounded object for a regulator, under a purpose that stands in the log.

    《网络数据安全管理条例》第五十条、第五十三条: to inspect and copy, for supervision only.
    """
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    words = " ".join(purpose.split())
    if not 0 < len(words) <= PURPOSE_MAX:
        raise Invalid({"purpose": [_("State the purpose of the inspection.")]})
    with transaction.atomic():
        inspected = ObjectInspected(
            object=stored.reference, organization=stored.owner, purpose=words
        )
        record(inspected, by=by, at=at)
    return open_object(stored, impounded=True)
