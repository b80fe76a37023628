"""Pages of models: what they are and were trained on, one row to try, and how they are used."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.catalog.models import TrainingStatement
from exchange.delivery.models import Access, Grant
from exchange.parties.models import Organization
from tests.models.making import cleared_model, model_product, onnx_file, sha256, uploaded
from tests.models.test_inferences import opened
from tests.web.clients import client_of, text_of

pytestmark = [pytest.mark.runtime, pytest.mark.usefixtures("_now")]


@pytest.fixture
def called(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Grant:
    """Two calls of a model."""
    return opened(cleared_model(provider_org, provider, at), buyer_org, at)


def test_training_data_is_stated_line_by_line(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product, browser = model_product(provider_org, provider, at), client_of(provider)
    release = uploaded(product, provider, at, onnx_file())
    place = f"/provider/products/{product.reference}/training/"
    assert product.rights is not None
    line = f"台账 | STATEMENT | {product.rights.reference} |  | NONE | GENERAL | 2024"
    sent = {"algorithm": "credit-score", "model_sha256": sha256(onnx_file())}

    first = text_of(browser.get(f"/provider/products/{product.reference}/"))
    wrong = browser.post(place, sent | {"sources": line.replace("NONE", "SOME")})
    none = browser.post(place, sent | {"sources": line.replace("R-", "Q-")})
    done = browser.post(place, sent | {"sources": line})

    assert "State the training data" in first
    assert release.sha256 in browser.get(place).content.decode()
    assert (wrong.status_code, none.status_code, done.status_code) == (422, 422, 302)
    assert "rights statement of yours" in text_of(none)
    assert TrainingStatement.objects.get().sources[0]["name"] == "台账"
    assert "No disclosure of this algorithm is in force" in text_of(browser.get(place))
    shown = text_of(browser.get(f"/provider/releases/{release.reference}/"))
    assert "LinearClassifier" in shown


def test_one_row_is_tried_and_the_same_is_said_for_programs(called: Grant, buyer: Actor) -> None:
    browser, place = client_of(buyer), f"/grants/{called.reference}/"

    page = browser.get(place)
    wrong = browser.post(f"{place}call/", {"i0": "1, x", "key": "a"})
    short = browser.post(f"{place}call/", {"i0": "1", "key": "a"})
    made = browser.post(f"{place}call/", {"i0": "1, 2", "key": "a"})
    again = browser.post(f"{place}call/", {"i0": "1, 2", "key": "a"})

    assert f"/api/v1/grants/{called.reference}/inferences" in text_of(page)
    assert "0 of 2 calls used" in text_of(page)
    assert (wrong.status_code, short.status_code) == (422, 422)
    assert "has 2 values; here are 1" in text_of(short)
    access = Access.objects.get()
    assert made["Location"] == again["Location"] == f"{place}outputs/{access.reference}/"
    shown = text_of(browser.get(made["Location"]))
    assert "shares" in shown
    assert "1 of 2 calls used" in text_of(browser.get(place))


def test_the_provider_sees_how_it_is_used(called: Grant, provider: Actor, buyer: Actor) -> None:
    client_of(buyer).post(f"/grants/{called.reference}/call/", {"i0": "1, 2", "key": "a"})

    page = text_of(client_of(provider).get(f"/provider/products/{called.product.reference}/"))

    assert "1 calls in all" in page
    assert "1 / 2" in page


def test_anybody_sees_what_a_model_on_the_market_was_trained_on(called: Grant) -> None:
    page = text_of(client_of(Actor.anonymous()).get(f"/market/{called.product.reference}/"))

    assert "贷款台账 2024" in page
    assert "linear model" in page
