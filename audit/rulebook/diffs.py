"""What one version of the rules says otherwise than another: entry by entry, in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ADDED, REMOVED, CHANGED = "ADDED", "REMOVED", "CHANGED"
SHORT = 6
"""So many members a list may have to be told as a whole."""
_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One value that differs. Of long lists only what came and what went is told."""

    key: str
    kind: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class EntryChange:
    """Everything that differs in one entry: a rule, a theme, a fee, or a section's own values."""

    section: str
    name: str
    title: Mapping[str, str]
    kind: str
    changes: tuple[Change, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[EntryChange]:
    """Return the entries that differ, in the order of the later text."""
    found = []
    for section in dict.fromkeys((*after, *before)):
        old, new = _entries(section, before), _entries(section, after)
        for name in dict.fromkeys((*new, *old)):
            change = _entry(section, name, old.get(name), new.get(name))
            if change is not None:
                found.append(change)
    return found


def sections_of(changes: list[EntryChange]) -> set[str]:
    """Return the sections in which something differs."""
    return {change.section for change in changes}


def _entries(section: str, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return a section as entries by name; one that has none is a single entry without a name."""
    value = data.get(section, _MISSING)
    if value is _MISSING:
        return {}
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        return {str(row.get("id", number)): row for number, row in enumerate(value, 1)}
    if isinstance(value, Mapping):
        if value and all(isinstance(each, Mapping) for each in value.values()):
            return {str(name): each for name, each in value.items()}
        return {"": value}
    return {"": {section: value}}


def _entry(
    section: str, name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> EntryChange | None:
    changes = tuple(_changes(old or {}, new or {}))
    if not changes:
        return None
    kind = ADDED if old is None else REMOVED if new is None else CHANGED
    return EntryChange(section, name, _title(new or old or {}), kind, changes)


def _title(entry: Mapping[str, Any]) -> dict[str, str]:
    return {tongue: entry[tongue] for tongue in ("en", "zh") if isinstance(entry.get(tongue), str)}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[Change]:
    for key in dict.fromkeys((*new, *old)):
        place = f"{path}.{key}" if path else key
        before, after = old.get(key, _MISSING), new.get(key, _MISSING)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changes(before, after, place)
        elif before is _MISSING:
            yield Change(place, ADDED, after=after)
        elif after is _MISSING:
            yield Change(place, REMOVED, before=before)
        elif _is_long(before) and _is_long(after):
            yield from _members(place, before, after)
        else:
            yield Change(place, CHANGED, before, after)


def _is_long(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > SHORT
        and all(isinstance(each, str | int) for each in value)
    )


def _members(place: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    came = [each for each in after if each not in before]
    went = [each for each in before if each not in after]
    if went:
        yield Change(place, REMOVED, before=went)
    if came:
        yield Change(place, ADDED, after=came)
    if not came and not went:
        yield Change(place, CHANGED, before, after)
