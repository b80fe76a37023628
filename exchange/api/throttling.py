"""How often somebody may ask: strangers by address, callers by who they are, files by hour.

The rates are the setting DEFAULT_THROTTLE_RATES. Counts are kept in the cache: with several
processes and no Redis each process counts for itself.
"""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from .parsers import UploadParser
from .permissions import SAFE, actor_of

if TYPE_CHECKING:  # the framework imports this module while it loads its views
    from rest_framework.views import APIView


class AnonymousThrottle(SimpleRateThrottle):
    """Requests without identity, by address."""

    scope = "anonymous"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:  # noqa: ARG002
        """Return under what to count, None for those who are known."""
        if actor_of(request).is_identified:
            return None
        return f"throttle:{self.scope}:{self.get_ident(request)}"


class ActorThrottle(SimpleRateThrottle):
    """Requests of one person or token."""

    scope = "actor"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:  # noqa: ARG002
        """Return under what to count, None for strangers."""
        actor = actor_of(request)
        return f"throttle:{self.scope}:{actor.id}" if actor.is_identified else None


class UploadThrottle(SimpleRateThrottle):
    """Files of one organization, whichever of its people or tokens sends them."""

    scope = "upload"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """Return under what to count, None for what is not an upload."""
        if request.method in SAFE or UploadParser not in view.parser_classes:
            return None
        actor = actor_of(request)
        return f"throttle:{self.scope}:{actor.organization or actor.id}"


class AppealThrottle(SimpleRateThrottle):
    """Appeals and receipts of strangers, by address: nobody is flooded, no secret is guessed."""

    scope = "appeal"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:  # noqa: ARG002
        """Return under what to count, None for those who are known and for reading."""
        if request.method in SAFE or actor_of(request).is_identified:
            return None
        return f"throttle:{self.scope}:{self.get_ident(request)}"


class TrialThrottle(SimpleRateThrottle):
    """Dry runs of one organization: each reads a file and keeps nothing of it."""

    scope = "trial"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """Return under what to count, None for what is no trial."""
        if request.method in SAFE or not getattr(view, "is_trial", False):
            return None
        actor = actor_of(request)
        return f"throttle:{self.scope}:{actor.organization or actor.id}"
