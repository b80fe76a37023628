"""Price adjustment over REST: chosen, foreseen, announced, answered, frozen, ordered."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from exchange.trading.services import assess
from pricing.adjustment.models import PriceFreeze, PriceStep
from tests.adjustment.making import adjustment_of, later, offer_like, rival
from tests.trading.making import Floor, fund, make_listing, one_off

ROOT = "/api/v1/"
CHOICE = {"triggers": ["SCARCITY"], "step_most": "0.03"}
WHY = {"HTTP_INSPECTION_PURPOSE": "prices"}


@pytest.fixture
def market(provider_org: Any, provider: Any, buyer: Any, at: datetime) -> Floor:
    """A product at 1,000 to which three rivals came."""
    product = make_listing(provider_org, provider, at, terms=one_off("1000.00"))
    fund(buyer.organization, "9000.00", at)
    offer_like(product, rival(at), later(at, 5), count=3)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def test_from_choice_to_decline(market: Floor, callers: dict[str, APIClient], at: datetime) -> None:
    product = f"{ROOT}products/{market.product.reference}"
    provider, anybody = callers["provider"], callers["anonymous"]
    adjustment = f"{product}/price-adjustment"
    foreseen = provider.post(f"{adjustment}/preview", CHOICE, format="json")
    assert (foreseen.status_code, foreseen.json()["start"]) == (200, "1000.00")
    chosen = provider.put(adjustment, CHOICE, format="json")
    assert (chosen.status_code, chosen.json()["triggers"]) == (200, ["SCARCITY"])
    assess(adjustment=adjustment_of(market.product), at=later(at, 31))

    (step,) = provider.get(f"{ROOT}price-steps").json()["results"]
    assert (step["before"], step["after"], step["status"]) == ("1000.00", "970.00", "ANNOUNCED")
    assert step["inputs"]["now"]["comparables"] == 3
    history = anybody.get(f"{product}/price-history").json()["moments"]
    assert [(row["ask"], row["announced"]) for row in history] == [
        ("1000.00", False),
        ("970.00", True),
    ]
    assert "3 comparable products" in history[1]["step"]["explanation"]["en"][0]
    assert "可比产品 3 个" in history[1]["step"]["explanation"]["zh"][0]
    assert "inputs" not in history[1]["step"]
    declined = provider.post(
        f"{ROOT}price-steps/{step['reference']}/decline", {"reason": "We stay."}, format="json"
    )
    assert declined.json()["status"] == "DECLINED"
    assert provider.delete(adjustment).status_code == 204
    assert provider.get(adjustment).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"triggers": [], "step_most": "0.03"},
        {"triggers": ["ORDER"], "step_most": "0.03"},
        {"triggers": ["COST"], "step_most": "NaN"},
        {"triggers": ["COST"], "step_most": "0.9"},
        {"triggers": ["COST"], "step_most": "0.03", "floor": "1e99"},
        {"triggers": ["COST"], "step_most": "0.03", "owner": "ORG-OTHER"},
        {"triggers": "COST", "step_most": "0.03"},
    ],
)
def test_a_choice_that_is_none_is_refused(
    market: Floor, callers: dict[str, APIClient], body: dict[str, Any]
) -> None:
    address = f"{ROOT}products/{market.product.reference}/price-adjustment"

    assert callers["provider"].put(address, body, format="json").status_code == 422


def test_a_regulator_freezes_orders_and_reads(
    market: Floor, callers: dict[str, APIClient], at: datetime
) -> None:
    regulator, product = callers["regulator"], f"{ROOT}products/{market.product.reference}"
    frozen = regulator.post(f"{ROOT}price-freezes", {"reason": "Looked into."}, format="json")
    assert (frozen.status_code, frozen.json()["scope"]) == (201, "ALL")
    (shown,) = callers["anonymous"].get(f"{ROOT}price-freezes").json()["results"]
    assert shown["reference"] == frozen.json()["reference"]
    lifted = regulator.post(
        f"{ROOT}price-freezes/{shown['reference']}/lift", {"reason": "Done."}, format="json"
    )
    assert lifted.json()["status"] == "LIFTED"
    order = {"amount": "700.00", "basis": "《价格法》第三十条", "reason": "Too dear."}
    ordered = regulator.post(f"{product}/price-ceilings", order, format="json")
    assert ordered.status_code == 201

    step = PriceStep.objects.get()
    assert (step.ceiling, step.after_amount) == (ordered.json()["reference"], Decimal(700))
    assert regulator.get(f"{ROOT}price-steps").status_code == 428
    assert regulator.get(f"{ROOT}price-steps", **WHY).json()["results"][0]["ceiling"]
    market.contracted()
    told = regulator.get(f"{ROOT}equal-treatment", **WHY).json()["impacts"]
    assert {row["measure"] for row in told} == {"offer", "step"}


def test_a_freeze_of_one_product_is_not_for_strangers(
    market: Floor, callers: dict[str, APIClient]
) -> None:
    address = f"{ROOT}products/{market.product.reference}/price-freeze"
    assert callers["provider"].post(address, {"reason": "Mending."}, format="json").json()["target"]

    freeze = PriceFreeze.objects.get()
    assert callers["stranger"].get(f"{ROOT}price-freezes").json()["results"] == []
    assert len(callers["provider"].get(f"{ROOT}price-freezes").json()["results"]) == 1
    lift = f"{ROOT}price-freezes/{freeze.reference}/lift"
    assert callers["regulator"].post(lift, {"reason": "x"}, format="json").status_code == 403
