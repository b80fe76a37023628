"""What is held, what a record's class keeps until when, and what was destroyed."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.log.models import Entry, EntryRef
from audit.rulebook.queries import day_of

from .belonging import Thing, with_owners
from .models import Destruction, LegalHold
from .states import HoldState
from .terms import RetentionClass, Term, classes_on

WATCHERS = ("REGULATOR", "OPERATOR")


def may_look(actor: Actor) -> bool:
    """Whether the actor sees what is held, due and destroyed."""
    return actor.is_system or actor.has_role(*WATCHERS)


def holds_visible_to(actor: Actor) -> QuerySet[LegalHold]:
    """Return the legal holds the actor may see: all for regulator and operator."""
    if not may_look(actor):
        return LegalHold.objects.none()
    return LegalHold.objects.all()


def get_hold_for(actor: Actor, reference: str) -> LegalHold:
    """Return one legal hold; raises NotFound where the actor may not see it."""
    found = holds_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def destructions_visible_to(actor: Actor) -> QuerySet[Destruction]:
    """Return the destruction records the actor may see: all for regulator and operator."""
    if not may_look(actor):
        return Destruction.objects.none()
    return Destruction.objects.all()


def get_destruction_for(actor: Actor, reference: str) -> Destruction:
    """Return one destruction record; raises NotFound where the actor may not see it."""
    found = destructions_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def holds_on(things: Iterable[Thing]) -> list[LegalHold]:
    """Return the holds in force on any of `things`, or on what these belong to."""
    in_force = list(LegalHold.objects.filter(status=HoldState.IN_FORCE))
    if not in_force:
        return []
    found = with_owners(things)
    return [hold for hold in in_force if (hold.kind, hold.subject) in found]


def things_of(entry: Entry) -> set[Thing]:
    """Return everything an entry touches."""
    return set(EntryRef.objects.filter(entry=entry).values_list("kind", "reference"))


def term_of(entry: Entry, *, at: datetime) -> Term:
    """Return what the classes of an entry keep of it, by the rules in effect at `at`."""
    classes = tuple(each for each in classes_on(day_of(at)) if each.holds_event(entry.name))
    things = things_of(entry)
    ends = [_ended(each, things, since=entry) for each in classes]
    known = [moment for moment in ends if moment is not None]
    ended = max(known) if known and len(known) == len(ends) else None
    return Term(classes=classes, ended_at=ended)


def terms_for(actor: Actor, kind: str, reference: str, *, at: datetime) -> list[tuple[Entry, Term]]:
    """Return the term of each entry that touches a thing, the oldest first."""
    if not may_look(actor):
        raise NotFound
    entries = Entry.objects.filter(refs__kind=kind, refs__reference=reference)
    return [(entry, term_of(entry, at=at)) for entry in entries.order_by("position")]


def _ended(each: RetentionClass, things: set[Thing], *, since: Entry) -> datetime | None:
    """Return when what an entry is about ended: by an event all of whose things it shares."""
    shared = {thing for thing in things if thing[0] in each.of}
    if not shared or not each.ends:
        return None
    touching = Q()
    for kind, reference in shared:
        touching |= Q(refs__kind=kind, refs__reference=reference)
    later = Entry.objects.filter(touching, name__in=each.ends, position__gte=since.position)
    for end in later.distinct().order_by("-position"):
        if {thing for thing in things_of(end) if thing[0] in each.of} <= shared:
            return end.occurred_at
    return None
