"""Evidence for exports over pages: filed, completed, withdrawn; and asked about before an order."""

import io
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.catalog.models import Product, Release
from exchange.compliance.models import ExportFiling, ExportStanding
from exchange.compliance.states import FilingKind
from exchange.parties.models import Organization
from tests.compliance.export.papers import make_filing
from tests.trading.making import make_listing
from tests.web.clients import CALLERS, text_of

TABLE = {
    "/provider/exports/new/": (302, 403, 403, 200, 403, 403, 403),
    "/provider/exports/new/CERTIFICATION/": (302, 403, 403, 200, 403, 403, 403),
    "/provider/exports/new/NOTHING/": (302, 403, 404, 404, 403, 403, 403),
    "/provider/exports/weigh/": (302, 403, 403, 200, 403, 403, 403),
    "/provider/exports/{filing}/document": (302, 403, 200, 200, 403, 403, 403),
    "/operator/exports/{filing}/document": (302, 403, 403, 403, 403, 403, 200),
    "/regulator/exports/{filing}/document": (302, 403, 403, 403, 403, 200, 403),
    "/operator/exports/standings/{party}/": (302, 403, 403, 403, 403, 403, 200),
    "/regulator/exports/standings/{party}/": (302, 403, 403, 403, 403, 200, 403),
}


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.fixture
def filing(provider: Actor, at: datetime) -> ExportFiling:
    return make_filing(provider, at)


@pytest.mark.parametrize("path", TABLE)
def test_who_files_weighs_and_reads(
    path: str, browsers: dict[str, Client], filing: ExportFiling
) -> None:
    browsers["regulator"].post("/regulator/exports/", {"purpose": "table"})
    party = filing.organization.reference
    address = path.format(filing=filing.reference, party=party)

    assert tuple(browsers[name].get(address).status_code for name in CALLERS) == TABLE[path]


def said(product: Product, buyer: Actor, **more: Any) -> dict[str, Any]:
    """Return what a provider types in."""
    return {
        "number": "国信办数评〔2026〕1号",
        "authority": "国家互联网信息办公室",
        "valid_from": "2026-06-01",
        "uses": "pricing of travel insurance\nresearch",
        "recipients": buyer.organization,
        "products": [product.reference],
        "fields": "origin\ndelay",
        "places": ["HK", "MO"],
        "ordinary": "1000",
        **more,
    }


def test_evidence_is_filed_with_its_document_and_what_is_missing_stands_at_its_field(
    browsers: dict[str, Client], product: Product, buyer: Actor
) -> None:
    desk, address = browsers["provider"], "/provider/exports/new/SECURITY_ASSESSMENT/"

    bare = desk.post(address, said(product, buyer))
    assert (bare.status_code, ExportFiling.objects.count()) == (422, 0)
    file = io.BytesIO(b"%PDF-1.7 result")
    file.name = "result.pdf"
    sent = desk.post(address, said(product, buyer, document__upload=file))

    made = ExportFiling.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, f"/provider/exports/{made.reference}/")
    assert made.scope["uses"] == ["pricing of travel insurance", "research"]
    assert (made.scope["places"], made.scope["ordinary"]) == (["HK", "MO"], 1000)
    assert made.scope["products"] == [product.reference]
    taken = desk.get(f"/provider/exports/{made.reference}/document")
    assert taken.content == b"%PDF-1.7 result"
    assert taken["Content-Disposition"] == 'attachment; filename="result.pdf"'
    assert Entry.objects.filter(name="compliance.document.read").count() == 1


@pytest.mark.parametrize("kind", FilingKind)
def test_each_kind_asks_for_its_own_and_begins_with_what_the_address_names(
    browsers: dict[str, Client], product: Product, buyer: Actor, kind: str
) -> None:
    asked = f"?product={product.reference}&recipient={buyer.organization}&place=HK"

    page = browsers["provider"].get(f"/provider/exports/new/{kind}/{asked}").content.decode()

    assert buyer.organization in page
    assert f'value="{product.reference}"' in page
    assert ('name="mapping"' in page) is (kind == "ZONE_FILING")
    assert ('name="ground"' in page) is (kind == "EXEMPTION")
    filed = kind in {"STANDARD_CONTRACT", "GBA_CONTRACT"}
    assert ('name="authority_filed_on"' in page) is filed


def test_a_contract_is_completed_and_withdrawn_by_its_provider(
    browsers: dict[str, Client], provider: Actor, at: datetime
) -> None:
    contract = make_filing(
        provider, at, kind="STANDARD_CONTRACT", number="", valid_from=at.date().isoformat()
    )
    desk, address = browsers["provider"], f"/provider/exports/{contract.reference}/"
    day = at.date().isoformat()

    foreign = browsers["operator"].post(
        address.replace("provider", "operator"), {"act": "complete", "number": "7", "filed_on": day}
    )
    done = desk.post(address, {"act": "complete", "number": "沪7号", "filed_on": day})
    contract.refresh_from_db()
    assert (foreign.status_code, done.status_code) == (403, 302)
    assert (contract.number, contract.authority_filed_on) == ("沪7号", at.date())
    desk.post(address, {"act": "revoke", "reason": "The recipient left."})
    contract.refresh_from_db()
    assert (contract.status, contract.reason) == ("REVOKED", "The recipient left.")


def test_an_export_is_weighed_before_anybody_orders(
    browsers: dict[str, Client], product: Product, buyer: Actor
) -> None:
    Release.objects.filter(product=product).update(personal="DEIDENTIFIED", grade="GENERAL")
    asked = (
        f"?product={product.reference}&recipient={buyer.organization}"
        "&recipient_place=HK&access_places=HK"
    )
    before = Entry.objects.count()

    shown = text_of(browsers["provider"].get(f"/provider/exports/weigh/{asked}"))
    wrong = text_of(browsers["provider"].get(f"/provider/exports/weigh/{asked}x"))

    assert "It may not go now" in shown or "It may go now" in shown
    assert "Hong Kong" in shown
    assert "Select a valid choice" in wrong
    assert Entry.objects.count() == before


def test_a_buyer_asks_on_the_order_form_and_is_refused_in_steps(
    browsers: dict[str, Client], product: Product
) -> None:
    Release.objects.filter(product=product).update(grade="IMPORTANT")
    address = f"/market/{product.reference}/order/"
    scene = {"scenario.recipient_place": "HK", "scenario.access_places": ["HK"], "preview": "1"}

    shown = browsers["buyer"].post(address, scene)

    assert shown.status_code == 200
    assert "It may not go now" in text_of(shown)
    assert '<option value="HK" selected>' in shown.content.decode()


def test_the_watch_states_where_an_organization_stands(
    browsers: dict[str, Client], buyer: Actor
) -> None:
    address = f"/operator/exports/standings/{buyer.organization}/"

    sent = browsers["operator"].post(address, {"act": "state", "place": "HK"})
    wrong = browsers["operator"].post(
        address, {"act": "state", "place": "HK", "counted_with": buyer.organization}
    )

    assert (sent.status_code, wrong.status_code) == (302, 422)
    assert ExportStanding.objects.get().place == "HK"


@pytest.mark.parametrize(
    ("house", "grade", "shown"),
    [("MAINLAND", "IMPORTANT", True), ("HK", "IMPORTANT", False), ("HK", "GENERAL", True)],
)
def test_rows_of_what_may_not_leave_are_not_shown_outside(
    browsers: dict[str, Client],
    product: Product,
    settings: Any,
    house: str,
    grade: str,
    shown: bool,  # noqa: FBT001
) -> None:
    settings.PLACE_OF_HOUSE = house
    sample = {"columns": ["origin"], "rows": [["浦东T2"]], "masked": []}
    Release.objects.filter(product=product).update(grade=grade, sample=sample)

    page = text_of(browsers["anonymous"].get(f"/market/{product.reference}/"))
    found = browsers["anonymous"].get(f"/api/v1/products/{product.reference}").json()

    assert ("浦东T2" in page) is shown
    assert ("No rows are shown where you are" in page) is not shown
    assert (found["sample"] == sample, found["withheld"] == "") == (shown, shown)


def test_a_regulator_says_what_for_before_a_document_leaves_the_vault(
    browsers: dict[str, Client], filing: ExportFiling
) -> None:
    desk, address = browsers["regulator"], f"/regulator/exports/{filing.reference}/document"

    closed = text_of(desk.get(address))
    none = Entry.objects.filter(name="compliance.document.read").count()
    desk.post(address, {"purpose": "case 7"})
    taken = desk.get(address)

    assert ("State the purpose" in closed, none) == (True, 0)
    assert taken.content == b"%PDF-1.7 result"
    read = Entry.objects.get(name="compliance.document.read")
    assert b"case 7" in bytes(read.data)
