"""Accounts of people. An account alone opens nothing."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.events import Personal
from audit.log.services import record
from exchange.parties import queries, rules
from exchange.parties.events import TokenRevoked, UserDeactivated, UserRegistered
from exchange.parties.models import ApiToken, User
from exchange.parties.states import Language


@transaction.atomic
def register_user(
    *,
    email: str,
    name: str,
    language: str = Language.ENGLISH,
    password: str | None = None,
    verified: bool = False,
    by: Actor,
    at: datetime,
) -> User:
    """Create a person's account.

    `verified` says that the address is known to be the person's; otherwise the person confirms
    it when signing in. Raises Invalid for a bad or taken address, a weak password or an unknown
    language.
    """
    address = email.strip().lower()
    user = User(email=address, name=name.strip(), language=language, registered_at=at)
    _check(user, password)
    user.set_password(password)
    user.save(force_insert=True)
    if verified:
        EmailAddress.objects.create(user=user, email=address, primary=True, verified=True)
    said = UserRegistered(member=str(user.public_id), person=queries.statement_about(user))
    record(said, by=by, at=at)
    return user


def _check(user: User, password: str | None) -> None:
    problems: dict[str, list[str]] = {}
    try:
        validate_email(user.email)
    except ValidationError as error:
        problems["email"] = error.messages
    if User.objects.filter(email=user.email).exists():
        problems["email"] = [_("There is already an account with this e-mail address.")]
    if user.language not in Language.values:
        problems["language"] = [_("Choose one of the languages offered.")]
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            problems["password"] = error.messages
    if problems:
        raise Invalid(problems)


@transaction.atomic
def deactivate_user(*, user: User, reason: str, by: Actor, at: datetime) -> User:
    """Close an account: its sessions and tokens end at the next request."""
    if by.id != user.actor_id and (refusal := rules.why_not_review(by)):
        raise NotAllowed(refusal)
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return user
    user.is_active = False
    member = str(user.public_id)
    said = UserDeactivated(member=member, reason=Personal(member, {"reason": reason}))
    record(said, by=by, at=at)
    revoke_tokens_of(user, organization=None, reason="user deactivated", by=by, at=at)
    return user


def choose_language(*, user: User, language: str) -> User:
    """Set the language of pages and mails; a preference, so it is not logged."""
    if language not in Language.values:
        raise Invalid({"language": [_("Choose one of the languages offered.")]})
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
    return user


def revoke_tokens_of(
    user: User, *, organization: int | None, reason: str, by: Actor, at: datetime
) -> None:
    """Revoke what a person issued, everywhere or for one organization (its primary key)."""
    live = ApiToken.objects.filter(issued_by=user, revoked_at__isnull=True, expires_at__gt=at)
    if organization is not None:
        live = live.filter(organization=organization)
    for token in live.select_related("organization").order_by("pk"):
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
            said = TokenRevoked(
                token=token.prefix, organization=token.organization.reference, reason=reason
            )
            record(said, by=by, at=at)
