"""Labeled tables: restricted ones of many makes, and clean ones that look like them.

What a table is about is written down here, independently of the rules that are to find it out.
"""

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Final

import pyarrow as pa

from .clean_tables import CLEAN_TABLES
from .restricted_tables import RESTRICTED_TABLES

SEED: Final = 20261102
ROWS: Final = 240
TABLES: Final = RESTRICTED_TABLES | CLEAN_TABLES


@dataclass(frozen=True)
class Labeled:
    """A table with the verdict that a careful officer gives on it."""

    name: str
    table: pa.Table
    outcome: str
    grade: str
    personal: str


def make_tables(seed: int = SEED, rows: int = ROWS) -> list[Labeled]:
    """Return every labeled table, filled anew from the seed."""
    made = []
    for name, (columns, outcome, grade, personal) in TABLES.items():
        rng = Random(f"{seed}/{name}")  # noqa: S311  repeatability is the point
        cells = {key: [cell(rng, row) for row in range(rows)] for key, cell in columns.items()}
        made.append(Labeled(name, pa.table(cells), outcome, grade, personal))
    return made


def digest_of(tables: list[Labeled]) -> str:
    """Name exactly the tables that a figure was measured on."""
    digest = hashlib.sha256()
    for each in tables:
        digest.update(f"{each.name} {each.outcome} {each.grade} {each.personal}\n".encode())
        digest.update(repr(each.table.to_pydict()).encode())
    return digest.hexdigest()
