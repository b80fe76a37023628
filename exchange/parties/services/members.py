"""Members: the people who act for an organization."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Gone, Invalid, NotAllowed
from audit.log.services import record
from exchange.parties import queries, rules
from exchange.parties.events import MemberAdded, MemberRemoved, MemberRoleChanged
from exchange.parties.models import Member, Organization, User
from exchange.parties.states import MemberRole

from .users import revoke_tokens_of


@transaction.atomic
def add_member(
    *, organization: Organization, user: User, role: str, by: Actor, at: datetime
) -> Member:
    """Let a person act for the organization as `role`.

    Raises NotAllowed for separated duties (数据二十条（九）), Conflict for a member already there.
    """
    if refusal := rules.why_not_administer(by, organization):
        raise NotAllowed(refusal)
    _check_role(role)
    person = queries.lock_user(user)
    if not person.is_active:
        raise Invalid({"user": [_("This account is closed.")]})
    others = [place.organization for place in queries.memberships_of(person)]
    if any(other.pk == organization.pk for other in others):
        raise Conflict(_("This person is already a member."))
    if refusal := rules.why_not_join(others, organization):
        raise NotAllowed(refusal)
    member = Member.objects.create(user=person, organization=organization, role=role, since=at)
    said = MemberAdded(
        organization=organization.reference,
        member=str(person.public_id),
        role=role,
        person=queries.statement_about(person),
    )
    record(said, by=by, at=at)
    return member


@transaction.atomic
def change_member_role(*, member: Member, role: str, by: Actor, at: datetime) -> Member:
    """Give a member another place; it holds from the person's next request on.

    Raises Conflict when the organization would be left without an administrator.
    """
    organization = queries.lock_organization(member.organization)
    if refusal := rules.why_not_administer(by, organization):
        raise NotAllowed(refusal)
    _check_role(role)
    present = _present(member)
    if present.role == role:
        return present
    if queries.is_last_admin(present):
        raise Conflict(_("An organization needs an administrator; appoint another one first."))
    Member.objects.filter(pk=present.pk).update(role=role)
    said = MemberRoleChanged(
        organization=organization.reference,
        member=str(present.user.public_id),
        before=present.role,
        after=role,
    )
    record(said, by=by, at=at)
    member.role = present.role = role
    return present


@transaction.atomic
def remove_member(*, member: Member, by: Actor, at: datetime) -> None:
    """End a person's membership and revoke the tokens it issued for the organization.

    Raises Conflict when the organization would be left without an administrator.
    """
    organization = queries.lock_organization(member.organization)
    if refusal := rules.why_not_remove(by, member):
        raise NotAllowed(refusal)
    present = _present(member)
    if queries.is_last_admin(present):
        raise Conflict(_("An organization needs an administrator; appoint another one first."))
    Member.objects.filter(pk=present.pk).delete()
    said = MemberRemoved(
        organization=organization.reference,
        member=str(present.user.public_id),
        role=present.role,
    )
    record(said, by=by, at=at)
    revoke_tokens_of(
        present.user, organization=organization.pk, reason="member removed", by=by, at=at
    )


def _check_role(role: str) -> None:
    if role not in MemberRole.values:
        raise Invalid({"role": [_("There is no role %(role)s.") % {"role": role}]})


def _present(member: Member) -> Member:
    """Return the row as it is under the organization's lock; raises Gone without it."""
    found = Member.objects.select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise Gone
    return found
