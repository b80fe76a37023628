"""Files of every format, sound and faulty, made where the tests need them."""

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from exchange.vault.formats import readers
from exchange.vault.formats.faults import Fault
from exchange.vault.formats.limits import Limits
from exchange.vault.formats.readers import Read

LIMITS = Limits()


def no_progress(_done: int, _total: int | None, _what: str) -> None:
    """Hear how far the work is, and do nothing."""


def read_bytes(
    folder: Path, content: bytes | str, name: str = "table.csv", limits: Limits = LIMITS
) -> tuple[Read, list[dict[str, Any]]]:
    """Read `content` in this process; return what was found and the rows."""
    workdir = folder / "work"
    workdir.mkdir(exist_ok=True)
    path = workdir / "original"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = readers.read(path, name, workdir, limits, no_progress)
    rows = pq.read_table(workdir / "table.parquet").to_pylist()
    assert len(rows) == found.rows
    return found, rows


def fault_of(
    folder: Path, content: bytes | str, name: str = "table.csv", limits: Limits = LIMITS
) -> tuple[str, str, dict[str, Any]]:
    """Return code, sentence and parameters of the fault that reading `content` ends in."""
    try:
        found, _rows = read_bytes(folder, content, name, limits)
    except Fault as fault:
        return str(fault.code), fault.what, dict(fault.params)
    message = f"{found.rows} rows were read"
    raise AssertionError(message)


def types_of(found: Read) -> dict[str, str]:
    """Return the type of each column by name."""
    return {column["name"]: column["type"] for column in found.columns}


def notes_of(found: Read) -> dict[str, dict[str, Any]]:
    """Return the parameters of each note by its code, the last of a kind."""
    return {str(note["code"]): dict(note["params"]) for note in found.notes}


def workbook(sheets: dict[str, Iterable[Sequence[Any]]], hidden: Sequence[str] = ()) -> bytes:
    """Return a workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        if title in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    """Return the archive with some parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name), zipfile.ZIP_DEFLATED)
        for name, data in changes.items():
            new.writestr(name, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def json_lines(records: Iterable[Any]) -> str:
    """Return one line of JSON for each record."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
