"""Products in every state of their life, for the tests of everything that rests on them."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from audit.log.actors import Actor
from audit.log.references import new_reference
from exchange.catalog.models import Product, Release
from exchange.catalog.services import (
    accept_commitment,
    attach_rights,
    clear_release,
    create_product,
    list_product,
    mark_appraised,
    price_product,
    request_listing,
    start_screening,
    submit_release,
)
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from pricing.facts import AssetFacts, CostRecord
from pricing.models import Appraisal
from pricing.plans import PlanTerms
from pricing.queries import current_appraisal
from pricing.services import appraise
from pricing.states import PlanKind
from tests.registry.making import stated_rights

PACK = "compliance@2026-11-01"
MANUAL: dict[str, object] = {
    "name": "2013年纽约航空离港航班数据集",
    "name_en": "New York departures 2013",
    "abstract": "纽约三个机场2013年全部离港航班的起降时刻与延误，可用于延误预测和运力分析。",
    "abstract_en": "All flights that departed from the three airports of New York City in 2013.",
    "product_type": "DATASET",
    "sector": "TRANSPORT",
    "industry": "G",
    "keywords": ["航班", "延误", "flights", "delays"],
    "region_scope": "CITY",
    "region": "New York City",
    "span_from": "2013-01-01",
    "span_until": "2013-12-31",
    "update_frequency": "NONE",
    "form": "TABLE",
    "structure": "STRUCTURED",
    "description": "One row for each departure.",
    "dictionary": [{"field": "dep_delay", "title": "离港延误", "unit": "min"}],
    "purposes": ["风险控制", "运力规划"],
    "scenarios_allowed": ["航班延误保险定价", "机场运力分析"],
    "scenarios_forbidden": ["追踪个人行程"],
    "users": "PAYER_ONLY",
    "time_limit": "CONTRACT_TERM",
    "resale": "NO",
    "export": "NO",
    "retention": "KEEP_DERIVED",
    "delivery_modes": ["FILE_DOWNLOAD"],
    "delivery_level": "S1",
    "contact_unit": "数据运营部",
}
COSTS = CostRecord.of(collection="80000", cleaning="20000", compute="5000")


@dataclass(frozen=True, kw_only=True)
class SeenBy:
    """A screening's verdict without the screening."""

    sha256: str
    reference: str = "S-2026-TEST0001"
    grade: str = "GENERAL"
    level: int = 1
    personal: str = "NONE"


def draft_product(provider: Organization, by: Actor, at: datetime, **changes: Any) -> Product:
    """Return a described product without anything else."""
    return create_product(provider=provider, manual=MANUAL | changes, by=by, at=at)


def draft_release(product: Product, at: datetime, *, content: bytes = b"rows") -> Release:
    """Return an uploaded release whose bytes are not really there."""
    digest = hashlib.sha256(content).hexdigest()
    Product.objects.filter(pk=product.pk).update(last_number=product.last_number + 1)
    product.refresh_from_db()
    return Release.objects.create(
        reference=new_reference("V", at),
        product=product,
        number=product.last_number,
        original=_stored(product, at, "ORIGINAL", digest),
        table=_stored(product, at, "TABLE", digest),
        sha256=digest,
        filename="flights.csv",
        format="csv",
        encoding="utf-8",
        rows=336_776,
        columns=[{"name": "航班号", "type": "string"}, {"name": "dep_delay", "type": "double"}],
        size=29_000_000,
        profile={"rows": 336_776},
        status_since=at,
        uploaded_at=at,
    )


def cleared_release(
    product: Product, by: Actor, at: datetime, *, content: bytes = b"rows", level: int = 1
) -> Release:
    """Return a release that the filter let through."""
    release = submit_release(release=draft_release(product, at, content=content), by=by, at=at)
    platform = Actor.system("compliance")
    start_screening(release=release, by=platform, at=at)
    return clear_release(
        release=release,
        screening=SeenBy(sha256=release.sha256, level=level),
        pack=PACK,
        sample={"columns": ["dep_delay"], "rows": [["2"]]},
        by=platform,
        at=at,
    )


def price(
    product: Product, by: Actor, at: datetime, amount: str = "30000", justification: str = ""
) -> None:
    """Set a one-off price."""
    terms = PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal(amount))
    price_product(product=product, terms=terms, justification=justification, by=by, at=at)


def appraised(product: Product, at: datetime) -> Appraisal:
    """Put the platform's own appraisal of the current release beside the product."""
    release = product.current
    assert release is not None
    facts = AssetFacts(
        asset=product.reference,
        release=release.reference,
        owner=product.provider.reference,
        rows=release.rows,
        columns=len(release.columns),
        bytes=release.size,
        updated_on=date(2026, 11, 1),
        expected_buyers=4,
        completeness=Decimal("0.98"),
    )
    platform = Actor.system("appraisal")
    made = appraise(facts=facts, costs=COSTS, comparables=[], by=platform, at=at)
    mark_appraised(product=product, appraisal=made, by=platform, at=at)
    return made


def ready_product(provider: Organization, by: Actor, at: datetime, **changes: Any) -> Product:
    """Return a product that lacks nothing but the request of its listing."""
    content = str(changes.pop("content", "rows")).encode()
    product = draft_product(provider, by, at, **changes)
    attach_rights(product=product, rights=stated_rights(provider, by, at), by=by, at=at)
    cleared_release(product, by, at, content=content)
    product.refresh_from_db()
    made = appraised(product, at)
    price(product, by, at, f"{made.mid.quantized().amount}")
    return accept_commitment(product=product, expected_version=product.version, by=by, at=at)


def listed_product(
    provider: Organization, by: Actor, operator: Actor, at: datetime, **changes: Any
) -> Product:
    """Return a product on the market."""
    product = ready_product(provider, by, at, **changes)
    request_listing(product=product, by=by, at=at)
    return list_product(product=product, by=operator, at=at)


def far_price(product: Product, times: str) -> str:
    """Return the middle of the band times a factor."""
    mid = current_appraisal(product.reference).mid
    return (mid * Decimal(times)).text


def recommit(product: Product, by: Actor, at: datetime) -> None:
    """Accept the commitment for the version that stands now."""
    product.refresh_from_db()
    accept_commitment(product=product, expected_version=product.version, by=by, at=at)


def _stored(product: Product, at: datetime, purpose: str, digest: str) -> StoredObject:
    reference = new_reference("OB", at)
    return StoredObject.objects.create(
        reference=reference,
        owner=product.provider.reference,
        purpose=purpose,
        filename="flights.csv",
        media_type="text/csv",
        size=4,
        sha256=digest,
        wrapped_key="key",
        key_id="test",
        path=reference,
        stored_at=at,
    )
