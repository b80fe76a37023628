"""Appraisers on the pages: register, accreditation, engagement, delivery, and a red price."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation, Engagement
from exchange.catalog.models import PriceReview, Product
from exchange.catalog.services import list_product
from exchange.parties.models import Organization
from exchange.web.views import accreditations, appraisers, engagements
from pricing.models import Appraisal
from tests.appraisers.making import FATHER, accredited, engaged, make_assessor
from tests.catalog.making import far_price, price, ready_product
from tests.web.clients import CALLERS, client_of, text_of
from tests.web.test_trade_permissions import shape

pytestmark = pytest.mark.usefixtures("_now")
APPLICATION = {
    "qualification_number": "沪财资备案〔2026〕12号",
    "industries": ["G"],
    "insurer": "中国人保",
    "insured_until": "2027-06-30",
    "valid_until": "2028-12-31",
    "owners": f"{FATHER} | 母公司 | 0.6",
    "holdings": "",
    "links": "",
}
ROLES = ("assessor", *CALLERS)
DESK = (403, 302, 403, 403, 403, 403, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/appraisers/", (200, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/appraisers/{accreditation}/", (200, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/assessor/accreditation/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/assessor/accreditation/apply/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("POST", "/assessor/accreditation/apply/", (422, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/accreditations/", DESK),
    ("GET", "/accreditations/{accreditation}/", DESK),
    ("POST", "/accreditations/{accreditation}/", (403, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/price-reviews/", DESK),
    ("GET", "/price-reviews/{review}/", DESK),
    ("POST", "/price-reviews/{review}/", (403, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/assessor/engagements/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/provider/engagements/", (403, 302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/engagements/{engagement}/", (200, 302, 404, 200, 200, 404, 200, 200)),
    ("POST", "/engagements/{engagement}/recall/", (403, 302, 403, 302, 302, 403, 403, 403)),
    ("GET", "/engagements/{engagement}/deliver/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/provider/products/{product}/engage/", (403, 302, 403, 403, 200, 403, 403, 403)),
    ("POST", "/provider/products/{product}/engage/", (403, 302, 403, 403, 422, 403, 403, 403)),
    (
        "GET",
        "/provider/products/{product}/price-review/",
        (403, 302, 403, 403, 200, 403, 403, 403),
    ),
    (
        "POST",
        "/provider/products/{product}/price-review/",
        (403, 302, 403, 403, 422, 403, 403, 403),
    ),
]


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    made = ready_product(provider_org, provider, at)
    price(made, provider, at, far_price(made, "5"))
    return made


@pytest.fixture
def assessor(db: None, at: datetime) -> Actor:
    return make_assessor("assessor", at)[1]


@pytest.fixture
def all_browsers(browsers: dict[str, Client], assessor: Actor) -> dict[str, Client]:
    return browsers | {"assessor": client_of(assessor)}


def test_every_route_has_a_row() -> None:
    rooms = (accreditations, appraisers, engagements)
    routes = {shape(str(pattern.pattern)) for room in rooms for pattern in room.urlpatterns}

    assert {shape(path) for _method, path, _statuses in TABLE} == routes


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE, ids=str)
def test_who_may(  # noqa: PLR0917  fixtures
    method: str,
    path: str,
    statuses: tuple[int, ...],
    all_browsers: dict[str, Client],
    product: Product,
    assessor: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    accreditation = accredited(assessor, operator, at)
    engagement = engaged(product, accreditation, provider, at)
    client_of(provider).post(
        f"/provider/products/{product.reference}/price-review/",
        {"route": "OPERATOR_REVIEW", "justification": "Unique."},
    )
    target = path.format(
        accreditation=accreditation.reference,
        engagement=engagement.reference,
        product=product.reference,
        review=PriceReview.objects.get().reference,
    )

    seen = tuple(all_browsers[name].generic(method, target).status_code for name in ROLES)

    assert seen == statuses


def test_from_the_application_to_the_signed_appraisal(
    product: Product, assessor: Actor, provider: Actor, operator: Actor
) -> None:
    appraising, offering, deciding = map(client_of, (assessor, provider, operator))
    sent = {**APPLICATION, "signers": "assessor@example.org"}
    wrong = appraising.post("/assessor/accreditation/apply/", sent | {"signers": "x@y.org"})
    assert (wrong.status_code, "no members of yours" in text_of(wrong)) == (422, True)
    made = appraising.post("/assessor/accreditation/apply/", sent)
    assert made["Location"] == "/assessor/accreditation/"
    accreditation = Accreditation.objects.get()
    deciding.post(
        f"/accreditations/{accreditation.reference}/", {"act": "accredit", "reason": "Checked."}
    )
    register = client_of(provider).get("/appraisers/", headers={"Accept-Language": "zh-hans"})
    assert "平台自身的评估" in text_of(register)
    assert "assessor 资产评估有限公司" in text_of(register)

    reviewed = offering.post(
        f"/provider/products/{product.reference}/price-review/",
        {"route": "SECOND_APPRAISAL", "justification": "Recording was left out."},
    )
    assert reviewed["Location"] == f"/provider/products/{product.reference}/engage/"
    asked = offering.post(
        reviewed["Location"],
        {
            "accreditation": accreditation.reference,
            "request": "For trade.",
            "fee": "12000",
            "owners": "",
        },
    )
    here = asked["Location"]
    assert "12,000.00" in text_of(appraising.get("/assessor/engagements/"))
    refused = appraising.post(here, {"act": "accept", "declares_independence": "on"})
    assert refused.status_code == 422
    both: dict[str, Any] = {"declares_independence": "on", "declares_fixed_fee": "on"}
    assert appraising.post(here, {"act": "accept", **both})["Location"] == here
    delivered = appraising.post(
        f"{here}deliver/",
        {
            "expected_buyers": "4",
            "circulation": "TRADED",
            "currency": "CNY",
            "cost_collection": "450000",
            "cost_cleaning": "80000",
        },
    )
    assert delivered.status_code == 302, text_of(delivered)

    engagement = Engagement.objects.get()
    appraisal = Appraisal.objects.get(reference=engagement.appraisal)
    assert delivered["Location"] == f"/appraisals/{appraisal.reference}/"
    assert appraising.get(delivered["Location"]).status_code == 200
    assert "appraisal delivered" in text_of(offering.get(here))
    assert PriceReview.objects.get().status == "CONFIRMED"


def test_the_operators_reasons_stand_beside_the_price(
    product: Product, provider: Actor, operator: Actor, buyer: Actor, at: datetime
) -> None:
    offering, deciding = client_of(provider), client_of(operator)
    page = text_of(offering.get(f"/provider/products/{product.reference}/"))
    assert "Have the price reviewed" in page
    offering.post(
        f"/provider/products/{product.reference}/price-review/",
        {"route": "OPERATOR_REVIEW", "justification": "Nobody else records it."},
    )
    review = PriceReview.objects.get()
    here = f"/price-reviews/{review.reference}/"
    assert "Nobody else records it." in text_of(deciding.get(here))
    assert deciding.post(here, {"act": "uphold", "reasons": ""}).status_code == 422
    deciding.post(here, {"act": "uphold", "reasons": "The cost of a rival was shown."})
    offering.post(
        f"/provider/products/{product.reference}/request/",
        {"justification": "Nobody else records it.", "version": str(product.version)},
    )
    product.refresh_from_db()
    list_product(product=product, by=operator, at=at)
    shown = text_of(client_of(buyer).get(f"/market/{product.reference}/"))

    assert product.status == "LISTED"
    assert "The cost of a rival was shown." in shown
    assert "price may stand" in shown
