"""What each step makes of a column."""

import base64
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from exchange.compliance.remedies import RecipeFault, Tools
from exchange.compliance.remedies.places import cell_size

from .making import KEY, column, derive


def test_dropped_columns_are_gone_and_the_order_stays(tmp_path: Path) -> None:
    table = pa.table({"a": [1], "b": [2], "c": [3]})

    made, derived = derive(tmp_path, table, {"do": "drop", "column": "b"})

    assert made.to_pylist() == [{"a": 1, "c": 3}]
    assert (derived.rows_in, derived.rows_out, derived.columns) == (1, 1, ("a", "c"))


def test_nothing_left_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(RecipeFault) as refused:
        derive(tmp_path, pa.table({"a": [1]}), {"do": "drop", "column": "a"})

    assert refused.value.what == "nothing-left"


def test_masks_keep_what_is_usual_or_what_is_asked(tmp_path: Path) -> None:
    assert column(tmp_path, ["13800138000", None], do="mask", kind="cn_mobile") == [
        "138****8000",
        None,
    ]
    assert column(tmp_path, ["ABCDEF", "AB"], do="mask", first=1, last=2) == ["A***EF", "**"]
    assert column(tmp_path, [13800138000], do="mask", first=3) == ["138********"]
    assert column(tmp_path, [13800138000.0], do="mask", last=4) == ["*******8000"]


def test_a_pseudonym_is_the_same_however_the_identifier_is_written(tmp_path: Path) -> None:
    written = [
        "13800138000",
        "+86 138-0013-8000",
        "１３８００１３８０００",
        "138\u200b00138000",
        "13900139000",
    ]

    made = column(tmp_path, written, do="pseudonym")

    assert len({*made[:4]}) == 1
    assert made[4] != made[0]
    assert all(len(each) == 28 and each.startswith("pk") and each.isalnum() for each in made)
    assert column(tmp_path, [13800138000], do="pseudonym") == made[:1]


def test_pseudonyms_join_under_one_key_only(tmp_path: Path) -> None:
    table = pa.table({"a": ["11010519491231002X"], "b": ["11010519491231002x"]})
    steps = [{"do": "pseudonym", "column": name} for name in "ab"]

    one, _ = derive(tmp_path, table, *steps)
    other, _ = derive(tmp_path, table, *steps, tools=Tools(key=KEY[::-1]))

    assert one["a"] == one["b"]
    assert one["a"] != other["a"]
    # HMAC-SHA-256 over the plain identifier, by another implementation
    assert one["a"][0].as_py() == _expected("11010519491231002X")


def _expected(value: str) -> str:
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in KEY.ljust(64, b"\0")) + value.encode()).digest()
    outer = hashlib.sha256(bytes(k ^ 0x5C for k in KEY.ljust(64, b"\0")) + inner).digest()
    return "pk" + base64.b32encode(outer[:16]).decode().rstrip("=").lower()


def test_texts_keep_their_dashes_apart(tmp_path: Path) -> None:
    values = ["A1-1", "A-11"]

    assert len({*column(tmp_path, values, do="pseudonym", form="TEXT")}) == 2
    assert len({*column(tmp_path, values, do="pseudonym")}) == 1


def test_the_key_shows_nowhere() -> None:
    assert repr(Tools(key=KEY)) == "Tools(redact=None)"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("MONTH", "2024-05"), ("QUARTER", "2024-Q2"), ("YEAR", "2024"), ("DECADE", "2020s")],
)
def test_dates_become_periods_however_they_are_kept(
    tmp_path: Path, unit: str, expected: str
) -> None:
    day = date(2024, 5, 31)
    texts = ["2024-05-31", "2024年5月31日", "20240531", "2024/5/31 08:01", "2024-05", "once", None]

    assert column(tmp_path, [day, None], do="period", unit=unit) == [expected, None]
    moment = datetime(2024, 5, 31, 23, 59, tzinfo=UTC)
    assert column(tmp_path, [moment], do="period", unit=unit) == [expected]
    assert column(tmp_path, texts, do="period", unit=unit) == [expected] * 5 + [None, None]


def test_what_says_only_the_year_has_no_month(tmp_path: Path) -> None:
    assert column(tmp_path, [1987], do="period", unit="YEAR") == ["1987"]
    assert column(tmp_path, ["1987年"], do="period", unit="MONTH") == [None]


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    table = pa.table({"d": ["2024-05-31", "soon", None]})

    _, derived = derive(tmp_path, table, {"do": "period", "column": "d"})

    assert derived.emptied == {"d": 1}


def test_ages_are_reached_on_the_day_and_the_oldest_stand_together(tmp_path: Path) -> None:
    births = [date(1986, 11, 29), date(1986, 11, 30), date(1930, 1, 1), date(2027, 1, 1)]

    made = column(tmp_path, births, do="age_band", on="2026-11-29")

    assert made == ["40-49", "30-39", "90+", None]
    assert column(tmp_path, ["11010519491231002X"], do="age_band", on="2026-11-29", width=5) == [
        "75-79"
    ]


def test_numbers_become_bands(tmp_path: Path) -> None:
    assert column(tmp_path, [30, 39, 40, -1], do="band", width=10) == [
        "30-39",
        "30-39",
        "40-49",
        "-10--1",
    ]
    assert column(tmp_path, [0.5, 1.75], do="band", width="0.5") == ["[0.5, 1.0)", "[1.5, 2.0)"]
    assert column(tmp_path, [3, 999], do="band", width=10, low="5", high="100") == ["<5", ">=100"]
    assert column(tmp_path, [Decimal("12.30")], do="band", width=5) == ["[10, 15)"]
    assert column(tmp_path, ["1,234", "many"], do="band", width=1000) == ["1000-1999", None]


def test_coordinates_move_to_the_middle_of_their_cell(tmp_path: Path) -> None:
    table = pa.table(
        {
            "lat": [31.230416, 31.234, 65.1234567, 95.0],
            "n": [1, 2, 3, 4],
            "lon": ["121.473701", "121.4712", "121.473701", "1"],
        }
    )

    made, derived = derive(
        tmp_path, table, {"do": "grid", "column": "lat", "longitude": "lon", "meters": 1000}
    )

    assert made.schema.names == ["lat", "n", "lon"]
    assert made["lat"].to_pylist() == [31.23, 31.23, 65.12, None]
    assert made["lon"].to_pylist() == [121.48, 121.48, 121.45, None]
    assert derived.emptied == {"lat": 1, "lon": 1}
    assert cell_size(1000, 31.23) == (1113, 1904)
    assert cell_size(1000, 31.23)[0] >= 1000


@pytest.mark.parametrize("meters", [10, 100, 500, 1000, 5000, 100_000])
@pytest.mark.parametrize("latitude", [0.0, 22.5, 39.9, 53.5, 80.0])
def test_no_cell_is_finer_than_asked(meters: int, latitude: float) -> None:
    assert min(cell_size(meters, latitude)) >= meters


@pytest.mark.parametrize(
    ("value", "province", "city"),
    [
        ("310101", "上海市", "上海市"),
        ("330106", "浙江省", "杭州市"),
        ("330106001012", "浙江省", "杭州市"),
        ("11010519491231002X", "北京市", "北京市"),
        ("浙江省杭州市西湖区文三路1号", "浙江省", "杭州市"),
        ("浙江杭州西湖区", "浙江省", "杭州市"),
        ("杭州市西湖区", "浙江省", "杭州市"),
        ("内蒙古自治区呼和浩特市", "内蒙古自治区", "呼和浩特市"),
        ("广西南宁市", "广西壮族自治区", "南宁市"),
        ("重庆市渝中区", "重庆市", "重庆市"),
        ("33", "浙江省", "浙江省"),
        ("somewhere", None, None),
        ("990101", None, None),
    ],
)
def test_places_become_regions(tmp_path: Path, value: str, province: str, city: str) -> None:
    assert column(tmp_path, [value], do="region") == [province]
    assert column(tmp_path, [value], do="region", level="CITY") == [city]


def test_regions_are_written_as_codes_too(tmp_path: Path) -> None:
    assert column(tmp_path, [330106], do="region", level="CITY", write="CODE") == ["330100"]
    assert column(tmp_path, ["浙江省"], do="region", write="CODE") == ["330000"]


def test_places_inside_nested_columns_are_dropped_or_masked(tmp_path: Path) -> None:
    rows = [
        {"who": {"name": "张三", "tel": "13800138000"}, "seen": [{"p": "a1"}, {"p": "b2"}], "n": 1},
        {"who": None, "seen": None, "n": 2},
        {"who": {"name": None, "tel": None}, "seen": [], "n": 3},
    ]

    made, derived = derive(
        tmp_path,
        pa.Table.from_pylist(rows),
        {"do": "drop", "column": "who.name"},
        {"do": "mask", "column": "who.tel", "kind": "cn_mobile"},
        {"do": "mask", "column": "seen[].p", "first": 1},
    )

    assert made.to_pylist() == [
        {"who": {"tel": "138****8000"}, "seen": [{"p": "a*"}, {"p": "b*"}], "n": 1},
        {"who": None, "seen": None, "n": 2},
        {"who": {"tel": None}, "seen": [], "n": 3},
    ]
    assert derived.rows_out == 3


def test_places_inside_cells_of_json_are_dropped_or_masked(tmp_path: Path) -> None:
    table = pa.table(
        {"j": ['{"a": {"t": "13800138000", "u": 1}, "l": [{"t": "x"}]}', "plain", None]}
    )

    masked, _ = derive(tmp_path, table, {"do": "mask", "column": "j.a.t", "kind": "cn_mobile"})
    dropped, _ = derive(tmp_path, table, {"do": "drop", "column": "j.a"})

    assert masked["j"].to_pylist() == [
        '{"a": {"t": "138****8000", "u": 1}, "l": [{"t": "x"}]}', "plain", None,
    ]  # fmt: skip
    assert dropped["j"].to_pylist() == ['{"l": [{"t": "x"}]}', "plain", None]


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"do": "drop", "column": "z"}, "column"),
        ({"do": "drop", "column": "s.z"}, "column"),
        ({"do": "period", "column": "s.a"}, "inside"),
        ({"do": "mask", "column": "s"}, "nested"),
        ({"do": "suppress", "columns": ["z"]}, "column"),
        ({"do": "suppress", "columns": ["n"], "person": "z"}, "column"),
        ({"do": "keep_rows", "column": "z", "when": "FILLED"}, "column"),
        ({"do": "pseudonym", "column": "t", "name": "n"}, "name"),
        (
            {"do": "aggregate", "by": ["n"], "measures": [{"take": "SUM", "column": "t"}]},
            "number",
        ),
        (
            {"do": "aggregate", "by": ["n"], "measures": [{"take": "COUNT", "name": "n"}]},
            "name",
        ),
    ],
)
def test_a_recipe_for_another_table_is_refused(
    tmp_path: Path, step: dict[str, object], what: str
) -> None:
    table = pa.table({"n": [1], "s": [{"a": 1}], "t": ["x"]})

    with pytest.raises(RecipeFault) as refused:
        derive(tmp_path, table, step)

    assert refused.value.what == what
    assert not (tmp_path / "target.parquet").exists()
