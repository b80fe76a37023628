"""The life of a listing (挂牌): request, decide, list, stop, go on, end."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog import rules
from exchange.catalog.events import (
    ListingRequested,
    ListingResumed,
    ListingRetracted,
    ListingReturned,
    ListingSuspended,
    ProductDelisted,
    ProductListed,
)
from exchange.catalog.manual import manual_sha256
from exchange.catalog.models import Product
from exchange.catalog.queries import review_in_force
from exchange.catalog.rules import ListingFacts
from exchange.catalog.states import PRODUCT, ProductState
from exchange.catalog.vocabulary import SuspensionAuthority
from exchange.registry.fields import Field, Kind, read_values
from pricing.queries import current_appraisal, current_plan
from pricing.rules import judge_plan

from .locking import lock_product

REASON_MAX: Final = 500
TEXT_MAX: Final = 2000


def listing_facts(product: Product, *, at: datetime) -> ListingFacts:
    """Read together everything a listing is judged by."""
    plan = current_plan(product.reference)
    appraisal = current_appraisal(product.reference)
    deviation = None
    if plan is not None and appraisal is not None:
        deviation = judge_plan(plan, appraisal, get_pack("pricing", on=day_of(at)))
    return ListingFacts(
        product=product,
        release=product.current,
        plan=plan,
        appraisal=appraisal,
        deviation=deviation,
        at=at,
        review=review_in_force(product, plan, appraisal),
    )


@transaction.atomic
def request_listing(
    *,
    product: Product,
    justification: str = "",
    by: Actor,
    at: datetime,
    expected_version: int | None = None,
) -> Product:
    """Ask for the listing of exactly this version, release and price.

    Raises NotAllowed with everything that is still missing.
    """
    words = read_text("justification", justification, limit=TEXT_MAX, required=False)
    lock_product(product, expected_version=expected_version)
    facts = listing_facts(product, at=at)
    if refusal := rules.why_not_request(by, facts, justification=words):
        raise NotAllowed(refusal)
    requested = ListingRequested(**_pinned(facts), justification_sha256=_digest(words))
    advance(
        product,
        PRODUCT.request,
        event=requested,
        by=by,
        at=at,
        status_since=at,
        status_reason="",
        justification=words,
        operator_note="",
        requested_at=at,
        **_remembered(facts),
    )
    return product


@transaction.atomic
def retract_listing(*, product: Product, by: Actor, at: datetime) -> Product:
    """Take one's own request back."""
    if refusal := rules.why_not_create(by, product.provider.reference):
        raise NotAllowed(refusal)
    retracted = ListingRetracted(product=product.reference, cause="PROVIDER")
    advance(product, PRODUCT.retract, event=retracted, by=by, at=at, status_since=at)
    return product


@transaction.atomic
def return_listing(*, product: Product, reason: str, by: Actor, at: datetime) -> Product:
    """Send a request back to its provider with what is to be mended."""
    if refusal := rules.why_not_review(by, product):
        raise NotAllowed(refusal)
    words = read_text("reason", reason)
    returned = ListingReturned(product=product.reference, reason=words)
    advance(
        product,
        PRODUCT.retract,
        event=returned,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
    )
    return product


@transaction.atomic
def list_product(
    *,
    product: Product,
    by: Actor,
    at: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> Product:
    """Put the product on the market, if all a listing needs still holds as it was requested.

    Raises Conflict when version, release or price are not those the operator has read.
    """
    words = read_text("note", note, limit=TEXT_MAX, required=False)
    lock_product(product, expected_version=expected_version)
    facts = listing_facts(product, at=at)
    if refusal := rules.why_not_review(by, product):
        raise NotAllowed(refusal)
    if product.status == ProductState.REQUESTED:
        _check_unchanged(facts)
        if refusal := rules.why_not_list(by, facts):
            raise NotAllowed(refusal)
    listed = ProductListed(**_pinned(facts), note_sha256=_digest(words))
    advance(
        product,
        PRODUCT.list,
        event=listed,
        by=by,
        at=at,
        status_since=at,
        listed_at=at,
        operator_note=words,
        price_kind=facts.plan.kind if facts.plan else "",
        **_remembered(facts),
    )
    return product


@transaction.atomic
def suspend_listing(*, product: Product, reason: str, by: Actor, at: datetime) -> Product:
    """Stop a listing. A higher authority may take over a suspension that is in force."""
    if refusal := rules.why_not_stop(by, product):
        raise NotAllowed(refusal)
    words = read_text("reason", reason)
    lock_product(product)
    authority = rules.authority_of(by, product) or SuspensionAuthority.SYSTEM
    suspended = ListingSuspended(product=product.reference, authority=authority, reason=words)
    if _takes_over(authority, product):
        Product.objects.filter(pk=product.pk).update(
            suspension_authority=authority, status_reason=words, status_since=at
        )
        product.refresh_from_db()
        record(suspended, by=by, at=at)
        return product
    advance(
        product,
        PRODUCT.suspend,
        event=suspended,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
        suspension_authority=authority,
    )
    return product


@transaction.atomic
def resume_listing(*, product: Product, reason: str, by: Actor, at: datetime) -> Product:
    """Let a suspended listing go on."""
    words = read_text("reason", reason)
    lock_product(product)
    if refusal := rules.why_not_resume(by, product, at):
        raise NotAllowed(refusal)
    authority = rules.authority_of(by, product) or ""
    resumed = ListingResumed(product=product.reference, authority=authority, reason=words)
    advance(
        product,
        PRODUCT.resume,
        event=resumed,
        by=by,
        at=at,
        status_since=at,
        status_reason="",
        suspension_authority="",
    )
    return product


@transaction.atomic
def delist_product(*, product: Product, reason: str, by: Actor, at: datetime) -> Product:
    """End a listing (摘牌); contracts that run are not touched."""
    if refusal := rules.why_not_stop(by, product):
        raise NotAllowed(refusal)
    words = read_text("reason", reason)
    authority = rules.authority_of(by, product) or ""
    delisted = ProductDelisted(product=product.reference, authority=authority, reason=words)
    advance(
        product,
        PRODUCT.delist,
        event=delisted,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
        suspension_authority="",
    )
    return product


def read_text(name: str, text: str, *, limit: int = REASON_MAX, required: bool = True) -> str:
    """Return a stripped text; raise Invalid when it is missing, too long or cannot be kept."""
    field = Field(name=name, label=name, kind=Kind.PROSE, max_length=limit, required=required)
    return str(read_values((field,), {name: text})[name])


def _pinned(facts: ListingFacts) -> dict[str, Any]:
    """Return what request and listing declare: exactly which version, content and price."""
    product = facts.product
    return {
        "product": product.reference,
        "organization": product.provider.reference,
        "release": facts.release.reference if facts.release else "",
        "plan": facts.plan.reference if facts.plan else "",
        "appraisal": facts.appraisal.reference if facts.appraisal else "",
        "rights": product.rights.reference if product.rights else "",
        "product_version": product.version,
        "manual_sha256": manual_sha256(product),
        "content_sha256": facts.release.sha256 if facts.release else "",
        "zone": facts.deviation.zone.value if facts.deviation else "",
        "deviation_rate": f"{facts.deviation.rate:f}" if facts.deviation else "",
    }


def _remembered(facts: ListingFacts) -> dict[str, str | Decimal | None]:
    return {
        "zone": facts.deviation.zone.value if facts.deviation else "",
        "deviation_rate": facts.deviation.rate if facts.deviation else None,
        "listed_plan": facts.plan.reference if facts.plan else "",
        "listed_release": facts.release.reference if facts.release else "",
    }


def _check_unchanged(facts: ListingFacts) -> None:
    """Raise Conflict when price or content are not those of the request."""
    product = facts.product
    if facts.plan is None or facts.plan.reference != product.listed_plan:
        raise Conflict(_("The price changed after the request. The provider has to ask anew."))
    if facts.release is None or facts.release.reference != product.listed_release:
        raise Conflict(_("The release changed after the request. The provider has to ask anew."))


def _takes_over(authority: SuspensionAuthority, product: Product) -> bool:
    if product.status != ProductState.SUSPENDED:
        return False
    before = SuspensionAuthority(product.suspension_authority)
    return rules.AUTHORITY_RANK[authority] > rules.AUTHORITY_RANK[before]


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest() if words else ""
