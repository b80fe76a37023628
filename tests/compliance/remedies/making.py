"""Tables on disk, and what recipes make of them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from exchange.compliance.remedies import Derived, Tools, derive_parquet, read_recipe

KEY = bytes(range(32))


def derive(
    folder: Path, table: pa.Table, *steps: dict[str, Any], tools: Tools | None = None, **rest: Any
) -> tuple[pa.Table, Derived]:
    """Carry steps out over a table and return what came of it."""
    source, target = folder / "source.parquet", folder / "target.parquet"
    pq.write_table(table, source, row_group_size=rest.pop("row_group_size", 1000))
    recipe = read_recipe({"steps": list(steps)})
    derived = derive_parquet(source, target, recipe, tools or Tools(key=KEY), **rest)
    return pq.read_table(target), derived


def column(folder: Path, values: Any, **step: Any) -> list[Any]:
    """Return what one step makes of one column."""
    made, _derived = derive(folder, pa.table({"c": pa.array(values)}), {"column": "c", **step})
    return made.column(0).to_pylist()
