"""Carrying a recipe out over a Parquet file, batch by batch: the same rows for the same bytes."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .aggregates import aggregate, check_measures
from .changing import Changer, Tools
from .faults import RecipeFault
from .filters import rows_kept
from .groups import Batch, Flags, Rarity, drop_rare, hash_columns
from .steps import Aggregate, Recipe, Suppress

BATCH_ROWS: Final = 16_384
GROUP_ROWS: Final = 131_072
Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What a derivation did: rows in and out, why rows are missing, what could not be read."""

    rows_in: int
    rows_out: int
    filtered: int = 0
    suppressed: int = 0
    in_small_groups: int = 0
    k_before: int = 0
    k_after: int = 0
    groups: int = 0
    columns: tuple[str, ...] = ()
    emptied: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Rows of the source that have no part in the result."""
        return self.filtered + self.suppressed + self.in_small_groups


def derive_parquet(
    source: Path | BinaryIO,
    target: Path,
    recipe: Recipe,
    tools: Tools,
    *,
    most: int | None = None,
    progress: Progress | None = None,
) -> Derived:
    """Write what the recipe makes of `source` to `target`, of its first `most` rows only if given.

    Text that stood around the source's table is not carried over. Raises RecipeFault where recipe
    and table do not fit, before anything is written.
    """
    with contextlib.closing(pq.ParquetFile(source, pre_buffer=False)) as file:
        return _Run(file, recipe, tools, most, progress).write(target)


def check_recipe(recipe: Recipe, schema: pa.Schema, tools: Tools) -> pa.Schema:
    """Return the columns a recipe leaves of a table; raises RecipeFault where it does not fit."""
    changer = Changer(recipe, schema, tools)
    known = changer.schema.names
    _require([step.column for step in recipe.filters], schema.names, "keep_rows")
    for step in recipe.suppressions:
        _require(step.columns, known, "suppress")
        _require([step.person] if step.person else [], schema.names, "suppress.person")
    if grouped := recipe.aggregate:
        measured = [measure.column for measure in grouped.measures if measure.column]
        _require([*grouped.by, *measured], known, "aggregate")
        _require([grouped.person] if grouped.person else [], schema.names, "aggregate.person")
        check_measures(grouped, changer.schema)
    return changer.schema


def _require(names: Sequence[str], known: Sequence[str], place: str) -> None:
    for name in names:
        if name not in known:
            raise RecipeFault(place, "column", column=name)


class _Run:
    """One reading of a table after the other, each for one part of the work."""

    def __init__(
        self,
        file: pq.ParquetFile,
        recipe: Recipe,
        tools: Tools,
        most: int | None,
        progress: Progress | None,
    ) -> None:
        self._file = file
        self._recipe = recipe
        self._tools = tools
        self._progress = progress
        schema = file.schema_arrow.remove_metadata()
        check_recipe(recipe, schema, tools)
        self._changer = Changer(recipe, schema, tools)
        self._rows = min(file.metadata.num_rows, most) if most else file.metadata.num_rows
        self._keep: Flags = np.ones(self._rows, bool)

    def write(self, target: Path) -> Derived:
        """Find out which rows stay, then write them, or the figures of their groups."""
        filtered = self._filter()
        rarities = [self._suppress(step) for step in self._recipe.suppressions]
        grouped = self._recipe.aggregate
        small = self._small_groups(grouped) if grouped else None
        if grouped:
            table = aggregate(grouped, partial(self._kept, None), int(self._keep.sum()))
            pq.write_table(table, target, compression="zstd")
            written, names = table.num_rows, tuple(table.column_names)
        else:
            written, names = self._write_rows(target), tuple(self._changer.schema.names)
        counted = [*rarities, *([small] if small else [])]
        return Derived(
            rows_in=self._rows,
            rows_out=written,
            filtered=filtered,
            suppressed=sum(rarity.lost for rarity in rarities),
            in_small_groups=small.lost if small else 0,
            k_before=min((rarity.smallest for rarity in counted), default=0),
            k_after=min((rarity.kept_smallest for rarity in counted), default=0),
            groups=sum(rarity.kept_groups for rarity in counted),
            columns=names,
            emptied=dict(self._changer.emptied),
        )

    def _batches(
        self, columns: Sequence[str] | None, what: str
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield batches with the place of their first row."""
        place = 0
        chosen = None if columns is None else list(columns)
        for read in self._file.iter_batches(BATCH_ROWS, columns=chosen, use_threads=False):
            batch = (
                read.slice(0, self._rows - place) if place + read.num_rows > self._rows else read
            )
            if batch.num_rows:
                yield place, batch
            place += batch.num_rows
            if self._progress:
                self._progress(place, self._rows, what)
            if place >= self._rows:
                return

    def _filter(self) -> int:
        steps = self._recipe.filters
        if not steps:
            return 0
        for place, batch in self._batches(sorted({step.column for step in steps}), "selecting"):
            here = slice(place, place + batch.num_rows)
            for step in steps:
                self._keep[here] &= rows_kept(step, batch[step.column])
        return int((~self._keep).sum())

    def _suppress(self, step: Suppress) -> Rarity:
        return self._drop_rare(step.columns, step.person, step.k)

    def _small_groups(self, step: Aggregate) -> Rarity:
        return self._drop_rare(step.by, step.person, step.smallest)

    def _drop_rare(self, columns: Sequence[str], person: str, least: int) -> Rarity:
        changer = self._changer.only(columns)
        sources = sorted({*changer.sources, *([person] if person else [])})

        def read() -> Iterator[Batch]:
            for place, batch in self._batches(sources, "counting"):
                changed = changer.change(batch)
                rows = batch.num_rows
                yield Batch(
                    np.arange(place, place + rows),
                    hash_columns([changed[name] for name in columns], rows),
                    hash_columns([batch[person]], rows) if person else None,
                )

        return drop_rare(read, self._keep, least)

    def _kept(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows that stay, changed."""
        for place, batch in self._batches(columns, "deriving"):
            keep = self._keep[place : place + batch.num_rows]
            if not keep.all():
                batch = batch.filter(pa.array(keep))  # noqa: PLW2901  fewer rows of the same batch
            yield self._changer.change(batch)
        self._changer.counting = False

    def _write_rows(self, target: Path) -> int:
        schema = self._changer.schema
        waiting: list[pa.RecordBatch] = []
        written = 0
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in self._kept(None):
                waiting.append(batch)
                if sum(each.num_rows for each in waiting) >= GROUP_ROWS:
                    writer.write_table(pa.Table.from_batches(waiting, schema))
                    waiting.clear()
                written += batch.num_rows
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting, schema))
        return written
