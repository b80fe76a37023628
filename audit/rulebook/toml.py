"""Changing one value in a TOML text and leaving every other byte, comments included, as it is."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"'-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")
Place = tuple[str, ...]


class NotFoundInText(LookupError):
    """There is no such table in the text."""


@dataclass(frozen=True)
class _Statement:
    """Lines `start` to `stop` of a text: a header, or a key with its whole value."""

    start: int
    stop: int
    header: Place = ()
    listed: bool = False
    key: str = ""


def set_value(text: str, table: Place, key: str, value: Any) -> str:
    """Return `text` with `key` of a table set to `value`, or removed where that is None.

    `table` names a table (`("thresholds",)`, `("themes", "TRACK")`, `()` for the top), or an entry
    of a list of tables by its `id` (`("rules", "R-CORE")`). Raises NotFoundInText.
    """
    data = tomllib.loads(text)
    wanted = deepcopy(data)
    _set(find_table(wanted, table), key, value)
    if wanted == data:
        return text
    lines = text.splitlines(keepends=True)
    statements = list(_statements(lines))
    changed = "".join(_replaced(lines, statements, table, key, value))
    if tomllib.loads(changed) != wanted:
        msg = f"{'.'.join((*table, key))} cannot be set in this text"
        raise NotFoundInText(msg)
    return changed


def find_table(data: Mapping[str, Any], table: Place) -> Any:
    """Return the table at a place, or the entry of a list with the id that the place names."""
    found: Any = data
    for name in table:
        if isinstance(found, list):
            found = next((row for row in found if row.get("id") == name), None)
        else:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is None:
            raise NotFoundInText(".".join(table))
    if not isinstance(found, Mapping):
        raise NotFoundInText(".".join(table))
    return found


def in_toml(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float | date | datetime):
        return repr(value) if isinstance(value, int | float) else value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {in_toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(in_toml(each) for each in value)}]"
    msg = f"TOML has no {type(value).__name__}"
    raise TypeError(msg)


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _replaced(
    lines: list[str], statements: list[_Statement], table: Place, key: str, value: Any
) -> Iterator[str]:
    own = _of_table(lines, statements, table)
    present = next((each for each in own if each.key == key), None)
    written = [] if value is None else [f"{key} = {in_toml(value)}\n"]
    if present is not None:
        comment = _trailing_comment(lines[present.stop - 1])
        if written and comment:
            written = [f"{written[0].rstrip()}  {comment}\n"]
        start, stop = present.start, present.stop
    else:
        start = stop = own[-1].stop if own else 0
    yield from lines[:start]
    yield from written
    yield from lines[stop:]


def _trailing_comment(line: str) -> str:
    """Return the comment behind a value; a `#` within a text is none."""
    for match in re.finditer("#", line):
        head = line[: match.start()]
        if head.count('"') % 2 == 0 and head.count("'") % 2 == 0:
            return line[match.start() :].strip()
    return ""


def _of_table(lines: list[str], statements: list[_Statement], table: Place) -> list[_Statement]:
    """Return the header and the keys of one table, in the order of the text."""
    groups: list[list[_Statement]] = [[]]
    for statement in statements:
        if statement.header:
            groups.append([])
        groups[-1].append(statement)
    if not table:
        return groups[0]
    for group in groups[1:]:
        head = group[0]
        if not head.listed and head.header == table:
            return group
        if head.listed and head.header == table[:-1]:
            own = "".join("".join(lines[each.start : each.stop]) for each in group[1:])
            if tomllib.loads(own).get("id") == table[-1]:
                return group
    raise NotFoundInText(".".join(table))


def _statements(lines: list[str]) -> Iterator[_Statement]:
    number = 0
    while number < len(lines):
        line = lines[number]
        if header := _HEADER.match(line):
            names = tuple(part.strip("\"'") for part in header[2].split("."))
            yield _Statement(number, number + 1, header=names, listed=header[1] == "[[")
            number += 1
        elif key := _KEY.match(line):
            stop = _end_of_value(lines, number)
            yield _Statement(number, stop, key=key[1].strip('"'))
            number = stop
        else:
            number += 1


def _end_of_value(lines: list[str], start: int) -> int:
    """Return the line behind a value: as soon as what was read is TOML, it is complete."""
    for stop in range(start + 1, len(lines) + 1):
        if lines[stop - 1].rstrip().endswith(",") and stop < len(lines):
            continue
        try:
            tomllib.loads("".join(lines[start:stop]))
        except tomllib.TOMLDecodeError:
            continue
        return stop
    return len(lines)
