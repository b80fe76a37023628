"""What a column of text cells is taken for, and that no code loses a character by it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.vault.formats.kinds import Evidence, Kind, cast_column
from tests.vault.making import notes_of, read_bytes, types_of


def kind_of(*batches: list[str | None]) -> Kind:
    evidence = Evidence()
    for cells in batches:
        evidence.weigh(pa.array(cells, pa.string()))
    return evidence.kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "22", "-3", "0", None], "integer"),
        (["123456789012345"], "text"),  # fifteen digits, but all of one length: a code
        (["123456789012345", "7"], "integer"),
        (["1234567890123456", "7"], "text"),
        (["007", "8"], "text"),
        (["006001", "600519"], "text"),
        (["-05"], "text"),
        (["+1"], "text"),
        (["0x1A"], "text"),
        (["13800138000", "13900139000"], "text"),
        (["110101199003070011"], "text"),
        (["11010119900307001X"], "text"),
        (["1.5", "2", "-0.25", ".5", "1.2e-7", "1e+20"], "number"),
        (["00.5"], "text"),
        (["1."], "text"),
        (["12E10", "13E10"], "text"),
        (["1.5E3"], "number"),
        (["inf", "1.0"], "text"),
        (["1e999"], "text"),
        (["1234567890123456.5"], "text"),
        (["5.827000141143799", "2.009000062942505"], "number"),
        (["1,234"], "text"),
        (["12%"], "text"),
        (["１２"], "text"),
        ([" 1", "2"], "text"),
        (["true", "False"], "boolean"),
        (["yes", "no"], "text"),
        (["2026-11-23", "1999-01-01"], "date"),
        (["2026-02-30"], "text"),
        (["20261123", "20261124"], "integer"),
        (["2026-11-23 08:30", "2026-11-23"], "timestamp"),
        (["2026-11-23T08:30:15.123456"], "timestamp"),
        (["2026-11-23T08:30:15.1234567"], "text"),
        (["2026-11-23T08:30:15Z"], "instant"),
        (["2026-11-23T08:30:15+08:00"], "text"),
        (["2026/11/23"], "text"),
        (["NA", "1", "-", "3"], "integer"),
        (["NA", "CN", "FR"], "text"),
        (["NA", "NA"], "text"),
        ([None, None], "text"),
        ([""], "text"),
        (["1", "true"], "text"),
        (["2026-11-23", "1"], "text"),
    ],
)
def test_the_rules_of_the_trade(cells: list[str | None], kind: str) -> None:
    assert kind_of(cells) == kind


def test_a_later_batch_takes_a_kind_back() -> None:
    assert kind_of(["1", "2"], ["3.5"]) == "number"
    assert kind_of(["1", "2"], ["3.5"], ["007"]) == "text"
    assert kind_of(["2026-11-23"], ["2026-11-23 10:00:00"]) == "timestamp"
    assert kind_of(["NA"], ["1"], ["NA"]) == "integer"
    assert kind_of(["12345678901"], ["2"]) == "integer"


def test_a_bad_cell_anywhere_in_a_long_column_is_found() -> None:
    cells: list[str | None] = [str(n) for n in range(10_000)]
    for place in (70, 5_000, 9_900):
        changed = [*cells[:place], "x", *cells[place:]]
        assert kind_of(changed) == "text"


@given(st.lists(st.integers(-(10**17), 10**17), min_size=1))
def test_integers_come_back_as_they_were_written(numbers: list[int]) -> None:
    column = pa.array([str(number) for number in numbers])
    evidence = Evidence()
    evidence.weigh(column)

    made = cast_column(column, evidence.kind).to_pylist()

    assert made == (numbers if evidence.kind == "integer" else column.to_pylist())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_to_the_last_bit(numbers: list[float]) -> None:
    column = pa.array([repr(number) for number in numbers])
    evidence = Evidence()
    evidence.weigh(column)

    made = cast_column(column, evidence.kind).to_pylist()

    assert made == (numbers if evidence.kind == "number" else column.to_pylist())


@given(st.lists(st.text(alphabet="0123456789.-+eEXNA:T Z/", max_size=20), min_size=1, max_size=8))
def test_nothing_is_ever_refused_or_rewritten(cells: list[str]) -> None:
    column = pa.array([cell or None for cell in cells], pa.string())
    evidence = Evidence()
    evidence.weigh(column)

    made = cast_column(column, evidence.kind).to_pylist()

    if evidence.kind == "text":
        assert made == column.to_pylist()
    if evidence.kind == "integer":
        assert all(
            value is None or str(value) == cell for cell, value in zip(cells, made, strict=True)
        )


def test_codes_survive_a_whole_file(tmp_path: Path) -> None:
    content = (
        "证券代码,身份证号,手机,邮编,区划,金额,日期,国家\n"
        "006001,110101199003070011,13800138000,010010,110101,12.50,2026-11-23,NA\n"
        "600519,11010119900307002X,13900139000,510000,440106,7,2026-11-24,CN\n"
    )

    found, rows = read_bytes(tmp_path, content)

    assert types_of(found) == {
        "证券代码": "text",
        "身份证号": "text",
        "手机": "text",
        "邮编": "text",
        "区划": "integer",
        "金额": "number",
        "日期": "date",
        "国家": "text",
    }
    first: dict[str, Any] = {
        "证券代码": "006001",
        "身份证号": "110101199003070011",
        "手机": "13800138000",
        "邮编": "010010",
        "区划": 110101,
        "金额": 12.5,
        "日期": dt.date(2026, 11, 23),
        "国家": "NA",
    }
    assert rows[0] == first
    assert "missing-words" not in notes_of(found)
