"""Reading the log: timelines of things, the trail of acts, checkpoints."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from .errors import NotFound
from .events import REGISTRY
from .models import Checkpoint, Entry, EntryRef, Leaf, Log
from .states import EntryState


@dataclass(frozen=True, kw_only=True)
class TrailFilters:
    """What to look for in the trail; empty means anything. Times are half-open.

    `references`, `actors` and `parties` are sets of which one has to fit; None means anything and
    an empty set means that nothing fits. A party is concerned that acted or that an entry names.
    """

    names: Collection[str] = ()  # events by name, or by prefix when it ends with a dot
    actor: str = ""
    organization: str = ""
    kind: str = ""
    reference: str = ""
    rule: str = ""
    request_id: str = ""
    references: Collection[str] | None = None
    actors: Collection[str] | None = None
    parties: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


PARTY_KINDS = ("organization", "buyer", "provider")
"""Kinds under which an entry names an organization."""


def entries_for(kind: str, reference: str) -> QuerySet[Entry]:
    """Return every entry that touches a thing, the oldest first: its timeline."""
    return (
        Entry.objects.filter(refs__kind=kind, refs__reference=reference)
        .select_related("leaf")
        .order_by("position")
    )


def trail(filters: TrailFilters | None = None) -> QuerySet[Entry]:
    """Return the entries that `filters` leaves, the newest first.

    What names things is looked up in the index of references first, and entries are read in the
    order of their position, so that a page costs about what stands on it.
    """
    filters = filters or TrailFilters()
    entries = Entry.objects.select_related("leaf").order_by("-position")
    if filters.names:
        entries = entries.filter(name__in=_events(filters.names))
    for touched in _touched(filters):
        entries = entries.filter(pk__in=touched)
    if filters.actors is not None:
        entries = entries.filter(actor__in=filters.actors)
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


def _events(wanted: Collection[str]) -> set[str]:
    """Return names of events, and for each prefix every known event below it."""
    exact = {name for name in wanted if not name.endswith(".")}
    prefixes = tuple(name for name in wanted if name.endswith("."))
    return exact | {name for name in REGISTRY if prefixes and name.startswith(prefixes)}


def _touched(filters: TrailFilters) -> Iterator[QuerySet[Any, Any]]:
    """Yield the positions of entries that touch what is looked for, condition by condition."""
    refs = EntryRef.objects.order_by()
    if filters.reference or filters.references is not None:
        found = refs.filter(kind=filters.kind) if filters.kind else refs
        if filters.reference:
            found = found.filter(reference=filters.reference)
        if filters.references is not None:
            found = found.filter(reference__in=filters.references)
        yield found.values("entry")
    elif filters.kind:
        yield refs.filter(kind=filters.kind).values("entry")
    if filters.rule:
        yield refs.filter(kind="rule", reference=filters.rule).values("entry")
    if filters.parties is not None:
        acted = Entry.objects.order_by().filter(organization__in=filters.parties)
        named = refs.filter(kind__in=PARTY_KINDS, reference__in=filters.parties)
        yield acted.values("pk").union(named.values("entry"))


def get_entry(identity: UUID) -> Entry:
    """Return one entry by its public id."""
    try:
        return Entry.objects.select_related("leaf").get(id=identity)
    except Entry.DoesNotExist:
        raise NotFound from None


def alarms() -> list[str]:
    """Return why the log is not published at present; empty when it is."""
    from .alarms import current_alarms  # noqa: PLC0415  it stands on the log's files as well

    return current_alarms()


def logs() -> QuerySet[Log]:
    """Return the logs of all periods, the oldest first."""
    return Log.objects.order_by("first")


def current_log() -> Log | None:
    """Return the log of the newest period; None before the first entry has its index."""
    return Log.objects.order_by("-first").first()


def log_size() -> int:
    """Return how many entries have an index, in all periods together."""
    log = current_log()
    return log.end if log else 0


def log_holding(index: int) -> Log:
    """Return the log in which the leaf of this global index stands."""
    return Log.objects.filter(first__lte=index).order_by("-first")[0]


def latest_checkpoint(log: Log | None = None) -> Checkpoint | None:
    """Return the newest signed tree head, of the newest log that has one or of `log`."""
    found = Checkpoint.objects.select_related("log").order_by("-log__first", "-size", "-pk")
    return (found.filter(log=log) if log else found).first()


def covering_checkpoint(index: int) -> Checkpoint | None:
    """Return the newest tree head over the leaf of this global index, best a cosigned one."""
    log = log_holding(index)
    found = Checkpoint.objects.filter(log=log, size__gt=index - log.first)
    return found.select_related("log").order_by("-witnessed", "-size", "-pk").first()


def state_of(entry: Entry) -> EntryState:
    """Return how far an entry has come on its way into a signed checkpoint."""
    index = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    if index is None:
        return EntryState.PENDING
    return EntryState.PUBLISHED if covering_checkpoint(index) else EntryState.SEQUENCED
