"""The actor of a request: who is signed in, for which organization, under which request id."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from audit.log.actors import Actor
from exchange.parties.queries import actor_for_user

from .places import place_of

ORGANIZATION_KEY = "organization"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class ActorMiddleware:
    """Set `request.actor` and `request.request_id`; echo the id so that both sides can name it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request under its own id."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        request.access_place = place_of(request)  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: _actor(request, request_id))  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response


def _actor(request: HttpRequest, request_id: str) -> Actor:
    place = str(request.access_place)  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        return replace(Actor.anonymous(request_id=request_id), place=place)
    chosen = request.session.get(ORGANIZATION_KEY, "")
    actor = actor_for_user(request.user, organization=chosen, request_id=request_id)
    return replace(actor, place=place)
