"""How the log is: size, checkpoint, witnesses, what waits, what is in trouble, last reconciliation.

What anybody may know of the log anyway (its logs, heads and cosignatures) stands apart from what
is for those who watch.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.log import queries as log_queries
from audit.log.models import Checkpoint, Cursor, Entry, Log, Pending
from audit.log.reactions import ReactionAbandoned
from audit.log.signing import get_signer

from .events import ReconciliationFinished
from .models import SavedSearch
from .states import SearchState

LATE = 60
"""Seconds an entry may wait for its checkpoint before it is worth a look."""


@dataclass(frozen=True, kw_only=True)
class Vouching:
    """Who cosigned the newest checkpoint, and when."""

    name: str
    key_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """The last comparison of the log with the database."""

    at: datetime
    entry: str
    things: int
    differences: int


@dataclass(frozen=True, kw_only=True)
class Health:
    """The log as it is now."""

    logs: Sequence[Log]
    size: int
    checkpoint: Checkpoint | None
    checkpoint_age: int | None  # seconds
    cosignatures: Sequence[Vouching]
    verifier_key: str
    waiting: int
    is_late: bool
    alarms: Sequence[str]
    failing: Sequence[Cursor]
    abandoned: int
    searches: Sequence[SavedSearch]  # saved searches that fail at present
    reconciliation: Reconciliation | None
    to_do: Sequence[str]

    @property
    def is_sound(self) -> bool:
        """Whether nothing has to be done."""
        return not self.to_do

    @property
    def is_witnessed(self) -> bool:
        """Whether witnesses cosigned the newest checkpoint, in their quorum; never without any."""
        return self.checkpoint is not None and self.checkpoint.witnessed and bool(self.cosignatures)


def health_of(at: datetime) -> Health:
    """Return the log's health at an instant."""
    logs = list(log_queries.logs().order_by("first"))
    size = log_queries.log_size()
    head = log_queries.latest_checkpoint()
    waiting = Pending.objects.count()
    age = int((at - head.created_at).total_seconds()) if head else None
    failing = list(Cursor.objects.filter(attempts__gt=0).order_by("reaction"))
    found: dict[str, Any] = {
        "waiting": waiting,
        "is_late": _is_late(head, waiting, size, at),
        "alarms": log_queries.alarms(),
        "failing": failing,
        "abandoned": Entry.objects.filter(name=ReactionAbandoned.name).count(),
        "searches": list(failing_searches()),
        "reconciliation": last_reconciliation(),
    }
    return Health(
        logs=logs,
        size=size,
        checkpoint=head,
        checkpoint_age=age,
        cosignatures=_cosignatures(head),
        verifier_key=get_signer("log").verifier_key,
        to_do=_to_do(head, found),
        **found,
    )


def failing_searches() -> QuerySet[SavedSearch]:
    """Return the saved searches whose last run failed."""
    watching = SavedSearch.objects.filter(alert=True, status=SearchState.KEPT)
    return watching.filter(attempts__gt=0).order_by("reference")


def last_reconciliation() -> Reconciliation | None:
    """Return the last comparison that is on record."""
    entry = Entry.objects.filter(name=ReconciliationFinished.name).order_by("-position").first()
    if entry is None:
        return None
    body = json.loads(bytes(entry.data))["body"]
    return Reconciliation(
        at=entry.occurred_at,
        entry=str(entry.id),
        things=int(body["things"]),
        differences=int(body["differences"]),
    )


def _cosignatures(head: Checkpoint | None) -> list[Vouching]:
    if head is None:
        return []
    rows = head.cosignatures.order_by("pk")
    return [Vouching(name=row.name, key_id=row.key_id, at=row.at) for row in rows]


def _is_late(head: Checkpoint | None, waiting: int, size: int, at: datetime) -> bool:
    """Whether an entry waits for its checkpoint for more than a minute."""
    if waiting:
        oldest = Pending.objects.order_by("entry_id").values_list("entry__occurred_at", flat=True)
        return (at - oldest[0]).total_seconds() > LATE
    published = head.log.first + head.size if head else 0
    if size <= published:
        return False
    first = Entry.objects.filter(leaf__index=published).values_list("occurred_at", flat=True)
    return bool(first) and (at - first[0]).total_seconds() > LATE


def _to_do(head: Checkpoint | None, found: dict[str, Any]) -> list[str]:
    """Return what has to be done, the most pressing first."""
    told = [
        _("The log is not published: %(why)s The operator follows the manual for a frozen log.")
        % {"why": alarm}
        for alarm in found["alarms"]
    ]
    if found["is_late"]:
        told.append(
            _("Entries wait for their checkpoint; is the dispatcher running (manage.py work)?")
        )
    if head is not None and not head.witnessed:
        told.append(
            _("No quorum of witnesses vouches for the newest checkpoint; ask the witnesses.")
        )
    if found["failing"]:
        told.append(_("Reactions fail and are tried again; the operator reads their last error."))
    if found["abandoned"]:
        told.append(_("Entries were given up by a reaction; what they ask for is done by hand."))
    if found["searches"]:
        told.append(
            _("Saved searches fail and are tried again; nobody is told of what they would find.")
        )
    last = found["reconciliation"]
    if last is None:
        told.append(_("Log and database were never reconciled; run manage.py reconcile."))
    elif last.differences:
        told.append(
            _("Log and database differ; the operator explains each difference to the regulator.")
        )
    return told
