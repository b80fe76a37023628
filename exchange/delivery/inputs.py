"""Rows for a model: read against its inputs, so that what does not fit is told by input and row."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from audit.disclosure.evaluation.frames import Frame
from audit.log.canonical import canonical
from audit.log.errors import Invalid
from audit.rulebook.queries import get_pack
from exchange.catalog.models import Release

TEXT: Final = "string"
NUMBERS: Final = ("float", "int", "uint", "bool")
LONGEST_TEXT: Final = 4096
WIDEST: Final = 65_536


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Rows that fit a model; `values` by the name of the input, each a list of rows."""

    rows: int
    values: Mapping[str, list[Any]]
    slots: tuple[Mapping[str, Any], ...]

    @property
    def sha256(self) -> str:
        """Digest by which the log names them; the rows themselves are not kept."""
        said = {name: [_written(row) for row in rows] for name, rows in self.values.items()}
        return hashlib.sha256(canonical(said)).hexdigest()

    def as_question(self) -> dict[str, Any]:
        """Return what is kept of the call."""
        return {"inputs_sha256": self.sha256, "rows": self.rows}


def call_rules(on: date) -> Mapping[str, Any]:
    """Return how many rows and bytes a call takes and how long it may run."""
    rules: Mapping[str, Any] = get_pack("trading", on=on).data["inference"]
    return rules


def read_inputs(release: Release, raw: object, *, on: date) -> Inputs:
    """Read the rows of a call; raises Invalid naming the input and the row that does not fit."""
    slots = tuple(release.model.get("inputs", ()))
    names = [str(slot["name"]) for slot in slots]
    if not isinstance(raw, Mapping):
        raise Invalid({"inputs": [_("Give the rows of each input by its name.")]})
    if unknown := sorted(set(map(str, raw)) - set(names)):
        words = _("The model has no such input. It has: %(names)s.")
        raise Invalid({f"inputs.{unknown[0]}": [words % {"names": ", ".join(names)}]})
    if lacking := [name for name in names if name not in raw]:
        raise Invalid({f"inputs.{lacking[0]}": [_("Rows are missing for this input.")]})
    most = int(call_rules(on)["most_rows"])
    values: dict[str, list[Any]] = {}
    for slot in slots:
        name = str(slot["name"])
        rows = raw[name]
        if not isinstance(rows, list) or not rows:
            raise Invalid({f"inputs.{name}": [_("A list of rows is expected here.")]})
        if len(rows) > most:
            words = _("A call takes %(most)d rows at most.")
            raise Invalid({f"inputs.{name}": [words % {"most": most}]})
        values[name] = _rows_of(slot, rows)
    counts = {name: len(rows) for name, rows in values.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name}: {count}" for name, count in counts.items())
        words = _("All inputs need the same number of rows (%(told)s).")
        raise Invalid({"inputs": [words % {"told": told}]})
    return Inputs(rows=counts[names[0]], values=values, slots=slots)


def plan_of(inputs: Inputs, folder: Path) -> dict[str, Any]:
    """Write the rows as columns into `folder` and return the plan of the run."""
    columns = {str(place): _array(rows) for place, rows in enumerate(inputs.values.values())}
    frame = Frame.of(folder, columns)
    fixed = {int(slot["shape"][0]) for slot in inputs.slots if slot["shape"] and slot["shape"][0]}
    return {
        "rows": inputs.rows,
        "fixed": fixed.pop() if fixed else 0,
        "inputs": [
            {
                "name": slot["name"],
                "kind": slot["kind"],
                "flat": len(slot["shape"]) == 1,
                "columns": [column.as_json() | {"path": str((folder / column.file).resolve())}],
            }
            for slot, column in zip(inputs.slots, frame.columns, strict=True)
        ],
    }


def _array(rows: list[Any]) -> Any:
    single = not isinstance(rows[0], list)
    if single:
        return np.array(rows, dtype=object if isinstance(rows[0], str) else np.float64)
    return np.array(rows, dtype=np.float64)


def _rows_of(slot: Mapping[str, Any], rows: Sequence[Any]) -> list[Any]:
    """Return the rows of one input: single values, or lists of one width."""
    name, kind, shape = str(slot["name"]), str(slot["kind"]), list(slot["shape"])
    if not kind.startswith(NUMBERS) and kind != TEXT:
        raise Invalid({f"inputs.{name}": [_("This input is not of numbers or texts.")]})
    width = math.prod(shape[1:]) if len(shape) > 1 and all(shape[1:]) else 0
    found = []
    for number, row in enumerate(rows):
        place = f"inputs.{name}.{number}"
        cells = row if isinstance(row, list) else [row]
        if not width and len(shape) > 1:
            width = len(cells)
        if len(cells) != (width or 1) or len(cells) > WIDEST:
            words = _("A row of this input has %(wanted)d values; here are %(found)d.")
            raise Invalid({place: [words % {"wanted": width or 1, "found": len(cells)}]})
        read = [_cell(each, kind, place) for each in cells]
        found.append(read[0] if (width or 1) == 1 else read)
    return found


def _cell(value: Any, kind: str, place: str) -> Any:
    if kind == TEXT:
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise Invalid({place: [_("A text is expected here.")]})
        return value
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid({place: [_("A number is expected here.")]})
    if kind.startswith(("int", "uint", "bool")) and value != int(value):
        raise Invalid({place: [_("A whole number is expected here.")]})
    return float(value)


def _written(row: Any) -> Any:
    """Return a row in words, since a digest is taken of no floats."""
    return [_written(each) for each in row] if isinstance(row, list) else str(row)
