"""What every page knows: the exchange, who looks, where to go, and how the log is."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from audit.log.actors import Actor
from audit.log.models import Pending
from audit.log.queries import latest_checkpoint
from exchange.parties.models import User
from exchange.parties.queries import memberships_of

from . import navigation

HEALTH_SECONDS = 5


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's values; each is worked out only when a template asks for it."""
    actor = getattr(request, "actor", None) or Actor.anonymous()
    place = getattr(request, "place", request.path)  # a page of both sides says where it stands
    console = navigation.console_at(place, actor)
    return {
        "exchange_name": settings.EXCHANGE_NAME,
        "actor": actor,
        "places": SimpleLazyObject(lambda: _places(request)),
        "console": console,
        "consoles": SimpleLazyObject(lambda: _consoles(actor, console)),
        "rooms": SimpleLazyObject(
            lambda: navigation.doors(console.rooms if console else (), place)
        ),
        "account_rooms": SimpleLazyObject(
            lambda: navigation.doors(navigation.ACCOUNT, request.path)
        ),
        "registers": SimpleLazyObject(lambda: navigation.doors(navigation.REGISTERS, request.path)),
        "market_url": navigation.address("market"),
        "in_market": _is_under(request.path, navigation.address("market")),
        "log_health": SimpleLazyObject(log_health),
    }


def log_health() -> dict[str, Any]:
    """Return size and time of the newest checkpoint and how many entries wait for their index."""
    known: dict[str, Any] | None = cache.get("web.log_health")
    if known is None:
        head = latest_checkpoint()
        known = {
            "size": head.log.first + head.size if head else 0,
            "at": head.created_at if head else None,
            "waiting": Pending.objects.count(),
        }
        cache.set("web.log_health", known, HEALTH_SECONDS)
    return known


def _is_under(path: str, url: str) -> bool:
    return bool(url) and path.startswith(url)


def _places(request: HttpRequest) -> list[Any]:
    """Return the organizations the person may act for."""
    user = getattr(request, "user", None)
    return memberships_of(user) if isinstance(user, User) else []


def _consoles(actor: Actor, present: navigation.Console | None) -> list[dict[str, Any]]:
    """Return the consoles open to the actor whose first room exists."""
    opened = []
    for console in navigation.CONSOLES:
        found = navigation.doors(console.rooms, "") if console.open_to(actor) else []
        if found:
            opened.append({"label": console.label, "url": found[0].url, "here": console is present})
    return opened
