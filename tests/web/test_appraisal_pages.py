"""The pages of an appraisal: ordered with a preview, reported, printed, compared."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.catalog.services import appraise_product, record_product_cost
from exchange.parties.models import Organization
from exchange.web import pdf
from pricing.facts import CostRecord
from pricing.income import IncomeForecast
from pricing.methods.reconciling import Approach, Way, Weighing
from pricing.models import Appraisal
from pricing.money import Money
from tests.catalog.making import ready_product
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
FORM: dict[str, Any] = {
    "expected_buyers": 20,
    "circulation": "TRADED",
    "currency": "CNY",
    "cost_collection": "60000",
}
TWO_USES: dict[str, Any] = {
    "name_1": "credit scoring",
    "form_1": "ROYALTY",
    "weight_1": "0.6",
    "yearly_1": "90000\n95,000",
    "discount_rate_1": "0.12",
    "contribution_rate_1": "0.35",
    "name_2": "site selection",
    "form_2": "EXCESS",
    "weight_2": "0.4",
    "yearly_2": "50000",
    "charges_2": "servers: 10000\nstaff：5000",
    "rate_risk_free": "0.025",
    "rate_beta": "1.1",
    "rate_premium": "0.06",
    "life_contract": "4",
}
JUDGED: dict[str, Any] = {
    "way": "JUDGED",
    "approaches": ["INCOME", "COST"],
    "judge_INCOME_COST": "1/3",
}


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return ready_product(provider_org, provider, at)


@pytest.fixture
def browser(provider: Actor) -> Client:
    return client_of(provider)


@pytest.fixture
def appraisal(product: Product, provider: Actor, at: datetime) -> Appraisal:
    """One that has every part a report can have."""
    return appraise_product(
        product=product,
        costs=CostRecord.of(collection=60000),
        income=IncomeForecast.single(Money.of(90000), discount_rate=Decimal("0.12")),
        weighing=Weighing(
            way=Way.STATED,
            approaches=(Approach.COST, Approach.INCOME),
            weights=(Decimal("0.7"), Decimal("0.3")),
        ),
        expected_buyers=20,
        by=provider,
        at=at + timedelta(hours=1),
    )


def _order(product: Product) -> str:
    return f"/provider/products/{product.reference}/appraisal/"


def test_every_input_of_the_form_reaches_the_signed_appraisal(
    product: Product, browser: Client
) -> None:
    page = browser.post(_order(product), FORM | TWO_USES | JUDGED, follow=True)

    made = Appraisal.objects.get(status="SIGNED")
    income = made.inputs["income"]
    assert [use["form"] for use in income["uses"]] == ["ROYALTY", "EXCESS"]
    assert income["uses"][0]["yearly"] == ["90000 CNY", "95000 CNY"]
    assert [charge["name"] for charge in income["uses"][1]["charges"]] == ["servers", "staff"]
    assert income["rate_parts"]["risk_free"] == "0.025"
    assert income["life"]["contract"] == "4"
    assert made.result["weighed"]["weights"] == {"INCOME": "0.25000000", "COST": "0.75000000"}
    said = text_of(page)
    assert "Judged in pairs (AHP)" in said
    assert "credit scoring" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (TWO_USES | {"weight_2": "0.5"}, "The weights must sum to 1."),
        ({"yearly_1": "90000"}, "A forecast needs a discount rate."),
        ({"yearly_1": "a lot"}, "Enter a number."),
        ({"yearly_1": "NaN", "discount_rate_1": "0.1"}, "Enter a number."),
        ({"charges_1": "servers 10000"}, "A line is a name, a colon"),
        (
            {"way": "JUDGED", "approaches": ["MARKET", "COST"], "judge_MARKET_COST": "x"},
            "A judgment is a number such as 3 or 1/3.",
        ),
        (
            {"way": "JUDGED", "approaches": ["MARKET", "COST"], "judge_MARKET_COST": "1/0"},
            "A judgment is a number such as 3 or 1/3.",
        ),
        (
            {"way": "JUDGED", "approaches": ["MARKET", "COST"], "judge_MARKET_COST": "1e999"},
            "A judgment is a number such as 3 or 1/3.",
        ),
        (
            {"way": "JUDGED", "approaches": ["MARKET", "COST"], "judge_MARKET_COST": "12"},
            "A judgment lies between 1/9 and 9.",
        ),
        ({"way": "STATED"}, "Name each approach once"),
        (
            {"way": "STATED", "approaches": ["MARKET"], "weight_MARKET": "1"},
            "market approach is given a weight but has no value.",
        ),
        (
            {"way": "SCORED", "approaches": ["INCOME", "COST"], "scores": "inputs: 1"},
            "This is outside the permitted range.",
        ),
        ({"cost_collection": "", "source": "x"}, "No method applies"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_in_the_preview(
    changes: dict[str, Any], words: str, product: Product, browser: Client
) -> None:
    before = Appraisal.objects.count()

    refused = browser.post(_order(product), FORM | changes)
    shown = browser.post(
        _order(product), FORM | changes | {"preview": "1"}, headers={"HX-Request": "true"}
    )

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert words in text_of(shown)
    assert Appraisal.objects.count() == before


def test_the_preview_is_what_would_be_signed(product: Product, browser: Client) -> None:
    shown = browser.post(_order(product), FORM | {"preview": "1"}, headers={"HX-Request": "true"})
    before = Appraisal.objects.count()
    browser.post(_order(product), FORM)

    made = Appraisal.objects.get(status="SIGNED")
    assert Appraisal.objects.count() == before + 1
    said = text_of(shown)
    assert f"{made.mid_amount:,.2f}" in shown.content.decode()
    assert "The provider asks" in said
    assert "market method: 0 comparables, at least 3 are needed" in said


def test_with_a_ledger_no_costs_are_asked_for(
    product: Product, provider: Actor, browser: Client, at: datetime
) -> None:
    record_product_cost(
        product=product, by=provider, at=at, kind="collection", title="sensors",
        amount=Money(Decimal(60000), "CNY"), period_from=date(2026, 1, 1),
        period_until=date(2026, 3, 31),
    )  # fmt: skip
    place = f"/provider/products/{product.reference}/appraisal/"
    sent = {name: FORM[name] for name in ("expected_buyers", "circulation", "currency")}

    asked = browser.get(place).content.decode()
    shown = text_of(browser.post(place, sent | {"preview": "1"}))
    browser.post(place, sent)

    signed = Appraisal.objects.latest("pk")
    assert "cost_collection" not in asked
    assert "Taken from the cost ledger" in asked
    assert signed.inputs["costs"]["collection"] == "60000.00 CNY"
    assert signed.mid.text in shown.replace(",", "")


def test_the_report_page_shows_all_that_was_signed(appraisal: Appraisal, browser: Client) -> None:
    page = browser.get(f"/appraisals/{appraisal.reference}/")

    said, markup = text_of(page), page.content.decode()
    assert "signature holds" in said
    assert "version 2" in said
    assert "60,000.00 × 1.15" in said  # the formula with the numbers put in
    assert "90,000.00 ÷ (1 + 0.12)^1 ÷ 20 = 4,017.86" in said
    assert "Weights stated" in said
    for kind in ("interval", "waterfall", "tornado", "seal", "qr"):
        assert f"chart-{kind}" in markup
    assert "Self-set price in force" in said
    assert "What moves the value" in said
    swings = [Decimal(row["swing"]) for row in appraisal.result["tornado"]]
    table = re.search(r"(?s)<caption[^>]*>The middle value with each.*?</table>", markup)
    assert table is not None
    assert table.group().count('<th scope="row">') == len(swings)


def test_the_report_speaks_chinese(appraisal: Appraisal, browser: Client) -> None:
    browser.post("/language/", {"language": "zh-hans"})

    said = text_of(browser.get(f"/appraisals/{appraisal.reference}/"))

    assert "敏感性分析" in said
    assert "给定权重" in said


@pytest.mark.skipif(pdf.why_no_pdf() is not None, reason=str(pdf.why_no_pdf()))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_report_is_had_as_pdf(language: str, appraisal: Appraisal, browser: Client) -> None:
    browser.post("/language/", {"language": language})

    found = browser.get(f"/appraisals/{appraisal.reference}/report.pdf")

    assert found.status_code == 200
    assert found["Content-Type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")
    assert appraisal.reference in found["Content-Disposition"]
    assert len(found.content) > 20_000


@pytest.mark.parametrize(
    ("error", "words"),
    [(ImportError(), "extra “pdf” is missing"), (OSError(), "Pango is missing")],
)
def test_without_its_library_the_link_says_so(
    error: Exception,
    words: str,
    appraisal: Appraisal,
    browser: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_name: str) -> None:
        raise error

    monkeypatch.setattr(pdf, "import_module", refuse)

    assert words in text_of(browser.get(f"/appraisals/{appraisal.reference}/"))
    found = browser.get(f"/appraisals/{appraisal.reference}/report.pdf")
    assert found.status_code == 404
    assert words in text_of(found)
    with pytest.raises(RuntimeError, match=words):
        pdf.render_pdf("<p>")


@pytest.mark.skipif(pdf.why_no_pdf() is not None, reason=str(pdf.why_no_pdf()))
def test_a_printed_page_fetches_nothing() -> None:
    fetched = (
        '<img src="file:///etc/hostname"><link rel="stylesheet" href="http://127.0.0.1/a.css">'
    )

    alone = pdf.render_pdf("<p>words</p>")
    asking = pdf.render_pdf(f"<p>words</p>{fetched}")

    assert abs(len(asking) - len(alone)) < 200


def test_two_appraisals_stand_side_by_side(
    appraisal: Appraisal, product: Product, provider: Actor, browser: Client, at: datetime
) -> None:
    later = appraise_product(
        product=product,
        costs=CostRecord.of(collection=80000),
        expected_buyers=10,
        by=provider,
        at=at + timedelta(days=3),
    )

    said = text_of(browser.get(f"/appraisals/{later.reference}/changes/"))

    for words in (
        "cost: collection 60,000.00 CNY 80,000.00 CNY",
        "expected buyers 20 10",
        "income: all",
        "weights of the approaches",
        "middle value",
        f"{appraisal.mid_amount:,.2f} CNY {later.mid_amount:,.2f} CNY",
    ):
        assert words in said
    assert "What changed" in text_of(browser.get(f"/appraisals/{later.reference}/"))
