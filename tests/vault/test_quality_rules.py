"""Rules of quality: what each kind finds, and what hostile rules meet."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.vault.quality import (
    MOST_RULES,
    RuleFault,
    read_rules,
    rules_sha256,
    what_does_not_fit,
    write_rules,
)
from exchange.vault.quality.evaluating import check_parquet
from exchange.vault.reading import check_table

Rule = dict[str, Any]
NAN = float("nan")
COLUMNS: dict[str, pa.Array] = {
    "text": pa.array(["a", "bb", None, "", "a", "汉字"]),
    "whole": pa.array([1, 2, 3, None, 5, 6]),
    "share": pa.array([0.5, NAN, 3.0, None, -1.0, 2.5]),
    "other": pa.array([1.5, 1.0, 6.0, 1.0, 4.0, 9.0]),
    "day": pa.array([date(2026, 1, n) for n in range(1, 7)]),
    "until": pa.array([date(2026, 1, 3)] * 5 + [None]),
    "yes": pa.array([True, False, None, True, True, False]),
    "cells": pa.array(["1", "2.5", "x", "", None, "2026-01-01"]),
    "at": pa.array([datetime(2026, 1, n, 12, tzinfo=UTC) for n in range(1, 7)]),
}


def write(path: Path, columns: dict[str, pa.Array] = COLUMNS, group: int = 2) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


def rows_that_fail(path: Path, rule: Rule) -> list[int]:
    (found,) = check_parquet(path, {"rules": [rule]})["rules"]
    assert found["fault"] is None
    assert len(found["examples"]) == min(found["failing"], 5)
    return [example["row"] for example in found["examples"]]


def rule(kind: str, *columns: str, **given: Any) -> Rule:
    return {"kind": kind, "columns": list(columns), **given}


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        (rule("not_null", "text"), [3, 4]),
        (rule("not_null", "share"), [2, 4]),
        (rule("not_null", "yes"), [3]),
        (rule("type", "cells", type="integer"), [2, 3, 6]),
        (rule("type", "cells", type="number"), [3, 6]),
        (rule("type", "cells", type="date"), [1, 2, 3]),
        (rule("type", "cells", type="instant"), [1, 2, 3, 6]),
        (rule("type", "cells", type="text"), []),
        (rule("type", "whole", type="number"), []),
        (rule("type", "share", type="integer"), [1, 3, 5, 6]),
        (rule("type", "day", type="text"), []),
        (rule("format", "cells", format="date"), [1, 2, 3]),
        (rule("pattern", "text", pattern="a|b+"), [6]),
        (rule("pattern", "text", pattern="."), [2, 6]),
        (rule("length", "text", min="2"), [1, 5]),
        (rule("length", "text", max="1"), [2, 6]),
        (rule("range", "whole", min="2", max="5"), [1, 6]),
        (rule("range", "share", min="0"), [5]),
        (rule("range", "day", max="2026-01-04"), [5, 6]),
        (rule("range", "at", min="2026-01-02T12:00:00+00:00"), [1]),
        (rule("allowed", "text", values=["a", "bb"]), [6]),
        (rule("allowed", "whole", values=["1", "2", "3"]), [5, 6]),
        (rule("allowed", "yes", values=["true"]), [2, 6]),
        (rule("allowed", "day", values=["2026-01-01"]), [2, 3, 4, 5, 6]),
        (rule("unique", "text"), [5]),
        (rule("unique", "text", "whole"), []),
        (rule("unique", "until"), [2, 3, 4, 5]),
        (rule("compare", "day", "until", operator="<="), [4, 5]),
        (rule("compare", "day", "until", operator="!="), [3]),
        (rule("compare", "whole", "share", operator=">"), [3]),
        (rule("sum", "whole", "share", "other"), [6]),
        (rule("sum", "whole", "share", "other", tolerance="0.5"), []),
    ],
)
def test_each_kind_finds_its_rows(tmp_path: Path, asked: Rule, rows: list[int]) -> None:
    assert rows_that_fail(write(tmp_path / "t.parquet"), asked) == rows


@pytest.mark.parametrize("group", [1, 2, 4, 6])
def test_pieces_of_any_size_give_the_same_answer(tmp_path: Path, group: int) -> None:
    asked = {"rules": [rule("unique", "until"), rule("not_null", "text"), rule("unique", "whole")]}

    found = check_parquet(write(tmp_path / "t.parquet", group=group), asked)

    assert [row["failing"] for row in found["rules"]] == [4, 2, 0]
    assert found["rules"][0]["examples"][0]["row"] == 2


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", None]), st.integers(0, 3)), max_size=40))
def test_repetition_is_counted_exactly(rows: list[tuple[str | None, int]]) -> None:
    sink = pa.BufferOutputStream()
    table = pa.table(
        {
            "a": pa.array([text for text, _number in rows], pa.string()),
            "b": pa.array([number for _text, number in rows], pa.int64()),
        }
    )
    pq.write_table(table, sink, row_group_size=7)
    seen: set[tuple[str, int]] = set()
    expected = []
    for place, (text, number) in enumerate(rows, 1):
        if text and (text, number) in seen:
            expected.append(place)
        if text:
            seen.add((text, number))

    asked = {"rules": [rule("unique", "a", "b")]}
    (found,) = check_parquet(pa.BufferReader(sink.getvalue()), asked)["rules"]

    assert found["failing"] == len(expected)
    assert [example["row"] for example in found["examples"]] == expected[:5]


def test_cells_are_shown_by_their_shape(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", {"c": pa.array(["张三 A-7b", "\x00", "9" * 40])})

    (found,) = check_parquet(path, {"rules": [rule("length", "c", max="0")]})["rules"]

    assert [row["shapes"] for row in found["examples"]] == [["文文 A-9a"], ["?"], ["9" * 24]]


def test_a_rule_that_no_longer_fits_is_broken_by_every_row(tmp_path: Path) -> None:
    asked = {"rules": [rule("not_null", "gone"), rule("range", "text", min="1")]}

    found = check_parquet(write(tmp_path / "t.parquet"), asked)["rules"]

    assert [(row["failing"], row["fault"]["what"]) for row in found] == [
        (6, "unknown-column"),
        (6, "other-type"),
    ]


def test_the_digest_does_not_depend_on_how_rules_were_written() -> None:
    short = read_rules({"rules": [rule("sum", "a", "b", "c")]})
    long = read_rules(
        {
            "rules": [
                {
                    "tolerance": "0.000001",
                    "columns": ["a", "b", "c"],
                    "weight": 1,
                    "kind": "sum",
                    "id": "r1",
                }
            ]
        }
    )

    assert rules_sha256(short) == rules_sha256(long)
    assert read_rules(write_rules(short)) == short


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ([], "document"),
        ({"rules": []}, "no-rules"),
        ({"rules": [rule("not_null", "a")] * (MOST_RULES + 1)}, "many-rules"),
        ({"rules": [rule("not_null", "a")] * 1_000_000}, "many-rules"),
        ({"rules": [{**rule("not_null", "a"), "id": "x"}] * 2}, "same-id"),
        ({"rules": ["not_null"]}, "not-an-object"),
        ({"rules": [{**rule("not_null", "a"), "id": "X Y"}]}, "bad-id"),
        ({"rules": [rule("eval", "a")]}, "unknown-kind"),
        ({"rules": [rule("not_null", "a", sql="1=1")]}, "unknown-key"),
        ({"rules": [rule("not_null", "a", weight=True)]}, "bad-weight"),
        ({"rules": [rule("not_null", "a", weight=101)]}, "bad-weight"),
        ({"rules": [rule("not_null")]}, "bad-columns"),
        ({"rules": [rule("not_null", "a", "b")]}, "bad-columns"),
        ({"rules": [rule("compare", "a", "a", operator="<")]}, "bad-columns"),
        ({"rules": [rule("compare", "a", "b", operator="; DROP")]}, "not-a-choice"),
        ({"rules": [rule("type", "a", type="eval")]}, "not-a-choice"),
        ({"rules": [rule("format", "a", format=["date"])]}, "not-a-choice"),
        ({"rules": [rule("pattern", "a", pattern="a" * 201)]}, "long-pattern"),
        ({"rules": [rule("pattern", "a", pattern="(")]}, "bad-pattern"),
        ({"rules": [rule("pattern", "a", pattern="a)|(b")]}, "bad-pattern"),
        ({"rules": [rule("pattern", "a", pattern=r"(a)\1")]}, "bad-pattern"),
        ({"rules": [rule("pattern", "a", pattern="(?<=a)b")]}, "bad-pattern"),
        ({"rules": [rule("pattern", "a", pattern="((a{100}){100}){100}")]}, "bad-pattern"),
        ({"rules": [rule("pattern", "a", pattern="\ud800")]}, "bad-pattern"),
        ({"rules": [rule("allowed", "a", values=[])]}, "bad-values"),
        ({"rules": [rule("allowed", "a", values=["x"] * 1001)]}, "bad-values"),
        ({"rules": [rule("allowed", "a", values=["\ud800"])]}, "bad-value"),
        (
            {"rules": [rule("allowed", "a", values=["汉" * 200] * 900)]},
            "long-document",
        ),
        ({"rules": [rule("sum", "a", "b", "c", tolerance="-1")]}, "bad-tolerance"),
        ({"rules": [rule("sum", "a", "b", "c", tolerance="NaN")]}, "bad-tolerance"),
        ({"rules": [rule("range", "a")]}, "bad-bounds"),
        ({"rules": [rule("range", "a", min=1)]}, "bad-bounds"),
        ({"rules": [rule("length", "a", max="-1")]}, "bad-bounds"),
    ],
)
def test_what_is_no_rule_is_named(document: Any, what: str) -> None:
    with pytest.raises(RuleFault) as refusal:
        read_rules(document)

    assert refusal.value.what == what


@pytest.mark.parametrize(
    ("asked", "what", "params"),
    [
        (rule("not_null", "Text"), "unknown-column", {"column": "Text", "near": "text"}),
        (rule("not_null", "金额"), "unknown-column", {"column": "金额"}),
        (
            rule("pattern", "whole", pattern="1"),
            "other-type",
            {"column": "whole", "type": "integer", "kind": "pattern"},
        ),
        (
            rule("sum", "whole", "text", "share"),
            "other-type",
            {"column": "text", "type": "text", "kind": "sum"},
        ),
        (
            rule("range", "day", min="tomorrow"),
            "other-value",
            {"column": "day", "value": "tomorrow", "type": "date"},
        ),
        (
            rule("allowed", "whole", values=["1", "1e999999999"]),
            "other-value",
            {"column": "whole", "value": "1e999999999", "type": "integer"},
        ),
        (
            rule("compare", "day", "text", operator="<"),
            "not-comparable",
            {"left": "day", "left_type": "date", "right": "text", "right_type": "text"},
        ),
    ],
)
def test_what_does_not_fit_is_named(asked: Rule, what: str, params: dict[str, str]) -> None:
    kinds = {"text": "text", "whole": "integer", "share": "number", "day": "date"}
    (read,) = read_rules({"rules": [asked]})

    fault = what_does_not_fit(read, kinds)

    assert fault is not None
    assert (fault.what, fault.params, fault.rule) == (what, params, "r1")


def test_a_pattern_made_to_hang_does_not(tmp_path: Path) -> None:
    texts = pa.array(["a" * 50_000 + "!"] * 20)
    path = write(tmp_path / "t.parquet", {"c": texts})
    asked = {
        "rules": [rule("pattern", "c", pattern="(a+)+"), rule("pattern", "c", pattern="(a|aa)*")]
    }

    begun = time.monotonic()
    found = check_table(path, asked, workdir=tmp_path)

    assert [row["failing"] for row in found["rules"]] == [20, 20]
    assert time.monotonic() - begun < 20  # a backtracking engine would need 2^50000 steps


def test_the_child_tells_how_far_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet")
    told: list[tuple[int, int | None, str]] = []
    tell: Callable[[int, int | None, str], None] = lambda *step: told.append(step)  # noqa: E731

    check_table(path, {"rules": [rule("unique", "text")]}, workdir=tmp_path, progress=tell)

    assert told[-1] == (6, 6, "checking")  # three row groups, read twice
