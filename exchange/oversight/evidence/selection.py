"""What belongs into a bundle: which entries of which log, and which documents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from audit.log.actors import Actor, ActorKind
from audit.log.models import Entry, Leaf
from exchange.oversight.events import EvidenceRequested
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import (
    WATCHERS,
    entries_concerning,
    entries_of_algorithm,
    entries_visible_to,
    timeline_entries,
)
from exchange.oversight.states import EvidenceKind
from verify.manifest import Stretch
from verify.shared import Run

from .logs import PublishedLog

BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as a bundle needs it; `index` is that of the whole."""

    index: int
    id: UUID
    data: bytes
    name: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Part:
    """The entries of one log in a bundle; indexes are those within the log."""

    log: PublishedLog
    runs: Sequence[Run]

    @property
    def count(self) -> int:
        """How many entries they are."""
        return sum(run.count for run in self.runs)

    def entries(self) -> Iterator[Found]:
        """Yield them in order of their indexes, some hundred at a time."""
        wanted: list[int] = []
        for run in self.runs:
            for start in range(run.first, run.end, BATCH):
                wanted += range(start, min(start + BATCH, run.end))
                if len(wanted) >= BATCH:
                    yield from self._read(wanted)
                    wanted = []
        yield from self._read(wanted)

    def _read(self, indexes: Sequence[int]) -> Iterator[Found]:
        first = self.log.first
        places = [first + index for index in indexes]
        rows = Leaf.objects.filter(index__in=places).order_by("index")
        columns = ("index", "entry__id", "entry__data", "entry__name", "entry__occurred_at")
        for index, identity, data, name, at in rows.values_list(*columns):
            yield Found(index, identity, bytes(data), name, at)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The entries of a bundle by log, and for a period which stretch of them it claims whole."""

    parts: Sequence[Part]
    stretches: Sequence[Stretch] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many entries they are."""
        return sum(part.count for part in self.parts)


def viewer_of(bundle: EvidenceBundle) -> Actor:
    """Return who reads through the bundle: the organization that asked, in its present roles."""
    organization = bundle.organization
    roles = organization.roles if organization.status == "ADMITTED" else []
    return Actor(
        kind=ActorKind.USER,
        id=bundle.requested_by,
        organization=organization.reference,
        roles=frozenset(roles),
    )


def request_of(bundle: EvidenceBundle) -> Entry:
    """Return the entry with which a bundle was asked for."""
    return Entry.objects.get(
        name=EvidenceRequested.name, subject_kind="evidence", subject=bundle.reference
    )


def index_of_request(bundle: EvidenceBundle) -> int | None:
    """Return the index of that entry, once it has one; nothing later belongs to the bundle."""
    entry = request_of(bundle)
    return Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()


def watches(actor: Actor) -> bool:
    """Whether the actor reads the records of all."""
    return actor.has_role(*WATCHERS)


def entries_of(bundle: EvidenceBundle, viewer: Actor, cut: int) -> QuerySet[Entry]:
    """Return the entries that a bundle is of, up to the entry `cut` of its request."""
    match bundle.kind:
        case EvidenceKind.ORDER | EvidenceKind.PRODUCT:
            rows = timeline_entries(viewer, bundle.kind.lower(), bundle.subject)
        case EvidenceKind.ORGANIZATION:
            rows = entries_concerning(bundle.subject, confidential=watches(viewer))
        case EvidenceKind.ALGORITHM:
            rows = entries_of_algorithm(viewer, bundle.subject)
        case _:
            start, end = period_range(bundle, cut)
            rows = entries_visible_to(viewer).filter(leaf__index__gte=start, leaf__index__lt=end)
    return rows.filter(leaf__index__lte=cut)


def period_range(bundle: EvidenceBundle, cut: int) -> tuple[int, int]:
    """Return the least range of the whole log that holds every entry dated in the period.

    The log's order is that of commits, so that times may swap within a moment; what lies between
    belongs to the range. Outside of it no entry up to `cut` is dated in the period.
    """
    leaves = Leaf.objects.filter(index__lte=cut)
    first = leaves.filter(entry__occurred_at__gte=bundle.since).aggregate(at=Min("index"))["at"]
    last = leaves.filter(entry__occurred_at__lt=bundle.until).aggregate(at=Max("index"))["at"]
    start = cut if first is None else first
    return start, start if last is None else max(start, last + 1)


def select_period(
    logs: Sequence[PublishedLog], start: int, end: int, extra: Iterable[int]
) -> Selection:
    """Select a range of the whole, with a neighbor on either side, and single entries besides."""
    parts, stretches = [], []
    low, high = max(start - 1, 0), end + 1
    for log in logs:
        inner = (max(low, log.first), min(high, log.end))
        runs = [Run(inner[0] - log.first, inner[1] - log.first)] if inner[0] < inner[1] else []
        if runs:
            bounds = [min(max(place, log.first), log.end) - log.first for place in (start, end)]
            stretches.append(Stretch(log.label, *bounds))
        found = [index for index in extra if log.first <= index < log.end]
        runs = _joined(runs, (index - log.first for index in found))
        if runs:
            parts.append(Part(log=log, runs=runs))
    return Selection(parts=parts, stretches=stretches)


def select_single(logs: Sequence[PublishedLog], indexes: Iterable[int]) -> Selection:
    """Select single entries by their indexes of the whole."""
    ordered = sorted(set(indexes))
    parts = []
    for log in logs:
        runs = _joined([], (i - log.first for i in ordered if log.first <= i < log.end))
        if runs:
            parts.append(Part(log=log, runs=runs))
    return Selection(parts=parts)


def indexes_of(rows: QuerySet[Entry]) -> Iterator[int]:
    """Yield the indexes of entries, without holding these."""
    return rows.order_by().values_list("leaf__index", flat=True).iterator(chunk_size=4096)


def span_of(rows: QuerySet[Entry], bundle: EvidenceBundle) -> tuple[datetime, datetime]:
    """Return the time that a bundle is about: its period, or from first to last entry."""
    if bundle.since and bundle.until:
        return bundle.since, bundle.until
    found = rows.order_by().aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    return found["first"] or bundle.requested_at, found["last"] or bundle.requested_at


def _joined(runs: Sequence[Run], indexes: Iterable[int]) -> list[Run]:
    """Return `runs` together with single indexes, in order, neighbors joined."""
    found: list[Run] = []
    for run in sorted([*runs, *(Run(i, i + 1) for i in indexes)], key=lambda run: run.first):
        if found and run.first <= found[-1].end:
            found[-1] = Run(found[-1].first, max(found[-1].end, run.end))
        else:
            found.append(run)
    return found
