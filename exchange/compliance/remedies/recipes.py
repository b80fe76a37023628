"""Recipes as documents: one table of fields gives the JSON Schema, the reader and the bytes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from . import steps
from .faults import RecipeFault
from .steps import Measure, Recipe, Step, columns_of

VERSION: Final = 1
MOST_STEPS: Final = 500
LONGEST: Final = 256
KINDS: Final = {
    kind.do: kind
    for kind in (
        steps.Drop, steps.Mask, steps.Pseudonym, steps.Period, steps.AgeBand, steps.Band,
        steps.Grid, steps.Region, steps.Redact, steps.KeepRows, steps.Suppress, steps.Aggregate,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A text; `choices` where only some words are possible."""

    choices: tuple[str, ...] = ()
    empty: bool = False


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int


@dataclass(frozen=True)
class Fraction:
    """A decimal number, written as text so that its digits are its own."""

    positive: bool = False


class Day:
    """A date."""


@dataclass(frozen=True)
class Several:
    """A list of texts."""

    at_least: int = 1


class Measures:
    """The figures of an aggregate."""


Spec = Text | Whole | Fraction | Day | Several | Measures
COLUMN, OPTIONAL = Text(), Text(empty=True)
SPECS: Final[Mapping[str, Mapping[str, Spec]]] = {
    "drop": {"column": COLUMN},
    "mask": {
        "column": COLUMN, "first": Whole(0, 64), "last": Whole(0, 64), "kind": OPTIONAL,
    },
    "pseudonym": {"column": COLUMN, "name": OPTIONAL, "form": Text(steps.FORMS)},
    "period": {"column": COLUMN, "unit": Text(steps.PERIODS)},
    "age_band": {
        "column": COLUMN, "on": Day(), "width": Whole(1, 50), "top": Whole(14, 120),
    },
    "band": {
        "column": COLUMN, "width": Fraction(positive=True), "low": Fraction(), "high": Fraction(),
    },
    "grid": {"column": COLUMN, "longitude": COLUMN, "meters": Whole(10, 1_000_000)},
    "region": {"column": COLUMN, "level": Text(steps.REGIONS), "write": Text(steps.WRITINGS)},
    "redact": {"column": COLUMN},
    "keep_rows": {"column": COLUMN, "when": Text(steps.COMPARISONS), "values": Several(0)},
    "suppress": {"columns": Several(), "k": Whole(2, 10_000), "person": OPTIONAL},
    "aggregate": {
        "by": Several(), "measures": Measures(), "smallest": Whole(2, 100_000), "person": OPTIONAL,
    },
}  # fmt: skip
MEASURE: Final[Mapping[str, Spec]] = {
    "take": Text(steps.TAKES), "column": OPTIONAL, "name": OPTIONAL,
}  # fmt: skip


def read_recipe(document: object) -> Recipe:
    """Read a recipe from what JSON gave; raises RecipeFault at the first thing that is wrong."""
    known = _members(document, "", {"version", "key", "steps"})
    if known.get("version", VERSION) != VERSION:
        raise RecipeFault("version", "version", known=VERSION)
    key = _read(Text(steps.KEYS), known.get("key", "PRODUCT"), "key")
    listed = _read_list(known.get("steps"), "steps", 1)
    made = tuple(_read_step(step, f"steps.{place}") for place, step in enumerate(listed))
    _check_once(made)
    return Recipe(steps=made, key=key)


def write_recipe(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as a document, every field written out."""
    return {
        "version": recipe.version,
        "key": recipe.key,
        "steps": [_write_step(step) for step in recipe.steps],
    }


def recipe_bytes(recipe: Recipe) -> bytes:
    """Return the one way of writing a recipe (RFC 8785): sorted, without blanks or fractions."""
    return json.dumps(
        write_recipe(recipe), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def recipe_sha256(recipe: Recipe) -> str:
    """Return the digest by which a recipe is named in the log."""
    return hashlib.sha256(recipe_bytes(recipe)).hexdigest()


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema of recipes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Recipe of a derivation",
        "type": "object",
        "additionalProperties": False,
        "required": ["steps"],
        "properties": {
            "version": {"const": VERSION},
            "key": {"enum": list(steps.KEYS), "default": "PRODUCT"},
            "steps": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_STEPS,
                "items": {"oneOf": [_schema_of(do) for do in SPECS]},
            },
        },
    }


def _read_step(document: object, place: str) -> Step:
    known = _members(document, place, None)
    do = known.get("do")
    if not isinstance(do, str) or do not in SPECS:
        raise RecipeFault(f"{place}.do", "choice", choices=", ".join(SPECS))
    specs = SPECS[do]
    _members(document, place, {"do", *specs})
    values = _values(specs, known, place, KINDS[do])
    step: Step = KINDS[do](**values)
    return step


def _values(
    specs: Mapping[str, Spec], known: Mapping[str, Any], place: str, kind: type
) -> dict[str, Any]:
    required = _without_default(kind)
    values = {}
    for name, spec in specs.items():
        if known.get(name) is None:
            if name in required:
                raise RecipeFault(f"{place}.{name}", "missing")
            continue
        values[name] = _read(spec, known[name], f"{place}.{name}")
    return values


def _without_default(kind: type) -> set[str]:
    return {each.name for each in fields(kind) if not hasattr(kind, each.name)}


def _read(spec: Spec, value: Any, place: str) -> Any:
    match spec:
        case Text():
            return _read_text(spec, value, place)
        case Whole():
            return _read_whole(spec, value, place)
        case Fraction():
            return _read_fraction(spec, value, place)
        case Several():
            listed = _read_list(value, place, spec.at_least)
            text = Text(empty=not spec.at_least)
            return tuple(_read_text(text, each, f"{place}.{n}") for n, each in enumerate(listed))
        case Measures():
            return _read_measures(value, place)
    return _read_day(value, place)


def _read_whole(spec: Whole, value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecipeFault(place, "whole")
    if not spec.low <= value <= spec.high:
        raise RecipeFault(place, "range", low=spec.low, high=spec.high)
    return value


def _read_day(value: Any, place: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RecipeFault(place, "date") from None


def _read_list(value: Any, place: str, at_least: int) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RecipeFault(place, "list")
    if not at_least <= len(value) <= MOST_STEPS:
        raise RecipeFault(place, "count", limit=MOST_STEPS)
    return value


def _read_text(spec: Text, value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not (value or spec.empty):
        raise RecipeFault(place, "text", limit=LONGEST)
    if spec.choices and value not in spec.choices:
        raise RecipeFault(place, "choice", choices=", ".join(spec.choices))
    return value


def _read_fraction(spec: Fraction, value: Any, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecipeFault(place, "fraction")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise RecipeFault(place, "fraction") from None
    if not number.is_finite() or (spec.positive and number <= 0):
        raise RecipeFault(place, "fraction")
    return number


def _read_measures(value: Any, place: str) -> tuple[Measure, ...]:
    made = []
    for position, each in enumerate(_read_list(value, place, 1)):
        here = f"{place}.{position}"
        known = _members(each, here, set(MEASURE))
        measure = Measure(**_values(MEASURE, known, here, Measure))
        if (measure.take == "COUNT") == bool(measure.column):
            raise RecipeFault(f"{here}.column", "measure")
        made.append(measure)
    return tuple(made)


def _members(document: object, place: str, allowed: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise RecipeFault(place or "recipe", "object")
    unknown = sorted(str(name) for name in document if allowed and name not in allowed)
    if unknown:
        raise RecipeFault(f"{place}.{unknown[0]}".lstrip("."), "unknown")
    return document


def _check_once(made: Sequence[Step]) -> None:
    """Refuse two changes of one column, and two forms of groups."""
    seen: set[str] = set()
    groups = 0
    for place, step in enumerate(made):
        if isinstance(step, steps.Aggregate):
            groups += 1
            if groups > 1:
                raise RecipeFault(f"steps.{place}", "groups")
        if not isinstance(step, steps.ColumnStep):
            continue
        for name in columns_of(step):
            if name in seen:
                raise RecipeFault(f"steps.{place}", "twice", column=name)
            seen.add(name)


def _write_step(step: Step) -> dict[str, Any]:
    return {"do": step.do} | {name: _write(getattr(step, name)) for name in SPECS[step.do]}


def _write(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case Measure():
            return {name: getattr(value, name) for name in MEASURE}
        case tuple():
            return [_write(each) for each in value]
    return value


def _schema_of(do: str) -> dict[str, Any]:
    specs = SPECS[do]
    return {
        "type": "object",
        "title": do,
        "additionalProperties": False,
        "required": ["do", *sorted(_without_default(KINDS[do]) & specs.keys())],
        "properties": {"do": {"const": do}} | {n: _schema(spec) for n, spec in specs.items()},
    }


def _schema(spec: Spec) -> dict[str, Any]:
    match spec:
        case Text():
            text = {"type": "string", "minLength": 0 if spec.empty else 1, "maxLength": LONGEST}
            return {"enum": list(spec.choices)} if spec.choices else text
        case Whole():
            return {"type": "integer", "minimum": spec.low, "maximum": spec.high}
        case Fraction():
            return {"type": ["string", "null"], "pattern": r"^-?\d+(\.\d+)?$"}
        case Day():
            return {"type": "string", "format": "date"}
        case Several():
            return {"type": "array", "minItems": spec.at_least, "items": {"type": "string"}}
    figures = {name: _schema(inner) for name, inner in MEASURE.items()}
    figure = {"type": "object", "additionalProperties": False, "properties": figures}
    return {"type": "array", "minItems": 1, "items": figure | {"required": ["take"]}}
