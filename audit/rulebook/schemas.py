"""What a text has to say to be rules of its kind: checked before anybody is asked to approve it.

The version it was begun from is the measure: the same sections, keys and types. What a kind knows
beyond that its room registers with `@schema_of`, down to what no version may weaken.
"""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .shelf import Pack

LARGEST = 512 * 1024
"""Bytes of the longest text."""
MOST_FAULTS = 100


@dataclass(frozen=True)
class Fault:
    """What is wrong in a text: the place, what it is, and what to do."""

    place: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.remedy}".strip()


Data = Mapping[str, Any]
Check = Callable[[Data, Pack], Iterable[Fault]]
Optional = Mapping[str, Mapping[str, type]]


@dataclass(frozen=True)
class Schema:
    """What a room knows of its kind of rules."""

    check: Check
    optional: Optional = field(default_factory=dict)
    free: frozenset[str] = frozenset()


_SCHEMAS: dict[str, Schema] = {}


def schema_of(
    kind: str, *, optional: Optional | None = None, free: Iterable[str] = ()
) -> Callable[[Check], Check]:
    """Register `check(data, base)`; it is asked once the text has the shape of its kind.

    `optional` names keys of entries by section that a version may use though its base does not;
    `free` names sections whose entries may be added and taken away.
    """

    def register(check: Check) -> Check:
        _SCHEMAS[kind] = Schema(check, optional or {}, frozenset(free))
        return check

    return register


def faults_of(kind: str, text: str, base: Pack) -> list[Fault]:
    """Return everything that keeps `text` from being a version after `base`."""
    if len(text.encode()) > LARGEST:
        return [Fault(_("text"), _("It is larger than half a megabyte."))]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [Fault(_("text"), str(error), _("Mend the spelling at that place."))]
    schema = _SCHEMAS.get(kind)
    faults = list(_misshapen(data, base.data, schema))[:MOST_FAULTS]
    if faults or schema is None:
        return faults
    try:
        return list(schema.check(data, base))[:MOST_FAULTS]
    except Exception as error:  # noqa: BLE001  whatever it is, such a text is no version
        return [
            Fault(
                _("text"),
                _("The exchange cannot work by these rules (%(error)s).")
                % {"error": f"{type(error).__name__}: {error}"},
                _("Compare with the version in force."),
            )
        ]


def _misshapen(data: Data, base: Data, schema: Schema | None) -> Iterator[Fault]:
    yield from _keys("", data, base)
    for name, value in data.items():
        if name not in base:
            continue
        before = base[name]
        if not _same_type(value, before):
            yield _type_fault(name, value, before)
        elif isinstance(before, Mapping) and _is_family(before):
            optional = schema.optional.get(name, {}) if schema else {}
            yield from _family(name, value, before, optional)
        elif isinstance(before, Mapping):
            yield from _table(name, value, before)
        elif isinstance(before, list) and before and isinstance(before[0], Mapping):
            optional = schema.optional.get(name, {}) if schema else {}
            yield from _rows(name, value, before, optional)


def _keys(place: str, data: Data, base: Data) -> Iterator[Fault]:
    """Ask for the same keys, and name the one that was probably meant."""
    for key in data.keys() - base.keys():
        near = difflib.get_close_matches(key, base.keys(), n=1)
        remedy = _("Did you mean %(name)s?") % {"name": near[0]} if near else _("Take it out.")
        yield Fault(_at(place, key), _("This is not known here."), remedy)
    for key in base.keys() - data.keys():
        yield Fault(_at(place, key), _("This is missing."), _("Put it back."))


def _table(place: str, data: Data, base: Data) -> Iterator[Fault]:
    yield from _keys(place, data, base)
    for key in data.keys() & base.keys():
        if not _same_type(data[key], base[key]):
            yield _type_fault(_at(place, key), data[key], base[key])
        elif isinstance(base[key], Mapping) and not _is_figures(base[key]):
            yield from _table(_at(place, key), data[key], base[key])


def _is_family(table: Data) -> bool:
    """Whether a table holds entries of one kind by name, as themes or entities are."""
    return len(table) > 1 and all(isinstance(value, Mapping) for value in table.values())


def _is_figures(table: Data) -> bool:
    """Whether a table holds figures by name, whose names may change."""
    return all(isinstance(value, int | float) for value in table.values())


def _family(place: str, data: Data, base: Data, optional: Mapping[str, type]) -> Iterator[Fault]:
    entries = [value for value in base.values() if isinstance(value, Mapping)]
    known, demanded = _vocabulary(entries, optional)
    for name, value in data.items():
        if not isinstance(value, Mapping):
            yield _type_fault(_at(place, name), value, {})
            continue
        yield from _entry(_at(place, name), value, known, demanded)


def _rows(
    place: str, rows: list[Any], base: list[Data], optional: Mapping[str, type]
) -> Iterator[Fault]:
    known, demanded = _vocabulary(base, optional)
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            yield _type_fault(f"{place}[{number}]", row, {})
            continue
        name = str(row.get("id", number))
        if "id" in row and name in seen:
            yield Fault(_at(place, name), _("It stands here twice."), _("Keep one of the two."))
        seen.add(name)
        yield from _entry(_at(place, name), row, known, demanded)


def _vocabulary(
    entries: Iterable[Data], optional: Mapping[str, type]
) -> tuple[dict[str, Any], set[str]]:
    """Return an example of each known key's value, and the keys that every entry has."""
    known: dict[str, Any] = {key: kind() for key, kind in optional.items()}
    demanded: set[str] | None = None
    for entry in entries:
        known |= {key: value for key, value in entry.items() if key not in optional}
        demanded = set(entry) if demanded is None else demanded & set(entry)
    return known, demanded or set()


def _entry(place: str, data: Data, known: Data, demanded: set[str]) -> Iterator[Fault]:
    for key, value in data.items():
        if key not in known:
            near = difflib.get_close_matches(key, known.keys(), n=1)
            remedy = _("Did you mean %(name)s?") % {"name": near[0]} if near else _("Take it out.")
            yield Fault(_at(place, key), _("This is not known here."), remedy)
        elif not _same_type(value, known[key]):
            yield _type_fault(_at(place, key), value, known[key])
        elif _is_words(key) and not str(value).strip():
            yield Fault(_at(place, key), _("The text is empty."), _("Say it in both languages."))
    for key in sorted(demanded - data.keys()):
        yield Fault(_at(place, key), _("This is missing."), _("Put it back."))


def _is_words(key: str) -> bool:
    return key in {"en", "zh"} or key.endswith(("_en", "_zh"))


def _same_type(value: Any, example: Any) -> bool:
    if isinstance(example, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(example, bool)
    if isinstance(example, int | float):
        return isinstance(value, int | float)
    if isinstance(example, Mapping):
        return isinstance(value, Mapping)
    return isinstance(value, type(example))


def _type_fault(place: str, value: Any, example: Any) -> Fault:
    return Fault(
        place,
        _("This is %(is)s.") % {"is": _kind(value)},
        _("It has to be %(must)s.") % {"must": _kind(example)},
    )


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return _("true or false")
    if isinstance(value, int | float):
        return _("a figure")
    if isinstance(value, str):
        return _("a text")
    if isinstance(value, list):
        return _("a list")
    if isinstance(value, Mapping):
        return _("a table")
    return _("a date")


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
