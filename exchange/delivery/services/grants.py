"""Opening grants for contracts in force, and ending them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from exchange.catalog.models import Product, Release
from exchange.compliance.gate import why_not_trade
from exchange.delivery import queries, rules
from exchange.delivery.events import (
    GrantExpired,
    GrantOpened,
    GrantResumed,
    GrantRevoked,
    GrantSuspended,
)
from exchange.delivery.models import Grant
from exchange.delivery.states import GRANT, Channel
from exchange.parties.models import Organization

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class GrantTerms:
    """What a contract opens: under which digest, in which window, how often."""

    contract_sha256: str
    valid_from: datetime
    valid_until: datetime
    budget_downloads: int
    channel: Channel = Channel.DOWNLOAD


@transaction.atomic
def open_grant(
    *,
    order: str,
    contract: str,
    release: Release,
    grantee: Organization,
    terms: GrantTerms,
    by: Actor,
    at: datetime,
) -> Grant:
    """Open the release to the grantee for a paid order; the exchange does this itself.

    Bound to exactly this release by its content, and to the contract by its digest. Opening the
    same again returns the grant that is there; with other terms it is a Conflict.
    """
    if refusal := rules.why_not_open_grant(by):
        raise NotAllowed(refusal)
    _check_terms(terms, order, contract)
    if not grantee.is_admitted:
        raise NotAllowed(_("The buyer is not admitted, so nothing is opened to it."))
    if refusal := why_not_trade(release, at=at):
        raise NotAllowed(refusal)
    grant = Grant(
        reference=new_reference("G", at),
        order=order,
        contract=contract,
        contract_sha256=terms.contract_sha256,
        product=release.product,
        release=release,
        release_sha256=release.sha256,
        grantee=grantee,
        channel=terms.channel,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        budget_downloads=terms.budget_downloads,
        opened_at=at,
    )
    grant.terms_sha256 = queries.terms_digest(grant)
    if existing := _claim(grant):
        return existing
    opened = GrantOpened(
        grant=grant.reference,
        order=order,
        contract=contract,
        product=grant.product.reference,
        release=release.reference,
        organization=grantee.reference,
        channel=str(grant.channel),
        valid_from=_text(grant.valid_from),
        valid_until=_text(grant.valid_until),
        budget_downloads=grant.budget_downloads,
        contract_sha256=grant.contract_sha256,
        release_sha256=grant.release_sha256,
        terms_sha256=grant.terms_sha256,
    )
    begin(grant, event=opened, by=by, at=at)
    return grant


@transaction.atomic
def revoke_grant(*, grant: Grant, reason: str, by: Actor, at: datetime) -> Grant:
    """End a grant for good; the very next request under it is refused.

    Trading calls this as the exchange when a contract ends; the operator may, and the grantee may
    give its own grant up.
    """
    if refusal := rules.why_not_revoke(by, grant):
        raise NotAllowed(refusal)
    if not reason.strip():
        raise Invalid({"reason": [_("Say why the access ends; the buyer will read it.")]})
    revoked = GrantRevoked(
        grant=grant.reference,
        order=grant.order,
        contract=grant.contract,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        reason=reason,
    )
    advance(grant, GRANT.revoke, event=revoked, by=by, at=at, status_reason=reason)
    return grant


@transaction.atomic
def suspend_grants(*, product: Product, reason: str, by: Actor, at: datetime) -> list[Grant]:
    """Stop every open grant of a suspended product; those stopped already stay as they are."""
    if refusal := rules.why_not_steer(by):
        raise NotAllowed(refusal)
    grants = list(queries.open_grants_of(product))
    return [grant for grant in grants if _suspend(grant, reason, by, at)]


@transaction.atomic
def resume_grants(*, product: Product, reason: str, by: Actor, at: datetime) -> list[Grant]:
    """Open again what the suspension of the product stopped."""
    if refusal := rules.why_not_steer(by):
        raise NotAllowed(refusal)
    grants = list(queries.suspended_grants_of(product))
    return [grant for grant in grants if _resume(grant, reason, by, at)]


def expire_grants(at: datetime) -> int:
    """Close every grant whose window is over, each in its own transaction; return how many.

    Access is refused from the end of the window on whether this ran or not.
    """
    by = Actor.system("delivery")
    return sum(_expire(grant, by, at) for grant in queries.grants_to_expire(at))


def _check_terms(terms: GrantTerms, order: str, contract: str) -> None:
    wrong: dict[str, list[object]] = {}
    if not order:
        wrong["order"] = [_("Name the order.")]
    if not contract:
        wrong["contract"] = [_("Name the contract.")]
    if not DIGEST.fullmatch(terms.contract_sha256):
        wrong["contract_sha256"] = [_("Give the contract's SHA-256 as 64 hexadecimal digits.")]
    if terms.valid_from >= terms.valid_until:
        wrong["valid_until"] = [_("The window must end after it begins.")]
    if terms.budget_downloads < 1:
        wrong["budget_downloads"] = [_("Grant at least one download.")]
    if wrong:
        raise Invalid(wrong)


def _claim(grant: Grant) -> Grant | None:
    """Insert the grant and return None, or return the same one opened before."""
    same = {"order": grant.order, "release": grant.release, "channel": grant.channel}
    existing = Grant.objects.filter(**same).first()
    if existing is None:
        try:
            with transaction.atomic():
                grant.save(force_insert=True)
        except IntegrityError:
            existing = Grant.objects.filter(**same).first()
            if existing is None:
                raise
        else:
            return None
    grant.reference = existing.reference
    if queries.terms_digest(grant) != existing.terms_sha256:
        raise Conflict(
            _("Order %(order)s has access under other terms already.") % {"order": grant.order}
        )
    return existing


def _suspend(grant: Grant, reason: str, by: Actor, at: datetime) -> bool:
    suspended = GrantSuspended(
        grant=grant.reference,
        order=grant.order,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        reason=reason,
    )
    try:
        advance(grant, GRANT.suspend, event=suspended, by=by, at=at, status_reason=reason)
    except WrongState:  # used up or revoked since it was read
        return False
    return True


def _resume(grant: Grant, reason: str, by: Actor, at: datetime) -> bool:
    resumed = GrantResumed(
        grant=grant.reference,
        order=grant.order,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        reason=reason,
    )
    try:
        advance(grant, GRANT.resume, event=resumed, by=by, at=at, status_reason="")
    except WrongState:  # revoked or expired since it was read
        return False
    return True


def _expire(grant: Grant, by: Actor, at: datetime) -> bool:
    expired = GrantExpired(
        grant=grant.reference,
        order=grant.order,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        used_downloads=grant.used_downloads,
        budget_downloads=grant.budget_downloads,
    )
    try:
        advance(grant, GRANT.expire, event=expired, by=by, at=at)
    except WrongState:  # used up or revoked since it was read
        return False
    return True


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
