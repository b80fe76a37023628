"""A cleared release in the vault and a grant on it."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

from audit.log.actors import Actor
from audit.log.references import new_reference
from exchange.catalog.models import Product, Release
from exchange.delivery.models import Grant
from exchange.delivery.services import GrantTerms, open_grant
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services import store_object
from tests.registry.making import stated_rights

SYSTEM = Actor.system("trading")
CONTENT = b"".join(b"%06d,SHA,PEK\n" % number for number in range(200_000))  # 3 MB: several chunks
TABLE = b"PAR1" + bytes(range(256)) * 80 + b"PAR1"
CONTRACT_SHA256 = hashlib.sha256(b"contract").hexdigest()


def make_release(product: Product, at: datetime, content: bytes = CONTENT) -> Release:
    """Return a release that the filter let through, with its bytes in the vault."""
    digest = hashlib.sha256(content).hexdigest()
    return Release.objects.create(
        reference=new_reference("V", at),
        product=product,
        number=product.releases.count() + 1,
        status="CLEARED",
        status_since=at,
        original=_store(product, "flights.csv", "ORIGINAL", content, at),
        table=_store(product, "flights.parquet", "TABLE", TABLE, at),
        sha256=digest,
        filename="flights.csv",
        format="CSV",
        rows=200_000,
        columns=[{"name": "origin", "type": "string"}],
        size=len(content),
        uploaded_at=at,
        grade="GENERAL",
        level=1,
        personal="NONE",
        cleared_at=at,
        cleared_pack="compliance@2026-11-01",
        cleared_sha256=digest,
    )


def make_product(owner: Organization, by: Actor, at: datetime) -> Product:
    """Return a listed product with a current release."""
    product = Product.objects.create(
        reference=new_reference("P", at),
        provider=owner,
        rights=stated_rights(owner, by, at),
        status="LISTED",
        status_since=at,
        created_at=at,
        edited_at=at,
        name="2013年国内航班延误数据集",
        product_type="DATASET",
        listed_at=at,
    )
    product.current = make_release(product, at)
    product.save(update_fields=["current"])
    return product


def terms(at: datetime, **changes: Any) -> GrantTerms:
    """Return terms for two downloads within thirty days."""
    given: dict[str, Any] = {
        "contract_sha256": CONTRACT_SHA256,
        "valid_from": at,
        "valid_until": at + timedelta(days=30),
        "budget_downloads": 2,
    }
    return GrantTerms(**(given | changes))


def make_grant(product: Product, grantee: Organization, at: datetime, **changes: Any) -> Grant:
    """Return a grant on the product's current release."""
    assert product.current is not None
    return open_grant(
        order=changes.pop("order", "O-2026-TEST0001"),
        contract="C-2026-TEST0001",
        release=product.current,
        grantee=grantee,
        terms=terms(at, **changes),
        by=SYSTEM,
        at=at,
    )


def _store(
    product: Product, filename: str, purpose: str, content: bytes, at: datetime
) -> StoredObject:
    return store_object(
        source=io.BytesIO(content),
        filename=filename,
        purpose=purpose,
        owner=product.provider.reference,
        by=Actor.system("vault"),
        at=at,
    )
