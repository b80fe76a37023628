"""Who acts. Nothing is done on the exchange without an actor."""

import enum
from dataclasses import dataclass, field
from typing import Self


class ActorKind(enum.StrEnum):
    """How the actor proved who it is."""

    USER = "USER"
    TOKEN = "TOKEN"  # noqa: S105  a kind, not a secret
    SYSTEM = "SYSTEM"
    ANONYMOUS = "ANONYMOUS"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One acting party: user, credential or system, with the organization it acts for.

    `id` is pseudonymous (`user:<uuid>`, `token:<prefix>`, `system:<name>`), so that it may stand
    in the log. `roles` are those of the organization and are empty unless it is admitted; every
    rule that asks for a role therefore refuses strangers without further thought. `place` is where
    the request came from, as the operator's networks say; empty where there was no request.
    """

    kind: ActorKind
    id: str
    organization: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    member_role: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    on_behalf_of: str = ""
    place: str = ""

    @classmethod
    def system(cls, name: str, *, request_id: str = "") -> Self:
        """Return the named actor of work that no person asked for, such as settlement."""
        return cls(kind=ActorKind.SYSTEM, id=f"system:{name}", request_id=request_id)

    @classmethod
    def anonymous(cls, *, request_id: str = "") -> Self:
        """Return the actor of a request without identity; it may only look at public things."""
        return cls(kind=ActorKind.ANONYMOUS, id="anonymous", request_id=request_id)

    @property
    def is_system(self) -> bool:
        """Whether this is the platform's own work."""
        return self.kind == ActorKind.SYSTEM

    @property
    def is_identified(self) -> bool:
        """Whether a person, credential or system stands behind this actor."""
        return self.kind != ActorKind.ANONYMOUS

    @property
    def may_write(self) -> bool:
        """Whether its place in its organization allows acts, not only looking."""
        return self.is_system or self.member_role in {"ADMIN", "TRADER"}

    @property
    def is_admin(self) -> bool:
        """Whether it may bind its organization: members, tokens, signatures."""
        return self.is_system or self.member_role == "ADMIN"

    def has_role(self, *roles: str) -> bool:
        """Whether its organization was admitted in any of `roles`."""
        return not self.roles.isdisjoint(roles)

    def has_scope(self, scope: str) -> bool:
        """Whether its credential reaches `scope`; only tokens are narrowed by scopes."""
        return self.kind != ActorKind.TOKEN or scope in self.scopes
