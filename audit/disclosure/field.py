"""What a field of a disclosure is: its words, its readers, and a good example."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .tongues import in_language

SHORT: Final = 200
MIDDLE: Final = 2_000
LONG: Final = 8_000
EXAMPLE_FILE: Final = Path(__file__).parent / "example.toml"


class Audience(TextChoices):
    """Who reads a field of a published disclosure besides its owner; each includes the next."""

    PUBLIC = "PUBLIC", _("everybody")
    BUYER = "BUYER", _("buyers and supervisors")
    REGULATOR = "REGULATOR", _("supervisors only")


@dataclass(frozen=True)
class Field:
    """One thing a disclosure says, under which heading, who asks for it and who reads it.

    `help` says what to write; `most` is the greatest length in characters of each language.
    """

    code: str
    label: str | Promise
    group: str
    sources: tuple[str, ...]
    required: bool = False
    help: str | Promise = ""
    audience: Audience = Audience.PUBLIC
    most: int = MIDDLE

    @property
    def example(self) -> Mapping[str, str]:
        """A good example in both languages; empty for what is no text."""
        found: Mapping[str, str] = example_document()["texts"].get(self.code, {})
        return found

    @property
    def example_text(self) -> str:
        """The good example in the current language."""
        return in_language(self.example)


def describe(
    code: str,
    label: str | Promise,
    group: str,
    sources: str,
    help_text: str | Promise,
    *,
    required: bool = False,
    audience: Audience = Audience.PUBLIC,
    most: int = MIDDLE,
) -> Field:
    """Return a row of the tables of fields; `sources` are separated by blanks."""
    return Field(code, label, group, tuple(sources.split()), required, help_text, audience, most)


@cache
def example_document() -> dict[str, Any]:
    """Return the example of a whole disclosure, written as an owner would."""
    return tomllib.loads(EXAMPLE_FILE.read_text(encoding="utf-8"))
