"""JSON, JSON Lines and GeoJSON, streamed record by record."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.making import LIMITS, fault_of, json_lines, notes_of, read_bytes, types_of

RECORDS: list[dict[str, Any]] = [
    {"id": "006001", "n": 1, "x": 1.5, "ok": True, "when": "2026-11-23", "tags": ["a", "b"]},
    {"id": "600519", "n": None, "x": 2, "ok": False, "when": "2026-11-24", "more": {"k": 1}},
]
ROWS = [
    {
        "id": "006001",
        "n": 1,
        "x": 1.5,
        "ok": True,
        "when": dt.date(2026, 11, 23),
        "tags": '["a", "b"]',
        "more": None,
    },
    {
        "id": "600519",
        "n": None,
        "x": 2.0,
        "ok": False,
        "when": dt.date(2026, 11, 24),
        "tags": None,
        "more": '{"k": 1}',
    },
]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_of_records(tmp_path: Path, codec: str) -> None:
    content = json.dumps([*RECORDS, {"id": "名"}], ensure_ascii=False, indent=2).encode(codec)

    found, rows = read_bytes(tmp_path, content, "t.json")

    assert found.format == "json"
    assert rows[:2] == ROWS
    assert rows[2]["id"] == "名"


@pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.json", "t"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    found, rows = read_bytes(tmp_path, json_lines(RECORDS), name)

    assert (found.format, rows) == ("jsonl", ROWS)


def test_an_object_with_one_list_of_records(tmp_path: Path) -> None:
    document = {"source": "统计局", "years": [2020, 2021], "data": RECORDS, "count": 2}

    found, rows = read_bytes(tmp_path, json.dumps(document), "t.json")

    assert rows == ROWS
    assert found.outside == ["source: 统计局", "years: [2020, 2021]", "count: 2"]


def test_a_single_record(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, '{"a": 1, "b": "x"}', "t.json")[1] == [{"a": 1, "b": "x"}]
    nested = '{"id": 1, "parts": [{"no": 1}, {"no": 2}]}\n'
    assert read_bytes(tmp_path, nested, "t.jsonl")[1] == [
        {"id": 1, "parts": '[{"no": 1}, {"no": 2}]'}
    ]


def test_text_in_quotation_marks_never_becomes_a_number(tmp_path: Path) -> None:
    found, rows = read_bytes(
        tmp_path, '[{"a": "12", "b": 1, "c": "NA"}, {"a": "13", "b": "2", "c": 3}]', "t.json"
    )

    assert types_of(found) == {"a": "text", "b": "text", "c": "integer"}
    assert rows == [{"a": "12", "b": "1", "c": None}, {"a": "13", "b": "2", "c": 3}]


def test_long_integers_and_odd_numbers(tmp_path: Path) -> None:
    found, rows = read_bytes(
        tmp_path,
        '[{"id": 110101199003070011, "n": NaN, "big": 1e300}, {"id": 7, "n": 1, "big": 2}]',
        "t.json",
    )

    assert types_of(found) == {"id": "text", "n": "integer", "big": "number"}
    assert rows[0] == {"id": "110101199003070011", "n": None, "big": 1e300}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": 7, "geometry": geometry, "properties": properties}


def test_geojson_points_become_two_columns(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [121.47, 31.23]}
    document = {
        "type": "FeatureCollection",
        "name": "cities",
        "features": [feature(point, name="上海"), feature(None, name="无"), feature(point, id="x")],
    }

    found, rows = read_bytes(tmp_path, json.dumps(document), "t.geojson")

    assert found.format == "geojson"
    assert rows[0]["longitude"], rows[0]["latitude"] == (121.47, 31.23)
    assert rows[1]["longitude"] is None
    assert (rows[2]["feature_id"], rows[2]["id"]) == (7, "x")
    assert "name: cities" in found.outside


def test_other_geometries_stay_as_text(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    document = {"type": "FeatureCollection", "features": [feature(line, name="a")]}

    _found, rows = read_bytes(tmp_path, json.dumps(document), "t.json")

    assert rows[0]["geometry_type"] == "LineString"
    assert json.loads(rows[0]["geometry"]) == line


def test_records_longer_than_the_buffer(tmp_path: Path) -> None:
    records = [{"id": n, "text": "长" * 700_000} for n in range(4)]
    document = {"note": "x" * 1_200_000, "rows": records}

    for content, name in (
        (json_lines(records), "t.jsonl"),
        (json.dumps(records, indent=1), "t.json"),
        (json.dumps(document), "t.json"),
    ):
        limits = LIMITS.but(outside=2_000_000)
        assert len(read_bytes(tmp_path, content, name, limits)[1]) == 4


def test_many_records_in_every_shape(tmp_path: Path) -> None:
    records = [{"id": n, "name": f"名{n}", f"x{n % 3}": n / 8} for n in range(20_000)]

    as_lines = read_bytes(tmp_path, json_lines(records), "t.jsonl")[1]
    as_list = read_bytes(tmp_path, json.dumps(records), "t.json")[1]
    in_object = read_bytes(tmp_path, json.dumps({"rows": records}, indent=1), "t.json")[1]

    assert len(as_lines) == 20_000
    assert as_lines == as_list == in_object
    assert as_lines[19_999]["x1"] == 19_999 / 8


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "c d", "名"]), values, min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_all_shapes_of_a_document_agree(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("json")
    anchored = [{"anchor": 1} | record for record in records]

    as_lines = read_bytes(folder, json_lines(anchored), "t.jsonl")[1]
    as_list = read_bytes(folder, json.dumps(anchored, indent=3), "t.json")[1]

    assert as_lines == as_list
    assert len(as_lines) == len(records)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[]", ("EMPTY", "no-rows")),
        ("[{}]", ("EMPTY", "no-rows")),
        ('[{"a": 1}, {"a": ', ("TRUNCATED", "json-end")),
        ('[{"a": 1}, {"a": "x', ("TRUNCATED", "json-end")),
        ('[{"a": 1},', ("TRUNCATED", "json-end")),
        ('[{"a": 1}', ("TRUNCATED", "json-end")),
        ('{"rows": [{"a": 1}]', ("TRUNCATED", "json-end")),
        ('[{"a": 1} {"a": 2}]', ("MALFORMED", "json")),
        ('[{"a": 1}] x', ("MALFORMED", "json")),
        ('{"a": 1}\n{"a": oops}\n' + " " * 200, ("MALFORMED", "json")),
        ('[{"a": 1, "a": 2}]', ("MALFORMED", "same-member")),
        ('{"a": 1, "rows": [{"x": 1}], "a": 2}', ("MALFORMED", "same-member")),
        ('[{"a": ' + "[" * 100_000 + "]" * 100_000 + "}]", ("MALFORMED", "deep")),
        ('[{"a": ' + "9" * 5000 + "}]", ("MALFORMED", "long-number")),
        ("[1, 2, 3]", ("UNSUPPORTED", "records-not-objects")),
        ("[[1, 2], [3, 4]]", ("UNSUPPORTED", "records-not-objects")),
        ('{"a": 1}\n[2]\n', ("UNSUPPORTED", "records-not-objects")),
        ('{"a": [1, 2], "b": [3, 4]}', ("UNSUPPORTED", "no-records")),
        ('{"a": [{"x": 1}], "b": [{"y": 1}]}', ("UNSUPPORTED", "two-lists")),
        (
            '{"features": [{"type": "Feature", "geometry": 5, "properties": {}}]}',
            ("MALFORMED", "feature"),
        ),
    ],
)
def test_faults(tmp_path: Path, content: str, expected: tuple[str, str]) -> None:
    assert fault_of(tmp_path, content, "t.json")[:2] == expected


def test_faults_name_line_and_column(tmp_path: Path) -> None:
    content = '[\n {"a": 1},\n {"a": oops}\n]' + " " * 100

    assert fault_of(tmp_path, content, "t.json")[2] == {"line": 3, "column": 8}


def test_limits_are_kept(tmp_path: Path) -> None:
    wide = json.dumps([{f"c{n}": n for n in range(50)}])
    long_record = json.dumps([{"a": "x" * 2000}])

    assert fault_of(tmp_path, wide, "t.json", LIMITS.but(columns=49))[1] == "columns"
    assert fault_of(tmp_path, long_record, "t.json", LIMITS.but(cell=1000))[1] == "cell"
    endless = '[{"a": "' + "x" * 3_000_000
    assert fault_of(tmp_path, endless, "t.json", LIMITS.but(cell=100_000))[1] == "long-record"


def test_nothing_is_noted_about_a_plain_file(tmp_path: Path) -> None:
    assert notes_of(read_bytes(tmp_path, json_lines(RECORDS), "t.jsonl")[0]) == {}
