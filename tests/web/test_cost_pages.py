"""The cost ledger in the console and over REST."""

from base64 import b64encode
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.log.actors import Actor
from exchange.parties.models import Organization
from pricing.models import CostItem
from tests.api.calling import program_of
from tests.catalog.making import draft_product
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
SENT = {
    "kind": "collection",
    "title": "传感器租赁",
    "amount": "9000.00",
    "currency": "CNY",
    "period_from": "2026-01-01",
    "period_until": "2026-03-31",
    "allocation": "USERS",
    "part": "1",
    "whole": "3",
}


def test_a_cost_is_entered_and_taken_back(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product, browser = draft_product(provider_org, provider, at), client_of(provider)
    place = f"/provider/products/{product.reference}/costs/"

    wrong = browser.post(place, SENT | {"period_until": "2027-01-01"})
    evidence = SimpleUploadedFile("invoice.pdf", b"invoice")
    sent = browser.post(place, SENT | {"evidence": evidence})
    item = CostItem.objects.get()
    page = text_of(browser.get(place))
    back = browser.post(f"{place}{item.reference}/reverse/", {"reason": "entered twice"})

    assert wrong.status_code == 422
    assert "has ended by today" in text_of(wrong)
    assert (sent.status_code, back.status_code) == (302, 302)
    assert "3,000.00" in page
    assert "by number of users" in page
    assert "entered twice" in text_of(browser.get(place))
    assert CostItem.objects.filter(reverses=item).count() == 1


def test_the_same_over_rest(provider_org: Organization, provider: Actor, at: datetime) -> None:
    product = draft_product(provider_org, provider, at)
    program = program_of(provider_org, provider, at, "read", "list")[0]
    place = f"products/{product.reference}/costs"
    amount = {"amount": SENT["amount"], "currency": SENT["currency"]}
    entry = {name: value for name, value in SENT.items() if name not in {"amount", "currency"}}

    made = program.post(
        place,
        {**entry, "amount": amount, "evidence": b64encode(b"invoice").decode()},
        status=201,
    )
    ledger = program.get(place)
    back = program.post(f"{place}/{made['reference']}/reverse", {"reason": "twice"}, status=201)

    assert made["attributed"] == {"amount": "3000.00", "currency": "CNY"}
    assert (ledger["total"], ledger["weights"]) == (
        made["attributed"],
        {"ORG-PROVIDER": "1.000000"},
    )
    assert back["reverses"] == made["reference"]
    assert program.get(place)["total"] is None
