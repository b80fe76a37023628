"""Every rule of the forbidden list: one table or manual that fires it, one that just misses."""

from datetime import date
from random import Random
from typing import Any

import pytest

from exchange.compliance.grading import Determined, Manual
from exchange.compliance.measurement import values

from .scanning import ON, PACK, judge

R = Random(11)
N = 60
NAMES = [values.name(R) for _ in range(N)]
MOBILES = [values.mobile(R) for _ in range(N)]
IDS = [values.resident_id(R) for _ in range(N)]
GROWN = [values.birthday(R, 1950, 2000).isoformat() for _ in range(N)]
YOUNG = [values.birthday(R, 2014, 2025).isoformat() for _ in range(N)]
NUMBERS = [R.randint(1, 900) for _ in range(N)]
DAYS = [values.birthday(R, 2020, 2026).isoformat() for _ in range(N)]
TIMES = [f"{day} 08:15:00" for day in DAYS]
LAT = [round(R.uniform(22, 39), 6) for _ in range(N)]
LON = [round(R.uniform(103, 121), 6) for _ in range(N)]
FINE_LAT = [round(R.uniform(30, 31), 9) for _ in range(N)]
FINE_LON = [round(R.uniform(120, 121), 9) for _ in range(N)]
KEYS = [f"HY{row:05}" for row in range(N)]
DEPOTS = [f"第{row}弹药库" for row in range(N)]
RIGHTS: dict[str, Any] = {
    "source_note": "Recorded by our own gates.",
    "rights": frozenset({"HOLD", "USE", "OPERATE"}),
    "rights_stated": True,
    "scenarios": ("pricing of insurance",),
}
HARMLESS = {"n": NUMBERS, "day": DAYS}


def told(**changes: Any) -> Manual:
    """Return a complete manual with some changes."""
    return Manual(**(RIGHTS | changes))


CONTENT = {
    "R-CORE": (
        {"设施": DEPOTS, "纬度": LAT, "经度": LON},
        {"设施": [f"第{row}仓库" for row in range(N)], "纬度": LAT, "经度": LON},
    ),
    "R-SECRET": (
        {"标题": ["机密★20年 纪要", *["纪要"] * (N - 1)], "n": NUMBERS},
        {"标题": ["机密、秘密的范围", *["纪要"] * (N - 1)], "n": NUMBERS},
    ),
    "R-IMP": (
        {
            "位号": [f"站{row}.CB{row}.POS" for row in range(N)],
            "规约": ["IEC104"] * N,
            "信息体地址": NUMBERS,
            "当前值": LAT,
        },
        {
            "位号": [f"站{row}.CB{row}.POS" for row in range(N)],
            "规约": ["MQTT"] * N,
            "信息体地址": NUMBERS,
            "当前值": LAT,
        },
    ),
    "R-HGR": (
        {
            "sample_id": KEYS,
            "rsid": [f"rs{row + 1000}" for row in range(N)],
            "genotype": ["AG"] * N,
        },
        {
            "sample_id": KEYS,
            "marker": [f"ct{row + 1000}" for row in range(N)],
            "genotype": ["AG"] * N,
        },
    ),
    "R-GENE": (
        {"read": [values.dna(R) for _ in range(N)], "n": NUMBERS},
        {
            "read": ["".join(R.choices("ACDEFGHIKLMNPQRSTVWY", k=40)) for _ in range(N)],
            "n": NUMBERS,
        },
    ),
    "R-PI-RAW": (
        {"姓名": NAMES, "n": NUMBERS},
        {"品名": ["水杯", "雨伞", "台灯"] * 20, "n": NUMBERS},
    ),
    "R-SPI": (
        {"姓名": NAMES, "宗教信仰": ["佛教", "道教", "天主教"] * 20},
        {"姓名": NAMES, "n": NUMBERS},
    ),
    "R-PSEUDO": (
        {"会员编号": KEYS, "消费金额": NUMBERS, "日期": DAYS},
        {"商品编号": KEYS, "消费金额": NUMBERS, "日期": DAYS},
    ),
    "R-MINOR": (
        {"姓名": NAMES, "出生日期": YOUNG, "n": NUMBERS},
        {"姓名": NAMES, "出生日期": GROWN, "n": NUMBERS},
    ),
    "R-BIO": (
        {"用户编号": KEYS, "人脸特征": [" ".join(["0.0132"] * 64)] * N},
        {"用户编号": KEYS, "光谱": [" ".join(["0.0132"] * 64)] * N},
    ),
    "R-CRED": (
        {"姓名": NAMES, "逾期天数": NUMBERS, "n": NUMBERS},
        {"地区": ["上海", "广州"] * 30, "逾期天数": NUMBERS, "n": NUMBERS},
    ),
    "R-TRACK": (
        {"车牌": [values.plate(R) for _ in range(N)], "时间": TIMES, "纬度": LAT, "经度": LON},
        {"线路": [f"{row}路" for row in range(N)], "时间": TIMES, "纬度": LAT, "经度": LON},
    ),
    "R-GEO": (
        {
            "点号": KEYS,
            "大地纬度": FINE_LAT,
            "大地经度": FINE_LON,
            "正常高": LAT,
            "等级": ["二等"] * N,
        },
        {"点号": KEYS, "大地纬度": LAT, "大地经度": LON, "正常高": LAT, "等级": ["二等"] * N},
    ),
    "R-REID": (
        {
            "出生日期": GROWN,
            "性别": ["男", "女"] * 30,
            "邮编": [f"2000{R.randint(10, 99)}" for _ in range(N)],
            "消费金额": NUMBERS,
        },
        {
            "年龄": [30, 40] * 30,
            "性别": ["男", "男", "女", "女"] * 15,
            "邮编": ["200010", "200010", "200010", "200020"] * 15,
            "消费金额": NUMBERS,
        },
    ),
    "R-CONTENT": (
        {"帖子": ["出售枪支 联系我", "代办假证 快"] * 30, "n": NUMBERS},
        {"帖子": ["关于打击出售枪和假证的通知", "宣传"] * 30, "n": NUMBERS},
    ),
    "R-EXPORTCTRL": (
        {"eccn": ["3A001.a", "7A003"] * 30, "parameter": NUMBERS},
        {"hs code": ["85423100", "84119100"] * 30, "parameter": NUMBERS},
    ),
    "R-AUTH": (
        {"账号": KEYS, "密码": [f"Pa55-{row}!" for row in range(N)]},
        {"账号": KEYS, "密码强度": NUMBERS},
    ),
}


@pytest.mark.parametrize("rule", CONTENT)
def test_content_fires_the_rule(rule: str) -> None:
    fires, misses = CONTENT[rule]

    fired = judge(fires)
    missed = judge(misses)

    assert rule in fired.rule_ids()
    assert rule not in missed.rule_ids()
    found = next(each for each in fired.rules if each.id == rule)
    assert found.basis["zh"]
    assert found.basis["en"]
    assert found.remedy["zh"]
    assert found.remedy["en"]
    assert found.evidence


def test_many_persons_are_reviewed() -> None:
    keys = [f"HY{row:07}" for row in range(110_000)]
    fewer = keys[:90_000]
    manual = told(personal_basis="DEIDENTIFIED")

    assert (
        "R-VOLUME"
        in judge({"会员编号": keys, "a": [1] * 110_000, "b": [2] * 110_000}, manual).rule_ids()
    )
    assert judge({"会员编号": fewer, "a": [1] * 90_000, "b": [2] * 90_000}, manual).rule_ids() == []


@pytest.mark.parametrize(
    ("rule", "fires", "misses"),
    [
        (
            "R-PUB",
            told(origin="PUBLIC"),
            told(origin="PUBLIC", proofs=frozenset({"PUBLIC_AUTHORIZATION"})),
        ),
        ("R-RIGHT", told(rights=frozenset({"HOLD"})), told()),
        ("R-RIGHT", told(rights_until=ON), told(rights_until=date(2026, 11, 24))),
        ("R-SRC", told(source_note="  "), told()),
        ("R-ID", told(provider_admitted=False), told()),
        (
            "R-DISPUTE",
            told(determined=(Determined(reference="DT-1", kind="DISPUTE"),)),
            told(determined=()),
        ),
        (
            "R-RESALE",
            told(limits="依原合同，不得转售或向第三方提供"),
            told(limits="署名后方可转售"),
        ),
        ("R-RESALE", told(limits="For internal  use only."), told(limits="Internal audits.")),
        (
            "R-CRAWL",
            told(source_kind="CRAWLED_PUBLIC"),
            told(source_kind="CRAWLED_PUBLIC", proofs=frozenset({"ACCESS_TERMS"})),
        ),
    ],
)
def test_manual_fires_the_rule(rule: str, fires: Manual, misses: Manual) -> None:
    assert rule in judge(HARMLESS, fires).rule_ids()
    assert judge(HARMLESS, misses).rule_ids() == []


def test_what_is_not_stated_yet_is_noted_but_stops_nothing() -> None:
    verdict = judge(HARMLESS, Manual())

    noted = {rule.id for rule in verdict.rules if rule.action == "NOTICE"}
    assert noted == {"R-RIGHT", "R-SRC", "R-SCENE"}
    assert verdict.outcome == "CLEAR"
    assert "R-SCENE" not in {rule.id for rule in judge(HARMLESS, told()).rules}


def test_a_manual_that_speaks_of_more_than_the_content_is_noted() -> None:
    speaking = told(texts=("患者就诊记录", "区县门诊病历明细"))

    verdict = judge(HARMLESS, speaking)

    (noted,) = verdict.rules
    assert (noted.id, noted.action, noted.themes) == ("R-TEXT", "NOTICE", ("MEDICAL",))
    assert verdict.outcome == "CLEAR"
    seen = judge({"姓名": NAMES, "诊断": ["高血压", "糖尿病", "冠心病"] * 20}, speaking)
    assert seen.personal == "SENSITIVE"
    assert "R-TEXT" not in {rule.id for rule in seen.rules}
    for quiet in (("门诊量统计", "按月汇总的门诊量"), ("三要素核验", "姓名与手机号"), ()):
        assert judge(HARMLESS, told(texts=quiet)).rules == ()


def test_without_a_manual_nothing_is_asked_of_it() -> None:
    assert judge(HARMLESS).rules == ()


def test_every_rule_of_the_pack_is_proved_here() -> None:
    manual = {
        "R-TEXT",
        "R-PUB",
        "R-RIGHT",
        "R-SRC",
        "R-CRAWL",
        "R-SCENE",
        "R-ID",
        "R-DISPUTE",
        "R-RESALE",
    }
    elsewhere = {"R-FOREIGN-LE", "R-EXPORT", "R-MONO"}
    models = {  # models/test_screening.py
        *("R-MODEL-DISCLOSED", "R-MODEL-FILE", "R-MODEL-SOURCES", "R-MODEL-PERSONAL"),
        *("R-MODEL-IMPORTANT", "R-MODEL-CORE", "R-MODEL-IDLE"),
    }
    files = {"R-OPAQUE"}  # needs a file: evasion/test_listings.py

    rules = {entry["id"]: entry for entry in PACK.data["rules"]}
    assert set(rules) == set(CONTENT) | manual | elsewhere | files | models | {"R-VOLUME"}
    assert {code for code, entry in rules.items() if "enforced" in entry} == elsewhere
    assert all("when" in entry for code, entry in rules.items() if code not in elsewhere)


def test_rules_of_other_gates_say_where_they_are_asked() -> None:
    for entry in PACK.data["rules"]:
        for gate in [entry.get("enforced"), *entry.get("also_at", ())]:
            assert gate is None or (
                PACK.data["gates"][gate]["en"] and PACK.data["gates"][gate]["zh"]
            )
    assert {rule["id"] for rule in PACK.data["rules"]} >= {
        *("R-CORE", "R-SECRET", "R-IMP", "R-HGR", "R-PI-RAW", "R-SPI", "R-MINOR", "R-BIO"),
        *("R-CRED", "R-TRACK", "R-GEO", "R-PUB", "R-RIGHT", "R-SRC", "R-ID", "R-CRAWL"),
        *("R-CONTENT", "R-EXPORTCTRL", "R-FOREIGN-LE", "R-SCENE", "R-EXPORT", "R-MONO"),
    }


def test_consent_leaves_personal_information_to_review() -> None:
    columns = {"姓名": NAMES, "手机": MOBILES}

    assert judge(columns).outcome == "BLOCK"
    assert judge(columns).override == "NONE"
    with_consent = judge(columns, told(personal_basis="CONSENT"))
    assert (with_consent.outcome, with_consent.override) == ("REVIEW", "OPERATOR")
    assert judge(columns, told(personal_basis="DEIDENTIFIED")).outcome == "BLOCK"


def test_declared_deidentification_lets_pseudonymous_keys_through() -> None:
    columns = {"会员编号": KEYS, "消费金额": NUMBERS, "日期": DAYS}

    assert judge(columns).outcome == "REVIEW"
    cleared = judge(columns, told(personal_basis="DEIDENTIFIED"))
    assert (cleared.outcome, cleared.personal, cleared.level) == ("CLEAR", "PSEUDONYMOUS", 2)


def test_a_single_stray_number_is_reviewed_and_many_are_blocked() -> None:
    text = ["设备运行正常，无异常。"] * 200
    one = [*text, f"有事请拨 {MOBILES[0]}"]
    many = [*text, *[f"有事请拨 {mobile}" for mobile in MOBILES]]

    assert (judge({"t": one, "n": range(201)}).outcome, judge({"t": one}).override) == (
        "REVIEW",
        "OPERATOR",
    )
    assert judge({"t": many}).outcome == "BLOCK"


def test_a_single_stray_identity_number_is_blocked() -> None:
    text = ["设备运行正常，无异常。"] * 200

    assert judge({"t": [*text, f"操作人 {IDS[0]}"]}).outcome == "BLOCK"
