"""A model from upload to settlement over HTTP: listed, sold by the call, called, settled."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from exchange.catalog.models import Product
from exchange.parties.models import User
from exchange.parties.queries import actor_for_user
from tests.models.making import ALGORITHM, MANUAL, disclosed, onnx_file, sha256

from .calling import expect, problem
from .casting import Cast
from .steps import SCENARIO, describe

pytestmark = pytest.mark.runtime
CONTENT = onnx_file()
ROWS = {"inputs": {"X": [[1, 2], [3, 0.5]]}}


def faults(response: Any) -> set[str]:
    """Return which fields a refusal names."""
    return {each["field"] for each in problem(response, 422, "invalid")["errors"]}


def offer(cast: Cast, at: datetime) -> str:
    """Describe a model, state what it is, upload it, and have it cleared."""
    changes = {name: value for name, value in MANUAL.items() if name != "keywords"}
    product = describe(cast.seller, **changes)
    rights = cast.seller.get(f"products/{product}")["rights"]
    file = SimpleUploadedFile("score.onnx", CONTENT, "application/octet-stream")
    release = expect(cast.seller.send_file(f"products/{product}/releases", file), 201)
    assert (release["format"], release["rows"], release["columns"]) == ("onnx", 0, [])
    assert release["profile"]["model"]["inputs"][0]["name"] == "X"

    early = cast.seller.call("POST", f"releases/{release['reference']}/submit", {}, key="early")
    assert faults(early) == {"training"}
    source = {"name": "贷款台账", "rights": "STATEMENT", "reference": rights}
    source |= {"personal": "NONE", "grade": "GENERAL"}
    said = {"algorithm": ALGORITHM, "model_sha256": sha256(CONTENT), "sources": [source]}
    stated = cast.seller.post(f"products/{product}/training", said, status=201)
    assert stated["number"] == 1
    seller = actor_for_user(User.objects.get(email="seller@example.org"))
    row = Product.objects.select_related("provider").get(reference=product)
    disclosed(row, seller, at, CONTENT)

    cast.seller.post(f"releases/{release['reference']}/submit")
    cast.settle()
    cleared = cast.seller.get(f"releases/{release['reference']}")
    assert (cleared["status"], cleared["grade"]) == ("CLEARED", "GENERAL")
    report = cast.seller.get(f"screenings/{cleared['screening']}")["report"]
    assert report["model"]["same_file"] is True
    return product


def list_by_the_call(cast: Cast, product: str) -> Decimal:
    """Have it appraised, price a call at a ten-thousandth of the band's middle, have it listed."""
    costs = {"collection": "80000.00", "cleaning": "20000.00"}
    appraised = cast.seller.post(f"products/{product}/appraisals", {"costs": costs}, status=201)
    unit = Decimal(appraised["mid"]["amount"]) / 10_000
    by_row = {"kind": "PER_ROW", "tiers": [{"up_to": None, "unit_price": "1.00"}]}
    refused = cast.seller.call("PUT", f"products/{product}/plan", by_row)
    assert faults(refused) == {"kind"}
    plan = {"kind": "PER_CALL", "tiers": [{"up_to": None, "unit_price": str(unit)}]}
    expect(cast.seller.call("PUT", f"products/{product}/plan", plan), 200)
    version = cast.seller.get(f"products/{product}")["version"]
    cast.seller.post(f"products/{product}/commitment", {"version": version})
    requested = cast.seller.post(f"products/{product}/request-listing", {"justification": ""})
    assert (requested["status"], requested["zone"]) == ("REQUESTED", "GREEN")
    assert cast.floor.post(f"products/{product}/list", {"note": "齐备"})["status"] == "LISTED"
    return unit


def test_a_model_is_sold_by_the_call(cast: Cast, at: datetime) -> None:
    product = offer(cast, at)
    unit = list_by_the_call(cast, product)

    body = {"product": product, "scenario": SCENARIO, "quantity": 2}
    order = cast.taker.post("orders", body, status=201)
    assert Decimal(order["price"]["amount"]) == (2 * unit).quantize(Decimal("0.01"))
    cast.seller.post(f"contracts/{order['contract']}/sign")
    contract = cast.taker.post(f"contracts/{order['contract']}/sign")
    document = json.loads(contract["document"])
    assert document["delivery"] == {"channel": "INFERENCE", "downloads": 2, "acceptance_days": 7}
    assert ALGORITHM in {each["algorithm"] for each in document["disclosures"]}
    deposit = {
        "organization": order["buyer"],
        "amount": {"amount": "1000.00", "currency": "CNY"},
        "bank_reference": "ICBC-2026-7",
        "transfer_id": str(uuid4()),
    }
    cast.floor.post("deposits", deposit, status=201)
    paid = cast.taker.post(f"orders/{order['reference']}/pay")

    path = f"grants/{paid['grant']}/inferences"
    wrong = cast.taker.call("POST", path, {"inputs": {"X": [[1, 2], [3]]}}, key="w")
    assert faults(wrong) == {"inputs.X.1"}
    first = cast.taker.post(path, ROWS, status=201, key="one")
    assert first["outputs"]["label"] == [0, 1]
    assert (first["left"], first["status"]) == (1, "COMPLETED")
    assert cast.taker.post(path, ROWS, status=201, key="one")["reference"] == first["reference"]
    assert cast.taker.post(path, ROWS, status=201, key="two")["left"] == 0
    spent = cast.taker.call("POST", path, ROWS, key="three")
    assert problem(spent, 403, "access-refused")["refusal"] == "EXHAUSTED"
    file = cast.taker.call("POST", f"grants/{paid['grant']}/download", {}, key="file")
    assert problem(file, 403, "access-refused")["refusal"] == "OTHER_CHANNEL"

    cast.settle()
    assert cast.taker.get(f"orders/{order['reference']}")["status"] == "DELIVERED"
    cast.taker.post(f"orders/{order['reference']}/accept")
    cast.settle()
    assert cast.taker.get(f"orders/{order['reference']}")["status"] == "SETTLED"


def test_what_is_asked_of_tables_is_refused_for_a_model(cast: Cast, at: datetime) -> None:
    product = offer(cast, at)
    release = cast.seller.get(f"products/{product}/releases")["results"][0]["reference"]

    rules = {"rules": [{"id": "a", "kind": "not_null", "columns": ["X"]}]}
    asked = {
        f"products/{product}/quality/rules": rules,
        f"products/{product}/quality/trial": rules,
        f"releases/{release}/quality": {},
        f"releases/{release}/derivations": {"preset": "STATISTICS"},
    }
    for path, body in asked.items():
        said = cast.seller.call("POST", path, body, key=path[-20:])
        assert "This is a model" in problem(said, 403, "not-allowed")["detail"], path
