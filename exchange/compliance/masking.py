"""The sample that buyers see: the first rows, with everything that leads to a person masked."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .scanner import Lexicon, ScanReport
from .scanner.blocks import from_texts
from .scanner.masking import mask
from .scanner.measure import find_in

ROWS = 20
LONGEST = 120
"""Characters of a cell that a sample shows."""
_HIDDEN = frozenset({"DIRECT", "PSEUDONYM"})


def mask_sample(
    parquet: Path, report: ScanReport, pack: Mapping[str, Any], lexicon: Lexicon
) -> dict[str, Any]:
    """Return the first rows as text, with the names of the columns that are masked."""
    file = pq.ParquetFile(parquet)
    try:
        batch = next(file.iter_batches(ROWS), None)
        names = file.schema_arrow.names
    finally:
        file.close()
    masked = masked_columns(report, pack)
    columns = {
        name: _mask_column(batch.column(index) if batch else None, masked.get(name), lexicon)
        for index, name in enumerate(names)
    }
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return {"columns": names, "rows": rows, "masked": [name for name in names if name in masked]}


def masked_columns(report: ScanReport, pack: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns that are not shown, each with the kind that decides how it is masked.

    A nested column is masked as a whole when any place inside it is.
    """
    found: dict[str, str] = {}
    for column in report.columns:
        for entity in column.entities:
            entry = pack["entities"].get(entity.type, {})
            if entry.get("nature") in _HIDDEN or entry.get("sensitive"):
                top = column.name.split(".")[0].split("[]")[0]
                kinds = entry.get("kinds") or [entity.type]
                found.setdefault(column.name, kinds[0])
                found.setdefault(top, kinds[0])
    return found


def _mask_column(values: pa.Array | None, kind: str | None, lexicon: Lexicon) -> list[str | None]:
    plain = [] if values is None else values.to_pylist()
    texts = [None if value is None else _write(value) for value in plain]
    if kind is not None:
        return [None if text is None else mask(kind, text) for text in texts]
    return _mask_inside([text if text is None else text[:LONGEST] for text in texts], lexicon)


def _mask_inside(texts: list[str | None], lexicon: Lexicon) -> list[str | None]:
    """Mask single identifiers in columns that are shown, however few they are."""
    block, finds = find_in(from_texts([text or "" for text in texts]), lexicon)
    hidden = {
        kind
        for entity in lexicon.entities.values()
        for kind in entity.kinds
        if entity.code in _ALWAYS
    }
    hit: dict[int, str] = {}
    for kind in hidden & finds.spans.keys():
        spans = finds.of(kind)
        if spans is not None:
            hit |= dict.fromkeys(block.cells_of(spans.begins).tolist(), kind)
    return [mask(hit[i], text) if text and i in hit else text for i, text in enumerate(texts)]


_ALWAYS = frozenset({"cn_resident_id", "cn_mobile", "bank_card", "email", "secret_key"})


def _write(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value[:LONGEST].decode("utf-8", "replace")
    return str(value)
