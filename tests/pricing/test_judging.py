"""The asking price against the band: green, amber, red."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.rulebook.queries import Pack, file_packs, get_pack
from pricing.models import Appraisal
from pricing.money import CurrencyMismatch, Money
from pricing.plans import PlanTerms
from pricing.rules import asking_price, judge_plan, judge_price
from pricing.services import appraise, set_plan
from pricing.states import Period, PlanKind, Zone
from pricing.wording import deviation_text

from .making import COSTS, FACTS, METERED, ONE_OFF, PLATFORM, comparables

PACK = file_packs("pricing")[-1]


def _appraisal(mid: str = "10000") -> Appraisal:
    return Appraisal(
        reference="A-2026-00000001",
        low_amount=Decimal(mid) * Decimal("0.8"),
        mid_amount=Decimal(mid),
        high_amount=Decimal(mid) * Decimal("1.25"),
    )


@pytest.mark.parametrize(
    ("ask", "zone", "rate"),
    [
        ("10000", "GREEN", "0"),
        ("12000", "GREEN", "0.2"),
        ("12001", "AMBER", "0.2001"),
        ("8000", "GREEN", "-0.2"),
        ("7999", "AMBER", "-0.2001"),
        ("15000", "AMBER", "0.5"),
        ("15001", "RED", "0.5001"),
        ("4999", "RED", "-0.5001"),
        ("100000", "RED", "9"),
        ("0", "GREEN", "0"),
    ],
)
def test_zones(ask: str, zone: str, rate: str) -> None:
    deviation = judge_price(Money.of(ask), _appraisal(), PACK)

    assert (deviation.zone, deviation.rate) == (zone, Decimal(rate))
    assert deviation.pack == "pricing@2026-01-01"
    assert deviation.appraisal == "A-2026-00000001"
    assert deviation.needs_justification is (zone != "GREEN")
    assert deviation.needs_review is (zone == "RED")


def test_inside_the_band_and_inside_the_policy_are_two_things() -> None:
    deviation = judge_price(Money.of(12400), _appraisal(), PACK)

    assert deviation.is_in_band
    assert deviation.zone == Zone.AMBER


def test_metered_prices_have_a_wider_band() -> None:
    deviation = judge_price(Money.of(12500), _appraisal(), PACK, kind=PlanKind.PER_CALL)

    assert (deviation.zone, deviation.green) == (Zone.GREEN, Decimal("0.30"))


def test_another_version_of_the_rules_judges_otherwise() -> None:
    data = PACK.data | {"deviation": {"default": {"green": "0.01", "amber": "0.02"}}}
    stricter = Pack(kind="pricing", version="2027-01-01", digest="", data=data)

    deviation = judge_price(Money.of(10300), _appraisal(), stricter)

    assert (deviation.zone, deviation.pack) == (Zone.RED, "pricing@2027-01-01")


def test_an_inexact_figure_in_the_rules_is_an_error() -> None:
    data = PACK.data | {"deviation": {"default": {"green": 0.2, "amber": "0.5"}}}

    with pytest.raises(TypeError, match="is text"):
        judge_price(Money.of(1), _appraisal(), Pack("pricing", "2027-01-01", "", data))


def test_a_price_in_another_currency_is_not_compared() -> None:
    with pytest.raises(CurrencyMismatch):
        judge_price(Money.of(1, "USD"), _appraisal(), PACK)


def test_any_price_of_a_worthless_product_is_far_off() -> None:
    assert judge_price(Money.of(1), _appraisal("0"), PACK).zone == Zone.RED


@pytest.mark.parametrize(
    ("terms", "ask"),
    [
        (ONE_OFF, "8000.00"),
        (METERED, "450.00"),
        (PlanTerms(kind=PlanKind.FREE), "0.00"),
        (
            PlanTerms(kind=PlanKind.SUBSCRIPTION, price=Decimal(700), period=Period.MONTH),
            "8400.00",
        ),
        (replace(METERED, kind=PlanKind.PER_GB, minimum=Decimal(5)), "5.00"),
    ],
)
def test_a_plan_is_judged_by_what_one_license_costs(
    terms: PlanTerms, ask: str, provider: Actor, at: datetime
) -> None:
    plan = set_plan(asset=FACTS.asset, terms=terms, owner=FACTS.owner, by=provider, at=at)
    appraisal = appraise(
        facts=FACTS,
        costs=COSTS,
        comparables=comparables(7000, 8000, 9000),
        by=PLATFORM,
        at=at,
    )

    deviation = judge_plan(plan, appraisal, PACK)

    assert asking_price(plan, rows=FACTS.rows, size=FACTS.bytes).text == ask
    assert deviation.ask.text == ask


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("0", "equal to the appraised value"),
        ("0.355", "36 % above the appraised value"),
        ("-0.5", "50 % below the appraised value"),
    ],
)
def test_the_distance_is_said_in_words(rate: str, words: str) -> None:
    assert deviation_text(Decimal(rate)) == words


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 11, 23)])
def test_the_rules_are_in_force(db: None, day: date) -> None:
    assert get_pack("pricing", on=day).label == "pricing@2026-01-01"


def test_every_figure_of_the_rules_is_text_or_a_whole_number() -> None:
    def inexact(value: Any) -> bool:
        if isinstance(value, dict):
            return any(inexact(item) for item in value.values())
        if isinstance(value, list):
            return any(inexact(item) for item in value)
        return isinstance(value, float)

    assert not inexact(PACK.data)
