"""What a draft of the rules changes, as lines that are read: no table of a file stands raw."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.rulebook.diffs import Change, EntryChange

Line = tuple[str, str]


def told(entry: EntryChange) -> dict[str, Any]:
    """Return one changed entry with each value as lines of name and words."""
    return {
        "section": entry.section,
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "changes": [_told(change) for change in entry.changes],
    }


def lines_of(value: Any, place: str = "") -> list[Line]:
    """Return a value of a rule file as lines; the members of a table each on a line of its own."""
    return list(_lines(value, place))


def _told(change: Change) -> dict[str, Any]:
    return {
        "key": change.key,
        "kind": change.kind,
        "before": lines_of(change.before),
        "after": lines_of(change.after),
    }


def _lines(value: Any, place: str) -> Iterator[Line]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _lines(member, f"{place}.{name}" if place else str(name))
    elif _is_table(value):
        for number, row in enumerate(value, 1):
            yield from _lines(row, f"{place}[{number}]")
    else:
        yield place, _words(value)


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(each, Mapping) for each in value)
    )


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return value or "–"
    if isinstance(value, Sequence):
        return _(", ").join(_words(each) for each in value) or "–"
    return "–" if value is None else str(value)
