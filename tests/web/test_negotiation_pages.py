"""A price is negotiated on the pages, from the first offer to the order at the agreed price."""

from datetime import datetime
from decimal import Decimal

import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.models import Negotiation, Order
from tests.trading.making import make_listing, one_off
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
OFFER = {
    "quantity": "2",
    "amount": "150.00",
    "reason": "VOLUME",
    "note": "Two licenses at once.",
    "binding_on": "2026-11-25",
}


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    terms = one_off("100.00", negotiable=True, floor_rate=Decimal("0.7"))
    return make_listing(provider_org, provider, at, terms=terms)


def test_from_the_offer_to_the_order(
    product: Product, provider: Actor, buyer: Actor, stranger: Actor
) -> None:
    buying, selling = client_of(buyer), client_of(provider)
    page = buying.get(f"/market/{product.reference}/")
    assert f"/market/{product.reference}/negotiate/" in page.content.decode()
    assert "not below 70.0 % of the posted price" in text_of(page)

    assert "CNY 100.00" in text_of(buying.get(f"/market/{product.reference}/negotiate/")).replace(
        "\u00a0", " "
    )
    made = buying.post(
        f"/market/{product.reference}/negotiate/",
        OFFER | {"scenario": "pricing of travel insurance"},
    )
    negotiation = Negotiation.objects.get()
    here = made["Location"]
    assert here == f"/negotiations/{negotiation.reference}/"
    assert "Your offer binds you until its day" in text_of(buying.get(here))
    assert "150.00" in text_of(selling.get("/provider/negotiations/"))
    countered = selling.post(f"{here}counter/", OFFER | {"round": "1", "amount": "170.00"})
    assert countered["Location"] == here
    stale = buying.post(f"{here}counter/", OFFER | {"round": "1", "amount": "160.00"})
    assert (stale.status_code, "since you looked" in text_of(stale)) == (409, True)
    assert buying.post(f"{here}accept/", {"round": "2"})["Location"] == here
    assert "15.0 %" in text_of(buying.get(here))

    form = buying.get(f"/market/{product.reference}/order/?negotiation={negotiation.reference}")
    words = text_of(form)
    assert "At the price that was agreed on" in words
    assert "discount that the parties agreed on" in words
    ordered = buying.post(
        f"/market/{product.reference}/order/",
        {
            "negotiation": negotiation.reference,
            "quantity": "2",
            "scenario.use": "pricing of travel insurance",
            "scenario.purpose": "Predict departure delays of flights to price delay insurance.",
            "scenario.term_days": "90",
            "scenario.region": "中国内地",
            "scenario.delete_after_term": "on",
        },
    )
    assert ordered.status_code == 302, text_of(ordered)
    order = Order.objects.get()
    assert ordered["Location"] == f"/orders/{order.reference}/"
    assert (order.amount, order.negotiation) == (Decimal("170.00"), negotiation)

    shown = text_of(client_of(stranger).get(f"/market/{product.reference}/discounts/"))
    assert "larger quantity" in shown
    assert "15.0 %" in shown
    assert "2026-11" in shown
    assert buyer.organization not in shown
    assert "buyer organization" not in shown


def test_a_wrong_offer_comes_back_with_its_words(product: Product, buyer: Actor) -> None:
    page = client_of(buyer).post(
        f"/market/{product.reference}/negotiate/",
        OFFER | {"scenario": "pricing of travel insurance", "amount": "20.00"},
        headers={"Accept-Language": "zh-hans"},
    )

    assert page.status_code == 422
    assert "供方声明议价不低于CNY 140.00" in text_of(page)
    assert "Two licenses at once." in text_of(page)


def test_a_refusal_is_told_with_its_reason(product: Product, provider: Actor, buyer: Actor) -> None:
    buying, selling = client_of(buyer), client_of(provider)
    here = buying.post(
        f"/market/{product.reference}/negotiate/",
        OFFER | {"scenario": "pricing of travel insurance"},
    )["Location"]

    selling.post(f"{here}refuse/", {"round": "1", "reason": "Below our cost."})

    page = text_of(buying.get(here))
    assert "Below our cost." in page
    assert "refused" in page
