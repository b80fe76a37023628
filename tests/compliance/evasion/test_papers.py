"""The rarer identifiers: each found, and not found where one thing is wrong."""

from random import Random

import pytest

from exchange.compliance.measurement import values
from tests.compliance.scanning import entities, find

MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("landline", "021-61234567"),
        ("landline", "0755 26123456"),
        ("organization_code", "60003734-1"),
        ("ipv6", "2001:db8::8a2e:370:7334"),
        ("ipv6", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
        ("officer_id", "军字第1234567号"),
        ("property_deed", "沪(2019)静安区不动产权第0012345号"),
        ("military_plate", "WJ京1234X"),
        ("passport_mrz", MRZ),
        ("imsi", "460001234567890"),
        ("iccid", "89860012345678901236"[:19]),
        ("imei", "490154203237518"),
    ],
)
def test_is_found_in_a_sentence(kind: str, value: str) -> None:
    if kind == "iccid":
        value = next(v for v in (value[:18] + str(d) for d in range(10)) if "iccid" in find(v))

    assert find(value)[kind] == [value]
    assert find(f"备注：{value}，已核对。")[kind] == [value]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("landline", "020-11234567"),
        ("landline", "026-61234567"),
        ("landline", "2024-61234567"),
        ("organization_code", "60003734-2"),
        ("organization_code", "2024-05-01-1"),
        ("ipv6", "12:30:45:10"),
        ("ipv6", "00:1A:2B:3C:4D:5E"),
        ("officer_id", "（2021）民初字第00123号"),
        ("officer_id", "沪金字第00123号"),
        ("property_deed", "不动产权属证明"),
        ("military_plate", "WJ-40 号泵"),
        ("passport_mrz", MRZ.replace("L898902C36", "L898902C37")),
        ("imsi", "461001234567890"),
        ("iccid", "8986001234567890123"),
        ("imei", "490154203237519"),
    ],
)
def test_is_not_found_when_one_thing_is_wrong(kind: str, value: str) -> None:
    assert kind not in find(value)


@pytest.mark.parametrize(
    ("header", "pattern", "code"),
    [
        ("台胞证号", "########", "taiwan_permit"),
        ("澳门身份证", "1######(#)", "macau_id"),
        ("银行账号", "#################", "bank_account"),
        ("联行号", "############", "bank_code"),
        ("外国人永久居留证", "USA############", "foreign_card"),
        ("社保卡号", "##########", "social_security_no"),
        ("驾驶证档案编号", "############", "driving_file"),
        ("登录IP", "2001:db8::a#:b#", "client_ip"),
        ("用户ID", "u######", "pseudonymous_id"),
        ("通行证号", "H########", "passport"),
        ("往来港澳通行证", "CA#######", "passport"),
        ("meid", "A0000049######", "device_id"),
    ],
)
def test_a_name_and_the_form_together(header: str, pattern: str, code: str) -> None:
    rng = Random(header)
    cells = ["".join(values.digits(rng, 1) if c == "#" else c for c in pattern) for _ in range(40)]

    assert code in entities({header: cells})[header]
    assert code not in entities({"规格": cells}).get("规格", set())
    assert code not in entities({header: ["无", "未登记", "待补"] * 10}).get(header, set())


def test_a_business_number_has_a_check_digit() -> None:
    assert entities({"注册号": ["110108000000016"] * 3})["注册号"] == {"business_number"}
    assert "注册号" not in entities({"注册号": ["110108000000017"] * 3})
