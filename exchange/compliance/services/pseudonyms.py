"""The key of a product's pseudonyms: made when first needed, sealed in the vault, never shown."""

import io
import secrets
from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.compliance.models import PseudonymKey
from exchange.vault.models import StoredObject
from exchange.vault.services import open_object
from exchange.vault.services.objects import enter_objects, seal_object
from exchange.vault.states import ObjectState, Purpose
from exchange.vault.storage import remove_object

KEY_SIZE = 32
SALT_SIZE = 32
"""Random bytes beside the key, so that the object's digest in the log says nothing of it."""


def key_of(*, product: Product, by: Actor, at: datetime) -> bytes:
    """Return the product's key of pseudonyms; the first call makes it, rivals get the same."""
    known = _known(product)
    if known is None:
        known = _make(product, by, at)
    with open_object(known) as reader:
        return reader.read(0, KEY_SIZE)


def passing_key() -> bytes:
    """Return a key for one derivation alone; once it is forgotten nobody can make the same."""
    return secrets.token_bytes(KEY_SIZE)


def _known(product: Product) -> StoredObject | None:
    keys = PseudonymKey.objects.filter(product=product, stored__status=ObjectState.STORED)
    found = keys.select_related("stored").order_by("pk").first()
    return found.stored if found else None


def _make(product: Product, by: Actor, at: datetime) -> StoredObject:
    sealed = seal_object(
        source=io.BytesIO(secrets.token_bytes(KEY_SIZE + SALT_SIZE)),
        filename="pseudonyms.key",
        purpose=Purpose.KEY,
        owner=product.provider.reference,
        at=at,
        max_bytes=KEY_SIZE + SALT_SIZE,
        media_type="application/octet-stream",
    )
    try:
        with transaction.atomic():
            Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
            known = _known(product)
            if known is not None:
                remove_object(sealed.path)
                return known
            enter_objects([sealed], by=by, at=at)
            PseudonymKey.objects.create(product=product, stored=sealed, made_at=at)
    except BaseException:
        remove_object(sealed.path)
        raise
    return sealed
