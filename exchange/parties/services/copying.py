"""Handing a person a copy of what the exchange keeps of it (《个人信息保护法》第四十五条)."""

from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.services import record
from exchange.parties import queries
from exchange.parties.events import PersonCopied
from exchange.parties.models import User


@transaction.atomic
def copy_person(*, user: User, by: Actor, at: datetime) -> dict[str, Any]:
    """Return everything that is kept of a person, with the salts that prove it against the log.

    Only for the person itself; that it was done is an entry.
    """
    if by.id != user.actor_id:
        raise NotAllowed(_("Only the person itself receives a copy of what is kept of it."))
    identity = str(user.public_id)
    record(PersonCopied(member=identity), by=by, at=at)
    kept = list(personal.statements_of(identity))
    opened = [personal.open_statement(each.entry, each.name) for each in kept]
    return {
        "made_at": at.isoformat(),
        "pseudonym": user.actor_id,
        "account": {
            "name": user.name,
            "email": user.email,
            "language": user.language,
            "registered_at": user.registered_at.isoformat() if user.registered_at else "",
            "last_login": user.last_login.isoformat() if user.last_login else "",
        },
        "organizations": [
            {
                "organization": place.organization.reference,
                "role": place.role,
                "since": place.since.isoformat(),
            }
            for place in queries.memberships_of(user)
        ],
        "tokens": [
            {"prefix": token.prefix, "label": token.label, "issued_at": token.issued_at.isoformat()}
            for token in user.tokens.order_by("pk")
        ],
        "sessions": [
            {
                "address": session.ip,
                "browser": session.user_agent,
                "last_seen_at": session.last_seen_at.isoformat(),
            }
            for session in UserSession.objects.filter(user=user)
        ],
        "statements": [
            {
                "entry": str(each.entry.id),
                "event": each.entry.name,
                "at": each.entry.occurred_at.isoformat(),
                **each.document(),
            }
            for each in opened
        ],
    }
