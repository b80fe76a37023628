"""Bad input: every kind of it has a rule and an error in both languages, and changes nothing.

The table is what a provider may say of its price; what an appraisal may be told is in
`test_bad_appraisals`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from audit.log.actors import Actor
from pricing.models import Plan
from pricing.money import Money
from pricing.plans import Companion, Package, PlanTerms, ScenarioPrice, Tier
from pricing.services import set_plan
from pricing.states import Period, PlanKind, Regime

from .making import FACTS, METERED, ONE_OFF
from .refusals import in_both

pytestmark = pytest.mark.django_db
Log = Callable[[], list[tuple[str, str]]]

NAN = Decimal("NaN")
ENDLESS = Decimal("Infinity")
HUGE = Decimal(10) ** 30
MISSING = cast("Any", None)
OWNER = FACTS.owner
CAPPED = replace(
    ONE_OFF,
    regime=Regime.PUBLIC_CAPPED,
    cap=Decimal(10000),
    cap_basis="沪发改价〔2026〕1号",
)
PACKED = PlanTerms(
    kind=PlanKind.PER_CALL,
    packages=(
        Package(units=100, price=Decimal(10)),
        Package(units=1000, price=Decimal(80)),
    ),
)
SUBSCRIPTION = PlanTerms(kind=PlanKind.SUBSCRIPTION, price=Decimal(50), period=Period.MONTH)


def _tiers(*prices: Decimal | str) -> tuple[Tier, ...]:
    limits = [*(100 * place for place in range(1, len(prices))), None]
    return tuple(
        Tier(up_to=limit, unit_price=Decimal(price))
        for limit, price in zip(limits, prices, strict=True)
    )


def _scenario(**changes: Any) -> tuple[ScenarioPrice, ...]:
    return (replace(ScenarioPrice(scenario="insurance", rate=Decimal(1)), **changes),)


PRICES: dict[str, tuple[PlanTerms, str]] = {
    "zero": (replace(ONE_OFF, price=Decimal(0)), "price"),
    "negative": (replace(ONE_OFF, price=Decimal(-1)), "price"),
    "NaN": (replace(ONE_OFF, price=NAN), "price"),
    "endless": (replace(ONE_OFF, price=ENDLESS), "price"),
    "huge": (replace(ONE_OFF, price=HUGE), "price"),
    "finer than the currency": (replace(ONE_OFF, price=Decimal("0.001")), "price"),
    "unknown currency": (replace(ONE_OFF, currency="BTC"), "currency"),
    "unit price negative": (replace(METERED, tiers=_tiers("-0.1")), "tiers"),
    "unit price NaN": (replace(METERED, tiers=_tiers(NAN)), "tiers"),
    "unit price huge": (replace(METERED, tiers=_tiers(HUGE)), "tiers"),
    "no tier": (replace(METERED, tiers=()), "tiers"),
    "tiers that end": (replace(METERED, tiers=(Tier(up_to=9, unit_price=NAN),)), "tiers"),
    "tiers that reward splitting": (replace(METERED, tiers=_tiers("0.1", "0.2")), "tiers"),
    "minimum NaN": (replace(METERED, minimum=NAN), "minimum"),
    "trial negative": (replace(METERED, trial_quota=-1), "trial_quota"),
    "trial huge": (replace(METERED, trial_quota=10**10), "trial_quota"),
    "package zero": (
        replace(PACKED, packages=(Package(units=10, price=Decimal(0)),)),
        "packages",
    ),
    "package NaN": (replace(PACKED, packages=(Package(units=10, price=NAN),)), "packages"),
    "package of nothing": (
        replace(PACKED, packages=(Package(units=0, price=Decimal(1)),)),
        "packages",
    ),
    "package undercut": (
        replace(PACKED, packages=(*PACKED.packages, Package(units=200, price=Decimal(21)))),
        "packages",
    ),
    "package given away on trial": (replace(PACKED, trial_quota=100), "packages"),
    "package beside tiers": (replace(PACKED, tiers=_tiers("0.1")), "packages"),
    "package twice": (replace(PACKED, packages=PACKED.packages * 2), "packages"),
    "packages of rows": (replace(PACKED, kind=PlanKind.PER_ROW), "packages"),
    "scenario twice": (replace(ONE_OFF, scenarios=_scenario() * 2), "scenarios"),
    "scenario unnamed": (replace(ONE_OFF, scenarios=_scenario(scenario=" ")), "scenarios"),
    "scenario NaN": (replace(ONE_OFF, scenarios=_scenario(rate=NAN)), "scenarios"),
    "scenario negative": (replace(ONE_OFF, scenarios=_scenario(rate=Decimal(-1))), "scenarios"),
    "scenario capped on the market": (
        replace(ONE_OFF, scenarios=_scenario(cap=Decimal(1))),
        "scenarios",
    ),
    "welfare on the market": (
        replace(ONE_OFF, scenarios=_scenario(rate=Decimal(0), public_good=True)),
        "scenarios",
    ),
    "welfare that costs": (replace(CAPPED, scenarios=_scenario(public_good=True)), "scenarios"),
    "scenario above its cap": (
        replace(CAPPED, scenarios=_scenario(cap=Decimal(7999))),
        "scenarios",
    ),
    "scenario cap NaN": (replace(CAPPED, scenarios=_scenario(cap=NAN)), "cap"),
    "cap missing": (replace(CAPPED, cap=None), "cap"),
    "cap NaN": (replace(CAPPED, cap=NAN), "cap"),
    "cap below the price": (replace(CAPPED, cap=Decimal(7999)), "price"),
    "period without a maximum": (replace(CAPPED, revenue_period=Period.YEAR), "revenue_cap"),
    "maximum NaN": (replace(CAPPED, revenue_cap=NAN), "revenue_cap"),
    "bundle that takes nothing off": (
        replace(ONE_OFF, companions=(Companion(product="P-2", reduction=Decimal(0)),)),
        "companions",
    ),
    "bundle NaN": (
        replace(ONE_OFF, companions=(Companion(product="P-2", reduction=NAN),)),
        "companions",
    ),
    "renewal of a purchase": (replace(ONE_OFF, renewable=True), "renewable"),
    "notice without renewal": (replace(SUBSCRIPTION, notice_days=30), "notice_days"),
    "notice of years": (
        replace(SUBSCRIPTION, renewable=True, notice_days=1000),
        "notice_days",
    ),
    "subscription without a period": (replace(SUBSCRIPTION, period=None), "period"),
    "guarantee of years": (replace(ONE_OFF, guarantee_days=1000), "guarantee_days"),
}


@pytest.mark.parametrize(("terms", "field"), PRICES.values(), ids=PRICES)
def test_a_bad_price_is_refused(
    terms: PlanTerms, field: str, provider: Actor, at: datetime, log: Log
) -> None:
    said = in_both(
        lambda: set_plan(
            asset=FACTS.asset, terms=terms, owner=provider.organization, by=provider, at=at
        )
    )

    assert list(said) == [field]
    assert (Plan.objects.count(), log()) == (0, [])


@pytest.mark.parametrize("amount", [1.5, "NaN", "a lot", True])
def test_what_is_no_amount_never_becomes_money(amount: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="amount"):
        Money.of(amount)
