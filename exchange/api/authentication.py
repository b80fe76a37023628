"""Who calls: a token of an organization, or the session of a signed-in member."""

from dataclasses import replace

from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from audit.log.actors import Actor
from audit.log.errors import DomainError
from exchange.parties.models import User
from exchange.parties.queries import TokenRefused
from exchange.parties.services import authenticate_token

CHALLENGE = 'Bearer realm="quanheng"'


def request_id_of(request: Request) -> str:
    """Return the id under which this request stands in the logs."""
    return str(getattr(request, "request_id", ""))


def place_of(request: Request) -> str:
    """Return where this request came from, as the operator's networks say."""
    return str(getattr(request, "access_place", "UNKNOWN"))


class TokenNotAccepted(exceptions.AuthenticationFailed):
    """A token that is unknown, expired, revoked, or whose issuer is gone."""

    default_code = TokenRefused.code
    default_detail = TokenRefused.title


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer qh_…`; the token's organization is the one acted for."""

    def authenticate(self, request: Request) -> tuple[User | None, Actor] | None:
        """Return the token's actor, None without a token; a bad one raises AuthenticationFailed."""
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        try:
            secret = header[1].decode("ascii") if len(header) == 2 else ""  # noqa: PLR2004
        except UnicodeDecodeError:
            secret = ""
        try:
            actor = authenticate_token(
                secret=secret, at=timezone.now(), request_id=request_id_of(request)
            )
        except DomainError as error:
            raise TokenNotAccepted(str(error)) from error
        return None, replace(actor, place=place_of(request))

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        given = bool(authentication.get_authorization_header(request))
        return CHALLENGE + (', error="invalid_token"' if given else "")


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with the CSRF check on every unsafe method."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Return the session's user and its actor."""
        found = super().authenticate(request)
        return (found[0], request._request.actor) if found else None  # type: ignore[attr-defined]  # noqa: SLF001  set by the middleware
