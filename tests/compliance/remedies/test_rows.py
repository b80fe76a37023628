"""Rows that are filtered, suppressed and counted together."""

from collections import Counter
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.compliance.remedies import groups

from .making import derive


def table_of(rows: int, seed: int = 5) -> pa.Table:
    r = Random(seed)
    return pa.table(
        {
            "sex": [r.choice("男女") for _ in range(rows)],
            "age": [r.randint(20, 79) for _ in range(rows)],
            "city": [r.choice(["上海", "杭州", None]) for _ in range(rows)],
            "pay": [r.choice([None, r.randint(1000, 9000)]) for _ in range(rows)],
            "rate": [r.random() for _ in range(rows)],
            "who": [f"u{r.randint(0, rows // 3)}" for _ in range(rows)],
        }
    )


def test_rare_combinations_go_and_the_rest_has_k(tmp_path: Path) -> None:
    table = table_of(3000)
    before = Counter(zip(*(table[n].to_pylist() for n in ("sex", "age", "city")), strict=True))

    made, derived = derive(
        tmp_path, table, {"do": "suppress", "columns": ["sex", "age", "city"], "k": 8}
    )

    after = Counter(zip(*(made[n].to_pylist() for n in ("sex", "age", "city")), strict=True))
    assert after == Counter({key: n for key, n in before.items() if n >= 8})
    assert derived.suppressed == sum(n for n in before.values() if n < 8) > 0
    assert (derived.k_before, derived.k_after) == (min(before.values()), min(after.values()))
    assert derived.groups == len(after)
    assert derived.rows_out == made.num_rows == 3000 - derived.suppressed


def test_generalised_values_are_what_is_counted(tmp_path: Path) -> None:
    table = pa.table({"age": [31, 32, 33, 34, 35, 71]})

    made, derived = derive(
        tmp_path,
        table,
        {"do": "band", "column": "age", "width": 10},
        {"do": "suppress", "columns": ["age"], "k": 5},
    )

    assert made["age"].to_pylist() == ["30-39"] * 5
    assert (derived.suppressed, derived.k_before, derived.k_after) == (1, 1, 5)


def test_persons_are_counted_and_not_their_rows(tmp_path: Path) -> None:
    table = pa.table(
        {"city": ["A"] * 6 + ["B"] * 6, "who": ["p"] * 6 + [f"q{i}" for i in range(6)]}
    )

    made, derived = derive(
        tmp_path,
        table,
        {"do": "drop", "column": "who"},
        {"do": "suppress", "columns": ["city"], "k": 3, "person": "who"},
    )

    assert made["city"].to_pylist() == ["B"] * 6
    assert (derived.k_before, derived.k_after) == (1, 6)


def test_a_table_read_in_parts_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_of(5000)
    steps = [
        {"do": "suppress", "columns": ["sex", "age"], "k": 40, "person": "who"},
    ]
    whole, told = derive(tmp_path, table, *steps)

    monkeypatch.setattr(groups, "AT_ONCE", 700)
    parts, told_in_parts = derive(tmp_path, table, *steps)

    assert whole.equals(parts)
    assert told == told_in_parts
    assert 0 < told.suppressed < 5000


@given(
    values=st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.sampled_from(["", "x", "y", " x"])),
        min_size=1,
        max_size=60,
    ),
    k=st.integers(2, 5),
)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_k_holds_for_any_table(tmp_path: Path, values: list[tuple[Any, str]], k: int) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in values], pa.int64()), "b": [b for _, b in values]}
    )

    made, derived = derive(tmp_path, table, {"do": "suppress", "columns": ["a", "b"], "k": k})

    counts = Counter(values)
    kept = [each for each in values if counts[each] >= k]
    assert list(zip(made["a"].to_pylist(), made["b"].to_pylist(), strict=True)) == kept
    assert derived.suppressed == len(values) - len(kept)


@pytest.mark.parametrize(
    ("when", "values", "kept"),
    [
        ("EQUALS", ["2"], [2]),
        ("DIFFERS", ["2", "3"], [1, None]),
        ("LESS", ["3"], [1, 2]),
        ("AT_LEAST", ["2"], [2, 3]),
        ("FILLED", [], [1, 2, 3]),
    ],
)
def test_rows_are_filtered_by_the_value_of_the_source(
    tmp_path: Path, when: str, values: list[str], kept: list[int]
) -> None:
    made, derived = derive(
        tmp_path,
        pa.table({"n": [1, 2, 3, None], "m": [1, 2, 3, None]}),
        {"do": "keep_rows", "column": "n", "when": when, "values": values},
        {"do": "drop", "column": "n"},
    )

    assert made["m"].to_pylist() == kept
    assert derived.filtered == 4 - len(kept)


def test_groups_give_the_figures_of_their_rows(tmp_path: Path) -> None:
    table = table_of(4000)
    rows = table.to_pylist()

    made, derived = derive(
        tmp_path,
        table,
        {"do": "band", "column": "age", "width": 20},
        {
            "do": "aggregate",
            "by": ["city", "age"],
            "measures": [
                {"take": "COUNT", "name": "n"},
                {"take": "SUM", "column": "pay"},
                {"take": "MEAN", "column": "pay"},
                {"take": "MIN", "column": "pay"},
                {"take": "MAX", "column": "pay"},
                {"take": "MEDIAN", "column": "pay"},
                {"take": "MEAN", "column": "rate", "name": "rate"},
            ],
            "smallest": 450,
        },
    )

    groups_of: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        low = row["age"] // 20 * 20
        groups_of.setdefault((row["city"], f"{low}-{low + 19}"), []).append(row)
    large = {key: group for key, group in groups_of.items() if len(group) >= 450}
    assert len(large) < len(groups_of)
    assert {(each["city"], each["age"]) for each in made.to_pylist()} == large.keys()
    for each in made.to_pylist():
        group = large[each["city"], each["age"]]
        paid = [row["pay"] for row in group if row["pay"] is not None]
        assert each["n"] == len(group)
        assert (each["pay_sum"], each["pay_min"], each["pay_max"]) == (
            sum(paid),
            min(paid),
            max(paid),
        )
        assert each["pay_mean"] == pytest.approx(sum(paid) / len(paid))
        assert each["pay_median"] == median(paid)
        assert each["rate"] == pytest.approx(sum(row["rate"] for row in group) / len(group))
    assert derived.in_small_groups == sum(
        len(group) for group in groups_of.values() if len(group) < 450
    )
    assert derived.k_after == min(map(len, large.values())) >= 450


def test_nothing_is_left_of_groups_that_are_too_small(tmp_path: Path) -> None:
    made, derived = derive(
        tmp_path,
        pa.table({"a": [1, 2, 3]}),
        {"do": "aggregate", "by": ["a"], "measures": [{"take": "COUNT"}], "smallest": 2},
    )

    assert made.num_rows == 0
    assert (derived.rows_out, derived.in_small_groups) == (0, 3)


def test_the_same_recipe_gives_the_same_bytes(tmp_path: Path) -> None:
    steps = [
        {"do": "pseudonym", "column": "who"},
        {"do": "band", "column": "age", "width": 10},
        {"do": "suppress", "columns": ["age", "sex"], "k": 5},
    ]

    derive(tmp_path, table_of(2000), *steps)
    once = (tmp_path / "target.parquet").read_bytes()
    derive(tmp_path, table_of(2000), *steps)

    assert (tmp_path / "target.parquet").read_bytes() == once


def test_the_first_rows_alone_are_derived_for_a_preview(tmp_path: Path) -> None:
    made, derived = derive(
        tmp_path, pa.table({"a": list(range(50))}), {"do": "mask", "column": "a"}, most=7,
        row_group_size=5,
    )  # fmt: skip

    assert made.num_rows == derived.rows_in == 7


def test_progress_is_told_in_every_reading(tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []

    derive(
        tmp_path,
        table_of(100),
        {"do": "keep_rows", "column": "age", "when": "FILLED"},
        {"do": "suppress", "columns": ["sex"], "k": 2},
        progress=lambda *words: told.append(words),
    )

    assert told == [(100, 100, "selecting"), (100, 100, "counting"), (100, 100, "deriving")]


def test_text_around_the_table_is_not_carried_over(tmp_path: Path) -> None:
    table = pa.table({"a": ["x"]}).replace_schema_metadata(
        {"quanheng.outside": '["张三 13800138000"]'}
    )

    made, _ = derive(tmp_path, table, {"do": "mask", "column": "a"})

    assert made.schema.metadata is None
