"""What an appraisal is told of a product: measured facts, and what similar products ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from audit.rulebook.queries import day_of, get_pack
from pricing.facts import (
    AssetFacts,
    Circulation,
    Comparable,
    Evidence,
    MeasuredQuality,
    Traits,
    UpdateFrequency,
)
from pricing.methods.quality import score_quality
from pricing.money import DEFAULT_CURRENCY, Money
from pricing.policy import policy_of
from pricing.queries import current_plans
from pricing.rules import asking_price

from .models import Product, Release
from .quality import measured_quality
from .states import ProductState

COMPARABLES_MAX: Final = 60
"""Enough to learn from which of them count; the market method weighs them by likeness."""

UNIT: Final = "license"
"""What every asking price is turned into before it is compared."""

SHARE: Final = Decimal("0.0001")


def asset_facts(
    product: Product, *, expected_buyers: int = 1, circulation: Circulation = Circulation.TRADED
) -> AssetFacts:
    """Return the facts of a product's current release, as they were measured."""
    release = product.current
    if release is None:
        message = f"{product.reference} has no release to appraise"
        raise ValueError(message)
    measured = measured_quality([release])
    return AssetFacts(
        asset=product.reference,
        release=release.reference,
        owner=product.provider.reference,
        rows=release.rows,
        columns=len(release.columns),
        bytes=release.size,
        updated_on=day_of(release.uploaded_at),
        update_frequency=_frequency(product.update_frequency),
        completeness=completeness(release),
        grade_level=release.level or 1,
        circulation=circulation,
        substitutes=_similar(product).count(),
        expected_buyers=expected_buyers,
        category=product.product_type,
        release_sha256=release.sha256,
        traits=traits_of(product, release),
        measured=measured.get(release.pk),
    )


def traits_of(product: Product, release: Release) -> Traits:
    """Return what a product says of itself, by which comparables are chosen."""
    return Traits(
        title=product.name,
        text=" ".join((product.abstract, *map(str, product.keywords))).strip(),
        industry=product.industry,
        kind=product.product_type,
        unit=UNIT,
        size=release.size,
        renewal=product.update_frequency,
    )


def find_comparables(
    product: Product, *, currency: str = DEFAULT_CURRENCY, on: date | None = None
) -> list[Comparable]:
    """Return what similar products of others ask in one currency, the latest listed first.

    With a day, the quality of those that were measured stands beside, if the product's own was:
    only what was measured in the same way is compared.
    """
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
            priced_on=day_of(plan.set_at),
            evidence=Evidence.ASK,
            owner=other.provider.reference,
            rows=other.current.rows or None,
            source="catalog",
            traits=traits_of(other, other.current),
        )
        found.append(comparable)
    return found if on is None else _with_quality(found, product, similar, on)


def _with_quality(
    found: Sequence[Comparable], product: Product, similar: Sequence[Product], on: date
) -> list[Comparable]:
    releases = [each.current for each in (product, *similar) if each.current is not None]
    measured = measured_quality(releases)
    if product.current is None or product.current.pk not in measured:
        return list(found)
    scores = {
        other.reference: _score(other, other.current, measured, on)
        for other in similar
        if other.current is not None and other.current.pk in measured
    }
    return [replace(each, quality=scores.get(each.reference) or None) for each in found]


def _score(
    product: Product, release: Release, measured: Mapping[int, MeasuredQuality], on: date
) -> Decimal:
    facts = AssetFacts(
        asset=product.reference,
        release=release.reference,
        owner=product.provider.reference,
        rows=release.rows,
        columns=len(release.columns),
        bytes=release.size,
        updated_on=day_of(release.uploaded_at),
        update_frequency=_frequency(product.update_frequency),
        measured=measured[release.pk],
    )
    policy = policy_of(get_pack("pricing", on=on))
    return score_quality(facts, policy.quality, on).value


def prices_of(references: Iterable[str]) -> dict[str, Money]:
    """Return what products that are on the market ask for one license now, by reference."""
    listed = list(
        Product.objects.filter(
            reference__in=list(references), status=ProductState.LISTED, current__isnull=False
        ).select_related("current")
    )
    plans = current_plans(product.reference for product in listed)
    return {
        product.reference: asking_price(
            plans[product.reference], rows=product.current.rows, size=product.current.size
        )
        for product in listed
        if product.current and product.reference in plans
    }


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
