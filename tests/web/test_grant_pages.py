"""Access through pages: the budget is taken once per button, and every byte is shown."""

from collections.abc import Callable
from datetime import datetime, timedelta

import time_machine

from exchange.delivery.models import Access
from exchange.trading.models import Order
from tests.trading.making import CONTENT, Floor, again
from tests.web.clients import client_of, hidden_of, text_of

Log = Callable[[], list[tuple[str, str]]]


def address_of(order: Order) -> str:
    """Return the page of an order's access."""
    assert order.grant is not None
    return f"/grants/{order.grant.reference}/"


def test_sent_twice_a_button_takes_once(floor: Floor) -> None:
    order = floor.paid(quantity=2)
    buyer, address = client_of(floor.buyer), address_of(order)
    sent = {"key": hidden_of(buyer.get(address), "key"), "form": "ORIGINAL"}

    links = [buyer.post(f"{address}download/", sent)["Location"] for _twice in range(2)]
    another = hidden_of(buyer.get(address), "key")

    order.grant.refresh_from_db()
    assert order.grant.used_downloads == 1
    assert Access.objects.count() == 1
    assert all(link.startswith("/api/v1/") for link in links)
    assert another != sent["key"]
    buyer.post(f"{address}download/", {"key": another, "form": "ORIGINAL"})
    order.grant.refresh_from_db()
    assert order.grant.used_downloads == 2


def test_a_used_up_budget_is_refused_in_words_and_on_record(floor: Floor, log: Log) -> None:
    order = floor.paid()
    buyer, address = client_of(floor.buyer), address_of(order)
    key = hidden_of(buyer.get(address), "key")
    buyer.post(f"{address}download/", {"key": key})
    start = len(log())

    refused = buyer.post(f"{address}download/", {"key": "other"}, follow=True)
    page = text_of(buyer.get(address))

    assert refused.redirect_chain
    assert "order again for more" in page
    assert [name for name, _subject in log()[start:]] == ["delivery.access.refused"]


def test_a_broken_download_goes_on_without_budget(floor: Floor, at: datetime) -> None:
    order = floor.paid()
    buyer, address = client_of(floor.buyer), address_of(order)
    buyer.post(f"{address}download/", {"key": hidden_of(buyer.get(address), "key")})
    access = Access.objects.get()

    page = buyer.get(address)
    assert f"/accesses/{access.reference}/link/" in page.content.decode()
    link = buyer.post(f"/accesses/{access.reference}/link/")["Location"]
    file = buyer.get(link)
    assert b"".join(file.streaming_content) == CONTENT

    order.grant.refresh_from_db()
    assert order.grant.used_downloads == 1
    shown = text_of(buyer.get(address))
    assert f"{len(CONTENT)}" in shown
    assert "handed over completely" in shown
    assert f"/accesses/{access.reference}/link/" not in buyer.get(address).content.decode()


def test_a_link_expires_and_a_new_one_is_asked_for(floor: Floor, at: datetime) -> None:
    order = floor.paid()
    buyer, address = client_of(floor.buyer), address_of(order)
    link = buyer.post(f"{address}download/", {"key": "k"})["Location"]

    with time_machine.travel(at + timedelta(minutes=6), tick=False):
        assert buyer.get(link).status_code == 403
        access = Access.objects.get()
        fresh = buyer.post(f"/accesses/{access.reference}/link/")["Location"]
        file = buyer.get(fresh)
        assert b"".join(file.streaming_content) == CONTENT


def test_the_provider_sees_every_access_and_takes_none(floor: Floor) -> None:
    order = floor.paid()
    buyer, provider = client_of(floor.buyer), client_of(floor.provider)
    address = address_of(order)
    buyer.post(f"{address}download/", {"key": "k"})

    page = provider.get(address)
    provider.post(f"{address}download/", {"key": "p"})

    assert Access.objects.get().reference in text_of(page)
    assert "buyer organization" in text_of(page)
    assert "download/" not in page.content.decode()
    assert Access.objects.count() == 1


def test_giving_access_up_asks_why(floor: Floor) -> None:
    order = floor.paid()
    buyer, address = client_of(floor.buyer), address_of(order)

    assert buyer.post(f"{address}revoke/", {}).status_code == 422
    assert buyer.post(f"{address}revoke/", {"reason": "No longer needed."})["Location"] == address

    assert again(order).grant.status == "REVOKED"
    assert "No longer needed." in text_of(buyer.get(address))
    assert buyer.get(f"{address}revoke/").status_code == 409


def test_lists_show_what_is_left_on_both_sides(floor: Floor) -> None:
    order = floor.paid()

    for actor, room in ((floor.buyer, "buyer"), (floor.provider, "provider")):
        page = text_of(client_of(actor).get(f"/{room}/grants/"))
        assert order.grant.reference in page
        assert "0 / 1" in page
