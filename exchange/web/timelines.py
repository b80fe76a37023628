"""Timelines of things as an actor may read them, in words instead of pseudonyms."""

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.queries import entries_for
from exchange.oversight.queries import entries_visible_to
from exchange.parties.queries import organization_names, people_names

from .components import Moment
from .navigation import address
from .templatetags.parts import moments_of

NEWEST = 40
ANY_ENTRY = "00000000-0000-0000-0000-000000000000"


def moments_for(
    actor: Actor,
    kind: str,
    reference: str,
    *,
    limit: int = NEWEST,
    names: Collection[str] = (),
) -> list[Moment]:
    """Return the newest entries that touch a thing, as far as the actor may read them.

    With `names` only entries whose name begins with one of them.
    """
    entries = entries_for(kind, reference).filter(pk__in=entries_visible_to(actor).values("pk"))
    if names:
        entries = entries.filter(reduce(or_, (Q(name__startswith=name) for name in names)))
    return worded_moments(actor, list(entries.order_by("-position")[:limit]))


def worded_moments(actor: Actor, entries: list[Entry]) -> list[Moment]:
    """Return entries with names: of people for their own organization and those who watch."""
    organizations = organization_names(entry.organization for entry in entries)
    watches = actor.has_role("OPERATOR", "REGULATOR")
    own = [e.actor for e in entries if watches or e.organization == actor.organization]
    people = people_names(own)
    shown = {entry.actor: actor_word(entry.actor, people) for entry in entries}
    url = address("log_entry", ANY_ENTRY).replace(ANY_ENTRY, "{id}")
    return moments_of(entries, people=shown, organizations=organizations, entry_url=url)


def actor_word(actor: str, people: dict[str, str]) -> str:
    """Return who acted in words: a person by name, the platform by its part."""
    if actor in people:
        return people[actor]
    mark, _sep, name = actor.partition(":")
    if mark == "system":
        return _("the platform (%(part)s)") % {"part": name}
    if mark == "token":
        return _("API token %(prefix)s") % {"prefix": name}
    return _("a member") if mark == "user" else actor
