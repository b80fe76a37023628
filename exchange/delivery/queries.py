"""Reading grants and accesses."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from django.db.models import Q, QuerySet
from django.utils.timezone import get_current_timezone

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import NotFound
from audit.log.models import Entry
from audit.log.reactions import event_of
from exchange.catalog.models import Product
from pricing.quality import Accesses

from .events import GrantOpened
from .models import Access, Grant
from .states import AccessState, GrantState

WATCHERS = ("OPERATOR", "REGULATOR")
RELATED = ("product__provider", "release__original", "release__table", "grantee")


def grants_visible_to(actor: Actor) -> QuerySet[Grant]:
    """Return the grants the actor may see: as grantee, as provider, or all for those who watch."""
    rows = Grant.objects.select_related(*RELATED)
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(
        Q(grantee__reference=actor.organization)
        | Q(product__provider__reference=actor.organization)
    )


def get_grant_for(actor: Actor, reference: str) -> Grant:
    """Return one grant if the actor may see it; raises NotFound otherwise."""
    found = grants_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def accesses_visible_to(actor: Actor) -> QuerySet[Access]:
    """Return the accesses under the grants the actor may see."""
    rows = Access.objects.select_related("grant__product", "grant__grantee")
    return rows.filter(grant__in=grants_visible_to(actor).values("pk"))


def get_access_for(actor: Actor, reference: str) -> Access:
    """Return one access if the actor may see it; raises NotFound otherwise."""
    found = accesses_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def read_again(grant: Grant) -> Grant:
    """Return the grant as it is in the database now, with all that the rules ask about."""
    found = Grant.objects.select_related(*RELATED).filter(pk=grant.pk).first()
    if found is None:
        raise NotFound
    return found


def get_access(reference: str) -> Access | None:
    """Return an access with its grant, for a link that names it."""
    return Access.objects.select_related("grant").filter(reference=reference).first()


def lock_access(access: Access) -> Access:
    """Hold the access's row while what was sent is added up."""
    return Access.objects.select_for_update(of=("self",)).get(pk=access.pk)


def access_by_request(grant: Grant, request_key: str) -> Access | None:
    """Return what the same request took before, if it did."""
    if not request_key:
        return None
    return Access.objects.filter(grant=grant, request_key=request_key).first()


def accesses_ended(product: Product, *, since: date, until: date) -> Accesses:
    """Count the accesses to a product that ended, and those that handed over everything."""
    begin = datetime.combine(since, time(), get_current_timezone())
    end = datetime.combine(until + timedelta(days=1), time(), get_current_timezone())
    rows = Access.objects.filter(
        grant__product=product, taken_at__gte=begin, taken_at__lt=end
    ).exclude(status=AccessState.TAKEN)
    return Accesses(
        since=since,
        until=until,
        ended=rows.count(),
        succeeded=rows.filter(status=AccessState.COMPLETED).count(),
    )


def open_grants_of(product: Product) -> QuerySet[Grant]:
    """Return the grants that a suspension of the product stops, in the order of their rows."""
    rows = Grant.objects.select_related(*RELATED).order_by("pk")
    return rows.filter(product=product, status=GrantState.OPEN)


def suspended_grants_of(product: Product) -> QuerySet[Grant]:
    """Return the grants that resuming the product opens again."""
    rows = Grant.objects.select_related(*RELATED).order_by("pk")
    return rows.filter(product=product, status=GrantState.SUSPENDED)


def grants_to_expire(at: datetime) -> QuerySet[Grant]:
    """Return the grants whose window closed before they were used up."""
    rows = Grant.objects.select_related(*RELATED).order_by("valid_until", "pk")
    return rows.filter(status__in=[GrantState.OPEN, GrantState.SUSPENDED], valid_until__lte=at)


def accesses_to_close(at: datetime) -> QuerySet[Access]:
    """Return the accesses whose time for resuming ran out before the file was complete."""
    rows = Access.objects.select_related("grant__product", "grant__grantee")
    return rows.filter(status=AccessState.TAKEN, resumable_until__lte=at).order_by("pk")


def terms_digest(grant: Grant) -> str:
    """Return the digest of every term of the grant, as its opening recorded it."""
    return hashlib.sha256(
        canonical(
            {
                "grant": grant.reference,
                "order": grant.order,
                "contract": grant.contract,
                "contract_sha256": grant.contract_sha256,
                "product": grant.product.reference,
                "release": grant.release.reference,
                "release_sha256": grant.release_sha256,
                "organization": grant.grantee.reference,
                "channel": str(grant.channel),
                "valid_from": grant.valid_from.astimezone(UTC).isoformat(),
                "valid_until": grant.valid_until.astimezone(UTC).isoformat(),
                "budget_downloads": grant.budget_downloads,
            }
        )
    ).hexdigest()


def recorded_terms(grant: Grant) -> str:
    """Return the digest of the terms in the log's entry of the opening; empty if there is none."""
    entry = (
        Entry.objects.filter(subject_kind="grant", subject=grant.reference, name=GrantOpened.name)
        .order_by("position")
        .first()
    )
    return cast(GrantOpened, event_of(entry)).terms_sha256 if entry else ""
