"""Quality in the console and on the product's page, without script."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Product, QualityReport, QualityRules
from exchange.parties.models import Organization
from exchange.web.forms.quality import QualityForm, lines_of
from tests.catalog.test_quality import RULES, cleared
from tests.compliance.making import product_of
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
Log = Callable[[], list[tuple[str, str]]]
LINES = """form | pattern | station | 1 | S\\d
once | unique | station
sum | sum | east, west, total | 2"""


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product with a cleared release."""
    made = product_of(provider_org, provider, at)
    cleared(made, provider, at)
    return made


def test_rules_are_typed_tried_declared_and_measured(
    product: Product,
    provider: Actor,
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    browser = client_of(provider)
    place = f"/provider/products/{product.reference}/quality/"
    assert f'href="{place}"' in browser.get(place.removesuffix("quality/")).content.decode()

    tried = browser.post(place, {"rules": LINES, "try": "1"})
    assert tried.status_code == 200
    assert [row["failing"] for row in tried.context["trial_rows"]] == [1, 1, 1]
    assert "matches S\\d" in text_of(tried)
    assert not QualityRules.objects.exists()

    sent = browser.post(place, {"rules": LINES, "declare": "1"})
    assert (sent.status_code, sent.url) == (302, place)
    assert "Queued; the measuring begins" in text_of(browser.get(place))
    assert browser.get(f"{place}progress/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        dispatch(at=at)
    page = browser.get(place)
    assert page.context["form"]["rules"].value() == LINES.replace(
        "once | unique | station", "once | unique | station | 1"
    ).replace("total | 2", "total | 2 | 0.000001")
    assert "rows 3" in text_of(page)  # the provider sees which
    assert "chart-bars" in page.content.decode()
    assert browser.get(f"{place}progress/").status_code == 302

    Product.objects.filter(pk=product.pk).update(status="LISTED", listed_at=at)
    shown = text_of(Client().get(f"/market/{product.reference}/"))
    assert "Quality, six dimensions of GB/T 36344-2018" in shown
    assert QualityReport.objects.get().document_sha256[:8] in shown
    assert "rows 3" not in shown
    again = browser.post(f"{place}measure/")
    assert (again.status_code, QualityReport.objects.count()) == (302, 2)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("day", "Line 1: write name, kind and columns"),
        ("x | not_null | Station", "Did you mean station?"),
        ("x | nothing | station", "There is no such kind of rule."),
        ("x | unique | station | 1 | y", "takes no “given”"),
        ("x | unique | station | much", "A weight is a whole number"),
        ("x | pattern | station | 1 | (", "is no pattern that can be used"),
    ],
)
def test_what_cannot_be_declared_is_said_at_the_form(
    product: Product, provider: Actor, log: Log, lines: str, words: str
) -> None:
    before = log()

    answer = client_of(provider).post(
        f"/provider/products/{product.reference}/quality/", {"rules": lines, "declare": "1"}
    )

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert log() == before


def test_lines_and_rules_are_the_same_thing() -> None:
    written = {
        "rules": [
            {"id": "a", "kind": "range", "columns": ["x"], "weight": 1, "min": "0", "max": "9"},
            {"id": "b", "kind": "range", "columns": ["x"], "weight": 3, "min": "-1"},
            {"id": "c", "kind": "length", "columns": ["y"], "weight": 1, "max": "4"},
            {"id": "d", "kind": "allowed", "columns": ["y"], "weight": 1, "values": ["a", "b"]},
            {"id": "e", "kind": "compare", "columns": ["x", "y"], "weight": 1, "operator": "<="},
            {"id": "f", "kind": "pattern", "columns": ["y"], "weight": 1, "pattern": "a|b"},
            {"id": "g", "kind": "not_null", "columns": ["y"], "weight": 1},
        ]
    }

    form = QualityForm({"rules": lines_of(written)})

    assert form.is_valid()
    assert form.document() == written
    assert RULES["rules"][0]["pattern"] in lines_of(
        {"rules": [{**rule, "weight": 1} for rule in RULES["rules"]]}
    )
