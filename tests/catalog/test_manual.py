"""The product manual: what may stand in it, and that nothing else does."""

import pytest
from django.db import models

from audit.log.errors import Invalid
from exchange.catalog.manual import (
    MANUAL_COLUMNS,
    MANUAL_FIELDS,
    check_coherence,
    manual_chapters,
    read_manual,
    split_manual,
)
from exchange.catalog.models import Product
from exchange.registry.fields import Kind
from tests.catalog.making import MANUAL

MINIMUM: dict[str, object] = {"name": "样本", "product_type": "DATASET"}


def test_every_field_is_defined_once_and_completely() -> None:
    names = [field.name for field in MANUAL_FIELDS]

    assert len(names) == len(set(names))
    for field in MANUAL_FIELDS:
        assert str(field.label)
        assert str(field.help)
        assert (field.choices is not None) == (field.kind in {Kind.CHOICE, Kind.CHOICES})
        assert bool(field.columns) == (field.kind == Kind.ROWS)
        if field.kind in {Kind.TEXT, Kind.PROSE, Kind.TAGS, Kind.LINK, Kind.OBJECT}:
            assert field.max_length
        if field.kind in {Kind.TAGS, Kind.ROWS}:
            assert field.max_items


def test_columns_of_the_product_fit_their_fields() -> None:
    fields = {field.name: field for field in MANUAL_FIELDS if field.column}

    for name, field in fields.items():
        column = Product._meta.get_field(name)
        if isinstance(column, models.CharField):
            longest = max(map(len, field.choices.values)) if field.choices else field.max_length
            assert column.max_length >= longest
        if field.choices:
            assert column.choices == field.choices.choices


def test_chapters_hold_every_field_once() -> None:
    shown = [field.name for _, fields in manual_chapters() for field in fields]

    assert sorted(shown) == sorted(field.name for field in MANUAL_FIELDS)
    assert "training_uses" not in [f.name for _, fs in manual_chapters("DATASET") for f in fs]
    assert "training_uses" in [f.name for _, fs in manual_chapters("CORPUS") for f in fs]


def test_a_minimal_manual_gets_empty_values() -> None:
    values = read_manual(MINIMUM)

    assert set(values) == {field.name for field in MANUAL_FIELDS}
    assert values["name"] == "样本"
    assert values["keywords"] == []
    assert values["span_from"] is None
    check_coherence(values)


def test_a_full_manual_is_read_back_as_written() -> None:
    values = read_manual(MANUAL)

    assert {name: values[name] for name in MANUAL if name != "dictionary"} == {
        name: value for name, value in MANUAL.items() if name != "dictionary"
    }
    assert values["dictionary"] == [
        {
            "field": "dep_delay",
            "title": "离港延误",
            "type": "",
            "unit": "min",
            "nullable": False,
            "sensitivity": "",
            "note": "",
        }
    ]
    columns, rest = split_manual(values)
    assert set(columns) == set(MANUAL_COLUMNS)
    assert not set(columns) & set(rest)


def test_a_change_holds_only_what_was_mentioned() -> None:
    assert read_manual({"keywords": ["a", "b", "a", " "]}, complete=False) == {
        "keywords": ["a", "b"]
    }


@pytest.mark.parametrize(
    "name",
    ["id", "pk", "status", "version", "provider", "provider_id", "rights", "current", "manual",
     "listed_at", "price_final", "is_staff", "level", "zone", "__class__", "", "name "],
)  # fmt: skip
def test_what_is_no_field_of_the_manual_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_manual(MINIMUM | {name: 1})

    assert list(refused.value.fields) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", None),
        ("name", 7),
        ("name", "x" * 41),
        ("name", "两\n行"),
        ("name", "nul\x00"),
        ("name", "half \ud83d"),
        ("name", "\u202egnp.exe"),
        ("abstract", "字" * 401),
        ("abstract", ["text"]),
        ("product_type", "GOLD"),
        ("product_type", ["DATASET"]),
        ("product_type", {"a": 1}),
        ("industry", "Z"),
        ("industry_division", "5"),
        ("keywords", "one,two"),
        ("keywords", ["x" * 31]),
        ("keywords", [["nested"]]),
        ("keywords", [str(n) for n in range(13)]),
        ("languages", ["zh", "xx"]),
        ("span_from", "2013-02-30"),
        ("span_from", 2013),
        ("time_limit_days", "7"),
        ("time_limit_days", 7.5),
        ("time_limit_days", True),
        ("time_limit_days", 0),
        ("time_limit_days", 10**30),
        ("source_url", "javascript:alert(1)"),
        ("source_url", "https://user:pass@example.org/"),
        ("source_url", "https://"),
        ("source_url", "http://[bad"),
        ("algorithm_disclosures", ["drop table"]),
        ("contact_email", "not an address"),
        ("dictionary", {"field": "a"}),
        ("dictionary", [{"field": "a"}] * 501),
        ("delivery_modes", "FILE_DOWNLOAD"),
    ],
)
def test_hostile_values_are_named_by_field(name: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        read_manual(MINIMUM | {name: value})

    assert list(refused.value.fields) == [name]


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (["dep_delay"], "dictionary.0"),
        ([{"field": "a"}, {"title": "no field"}], "dictionary.1.field"),
        ([{"field": "a", "secret": 1}], "dictionary.0.secret"),
        ([{"field": "a", "sensitivity": "HIGH"}], "dictionary.0.sensitivity"),
        ([{"field": "a", "nullable": "no"}], "dictionary.0.nullable"),
    ],
)
def test_hostile_rows_are_named_by_place(rows: list[object], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_manual(MINIMUM | {"dictionary": rows})

    assert list(refused.value.fields) == [path]


@pytest.mark.parametrize("whole", [None, [], "text", 3])
def test_something_else_than_a_manual_is_refused(whole: object) -> None:
    with pytest.raises(Invalid):
        read_manual(whole)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read_manual({"abstract": 1, "secret": 2})

    assert set(refused.value.fields) == {"name", "product_type", "abstract", "secret"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"span_from": "2014-01-01", "span_until": "2013-01-01"}, "span_until"),
        ({"time_limit": "DAYS"}, "time_limit_days"),
        ({"time_limit": "UNLIMITED", "time_limit_days": 5}, "time_limit_days"),
        ({"training_uses": ["EVALUATION"]}, "training_uses"),
        ({"inputs": [{"field": "id"}]}, "inputs"),
    ],
)
def test_fields_may_not_contradict_each_other(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_coherence(read_manual(MINIMUM | changes))

    assert list(refused.value.fields) == [field]
