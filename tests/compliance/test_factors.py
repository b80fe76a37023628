"""Factors of Annex G: for each hook one table that meets it and one that just misses."""

from random import Random
from typing import Any

import pytest

from exchange.compliance.measurement import values
from exchange.compliance.statements import Determined, Manual

from .scanning import PACK, judge

R = Random(31)
N = 60
NUMBERS = [R.randint(100, 900) for _ in range(N)]
LAT = [round(R.uniform(22, 39), 6) for _ in range(N)]
LON = [round(R.uniform(103, 121), 6) for _ in range(N)]
COARSE = {"纬度": [round(x, 1) for x in LAT], "经度": [round(x, 1) for x in LON]}
PLACE = {"纬度": LAT, "经度": LON}
TIMES = [f"2026-0{row % 9 + 1}-1{row % 9} 08:00:00" for row in range(N)]
KEYS = [f"K{row:05}" for row in range(N)]
NAMES = [values.name(R) for _ in range(N)]


def some(*texts: str) -> list[str]:
    """Return a column that goes through the texts in turn, each with its number."""
    return [f"{texts[row % len(texts)]} {row}" for row in range(N)]


Tables = tuple[dict[str, Any], dict[str, Any]]

HOOKS: dict[str, tuple[str, Tables]] = {
    "TERRITORY": (
        "G-a",
        ({"点名": some("国界界碑", "领海基点"), **PLACE}, {"点名": some("村界", "路口"), **PLACE}),
    ),
    "MILITARY_SITE": (
        "G-b",
        ({"名": some("弹药库", "雷达站"), **PLACE}, {"名": some("雷达站遗址公园"), **PLACE}),
    ),
    "STRATEGIC_RESERVE": (
        "G-b",
        (
            {"品名": some("国家储备 原油", "储备粮"), "库存吨": NUMBERS},
            {"品名": some("门店 原油", "散装粮"), "库存吨": NUMBERS},
        ),
    ),
    "CORE_OPERATION": (
        "G-c",
        (
            {"系统": some("电力调度 一区", "支付清算 二区"), "负荷": NUMBERS},
            {"系统": some("考勤 一区", "报销 二区"), "负荷": NUMBERS},
        ),
    ),
    "HERITAGE": (
        "G-d",
        (
            {"编号": some("古墓葬 未发掘", "古遗址"), **PLACE},
            {"编号": some("古遗址博物馆", "古墓纪念馆"), **PLACE},
        ),
    ),
    "PROTECTED_SITE": (
        "G-e",
        (
            {"单位": some("第一监狱", "国库 金库"), **PLACE},
            {"单位": some("第一监狱", "国库 金库"), **COARSE},
        ),
    ),
    "KEY_TARGET": (
        "G-e",
        (
            {"目标": some("水利枢纽", "看守所"), "附件": some("安防布局 图", "巡逻路线 图")},
            {"目标": some("水利枢纽", "看守所"), "附件": some("年报 表", "招标 表")},
        ),
    ),
    "PIPELINE": (
        "G-e",
        (
            {"管径": NUMBERS, "埋深": NUMBERS, **PLACE},
            {"管径": NUMBERS, "单价": NUMBERS, **PLACE},
        ),
    ),
    "EXPORT_CONTROLLED": (
        "G-f",
        (
            {"eccn": ["3A001.a", "7A003"] * 30, "parameter": NUMBERS},
            {"hs code": ["85423100", "84119100"] * 30, "parameter": NUMBERS},
        ),
    ),
    "INDUSTRIAL_CONTROL": (
        "G-g",
        (
            {
                "位号": [f"站{row}.CB{row}.POS" for row in range(N)],
                "规约": ["IEC104"] * N,
                "信息体地址": NUMBERS,
            },
            {
                "位号": [f"站{row}.CB{row}.POS" for row in range(N)],
                "规约": ["MQTT"] * N,
                "信息体地址": NUMBERS,
            },
        ),
    ),
    "NETWORK": (
        "G-g",
        (
            {"ip": [f"10.0.3.{row}" for row in range(N)], "主机名": KEYS, "上联": KEYS},
            {"ip": [f"8.8.3.{row}" for row in range(N)], "主机名": KEYS, "上联": KEYS},
        ),
    ),
    "NETWORK_LINES": (
        "G-g",
        (
            {
                "line": some(
                    "interface GigabitEthernet0/0/", "snmp-server community x", "vlan batch"
                )
            },
            {"line": some("interface of the lake", "community garden", "a batch of tea")},
        ),
    ),
    "ATTACK": (
        "G-h",
        (
            {"名称": some("某系统零日", "反弹shell 工具"), "版本": NUMBERS, "评级": NUMBERS},
            {"名称": some("CVE-2024-3094 公告"), "版本": NUMBERS, "评级": NUMBERS},
        ),
    ),
    "GUARDED_CUSTOMERS": (
        "G-h",
        (
            {"客户名称": some("某部队", "市公安局"), "型号": NUMBERS, "数量": NUMBERS},
            {"客户名称": some("某商场", "市图书馆"), "型号": NUMBERS, "数量": NUMBERS},
        ),
    ),
    "ENVIRONMENT": (
        "G-i",
        (
            {"站号": KEYS, "观测时间": TIMES, "土壤含水率": NUMBERS, **PLACE},
            {"站号": KEYS, "观测时间": TIMES, "土壤含水率": NUMBERS, **COARSE},
        ),
    ),
    "RESERVES": (
        "G-j",
        (
            {"矿区": some("甲稀土矿", "乙锂矿"), "查明资源量": NUMBERS},
            {"矿区": some("甲稀土矿", "乙锂矿"), "门票价": NUMBERS},
        ),
    ),
    "FARMLAND": (
        "G-j",
        (
            {"图斑": some("永久基本农田", "水浇地"), **PLACE},
            {"图斑": some("住宅", "商铺"), **PLACE},
        ),
    ),
    "NUCLEAR": (
        "G-k",
        (
            {"物项": some("六氟化铀", "乏燃料"), "数量": NUMBERS},
            {"物项": some("氧化铝", "燃料油"), "数量": NUMBERS},
        ),
    ),
    "SEA_LANE": (
        "G-l",
        (
            {"mmsi": [412000000 + row for row in range(N)], "货物": some("军火", "放射源")},
            {"mmsi": [412000000 + row for row in range(N)], "货物": some("大豆", "铁皮")},
        ),
    ),
    "EXPEDITION": (
        "G-m",
        (
            {"站位": some("多金属结核", "海底热液"), **PLACE},
            {"站位": some("南极主题公园", "北极主题酒店"), **PLACE},
        ),
    ),
    "PATHOGEN": (
        "G-n",
        (
            {"名": some("炭疽 株", "埃博拉 株"), "菌种编号": KEYS},
            {"名": some("乳酸菌 株", "酵母 株"), "菌种编号": KEYS},
        ),
    ),
    "HUMAN_GENETIC": (
        "G-n",
        (
            {"rsid": [f"rs{row + 1000}" for row in range(N)], "genotype": ["A/G"] * N},
            {"marker": [f"m{row + 1000}" for row in range(N)], "genotype": ["A/G"] * N},
        ),
    ),
    "DNA_PROFILE": (
        "G-n",
        (
            {"样本编号": KEYS, "D3S1358": ["15,16"] * N, "vWA": ["17,18"] * N, "TH01": ["9.3"] * N},
            {"样本编号": KEYS, "D3S1": ["15,16"] * N, "vW": ["17,18"] * N, "TH": ["9.3"] * N},
        ),
    ),
    "SURVEY_CONTROL": (
        "G-b",
        (
            {
                "点号": KEYS,
                "大地纬度": [round(R.uniform(30, 31), 9) for _ in range(N)],
                "大地经度": [round(R.uniform(120, 121), 9) for _ in range(N)],
                "等级": ["二等"] * N,
            },
            {"点号": KEYS, "大地纬度": LAT, "大地经度": LON, "等级": ["二等"] * N},
        ),
    ),
    "UNPUBLISHED_STATISTICS": (
        "G-o",
        (
            {
                "指标": some("地区生产总值", "工业增加值"),
                "值": NUMBERS,
                "发布日期": ["2026-12-15"] * N,
            },
            {
                "指标": some("地区生产总值", "工业增加值"),
                "值": NUMBERS,
                "发布日期": ["2026-11-15"] * N,
            },
        ),
    ),
    "GROUP_HEALTH": (
        "G-p",
        (
            {"病历号": [f"B{row:06}" for row in range(10_100)], "诊断": ["高血压"] * 10_100},
            {"病历号": [f"B{row:06}" for row in range(9_000)], "诊断": ["高血压"] * 9_000},
        ),
    ),
    "DRUG_TRIAL": (
        "G-p",
        (
            {
                "受试者编号": [f"S{row:04}" for row in range(520)],
                "组别": ["安慰剂", "试验组"] * 260,
            },
            {
                "受试者编号": [f"S{row:04}" for row in range(480)],
                "组别": ["安慰剂", "试验组"] * 240,
            },
        ),
    ),
}


@pytest.mark.parametrize("code", HOOKS)
def test_factor_of_annex_g(code: str) -> None:
    factor, (meets, misses) = HOOKS[code]

    met = judge(meets)
    missed = judge(misses)

    assert code in {theme.code for theme in met.themes}
    assert met.grade in {"IMPORTANT", "CORE"}
    assert met.outcome == "BLOCK"
    (step,) = [each for each in met.steps if each.code == "ANNEX_G" and code in each.rules]
    assert step.rules[0] == factor
    assert step.columns
    assert code not in {theme.code for theme in missed.themes}
    assert factor not in {rule for each in missed.steps for rule in each.rules}
    assert missed.grade == "GENERAL"


@pytest.mark.parametrize("factor", ["G-q", "G-r"])
def test_factors_that_no_content_shows_are_determined_by_a_reviewer(factor: str) -> None:
    found = Determined(reference="DT-1", kind="FACTOR", code=factor)

    verdict = judge({"n": NUMBERS}, Manual(determined=(found,)))

    assert PACK.data["factors"][factor]["hook"] == "MANUAL"
    assert verdict.grade == "IMPORTANT"
    assert "R-IMP" in verdict.rule_ids()
    assert judge({"n": NUMBERS}, Manual()).grade == "GENERAL"


def test_every_factor_of_the_annex_is_proved_here() -> None:
    by_content = {entry["factor"] for entry in PACK.data["themes"].values() if "factor" in entry}
    hooked = {code for code, entry in PACK.data["themes"].items() if "factor" in entry}

    assert hooked == set(HOOKS)
    assert by_content | {"G-q", "G-r"} == set(PACK.data["factors"])
    assert len(PACK.data["factors"]) == 18


@pytest.mark.parametrize("code", ["ENVIRONMENT", "RESERVES"])
def test_an_open_source_takes_the_factor_away(code: str) -> None:
    _, (meets, _) = HOOKS[code]
    manual = Manual(origin="PUBLIC", proofs=frozenset({"LICENSE"}))

    verdict = judge(meets, manual)

    assert verdict.grade == "GENERAL"
    assert "ANNEX_G_RELIEVED" in {each.code for each in verdict.steps}
    assert judge(meets, Manual(origin="PUBLIC")).grade == "IMPORTANT"
