"""Searching and browsing the market in two languages, on whichever database runs the suite."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from audit.log.actors import Actor
from audit.log.errors import Gone, Invalid, NotFound
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.queries import (
    get_product_for,
    get_release_for,
    list_own_products,
    list_releases,
    list_requests,
    products_visible_to,
    search_products,
)
from exchange.catalog.ranking import score
from exchange.catalog.search import facets
from exchange.catalog.services import (
    delist_product,
    edit_product,
    index_product,
    reindex_products,
    request_listing,
    suspend_listing,
)
from exchange.catalog.words import Query
from exchange.parties.models import Organization
from tests.catalog.making import MANUAL, draft_product, listed_product, ready_product

pytestmark = pytest.mark.django_db
SHELF = {
    "credit": {
        "name": "企业信用评分指数",
        "name_en": "Credit scores of companies",
        "abstract": "按行业给出企业信用风险。",
        "abstract_en": "",
        "keywords": ["信用", "风险"],
        "sector": "FINANCE",
        "industry": "J",
        "dictionary": [],
        "description": "",
        "region": "",
        "scenarios_allowed": ["授信审批"],
    },
    "flights": {},
    "trucks": {
        "name": "货车通行量",
        "name_en": "Truck departures and 2013 totals",
        "abstract": "高速公路货车通行数据，含航空货运班次。",
        "abstract_en": "",
        "keywords": ["货车", "物流"],
        "update_frequency": "DAILY",
        "dictionary": [],
        "description": "使用数据时请注明来源。信任他人。",
        "region": "",
        "scenarios_allowed": ["路网规划"],
    },
}


@pytest.fixture
def market(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> dict[str, Product]:
    """Three products on the market, one day after another."""
    return {
        key: listed_product(
            provider_org, provider, operator, at + timedelta(days=day), content=key, **changes
        )
        for day, (key, changes) in enumerate(SHELF.items())
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("信用", ["credit"]),
        ("航班", ["flights", "trucks", "credit"]),
        ("货车", ["trucks"]),
        ("班", ["trucks", "flights", "credit"]),
        ("信用评分指数", ["credit"]),
        ("信用数据", []),
        ("离港航班", ["flights"]),
        ("港航", ["flights"]),
        ("departures", ["flights", "trucks"]),
        ("DEPART", ["flights", "trucks"]),
        ("eparture", []),
        ("york 航班", ["flights"]),
        ("2013年", ["flights"]),
        ("２０１３", ["trucks", "flights"]),
        ("金融", ["credit"]),
        ("finance", ["credit"]),
        ("dep_delay", ["trucks", "flights", "credit"]),
        ("航班号", ["trucks", "flights", "credit"]),
        ("provider organization", ["trucks", "flights", "credit"]),
        ("无此内容", []),
        ("！！", []),
        ("' OR 1=1 --", []),
        ('"*" NEAR(', []),
    ],
)
def test_texts_are_found(
    market: dict[str, Product], anonymous: Actor, text: str, found: list[str]
) -> None:
    keys = {product.pk: key for key, product in market.items()}

    hits = [keys[product.pk] for product in search_products(anonymous, text=text)]

    assert sorted(hits) == sorted(found)


def test_the_database_scores_as_disclosed(market: dict[str, Product], anonymous: Actor) -> None:
    for text in ("航班", "departures 2013", "数据", "企业信用评分指数", "货车通行"):
        query = Query.of(text)
        for hit in search_products(anonymous, text=text):
            entry = SearchEntry.objects.get(product=hit)
            fields = {n: getattr(entry, n) for n in ("name", "keywords", "abstract", "body")}
            assert hit.score == score(fields, query)


def test_better_places_come_first_then_later_listings(
    market: dict[str, Product], anonymous: Actor
) -> None:
    by_score = [p.pk for p in search_products(anonymous, text="departures")]
    by_time = [p.pk for p in search_products(anonymous)]

    assert by_score == [market["trucks"].pk, market["flights"].pk]
    assert by_time == [market[key].pk for key in ("trucks", "flights", "credit")]
    assert [p.pk for p in search_products(anonymous, order="oldest")] == by_time[::-1]
    assert [p.pk for p in search_products(anonymous, order="relevance")] == by_time
    assert len(search_products(anonymous, text="departures", order="name")) == 2


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 3),
        ({"sector": "FINANCE"}, 1),
        ({"sector": ["FINANCE", "TRANSPORT"]}, 3),
        ({"industry": ["G"], "update_frequency": ["DAILY"]}, 1),
        ({"type": "REPORT"}, 0),
        ({"price_kind": ["ONE_OFF"], "level": ["1"], "format": ["csv"]}, 3),
        ({"provider": "ORG-PROVIDER"}, 3),
        ({"provider": "ORG-NOBODY"}, 0),
        ({"region": []}, 3),
        ({"status": "SUSPENDED"}, 0),
    ],
)
def test_filters_narrow(
    market: dict[str, Product], anonymous: Actor, filters: dict[str, object], count: int
) -> None:
    assert len(search_products(anonymous, filters=filters)) == count


@pytest.mark.parametrize(
    "filters",
    [
        {"provider__uscc": "9"},
        {"manual__contact_phone": "1"},
        {"sector": "MARS"},
        {"level": ["5"]},
        {"format": ["a\x00"]},
        {"format": ["x" * 33]},
        {"industry": ["A"] * 51},
    ],
)
def test_filters_that_are_none_are_named(
    anonymous: Actor, filters: dict[str, object], db: None
) -> None:
    with pytest.raises(Invalid) as refused:
        search_products(anonymous, filters=filters)

    assert list(refused.value.fields) == list(filters)


def test_texts_and_orders_have_bounds(anonymous: Actor, db: None) -> None:
    with pytest.raises(Invalid) as refused:
        search_products(anonymous, text="x" * 201)
    assert list(refused.value.fields) == ["text"]
    with pytest.raises(Invalid):
        search_products(anonymous, text=" ".join(f"w{n}" for n in range(17)))
    with pytest.raises(Invalid) as refused:
        search_products(anonymous, order="provider__uscc")
    assert list(refused.value.fields) == ["order"]


def test_facets_count_what_was_found(
    market: dict[str, Product], anonymous: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        found = facets(search_products(anonymous))

    counted = {name: {f.value: f.count for f in values} for name, values in found.items()}
    assert counted["sector"] == {"TRANSPORT": 2, "FINANCE": 1}
    assert counted["update_frequency"] == {"NONE": 2, "DAILY": 1}
    assert counted["level"] == {"1": 3}
    assert counted["provider"] == {"ORG-PROVIDER": 3}
    narrowed = facets(search_products(anonymous, text="信用"))
    assert [(f.value, f.count) for f in narrowed["industry"]] == [("J", 1)]
    assert narrowed["industry"][0].label == "J finance"


def test_lists_take_one_query(
    market: dict[str, Product],
    anonymous: Actor,
    operator: Actor,
    provider: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for actor, products in (
        (anonymous, search_products(anonymous, text="数据")),
        (anonymous, search_products(anonymous)),
        (provider, list_own_products(provider)),
        (operator, list_requests(operator)),
        (operator, products_visible_to(operator)),
    ):
        del actor
        with django_assert_num_queries(1):
            for product in products:
                assert product.provider.name
                assert product.current.rows
                assert product.rights.origin


def test_edits_and_the_end_are_searched_at_once(
    market: dict[str, Product],
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    draft = draft_product(provider_org, provider, at)
    edit_product(product=draft, changes={"name": "潮汐表"}, expected_version=1, by=provider, at=at)
    assert not search_products(anonymous, text="潮汐").exists()
    drafts = search_products(provider, text="潮汐", filters={"status": "DRAFT"})
    assert list(drafts) == [draft]
    assert not search_products(provider, text=MANUAL["name"], filters={"status": "DRAFT"})

    delist_product(product=market["credit"], reason="over", by=operator, at=at)
    assert not search_products(anonymous, text="信用").exists()


def test_the_index_follows_its_rows(market: dict[str, Product], anonymous: Actor) -> None:
    SearchEntry.objects.filter(product=market["credit"]).delete()
    assert not search_products(anonymous, text="信用").exists()

    assert reindex_products() == 3
    assert search_products(anonymous, text="信用").count() == 1
    index_product(Product.objects.get(pk=market["credit"].pk))
    assert search_products(anonymous, text="信用").count() == 1


def test_one_sees_the_market_and_ones_own(
    market: dict[str, Product],
    provider_org: Organization,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    operator: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    draft = draft_product(provider_org, provider, at)

    assert not products_visible_to(buyer).filter(pk=draft.pk).exists()
    assert not products_visible_to(anonymous).filter(pk=draft.pk).exists()
    for actor in (provider, provider_viewer, operator):
        assert get_product_for(actor, draft.reference) == draft
    for actor in (buyer, anonymous):
        with pytest.raises(NotFound):
            get_product_for(actor, draft.reference)
        with pytest.raises(NotFound):
            get_product_for(actor, "P-2026-NOTHING1")
        assert get_product_for(actor, market["credit"].reference) == market["credit"]


def test_a_suspended_listing_says_so(
    market: dict[str, Product],
    buyer: Actor,
    provider: Actor,
    operator: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    product = market["credit"]
    suspend_listing(product=product, reason="Inquiry.", by=operator, at=at)

    for actor in (buyer, anonymous):
        with pytest.raises(Gone, match="is suspended"):
            get_product_for(actor, product.reference)
        assert product not in products_visible_to(actor)
    assert get_product_for(provider, product.reference) == product
    delist_product(product=product, reason="over", by=operator, at=at)
    with pytest.raises(Gone, match="was delisted"):
        get_product_for(buyer, product.reference)


def test_releases_are_seen_with_their_product(
    market: dict[str, Product],
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    operator: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    listed = market["credit"].current
    ready = ready_product(provider_org, provider, at, content="hidden").current

    for actor in (buyer, anonymous):
        assert get_release_for(actor, listed.reference) == listed
        assert list(list_releases(actor, market["credit"])) == [listed]
        with pytest.raises(NotFound):
            get_release_for(actor, ready.reference)
    for actor in (provider, operator):
        assert get_release_for(actor, ready.reference) == ready


def test_requests_wait_in_order(
    provider_org: Organization, provider: Actor, operator: Actor, buyer: Actor, at: datetime
) -> None:
    first = ready_product(provider_org, provider, at)
    second = ready_product(provider_org, provider, at, content="b")
    request_listing(product=second, by=provider, at=at)
    request_listing(product=first, by=provider, at=at + timedelta(minutes=1))

    assert list(list_requests(operator)) == [second, first]
    assert not list_requests(buyer).exists()


def test_postgresql_finds_by_its_index(
    market: dict[str, Product], anonymous: Actor, provider_org: Organization, at: datetime
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the plan is PostgreSQL's")
    filler = Product.objects.bulk_create(
        Product(
            reference=f"P-F{number}", provider=provider_org, name="x", product_type="DATASET",
            status="LISTED", rights=market["credit"].rights, listed_at=at,
            status_since=at, created_at=at, edited_at=at,
        )
        for number in range(4000)
    )  # fmt: skip
    SearchEntry.objects.bulk_create(
        SearchEntry(product=product, name=" x", tokens=f"甲乙 乙丙 丙{number % 97} w{number}")
        for number, product in enumerate(filler)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_searchentry")
        cursor.execute("ANALYZE catalog_product")

    for text in ("信用", "信用评分指数", "depart"):
        plan = search_products(anonymous, text=text).explain()
        assert "catalog_search_document" in plan, plan
        assert "Seq Scan on catalog_searchentry" not in plan
