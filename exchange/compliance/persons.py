"""Who the person behind an actor is: four eyes are two persons, not two accounts of one.

A token acts for the person who issued it, and a person may act for several organizations.
"""

from uuid import UUID

from audit.log.actors import Actor, ActorKind
from exchange.parties.models import Member


def person_of(actor: Actor) -> str:
    """Return the pseudonym of the person behind an actor; empty where no person stands behind."""
    if actor.kind == ActorKind.USER:
        return actor.id
    return actor.on_behalf_of if actor.kind == ActorKind.TOKEN else ""


def acts_for(person: str, organization: str) -> bool:
    """Whether a person is a member of an organization, whoever it acts for at the moment."""
    mark, _sep, identity = person.partition(":")
    if mark != "user":
        return False
    rows = Member.objects.filter(user__public_id=UUID(identity))
    return rows.filter(organization__reference=organization).exists()
