"""What the pages about a trade share: where one stands, ways that exist, moments of the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.log.actors import Actor
from audit.log.queries import TrailFilters
from audit.log.queries import trail as log_trail
from exchange.delivery.states import Refusal
from exchange.oversight.queries import TrailPage, TrailRow
from exchange.parties.queries import get_organization, organization_names, people_names

from .components import Link, Moment
from .navigation import address
from .pages import FormPage, Page
from .templatetags.parts import tone_of_event

BUYER, PROVIDER = "buyer", "provider"
WATCHERS = ("REGULATOR", "OPERATOR")
EXCHANGE_MARK = "system:"


def way(route: str, *args: object) -> str:
    """Return the address of a route with its arguments, or nothing while it does not exist."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def links(*found: tuple[object, str]) -> list[Link]:
    """Return links to those of the things that have an address."""
    return [Link(label=label, url=url) for label, url in found if url]


class OwnPage(Page):
    """A page of one side's console; an organization that lost its admission still reads its own."""

    def why_not_enter(self) -> str | None:
        refusal = super().why_not_enter()
        if refusal and self.actor.organization:
            organization = get_organization(self.actor.organization)
            if not set(self.roles).isdisjoint(organization.roles):
                return None
        return refusal


class SharedPage(Page):
    """A page that both sides of a trade share; it stands in the console of whoever looks."""

    member = True
    room: ClassVar[str] = ""

    def stand(self, *, buyer: str, provider: str) -> None:
        """Say in which console this page stands for the actor."""
        self.request.place = place_of(self.actor, self.room, buyer, provider)  # type: ignore[attr-defined]


class SharedForm(SharedPage, FormPage):
    """A form that belongs to a page which both sides share."""


def place_of(actor: Actor, room: str, buyer: str, provider: str) -> str:
    """Return the address of the room in which `actor` finds a trade between these two."""
    if actor.organization and actor.organization == buyer:
        return address(f"{BUYER}_{room}")
    if actor.organization and actor.organization == provider:
        return address(f"{PROVIDER}_{room}")
    role = next((role.lower() for role in WATCHERS if actor.has_role(role)), "")
    return address(f"{role}_overview") if role else ""


def since_in_log(kind: str, reference: str, names: str) -> datetime | None:
    """Return when the last of the events `names` (a prefix) befell a thing."""
    filters = TrailFilters(names=[names], kind=kind, reference=reference)
    last = log_trail(filters).first()
    return last.occurred_at if last else None


def moments_of_trail(page: TrailPage, actor: Actor) -> list[Moment]:
    """Return rows of a trail as moments; people are named to their own organization only."""
    named = names_for(actor, [(row.actor, row.organization) for row in page.rows])
    return [_moment(row, named) for row in page.rows]


def names_for(actor: Actor, acts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return how actors and organizations are called towards `actor`.

    A person is named to colleagues and to the watch; to others, only its organization is.
    """
    watches = actor.has_role(*WATCHERS)
    own = [who for who, place in acts if watches or (place and place == actor.organization)]
    return organization_names(place for _who, place in acts) | people_names(own)


def name_of_actor(who: str, named: dict[str, str]) -> str:
    """Return an actor in words: the exchange itself, a person, or nothing where it has no name."""
    if who.startswith(EXCHANGE_MARK):
        return _("the exchange itself")
    return named.get(who, "")


def _moment(row: TrailRow, named: dict[str, str]) -> Moment:
    said = [name_of_actor(row.actor, named), named.get(row.organization, "")]
    words = [word for word in said if word]
    return Moment(
        at=row.occurred_at,
        label=row.label,
        actor=", ".join(words),
        entry=row.id,
        url=way("log_entry", row.id),
        index=row.index,
        tone=tone_of_event(row.name),
        details=_details(row),
    )


def _details(row: TrailRow) -> list[tuple[object, object]]:
    """Return what a reader of the timeline wants to know of an entry at once."""
    body: dict[str, Any] = row.body
    told: list[tuple[object, object]] = []
    if "amount" in body:
        told.append((_("amount"), f"{body['amount']} {body.get('currency', '')}".strip()))
    if "bytes" in body:
        told.append((pgettext("sent", "bytes"), f"{int(body['bytes']):,}"))
    if "refusal" in body:
        told.append((_("refused because"), _refusal(str(body["refusal"]))))
    return told


def _refusal(code: str) -> object:
    return Refusal(code).label if code in Refusal.values else code
