"""Finding the table in its surroundings: titles above it, notes below it, names on top."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?%?\Z", re.ASCII)
DATE = re.compile(
    r"\d{2,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[ T]\d{1,2}:\d{2}.*)?\Z", re.ASCII
)
REMARK = re.compile(
    r"\s*(?:注|备注|说明|数据来源|来源|资料来源|合计说明|source|note|\*)|.*[:：]", re.IGNORECASE
)
LABELED = re.compile(
    r"\s*(?:注|备注|说明|数据来源|来源|资料来源|source|notes?)\s*[:：]", re.IGNORECASE
)
NARROW = 3  # in tables of fewer columns only a labeled remark is one
FOOTERS = 20  # remarks looked for below a table
YEARS = range(1000, 3000)
FILLED = 0.6  # of the usual number of cells makes a row a candidate for the names


@dataclass(frozen=True)
class Layout:
    """Where the table is: `skip` records stand above the first row of it."""

    names: list[str]
    skip: int
    has_header: bool
    above: list[str] = field(default_factory=list)
    renamed: int = 0


def find_layout(records: Sequence[Sequence[str]]) -> Layout:
    """Locate names and first row in the leading records of a file or sheet.

    The names are the first record filled like the table itself, provided that they are text
    (years and running numbers count as names of a pivoted table). A record that holds numbers
    or dates is a row already, and the columns are then called column_1, column_2 and so on.
    """
    counts = Counter(filled for record in records if (filled := _filled(record)))
    usual = max(counts, key=lambda filled: (counts[filled] * filled, filled), default=1)
    enough = max(min(2, usual), FILLED * usual)
    start = next((i for i, record in enumerate(records) if _filled(record) >= enough), 0)
    above = [words for record in records[:start] if (words := _words(record))]
    first = list(records[start]) if records else []
    following = records[start + 1] if len(records) > start + 1 else []
    if not _are_names(first, following):
        names = [f"column_{n + 1}" for n in range(len(first))]
        return Layout(names, start, has_header=False, above=above)
    names, renamed = unique_names(first)
    return Layout(names, start + 1, has_header=True, above=above, renamed=renamed)


def unique_names(raw: Sequence[str]) -> tuple[list[str], int]:
    """Return names that are not empty and differ from each other, and how many had to change."""
    names: list[str] = []
    taken = set()
    renamed = 0
    for position, cell in enumerate(raw):
        plain = " ".join(cell.split()).removeprefix("\ufeff")
        name, turn = plain or f"column_{position + 1}", 2
        while name in taken:
            name, turn = f"{plain or f'column_{position + 1}'}_{turn}", turn + 1
        renamed += name != plain
        taken.add(name)
        names.append(name)
    return names, renamed


def is_remark(record: Sequence[str | None]) -> bool:
    """Whether a record below a table is a remark (数据来源：…) or empty, not a row."""
    cells = [cell for cell in record if cell and cell.strip()]
    if not cells:
        return True
    if len(cells) > 1 or len(record) == 1 or not record[0]:
        return False
    return bool((REMARK if len(record) >= NARROW else LABELED).match(cells[0]))


def _filled(record: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _words(record: Sequence[str]) -> str:
    return " | ".join(cell.strip() for cell in record if cell.strip())


def _are_names(record: Sequence[str], following: Sequence[str]) -> bool:
    """Whether a record names columns; `following` is the record after it."""
    texts = [cell.strip() for cell in record]
    values = [cell for cell in texts if NUMBER.match(cell) or DATE.match(cell)]
    if not values:
        return any(texts)
    if len(values) == len(texts):
        return False
    if not all(value.isdigit() for value in values):
        return all(DATE.match(value) for value in values) and not any(
            DATE.match(cell.strip()) for cell in following
        )
    numbers = [int(value) for value in values]
    steps = {later - earlier for earlier, later in itertools.pairwise(numbers)}
    in_turn = steps <= {1} or steps <= {-1}
    ordered = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return bool(steps) and (in_turn or (ordered and all(number in YEARS for number in numbers)))
