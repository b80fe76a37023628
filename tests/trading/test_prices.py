"""The market picture from real orders, on its page and over REST."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.models import Order
from exchange.trading.prices import ask_dispersion, concluded_deals, market_picture
from exchange.web.charts import Reading, trend
from tests.settlement.making import fund

from .making import Floor, make_listing


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.fixture
def settled(product: Product, provider: Actor, buyer: Actor, at: datetime) -> Order:
    fund("ORG-BUYER", "1000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at).settled()


def test_a_settled_order_is_a_deal_at_the_price_of_one_unit(settled: Order) -> None:
    (deal,) = concluded_deals()

    assert deal.price == settled.amount / settled.quantity
    assert (deal.seller, deal.buyer, deal.price_kind) == ("ORG-PROVIDER", "ORG-BUYER", "ONE_OFF")
    assert deal.rows == settled.release.rows


def test_one_deal_is_revealed_nowhere(settled: Order, client: Client, at: datetime) -> None:
    picture = market_picture((at + timedelta(days=90)).date())
    body: dict[str, Any] = client.get("/api/v1/market-picture").json()

    assert {cell.showing for cell in picture.cells.values()} == {"TOO_FEW"}
    assert all(cell["deals"] is None for group in body["groups"] for cell in group["cells"])


def test_asks_stand_to_their_bands(product: Product) -> None:
    found = ask_dispersion()

    assert (found.asks, found.below + found.within + found.above) == (1, 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Nothing was concluded in a quarter that has ended."),
        ("zh-hans", "已结束的季度中没有成交。"),
    ],
)
@pytest.mark.django_db
def test_an_empty_market_says_so(client: Client, language: str, words: str) -> None:
    client.cookies["django_language"] = language

    page = client.get("/prices/")

    assert page.status_code == 200
    assert words in page.content.decode()


def test_a_trend_is_drawn_with_its_interval() -> None:
    first = Reading(label="2026-Q1", value=Decimal(100), low=Decimal(100), high=Decimal(100))
    second = Reading(label="2026-Q2", value=Decimal(110), low=Decimal(90), high=Decimal(130))

    drawn = trend([first, second], title="<index>", desc="two quarters")

    assert drawn.count("<circle") == 2
    assert "&lt;index&gt;" in drawn
    assert "2026-Q2: 110 [90, 130]" in drawn
    assert "<circle" not in trend([], title="t", desc="d")
