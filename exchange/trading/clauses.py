"""The standard terms of a data contract, rendered in the two languages in which they are signed."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

TERMS = Path(__file__).parent / "terms"


class NoClauses(LookupError):
    """No version of the standard terms is in effect on that day."""


def version_on(day: date) -> str:
    """Return the version of the standard terms in effect on a day."""
    in_effect = [version for version in _versions() if date.fromisoformat(version) <= day]
    if not in_effect:
        msg = f"no standard terms are in effect on {day.isoformat()}"
        raise NoClauses(msg)
    return in_effect[-1]


def render_clauses(version: str, terms: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the clauses that apply to `terms`, with its values filled in, in order.

    The words of the parties are put in as they are: they stand for themselves and are never read
    as a template.
    """
    return [
        {
            "id": clause["id"],
            "title_en": clause["title_en"],
            "title_zh": clause["title_zh"],
            "text_en": clause["text_en"].format_map(terms),
            "text_zh": clause["text_zh"].format_map(terms),
        }
        for clause in _clauses(version)
        if _applies(clause, terms)
    ]


def _applies(clause: Mapping[str, str], terms: Mapping[str, Any]) -> bool:
    if wanted := clause.get("when"):
        return bool(terms[wanted])
    if unwanted := clause.get("unless"):
        return not terms[unwanted]
    return True


@cache
def _versions() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in TERMS.glob("*.toml")))


@cache
def _clauses(version: str) -> tuple[dict[str, str], ...]:
    text = (TERMS / f"{version}.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["clause"])
