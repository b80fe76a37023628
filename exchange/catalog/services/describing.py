"""Describing a product: create, edit, attach rights, answer for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.catalog import rules
from exchange.catalog.commitment import COMMITMENT_SHA256
from exchange.catalog.events import (
    CommitmentAccepted,
    ListingRetracted,
    ProductCreated,
    ProductEdited,
    ProductReopened,
    RightsAttached,
)
from exchange.catalog.manual import (
    MANUAL_FIELDS,
    OBJECT_FIELDS,
    check_coherence,
    manual_of,
    manual_sha256,
    read_manual,
    split_manual,
)
from exchange.catalog.models import Product
from exchange.catalog.states import EDITABLE, PRODUCT, ProductState
from exchange.catalog.vocabulary import ProductType
from exchange.parties.models import Organization
from exchange.registry.models import RightsStatement
from exchange.registry.states import RightsState
from exchange.vault.models import StoredObject
from exchange.vault.states import ObjectState

from .indexing import index_product
from .locking import lock_product


@transaction.atomic
def create_product(
    *, provider: Organization, manual: Mapping[str, object], by: Actor, at: datetime
) -> Product:
    """Begin the description of a product; `manual` holds fields of MANUAL_FIELDS by name.

    A name and a type suffice; what a listing needs beside them may follow by edits.
    """
    if refusal := rules.why_not_create(by, provider.reference):
        raise NotAllowed(refusal)
    values = read_manual(manual)
    check_coherence(values)
    _check_objects(values, owner=provider.reference)
    columns, rest = split_manual(values)
    product = Product.objects.create(
        reference=new_reference("P", at),
        provider=provider,
        status_since=at,
        created_at=at,
        edited_at=at,
        manual=rest,
        **columns,
    )
    created = ProductCreated(
        product=product.reference,
        organization=provider.reference,
        product_type=product.product_type,
        manual_sha256=manual_sha256(product),
    )
    begin(product, event=created, by=by, at=at)
    index_product(product)
    return product


@transaction.atomic
def edit_product(
    *,
    product: Product,
    changes: Mapping[str, object],
    expected_version: int,
    by: Actor,
    at: datetime,
) -> Product:
    """Change fields of the manual; only those mentioned, and only from the version that was read.

    Raises Conflict when somebody else edited meanwhile. An open listing request becomes void. An
    edit that changes nothing leaves no trace.
    """
    if refusal := rules.why_not_edit(by, product):
        raise NotAllowed(refusal)
    read = read_manual(changes, complete=False)
    lock_product(product, expected_version=expected_version)
    if refusal := rules.why_not_edit(by, product):
        raise NotAllowed(refusal)
    before = manual_of(product)
    values = before | read
    check_coherence(values)
    _check_objects(read, owner=product.provider.reference)
    changed = [field.name for field in MANUAL_FIELDS if values[field.name] != before[field.name]]
    if not changed:
        return product
    if (values["product_type"] == ProductType.MODEL) != product.is_model and (
        product.releases.exists()
    ):
        words = _("It has releases: a model does not become data, nor data a model. Begin another.")
        raise Invalid({"product_type": [words]})
    columns, rest = split_manual(values)
    _change(product, at=at, manual=rest, **columns)
    _void_request(product, cause="EDITED", by=by, at=at)
    edited = ProductEdited(
        product=product.reference,
        fields=",".join(changed),
        product_version=product.version,
        manual_sha256=manual_sha256(product),
    )
    record(edited, by=by, at=at)
    index_product(product)
    return product


@transaction.atomic
def attach_rights(*, product: Product, rights: RightsStatement, by: Actor, at: datetime) -> Product:
    """Rest the product on a statement of rights of its own provider."""
    if refusal := rules.why_not_edit(by, product):
        raise NotAllowed(refusal)
    if rights.organization_id != product.provider_id:
        words = _("There is no rights statement %(reference)s of yours.")
        raise Invalid({"rights": [words % {"reference": rights.reference}]})
    if rights.status == RightsState.WITHDRAWN:
        raise Invalid({"rights": [_("This rights statement was withdrawn.")]})
    lock_product(product)
    if refusal := rules.why_not_edit(by, product):
        raise NotAllowed(refusal)
    if product.rights_id == rights.pk:
        return product
    _change(product, at=at, rights=rights)
    _void_request(product, cause="RIGHTS", by=by, at=at)
    attached = RightsAttached(
        product=product.reference, rights=rights.reference, product_version=product.version
    )
    record(attached, by=by, at=at)
    return product


@transaction.atomic
def accept_commitment(
    *, product: Product, expected_version: int, by: Actor, at: datetime
) -> Product:
    """Answer for the description in exactly the version that was read (法律承诺书)."""
    if refusal := rules.why_not_commit(by, product):
        raise NotAllowed(refusal)
    lock_product(product, expected_version=expected_version)
    Product.objects.filter(pk=product.pk).update(
        commitment_version=expected_version,
        commitment_sha256=COMMITMENT_SHA256,
        committed_at=at,
    )
    product.refresh_from_db()
    accepted = CommitmentAccepted(
        product=product.reference,
        organization=product.provider.reference,
        product_version=expected_version,
        manual_sha256=manual_sha256(product),
        commitment_sha256=COMMITMENT_SHA256,
    )
    record(accepted, by=by, at=at)
    return product


@transaction.atomic
def reopen_product(*, product: Product, by: Actor, at: datetime) -> Product:
    """Work on a delisted product for a new listing, which needs everything anew."""
    if refusal := rules.why_not_create(by, product.provider.reference):
        raise NotAllowed(refusal)
    lock_product(product)
    reopened = ProductReopened(product=product.reference, product_version=product.version + 1)
    advance(
        product,
        PRODUCT.reopen,
        event=reopened,
        by=by,
        at=at,
        status_since=at,
        status_reason="",
        version=F("version") + 1,
        justification="",
        operator_note="",
        zone="",
        deviation_rate=None,
        listed_plan="",
        listed_release="",
        requested_at=None,
        listed_at=None,
    )
    return product


def _change(product: Product, *, at: datetime, **columns: object) -> None:
    """Write columns of a locked product and count its version up: compare-and-set on both."""
    rows = Product.objects.filter(
        pk=product.pk, version=product.version, status__in=EDITABLE
    ).update(version=product.version + 1, edited_at=at, **columns)
    if not rows:
        raise Conflict(_("The description changed meanwhile; please read it again."))
    product.refresh_from_db()


def _void_request(product: Product, *, cause: str, by: Actor, at: datetime) -> None:
    """Take an open listing request back: nobody approves what he has not read."""
    if product.status != ProductState.REQUESTED:
        return
    retracted = ListingRetracted(product=product.reference, cause=cause)
    advance(product, PRODUCT.retract, event=retracted, by=by, at=at, status_since=at)


def _check_objects(values: Mapping[str, object], *, owner: str) -> None:
    """Raise Invalid for files that are not the provider's own."""
    named = {name: str(values[name]) for name in OBJECT_FIELDS if values.get(name)}
    known = _own_objects(named.values(), owner=owner)
    words = _("There is no file %(reference)s of yours.")
    problems = {
        name: [words % {"reference": reference}]
        for name, reference in named.items()
        if reference not in known
    }
    if problems:
        raise Invalid(problems)


def _own_objects(references: Iterable[str], *, owner: str) -> set[str]:
    stored = StoredObject.objects.filter(
        reference__in=list(references), owner=owner, status=ObjectState.STORED
    )
    return set(stored.values_list("reference", flat=True))
