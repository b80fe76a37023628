"""The algorithm of grading: catalogues, core criteria, levels, derived data, next review."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from exchange.compliance.grading import Verdict
from exchange.compliance.measurement import values
from exchange.compliance.reasoning import WORDS
from exchange.compliance.statements import Manual

from .scanning import ON, PACK, judge

R = Random(41)
N = 60
NUMBERS = [R.randint(100, 900) for _ in range(N)]
PLACE = {
    "纬度": [round(R.uniform(22, 39), 6) for _ in range(N)],
    "经度": [round(R.uniform(103, 121), 6) for _ in range(N)],
}
NAMES = [values.name(R) for _ in range(N)]
KEYS = [f"HY{row:05}" for row in range(N)]
PERSONS = {"姓名": NAMES, "消费金额": NUMBERS}
PSEUDONYMOUS = {"会员编号": KEYS, "消费金额": NUMBERS, "日期": ["2026-01-02"] * N}
SITES = {"单位": [f"第{row}看守所" for row in range(N)], **PLACE}


def steps(verdict: Verdict, code: str) -> list[Any]:
    """Return the steps of one code."""
    return [each for each in verdict.steps if each.code == code]


@pytest.mark.parametrize(
    ("catalog", "columns", "listed", "other"),
    [
        ("AUTO-1", SITES, Manual(sector="TRANSPORT"), Manual(sector="CULTURE")),
        (
            "GEO-1",
            {"管径": NUMBERS, "埋深": NUMBERS, **PLACE},
            Manual(sector="URBAN"),
            Manual(sector="FINANCE"),
        ),
        (
            "INDUSTRY-1",
            {"系统": [f"电力调度 {n}" for n in range(N)], "负荷": NUMBERS},
            Manual(industry="D"),
            Manual(industry="P"),
        ),
        (
            "FINANCE-5",
            {"系统": [f"大额支付 清算系统 {n}" for n in range(N)], "交易笔数": NUMBERS},
            Manual(industry="J"),
            Manual(industry="R"),
        ),
        (
            "AUTO-5",
            {
                "VIN": [values.vin(R) for _ in range(110_000)],
                "a": [1] * 110_000,
                "b": [2] * 110_000,
            },
            Manual(sector="TRANSPORT"),
            Manual(sector="ENERGY"),
        ),
    ],
)
def test_catalogues_list_by_sector_and_content(
    catalog: str, columns: dict[str, Any], listed: Manual, other: Manual
) -> None:
    found = judge(columns, listed)

    (step,) = steps(found, "CATALOG")
    assert step.rules == (catalog,)
    assert found.grade == "IMPORTANT"
    assert not steps(judge(columns, other), "CATALOG")
    assert not steps(judge(columns), "CATALOG")


def test_every_catalogue_and_criterion_of_the_pack_is_proved_here() -> None:
    (mark,) = test_catalogues_list_by_sector_and_content.pytestmark  # type: ignore[attr-defined]  # pytest's

    assert {each["id"] for each in PACK.data["catalogs"]} == {case[0] for case in mark.args[1]}
    assert {each["id"] for each in PACK.data["core"]} == {"CORE-SCALE"}


def test_a_criterion_of_core_data_is_met_by_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"病历号": [f"B{n:06}" for n in range(10_100)], "诊断": ["高血压"] * 10_100}
    assert judge(table).grade == "IMPORTANT"

    monkeypatch.setitem(PACK.data["core"][0], "persons_from", 10_000)

    verdict = judge(table)
    assert verdict.grade == "CORE"
    assert steps(verdict, "CORE_CRITERION")[0].rules == ("CORE-SCALE",)
    assert "R-CORE" in verdict.rule_ids()


@pytest.mark.parametrize(
    ("processing", "columns", "level", "code"),
    [
        ("", PSEUDONYMOUS, 2, None),
        ("RAW", PSEUDONYMOUS, 2, None),
        ("MASKED", PSEUDONYMOUS, 2, "DERIVED"),
        ("MASKED", PERSONS, 2, "DERIVED_REFUSED"),
        ("TAG", {"n": NUMBERS}, 2, "DERIVED"),
        ("STATISTIC", {"n": NUMBERS}, 1, "DERIVED"),
        ("STATISTIC", PSEUDONYMOUS, 2, "DERIVED_REFUSED"),
        ("FUSED", PSEUDONYMOUS, 2, "DERIVED"),
        ("FUSED", {"姓名": NAMES, "手机": [values.mobile(R) for _ in range(N)],
                   "月薪": NUMBERS, "学历": ["本科", "硕士"] * 30,
                   "微信号": [f"wx_{n}abc" for n in range(N)]}, 3, "DERIVED"),
        ("MASKED", {"账号": KEYS, "密码": [f"Pa55-{n}!" for n in range(N)]}, 2, "DERIVED"),
    ],
)  # fmt: skip
def test_derived_data_by_annex_i(
    processing: str, columns: dict[str, Any], level: int, code: str | None
) -> None:
    verdict = judge(columns, Manual(processing=processing))

    told = steps(verdict, "DERIVED") + steps(verdict, "DERIVED_REFUSED")
    assert verdict.level == level
    assert [each.code for each in told] == ([code] if code else [])


def test_derivation_never_lowers_important_data() -> None:
    verdict = judge(SITES, Manual(processing="MASKED"))

    assert (verdict.grade, verdict.level) == ("IMPORTANT", 4)
    assert not steps(verdict, "DERIVED")


@pytest.mark.parametrize(("columns", "grade"), [({"n": NUMBERS}, "GENERAL"), (SITES, "IMPORTANT")])
def test_the_day_of_the_next_grading(columns: dict[str, Any], grade: str) -> None:
    verdict = judge(columns)

    assert verdict.grade == grade
    assert verdict.review_due == ON + timedelta(days=PACK.data["review"][grade])
    assert verdict.steps[-1].result == verdict.review_due.isoformat()


def test_steps_speak_both_languages_and_name_columns() -> None:
    verdict = judge(SITES | {"姓名": NAMES}, Manual(sector="TRANSPORT", processing="MASKED"))

    codes = [each.code for each in verdict.steps]
    assert codes == [
        *("PERSONAL", "MATRIX", "MATRIX", "ANNEX_G", "CATALOG", "ITEM_MAXIMUM", "LEVEL"),
        "REVIEW_DUE",
    ]
    for each in verdict.steps:
        assert each.en
        assert each.zh
        assert not set("{}") & set(each.en + each.zh)
        assert not any(word in each.zh for word in WORDS)
    maximum = steps(verdict, "ITEM_MAXIMUM")[0]
    assert set(maximum.columns) == {"单位", "纬度"}
    assert verdict.items["单位"] == "IMPORTANT"
    assert verdict.items["姓名"] == "GENERAL"


LYING = [
    (
        {
            "a": [f"P{row:05}" for row in range(N)],
            "b": [("I10", "E11.9", "J45.901", "K29.5")[row % 4] for row in range(N)],
            "c": [("男", "女")[row % 2] for row in range(N)],
            "xingming": NAMES,
        },
        "MEDICAL",
    ),
    ({"a": NAMES, "b": ["高血压", "糖尿病", "胃炎"] * 20}, "MEDICAL"),
    (
        {"f1": NAMES, "f2": ["type 2 diabetes", "asthma", "hypertension"] * 20},
        "MEDICAL",
    ),
    ({"a": [values.resident_id(R) for _ in range(N)], "b": NUMBERS}, "IDENTIFIED"),
    (
        {
            "nianling": [30 + n % 9 for n in range(N)],
            "xb": ["男", "女"] * 30,
            "zhenduan": ["高血压", "胃炎"] * 30,
        },
        "MEDICAL",
    ),
]


@pytest.mark.parametrize(("columns", "theme"), LYING)
def test_content_is_found_whatever_the_headers_say(columns: dict[str, Any], theme: str) -> None:
    assert theme in {each.code for each in judge(columns).themes}


@pytest.mark.parametrize(
    "columns",
    [
        {"身份证号": [f"SKU-{row:05}-{row % 7}" for row in range(N)], "库存": NUMBERS},
        {"诊断": ["轴承磨损", "皮带松动", "正常"] * 20, "设备": [f"泵{n}" for n in range(N)]},
        {"手机号": [f"第{n}号楼" for n in range(N)], "n": NUMBERS},
        {"民族": ["乙烯", "丙烯", "丁烯"] * 20, "宗教信仰": NUMBERS},
        {"姓名": ["水杯A", "雨伞B", "台灯C"] * 20, "n": NUMBERS},
        {"b": ["A10", "B20", "C30", "D40"] * 15, "货架": NUMBERS},
        {"基因型": ["高配", "低配"] * 30, "n": NUMBERS},
        {"逾期天数": NUMBERS, "门店": [f"{n}店" for n in range(N)]},
    ],
)
def test_headers_alone_find_nothing_about_persons(columns: dict[str, Any]) -> None:
    verdict = judge(columns)

    assert (verdict.personal, verdict.outcome) == ("NONE", "CLEAR")
