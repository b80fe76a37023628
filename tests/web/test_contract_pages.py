"""Contracts as both sides read, sign, print and end them."""

from datetime import datetime

from exchange.trading.models import Contract
from tests.trading.making import Floor, again
from tests.triggers import lifted
from tests.web.clients import client_of, text_of

SIGNED = {"read": "on", "may_bind": "on"}


def test_both_languages_stand_beside_each_other(floor: Floor) -> None:
    contract = floor.contracted().contract

    page = client_of(floor.buyer).get(f"/contracts/{contract.reference}/")

    words = text_of(page)
    for said in ("Escrow", "buyer organization", "交付", "第1条", "Termination", contract.sha256):
        assert said.lower() in words.lower()
    assert 'lang="zh-hans"' in page.content.decode()
    assert "text and signatures are genuine" in words


def test_signatures_say_who_when_which_key_and_who_keeps_it(floor: Floor) -> None:
    contract = floor.contracted().contract
    keys = [signature.key for signature in contract.signatures.all()]

    page = text_of(client_of(floor.buyer).get(f"/contracts/{contract.reference}/"))

    assert len(keys) == 3
    assert all(key in page for key in keys)
    assert "kept by the exchange for this party" in page
    assert "the exchange's own key" in page
    assert floor.provider.id in page
    assert "provider@example.org" not in page
    assert "buyer@example.org" in page


def test_a_changed_text_is_found_out_on_the_page(floor: Floor) -> None:
    contract = floor.contracted().contract
    forged = contract.document.replace("100.00", "900.00")
    with lifted():
        Contract.objects.filter(pk=contract.pk).update(document=forged)

    page = text_of(client_of(floor.buyer).get(f"/contracts/{contract.reference}/"))

    assert "does not have the digest" in page
    assert "genuine" not in page


def test_signing_says_what_it_means_and_happens_once(floor: Floor) -> None:
    order = floor.place()
    buyer = client_of(floor.buyer)
    address = f"/contracts/{order.contract.reference}/sign/"

    asked = text_of(buyer.get(address))
    first = buyer.post(address, SIGNED)
    again_asked = text_of(buyer.get(address))
    second = buyer.post(address, SIGNED)

    assert "same legal force as a handwritten signature" in asked
    assert "《电子签名法》第十三条" in asked
    assert order.contract.sha256 in asked
    assert first["Location"] == f"/contracts/{order.contract.reference}/"
    assert "nothing for you to sign" in again_asked
    assert second.status_code == 409
    assert order.contract.signatures.count() == 1


def test_the_print_form_bears_a_seal_only_when_the_contract_is_in_effect(floor: Floor) -> None:
    drafted, signed = floor.place().contract, floor.contracted().contract
    buyer = client_of(floor.buyer)

    draft = buyer.get(f"/contracts/{drafted.reference}/print/").content.decode()
    final = buyer.get(f"/contracts/{signed.reference}/print/").content.decode()

    assert "chart-seal" not in draft
    assert "Draft: not in effect" in draft
    assert "chart-seal" in final
    assert "chart-qr" in final
    assert signed.sha256 in final


def test_ending_a_contract_asks_for_ground_and_reason_and_stops_the_access(
    floor: Floor, at: datetime
) -> None:
    order = floor.paid()
    provider = client_of(floor.provider)
    address = f"/contracts/{order.contract.reference}/terminate/"

    assert "escrow returns to the buyer" in text_of(provider.get(address))
    assert provider.post(address, {"ground": "RIGHTS"}).status_code == 422
    sent = {"ground": "RIGHTS", "reason": "The license of the source ended."}
    assert provider.post(address, sent)["Location"] == f"/orders/{order.reference}/"

    order = again(order)
    assert (order.contract.status, order.grant.status) == ("TERMINATED", "REVOKED")
    page = text_of(client_of(floor.buyer).get(f"/grants/{order.grant.reference}/"))
    assert "The access was revoked" in page
    assert provider.post(address, sent).status_code == 409
