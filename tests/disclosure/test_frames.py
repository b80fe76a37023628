"""Rows read in the child into plain columns, and what the parent takes of its answer."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audit.disclosure.evaluation import Frame, Refused, RunLimits, read_frame
from audit.disclosure.evaluation.frames import frame_from_answer
from confined.faults import Fault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "columns"
    made.mkdir()
    return made


def read(tmp_path: Path, folder: Path, table: pa.Table, **limits: int) -> Frame:
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    return read_frame(path, folder=folder, limits=RunLimits(**limits))


def test_every_kind_of_column(tmp_path: Path, folder: Path) -> None:
    table = pa.table(
        {
            "whole": [1, None, 3],
            "real": [0.5, 1.5, None],
            "truth": [True, False, None],
            "exact": [Decimal("1.25"), None, Decimal("-2.50")],
            "day": [date(1970, 1, 2), None, date(1970, 1, 11)],
            "moment": pa.array([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None, None]),
            "word": ["北京", None, "a"],
            "coded": pa.array(["x", "y", "x"]).dictionary_encode(),
            "pixels": [[1, 2], [3, 4], [5, 6]],
            "nested": [{"a": 1}, {"a": 2}, None],
        }
    )

    frame = read(tmp_path, folder, table)

    def numbers(name: str) -> list[float | None]:
        return [None if np.isnan(each) else each for each in frame.numbers(name).tolist()]

    assert frame.rows == 3
    assert numbers("whole") == [1.0, None, 3.0]
    assert numbers("real") == [0.5, 1.5, None]
    assert numbers("truth") == [1.0, 0.0, None]
    assert numbers("exact") == [1.25, None, -2.5]
    assert numbers("day") == [1.0, None, 10.0]
    assert numbers("moment") == [1e6, None, None]
    assert numbers("word") == [0.0, None, 1.0]
    assert numbers("coded") == [0.0, 1.0, 0.0]
    word, pixels = frame.column("word"), frame.column("pixels")
    assert word is not None
    assert pixels is not None
    assert (word.texts, pixels.width) == (("北京", "a"), 2)
    assert frame.values("pixels", 1, 3).tolist() == [[3, 4], [5, 6]]
    with pytest.raises(Refused):
        frame.values("nested")


def test_more_columns_than_files_may_be_open(tmp_path: Path, folder: Path) -> None:
    table = pa.table({f"c{place}": [float(place)] * 70_000 for place in range(90)})

    frame = read(tmp_path, folder, table, files=64)

    assert frame.rows == 70_000
    assert frame.numbers("c89", 69_998).tolist() == [89.0, 89.0]


@pytest.mark.parametrize(
    ("columns", "limits", "reason"),
    [
        ({"a": pa.array([], pa.int64())}, {}, "no-rows"),
        ({"a": [1, 2, 3]}, {"rows": 2}, "many-rows"),
        ({"a": [1], "b": [2]}, {"columns": 1}, "many-columns"),
        ({"a": ["x", "y", "z"]}, {"texts": 2}, "many-texts"),
        ({"a": [[1], [2, 3]]}, {}, "ragged"),
        ({"a": [[1], None]}, {}, "ragged"),
        ({"a": [[1, 2, 3]]}, {"width": 2}, "wide-cell"),
        ({"a": [[2**25]]}, {}, "wide-number"),
    ],
)
def test_rows_beyond_the_limits_are_refused(
    tmp_path: Path, folder: Path, columns: Any, limits: dict[str, int], reason: str
) -> None:
    with pytest.raises(Fault) as refused:
        read(tmp_path, folder, pa.table(columns), **limits)

    assert refused.value.what == reason


def test_what_is_no_parquet_is_refused(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1" + bytes(200) + b"PAR1")

    with pytest.raises(Fault) as refused:
        read_frame(path, folder=folder, limits=RunLimits())

    assert refused.value.what == "not-parquet"


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 3},
        {"rows": "many"},
        {"columns": 5},
        {"columns": [{"name": "a"}]},
        {"file": "../secret"},
        {"file": ".hidden"},
        {"file": "nowhere"},
        {"file": "link"},
        {"kind": "pickle"},
        {"width": 2},
    ],
)
def test_what_a_captured_child_says_is_not_believed(folder: Path, change: dict[str, Any]) -> None:
    np.zeros(2).tofile(folder / "0.raw")
    (folder / "link").symlink_to(folder / "0.raw")
    (folder.parent / "secret").write_bytes(bytes(16))
    column = {"name": "a", "kind": "number", "width": 1, "texts": [], "file": "0.raw"}
    answer: dict[str, Any] = {"rows": 2, "columns": [column]}
    assert frame_from_answer(folder, answer, "").rows == 2

    for name, value in change.items():
        (answer if name in answer else column)[name] = value

    with pytest.raises(Refused):
        frame_from_answer(folder, answer, "")
