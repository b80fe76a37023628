"""The main journeys as people take them: search, order, sign, pay, fetch; narrow; no script."""

import re
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.services.indexing import index_product
from exchange.parties.models import Organization
from exchange.trading.models import Order
from tests.browser.conftest import NARROW, Visit, Visitor
from tests.trading.making import CONTENT, SCENARIO, Floor, fund, make_listing

BUYER, PROVIDER = "buyer@example.org", "provider@example.org"


@pytest.fixture
def floor(
    transactional_db: None, provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> Floor:
    """A listed product that the search finds; the buyer has money."""
    product = make_listing(provider_org, provider, at)
    index_product(product)
    fund(buyer.organization, "1000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def sign(visitor: Visitor, contract: str) -> None:
    """Sign a contract after ticking what it asks."""
    page = visitor.go(f"/contracts/{contract}/")
    page.click("text=Sign…")
    page.check("input[name=read]")
    page.check("input[name=may_bind]")
    page.click("main form button.main")
    page.wait_for_url(f"**/contracts/{contract}/")


def order_it(visitor: Visitor) -> Order:
    """Fill the order form in and send it."""
    page = visitor.page
    page.check("input[name='scenario.use']")
    page.fill("textarea[name='scenario.purpose']", SCENARIO["purpose"])
    page.fill("input[name='scenario.term_days']", "90")
    page.fill("input[name='scenario.region']", "中国内地")
    page.click("text=Place the order")
    page.wait_for_url("**/orders/O-*/")
    return Order.objects.get(reference=page.url.rstrip("/").rpartition("/")[2])


def test_from_the_search_to_the_file(visit: Visit, floor: Floor, at: datetime) -> None:
    buyer, provider = visit(), visit()
    buyer.sign_in(BUYER)
    provider.sign_in(PROVIDER)
    page = buyer.go("/market/")
    page.fill("header input[name=q]", "航班")
    page.press("header input[name=q]", "Enter")
    page.click(f"main a:has-text('{floor.product.name}')")
    page.wait_for_url(f"**/market/{floor.product.reference}/")
    page.click("main .acts a:has-text('Order')")
    page.fill("input[name=quantity]", "2")
    page.wait_for_selector("#quote >> text=200.00")
    order = order_it(buyer)
    assert order.quantity == 2

    for visitor in (buyer, provider):
        sign(visitor, order.contract.reference)
    page = buyer.go(f"/orders/{order.reference}/")
    page.click("text=Pay into escrow")
    page.click("main form button.main")
    page.wait_for_selector("text=Paid into escrow")

    page.click("main .acts >> text=Download")
    with page.expect_download() as download:
        page.click("main .acts button.main")
    assert download.value.path().read_bytes() == CONTENT
    page.reload()
    assert "1 of 2 used" in page.inner_text("main")

    dispatch(at=at)
    page = buyer.go(f"/orders/{order.reference}/")
    page.click("summary:has-text('Accept the delivery')")
    page.click(".ask[open] button")
    page.wait_for_selector("text=Delivery accepted")
    dispatch(at=at)
    page = buyer.go(f"/orders/{order.reference}/")
    assert "T-" in page.inner_text("main")


def test_everything_works_without_script(visit: Visit, floor: Floor) -> None:
    buyer = visit(script=False)
    buyer.sign_in(BUYER)
    page = buyer.go(f"/market/{floor.product.reference}/order/")

    page.fill("input[name=quantity]", "3")
    page.fill("textarea[name='scenario.purpose']", SCENARIO["purpose"])
    page.click("text=Work out price and export")

    assert "300.00" in page.inner_text("#quote")
    assert page.input_value("textarea[name='scenario.purpose']") == SCENARIO["purpose"]
    order = order_it(buyer)
    sign(buyer, order.contract.reference)
    assert "You signed" in page.inner_text("main")


def test_the_language_is_switched_on_the_spot(visit: Visit, floor: Floor) -> None:
    order = floor.place()
    buyer = visit()
    buyer.sign_in(BUYER)
    page = buyer.go(f"/orders/{order.reference}/")

    page.click("button[name=language][value=zh-hans]")
    page.wait_for_selector("html[lang=zh-hans]")

    assert page.url.endswith(f"/orders/{order.reference}/")
    assert "时间线" in page.inner_text("main")


def test_nothing_is_wider_than_a_narrow_window(visit: Visit, floor: Floor) -> None:
    settled, open_ = floor.settled(), floor.paid()
    buyer = visit(NARROW)
    buyer.sign_in(BUYER)
    addresses = [
        "/",
        "/market/?q=航班",
        f"/market/{floor.product.reference}/",
        f"/market/{floor.product.reference}/order/",
        f"/market/{floor.product.reference}/ask/",
        "/demands/",
        "/buyer/",
        "/buyer/demands/new/",
        "/buyer/orders/",
        "/buyer/grants/",
        "/buyer/account/",
        f"/orders/{settled.reference}/",
        f"/contracts/{settled.contract.reference}/",
        f"/contracts/{settled.contract.reference}/print/",
        f"/grants/{open_.grant.reference}/",
    ]

    wide = []
    for address in addresses:
        buyer.go(address)
        if buyer.overflow > 0:
            wide.append((address, buyer.overflow))

    assert wide == []


def test_the_keyboard_alone_reaches_and_signs(visit: Visit, floor: Floor) -> None:
    order = floor.place()
    buyer = visit()
    buyer.sign_in(BUYER)
    page = buyer.go(f"/contracts/{order.contract.reference}/sign/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")

    reached = []
    for _step in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.className")
        reached.append(name)
        if name in {"read", "may_bind"}:
            page.keyboard.press("Space")
        if name == "main":
            page.keyboard.press("Enter")
            break

    assert reached[-1] == "main", reached
    page.wait_for_url(re.compile(rf"/contracts/{order.contract.reference}/(#main)?$"))
    assert {"read", "may_bind"} <= set(reached)
    assert order.contract.signatures.count() == 1
