"""The pages of gradings: who sees them, what is determined there, and what its provider reads."""

from datetime import datetime

import pytest
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.compliance.models import Determination, Regrade
from exchange.compliance.services import make_determination, open_regrade
from exchange.parties.models import Organization
from tests.trading.making import make_listing
from tests.web.clients import CALLERS, text_of

TABLE = {
    "/regulator/gradings/": (302, 403, 403, 403, 403, 200, 403),
    "/operator/gradings/": (302, 403, 403, 403, 403, 403, 200),
    "/regulator/gradings/{product}/": (302, 403, 403, 403, 403, 200, 403),
    "/operator/gradings/{product}/": (302, 403, 403, 403, 403, 403, 200),
    "/provider/products/{product}/grading/": (302, 403, 200, 200, 403, 403, 403),
    "/regulator/gradings/P-2026-00000000/": (302, 403, 403, 403, 403, 404, 403),
    "/provider/products/P-2026-00000000/grading/": (302, 403, 404, 404, 403, 403, 403),
}
WHY = "The notice of 2026-11-20 lists it."


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.mark.parametrize("path", TABLE)
def test_who_sees_gradings(path: str, browsers: dict[str, Client], product: Product) -> None:
    browsers["regulator"].post("/regulator/gradings/", {"purpose": "table"})
    address = path.format(product=product.reference)

    assert tuple(browsers[name].get(address).status_code for name in CALLERS) == TABLE[path]


@pytest.mark.parametrize(
    ("act", "said", "kept"),
    [
        ("factor", {"code": "G-q"}, ("FACTOR", "G-q", "", "")),
        ("impact", {"harm": "ECONOMY/SERIOUS"}, ("IMPACT", "", "ECONOMY", "SERIOUS")),
        ("catalog", {"code": "沪网信〔2026〕7号"}, ("CATALOG", "沪网信〔2026〕7号", "", "")),
        ("core_data", {}, ("CORE_DATA", "", "", "")),
        ("dispute", {}, ("DISPUTE", "", "", "")),
    ],
)
def test_the_watch_determines_and_takes_back(
    browsers: dict[str, Client],
    product: Product,
    act: str,
    said: dict[str, str],
    kept: tuple[str, ...],
) -> None:
    desk, address = browsers["operator"], f"/operator/gradings/{product.reference}/"

    empty = desk.post(address, {"act": act, **said, "reason": ""})
    assert (empty.status_code, Determination.objects.count()) == (422, 0)
    sent = desk.post(address, {"act": act, **said, "reason": WHY})
    made = Determination.objects.get()
    shown = text_of(desk.get(address))
    desk.post(address, {"act": made.reference, "reason": "In error."})

    assert sent.status_code == 302
    assert (made.kind, made.code, made.affected, made.degree) == kept
    assert WHY in shown
    made.refresh_from_db()
    assert made.status == "WITHDRAWN"


def test_what_is_owed_stands_with_its_day_and_is_closed_by_a_person(
    browsers: dict[str, Client], product: Product, operator: Actor, at: datetime
) -> None:
    assert product.current is not None
    regrade = open_regrade(
        release=product.current, trigger="INCIDENT", reason="A copy leaked.", by=operator, at=at
    )
    address = f"/operator/gradings/{product.reference}/"

    listed = text_of(browsers["operator"].get("/operator/gradings/"))
    told = text_of(browsers["provider"].get(f"/provider/products/{product.reference}/"))
    own = browsers["provider"].post(
        f"/provider/products/{product.reference}/grading/",
        {"act": regrade.reference, "reason": "Fine."},
    )
    browsers["operator"].post(address, {"act": regrade.reference, "reason": "The hole is closed."})

    assert regrade.reference in listed
    assert "A copy leaked." in told
    assert own.status_code == 403
    regrade.refresh_from_db()
    assert regrade.status == "DONE"


def test_a_provider_calls_for_a_grading_and_reads_what_was_determined(
    browsers: dict[str, Client], product: Product, regulator: Actor, at: datetime
) -> None:
    make_determination(product=product, kind="DISPUTE", reason=WHY, by=regulator, at=at)
    address = f"/provider/products/{product.reference}/grading/"

    shown = text_of(browsers["provider"].get(address))
    refused = browsers["provider"].post(address, {"act": "dispute", "reason": "No."})
    sent = browsers["provider"].post(
        address, {"act": "call", "trigger": "SCALE", "reason": "Ten times the rows."}
    )

    assert WHY in shown
    assert (refused.status_code, sent.status_code) == (403, 302)
    assert set(Regrade.objects.values_list("trigger", flat=True)) == {"REGULATOR", "SCALE"}
    assert Entry.objects.filter(name="compliance.regrade.opened").count() == 2
