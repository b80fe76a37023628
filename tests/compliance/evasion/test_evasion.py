"""What is hidden is found, whatever the way of hiding; what only looks alike never is."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from exchange.compliance.measurement import values
from tests.compliance.scanning import entities

from .columns import DIGESTS, SPLITS
from .hiding import ROWS, WAYS, ask, make_table
from .persons import KINDS

HARDLY_ALL = 0.95
SPLIT_KINDS = ("resident", "permit", "foreigner", "mobile")
HASHED_KINDS = ("resident", "mobile", "e-mail", "card")
LIES = ("温度", "price", "file_checksum", "备注", "订单号", "时间戳")
"""Names that promise something harmless."""


@pytest.mark.parametrize("way", WAYS)
def test_every_identifier_is_found_however_it_is_written(way: str) -> None:
    for kind, person in KINDS.items():
        answer = ask(make_table(kind, way, hidden=True))

        assert answer.personal != "NONE", kind
        assert answer.found(person.codes) >= HARDLY_ALL * ROWS, (kind, answer.cells)


@pytest.mark.parametrize("way", WAYS)
def test_what_looks_like_an_identifier_is_none_however_it_is_written(way: str) -> None:
    for kind in KINDS:
        answer = ask(make_table(kind, way, hidden=False))

        assert (answer.personal, answer.cells) == ("NONE", {}), kind


@pytest.mark.parametrize("kind", SPLIT_KINDS)
@pytest.mark.parametrize("way", SPLITS)
def test_numbers_spread_over_columns_are_put_together(way: str, kind: str) -> None:
    found = ask(make_table(kind, way, hidden=True))
    alike = ask(make_table(kind, way, hidden=False))

    assert found.found(KINDS[kind].codes) == ROWS
    assert (alike.personal, alike.cells) == ("NONE", {})


@pytest.mark.parametrize("kind", HASHED_KINDS)
@pytest.mark.parametrize("way", DIGESTS)
def test_digests_beside_what_persons_are_stand_for_persons(way: str, kind: str) -> None:
    answer = ask(make_table(kind, way, hidden=True))

    assert answer.found(frozenset({"hashed_identifier"})) == ROWS
    assert answer.personal in {"PSEUDONYMOUS", "PERSONAL", "SENSITIVE"}


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sm3", "sha512"])
def test_a_digest_of_what_stands_beside_it_is_proved(name: str) -> None:
    rng = Random(4)
    mobiles = [values.mobile(rng) for _ in range(40)]
    made = [hashlib.new(name, m.encode(), usedforsecurity=False).hexdigest() for m in mobiles]

    assert entities({"a": made, "b": mobiles})["a"] == {"hashed_identifier"}
    assert "a" not in entities({"a": made, "b": mobiles[::-1]})


@pytest.mark.parametrize("header", LIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_harmless_name_acquits_nothing(kind: str, header: str) -> None:
    answer = ask(make_table(kind, "plain", hidden=True, header=header))

    assert answer.found(KINDS[kind].codes) == ROWS


@pytest.mark.parametrize("header", ["身份证号", "手机号", "银行卡号", "车牌号", "电子邮箱", "imei"])
def test_a_telling_name_convicts_nothing(header: str) -> None:
    rng = Random(header)
    kilograms = [f"{rng.randint(1, 99)}kg" for _ in range(ROWS)]

    assert ask(pa.table({header: kilograms, "n": list(range(ROWS))})).personal == "NONE"


HARMLESS: dict[str, Callable[[Random, int], Any]] = {
    "order numbers": lambda rng, _: f"2024{rng.randrange(10**14):014}",
    "parted order numbers": lambda rng, _: (
        f"2024.{rng.randrange(10**4):04}.{rng.randrange(999):03}"
    ),
    "times": lambda rng, row: (
        f"2024/{rng.randint(1, 12):02}/{rng.randint(1, 28):02} 12:{row:02}:09"
    ),
    "milliseconds": lambda rng, _: 1_700_000_000_000 + rng.randrange(10**10),
    "large amounts": lambda rng, _: f"{rng.randrange(10**9, 9 * 10**10):,}",
    "amounts in powers": lambda rng, _: f"{rng.uniform(1, 9.9):.6f}E+{rng.randint(8, 12)}",
    "file digests": lambda _, row: hashlib.sha256(f"file {row}".encode()).hexdigest(),
    "file digests in base64": lambda rng, _: base64.b64encode(rng.randbytes(32)).decode(),
    "random words": lambda rng, _: base64.b64encode(rng.randbytes(9)).decode(),
    "pictures": lambda rng, _: base64.b64encode(b"\x89PNG\r\n" + rng.randbytes(90)).decode(),
    "product data": lambda rng, _: json.dumps({"sku": f"A{rng.randrange(10**9)}", "w": 1.5}),
    "product data in base64": lambda rng, _: base64.b64encode(
        json.dumps({"sku": f"A{rng.randrange(10**9)}", "名": "水杯"}).encode()
    ).decode(),
    "product data in gzip": lambda rng, _: gzip.compress(f"sku={rng.randrange(10**9)}".encode()),
    "addresses of pages": lambda _, row: f"https://a.example/%E5%95%86%E5%93%81/{row}?t=%31{row}",
    "versions": lambda rng, _: f"{rng.randint(1, 9)}.{rng.randint(0, 99)}.{rng.randint(0, 999)}",
    "network addresses": lambda rng, _: f"192.168.{rng.randint(100, 199)}.{rng.randint(10, 99)}",
    "coordinates": lambda rng, _: f"{rng.uniform(130, 139):.8f}",
    "places": lambda rng, _: f"{rng.uniform(121, 122):.6f},{rng.uniform(30, 32):.6f}",
    "numerals": lambda rng, _: "第" + "".join(rng.choices("一二三四五六七八九", k=3)) + "条",
    "telephone of shops": lambda rng, _: f"021-6{rng.randrange(10**7):07}",
    "bytes": lambda rng, _: rng.randbytes(40),
    "two bytes": lambda _, row: f"商品{row}号".encode("utf-16-le"),
    "bar codes": lambda rng, _: f"69{rng.randrange(10**11):011}",
    "vehicles' sizes": lambda rng, _: f"{rng.randint(150, 199)}*{rng.randint(1000, 9999)}",
    "hexadecimal colors": lambda rng, _: f"#{rng.randrange(16**6):06X}",
    "cells of lists": lambda rng, _: json.dumps([rng.randint(0, 9) for _ in range(11)]),
    "English": lambda rng, _: " ".join(rng.choices(("Oil", "lost", "Sos", "IO", "10l"), k=6)),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_content_stays_harmless(name: str, seed: int) -> None:
    rng = Random(f"{name}/{seed}")
    cells = [HARMLESS[name](rng, row) for row in range(300)]

    answer = ask(pa.table({"f1": cells, "n": list(range(300))}))

    assert (answer.personal, answer.cells) == ("NONE", {})


@pytest.mark.parametrize(
    "columns",
    [
        {"身高": (150, 189), "日期": (20200101, 20201231)},
        {"区号": (130, 139), "序号": (10000000, 99999999)},
        {"a": (130, 139), "b": (1000, 1099), "c": (2000, 2099)},
        {"代码": (110101, 110119), "日期": (20200101, 20201231), "流水": (1000, 9999)},
        {"年": (1990, 2020), "月": (1, 12), "日": (1, 28), "码": (310101, 310110), "n": (1, 9999)},
    ],
)
def test_columns_of_numbers_that_fit_together_by_width_alone(
    columns: dict[str, tuple[int, int]],
) -> None:
    rng = Random(6)
    table = {name: [rng.randint(*span) for _ in range(300)] for name, span in columns.items()}

    answer = ask(pa.table(table))

    assert (answer.personal, answer.cells) == ("NONE", {})


def test_few_hidden_among_many_are_found() -> None:
    rng = Random(9)
    cells = [f"https://a.example/{rng.randrange(10**9)}" for _ in range(2_000)]
    for row in range(0, 2_000, 100):
        cells[row] = base64.b64encode(f"id={values.resident_id(rng)}".encode()).decode()

    assert entities({"path": cells}) == {"path": {"cn_resident_id"}}


def test_keys_of_json_name_what_is_in_it() -> None:
    rng = Random(2)
    cells = [
        json.dumps({"客户姓名": values.name(rng), "出生日期": str(values.birthday(rng))})
        for _ in range(ROWS)
    ]

    assert {"person_name", "birth_date"} <= entities({"payload": cells})["payload"]


def test_names_of_columns_are_read_like_cells() -> None:
    rng = Random(7)
    wide = {values.mobile(rng): [1, 2, 3] for _ in range(20)}

    assert entities(wide) == {"(around the table)": {"cn_mobile"}}
    assert entities({f"20240{n:03}": [1, 2, 3] for n in range(20)}) == {}


def test_identity_numbers_that_a_spreadsheet_rounded_are_found() -> None:
    rng = Random(3)
    rounded = [values.resident_id(rng)[:15] + "000" for _ in range(40)]
    powers = [f"{cell[0]}.{cell[1:15]}E+17" for cell in rounded]
    serial = [f"310101202405{day:02}{n:04}" for day in range(1, 21) for n in range(996, 1004)]

    assert entities({"a": rounded, "b": powers}) == {
        "a": {"cn_resident_id"},
        "b": {"cn_resident_id"},
    }
    assert entities({"a": serial}) == {}


def test_names_with_blanks_inside_are_names() -> None:
    rng = Random(3)
    names = [values.name(rng) for _ in range(60)]

    assert entities({"f1": [f"{name[0]} {name[1:]}" for name in names]}) == {"f1": {"person_name"}}
    assert entities({"f1": [f"{name[0]}　{name[1:]}" for name in names]}) == {"f1": {"person_name"}}


@pytest.mark.parametrize("kind", ["resident", "mobile", "card", "permit"])
def test_numbers_between_letters_are_found(kind: str) -> None:
    rng = Random(kind)
    cells = [KINDS[kind].make(rng).replace("X", "0") for _ in range(ROWS)]
    cells = [f"no{cell}end" for cell in cells]

    assert entities({"f1": cells})["f1"] & KINDS[kind].codes
