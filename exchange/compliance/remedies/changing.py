"""What a recipe does to the columns of each batch, planned once for a table."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Self

import pyarrow as pa
import pyarrow.types as kinds

from . import steps
from .faults import RecipeFault
from .nested import change_json, change_place, has_place, split_place
from .places import regionizer, snap
from .steps import ColumnStep, Recipe
from .times import age_bander, as_dates, periodizer
from .values import Change, as_text, bander, change_values, masker, pseudonymizer

Made = list[tuple[str, pa.Array]]
_INSIDE: Final = (steps.Drop, steps.Mask)


@dataclass(frozen=True)
class Tools:
    """What a recipe needs beside the table: the key of its pseudonyms, and who finds persons."""

    key: bytes | None = field(default=None, repr=False)
    redact: Callable[[list[str]], list[str]] | None = None


class Changer:
    """The changes of a recipe for one table; `schema` is what comes out, in the same order."""

    def __init__(
        self, recipe: Recipe, schema: pa.Schema, tools: Tools, wanted: Sequence[str] | None = None
    ) -> None:
        self._recipe = recipe
        self._source = schema
        self._tools = tools
        self._wanted = wanted
        self._steps = self._plan()
        self.emptied: Counter[str] = Counter()
        self.counting = True
        self.sources = self._needed()
        empty = pa.RecordBatch.from_pylist([], schema.remove_metadata())
        self.schema = self.change(empty.select(self.sources)).schema
        if not len(self.schema):
            raise RecipeFault("steps", "nothing-left")
        for name in self.schema.names:
            if self.schema.names.count(name) > 1:
                raise RecipeFault("steps", "name", column=name)

    def only(self, wanted: Sequence[str]) -> Self:
        """Return the same changes for some columns of the result alone."""
        return type(self)(self._recipe, self._source, self._tools, wanted)

    def change(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch changed."""
        made: Made = []
        grids: dict[str, pa.Array] = {}
        for name in self._source.names:
            if name not in self.sources:
                continue
            values = batch[name]
            if name in grids:
                self._count(name, values, grids[name])
                made.append((name, grids.pop(name)))
                continue
            for place, step in self._steps.get(name, ()):
                if isinstance(step, steps.Grid):
                    other = step.longitude if name == step.column else step.column
                    pair = snap(batch[step.column], batch[step.longitude], step.meters)
                    here, there = pair if name == step.column else pair[::-1]
                    grids[other] = there
                    self._count(name, values, here)
                    values = here
                else:
                    values = self._apply(step, name, place, values)
                if values is None:
                    break
            if values is not None:
                made.append((self._named(name), values))
        chosen = [each for each in made if self._wanted is None or each[0] in self._wanted]
        return pa.record_batch([v for _n, v in chosen], names=[n for n, _v in chosen])

    def _plan(self) -> dict[str, list[tuple[tuple[str, ...], ColumnStep]]]:
        """Find the column of each step; one inside a nested column is a way through it."""
        planned: dict[str, list[tuple[tuple[str, ...], ColumnStep]]] = {}
        for number, step in enumerate(self._recipe.changes):
            for place in steps.columns_of(step):
                column, way = split_place(place, self._source.names)
                where = f"steps.{number}.column"
                if column not in self._source.names:
                    raise RecipeFault(where, "column", column=place)
                kind = self._source.field(column).type
                if not has_place(kind, way):
                    raise RecipeFault(where, "column", column=place)
                if way and not isinstance(step, _INSIDE):
                    raise RecipeFault(where, "inside", column=place)
                if kinds.is_nested(kind) and not way and not isinstance(step, steps.Drop):
                    raise RecipeFault(where, "nested", column=place)
                planned.setdefault(column, []).append((way, step))
        if self._recipe.needs_key and self._tools.key is None:
            message = "a recipe with pseudonyms was given no key"
            raise ValueError(message)
        return planned

    def _needed(self) -> list[str]:
        """Return the columns of the source from which the wanted ones are made."""
        if self._wanted is None:
            return list(self._source.names)
        needed = {name for name in self._source.names if self._named(name) in self._wanted}
        for step in self._recipe.changes:
            if isinstance(step, steps.Grid) and needed & {step.column, step.longitude}:
                needed |= {step.column, step.longitude}
        return [name for name in self._source.names if name in needed]

    def _named(self, column: str) -> str:
        for _way, step in self._steps.get(column, ()):
            if isinstance(step, steps.Pseudonym) and step.name:
                return step.name
        return column

    def _apply(
        self, step: ColumnStep, column: str, way: tuple[str, ...], values: pa.Array
    ) -> pa.Array | None:
        if isinstance(step, steps.Drop):
            change: Change | None = None
        elif isinstance(step, steps.Redact):
            return self._redact(values)
        else:
            change = self._change_of(step)
        if way and not kinds.is_nested(values.type):
            return change_values(values, partial(change_json, way=way, change=change))
        if change is None:
            return change_place(values, way, lambda _leaf: None)
        if isinstance(step, steps.Period | steps.AgeBand):
            values = as_dates(values)
        made = change_place(values, way, lambda leaf: change_values(leaf, change))
        if not way and made is not None:
            self._count(column, values, made)
        return made

    def _change_of(self, step: ColumnStep) -> Change:
        match step:
            case steps.Mask():
                return masker(step.kind, step.first, step.last)
            case steps.Pseudonym():
                return pseudonymizer(self._tools.key or b"", step.form)
            case steps.Period():
                return periodizer(step.unit)
            case steps.AgeBand():
                return age_bander(step.on, step.width, step.top)
            case steps.Band():
                return bander(step.width, step.low, step.high)
            case steps.Region():
                return regionizer(step.level, step.write)
        raise TypeError(step)

    def _redact(self, values: pa.Array) -> pa.Array:
        """Search every different text once."""
        if self._tools.redact is None:
            message = "a recipe that redacts was given nobody who finds persons"
            raise ValueError(message)
        encoded = as_text(values).dictionary_encode()
        made = self._tools.redact(encoded.dictionary.to_pylist())
        return pa.array(made, pa.string()).take(encoded.indices)

    def _count(self, column: str, before: pa.Array, after: pa.Array) -> None:
        lost = after.null_count - before.null_count
        if lost > 0 and self.counting:
            self.emptied[column] += lost
