"""The actions a provider chooses from, one word for each column, and the recipe they make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from .steps import (
    AgeBand,
    Aggregate,
    Band,
    ColumnStep,
    Drop,
    Grid,
    Mask,
    Measure,
    Period,
    Pseudonym,
    Recipe,
    Redact,
    Region,
    Step,
    Suppress,
)

KEEP: Final = "keep"
TEXTS: Final = (
    "keep", "drop", "redact", "mask", "mask:1", "pseudonym", "region:CITY", "region:PROVINCE",
    "period:MONTH", "period:QUARTER", "period:YEAR", "age_band:10",
)  # fmt: skip
NUMBERS: Final = (
    "keep", "drop", "band:10", "band:100", "band:1000", "band:10000", "pseudonym", "mask",
)  # fmt: skip
TIMES: Final = (
    "keep", "drop", "period:MONTH", "period:QUARTER", "period:YEAR", "period:DECADE", "age_band:10",
    "age_band:5",
)  # fmt: skip
INSIDE: Final = ("keep", "drop", "mask")
_HAN_FROM, _HAN_TO = "㐀", "鿿"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What was chosen: an action for each column, and what to do about rare rows and groups."""

    actions: Mapping[str, str]
    pairs: Mapping[str, str]
    masks: Mapping[str, str]
    quasi: tuple[str, ...] = ()
    k: int = 0
    person: str = ""
    by: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    smallest: int = 10
    key: str = "PRODUCT"


def recipe_of(choices: Choices, on: date) -> Recipe:
    """Return the recipe that a set of choices makes; ages count as of `on`."""
    actions = {name: action for name, action in choices.actions.items() if action != KEEP}
    if choices.by:
        actions = {name: action for name, action in actions.items() if name in choices.by}
    made: list[Step] = []
    done: set[str] = set()
    for column, action in actions.items():
        if column in done:
            continue
        step = step_of(column, action, choices, on)
        if isinstance(step, Grid):
            done |= {step.column, step.longitude}
        made.append(step)
    left = {name: _named(name, actions.get(name, KEEP)) for name in choices.actions}
    quasi = [left[name] for name in choices.quasi if actions.get(name) != "drop"]
    if choices.by:
        by = tuple(left[name] for name in choices.by)
        made.append(
            Aggregate(
                by=by, measures=choices.measures, smallest=choices.smallest, person=choices.person
            )
        )
    elif choices.k and quasi:
        made.append(Suppress(columns=tuple(quasi), k=choices.k, person=choices.person))
    return Recipe(steps=tuple(made), key=choices.key)


def step_of(column: str, action: str, choices: Choices, on: date) -> ColumnStep:
    """Return the step that an action of the menu stands for."""
    verb, _colon, word = action.partition(":")
    makers: Mapping[str, Callable[[], ColumnStep]] = {
        "drop": lambda: Drop(column=column),
        "redact": lambda: Redact(column=column),
        "mask": lambda: Mask(
            column=column,
            first=int(word or 0),
            kind="" if word else choices.masks.get(column, "text"),
        ),
        "pseudonym": lambda: Pseudonym(column=column, name=pseudonym_name(column)),
        "period": lambda: Period(column=column, unit=word),
        "age_band": lambda: AgeBand(column=column, on=on, width=int(word)),
        "band": lambda: Band(column=column, width=Decimal(word)),
        "region": lambda: Region(column=column, level=word),
        "grid": lambda: _grid(column, int(word), choices.pairs),
    }
    if verb not in makers:
        raise ValueError(action)
    return makers[verb]()


def pseudonym_name(column: str) -> str:
    """Return a name for a column of pseudonyms that does not claim to hold the identifier."""
    han = any(_HAN_FROM <= char <= _HAN_TO for char in column)
    return f"{column}_个人编号" if han else f"{column}_person_id"


def options_for(kind: str, *, advised: Sequence[str] = (), paired: bool = False) -> tuple[str, ...]:
    """Return the menu of a column by the kind of its values, what is advised first."""
    usual: tuple[str, ...] = TEXTS
    if kind in {"integer", "number"}:
        usual = NUMBERS
    elif kind in {"date", "timestamp", "instant"}:
        usual = TIMES
    grids = ("grid:100", "grid:1000", "grid:5000") if paired else ()
    wanted = [each for each in advised if paired or not each.startswith("grid")]
    return tuple(dict.fromkeys([*wanted, *grids, *usual]))


def _grid(column: str, meters: int, pairs: Mapping[str, str]) -> Grid:
    for latitude, longitude in pairs.items():
        if column in (latitude, longitude):
            return Grid(column=latitude, longitude=longitude, meters=meters)
    raise ValueError(column)


def _named(column: str, action: str) -> str:
    return pseudonym_name(column) if action == "pseudonym" else column
