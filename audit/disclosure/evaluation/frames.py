"""Rows as plain arrays in files: a column each, read in stretches, so that memory stays flat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from .refusals import refused

NUMBER, TEXT, MATRIX, OTHER = "number", "text", "matrix", "other"
DTYPES: Final = {NUMBER: "<f8", TEXT: "<i4", MATRIX: "<f4"}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One column: numbers (NaN where empty), texts as codes (-1 where empty), rows of numbers."""

    name: str
    kind: str
    width: int = 1
    texts: tuple[str, ...] = ()
    file: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the column in the form it travels."""
        return {
            "name": self.name,
            "kind": self.kind,
            "width": self.width,
            "texts": list(self.texts),
            "file": self.file,
        }


@dataclass(frozen=True)
class Frame:
    """A table whose columns lie as raw little-endian files in `folder`."""

    folder: Path
    rows: int
    columns: tuple[Column, ...]
    sha256: str = ""

    @classmethod
    def of(cls, folder: Path, values: Mapping[str, Any]) -> Self:
        """Write arrays as a frame: numbers, texts, or rows of numbers."""
        columns = []
        rows = {len(each) for each in values.values()}
        if len(rows) != 1:
            raise refused("no-rows")
        for place, (name, each) in enumerate(values.items()):
            array = np.asarray(each)
            file = f"{place}.raw"
            if array.dtype.kind in "OU":
                texts = sorted({str(cell) for cell in array.tolist() if cell is not None})
                codes = {text: code for code, text in enumerate(texts)}
                cells = [-1 if cell is None else codes[str(cell)] for cell in array.tolist()]
                np.array(cells, dtype="<i4").tofile(folder / file)
                columns.append(Column(name, TEXT, texts=tuple(texts), file=file))
            elif array.ndim == 2:  # noqa: PLR2004  rows of numbers
                array.astype("<f4").tofile(folder / file)
                columns.append(Column(name, MATRIX, width=array.shape[1], file=file))
            else:
                array.astype("<f8").tofile(folder / file)
                columns.append(Column(name, NUMBER, file=file))
        return cls(folder, rows.pop(), tuple(columns))

    @property
    def names(self) -> list[str]:
        """The names of the columns in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Return the column of a name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def values(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """Return a stretch of a column as it lies in its file."""
        column = self.column(name)
        if column is None or column.kind == OTHER:
            raise refused("no-column", name=name)
        return read_stretch(self.folder / column.file, column, start, self._stop(stop))

    def numbers(self, name: str, start: int = 0, stop: int | None = None) -> Floats:
        """Return a stretch of a column as numbers; texts as their codes, empty as NaN."""
        values = self.values(name, start, stop).astype(np.float64)
        column = self.column(name)
        if column is not None and column.kind == TEXT:
            values[values < 0] = np.nan
        return values

    def _stop(self, stop: int | None) -> int:
        return self.rows if stop is None else min(stop, self.rows)


def read_stretch(path: Path, column: Column, start: int, stop: int) -> NDArray[Any]:
    """Read rows `start` to `stop` of a column's file."""
    dtype = np.dtype(DTYPES[column.kind])
    found = np.fromfile(
        path,
        dtype=dtype,
        count=max(stop - start, 0) * column.width,
        offset=start * column.width * dtype.itemsize,
    )
    return found.reshape(-1, column.width) if column.kind == MATRIX else found


def frame_from_answer(folder: Path, answer: Mapping[str, Any], sha256: str) -> Frame:
    """Return the frame a child says it wrote, after a look at every file."""
    try:
        rows = int(answer["rows"])
        columns = tuple(_column(each) for each in answer["columns"])
    except (KeyError, TypeError, ValueError):
        raise refused("answer") from None
    for column in columns:
        path = folder / column.file
        if column.kind == OTHER:
            continue
        size = rows * column.width * np.dtype(DTYPES[column.kind]).itemsize
        if path.is_symlink() or not path.is_file() or path.stat().st_size != size:
            raise refused("answer")
    return Frame(folder, rows, columns, sha256)


def _column(answer: Mapping[str, Any]) -> Column:
    kind, file = str(answer["kind"]), str(answer["file"])
    if kind not in {*DTYPES, OTHER} or "/" in file or file.startswith("."):
        raise ValueError(kind)
    texts: Sequence[Any] = answer["texts"]
    return Column(str(answer["name"]), kind, int(answer["width"]), tuple(map(str, texts)), file)
