"""The buyer's console: what waits, demands, inquiries on both sides, and the statement."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from audit.log.actors import Actor
from exchange.parties.models import Organization
from exchange.settlement.services import hold_funds
from exchange.trading.models import Demand, Inquiry
from exchange.web.spreadsheet import written
from pricing.money import Money
from tests.trading.making import Floor
from tests.web.clients import client_of, text_of

Log = Callable[[], list[tuple[str, str]]]
DEMAND = {
    "title": "Use of chargers by hour",
    "description": "Place, power and use by hour since 2025.",
    "purpose": "Forecast how many chargers an airport's car park needs in each month.",
    "budget": "30000.00",
}


def test_the_overview_names_what_waits(floor: Floor) -> None:
    signable, payable = floor.place(), floor.contracted()
    fetchable, acceptable = floor.paid(), floor.delivered()

    page = client_of(floor.buyer).get("/buyer/")

    words = text_of(page)
    for order in (signable, payable, fetchable, acceptable):
        assert order.reference in words
    for todo in ("Read and sign", "Pay into escrow", "Fetch the file", "Accept or reject"):
        assert todo in words
    assert words.index("Accept or reject") < words.index("Read and sign")
    assert "800.00" in words


def test_an_empty_console_says_where_to_begin(stranger: Actor, _now: None) -> None:
    browser = client_of(stranger)

    assert "Nothing waits for you" in text_of(browser.get("/buyer/"))
    assert "Paying an order opens" in text_of(browser.get("/buyer/grants/"))
    assert "Find a product" in text_of(browser.get("/buyer/orders/"))
    assert "Search the market first" in text_of(browser.get("/buyer/demands/"))
    assert "Nothing moved" in text_of(browser.get("/buyer/account/"))


def test_a_demand_is_posted_read_by_all_and_closed(floor: Floor, client: Client, log: Log) -> None:
    buyer = client_of(floor.buyer)

    made = buyer.post("/buyer/demands/new/", DEMAND)
    demand = Demand.objects.get()
    assert made["Location"] == f"/demands/{demand.reference}/"
    assert DEMAND["title"] in text_of(client.get("/demands/"))
    assert "close/" not in client.get(made["Location"]).content.decode()
    buyer.post(f"{made['Location']}close/")

    assert client.get(made["Location"]).status_code == 404
    assert DEMAND["title"] in text_of(buyer.get("/buyer/demands/"))
    assert [name for name, _subject in log()] == [
        "trading.demand.posted",
        "trading.demand.closed",
    ]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"purpose": "research"}, 403, "R-SCENE"),
        ({"budget": "many"}, 422, "right form"),
        ({"needed_until": "2020-01-01"}, 422, "has passed"),
        ({"title": ""}, 422, "required"),
    ],
)
def test_a_wrong_demand_is_refused_with_its_words_kept(
    floor: Floor, changes: dict[str, str], status: int, words: str, log: Log
) -> None:
    page = client_of(floor.buyer).post("/buyer/demands/new/", DEMAND | changes)

    assert page.status_code == status
    assert words in text_of(page)
    assert DEMAND["description"] in text_of(page)
    assert log() == []


def test_a_question_is_asked_and_answered_once(floor: Floor) -> None:
    buyer, provider = client_of(floor.buyer), client_of(floor.provider)

    asked = buyer.post(f"/market/{floor.product.reference}/ask/", {"question": "How often?"})
    inquiry = Inquiry.objects.get()
    address = f"/inquiries/{inquiry.reference}/"
    assert asked["Location"] == address
    assert "How often?" in text_of(provider.get("/provider/inquiries/"))
    assert "Waiting for the provider" in text_of(buyer.get(address))
    assert "<textarea" not in buyer.get(address).content.decode()
    assert provider.post(address, {"answer": ""}).status_code == 422
    assert provider.post(address, {"answer": "Every month."})["Location"] == address

    assert "Every month." in text_of(buyer.get(address))
    assert "Every month." in text_of(buyer.get("/buyer/"))
    assert provider.post(address, {"answer": "Every week."}).status_code == 409


def test_the_statement_adds_up_and_leads_to_the_orders(floor: Floor) -> None:
    order = floor.settled()
    buyer, provider = client_of(floor.buyer), client_of(floor.provider)

    page = buyer.get("/buyer/account/")

    assert f"/orders/{order.reference}/" in page.content.decode()
    assert "no, tell the operator" not in text_of(page)
    assert "900.00" in text_of(page)
    earned = text_of(provider.get("/provider/account/"))
    assert "97.35" in earned
    chinese = buyer.get("/buyer/account/", headers={"Accept-Language": "zh-hans"})
    assert 'value="2026-11-23"' in chinese.content.decode()
    before = buyer.get("/buyer/account/", {"since": "2020-01-01", "until": "2020-12-31"})
    assert "Nothing moved in this period" in text_of(before)


def test_the_statement_as_a_table_keeps_numbers_and_tames_formulas(
    floor: Floor, buyer_org: Organization, at: datetime
) -> None:
    floor.paid()
    hold_funds(
        payer=buyer_org.reference,
        amount=Money.of("5.00"),
        purpose='=HYPERLINK("https://example.org")',
        transfer_id=uuid4(),
        by=Actor.system("trading"),
        at=at,
    )

    file = client_of(floor.buyer).get("/buyer/account/", {"format": "csv"})

    assert file["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [rows[1][6], rows[1][7]] == ["1000.00", "1000.00"]
    assert any(row[3] == '\'=HYPERLINK("https://example.org")' for row in rows)
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_a_spreadsheet_would_run_stay_words(mark: str) -> None:
    assert written(f"{mark}1+1") == f"'{mark}1+1"
    assert written(Money.of("-12.50").amount) == "-12.50"
    assert written(-3) == "-3"
    assert written(None) == ""


def test_a_buyer_that_lost_its_admission_still_reads_what_is_its_own(
    floor: Floor, buyer_org: Organization
) -> None:
    order = floor.place()
    buyer_org.status = "SUSPENDED"
    buyer_org.save()
    buyer = client_of(floor.buyer)

    for address in ("/buyer/", "/buyer/orders/", "/buyer/account/", f"/orders/{order.reference}/"):
        assert buyer.get(address).status_code == 200
    assert buyer.get(f"/market/{floor.product.reference}/order/").status_code == 403
