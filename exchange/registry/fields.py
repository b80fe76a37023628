"""Fields of a filled-in form, defined once: pages, API and validation are made from the same.

The rights statement and the product manual are tuples of these.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit.log.errors import Invalid

Problems = dict[str, list[str]]
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make text read otherwise than it is stored."""
NUMBER_MAX = 2**53 - 1
"""Beyond it a number means different things in different readers of JSON (RFC 8785)."""


class Kind(StrEnum):
    """What a field holds, and so which control shows it."""

    TEXT = "TEXT"  # one line
    PROSE = "PROSE"  # several lines
    CHOICE = "CHOICE"  # one of `choices`
    CHOICES = "CHOICES"  # some of `choices`
    TAGS = "TAGS"  # short texts
    NUMBER = "NUMBER"  # a whole number
    YES_NO = "YES_NO"
    DATE = "DATE"
    LINK = "LINK"  # an https address
    OBJECT = "OBJECT"  # the reference of a file in the vault
    ROWS = "ROWS"  # a table of `columns`


EMPTY: dict[Kind, object] = {
    Kind.CHOICES: [],
    Kind.TAGS: [],
    Kind.ROWS: [],
    Kind.NUMBER: None,
    Kind.DATE: None,
    Kind.YES_NO: False,
}


class Wrong(ValueError):
    """One value does not fit its field; the message says what would."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: name for machines, label and help for people, and what may stand in it."""

    name: str
    label: str | Promise
    kind: Kind
    help: str | Promise = ""
    choices: type[TextChoices] | None = None
    required: bool = False
    max_length: int = 0
    max_items: int = 0
    minimum: int = 0
    maximum: int = NUMBER_MAX
    pattern: str = ""
    columns: tuple["Field", ...] = ()

    @property
    def empty(self) -> object:
        """What stands there when nothing was said."""
        found = EMPTY.get(self.kind, "")
        return list(found) if isinstance(found, list) else found

    def read(self, value: object, path: str, problems: Problems) -> object:
        """Return the value in its own type; note under `path` what is wrong with it."""
        if value is None or (isinstance(value, str) and not value.strip()):
            value = self.empty
        if value == self.empty and not isinstance(value, bool):
            if self.required:
                problems[path] = [_("This field is required.")]
            return value
        try:
            if self.kind == Kind.ROWS:
                return self._read_rows(value, path, problems)
            read = self._read_value(value)
        except Wrong as wrong:
            problems[path] = [str(wrong)]
            return self.empty
        if self.required and read == self.empty and not isinstance(read, bool):
            problems[path] = [_("This field is required.")]
        return read

    def _read_value(self, value: object) -> object:
        readers: dict[Kind, Callable[[object], object]] = {
            Kind.CHOICE: self._read_choice,
            Kind.CHOICES: self._read_choices,
            Kind.TAGS: self._read_tags,
            Kind.NUMBER: self._read_number,
            Kind.YES_NO: _read_yes_no,
            Kind.DATE: _read_date,
            Kind.LINK: lambda link: _read_link(self._read_text(link)),
        }
        return readers.get(self.kind, self._read_text)(value)

    @property
    def _codes(self) -> list[str]:
        return list(self.choices.values) if self.choices else []

    def _read_choice(self, value: object) -> str:
        if not isinstance(value, str) or value not in self._codes:
            raise Wrong(_("Choose among: %(choices)s.") % {"choices": ", ".join(self._codes)})
        return str(value)

    def _read_choices(self, value: object) -> list[str]:
        chosen = {self._read_choice(one) for one in self._read_list(value)}
        return [code for code in self._codes if code in chosen]

    def _read_tags(self, value: object) -> list[str]:
        texts = [self._read_text(one) for one in self._read_list(value)]
        return list(dict.fromkeys(text for text in texts if text))

    def _read_text(self, value: object) -> str:
        if not isinstance(value, str):
            raise Wrong(_("This must be text."))
        text = value.replace("\r\n", "\n").strip()
        if self.max_length and len(text) > self.max_length:
            raise Wrong(_("At most %(count)d characters.") % {"count": self.max_length})
        lines = "\n\t" if self.kind == Kind.PROSE else ""
        if any(_is_unfit(character) and character not in lines for character in text):
            raise Wrong(_("The text contains a character that cannot be kept."))
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise Wrong(_("This does not have the right form."))
        return text

    def _read_list(self, value: object) -> list[object]:
        if not isinstance(value, list | tuple | set | frozenset):
            raise Wrong(_("This must be a list."))
        if self.max_items and len(value) > self.max_items:
            raise Wrong(_("At most %(count)d entries.") % {"count": self.max_items})
        return list(value)

    def _read_number(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(_("This must be a whole number."))
        if not self.minimum <= value <= self.maximum:
            raise Wrong(
                _("This must lie between %(low)d and %(high)d.")
                % {"low": self.minimum, "high": self.maximum}
            )
        return value

    def _read_rows(self, value: object, path: str, problems: Problems) -> list[dict[str, object]]:
        return [
            _read_mapping(self.columns, row, f"{path}.{number}.", problems, complete=True)
            for number, row in enumerate(self._read_list(value))
        ]


def read_values(
    fields: Iterable[Field], values: object, *, complete: bool = True
) -> dict[str, object]:
    """Read what was filled in; raise Invalid naming every unknown, missing or wrong field.

    `complete`: fields that were not mentioned get their empty value, required ones are missed.
    Otherwise only what was mentioned is read, as for a change.
    """
    problems: Problems = {}
    read = _read_mapping(tuple(fields), values, "", problems, complete=complete)
    if problems:
        raise Invalid(problems)
    return read


def _read_mapping(
    fields: tuple[Field, ...], values: object, prefix: str, problems: Problems, *, complete: bool
) -> dict[str, object]:
    if not isinstance(values, Mapping):
        problems[prefix.rstrip(".") or "fields"] = [_("This must be an object of named fields.")]
        return {}
    known = {field.name: field for field in fields}
    for name in values:
        if name not in known:
            problems[f"{prefix}{name}"] = [_("There is no such field.")]
    return {
        field.name: field.read(values.get(field.name), f"{prefix}{field.name}", problems)
        for field in fields
        if complete or field.name in values
    }


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character in TURNING


def _read_yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(_("This must be true or false."))
    return value


def _read_date(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise Wrong(_("This must be a date such as 2026-11-23.")) from None


def _read_link(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None:
        raise Wrong(_("This must be a web address that begins with https://."))
    return text
