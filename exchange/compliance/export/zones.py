"""Lists of free trade zones, matched field by field (《促进和规范数据跨境流动规定》第六条)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

KINDS = ("GENERAL", "NEGATIVE", "IMPORTANT")


@dataclass(frozen=True)
class ListItem:
    """One category of one scene, with its fields; each by all of its names."""

    scene: str
    category: str
    fields: tuple[tuple[str, ...], ...]
    scene_en: str = ""
    category_en: str = ""


@dataclass(frozen=True)
class BorderList:
    """One list of one zone, for its time."""

    zone: str
    kind: str
    version: str
    valid_from: date
    valid_until: date
    items: tuple[ListItem, ...]
    demonstration: bool = False
    title: Mapping[str, str] | None = None
    source: Mapping[str, str] | None = None

    def is_valid(self, on: date) -> bool:
        """Whether the list holds on a day; its last day is not included."""
        return self.valid_from <= on < self.valid_until

    def find(self, column: str, mapping: Mapping[str, str]) -> str | None:
        """Return the path of the field that a column is, or None where the list has none.

        A column is the field that the provider's filed mapping says (scene/category/field, the
        full path), otherwise the one of its name.
        """
        said = mapping.get(column)
        if said is not None:
            return said if said in self._paths else None
        return self._by_name.get(plain(column))

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._by_name.values())

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {
            plain(name): f"{item.scene}/{item.category}/{names[0]}"
            for item in reversed(self.items)
            for names in item.fields
            for name in names
        }


@dataclass(frozen=True)
class Match:
    """How the columns of a release stand on the lists of a zone."""

    lists: tuple[str, ...] = ()
    important: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    exempt: bool = False


def match_zone(
    lists: Iterable[BorderList],
    *,
    zone: str,
    columns: Iterable[str],
    mapping: Mapping[str, str],
    on: date,
    trial: bool,
) -> Match:
    """Match every column against the lists of a zone that hold on the day.

    Exempt by a list of general data only if every column is on it; by a negative list only if
    none is, and the provider said of each column what it is: an unread column could be anything.
    On the list of important data, one column is enough to make the release important.
    """
    valid = [
        each
        for each in lists
        if zone and each.zone == zone and each.is_valid(on) and (trial or not each.demonstration)
    ]
    if not valid:
        return Match()
    names = tuple(columns)
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for each in valid:
        found[each.kind] |= {name for name in names if each.find(name, mapping)}
    kinds = {each.kind for each in valid}
    general, negative = found["GENERAL"], found["NEGATIVE"]
    within = "GENERAL" in kinds and general == set(names)
    beyond = "NEGATIVE" in kinds and not negative and set(names) <= mapping.keys()
    listed = general | negative | found["IMPORTANT"]
    return Match(
        lists=tuple(f"{each.zone}/{each.kind}/{each.version}" for each in valid),
        important=tuple(name for name in names if name in found["IMPORTANT"]),
        listed=tuple(name for name in names if name in listed),
        unlisted=tuple(name for name in names if name not in listed),
        exempt=bool(names) and not found["IMPORTANT"] and (within or beyond),
    )


def plain(name: str) -> str:
    """Return a name as it is compared: one width and case, without spaces and separators."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def read_list(entry: Mapping[str, Any]) -> BorderList:
    """Read a list of the rule pack; raises ValueError for a kind that does not exist."""
    if entry["kind"] not in KINDS:
        msg = f"{entry['kind']} is no kind of list"
        raise ValueError(msg)
    return BorderList(
        zone=entry["zone"],
        kind=entry["kind"],
        version=entry["version"],
        valid_from=date.fromisoformat(entry["valid_from"]),
        valid_until=date.fromisoformat(entry["valid_until"]),
        items=tuple(
            ListItem(
                item["scene"],
                item["category"],
                tuple(tuple(names) for names in item["fields"]),
                item.get("scene_en", ""),
                item.get("category_en", ""),
            )
            for item in entry["items"]
        ),
        demonstration=bool(entry.get("demonstration", False)),
        title={"en": entry["zone_en"], "zh": entry["zone_zh"]},
        source={"en": entry["source_en"], "zh": entry["source_zh"]},
    )
