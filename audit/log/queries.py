"""Reading the log: timelines of things, the trail of acts, checkpoints."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

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


MANY = 10_000
"""So many entries are not collected before the newest of them are read."""
FEW = 5
"""So many organizations are asked for at each entry; more are collected."""
PARTY_KINDS = ("organization", "buyer", "provider", "party")
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

    Entries are read in the order of their position, so that a page costs about what stands on it:
    what touches few entries is looked up first, what touches many is asked of each entry.
    """
    filters = filters or TrailFilters()
    entries = Entry.objects.select_related("leaf").order_by("-position")
    if filters.names:
        entries = entries.filter(name__in=_events(filters.names))
    for condition in _touched(filters):
        entries = entries.filter(condition)
    if filters.actors is not None:
        entries = entries.filter(actor__in=filters.actors)
    if filters.since:
        entries = entries.filter(occurred_at__gte=filters.since)
    if filters.until:
        entries = entries.filter(occurred_at__lt=filters.until)
        # + 0: read from the index of times, not by walking the log back from its end
        span = Q(occurred_at__gte=filters.since) if filters.since else Q()
        within = Entry.objects.filter(span, occurred_at__lt=filters.until)
        newest = within.aggregate(position=Max(F("position") + 0))["position"] or 0
        entries = entries.filter(position__lte=newest)  # nothing after it is read in vain
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


def _touched(filters: TrailFilters) -> Iterator[Q]:
    """Yield the conditions on what entries touch."""
    kind = Q(kind=filters.kind) if filters.kind else Q()
    if filters.reference:
        yield _touching(kind & Q(reference=filters.reference))
    if filters.references is not None:
        named = EntryRef.objects.filter(kind, reference__in=filters.references).order_by()
        yield Q(pk__in=named.values("entry"))
    elif filters.kind and not filters.reference:
        yield Q(Exists(_refs_of_entry(kind)))
    if filters.rule:
        yield _touching(Q(kind="rule", reference=filters.rule))
    if filters.parties is not None:
        party = Q(kind__in=PARTY_KINDS, reference__in=filters.parties)
        acted = Entry.objects.filter(organization__in=filters.parties).order_by()
        touched = EntryRef.objects.filter(party).order_by()
        if len(filters.parties) <= FEW and (_are_many(acted) or _are_many(touched)):
            yield Q(organization__in=filters.parties) | Q(Exists(_refs_of_entry(party)))
        else:
            yield Q(pk__in=acted.values("pk").union(touched.values("entry")))


def _touching(thing: Q) -> Q:
    """Return the condition that an entry names a thing, by the shorter of two ways."""
    refs = EntryRef.objects.filter(thing).order_by()
    return Q(Exists(_refs_of_entry(thing))) if _are_many(refs) else Q(pk__in=refs.values("entry"))


def _refs_of_entry(thing: Q) -> QuerySet[EntryRef]:
    return EntryRef.objects.filter(thing, entry=OuterRef("pk"))


def _are_many(rows: QuerySet[Any]) -> bool:
    return rows.order_by().values("pk")[:MANY].count() == MANY


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
