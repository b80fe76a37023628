"""API tokens: credentials of machines, bound to an organization."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.services import record
from exchange.parties import queries, rules
from exchange.parties.events import TokenIssued, TokenRevoked
from exchange.parties.models import ApiToken, Organization

PREFIX_BYTES = 5
SECRET_BYTES = 20  # 160 bits; ASVS 11.5.1 asks for 128
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue_token(
    *,
    organization: Organization,
    scopes: Iterable[str],
    expires_at: datetime,
    label: str = "",
    by: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is shown this once and not kept.

    Raises Invalid for scopes beyond the organization's roles or a life over one year.
    """
    if refusal := rules.why_not_administer(by, organization):
        raise NotAllowed(refusal)
    issuer = queries.user_of(by)
    if issuer is None:
        raise NotAllowed(_("A token is issued by a person, who answers for it."))
    chosen = sorted(set(scopes))
    problems = {
        "scopes": rules.scopes_problem(organization, chosen),
        "expires_at": rules.expiry_problem(expires_at, at),
    }
    found = {field: [problem] for field, problem in problems.items() if problem}
    if found:
        raise Invalid(found)
    prefix = secrets.token_hex(PREFIX_BYTES)
    secret = f"{queries.TOKEN_MARK}_{prefix}_{secrets.token_hex(SECRET_BYTES)}"
    token = ApiToken.objects.create(
        prefix=prefix,
        hash=queries.hash_of(secret),
        label=label.strip(),
        organization=organization,
        issued_by=issuer,
        scopes=chosen,
        issued_at=at,
        expires_at=expires_at,
    )
    said = TokenIssued(
        token=prefix,
        organization=organization.reference,
        member=str(issuer.public_id),
        scopes=",".join(chosen),
        expires_at=expires_at.astimezone(UTC).isoformat(),
    )
    record(said, by=by, at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, reason: str = "", by: Actor, at: datetime) -> ApiToken:
    """End a token at once. Raises Conflict when it is revoked already."""
    if refusal := rules.why_not_administer(by, token.organization):
        raise NotAllowed(refusal)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
        raise Conflict(_("This token was revoked already."))
    token.revoked_at = at
    said = TokenRevoked(
        token=token.prefix, organization=token.organization.reference, reason=reason
    )
    record(said, by=by, at=at)
    return token


def authenticate_token(*, secret: str, at: datetime, request_id: str = "") -> Actor:
    """Return who a presented token acts as and note its use, at most once a minute."""
    actor = queries.actor_for_token(secret, at=at, request_id=request_id)
    due = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - USE_NOTED_EVERY)
    prefix = actor.id.partition(":")[2]
    ApiToken.objects.filter(due, prefix=prefix).update(last_used_at=at)
    return actor
