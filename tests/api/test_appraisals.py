"""Appraisals over REST: every input of the form, and all that the page says."""

from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from pricing.models import Appraisal
from tests.catalog.making import ready_product

from .calling import Program, problem, program_of

COSTS = {"collection": "60000.00"}
INCOME: dict[str, Any] = {
    "uses": [
        {
            "name": "credit scoring",
            "form": "ROYALTY",
            "weight": "0.6",
            "yearly": ["90000.00", "95000.00"],
            "discount_rate": "0.12",
            "contribution_rate": "0.35",
        },
        {
            "name": "site selection",
            "form": "INCREMENTAL",
            "weight": "0.4",
            "yearly": ["50000.00"],
            "without": ["20000.00"],
        },
    ],
    "rate_parts": {"risk_free": "0.025", "beta": "1.1", "premium": "0.06"},
    "life": {"contract": "4"},
    "expansion": {
        "value": "40000.00",
        "outlay": "50000.00",
        "years": "2",
        "rate": "0.03",
        "volatility": "0.4",
    },
    "source": "plan of 2026",
}
WEIGHING: dict[str, Any] = {
    "way": "CORRECTED",
    "approaches": ["INCOME", "COST"],
    "judgments": [["0.5"]],
    "aspects": ["inputs documented"],
    "scores": [["40"], ["60"]],
}


@pytest.fixture
def seller(provider_org: Organization, provider: Actor, at: datetime) -> Program:
    """The provider's program."""
    return program_of(provider_org, provider, at, "read", "list")[0]


@pytest.fixture
def place(provider_org: Organization, provider: Actor, at: datetime) -> str:
    """The address of the appraisals of a product that may be appraised."""
    product: Product = ready_product(provider_org, provider, at)
    return f"products/{product.reference}/appraisals"


def test_what_was_sent_is_what_was_signed(seller: Program, place: str) -> None:
    first = Appraisal.objects.get()
    sent = {"costs": COSTS, "expected_buyers": 20, "income": INCOME, "weighing": WEIGHING}

    made = seller.post(place, sent, status=201)

    assert made["faults"] == []
    assert made["previous"] == first.reference
    inputs = made["inputs"]
    assert [use["form"] for use in inputs["income"]["uses"]] == ["ROYALTY", "INCREMENTAL"]
    assert inputs["income"]["expansion"]["value"] == "40000.00 CNY"
    assert inputs["weighing"]["way"] == "CORRECTED"
    assert set(made["result"]["weighed"]["weights"]) == {"INCOME", "COST"}
    assert made["pdf"] == f"/appraisals/{made['reference']}/report.pdf"


def test_the_report_says_what_the_page_says(seller: Program, place: str) -> None:
    made = seller.post(place, {"costs": COSTS, "income": INCOME}, status=201)

    report = seller.get(f"appraisals/{made['reference']}/report")["report"]
    chinese = seller.get(f"appraisals/{made['reference']}/report", Accept_Language="zh-hans")

    assert report["algorithm_version"] == 2
    assert report["worked_out_again"] is True
    assert [method["code"] for method in report["methods"]][-1] == "INCOME"
    assert "÷ (1 + 0.12)^1" in report["methods"][-1]["worked"]
    assert report["left_out"] == [["market method", "0 comparables, at least 3 are needed"]]
    assert [use["name"] for use in report["uses"]] == ["credit scoring", "site selection"]
    assert {"label", "low", "high", "at_low", "at_high", "swing"} == set(report["tornado"][0])
    assert chinese["report"]["left_out"][0][0] == "市场法"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"income": {"uses": []}}, "income.uses"),
        ({"income": INCOME | {"uses": INCOME["uses"][:1]}}, "income.uses"),
        ({"income": {"uses": INCOME["uses"]}}, "income.uses.1.discount_rate"),
        ({"income": INCOME | {"life": {"legal": "0"}}}, "income.life.legal"),
        ({"weighing": WEIGHING | {"judgments": [["9", "1"]]}}, "weighing.judgments"),
        ({"weighing": WEIGHING | {"approaches": ["INCOME", "LUCK"]}}, "weighing.approaches.1"),
        ({"weighing": WEIGHING}, "weighing.approaches"),
    ],
)
def test_what_is_wrong_is_named_by_field(
    changes: dict[str, Any], field: str, seller: Program, place: str
) -> None:
    answer = seller.call("POST", place, {"costs": COSTS} | changes, key="once")

    named = [error["field"] for error in problem(answer, 422, "invalid")["errors"]]
    assert field in named
    assert Appraisal.objects.count() == 1
