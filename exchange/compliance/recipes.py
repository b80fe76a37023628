"""Recipes as a provider hands them in: read, checked against its table, refused in words."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.log.errors import Invalid
from audit.rulebook.queries import Pack
from exchange.catalog.models import Release

from .models import Screening
from .remedies import Recipe, RecipeFault, Tools, check_recipe, read_recipe
from .remedies.proposing import PRESETS, Fact, Plan, propose

FAULTS: Final[Mapping[str, str | Promise]] = {
    "object": _("An object is expected here."),
    "list": _("A list is expected here."),
    "count": _("At least one and at most %(limit)s entries are expected here."),
    "unknown": _("This member is not known here."),
    "missing": _("This is missing."),
    "version": _("Only version %(known)s of recipes is known."),
    "text": _("A text of at most %(limit)s characters is expected here."),
    "choice": _("One of these is expected: %(choices)s."),
    "whole": _("A whole number is expected here."),
    "range": _("A number from %(low)s to %(high)s is expected here."),
    "fraction": _("A number is expected here, written as text."),
    "date": _("A date such as 2026-11-23 is expected here."),
    "twice": _("Column %(column)s is changed twice."),
    "groups": _("There is one set of groups at most."),
    "measure": _("COUNT counts rows and takes no column; all other figures take one."),
    "column": _("There is no column %(column)s at this step."),
    "inside": _("Inside of a column, places are dropped or masked only: %(column)s."),
    "nested": _("Column %(column)s holds other columns; name the place inside of it."),
    "name": _("Two columns would be named %(column)s."),
    "number": _("Column %(column)s holds no numbers."),
    "nothing-left": _("Nothing would be left of the table."),
    "many-groups": _("There are more than %(limit)s groups. Group by fewer or coarser columns."),
    "no-group": _("There is no column to form groups by. Choose one that has few values."),
}
TYPES: Final[Mapping[str, pa.DataType]] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
}
LONG: Final = 60
"""From so many characters on a cell counts as free text."""
KEYLESS: Final = Tools(key=bytes(32), redact=list)
"""Stands in for the real tools where only names and types are checked."""


def recipe_for(release: Release, document: object) -> Recipe:
    """Read a recipe and check it against a release's table; raises Invalid with what is wrong."""
    try:
        recipe = read_recipe(document)
        check_recipe(recipe, schema_of(release), KEYLESS)
    except RecipeFault as fault:
        raise Invalid(in_words(fault)) from None
    return recipe


def preset_for(release: Release, screening: Screening, pack: Pack, preset: str) -> Plan:
    """Return what is proposed for a release under a preset; raises Invalid for an unknown one."""
    if preset not in PRESETS:
        raise Invalid({"preset": [str(FAULTS["choice"]) % {"choices": ", ".join(PRESETS)}]})
    return propose(screening.report, facts_of(release), pack.data, preset)


def facts_of(release: Release) -> list[Fact]:
    """Return what the profile says of each column."""
    return [
        Fact(
            name=column["name"],
            kind=column["type"],
            distinct=int(column.get("distinct") or 0),
            number=column["type"] in {"integer", "number"},
            long=int((column.get("length") or {}).get("max") or 0) >= LONG,
        )
        for column in release.profile.get("columns", [])
    ]


def person_in(release: Release, screening: Screening, pack: Pack) -> str:
    """Return the column by which a release tells persons apart, if it is about persons."""
    if screening.personal == "NONE":
        return ""
    return propose(screening.report, facts_of(release), pack.data, "STATISTICS").choices.person


def schema_of(release: Release) -> pa.Schema:
    """Return the columns of a release by the kinds it was read in."""
    return pa.schema(
        [
            pa.field(str(column["name"]), TYPES.get(str(column["type"]), pa.string()))
            for column in release.columns
        ]
    )


def in_words(fault: RecipeFault) -> dict[str, list[str]]:
    """Return a fault at its place, in the current language."""
    words = FAULTS.get(fault.what, FAULTS["choice"])
    return {f"recipe.{fault.place}": [str(words) % fault.params]}


def marks_of(pack: Pack, language: str) -> dict[str, str]:
    """Return what is written in the place of each kind that leads to a person."""
    tongue = "zh" if language.startswith("zh") else "en"
    marks: dict[str, str] = {}
    for code, entry in pack.data["entities"].items():
        if entry["nature"] in {"DIRECT", "PSEUDONYM"} or code in {"secret_key", "address_unnamed"}:
            for kind in entry.get("kinds", ()):
                marks.setdefault(kind, f"[{entry[tongue]}]")
    return marks
