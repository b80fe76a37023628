"""The way from a thing to the evidence about it, in the console of whoever looks."""

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.states import EvidenceState

from .components import Action, Progress
from .navigation import address

WATCHERS = ("REGULATOR", "OPERATOR")


def room_of(actor: Actor) -> str:
    """Return the console in which the actor takes evidence."""
    return next((role.lower() for role in WATCHERS if actor.has_role(role)), "organization")


def evidence_action(actor: Actor, kind: str, reference: str) -> list[Action]:
    """Return the quiet action that leads to the request for a bundle of this thing."""
    place = address(f"{room_of(actor)}_evidence")
    if not place or not actor.roles:
        return []
    query = urlencode({"kind": kind, "reference": reference})
    return [Action(label=_("Take the evidence"), url=f"{place}?{query}", post=False, icon="proof")]


def progress_of(bundle: EvidenceBundle, url: str) -> Progress | None:
    """Return how far the making of a bundle is, or None once it is over."""
    if bundle.status == EvidenceState.QUEUED:
        return Progress(
            what=_("Queued; it begins as soon as a signed checkpoint covers the request"),
            since=bundle.requested_at,
            url=url,
        )
    if bundle.status == EvidenceState.RUNNING:
        return Progress(
            what=_("Entries are collected, proved and packed"),
            done=bundle.entries_done,
            total=bundle.entries_total or None,
            since=bundle.requested_at,
            url=url,
        )
    return None
