"""Tables in which identifiers are hidden, their harmless likenesses, and what the scanner says."""

from dataclasses import dataclass
from random import Random
from typing import Any

import pyarrow as pa

from exchange.compliance.grading import grade
from exchange.compliance.scanner import ScanReport
from tests.compliance.scanning import ON, PACK, read

from .columns import DIGESTS, SPLITS, STORES
from .persons import KINDS
from .writing import WRITINGS

ROWS = 60
WAYS = (*WRITINGS, *STORES)
DIRECT_OR_KEY = frozenset({"DIRECT", "PSEUDONYM"})


@dataclass(frozen=True)
class Answer:
    """What the scanner says of a table: the class of personal content, and cells by code."""

    personal: str
    cells: dict[str, int]

    def found(self, codes: frozenset[str]) -> int:
        """Return in how many cells one of the codes was found."""
        return max((count for code, count in self.cells.items() if code in codes), default=0)


def make_table(kind: str, way: str, *, hidden: bool, header: str = "f1") -> pa.Table:
    """Return a table that hides identifiers of a kind in some way, or its harmless likeness."""
    rng = Random(f"{kind}/{way}/{hidden}")
    make = KINDS[kind].make if hidden else KINDS[kind].alike
    values = [make(rng) for _ in range(ROWS)]
    if way in WRITINGS:
        write = WRITINGS[way]
        columns: dict[str, Any] = {"f1": pa.array([write(value, rng) for value in values])}
    else:
        columns = (STORES | SPLITS | DIGESTS)[way](values, rng)
    columns = {header if name == "f1" else name: cells for name, cells in columns.items()}
    amounts = [round(rng.uniform(1, 900), 2) for _ in range(ROWS)]
    return pa.table({"序号": list(range(ROWS)), **columns, "金额": amounts})


def ask(table: pa.Table) -> Answer:
    """Scan and grade a table."""
    report = read(table)
    verdict = grade(report, PACK.data, on=ON)
    return Answer(verdict.personal, count_persons(report))


def count_persons(report: ScanReport) -> dict[str, int]:
    """Return in how many cells of any column each kind that leads to a person was found."""
    cells: dict[str, int] = {}
    for code, places in report.entities().items():
        if PACK.data["entities"].get(code, {}).get("nature") in DIRECT_OR_KEY:
            cells[code] = max(finding.count for _, finding in places)
    return cells
