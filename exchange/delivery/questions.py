"""Questions to data that stays within the exchange: groups and their figures, never rows.

A question is a recipe of the remedies that makes columns coarser and then forms groups. Filters
are not possible: the difference of two answers would show who was filtered away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from audit.rulebook.queries import get_pack
from exchange.catalog.models import Release
from exchange.compliance.models import Screening
from exchange.compliance.queries import finished_screening
from exchange.compliance.recipes import facts_of, person_in, preset_for, recipe_for
from exchange.compliance.remedies import (
    AgeBand,
    Aggregate,
    Band,
    Grid,
    Period,
    Recipe,
    Region,
    write_recipe,
)
from exchange.compliance.remedies.menu import KEEP, Choices, recipe_of

COARSER: Final = (AgeBand, Band, Grid, Period, Region)
"""Steps that may stand before the groups."""
GROUPS: Final = ("by", "measures", "smallest")
"""What a question says of its groups."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A column that a question may name: how it can be made coarser, and whether it is a number."""

    name: str
    kind: str
    distinct: int
    number: bool
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can be asked of a release, and within which limits."""

    columns: tuple[Offered, ...]
    pairs: Mapping[str, str]
    person: str
    takes: tuple[str, ...]
    least: int
    most: int


def offer_for(release: Release, *, on: date) -> Offer:
    """Return what can be asked of a release under the rules of a day, for a form to offer.

    Raises Invalid where the filter has not read the release.
    """
    rules, pack = answer_rules(on), get_pack("compliance", on=on)
    screening = _screening_of(release)
    plan = preset_for(release, screening, pack, "STATISTICS")
    options = {column.column: column.options for column in plan.columns}
    verbs = {step.do for step in COARSER}
    return Offer(
        columns=tuple(
            Offered(
                name=fact.name,
                kind=fact.kind,
                distinct=fact.distinct,
                number=fact.number,
                options=(
                    KEEP,
                    *(each for each in options[fact.name] if each.partition(":")[0] in verbs),
                ),
            )
            for fact in facts_of(release)
            if fact.name in options
        ),
        pairs=plan.choices.pairs,
        person=person_in(release, screening, pack),
        takes=tuple(rules["takes"]),
        least=int(rules["least_group"]),
        most=int(rules["most_groups"]),
    )


def question_of(choices: Choices, *, on: date) -> dict[str, Any]:
    """Return the question that a set of choices makes; ages count as of `on`."""
    *coarser, groups = write_recipe(recipe_of(choices, on))["steps"]
    return {"coarser": coarser} | {name: groups[name] for name in GROUPS}


def answer_rules(on: date) -> Mapping[str, Any]:
    """Return how small a group may be, and which figures and how many groups are given."""
    rules: Mapping[str, Any] = get_pack("trading", on=on).data["answers"]
    return rules


def read_question(release: Release, raw: object, *, on: date) -> Recipe:
    """Read a question under the rules of a day; raises Invalid naming what is wrong in it.

    Where the release is about persons, its groups are counted by the column that tells persons
    apart best, whatever the question says.
    """
    if not isinstance(raw, Mapping):
        raise Invalid({"question": [_("State the question as named fields.")]})
    unknown = sorted(set(map(str, raw)) - {*GROUPS, "coarser"})
    if unknown:
        raise Invalid({f"question.{unknown[0]}": [_("This member is not known here.")]})
    rules = answer_rules(on)
    groups = {"do": "aggregate", "smallest": int(rules["least_group"])}
    groups |= {name: raw[name] for name in GROUPS if name in raw}
    groups["person"] = person_in(release, _screening_of(release), get_pack("compliance", on=on))
    coarser = raw.get("coarser", [])
    if not isinstance(coarser, list):
        raise Invalid({"question.coarser": [_("A list is expected here.")]})
    try:
        recipe = recipe_for(release, {"steps": [*coarser, groups]})
    except Invalid as error:
        raise Invalid(_places(error.fields, len(coarser))) from None
    _check(recipe, rules)
    return recipe


def _screening_of(release: Release) -> Screening:
    screening = finished_screening(release)
    if screening is None:
        raise Invalid({"question": [_("The filter has not read this release yet.")]})
    return screening


def _places(fields: Mapping[str, list[Any]], last: int) -> dict[str, list[Any]]:
    """Name the places of a recipe as those of the question it was made of."""
    own = {f"recipe.steps.{last}": "question", "recipe.steps": "question.coarser"}
    own |= {"recipe.aggregate": "question", "recipe": "question"}
    named = {}
    for place, words in fields.items():
        known = next(start for start in own if f"{place}.".startswith(f"{start}."))
        named[own[known] + place.removeprefix(known)] = words
    return named


def _check(recipe: Recipe, rules: Mapping[str, Any]) -> None:
    least = int(rules["least_group"])
    wrong: dict[str, list[object]] = {}
    if not all(isinstance(step, (*COARSER, Aggregate)) for step in recipe.steps):
        words = _("Before the groups, columns are made coarser only: %(steps)s.")
        named = ", ".join(step.do for step in COARSER)
        wrong["question.coarser"] = [words % {"steps": named}]
    groups = recipe.aggregate
    if groups is None or groups.smallest < least:
        words = _("Groups of fewer than %(least)d are not shown.")
        wrong["question.smallest"] = [words % {"least": least}]
    taken = {measure.take for measure in groups.measures} if groups else set()
    if taken - set(rules["takes"]):
        words = _("These figures are given: %(takes)s.")
        wrong["question.measures"] = [words % {"takes": ", ".join(rules["takes"])}]
    if wrong:
        raise Invalid(wrong)
