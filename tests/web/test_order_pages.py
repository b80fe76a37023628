"""Orders through pages: from the price beside its band to the certificate."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from audit.log.sequencing import sequence
from exchange.settlement.models import Transfer
from exchange.settlement.queries import balance_of
from exchange.trading.models import Order
from exchange.trading.rules import allowed_actions
from exchange.web.steps import order_actions
from pricing.money import Money
from tests.trading.making import CONTENT, SCENARIO, Floor, again, fund, one_off, set_price
from tests.web.clients import client_of, hidden_of, text_of

Log = Callable[[], list[tuple[str, str]]]
FORM = {f"scenario.{name}": value for name, value in SCENARIO.items()} | {
    "scenario.use": "pricing of travel insurance",
    "scenario.delete_after_term": "on",
}


def only_order() -> Order:
    """Return the one order there is."""
    return Order.objects.get()


def test_a_trade_from_order_to_certificate_through_pages_alone(floor: Floor, at: datetime) -> None:
    buyer, provider = client_of(floor.buyer), client_of(floor.provider)
    address = f"/market/{floor.product.reference}/order/"

    shown = buyer.get(address)
    sent = FORM | {"quantity": "1", "seen_terms": hidden_of(shown, "seen_terms")}
    placed = buyer.post(address, sent)
    order = only_order()
    page = f"/orders/{order.reference}/"
    assert placed["Location"] == page

    for side in (provider, buyer):
        sign = f"/contracts/{order.contract.reference}/sign/"
        assert "第十四条" in side.get(sign).content.decode()
        assert side.post(sign, {}).status_code == 422
        assert side.post(sign, {"read": "on", "may_bind": "on"}).status_code == 302
    assert again(order).status == "CONTRACTED"

    transfer = hidden_of(buyer.get(f"{page}pay/"), "transfer_id")
    for _twice in range(2):
        assert buyer.post(f"{page}pay/", {"transfer_id": transfer})["Location"] == page
    assert Transfer.objects.filter(kind="HOLD").count() == 1
    order = again(order)
    assert order.status == "DELIVERING"

    grant = f"/grants/{order.grant.reference}/"
    shown = buyer.get(grant)
    key = {"key": hidden_of(shown, "key"), "form": "ORIGINAL"}
    link = buyer.post(f"{grant}download/", key)
    assert link["Location"].startswith("/api/v1/")
    file = buyer.get(link["Location"])
    assert b"".join(file.streaming_content) == CONTENT
    order.grant.refresh_from_db()
    assert order.grant.used_downloads == 1
    dispatch(at=at)

    assert again(order).status == "DELIVERED"
    assert "Accept the delivery" in text_of(buyer.get(page))
    assert buyer.post(f"{page}accept/").status_code == 302
    dispatch(at=at)
    order = again(order)
    assert order.status == "SETTLED"
    for side in (buyer, provider):
        assert order.certificate.reference in text_of(side.get(page))
    assert balance_of(floor.buyer.organization).available == Money.of("900.00")
    assert "97.35" in text_of(provider.get("/provider/account/"))


def test_the_price_is_worked_out_on_the_server_for_any_quantity(floor: Floor) -> None:
    buyer = client_of(floor.buyer)
    address = f"/market/{floor.product.reference}/order/"

    plain = buyer.get(address, {"quantity": "3"})
    fragment = buyer.get(address, {"quantity": "3"}, headers={"HX-Request": "true"})
    without_script = buyer.post(address, FORM | {"quantity": "3", "preview": "1"})

    for shown in (plain, fragment, without_script):
        assert shown.status_code == 200
        assert "300.00" in text_of(shown)
    assert "<html" not in fragment.content.decode()
    assert SCENARIO["purpose"] in text_of(without_script)
    assert not Order.objects.exists()
    for odd in ("0", "-1", "x", "", "9" * 40):
        assert "whole number" in text_of(buyer.get(address, {"quantity": odd or "0"}))


def test_refusals_stand_at_their_fields_and_keep_what_was_typed(floor: Floor, log: Log) -> None:
    buyer = client_of(floor.buyer)
    address = f"/market/{floor.product.reference}/order/"
    terms = hidden_of(buyer.get(address), "seen_terms")

    vague = FORM | {"quantity": "1", "scenario.purpose": "research", "seen_terms": terms}
    page = buyer.post(address, vague)
    assert page.status_code == 403
    assert "R-SCENE" in text_of(page)
    assert ">research</textarea>" in page.content.decode().replace("\n", "")

    missing = FORM | {"quantity": "1", "scenario.region": "", "scenario.use": "other"}
    page = buyer.post(address, missing)
    assert page.status_code == 422
    assert 'id="id_scenario.region_error"' in page.content.decode()
    assert 'id="id_scenario.use_error"' in page.content.decode()
    assert log() == []


def test_another_price_than_the_one_seen_is_a_conflict(floor: Floor, at: datetime) -> None:
    buyer = client_of(floor.buyer)
    address = f"/market/{floor.product.reference}/order/"
    seen = hidden_of(buyer.get(address), "seen_terms")
    set_price(floor.product.reference, floor.provider, at, one_off("900.00"))

    page = buyer.post(address, FORM | {"quantity": "1", "seen_terms": seen})

    assert page.status_code == 409
    assert "price changed" in text_of(page)
    assert not Order.objects.exists()


def test_what_is_not_permitted_cannot_be_ticked(floor: Floor) -> None:
    address = f"/market/{floor.product.reference}/order/"

    page = client_of(floor.buyer).post(address, FORM | {"quantity": "1", "scenario.resale": "on"})

    assert page.status_code == 302
    assert only_order().scenario["resale"] is False


def test_the_head_offers_exactly_what_trading_allows(floor: Floor, at: datetime) -> None:
    verbs = {"Sign": "sign", "Read": "sign", "Pay": "pay", "Accept": "accept"}
    verbs |= {"Reject": "reject", "Cancel": "cancel", "Terminate": "terminate"}
    orders = [floor.place(), floor.contracted(), floor.paid(), floor.delivered(), floor.settled()]

    for order in orders:
        current = again(order)
        for actor in (floor.buyer, floor.provider):
            found = order_actions(current, actor, at)
            offered = {
                verbs[str(action.label).split()[0]]
                for action in found
                if not action.reason and str(action.label).split()[0] in verbs
            }
            assert offered == set(allowed_actions(actor, current)), (current.status, actor)


def test_a_viewer_sees_reasons_instead_of_buttons(floor: Floor, provider_viewer: Actor) -> None:
    order = floor.place()

    page = client_of(provider_viewer).get(f"/orders/{order.reference}/")

    assert "lets you look, not act" in text_of(page)
    assert "cancel/" not in page.content.decode()


def test_too_little_money_is_said_before_and_after_paying(
    floor: Floor, at: datetime, log: Log
) -> None:
    set_price(floor.product.reference, floor.provider, at, one_off("5000.00"))
    order = floor.contracted()
    buyer, address = client_of(floor.buyer), f"/orders/{order.reference}/pay/"
    start = log()

    shown = buyer.get(address)
    refused = buyer.post(address, {"transfer_id": hidden_of(shown, "transfer_id")})

    assert "Your balance does not reach" in text_of(shown)
    assert refused.status_code in {403, 409, 422}
    assert hidden_of(refused, "transfer_id") == hidden_of(shown, "transfer_id")
    assert log() == start
    fund(floor.buyer.organization, "9000.00", at)
    done = buyer.post(address, {"transfer_id": hidden_of(shown, "transfer_id")})
    assert done.status_code == 302


def test_rejecting_freezes_the_money_and_both_read_why(floor: Floor) -> None:
    order = floor.delivered()
    buyer, address = client_of(floor.buyer), f"/orders/{order.reference}/"

    assert buyer.post(f"{address}reject/", {"ground": "QUALITY"}).status_code == 422
    sent = {"ground": "QUALITY", "reason": "Half the delays are missing."}
    assert buyer.post(f"{address}reject/", sent)["Location"] == address

    assert again(order).status == "DISPUTED"
    for actor in (floor.buyer, floor.provider):
        page = text_of(client_of(actor).get(address))
        assert "Half the delays are missing." in page
        assert "until the operator has decided" in page


def test_cancelling_asks_for_a_reason(floor: Floor) -> None:
    order = floor.place()
    provider, address = client_of(floor.provider), f"/orders/{order.reference}/"

    assert provider.post(f"{address}cancel/", {"reason": " "}).status_code == 422
    provider.post(f"{address}cancel/", {"reason": "Listed by mistake."})

    assert again(order).status == "CANCELLED"
    assert "Listed by mistake." in text_of(client_of(floor.buyer).get(address))


def test_the_clock_of_acceptance_is_shown(floor: Floor, at: datetime) -> None:
    order = floor.delivered()
    assert order.accept_until == at + timedelta(days=7)

    page = text_of(client_of(floor.buyer).get(f"/orders/{order.reference}/"))

    assert "ends in 1\xa0week" in page or "ends in 1 week" in page


def test_the_timeline_names_people_to_their_own_side_only(floor: Floor, at: datetime) -> None:
    order = floor.place()
    sequence(at=at)
    own = text_of(client_of(floor.buyer).get(f"/orders/{order.reference}/"))
    others = text_of(client_of(floor.provider).get(f"/orders/{order.reference}/"))

    assert "buyer@example.org" in own
    assert "order placed" in others
    assert "buyer@example.org" not in others
    assert "buyer organization" in others


def test_lists_are_narrowed_and_handed_over_as_tables(floor: Floor) -> None:
    kept, gone = floor.place(), floor.contracted()
    buyer = client_of(floor.buyer)

    page = text_of(buyer.get("/buyer/orders/", {"status": "PLACED"}))
    table = buyer.get("/buyer/orders/", {"status": "PLACED", "format": "csv"})

    assert kept.reference in page
    assert gone.reference not in page
    lines = table.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert kept.reference in lines[1]


def test_lists_do_not_ask_more_for_more_rows(
    floor: Floor, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _number in range(5):
        floor.place()
    buyer = client_of(floor.buyer)
    buyer.get("/buyer/orders/")

    for address in ("/buyer/orders/", "/buyer/", "/buyer/account/"):
        with django_assert_max_num_queries(20):
            buyer.get(address)


def test_the_document_is_handed_over_byte_for_byte(floor: Floor, client: Client) -> None:
    order = floor.place()

    file = client_of(floor.buyer).get(f"/contracts/{order.contract.reference}/text/")

    assert file.content.decode() == order.contract.document
    assert json.loads(file.content)["reference"] == order.contract.reference
