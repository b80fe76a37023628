"""Reading the log: timelines of things, the trail of acts, checkpoints."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from .errors import NotFound
from .models import Checkpoint, Entry, Leaf
from .states import EntryState


@dataclass(frozen=True, kw_only=True)
class TrailFilters:
    """What to look for in the trail; empty means anything. Times are half-open."""

    names: Collection[str] = ()  # events by name, or by prefix when it ends with a dot
    actor: str = ""
    organization: str = ""
    kind: str = ""
    reference: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries_for(kind: str, reference: str) -> QuerySet[Entry]:
    """Return every entry that touches a thing, the oldest first: its timeline."""
    return (
        Entry.objects.filter(refs__kind=kind, refs__reference=reference)
        .select_related("leaf")
        .order_by("position")
    )


def trail(filters: TrailFilters | None = None) -> QuerySet[Entry]:
    """Return the entries that `filters` leaves, the newest first."""
    filters = filters or TrailFilters()
    entries = Entry.objects.select_related("leaf").order_by("-position")
    if filters.names:
        wanted = Q()
        for name in filters.names:
            wanted |= Q(name__startswith=name) if name.endswith(".") else Q(name=name)
        entries = entries.filter(wanted)
    if filters.kind or filters.reference:
        touched = Q()
        if filters.kind:
            touched &= Q(refs__kind=filters.kind)
        if filters.reference:
            touched &= Q(refs__reference=filters.reference)
        entries = entries.filter(touched).distinct()
    if filters.since:
        entries = entries.filter(occurred_at__gte=filters.since)
    if filters.until:
        entries = entries.filter(occurred_at__lt=filters.until)
    exact = {
        name: value
        for name in ("actor", "organization", "request_id")
        if (value := getattr(filters, name))
    }
    return entries.filter(**exact)


def get_entry(identity: UUID) -> Entry:
    """Return one entry by its public id."""
    try:
        return Entry.objects.select_related("leaf").get(id=identity)
    except Entry.DoesNotExist:
        raise NotFound from None


def latest_checkpoint() -> Checkpoint | None:
    """Return the newest signed tree head."""
    return Checkpoint.objects.order_by("-size").first()


def state_of(entry: Entry) -> EntryState:
    """Return how far an entry has come on its way into a signed checkpoint."""
    index = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    if index is None:
        return EntryState.PENDING
    covered = Checkpoint.objects.filter(size__gt=index).exists()
    return EntryState.PUBLISHED if covered else EntryState.SEQUENCED
