"""Finding products: text, filters, order and facets, as one query set each."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid
from pricing.states import PlanKind

from .models import Product
from .ranking import (
    NAME_BEGINS_WITH_QUERY,
    NAME_IS_QUERY,
    SCORE_ORDER,
    WEIGHTS,
    whole_of,
)
from .states import ProductState
from .vocabulary import (
    DeliveryLevel,
    Form,
    Industry,
    ProductType,
    RegionScope,
    Sector,
    UpdateFrequency,
)
from .words import PHRASES_MAX, QUERY_MAX, Query, needle

LEVELS = ("1", "2", "3", "4")
VALUES_MAX = 50
"""Values of one filter; nobody ticks more boxes than that."""
PROVIDERS_SHOWN = 20


class InFullText(Func):
    """That a product's pieces fit a query in the language of SQLite's FTS5."""

    output_field = BooleanField()
    arg_joiner = " IN (SELECT rowid FROM catalog_searchindex WHERE catalog_searchindex MATCH "
    template = "%(expressions)s)"


class InDocument(Func):
    """That a product's pieces fit a query in the language of PostgreSQL's text search."""

    output_field = BooleanField()
    arg_joiner = " IN (SELECT product_id FROM catalog_searchentry WHERE document @@ "
    template = "%(expressions)s::tsquery)"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way of narrowing a search: its name in addresses, its column and permitted values."""

    name: str
    column: str
    label: str | Promise
    values: tuple[str, ...] = ()
    label_of: Callable[[str], object] = str


FILTERS: dict[str, Filter] = {
    found.name: found
    for found in (
        Filter(
            name="type",
            column="product_type",
            label=gettext_lazy("type"),
            values=tuple(ProductType.values),
            label_of=lambda code: ProductType(code).label,
        ),
        Filter(
            name="sector",
            column="sector",
            label=gettext_lazy("board"),
            values=tuple(Sector.values),
            label_of=lambda code: Sector(code).label,
        ),
        Filter(
            name="industry",
            column="industry",
            label=gettext_lazy("industry"),
            values=tuple(Industry.values),
            label_of=lambda code: Industry(code).label,
        ),
        Filter(
            name="format",
            column="format",
            label=gettext_lazy("file format"),
            label_of=str.upper,
        ),
        Filter(
            name="price_kind",
            column="price_kind",
            label=gettext_lazy("kind of price"),
            values=tuple(PlanKind.values),
            label_of=lambda code: PlanKind(code).label,
        ),
        Filter(
            name="update_frequency",
            column="update_frequency",
            label=gettext_lazy("update frequency"),
            values=tuple(UpdateFrequency.values),
            label_of=lambda code: UpdateFrequency(code).label,
        ),
        Filter(
            name="level", column="level", label=gettext_lazy("level of the data"), values=LEVELS
        ),
        Filter(
            name="region",
            column="region_scope",
            label=gettext_lazy("region covered"),
            values=tuple(RegionScope.values),
            label_of=lambda code: RegionScope(code).label,
        ),
        Filter(
            name="form",
            column="form",
            label=gettext_lazy("form of the content"),
            values=tuple(Form.values),
            label_of=lambda code: Form(code).label,
        ),
        Filter(
            name="delivery_level",
            column="delivery_level",
            label=gettext_lazy("delivery level"),
            values=tuple(DeliveryLevel.values),
            label_of=lambda code: DeliveryLevel(code).label,
        ),
        Filter(name="provider", column="provider__reference", label=gettext_lazy("provider")),
        Filter(
            name="status",
            column="status",
            label=gettext_lazy("status"),
            values=tuple(ProductState.values),
            label_of=lambda code: ProductState(code).label,
        ),
    )
}
FACETS = (
    "type",
    "sector",
    "industry",
    "format",
    "price_kind",
    "update_frequency",
    "level",
    "region",
)
"""Facets counted together; the provider's is counted by itself, for its names are many."""

ORDERS: dict[str, tuple[str, ...]] = {
    "relevance": SCORE_ORDER,
    "newest": ("-listed_at", "-pk"),
    "oldest": ("listed_at", "pk"),
    "name": ("name", "pk"),
    "edited": ("-edited_at", "-pk"),
}


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One value of a filter with the number of products found that have it."""

    value: str
    label: str
    count: int


def find_in(
    products: QuerySet[Product],
    *,
    text: str = "",
    filters: Mapping[str, str | Iterable[str]] | None = None,
    order: str = "",
) -> QuerySet[Product]:
    """Narrow `products` to a text and filters, ordered; Invalid says what is not understood."""
    products = _narrow(products, filters or {})
    query = read_query(text)
    if query is None:
        return products.order_by(*_order("newest" if order in ("", "relevance") else order))
    if not query.phrases:
        return products.none()
    return match(products, query).order_by(*_order(order or "relevance"))


def read_query(text: str) -> Query | None:
    """Read what was typed; None when nothing was."""
    if not text.strip():
        return None
    if len(text) > QUERY_MAX:
        raise Invalid({"text": [_("At most %(count)d characters.") % {"count": QUERY_MAX}]})
    query = Query.of(text)
    if len(query.phrases) > PHRASES_MAX:
        raise Invalid({"text": [_("At most %(count)d words.") % {"count": PHRASES_MAX}]})
    return query


def match(products: QuerySet[Product], query: Query) -> QuerySet[Product]:
    """Keep the products that contain every phrase, each with its `score` of `ranking`."""
    if connection.vendor == "sqlite":
        found = products.filter(InFullText(F("pk"), Value(query.as_fts5())))
    else:
        found = products.filter(InDocument(F("pk"), Value(query.as_tsquery())))
    for phrase in query.unproven:
        found = found.filter(_somewhere(phrase))
    return found.annotate(score=_score(query))


def facets(products: QuerySet[Product]) -> dict[str, list[Facet]]:
    """Count the values of every facet among `products`, the most frequent first; two queries."""
    plain = products.order_by()
    columns = [FILTERS[name].column for name in FACETS]
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for row in plain.values_list(*columns).annotate(count=Count("pk")):
        for name, value in zip(FACETS, row[:-1], strict=True):
            if value not in (None, ""):
                key = str(value)
                counts[name][key] = counts[name].get(key, 0) + row[-1]
    found = {name: _facet(FILTERS[name], counted) for name, counted in counts.items()}
    found["provider"] = _providers(plain)
    return found


def _facet(about: Filter, counted: dict[str, int]) -> list[Facet]:
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Facet(value=value, label=str(about.label_of(value)), count=count) for value, count in ranked
    ]


def _providers(products: QuerySet[Product]) -> list[Facet]:
    rows = (
        products.values_list("provider__reference", "provider__name")
        .annotate(count=Count("pk"))
        .order_by("-count", "provider__reference")[:PROVIDERS_SHOWN]
    )
    return [Facet(value=value, label=label, count=count) for value, label, count in rows]


def _narrow(
    products: QuerySet[Product], filters: Mapping[str, str | Iterable[str]]
) -> QuerySet[Product]:
    problems: dict[str, list[str]] = {}
    for name, value in filters.items():
        about = FILTERS.get(name)
        values = [value] if isinstance(value, str) else list(value)
        if about is None:
            problems[name] = [_("There is no such filter.")]
        elif len(values) > VALUES_MAX:
            problems[name] = [_("At most %(count)d entries.") % {"count": VALUES_MAX}]
        elif strange := [one for one in values if not _is_value(about, one)]:
            words = _("%(value)s is not a value of this filter.")
            problems[name] = [words % {"value": str(strange[0])[:40]}]
        elif values:
            products = products.filter(**{f"{about.column}__in": values})
    if problems:
        raise Invalid(problems)
    return products


def _is_value(about: Filter, value: object) -> bool:
    if not isinstance(value, str) or "\x00" in value or len(value) > 32:  # noqa: PLR2004  as the column
        return False
    return value in about.values if about.values else True


def _order(name: str) -> tuple[str, ...]:
    found = ORDERS.get(name)
    if found is None:
        words = _("Choose among: %(choices)s.")
        raise Invalid({"order": [words % {"choices": ", ".join(ORDERS)}]})
    return found


def _somewhere(phrase: str) -> Q:
    found = Q()
    for field in WEIGHTS:
        found |= Q(**{f"search__{field}__contains": needle(phrase)})
    return found


def _score(query: Query) -> Combinable:
    whole = whole_of(query)
    terms = [
        _points(weight, **{f"search__{field}__contains": needle(phrase)})
        for phrase in query.phrases
        for field, weight in WEIGHTS.items()
    ]
    terms.append(_points(NAME_IS_QUERY, search__name=whole))
    terms.append(_points(NAME_BEGINS_WITH_QUERY, search__name__startswith=whole))
    return reduce(operator.add, terms)


def _points(points: int, **condition: str) -> Combinable:
    return Case(
        When(**condition, then=Value(points)), default=Value(0), output_field=IntegerField()
    )
