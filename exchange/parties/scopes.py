"""How far a token reaches: its organization's roles and its issuer's place, narrowed by scopes."""

from collections.abc import Iterable

from .states import MemberRole, OrganizationRole, TokenScope

SCOPES_OF_ROLE: dict[str, frozenset[str]] = {
    OrganizationRole.PROVIDER: frozenset({TokenScope.LIST}),
    OrganizationRole.BUYER: frozenset({TokenScope.TRADE}),
    OrganizationRole.ASSESSOR: frozenset({TokenScope.REVIEW}),
    OrganizationRole.OPERATOR: frozenset({TokenScope.REVIEW, TokenScope.AUDIT}),
    OrganizationRole.REGULATOR: frozenset({TokenScope.REVIEW, TokenScope.AUDIT}),
}
"""A token acts in a role of its organization only when it carries one of that role's scopes."""

WRITING_SCOPES = frozenset({TokenScope.LIST, TokenScope.TRADE, TokenScope.REVIEW})


def roles_of_token(roles: Iterable[str], scopes: Iterable[str]) -> frozenset[str]:
    """Return the roles a token acts in: its organization's, narrowed by its scopes."""
    carried = set(scopes)
    return frozenset(role for role in roles if not SCOPES_OF_ROLE[role].isdisjoint(carried))


def member_role_of_token(issuer_role: str, scopes: Iterable[str]) -> str:
    """Return a token's place: never an administrator, and a viewer without a writing scope."""
    if issuer_role == MemberRole.VIEWER or WRITING_SCOPES.isdisjoint(scopes):
        return MemberRole.VIEWER
    return MemberRole.TRADER
