"""Recipes as documents: read, written, refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exchange.compliance.remedies import (
    AgeBand,
    Aggregate,
    Band,
    Drop,
    Measure,
    RecipeFault,
    Suppress,
    read_recipe,
    recipe_bytes,
    recipe_schema,
    recipe_sha256,
    write_recipe,
)

WHOLE: list[dict[str, Any]] = [
    {"do": "keep_rows", "column": "年", "when": "AT_LEAST", "values": ["2020"]},
    {"do": "drop", "column": "姓名"},
    {"do": "mask", "column": "手机", "kind": "cn_mobile"},
    {"do": "pseudonym", "column": "证件", "name": "人员编号"},
    {"do": "period", "column": "日期", "unit": "QUARTER"},
    {"do": "age_band", "column": "生日", "on": "2026-11-29", "width": 5},
    {"do": "band", "column": "收入", "width": "0.5", "high": "20"},
    {"do": "grid", "column": "纬度", "longitude": "经度", "meters": 2000},
    {"do": "region", "column": "住址", "level": "CITY"},
    {"do": "redact", "column": "备注"},
    {"do": "suppress", "columns": ["生日", "住址"], "k": 7, "person": "证件"},
    {
        "do": "aggregate",
        "by": ["住址"],
        "measures": [{"take": "COUNT"}, {"take": "MEAN", "column": "收入", "name": "平均"}],
        "smallest": 20,
    },
]


def test_a_recipe_comes_back_as_it_was_written() -> None:
    recipe = read_recipe({"steps": WHOLE})

    assert read_recipe(write_recipe(recipe)) == recipe
    assert recipe.changes[0] == Drop(column="姓名")
    assert recipe.changes[4] == AgeBand(column="生日", on=date(2026, 11, 29), width=5, top=90)
    assert recipe.changes[5] == Band(column="收入", width=Decimal("0.5"), high=Decimal(20))
    assert recipe.suppressions == (Suppress(columns=("生日", "住址"), k=7, person="证件"),)
    assert recipe.aggregate == Aggregate(
        by=("住址",),
        measures=(Measure(take="COUNT"), Measure(take="MEAN", column="收入", name="平均")),
        smallest=20,
    )
    assert (recipe.derived_kind, recipe.needs_key, recipe.needs_spans) == ("STATISTIC", True, True)


def test_what_is_left_out_and_what_is_written_out_are_the_same_bytes() -> None:
    short = read_recipe({"steps": [{"do": "period", "column": "a"}]})
    long = read_recipe(
        {
            "steps": [{"unit": "MONTH", "column": "a", "do": "period"}],
            "version": 1,
            "key": "PRODUCT",
        }
    )

    assert recipe_bytes(short) == (
        b'{"key":"PRODUCT","steps":[{"column":"a","do":"period","unit":"MONTH"}],"version":1}'
    )
    assert recipe_sha256(short) == recipe_sha256(long)
    assert short.derived_kind == "MASKED"


@pytest.mark.parametrize(
    ("document", "place", "what"),
    [
        ([], "recipe", "object"),
        ({}, "steps", "list"),
        ({"steps": []}, "steps", "count"),
        ({"steps": [{"do": "drop", "column": "a"}], "more": 1}, "more", "unknown"),
        ({"steps": [{"do": "drop", "column": "a"}], "version": 2}, "version", "version"),
        ({"steps": [{"do": "drop", "column": "a"}], "key": "MINE"}, "key", "choice"),
        ({"steps": [{"do": "burn", "column": "a"}]}, "steps.0.do", "choice"),
        ({"steps": ["drop"]}, "steps.0", "object"),
        ({"steps": [{"do": "drop"}]}, "steps.0.column", "missing"),
        ({"steps": [{"do": "drop", "column": ""}]}, "steps.0.column", "text"),
        ({"steps": [{"do": "drop", "column": "a", "why": "x"}]}, "steps.0.why", "unknown"),
        ({"steps": [{"do": "mask", "column": "a", "first": True}]}, "steps.0.first", "whole"),
        ({"steps": [{"do": "mask", "column": "a", "last": -1}]}, "steps.0.last", "range"),
        ({"steps": [{"do": "period", "column": "a", "unit": "DAY"}]}, "steps.0.unit", "choice"),
        ({"steps": [{"do": "age_band", "column": "a", "on": "today"}]}, "steps.0.on", "date"),
        ({"steps": [{"do": "band", "column": "a", "width": "0"}]}, "steps.0.width", "fraction"),
        ({"steps": [{"do": "band", "column": "a", "width": 1.5}]}, "steps.0.width", "fraction"),
        ({"steps": [{"do": "band", "column": "a", "width": "NaN"}]}, "steps.0.width", "fraction"),
        ({"steps": [{"do": "suppress", "columns": []}]}, "steps.0.columns", "count"),
        ({"steps": [{"do": "suppress", "columns": ["a"], "k": 1}]}, "steps.0.k", "range"),
        (
            {"steps": [{"do": "drop", "column": "a"}, {"do": "mask", "column": "a"}]},
            "steps.1",
            "twice",
        ),
        (
            {"steps": [{"do": "aggregate", "by": ["a"], "measures": [{"take": "SUM"}]}]},
            "steps.0.measures.0.column",
            "measure",
        ),
        (
            {"steps": [{"do": "aggregate", "by": ["a"], "measures": [{"take": "COUNT"}]}] * 2},
            "steps.1",
            "groups",
        ),
    ],
)
def test_a_bad_recipe_is_refused_at_its_place(document: Any, place: str, what: str) -> None:
    with pytest.raises(RecipeFault) as refused:
        read_recipe(document)

    assert (refused.value.place, refused.value.what) == (place, what)


def test_the_schema_names_every_step_and_its_members() -> None:
    schema = recipe_schema()
    offered = {
        each["title"]: set(each["properties"])
        for each in schema["properties"]["steps"]["items"]["oneOf"]
    }

    assert offered.keys() == {step["do"] for step in WHOLE}
    for step in WHOLE:
        assert step.keys() <= offered[step["do"]]
    required = {
        each["title"]: each["required"] for each in schema["properties"]["steps"]["items"]["oneOf"]
    }
    assert required["mask"] == ["do", "column"]
    assert required["aggregate"] == ["do", "by", "measures"]
