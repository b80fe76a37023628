"""What an appraisal is told of a product: measured facts, and what similar products ask."""

from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from pricing.facts import AssetFacts, Circulation, Comparable, Evidence, UpdateFrequency
from pricing.money import DEFAULT_CURRENCY
from pricing.queries import current_plans
from pricing.rules import asking_price

from .models import Product, Release
from .states import ProductState

COMPARABLES_MAX: Final = 12
SHARE: Final = Decimal("0.0001")


def asset_facts(
    product: Product, *, expected_buyers: int = 1, circulation: Circulation = Circulation.TRADED
) -> AssetFacts:
    """Return the facts of a product's current release, as they were measured."""
    release = product.current
    if release is None:
        message = f"{product.reference} has no release to appraise"
        raise ValueError(message)
    return AssetFacts(
        asset=product.reference,
        release=release.reference,
        owner=product.provider.reference,
        rows=release.rows,
        columns=len(release.columns),
        bytes=release.size,
        updated_on=release.uploaded_at.date(),
        update_frequency=_frequency(product.update_frequency),
        completeness=completeness(release),
        grade_level=release.level or 1,
        circulation=circulation,
        substitutes=_similar(product).count(),
        expected_buyers=expected_buyers,
        category=product.product_type,
        release_sha256=release.sha256,
    )


def find_comparables(product: Product, *, currency: str = DEFAULT_CURRENCY) -> list[Comparable]:
    """Return what similar products of others ask in one currency, the latest listed first."""
    similar = list(
        _similar(product)
        .select_related("current", "provider")
        .order_by("-listed_at", "-pk")[:COMPARABLES_MAX]
    )
    plans = current_plans(other.reference for other in similar)
    found = []
    for other in similar:
        plan = plans.get(other.reference)
        if plan is None or other.current is None:
            continue
        price = asking_price(plan, rows=other.current.rows, size=other.current.size)
        if price.currency != currency or not price.is_positive:
            continue
        comparable = Comparable(
            reference=other.reference,
            price=price,
            priced_on=plan.set_at.date(),
            evidence=Evidence.ASK,
            owner=other.provider.reference,
            rows=other.current.rows or None,
            source="catalog",
        )
        found.append(comparable)
    return found


def completeness(release: Release) -> Decimal | None:
    """Return the share of cells that are filled, from the profile; None when none was counted."""
    columns: list[dict[str, Any]] = release.profile.get("columns", [])
    cells = release.rows * len(columns)
    if not cells:
        return None
    empty = sum(int(column["nulls"]) + int(column.get("empty", 0)) for column in columns)
    return (Decimal(cells - empty) / Decimal(cells)).quantize(SHARE)


def _similar(product: Product) -> QuerySet[Product]:
    return Product.objects.filter(
        status=ProductState.LISTED, sector=product.sector, product_type=product.product_type
    ).exclude(provider=product.provider_id)


def _frequency(stated: str) -> UpdateFrequency:
    if stated in UpdateFrequency.__members__:
        return UpdateFrequency(stated)
    return UpdateFrequency.IRREGULAR if stated else UpdateFrequency.NONE
