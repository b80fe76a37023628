"""Reading parties: who is acting, and which organizations somebody may see."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor, ActorKind
from audit.log.errors import DomainError, Gone, NotFound
from audit.log.events import Personal

from .models import ApiToken, Erasure, Member, Organization, User
from .scopes import member_role_of_token, roles_of_token
from .states import MemberRole, OrganizationRole, OrganizationState

TOKEN_MARK = "qh"  # noqa: S105  the public beginning of every token
TOKEN_FORM = re.compile(TOKEN_MARK + r"_([0-9a-f]{10})_[0-9a-f]{40}")
PERSON = re.compile(r"user:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WATCHERS = (OrganizationRole.OPERATOR, OrganizationRole.REGULATOR)


class TokenRefused(DomainError):
    """The credential presented opens nothing; the message says why."""

    code: ClassVar[str] = "token-refused"
    status: ClassVar[int] = 401
    title = gettext_lazy("The API token is not accepted")


def actor_for_user(
    user: User | AnonymousUser, organization: str = "", request_id: str = ""
) -> Actor:
    """Return who a signed-in person acts as: for `organization`, or its first membership.

    Read anew for every request, so that a change of role or a suspension holds from the next one.
    """
    if not isinstance(user, User) or not user.is_active:
        return Actor.anonymous(request_id=request_id)
    places = memberships_of(user)
    place = next((p for p in places if p.organization.reference == organization), None)
    place = place or next((p for p in places if p.organization.is_admitted), None)
    place = place or next(iter(places), None)
    if place is None:
        return Actor(kind=ActorKind.USER, id=user.actor_id, request_id=request_id)
    return Actor(
        kind=ActorKind.USER,
        id=user.actor_id,
        organization=place.organization.reference,
        roles=place.organization.roles_in_force,
        member_role=place.role,
        request_id=request_id,
    )


def actor_for_token(secret: str, *, at: datetime, request_id: str = "") -> Actor:
    """Return who a token acts as; raises TokenRefused with the reason.

    Unknown prefix and wrong secret give the same answer after the same work. The token acts with
    its issuer's present place in the organization: who is removed or demoted takes it along.
    """
    form = TOKEN_FORM.fullmatch(secret)
    rows = ApiToken.objects.select_related("organization", "issued_by")
    token = rows.filter(prefix=form[1] if form else "").first()
    stored = token.hash if token else hash_of("")
    if not hmac.compare_digest(stored, hash_of(secret)) or token is None:
        raise TokenRefused(_("This token is not known here."))
    _check_in_force(token, at)
    return _actor_of(token, request_id)


def actor_again(actor_id: str, *, organization: str, at: datetime, request_id: str = "") -> Actor:
    """Return who acted under `actor_id` for `organization`, with the powers it has now.

    For work that was signed for somebody earlier, such as a link. Who no longer exists or acts is
    anonymous or acts for another organization; a token that is void raises TokenRefused.
    """
    mark, _sep, identity = actor_id.partition(":")
    if mark == "user":
        user = User.objects.filter(public_id=UUID(identity)).first()
        return actor_for_user(user or AnonymousUser(), organization, request_id)
    token = ApiToken.objects.select_related("organization", "issued_by").filter(prefix=identity)
    found = token.first() if mark == "token" else None
    if found is None:
        return Actor.anonymous(request_id=request_id)
    _check_in_force(found, at)
    return _actor_of(found, request_id)


def _check_in_force(token: ApiToken, at: datetime) -> None:
    if token.revoked_at is not None:
        raise TokenRefused(_("This token was revoked."))
    if token.expires_at <= at:
        raise TokenRefused(_("This token has expired; issue a new one."))


def _actor_of(token: ApiToken, request_id: str) -> Actor:
    place = Member.objects.filter(
        user=token.issued_by, organization=token.organization, user__is_active=True
    ).first()
    if place is None:
        raise TokenRefused(
            _("The person who issued this token no longer acts for the organization.")
        )
    return Actor(
        kind=ActorKind.TOKEN,
        id=f"token:{token.prefix}",
        organization=token.organization.reference,
        roles=roles_of_token(token.organization.roles_in_force, token.scopes),
        member_role=member_role_of_token(place.role, token.scopes),
        scopes=frozenset(token.scopes),
        request_id=request_id,
        on_behalf_of=token.issued_by.actor_id,
    )


def hash_of(secret: str) -> str:
    """Return the SHA-256 under which a token is kept; its 160 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def user_of(actor: Actor) -> User | None:
    """Return the person behind an actor, if a person is."""
    mark, _sep, identity = (
        actor.id if actor.kind == ActorKind.USER else actor.on_behalf_of
    ).partition(":")
    if mark != "user":
        return None
    return User.objects.filter(public_id=UUID(identity)).first()


def statement_about(person: User) -> Personal:
    """Return who a person is, as the log commits to it without saying it."""
    return Personal(str(person.public_id), {"name": person.name, "email": person.email})


def memberships_of(user: User) -> list[Member]:
    """Return the person's places, oldest first, with their organizations."""
    return list(user.memberships.select_related("organization"))


def sharing_people_with(organization: Organization) -> frozenset[str]:
    """Return the organizations for which somebody acts who acts for this one too."""
    people = Member.objects.filter(organization=organization).values("user")
    others = Member.objects.filter(user__in=people).exclude(organization=organization)
    return frozenset(others.values_list("organization__reference", flat=True))


def organizations_visible_to(actor: Actor) -> QuerySet[Organization]:
    """Return what the actor may see in full: its own, or all for operator and regulator."""
    if actor.is_system or actor.has_role(*WATCHERS):
        return Organization.objects.all()
    if not actor.organization:
        return Organization.objects.none()
    return Organization.objects.filter(reference=actor.organization)


def participants() -> QuerySet[Organization]:
    """Return the public register of admitted parties (name, code, roles, since when)."""
    return Organization.objects.filter(status=OrganizationState.ADMITTED).order_by("name", "pk")


def applications() -> QuerySet[Organization]:
    """Return what waits for the operator's decision, oldest first."""
    return Organization.objects.filter(status=OrganizationState.APPLIED).order_by(
        "applied_at", "pk"
    )


def get_organization_for(actor: Actor, reference: str) -> Organization:
    """Return the organization if the actor may see it; raises NotFound otherwise."""
    found = organizations_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_organization(reference: str) -> Organization:
    """Return an organization by reference, for work that needs no permission to see it."""
    found = Organization.objects.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def organization_names(references: Iterable[str]) -> dict[str, str]:
    """Return the registered names under `references`, for lists."""
    rows = Organization.objects.filter(reference__in=set(references))
    return dict(rows.values_list("reference", "name"))


def organizations_named(words: str, *, most: int = 50) -> tuple[str, ...]:
    """Return the references of organizations whose registered names hold `words`, some of many."""
    if not words.strip():
        return ()
    rows = Organization.objects.filter(name__icontains=words.strip())
    return tuple(rows.order_by("reference").values_list("reference", flat=True)[:most])


def people_names(actor_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of the people among `actor_ids`; erased accounts are absent."""
    identities = [actor_id[5:] for actor_id in set(actor_ids) if PERSON.fullmatch(actor_id)]
    people = User.objects.filter(public_id__in=identities).exclude(public_id__in=_blocked())
    return {person.actor_id: person.get_full_name() for person in people}


def _blocked() -> list[str]:
    """Return the people whose account is only stored, under a legal hold, and not shown."""
    return list(Erasure.objects.filter(account_kept=True).values_list("person", flat=True))


def erasures_visible_to(actor: Actor) -> QuerySet[Erasure]:
    """Return the erasures the actor may see: all for operator and regulator, else its own."""
    if actor.is_system or actor.has_role(*WATCHERS):
        return Erasure.objects.all()
    if actor.kind != ActorKind.USER:
        return Erasure.objects.none()
    return Erasure.objects.filter(requested_by=actor.id)


def get_erasure_for(actor: Actor, reference: str) -> Erasure:
    """Return one erasure; raises NotFound where the actor may not see it."""
    found = erasures_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def find_organizations(text: str, *, limit: int) -> list[str]:
    """Return references of organizations by reference, code or a piece of their name."""
    word = text.strip()
    if not word:
        return []
    rows = Organization.objects.filter(
        Q(reference__icontains=word)
        | Q(uscc__iexact=word)
        | Q(name__icontains=word)
        | Q(name_en__icontains=word)
    )
    return list(rows.order_by("pk").values_list("reference", flat=True)[:limit])


def find_people(text: str, *, limit: int) -> list[str]:
    """Return actor ids of people by a piece of their name or their whole e-mail address."""
    word = text.strip()
    if not word:
        return []
    rows = User.objects.filter(Q(name__icontains=word) | Q(email=word.lower()))
    return [person.actor_id for person in rows.order_by("pk")[:limit]]


def members_visible_to(actor: Actor) -> QuerySet[Member]:
    """Return members of the actor's organization; the operator sees everybody's."""
    rows = Member.objects.select_related("user", "organization")
    if actor.is_system or actor.has_role(OrganizationRole.OPERATOR):
        return rows
    if not actor.organization or actor.kind == ActorKind.TOKEN:
        return rows.none()
    return rows.filter(organization__reference=actor.organization)


def get_member_for(actor: Actor, organization: str, member: str) -> Member:
    """Return one member by organization and the person's public id."""
    try:
        identity = UUID(member)
    except ValueError:
        raise NotFound from None
    rows = members_visible_to(actor).filter(organization__reference=organization)
    found = rows.filter(user__public_id=identity).first()
    if found is None:
        raise NotFound
    return found


def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """Return the tokens an administrator may look at: its organization's."""
    rows = ApiToken.objects.select_related("organization", "issued_by")
    if actor.is_system:
        return rows
    if actor.kind != ActorKind.USER or actor.member_role != MemberRole.ADMIN:
        return rows.none()
    return rows.filter(organization__reference=actor.organization)


def get_token_for(actor: Actor, prefix: str) -> ApiToken:
    """Return one token by its public prefix."""
    found = tokens_visible_to(actor).filter(prefix=prefix).first()
    if found is None:
        raise NotFound
    return found


def passed_checks(organization: Organization) -> frozenset[str]:
    """Return the kinds of check whose latest record says passed."""
    latest = {check.kind: check.passed for check in organization.checks.all()}
    return frozenset(kind for kind, passed in latest.items() if passed)


def lock_organization(organization: Organization) -> Organization:
    """Hold the organization's row, so that rules over its members see a still picture."""
    return Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)


def lock_user(user: User) -> User:
    """Hold the person's row, so that rules over all its memberships see a still picture.

    Raises Gone when the person was erased meanwhile.
    """
    found = User.objects.select_for_update(of=("self",)).filter(pk=user.pk).first()
    if found is None:
        raise Gone
    return found


def is_last_admin(member: Member) -> bool:
    """Whether nobody else could administer the organization; call it under its lock."""
    if member.role != MemberRole.ADMIN:
        return False
    others = Member.objects.filter(
        organization=member.organization_id, role=MemberRole.ADMIN, user__is_active=True
    )
    return not others.exclude(pk=member.pk).exists()


def find_user(email: str) -> User | None:
    """Return the person with this e-mail address, if one has an account that is open."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()
