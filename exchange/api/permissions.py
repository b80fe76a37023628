"""Coarse gates by identity, role and token scope; default deny. Fine rules are the rooms' own."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from audit.log.actors import Actor

from .looks import put_on_record

if TYPE_CHECKING:  # the framework imports this module while it loads its views
    from rest_framework.views import APIView

SAFE = {"GET", "HEAD", "OPTIONS"}
DESK = ("OPERATOR", "REGULATOR")
"""Who decides and watches."""


class InsufficientScope(PermissionDenied):
    """A token that is good, but was not issued for this (RFC 6750, section 3.1)."""

    default_code = "insufficient-scope"
    default_detail = _("This token was not issued for this; it lacks a scope.")

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        needed = " ".join(scopes)
        self.auth_header = f'Bearer realm="quanheng", error="insufficient_scope", scope="{needed}"'


class DenyAll(BasePermission):
    """What a view has that forgot to state who may call it."""

    def has_permission(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002
        """Say no."""
        return False


class Public(BasePermission):
    """Anybody may look; nothing may be changed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say yes to reading, and to what the view refuses anyway for its method."""
        return request.method in SAFE or not _is_answered(request, view)


class Identified(BasePermission):
    """Whoever has proved who they are; a token must reach the scope of what is done.

    One of `scopes` is needed for unsafe methods, and `read` is enough for the safe ones. `roles`,
    where given, are the organization roles of which the actor must have one.
    """

    scopes: tuple[str, ...] = ("read",)
    roles: tuple[str, ...] = ()

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Compare the actor with scopes and roles; raise what says how to do better."""
        if not _is_answered(request, view):
            return True  # the view answers 405
        actor = actor_of(request)
        if not actor.is_identified:
            raise NotAuthenticated
        reaches = any(actor.has_scope(scope) for scope in self.scopes)
        looks = request.method in SAFE and actor.has_scope("read")
        if not reaches and not looks:
            raise InsufficientScope(*self.scopes)
        if not self.roles or actor.has_role(*self.roles):
            put_on_record(request, view, actor)
            return True
        if not reaches:  # a token acts in a role only with a scope of that role
            raise InsufficientScope(*self.scopes)
        return False


def _is_answered(request: Request, view: "APIView") -> bool:
    return request.method in view.allowed_methods


def gate(*scopes: str, roles: tuple[str, ...] = ()) -> type[Identified]:
    """Return the permission class for any of `scopes`, narrowed to organizations in `roles`."""
    return type("Gate", (Identified,), {"scopes": scopes, "roles": roles})


def open_to_read(request: Request, *, else_: type[BasePermission]) -> list[BasePermission]:
    """Return what a view asks that anybody may look at and some may change."""
    return [Public() if request.method in SAFE else else_()]


def actor_of(request: Request) -> Actor:
    """Return who calls: the token's organization, the session's member, or nobody."""
    if isinstance(request.auth, Actor):
        return request.auth
    return Actor.anonymous(request_id=getattr(request, "request_id", ""))
