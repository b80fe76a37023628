"""Retention classes of the rule pack, and until when they keep what has ended."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from audit.rulebook.queries import Pack, get_pack

KIND = "retention"
YEAR = 12


@dataclass(frozen=True, kw_only=True)
class RetentionClass:
    """One class of records: what is in it, and its terms in months."""

    id: str
    en: str
    zh: str
    note_en: str
    note_zh: str
    events: tuple[str, ...]
    objects: tuple[str, ...]
    of: frozenset[str]
    ends: tuple[str, ...]
    minimum: int
    statutory: int
    maximum: int | None
    in_log: bool
    traded: bool | None
    basis: tuple[str, ...]

    def holds_event(self, name: str) -> bool:
        """Whether an entry of this name is in the class."""
        return name.startswith(self.events) if self.events else False


@dataclass(frozen=True, kw_only=True)
class Term:
    """Until when something is kept. Without an end (`ended_at` None) it is kept in any case."""

    classes: tuple[RetentionClass, ...]
    ended_at: datetime | None

    @property
    def keep_until(self) -> datetime | None:
        """When the exchange's own term is over."""
        return self._after(max((each.minimum for each in self.classes), default=0))

    @property
    def statutory_until(self) -> datetime | None:
        """When no law or administrative regulation demands the record any more."""
        return self._after(max((each.statutory for each in self.classes), default=0))

    @property
    def due_at(self) -> datetime | None:
        """When the record is destroyed; None where nothing but the end of all things does."""
        limits = [each.maximum for each in self.classes]
        if not limits or None in limits:
            return None
        longest = max([each.minimum for each in self.classes] + [m for m in limits if m])
        return self._after(longest)

    @property
    def basis(self) -> tuple[str, ...]:
        """The articles that the term rests on, each once."""
        return tuple(dict.fromkeys(text for each in self.classes for text in each.basis))

    def is_demanded(self, at: datetime) -> bool:
        """Whether a law still demands the record at `at`."""
        if not any(each.statutory for each in self.classes):
            return False
        return self.statutory_until is None or at < self.statutory_until

    def _after(self, months: int) -> datetime | None:
        return None if self.ended_at is None else months_after(self.ended_at, months)


D = TypeVar("D", bound=date)


def months_after(at: D, months: int) -> D:
    """Return the same time `months` later, on the last day of a month that is shorter."""
    years, month = divmod(at.month - 1 + months, YEAR)
    year = at.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))


def pack_on(day: date) -> Pack:
    """Return the retention rules in effect on `day`."""
    return get_pack(KIND, on=day)


def classes_on(day: date) -> tuple[RetentionClass, ...]:
    """Return the retention classes in effect on `day`, in the pack's order."""
    return read_classes(pack_on(day).data)


def read_classes(data: Mapping[str, Any]) -> tuple[RetentionClass, ...]:
    """Return the classes that the text of a pack defines, in its order."""
    return tuple(_read(row) for row in data["classes"])


def class_of_object(
    classes: Iterable[RetentionClass], purpose: str, *, traded: bool | None = None
) -> RetentionClass | None:
    """Return the class of a stored file by its purpose, and whether its content was traded."""
    for each in classes:
        if purpose in each.objects and each.traded in {None, traded}:
            return each
    return None


def _read(row: dict[str, Any]) -> RetentionClass:
    return RetentionClass(
        id=row["id"],
        en=row["en"],
        zh=row["zh"],
        note_en=row["note_en"],
        note_zh=row["note_zh"],
        events=tuple(row["events"]),
        objects=tuple(row["objects"]),
        of=frozenset(row["of"]),
        ends=tuple(row["ends"]),
        minimum=row["minimum"],
        statutory=row["statutory"],
        maximum=row.get("maximum"),
        in_log=row.get("log", False),
        traded=row.get("traded"),
        basis=tuple(row["basis"]),
    )
