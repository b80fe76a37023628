"""Listings as files tell them: prices read or refused, owners recognized, hostile rows left out."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.measurement.backtest import Protocol, backtest
from pricing.measurement.listings import (
    BadListings,
    Listing,
    count_faults,
    one_owner_for_one_text,
    owner_of,
    read_listings,
    read_price,
)

from .listing_rows import NOUNS, known_law, row_of


@pytest.mark.parametrize(
    ("cell", "text", "price", "fault"),
    [
        ("0.09", "", "0.09", ""),
        ("１,０００", "1,000元", "1000", ""),
        ("1e3", "", "1000", ""),
        ("", "面议", None, "no_price"),
        ("0.0", "免费", None, "free"),
        ("-5", "", None, "price_negative"),
        ("NaN", "", None, "price_not_a_number"),
        ("inf", "", None, "price_not_a_number"),
        ("1e400", "", None, "price_not_a_number"),
        ("9" * 400, "", None, "price_not_a_number"),
        ("面议", "", None, "price_not_a_number"),
        ("1e20", "", None, "price_out_of_range"),
        ("5", "5 USD/次", None, "other_currency"),
        ("5", "5欧元", None, "other_currency"),
    ],
)
def test_a_price_is_read_or_refused(cell: str, text: str, price: str | None, fault: str) -> None:
    assert read_price(cell, text) == (None if price is None else Decimal(price), fault)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("北京宝华科技有限公司", "北京宝华科技有限公司 ", True),
        ("医渡云（北京）技术有限公司", "医渡云(北京)技术有限公司", True),
        ("中国联合网络通信有限公司", "中国联合网络通信有限公司贵州省分公司", True),
        ("北京派可数据科技有限公司", "北京派可数据科技有限", True),
        ("北京宝华科技有限公司", "北京宝兰科技有限公司", False),
    ],
)
def test_one_company_under_several_names(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (owner_of(one) == owner_of(other)) == same


def test_providers_with_one_long_text_are_one(write: Callable[..., Path]) -> None:
    text = (
        "本产品依托全国企业公开信息，经清洗、关联与建模后形成，"
        "可用于贷前审核、供应商准入、风险监测等多种业务场景。"
    )
    rows = [
        row_of(title="甲", provider="甲公司", description=text),
        row_of(title="乙", provider="乙公司", description=text + "！"),
        row_of(title="丙", provider="丙公司", description="短"),
        row_of(title="丁", provider="丁公司", description="短"),
    ]

    owners = [one.owner for one in one_owner_for_one_text(read_listings(write(rows)))]

    assert owners[0] == owners[1]
    assert len(set(owners)) == 3


def test_hostile_rows_are_left_out_with_their_reason(write: Callable[..., Path]) -> None:
    rows = known_law()
    hostile = [
        row_of(title="a", price_cny="0"),
        row_of(title="a", price_cny="=1+1"),
        row_of(title="", provider="p"),
        row_of(title="a", platform=""),
        row_of(title="a", unit="", price_mode=""),
        row_of(title="\x00", provider="p"),
        row_of(title="a" * 100_000, description="b" * 100_000, size_bytes="1e99", provider="q"),
    ]
    listings = read_listings(write(rows + hostile))

    assert count_faults(listings) == {
        "free": 1,
        "no_exchange": 1,
        "no_title": 2,
        "no_unit": 1,
        "price_not_a_number": 1,
    }
    outcomes = backtest(listings, Protocol.PROVIDER, minimum=3)
    assert len(outcomes) == len(rows) + 1
    assert outcomes[-1].refusal == "nothing_alike"


def _refusals(known: list[Listing], asked: list[Listing], protocol: Protocol) -> list[str]:
    return [one.refusal for one in backtest(known, protocol, minimum=3, held_out=asked)]


def test_every_refusal_has_its_reason(write: Callable[..., Path]) -> None:
    known = read_listings(write(known_law()))
    asked = read_listings(
        write(
            [
                row_of(title=NOUNS[0], provider="", description="x"),
                row_of(title="zzz", provider="新公司"),
                row_of(title=NOUNS[0], provider="新公司", platform="mars"),
                row_of(title=NOUNS[0], provider="新公司", unit="光年"),
            ],
            "asked.csv",
        )
    )
    lone = read_listings(write(known_law(providers=1), "lone.csv"))
    few = read_listings(write(known_law(providers=2, each=2), "few.csv"))

    assert _refusals(known, asked, Protocol.PROVIDER) == [
        "provider_unnamed",
        "nothing_alike",
        "exchange_without_prices",
        "no_comparable_of_unit",
    ]
    assert set(_refusals(lone, lone, Protocol.PROVIDER)) == {"only_own_listings"}
    assert set(_refusals(few, few, Protocol.PROVIDER)) == {"too_few_comparables"}
    assert set(_refusals(lone, lone, Protocol.LISTING)) == {"too_few_to_learn_from"}


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    latin, bare = tmp_path / "latin.csv", tmp_path / "bare.csv"
    latin.write_bytes(b"platform,title\n\xff\xfe,\n")
    bare.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(BadListings, match="UTF-8"):
        read_listings(latin)
    with pytest.raises(BadListings, match="platform, title, provider"):
        read_listings(bare)
