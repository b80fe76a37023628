"""Parquet files of others: rewritten in plain types, and never believed."""

import datetime as dt
import decimal
import io
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault.formats.faults import Fault
from tests.vault.making import LIMITS, fault_of, notes_of, read_bytes, types_of


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


PLAIN = parquet(pa.table({"a": [1, 2, 3], "b": ["x", None, "城"]}))


def test_a_plain_table(tmp_path: Path) -> None:
    found, rows = read_bytes(tmp_path, PLAIN, "t.parquet")

    assert (found.format, found.encoding) == ("parquet", "")
    assert rows == [{"a": 1, "b": "x"}, {"a": 2, "b": None}, {"a": 3, "b": "城"}]


def test_every_type_finds_a_plain_one(tmp_path: Path) -> None:
    day = dt.date(2026, 11, 23)
    noon = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001
    table = pa.table(
        {
            "small": pa.array([1], pa.int16()),
            "float": pa.array([0.5], pa.float32()),
            "money": pa.array([decimal.Decimal("1.10")], pa.decimal128(10, 2)),
            "flag": [True],
            "day": [day],
            "nanos": pa.array([noon], pa.timestamp("ns")),
            "zoned": pa.array([noon], pa.timestamp("ms", tz="Asia/Shanghai")),
            "clock": [dt.time(8, 30)],
            "word": pa.array(["x"]).dictionary_encode(),
            "large": pa.array(["y"], pa.large_string()),
            "bytes": [b"\x00\xff"],
            "list": [[1, 2]],
            "record": [{"k": "v"}],
            "void": pa.nulls(1),
        }
    )

    found, rows = read_bytes(tmp_path, parquet(table), "t.parquet")

    assert types_of(found) == {
        "small": "integer",
        "float": "number",
        "money": "number",
        "flag": "boolean",
        "day": "date",
        "nanos": "timestamp",
        "zoned": "timestamp",
        "clock": "text",
        "word": "text",
        "large": "text",
        "bytes": "text",
        "list": "text",
        "record": "text",
        "void": "text",
    }
    assert rows[0]["record"] == '{"k": "v"}'
    assert rows[0]["list"] == "[1, 2]"
    assert rows[0]["bytes"] == "AP8="
    assert rows[0]["zoned"] == noon.replace(tzinfo=dt.UTC)
    assert rows[0]["clock"] == "08:30:00.000000"
    assert notes_of(found)["nested-as-text"] == {"column": "record"}


def test_repeated_names_and_names_with_dots(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["a", "a", "a.b"])

    assert read_bytes(tmp_path, parquet(table), "t.parquet")[1] == [{"a": 1, "a_2": 2, "a.b": 3}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PAR1", ("TRUNCATED", "parquet-end")),
        (PLAIN[:-1], ("TRUNCATED", "parquet-end")),
        (PLAIN[:-200], ("TRUNCATED", "parquet-end")),
        (b"PAR1" + bytes(40) + b"PAR1", ("MALFORMED", "parquet")),
        (PLAIN[:-8] + b"\xff\xff\xff\x7fPAR1", ("MALFORMED", "parquet")),
        (PLAIN[:-4] + b"PARE", ("UNSUPPORTED", "encrypted-parquet")),
        (parquet(pa.table({"a": pa.array([], pa.int64())})), ("EMPTY", "no-rows")),
        (b"ARROW1\x00\x00" + bytes(50), ("UNSUPPORTED", "foreign-format")),
    ],
)
def test_faults(tmp_path: Path, content: bytes, expected: tuple[str, str]) -> None:
    assert fault_of(tmp_path, content, "t.parquet")[:2] == expected


def test_damage_anywhere_ends_in_a_fault_or_in_a_table(tmp_path: Path) -> None:
    table = pa.table({"a": list(range(2000)), "b": [f"w{n % 50}" for n in range(2000)]})
    sound = parquet(table, compression="snappy")
    chance = random.Random(7)
    ends = set()

    for _ in range(60):
        damaged = bytearray(sound)
        for _flips in range(3):
            damaged[chance.randrange(4, len(damaged) - 4)] ^= 1 << chance.randrange(8)
        try:
            ends.add(read_bytes(tmp_path, bytes(damaged), "t.parquet")[0].rows)
        except Fault as fault:
            ends.add(str(fault.code))

    assert "MALFORMED" in ends


def test_a_bomb_is_seen_in_its_claims(tmp_path: Path) -> None:
    rows = 30_000_000
    column = pa.array([7]).take(pa.array([0] * 1000))
    table = pa.table({f"c{n}": pa.chunked_array([column] * (rows // 10_000)) for n in range(12)})
    content = parquet(table)

    fault = fault_of(
        tmp_path, content, "t.parquet", LIMITS.but(expansion_from=1024**2, expansion=50)
    )

    assert fault[:2] == ("BOMB", "expands")


def test_a_bomb_of_long_texts_is_seen_while_it_unfolds(tmp_path: Path) -> None:
    word = "x" * 10_000
    table = pa.table({"a": pa.array([word]).dictionary_encode().take(pa.array([0] * 60_000))})
    content = parquet(table)
    assert len(content) < 100_000

    fault = fault_of(tmp_path, content, "t.parquet", LIMITS.but(expansion_from=100 * 1024**2))

    assert fault[:2] == ("BOMB", "expands")
    assert fault[2]["megabytes"] < 400


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    raw = pa.array([b"ok", b"\xff\xfe"], pa.binary())
    schema = pa.schema([("a", pa.string())])
    table = pa.Table.from_arrays([raw.view(pa.string())], schema=schema)

    assert fault_of(tmp_path, parquet(table), "t.parquet")[0] == "MALFORMED"


def test_limits_are_kept(tmp_path: Path) -> None:
    assert fault_of(tmp_path, PLAIN, "t.parquet", LIMITS.but(rows=2))[1] == "rows"
    assert fault_of(tmp_path, PLAIN, "t.parquet", LIMITS.but(columns=1))[1] == "columns"
    long = parquet(pa.table({"a": ["x" * 500]}))
    assert fault_of(tmp_path, long, "t.parquet", LIMITS.but(cell=100))[1] == "cell"


def test_properties_of_the_file_and_its_columns_stand_beside_the_table(tmp_path: Path) -> None:
    told = pa.field("a", pa.int64(), metadata={"note": "联系 13800138000"})
    inner = pa.field("k", pa.string(), metadata={"owner": "zhang.san@example.org"})
    table = pa.table(
        [pa.array([1]), pa.array([{"k": "v"}], pa.struct([inner]))],
        schema=pa.schema([told, pa.field("b", pa.struct([inner]))], metadata={"秘": "机密★"}),
    )
    smuggled = pa.table({"a": [1]}).replace_schema_metadata(
        {"pandas": '{"columns": [{"name": "a", "note": "110105194912310021"}]}', "x": b"\xff\x00"}
    )

    found, _ = read_bytes(tmp_path, parquet(table), "t.parquet")
    other, _ = read_bytes(tmp_path, parquet(smuggled), "t.parquet")

    assert {"秘", "机密★", "联系 13800138000", "zhang.san@example.org"} <= set(found.outside)
    assert other.outside == ["110105194912310021", "x", "/wA="]
