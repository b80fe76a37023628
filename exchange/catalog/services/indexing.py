"""Keeping what the search reads, in the transaction of the change it follows."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import override

from exchange.catalog.manual import manual_of
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.vocabulary import Industry, ProductType, Sector
from exchange.catalog.words import normalized, tokens_of

LANGUAGES = ("zh-hans", "en")
BODY_FIELDS = (
    "description",
    "region",
    "purposes",
    "scenarios_allowed",
    "corpus_areas",
    "use_case",
)


def index_product(product: Product) -> SearchEntry:
    """Write the search entry of a product anew."""
    entry = search_entry_of(product)
    SearchEntry.objects.bulk_create(
        [entry],
        update_conflicts=True,
        unique_fields=["product"],
        update_fields=["name", "keywords", "abstract", "body", "tokens"],
    )
    return entry


def search_entry_of(product: Product) -> SearchEntry:
    """Work out the search entry of a product; nothing is written."""
    manual = manual_of(product)
    name = _texts(manual["name"], manual["name_en"])
    keywords = _texts(manual["keywords"], manual["topics"])
    abstract = _texts(manual["abstract"], manual["abstract_en"])
    body = [
        *_texts(*(manual[field] for field in BODY_FIELDS)),
        *_dictionary(manual["dictionary"]),
        *(product.current.column_names if product.current else ()),
        product.provider.name,
        product.provider.name_en,
        *_labels(product),
    ]
    return SearchEntry(
        product=product,
        name=normalized(name),
        keywords=normalized(keywords),
        abstract=normalized(abstract),
        body=normalized(body),
        tokens=tokens_of([*name, *keywords, *abstract, *body]),
    )


@transaction.atomic
def reindex_products() -> int:
    """Write every search entry anew, after the cutting of texts has changed."""
    count = 0
    for product in Product.objects.select_related("provider", "current").iterator():
        index_product(product)
        count += 1
    return count


def _texts(*values: object) -> list[str]:
    found: list[str] = []
    for value in values:
        found.extend([value] if isinstance(value, str) else _strings(value))
    return found


def _strings(value: object) -> Iterable[str]:
    return (str(one) for one in value) if isinstance(value, list) else ()


def _dictionary(rows: object) -> list[str]:
    if not isinstance(rows, list):
        return []
    return [str(row[name]) for row in rows for name in ("field", "title", "note") if row[name]]


def _labels(product: Product) -> list[str]:
    """Return the words of type, board and industry in both languages."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(ProductType(product.product_type).label))
            if product.sector:
                found.append(str(Sector(product.sector).label))
            if product.industry:
                found.append(str(Industry(product.industry).label))
    return found
