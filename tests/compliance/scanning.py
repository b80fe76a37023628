"""Scanning small tables and single texts under the newest rule pack."""

from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from audit.rulebook.queries import file_packs
from exchange.compliance.grading import Manual, Verdict, grade
from exchange.compliance.scanner import Lexicon, ScanReport, scan_table
from exchange.compliance.scanner.blocks import from_texts
from exchange.compliance.scanner.measure import find_in

ON = date(2026, 11, 23)
PACK = file_packs("compliance")[-1]


@cache
def lexicon() -> Lexicon:
    """Return the compiled newest pack."""
    return Lexicon(PACK.data, as_of=ON)


def find(text: str) -> dict[str, list[str]]:
    """Return what stands in one text, by kind."""
    block, finds = find_in(from_texts([text]), lexicon())
    found = {}
    for kind in finds.spans:
        spans = finds.of(kind)
        assert spans is not None
        pairs = zip(spans.begins, spans.ends, strict=True)
        found[kind] = [block.text(int(begin), int(end)) for begin, end in pairs]
    return found


def read(columns: dict[str, Any] | pa.Table) -> ScanReport:
    """Scan a table given by columns."""
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    return scan_table(table, lexicon())


def entities(columns: dict[str, Any] | pa.Table) -> dict[str, set[str]]:
    """Return the kinds of content found in each column that has any."""
    return {
        column.name: {entity.type for entity in column.entities}
        for column in read(columns).columns
        if column.entities
    }


def judge(columns: dict[str, Any] | pa.Table, manual: Manual | None = None) -> Verdict:
    """Scan and grade a table."""
    return grade(read(columns), PACK.data, on=ON, manual=manual)
