"""R-SCENE: no concrete scenario, no trade; and nothing that the provider does not permit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.rulebook.queries import get_pack
from exchange.parties.models import Organization
from exchange.trading.models import Order
from exchange.trading.scenario import why_not_concrete, words_in
from exchange.trading.services import place_order

from .making import SCENARIO, Floor, fund, make_listing

Log = Callable[[], list[tuple[str, str]]]


@pytest.mark.parametrize(
    "purpose",
    [
        "research",
        "For internal use and analysis",
        "Any purpose, to be determined",
        "内部使用",
        "数据分析与研究使用",
        "用于业务需要和其他用途",
        "测试测试测试测试测试",
        "................................",
    ],
)
def test_a_phrase_is_no_scenario(purpose: str, at: datetime) -> None:
    assert why_not_concrete(purpose, get_pack("trading", on=at.date()).data) is not None


@pytest.mark.parametrize(
    "purpose",
    [
        "Predict departure delays to price travel insurance by route.",
        "优化城市冷链配送的夜间路线",
        "校准本公司华东区域门店选址模型",
        "Train staff rosters of our six airport lounges",
    ],
)
def test_a_scenario_says_what_is_done(purpose: str, at: datetime) -> None:
    assert why_not_concrete(purpose, get_pack("trading", on=at.date()).data) is None


def test_words_are_counted_in_both_scripts() -> None:
    assert words_in("预测 delay 时间, by route") == 7
    assert words_in("") == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": ""}, "scenario.purpose"),
        ({"purpose": None}, "scenario.purpose"),
        ({"purpose": 7}, "scenario.purpose"),
        ({"purpose": "x" * 1001}, "scenario.purpose"),
        ({"purpose": "a\x00b"}, "scenario.purpose"),
        ({"purpose": "a\ud800b"}, "scenario.purpose"),
        ({"region": ""}, "scenario.region"),
        ({"term_days": 0}, "scenario.term_days"),
        ({"term_days": "90"}, "scenario.term_days"),
        ({"term_days": True}, "scenario.term_days"),
        ({"term_days": 10**12}, "scenario.term_days"),
        ({"resale": "no"}, "scenario.resale"),
        ({"use": "something else"}, "scenario.use"),
        ({"price": "0.01"}, "scenario.price"),
    ],
)
def test_a_wrong_scenario_is_named_by_field(
    floor: Floor, log: Log, change: dict[str, Any], field: str
) -> None:
    start = len(log())

    with pytest.raises(Invalid) as refused:
        floor.place(scenario=SCENARIO | change)

    assert list(refused.value.fields) == [field]
    assert (Order.objects.count(), log()[start:]) == (0, [])


def test_a_scenario_is_an_object(floor: Floor) -> None:
    with pytest.raises(Invalid):
        floor.place(scenario=["purpose"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"purpose": "internal use"}, "R-SCENE"),
        ({"purpose": "Credit scoring of small airlines by their delays and routes"}, "forbids"),
        ({"subject": "Everybody Ltd."}, "Only the paying organization"),
        ({"term_days": 1831}, "at most 1830 days"),
        ({"delete_after_term": False}, "deleted"),
        ({"resale": True}, "passed on"),
        ({"export": True}, "leaves the mainland"),
        ({"purpose": "回应外国法院关于航班延误赔偿案件的证据要求"}, "R-FOREIGN-LE"),
        ({"purpose": "Answer a grand jury subpoena about delays of flights"}, "R-FOREIGN-LE"),
    ],
)
def test_what_the_provider_does_not_permit_is_refused_in_words(
    floor: Floor, log: Log, change: dict[str, Any], reason: str
) -> None:
    start = len(log())

    with pytest.raises(NotAllowed, match=reason):
        floor.place(scenario=SCENARIO | change)

    assert (Order.objects.count(), log()[start:]) == (0, [])


@pytest.mark.parametrize(
    ("manual", "rights", "change", "refused"),
    [
        ({"users": "GROUP"}, {}, {"subject": "Everybody Ltd."}, False),
        ({}, {}, {"subject": "Buyer Ltd., logistics department"}, False),
        ({"time_limit": "DAYS", "time_limit_days": 30}, {}, {"term_days": 30}, False),
        ({"time_limit": "DAYS", "time_limit_days": 30}, {}, {"term_days": 31}, True),
        ({"time_limit": "REAL_TIME"}, {}, {"term_days": 2}, True),
        ({"use_region": "上海市"}, {}, {"region": "上海市浦东新区"}, False),
        ({"use_region": "上海市"}, {}, {"region": "北京市"}, True),
        ({"time_limit": "UNLIMITED", "retention": "KEEP"}, {}, {"delete_after_term": False}, False),
        ({"retention": "KEEP"}, {}, {"delete_after_term": False}, True),
        ({"resale": "YES"}, {"may_resell": True}, {"resale": True}, False),
        ({"resale": "YES"}, {"may_resell": False}, {"resale": True}, True),
        ({"export": "YES"}, {}, {"export": True}, False),
        (
            {"scenarios_allowed": ["insurance", "logistics"]},
            {},
            {"use": "logistics"},
            False,
        ),
    ],
)
def test_the_manual_and_the_rights_decide(
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    at: datetime,
    manual: dict[str, Any],
    rights: dict[str, Any],
    change: dict[str, Any],
    refused: bool,  # noqa: FBT001
) -> None:
    product = make_listing(provider_org, provider, at, manual=manual, rights=rights)
    fund(buyer.organization, "1000.00", at)
    scenario = SCENARIO | change

    if refused:
        with pytest.raises(NotAllowed):
            place_order(product=product, scenario=scenario, by=buyer, at=at)
    else:
        order = place_order(product=product, scenario=scenario, by=buyer, at=at)
        assert order.scenario.items() >= change.items()


def test_a_court_at_home_is_no_foreign_authority(floor: Floor) -> None:
    purpose = "Compute compensation for delays as the court of Pudong district asked of us"

    assert floor.place(scenario=SCENARIO | {"purpose": purpose}).status == "PLACED"


def test_personal_information_does_not_leave(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at, manual={"export": "YES"})
    product.releases.update(personal="PSEUDONYMOUS")

    away = SCENARIO | {"export": True, "access_places": ["ABROAD"]}
    with pytest.raises(NotAllowed, match="R-EXPORT-CONSENT"):
        place_order(product=product, scenario=away, by=buyer, at=at)


def test_several_permitted_scenarios_have_to_be_chosen_from(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    manual = {"scenarios_allowed": ["insurance", "logistics"]}
    product = make_listing(provider_org, provider, at, manual=manual)

    with pytest.raises(Invalid, match="insurance; logistics"):
        place_order(product=product, scenario=SCENARIO, by=buyer, at=at)
