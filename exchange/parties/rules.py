"""Who may do what among parties. Each function returns the reason for a no, or None."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from stdnum.cn import uscc as uscc_number

from audit.log.actors import Actor, ActorKind

from .models import Member, Organization, User
from .scopes import SCOPES_OF_ROLE
from .states import (
    MARKET_ROLES,
    ROLE_SETS,
    CheckKind,
    OrganizationRole,
    OrganizationState,
    TokenScope,
)

MAX_TOKEN_LIFE = timedelta(days=366)
"""A token lives a calendar year at most, leap years included."""

USCC_LENGTH = 18
USCC_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def uscc_problem(number: str) -> str | None:
    """Say what is wrong with a unified social credit code (GB 32100-2015), if anything."""
    compact = uscc_number.compact(number)
    if len(compact) != USCC_LENGTH:
        return _("A unified social credit code has 18 characters; this one has %(count)d.") % {
            "count": len(compact)
        }
    if not USCC_FORM.fullmatch(compact):
        return _(
            "A unified social credit code has two letters or digits, six digits of the region "
            "and ten letters or digits; the letters I, O, S, V and Z do not occur."
        )
    if uscc_number.calc_check_digit(compact) != compact[-1]:
        return _("The check character does not agree with the code; please compare it again.")
    return None


def roles_problem(roles: Iterable[str]) -> str | None:
    """Say why one organization cannot hold these roles together (数据二十条（九）)."""
    chosen = tuple(sorted(roles))
    if not chosen:
        return _("Choose at least one role.")
    unknown = [role for role in chosen if role not in OrganizationRole.values]
    if unknown:
        return _("There is no role %(role)s.") % {"role": unknown[0]}
    if chosen in ROLE_SETS:
        return None
    if OrganizationRole.OPERATOR in chosen:
        return _("The operator of the exchange cannot also be a party on it.")
    return _("A regulator cannot take part in the market it supervises.")


def required_checks(roles: Iterable[str]) -> frozenset[str]:
    """Return what the operator has to verify before admission in `roles`."""
    required = {CheckKind.IDENTITY, CheckKind.LICENSE}
    if not MARKET_ROLES.isdisjoint(roles):
        required.add(CheckKind.CLEAN_RECORD)
    if OrganizationRole.ASSESSOR in roles:
        required.add(CheckKind.QUALIFICATION)
    return frozenset(required)


def why_not_apply(actor: Actor, user: User) -> str | None:
    """Only a person applies, for itself; the platform may do it for a person."""
    if actor.is_system:
        return None
    if actor.kind != ActorKind.USER or actor.id != user.actor_id:
        return _("Sign in to apply for admission.")
    return None


def why_not_review(actor: Actor) -> str | None:
    """Applications and suspensions are the operator's to decide."""
    if actor.is_system or (actor.has_role(OrganizationRole.OPERATOR) and actor.may_write):
        return None
    return _("Only the operator of the exchange decides about admission.")


def why_not_admit(
    actor: Actor, organization: Organization, roles: Iterable[str], passed: Iterable[str]
) -> str | None:
    """Admission needs the operator, compatible roles, a license on file and every check passed."""
    if refusal := why_not_review(actor) or roles_problem(roles):
        return refusal
    if OrganizationRole.OPERATOR in roles:
        return _("The operator is appointed when the exchange is set up, not by application.")
    market = not MARKET_ROLES.isdisjoint(roles)
    if market and not organization.license_object:
        return _("There is no license file on record.")
    if market and organization.clean_record_declared_at is None:
        return _("The declaration of a clean record for three years is missing.")
    missing = required_checks(roles) - set(passed)
    if missing:
        names = "; ".join(str(CheckKind(kind).label) for kind in sorted(missing))
        return _("Not yet verified: %(checks)s.") % {"checks": names}
    return None


def why_not_suspend(actor: Actor, organization: Organization) -> str | None:
    """Say who cannot suspend, reinstate or end a membership: all but the operator."""
    if refusal := why_not_review(actor):
        return refusal
    if OrganizationRole.OPERATOR in organization.roles:
        return _("The operator cannot suspend itself.")
    return None


def why_not_administer(actor: Actor, organization: Organization) -> str | None:
    """Members, tokens and files of an organization are its administrators' business."""
    if actor.is_system:
        return None
    if actor.kind == ActorKind.TOKEN:
        return _("A token cannot administer members or tokens; an administrator has to sign in.")
    if actor.organization != organization.reference or not actor.is_admin:
        return _("Only an administrator of the organization may do this.")
    if organization.status in {OrganizationState.REJECTED, OrganizationState.TERMINATED}:
        return _("The organization is no longer on the exchange.")
    return None


def why_not_remove(actor: Actor, member: Member) -> str | None:
    """Administrators remove members; anybody may leave."""
    if actor.kind == ActorKind.USER and actor.id == member.user.actor_id:
        return None
    return why_not_administer(actor, member.organization)


def why_not_erase(actor: Actor, user: User, places: Iterable[Organization]) -> str | None:
    """Say who may have a person's data erased: the person, its only organization, the operator."""
    if actor.is_system or (actor.kind == ActorKind.USER and actor.id == user.actor_id):
        return None
    if actor.kind != ActorKind.USER or not actor.is_admin:
        return _("Only the person, its organization's administrator or the operator may do this.")
    if actor.has_role(OrganizationRole.OPERATOR):
        return None
    acts_for = {place.reference for place in places}
    if acts_for != {actor.organization}:
        return _("The person does not act for your organization alone; it has to ask by itself.")
    return None


def why_not_join(others: Iterable[Organization], organization: Organization) -> str | None:
    """Who works for the operator or a regulator works for no other party (数据二十条（九）)."""
    apart = {OrganizationRole.OPERATOR, OrganizationRole.REGULATOR}
    closed = {OrganizationState.REJECTED, OrganizationState.TERMINATED}
    present = [other for other in others if other.status not in closed]
    if not present:
        return None
    if not apart.isdisjoint(organization.roles):
        return _("This person acts for another organization and cannot join this one.")
    if any(not apart.isdisjoint(other.roles) for other in present):
        return _("Members of the operator or of a regulator cannot act for another organization.")
    return None


def scopes_problem(organization: Organization, scopes: Iterable[str]) -> str | None:
    """Say which scope reaches further than the organization's roles."""
    chosen = set(scopes)
    if not chosen:
        return _("Choose at least one scope.")
    unknown = chosen - set(TokenScope.values)
    if unknown:
        return _("There is no scope %(scope)s.") % {"scope": min(unknown)}
    open_to = {TokenScope.READ}.union(*(SCOPES_OF_ROLE[role] for role in organization.roles))
    beyond = chosen - open_to
    if beyond:
        return _("The scope %(scope)s is not open to the roles of the organization.") % {
            "scope": min(beyond)
        }
    return None


def expiry_problem(expires_at: datetime, at: datetime) -> str | None:
    """Say why a token cannot live until `expires_at`."""
    if expires_at <= at:
        return _("The end has to lie in the future.")
    if expires_at > at + MAX_TOKEN_LIFE:
        return _("A token is valid for one year at most.")
    return None
