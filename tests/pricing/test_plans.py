"""Quotes: exact, line by line, monotone and not undercut by splitting."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money
from pricing.plan_rules import faults_of_terms
from pricing.plans import Companion, Package, PlanTerms, ScenarioPrice, Tier, tier_faults
from pricing.quotes import (
    Circumstances,
    NoSuchPackage,
    price_of,
    quote_terms,
    reference_quantity,
)
from pricing.regimes import why_not_charge
from pricing.states import Period, PlanKind, Regime
from pricing.wording import quote_line_text

from .making import METERED, ONE_OFF

FREE = PlanTerms(kind=PlanKind.FREE)
YEARLY = PlanTerms(
    kind=PlanKind.SUBSCRIPTION, price=Decimal("1200.50"), period=Period.MONTH, guarantee_days=14
)
CAPPED = PlanTerms(
    kind=PlanKind.ONE_OFF,
    regime=Regime.PUBLIC_CAPPED,
    price=Decimal(80),
    cap=Decimal(100),
    cap_basis="沪发改价〔2026〕1号",
    revenue_cap=Decimal(1000),
)

falling_tiers = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(0, 10**9)), min_size=0, max_size=4
).flatmap(
    lambda drawn: st.integers(0, 10**9).map(
        lambda last: _tiers([size for size, _ in drawn], [price for _, price in drawn] + [last])
    )
)


def _tiers(sizes: list[int], prices: list[int]) -> tuple[Tier, ...]:
    falling = sorted(prices, reverse=True)
    limits = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return tuple(
        Tier(up_to=limit, unit_price=Decimal(price).scaleb(-8))
        for limit, price in zip([*limits, None], falling, strict=True)
    )


def test_a_quote_names_its_lines() -> None:
    terms = replace(METERED, minimum=Decimal(500))

    quote = quote_terms(terms, 1600, given=Circumstances(trial_left=100))

    assert [(line.code, line.quantity, line.amount.text) for line in quote.lines] == [
        ("trial_per_row", 100, "0.00"),
        ("per_row", 1000, "100.00"),
        ("per_row", 500, "25.00"),
        ("minimum", 1, "375.00"),
    ]


def test_free_one_off_and_subscription() -> None:
    assert quote_terms(FREE, 3).total.is_zero
    assert quote_terms(ONE_OFF, 2).total.text == "16000.00"
    assert quote_terms(YEARLY, 12).total.text == "14406.00"
    assert quote_terms(YEARLY, 12).lines[0].code == "period_MONTH"


def test_the_trial_is_no_larger_than_the_plan_grants() -> None:
    quote = quote_terms(METERED, 1000, given=Circumstances(trial_left=10**6))

    assert quote.lines[0].quantity == 100


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_quote_is_for_something(wrong: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        quote_terms(ONE_OFF, wrong)


def test_the_provider_is_bound_until_the_guarantee_ends(at: datetime) -> None:
    quote = quote_terms(YEARLY, at=at)

    assert quote.valid_until == at + timedelta(days=14)
    assert quote.is_guaranteed(at + timedelta(days=13, hours=23))
    assert not quote.is_guaranteed(at + timedelta(days=14))


def test_a_quote_is_written_for_the_order(at: datetime) -> None:
    document = quote_terms(YEARLY, 3, at=at, plan="PL-1").as_document()

    assert document["total"] == "3601.50"
    assert document["plan"] == "PL-1"
    assert document["terms_sha256"] == YEARLY.sha256
    assert document["lines"] == [
        {"code": "period_MONTH", "quantity": 3, "unit_price": "1200.50", "amount": "3601.50"}
    ]


@pytest.mark.parametrize(
    "terms",
    [
        FREE,
        ONE_OFF,
        YEARLY,
        METERED,
        CAPPED,
        replace(
            YEARLY,
            packages=(Package(units=12, price=Decimal("1200.00")),),
            scenarios=(
                ScenarioPrice(scenario="保险定价", rate=Decimal("0.5000")),
                ScenarioPrice(scenario="b", rate=Decimal(0), cap=Decimal(1), public_good=True),
            ),
            companions=(Companion(product="P-2", reduction=Decimal("9.99")),),
            renewable=True,
            notice_days=30,
            revenue_period=Period.YEAR,
        ),
    ],
)
def test_terms_are_read_back_as_they_were_written(terms: PlanTerms) -> None:
    again = PlanTerms.from_document(terms.as_document())

    assert again == terms
    assert again.sha256 == terms.sha256


@given(tiers=falling_tiers, one=st.integers(1, 20_000), other=st.integers(1, 20_000))
def test_the_exact_price_is_monotone_and_subadditive(
    tiers: tuple[Tier, ...], one: int, other: int
) -> None:
    terms = PlanTerms(kind=PlanKind.PER_CALL, tiers=tiers, minimum=Decimal("7.77"))

    assert tier_faults(tiers) == []
    assert price_of(terms, one + other) >= price_of(terms, one)
    assert price_of(terms, one + other) <= price_of(terms, one) + price_of(terms, other)


@given(tiers=falling_tiers, quantity=st.integers(1, 20_000), trial=st.integers(0, 200))
def test_the_lines_of_any_quote_sum_to_its_total(
    tiers: tuple[Tier, ...], quantity: int, trial: int
) -> None:
    terms = PlanTerms(kind=PlanKind.PER_GB, tiers=tiers, minimum=Decimal("1.01"), trial_quota=150)

    quote = quote_terms(terms, quantity, given=Circumstances(trial_left=trial))

    assert Money.total(line.amount for line in quote.lines) == quote.total
    assert sum(line.quantity for line in quote.lines if line.code != "minimum") == quantity
    assert not any(line.amount.is_negative for line in quote.lines)


def test_what_is_compared_with_the_appraisal() -> None:
    assert reference_quantity(ONE_OFF, rows=10, size=10) == 1
    assert reference_quantity(YEARLY, rows=10, size=10) == 12
    assert reference_quantity(METERED, rows=8000, size=10) == 8000
    gigabytes = replace(METERED, kind=PlanKind.PER_GB)
    assert reference_quantity(gigabytes, rows=10, size=2_500_000_000) == 3


TIER = Tier(up_to=None, unit_price=Decimal("0.1"))


@pytest.mark.parametrize(
    ("tiers", "faults"),
    [
        ([], ["tiers_missing"]),
        ([replace(TIER, up_to=5)], ["tiers_end_open"]),
        ([TIER, TIER], ["tiers_end_open"]),
        ([replace(TIER, up_to=5), replace(TIER, up_to=5), TIER], ["tiers_limits_rise"]),
        ([replace(TIER, up_to=0), TIER], ["tiers_limits_rise"]),
        ([replace(TIER, unit_price=Decimal(-1))], ["tiers_not_negative"]),
        ([replace(TIER, unit_price=Decimal("NaN"))], ["tiers_not_negative"]),
        ([replace(TIER, unit_price=Decimal("0.000000001"))], ["tiers_places"]),
    ],
)
def test_what_is_no_table_of_tiers_is_refused(tiers: list[Tier], faults: list[str]) -> None:
    assert tier_faults(tiers) == faults


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (replace(FREE, price=Decimal(1)), "price"),
        (replace(ONE_OFF, price=Decimal(0)), "price"),
        (replace(ONE_OFF, price=Decimal(-5)), "price"),
        (replace(ONE_OFF, price=Decimal("1.005")), "price"),
        (replace(ONE_OFF, price=Decimal("NaN")), "price"),
        (replace(ONE_OFF, price=Decimal(10) ** 17), "price"),
        (replace(ONE_OFF, currency="XXX"), "currency"),
        (replace(ONE_OFF, currency="JPY", price=Decimal("1.5")), "price"),
        (replace(ONE_OFF, period=Period.YEAR), "period"),
        (replace(ONE_OFF, tiers=METERED.tiers), "tiers"),
        (replace(ONE_OFF, minimum=Decimal(1)), "minimum"),
        (replace(ONE_OFF, trial_quota=1), "trial_quota"),
        (replace(METERED, trial_quota=-1), "trial_quota"),
        (replace(METERED, price=Decimal(1)), "price"),
        (replace(METERED, tiers=()), "tiers"),
        (replace(YEARLY, period=None), "period"),
        (replace(ONE_OFF, guarantee_days=366), "guarantee_days"),
        (replace(ONE_OFF, guarantee_days=-1), "guarantee_days"),
        (replace(ONE_OFF, regime=Regime.PUBLIC_FREE), "kind"),
        (replace(ONE_OFF, cap=Decimal(1)), "cap"),
        (replace(CAPPED, cap=None), "cap"),
        (replace(CAPPED, cap_basis=""), "cap"),
        (replace(CAPPED, price=Decimal("100.01")), "price"),
        (
            replace(METERED, regime=Regime.PUBLIC_CAPPED, cap=Decimal("0.09"), cap_basis="令"),
            "tiers",
        ),
    ],
)
def test_terms_that_are_no_plan_are_refused_at_the_field(terms: PlanTerms, field: str) -> None:
    assert list(faults_of_terms(terms)) == [field]


PACKED = PlanTerms(
    kind=PlanKind.PER_HIT,
    packages=(
        Package(units=100, price=Decimal(10)),
        Package(units=1000, price=Decimal(80)),
    ),
    trial_quota=20,
)
SCENARIO = ScenarioPrice(scenario="insurance", rate=Decimal("0.5"))


def test_packages_are_quoted_whole_and_the_trial_by_itself() -> None:
    quote = quote_terms(PACKED, 1000)
    trial = quote_terms(PACKED, 15, given=Circumstances(trial_left=20))

    assert [(line.code, line.quantity, line.amount.text) for line in quote.lines] == [
        ("package_per_hit", 1, "80.00")
    ]
    assert quote_line_text("package_per_hit", quote.quantity) == "package of 1,000 hits"
    assert (trial.total.text, trial.lines[0].code) == ("0.00", "trial_per_hit")
    with pytest.raises(NoSuchPackage) as refused:
        quote_terms(PACKED, 21, given=Circumstances(trial_left=20))
    assert refused.value.sizes == (100, 1000)


@pytest.mark.parametrize(
    ("quantity", "price"), [(1, 10), (100, 10), (101, 80), (1000, 80), (1001, 160)]
)
def test_what_packages_are_compared_with_the_appraisal_at(quantity: int, price: int) -> None:
    assert price_of(PACKED, quantity) == Money.of(price)


def test_every_stage_of_a_price_is_kept() -> None:
    terms = replace(METERED, minimum=Decimal(500), scenarios=(SCENARIO,))
    given = Circumstances(trial_left=100, scenario="insurance", reduction=Decimal(50))

    quote = quote_terms(terms, 1600, given=given)

    assert (quote.declared.text, quote.total.text) == ("130.00", "200.00")
    assert quote.adjustments == ("trial", "minimum", "scenario", "bundle")
    assert Money.total(line.amount for line in quote.lines) == quote.total
    assert [stage["amount"] for stage in quote.as_document()["pipeline"]] == [
        "130.00",
        "200.00",
        "200.00",
    ]


def test_a_bundle_never_takes_off_more_than_the_price() -> None:
    quote = quote_terms(ONE_OFF, given=Circumstances(reduction=Decimal(10**6)))

    assert quote.total.is_zero


@given(tiers=falling_tiers, one=st.integers(1, 20_000), other=st.integers(1, 20_000))
def test_what_is_paid_is_not_undercut_by_splitting_either(
    tiers: tuple[Tier, ...], one: int, other: int
) -> None:
    terms = PlanTerms(kind=PlanKind.PER_HIT, tiers=tiers)

    apart = quote_terms(terms, one).total + quote_terms(terms, other).total

    assert apart >= quote_terms(terms, one + other).total


@pytest.mark.parametrize(
    ("terms", "en", "zh"),
    [
        (
            PlanTerms(
                kind=PlanKind.PER_CALL,
                tiers=(
                    Tier(up_to=500, unit_price=Decimal("0.10")),
                    Tier(up_to=None, unit_price=Decimal("0.20")),
                ),
            ),
            "Buying 2 × 500 costs CNY 100.00, less than 1,000 at once: CNY 150.00.",
            "购买 2 × 500 仅需 CNY 100.00，低于一次购买 1,000 的 CNY 150.00。",
        ),
        (
            replace(PACKED, packages=(*PACKED.packages, Package(units=2500, price=Decimal(230)))),
            "Buying 2 × 1,000 + 5 × 100 costs CNY 210.00, less than 2,500 at once: CNY 230.00.",
            "购买 2 × 1,000 + 5 × 100 仅需 CNY 210.00，低于一次购买 2,500 的 CNY 230.00。",
        ),
        (
            replace(PACKED, trial_quota=100),
            "Buying the free trial of 100 costs CNY 0.00, less than 100 at once: CNY 10.00.",
            "购买 免费试用 100 仅需 CNY 0.00，低于一次购买 100 的 CNY 10.00。",
        ),
    ],
)
def test_a_cheaper_way_to_buy_is_shown_to_the_provider(terms: PlanTerms, en: str, zh: str) -> None:
    field = "packages" if terms.packages else "tiers"
    for language, words in (("en", en), ("zh-hans", zh)):
        with translation.override(language):
            assert faults_of_terms(terms) == {field: [words]}


@pytest.mark.parametrize(
    "terms",
    [
        FREE,
        ONE_OFF,
        YEARLY,
        METERED,
        CAPPED,
        PACKED,
        replace(ONE_OFF, price=Decimal(0), packages=PACKED.packages),
        replace(YEARLY, renewable=True, notice_days=30),
        replace(METERED, scenarios=(SCENARIO,)),
        replace(ONE_OFF, companions=(Companion(product="P-2", reduction=Decimal(10)),)),
        replace(CAPPED, revenue_period=Period.QUARTER),
        replace(
            CAPPED,
            scenarios=(
                replace(SCENARIO, rate=Decimal("1.2"), cap=Decimal(200)),
                ScenarioPrice(scenario="welfare", rate=Decimal(0), public_good=True),
            ),
        ),
        replace(FREE, regime=Regime.PUBLIC_FREE),
        replace(ONE_OFF, currency="JPY", price=Decimal(1500)),
    ],
)
def test_terms_that_are_a_plan(terms: PlanTerms) -> None:
    assert faults_of_terms(terms) == {}


def test_a_capped_product_may_not_earn_more_than_allowed() -> None:
    def refusal(terms: PlanTerms, ask: Any, revenue: Any) -> str | None:
        return why_not_charge(terms, ask=Money.of(ask), earned=Money.of(revenue))

    assert refusal(CAPPED, 80, 920) is None
    assert "CNY 1,000.00" in (refusal(CAPPED, 80, "920.01") or "")
    assert refusal(ONE_OFF, 10**9, 10**9) is None
    assert refusal(replace(CAPPED, revenue_cap=None), 10**9, 0) is None
