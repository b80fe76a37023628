"""How the exchange itself is: log, ledger, reactions, rules, keys, storage."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.models import Cursor, Entry, Pending
from audit.log.queries import latest_checkpoint, log_size
from audit.log.reactions import REACTIONS, ReactionAbandoned
from audit.log.signing import PURPOSES, get_signer
from audit.rulebook.queries import NoPack, Pack, day_of, get_pack, list_kinds
from exchange.compliance.resting import resting_algorithms, waiting_screenings
from exchange.settlement.queries import list_discrepancies
from exchange.vault.keys import get_key_ring
from exchange.vault.models import StoredObject
from exchange.vault.states import ObjectState, Purpose
from exchange.web.components import Column, Head
from exchange.web.pages import Page

from .registers import KINDS

LONGEST_WAITING = 20
LATE = 60  # seconds an entry may wait for its checkpoint before it is worth a look

REACTION_COLUMNS = (
    Column(label=gettext_lazy("Reaction")),
    Column(label=gettext_lazy("State")),
    Column(label=gettext_lazy("Read up to"), number=True),
    Column(label=gettext_lazy("Attempts"), number=True),
    Column(label=gettext_lazy("Tried again")),
    Column(label=gettext_lazy("Last error")),
)
PACK_COLUMNS = (
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("In force since")),
    Column(label=gettext_lazy("Digest")),
)
KEY_COLUMNS = (
    Column(label=gettext_lazy("Signs")),
    Column(label=gettext_lazy("Verifier key"), meaning=gettext_lazy("Public; anybody may have it")),
)
WAITING_COLUMNS = (
    Column(label=gettext_lazy("Release")),
    Column(label=gettext_lazy("Data product")),
    Column(label=gettext_lazy("Provider")),
    Column(label=gettext_lazy("Waiting since")),
)
STORAGE_COLUMNS = (
    Column(label=gettext_lazy("Kept for")),
    Column(label=gettext_lazy("Objects"), number=True),
    Column(label=gettext_lazy("Size"), number=True),
)


@dataclass(frozen=True, kw_only=True)
class LogHealth:
    """How far the log is recorded, sequenced and published."""

    recorded: int
    sequenced: int
    published: int
    waiting: int
    waiting_since: datetime | None
    checkpoint_at: datetime | None
    is_late: bool


def health_of_log(at: datetime) -> LogHealth:
    """Return the log's counts; late is what waits longer than a minute for its checkpoint."""
    head = latest_checkpoint()
    sequenced = log_size()
    oldest = Pending.objects.order_by("entry__position").select_related("entry").first()
    published = head.log.first + head.size if head else 0
    since = oldest.entry.occurred_at if oldest else None
    if since is None and sequenced > published:
        unpublished = Entry.objects.filter(leaf__index=published).first()
        since = unpublished.occurred_at if unpublished else None
    return LogHealth(
        recorded=Entry.objects.count(),
        sequenced=sequenced,
        published=published,
        waiting=Pending.objects.count(),
        waiting_since=since,
        checkpoint_at=head.created_at if head else None,
        is_late=since is not None and (at - since).total_seconds() > LATE,
    )


def reactions_now() -> list[dict[str, Any]]:
    """Return every reaction with its cursor; who failed last stands first."""
    cursors = {cursor.reaction: cursor for cursor in Cursor.objects.all()}
    size = log_size()
    rows = []
    for name in sorted(REACTIONS):
        cursor = cursors.get(name) or Cursor(reaction=name)
        rows.append(
            {
                "name": name,
                "cursor": cursor,
                "behind": max(0, size - cursor.next_index),
                "is_failing": cursor.attempts > 0,
            }
        )
    return sorted(rows, key=lambda row: (not row["is_failing"], row["name"]))


def abandoned_reactions() -> int:
    """Return how many entries a reaction was moved past after repeated failure."""
    return Entry.objects.filter(name=ReactionAbandoned.name).count()


class Health(Page):
    """Everything an operator looks at before and after an incident."""

    roles = ("OPERATOR",)
    template_name = "operator/health.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        disk = shutil.disk_usage(settings.VAR)
        head = Head(
            title=_("State of the exchange"),
            kind=_("Operator"),
            summary=_("Log, ledger, reactions, rules, keys and storage as they are now."),
        )
        return super().get_context_data(
            head=head,
            log=health_of_log(self.now),
            discrepancies=list_discrepancies(),
            reactions=reactions_now(),
            abandoned=abandoned_reactions(),
            packs=_packs(self.now),
            keys=_keys(),
            ring=_ring(),
            storage=_storage(),
            disk=disk,
            disk_share=round(100 * disk.used / disk.total) if disk.total else 0,
            log_folder=settings.AUDIT_LOG_DIR,
            reaction_columns=REACTION_COLUMNS,
            pack_columns=PACK_COLUMNS,
            key_columns=KEY_COLUMNS,
            storage_columns=STORAGE_COLUMNS,
            resting=resting_algorithms(),
            waiting_count=waiting_screenings().count(),
            waiting=waiting_screenings()[:LONGEST_WAITING],
            waiting_columns=WAITING_COLUMNS,
            **kwargs,
        )


def _packs(at: datetime) -> list[tuple[str, str | Promise, Pack | None]]:
    """Return kind, its name, and the version in force of it, if any."""
    found: list[tuple[str, str | Promise, Pack | None]] = []
    for kind in list_kinds():
        try:
            pack = get_pack(kind, on=day_of(at))
        except NoPack:
            pack = None
        found.append((kind, KINDS.get(kind, kind), pack))
    return found


def _keys() -> list[tuple[str, str]]:
    """Return the public half of every signing key; empty where a key is missing."""
    found = []
    for purpose in sorted(PURPOSES):
        try:
            found.append((purpose, get_signer(purpose).verifier_key))
        except ImproperlyConfigured:
            found.append((purpose, ""))
    return found


def _ring() -> list[dict[str, Any]]:
    """Return the key-encryption keys by name with how many objects lie under each."""
    stored = StoredObject.objects.exclude(status=ObjectState.DESTROYED)
    under = dict(stored.values_list("key_id").annotate(count=Count("pk")).order_by())
    try:
        ring = get_key_ring()
    except ImproperlyConfigured:
        return [
            {"name": name, "count": count, "is_newest": False, "is_missing": True}
            for name, count in sorted(under.items())
        ]
    names = sorted({*ring.versions, *under})
    return [
        {
            "name": name,
            "count": under.get(name, 0),
            "is_newest": name == ring.newest,
            "is_missing": name not in ring.versions,
        }
        for name in names
    ]


def _storage() -> list[dict[str, Any]]:
    stored = StoredObject.objects.exclude(status=ObjectState.DESTROYED)
    sums = stored.values("purpose").annotate(count=Count("pk"), size=Sum("size")).order_by()
    return [{**row, "label": Purpose(row["purpose"]).label} for row in sums]
