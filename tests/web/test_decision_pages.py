"""Why this: pages of decisions for those concerned and those who watch, of rankings for all."""

import json
from datetime import datetime

import pytest
from django.test import Client

from audit.decisions.models import Decision, StandingDecision
from audit.log.actors import Actor
from exchange.catalog.services import ordering
from exchange.catalog.services.indexing import index_product
from exchange.parties.models import Organization
from exchange.web.views import decisions
from pricing.models import Appraisal
from tests.catalog.making import ready_product
from tests.decisions.making import stand
from tests.trading.making import make_listing
from tests.web.clients import CALLERS, client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")

OWN = (404, 404, 200, 200, 404, 200, 200)
WATCH = (302, 403, 403, 403, 403, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/decisions/", (302, 200, 200, 200, 200, 200, 200)),
    ("GET", "/decisions/{own}/", OWN),
    ("GET", "/decisions/{ranking}/", (200,) * 7),
    ("GET", "/decisions/{own}/override/", WATCH),
]


@pytest.fixture
def own(provider_org: Organization, provider: Actor, at: datetime) -> Decision:
    """The decision about an appraisal of the provider."""
    ready_product(provider_org, provider, at)
    return Decision.objects.get(algorithm="appraisal")


def test_every_route_has_a_row() -> None:
    known = {path for _method, path, _statuses in TABLE}

    assert len(decisions.urlpatterns) == len(known) - 1  # one route serves two kinds


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE)
def test_who_may_enter(
    method: str,
    path: str,
    statuses: tuple[int, ...],
    own: Decision,
    at: datetime,
    request: pytest.FixtureRequest,
) -> None:
    address = path.format(own=own.reference, ranking=stand(at).reference)

    seen = [
        client_of(request.getfixturevalue(name)).generic(method, address).status_code
        for name in CALLERS
    ]

    assert tuple(seen) == statuses


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_says_why_and_leads_to_sheet_and_entry(
    own: Decision, provider: Actor, language: str
) -> None:
    client = client_of(provider)
    client.post("/language/", {"language": language, "next": "/"})

    page = client.get(f"/decisions/{own.reference}/")

    told = page.content.decode()
    assert own.disclosure.reference in told
    assert own.inputs_sha256[:12] in told
    assert "/log/entries/" in told
    assert "<svg" in told
    assert ("单份许可评估为" if language == "zh-hans" else "One license is valued") in told


def test_whoever_holds_the_inputs_checks_them(own: Decision, provider: Actor) -> None:
    inputs = Appraisal.objects.get(reference=own.subject).inputs
    client, address = client_of(provider), f"/decisions/{own.reference}/"

    same = client.post(address, {"inputs": json.dumps(inputs)})
    other = client.post(address, {"inputs": json.dumps(inputs | {"purpose": "TAX"})})
    broken = client.post(address, {"inputs": "{"})

    assert (same.status_code, other.status_code, broken.status_code) == (200, 200, 422)
    assert "the same inputs" in text_of(same)
    assert "other inputs" in text_of(other)
    assert "canonical form" in text_of(broken)


def test_the_operator_puts_another_outcome_beside_it(
    own: Decision, operator: Actor, provider: Actor
) -> None:
    address = f"/decisions/{own.reference}/override/"
    said = {"result": "CHANGED", "outcome": "100.00", "reason": "The costs were entered twice."}

    empty = client_of(operator).post(address, said | {"reason": ""})
    done = client_of(operator).post(address, said)

    assert (empty.status_code, done.status_code) == (422, 302)
    assert own.overrides.get().outcome == "100.00"
    assert "entered twice" in text_of(client_of(provider).get(f"/decisions/{own.reference}/"))


def test_a_search_of_the_market_says_why_its_order(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    index_product(make_listing(provider_org, provider, at))
    visitor = Client()

    plain = visitor.get("/market/")
    found = visitor.get("/market/", {"q": "航班"})
    visitor.get("/market/", {"q": "航班"})
    newest = visitor.get("/market/", {"q": "航班", "order": "newest"})

    assert "Why this order?" not in text_of(plain) + text_of(newest)
    kept = StandingDecision.objects.get()
    assert f"/decisions/{kept.reference}/" in found.content.decode()
    assert "航班" not in json.dumps([kept.output, kept.explanation], ensure_ascii=False)


def test_a_flood_of_searches_is_shown_in_another_order(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_listing(provider_org, provider, at)
    index_product(product)
    monkeypatch.setattr(ordering, "NEW_OF_STRANGERS", 0)

    page = Client().get("/market/", {"q": "航班"})

    assert page.status_code == 200
    assert product.reference in page.content.decode()
    assert "ordered by their day of listing" in text_of(page)
    assert not StandingDecision.objects.exists()
