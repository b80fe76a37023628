"""Unsalted digests of mobiles and identity numbers stand for persons, with nothing beside them."""

from hashlib import md5, sha256
from random import Random

import pytest

from exchange.compliance.measurement import values

from .scanning import entities, judge

R = Random(20261101)
N = 60
MOBILES = [values.mobile(R) for _ in range(N)]
IDS = [values.resident_id(R) for _ in range(N)]
BY_MD5 = [md5(each.encode(), usedforsecurity=False).hexdigest() for each in MOBILES]
BY_SHA256 = [sha256(each.encode()).hexdigest() for each in IDS]


@pytest.mark.parametrize(
    ("header", "digests"),
    [
        ("手机号MD5", BY_MD5),
        ("mobile_md5", BY_MD5),
        ("phone_hash", [each.upper() for each in BY_MD5]),
        ("身份证号摘要", BY_SHA256),
        ("id_card_sha256", BY_SHA256),
    ],
)
def test_a_lone_column_of_digests_under_such_a_name_is_about_persons(
    header: str, digests: list[str]
) -> None:
    alone, beside = judge({header: digests}), judge({header: digests, "耗时": range(N)})

    assert (alone.outcome, alone.personal, alone.level) == ("REVIEW", "PSEUDONYMOUS", 2)
    assert [rule.id for rule in alone.rules] == ["R-PSEUDO"]
    assert (beside.outcome, beside.personal) == ("REVIEW", "PSEUDONYMOUS")


def test_digests_that_repeat_for_the_same_persons_are_counted_once() -> None:
    assert judge({"mobile_md5": BY_MD5[:20] * 3}).personal == "PSEUDONYMOUS"
    assert judge({"mobile_md5": BY_MD5[:19] * 3}).personal == "NONE"


@pytest.mark.parametrize(
    "header",
    [
        *("sha256", "md5", "commit", "etag", "checksum", "摘要", "文件校验值", "content_hash"),
        *("手机固件MD5", "phone_firmware_sha256", "user_avatar_etag", "证件文件校验和"),
        *("mobile_apk_md5", "手机型号哈希"),
    ],
)
def test_checksums_of_things_are_no_persons(header: str) -> None:
    for digests in (BY_MD5, BY_SHA256):
        for columns in ({header: digests}, {header: digests, "耗时": range(N)}):
            assert entities(columns) == {}
            assert (judge(columns).outcome, judge(columns).personal) == ("CLEAR", "NONE")


def test_keys_of_ones_own_with_nothing_beside_them_stay_harmless() -> None:
    assert judge({"会员编号": [f"HY{row:05}" for row in range(N)]}).personal == "NONE"
