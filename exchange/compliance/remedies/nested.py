"""Changing one place inside nested columns: `a.b` in a structure, `a[].b` in a list of them."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds

from .values import Change

Leaf = Callable[[pa.Array], pa.Array | None]
_PART = re.compile(r"\.?([^.\[\]]+)|(\[\])")


def split_place(place: str, columns: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the column a place lies in, and the way inside; a column's own name comes first."""
    if place in columns:
        return place, ()
    for column in sorted(columns, key=len, reverse=True):
        if place.startswith((f"{column}.", f"{column}[]")):
            rest = place[len(column) :]
            return column, tuple(name or mark for name, mark in _PART.findall(rest))
    return place, ()


def has_place(kind: pa.DataType, way: Sequence[str]) -> bool:
    """Whether a type has such a place; text may hold JSON, which only its cells can tell."""
    if not way:
        return True
    part, *rest = way
    if kinds.is_struct(kind):
        position = kind.get_field_index(part)
        return position >= 0 and has_place(kind.field(position).type, rest)
    if _is_list(kind):
        return part == "[]" and has_place(kind.value_type, rest)
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind))


def change_place(values: pa.Array, way: Sequence[str], change: Leaf) -> pa.Array | None:
    """Return a column with one place changed, None where nothing of it is left."""
    if not way:
        return change(values)
    part, *rest = way
    kind = values.type
    if kinds.is_struct(kind):
        return _in_structure(values, part, rest, change)
    if _is_list(kind):
        return _in_list(values, rest, change)
    return values


def change_json(text: str, way: Sequence[str], change: Change | None) -> str | None:
    """Return a cell of JSON with one place changed, or left out; other text stays as it is."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_walk(document, list(way), change), ensure_ascii=False)


def _in_structure(values: pa.Array, part: str, rest: list[str], change: Leaf) -> pa.Array | None:
    inner, fields = [], []
    for field, child in zip(values.type, values.flatten(), strict=True):
        made = change_place(child, rest, change) if field.name == part else child
        if made is not None:
            inner.append(made)
            fields.append(pa.field(field.name, made.type))
    if not fields:
        return None
    return pa.StructArray.from_arrays(inner, fields=fields, mask=values.is_null())


def _in_list(values: pa.Array, rest: list[str], change: Leaf) -> pa.Array | None:
    """Change what the lists hold; every form of list becomes the plain one."""
    plain = values.cast(pa.list_(values.type.value_type))
    inner = change_place(plain.flatten(), rest, change)
    if inner is None:
        return None
    lengths = pa.compute.fill_null(pa.compute.list_value_length(plain), 0)
    ends = pa.compute.cumulative_sum(lengths)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends.cast(pa.int32())])
    return pa.ListArray.from_arrays(offsets, inner, mask=values.is_null())


def _walk(value: Any, way: list[str], change: Change | None) -> Any:
    if isinstance(value, list):
        rest = way[1:] if way and way[0] == "[]" else way
        return [_walk(each, rest, change) for each in value]
    if not isinstance(value, dict) or not way:
        return _leaf(value, change) if not way else value
    part, *rest = way
    if part not in value:
        return value
    if not rest and change is None:
        return {name: each for name, each in value.items() if name != part}
    return {
        name: _walk(each, rest, change) if name == part else each for name, each in value.items()
    }


def _leaf(value: Any, change: Change | None) -> Any:
    """Change a value, and everything below it when it holds more."""
    if value is None or change is None:
        return None
    if isinstance(value, dict):
        return {name: _leaf(each, change) for name, each in value.items()}
    if isinstance(value, bool):
        return change(str(value).lower())
    return change(str(value))


def _is_list(kind: pa.DataType) -> bool:
    return bool(kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind))
