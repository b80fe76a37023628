"""Tables that somebody else's generator makes: what must be stopped, and what must pass."""

from collections.abc import Callable
from typing import Any

import pytest
from faker import Faker

from .scanning import judge

ROWS = 200
ZH, EN, TW = Faker("zh_CN"), Faker("en_US"), Faker("zh_TW")
Columns = dict[str, Callable[[], Any]]

STOPPED: dict[str, Columns] = {
    "identity numbers": {"证件": ZH.ssn},
    "identity numbers without a name": {"f1": ZH.ssn, "f2": ZH.pyint},
    "names": {"客户姓名": ZH.name, "金额": ZH.pyint},
    "names without a name": {"f1": ZH.name, "f2": ZH.pyint},
    "English names": {"name": EN.name, "n": EN.pyint},
    "English names without a name": {"col": EN.name, "n": EN.pyint},
    "mobiles": {"x": ZH.phone_number},
    "plates": {"x": ZH.license_plate},
    "cards": {"x": ZH.credit_card_number},
    "e-mail": {"contact": ZH.email},
    "addresses with names": {"收货地址": ZH.address, "name": ZH.name},
    "profiles": {
        "full_name": EN.name,
        "street_address": EN.street_address,
        "dob": EN.date_of_birth,
    },
    "social security": {"v": EN.ssn},
    "Taiwan identity cards": {"v": TW.ssn},
    "passports": {"护照号": lambda: EN.bothify("E########")},
    "keys": {"config": lambda: f"aws_key = AKIA{EN.bothify('?' * 16, letters='ABCDEFGH234567')}"},
}
PASSING: dict[str, Columns] = {
    "companies": {"公司": ZH.company, "地址": ZH.address, "行业": ZH.job},
    "Chinese text": {"文章": lambda: ZH.text(200), "词": ZH.word},
    "places": {"城市": ZH.city, "省": ZH.province, "区": ZH.district, "邮编": ZH.postcode},
    "digests": {"uuid": ZH.uuid4, "md5": ZH.md5, "sha": ZH.sha256},
    "bar codes": {"ean": ZH.ean13, "isbn": ZH.isbn13, "ean8": ZH.ean8},
    "times": {
        "日期": lambda: str(ZH.date()),
        "时刻": lambda: str(ZH.date_time()),
        "ts": ZH.unix_time,
    },
    "web": {"ua": ZH.user_agent, "url": ZH.url, "path": ZH.uri_path},
    "server log": {"ip": EN.ipv4_public, "status": EN.pyint, "time": lambda: str(EN.date_time())},
    "English text": {"t": lambda: EN.text(200)},
    "English companies": {"company": EN.company, "phrase": EN.catch_phrase, "city": EN.city},
    "countries": {
        "country": EN.country,
        "currency": EN.currency_code,
        "language": EN.language_name,
    },
    "colors": {"color": EN.color_name, "hex": EN.hex_color},
    "random numbers": {
        str(size): lambda size=size: EN.random_number(size, fix_len=True)  # type: ignore[misc]
        for size in (11, 13, 15, 16, 17, 18)
    },
    "random numbers as text": {
        str(size): lambda size=size: str(EN.random_number(size, fix_len=True))  # type: ignore[misc]
        for size in (11, 13, 15, 16, 17, 18, 19)
    },
    "serial numbers": {"a": lambda: EN.bothify("???##############", letters="ABCDEFGHJKLMNPRST")},
}


def table(columns: Columns, seed: int) -> dict[str, list[Any]]:
    """Fill a table."""
    for faker in (ZH, EN, TW):
        faker.seed_instance(seed)
    return {name: [make() for _ in range(ROWS)] for name, make in columns.items()}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", STOPPED)
def test_is_stopped(name: str, seed: int) -> None:
    assert judge(table(STOPPED[name], seed)).outcome == "BLOCK"


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", PASSING)
def test_passes(name: str, seed: int) -> None:
    verdict = judge(table(PASSING[name], seed))

    assert verdict.outcome == "CLEAR", verdict.rules
