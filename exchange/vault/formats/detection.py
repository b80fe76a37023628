"""Telling what a file is by its content; its name only has to agree."""

import enum
import os
import re
from pathlib import Path
from typing import BinaryIO

from .archives import part_names
from .faults import Fault, FaultCode, truncated, unsupported
from .limits import Limits
from .onnx_parts import looks_like_model

SAMPLE = 64 * 1024


class Format(enum.StrEnum):
    """The formats the exchange reads: all into a table, ONNX as a model."""

    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    GEOJSON = "geojson"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ONNX = "onnx"


class Family(enum.StrEnum):
    """What can be told from the first bytes, before anything is decoded."""

    DELIMITED = "delimited"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ONNX = "onnx"


EXTENSIONS = {
    "csv": Family.DELIMITED,
    "tsv": Family.DELIMITED,
    "tab": Family.DELIMITED,
    "psv": Family.DELIMITED,
    "json": Family.JSON,
    "jsonl": Family.JSON,
    "ndjson": Family.JSON,
    "geojson": Family.JSON,
    "xlsx": Family.XLSX,
    "parquet": Family.PARQUET,
    "pq": Family.PARQUET,
    "onnx": Family.ONNX,
}
SHOWN = {
    Family.DELIMITED: "CSV/TSV",
    Family.JSON: "JSON",
    Family.XLSX: "XLSX",
    Family.PARQUET: "Parquet",
    Family.ONNX: "ONNX",
}
TELLING = frozenset({"xls", "xlsm", "xlsb", "ods", "zip", "gz", "pdf", "doc", "docx", "html"})
FOREIGN = (
    (b"%PDF-", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"ARROW1", "Arrow/Feather"),
    (b"FEA1", "Feather"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90\x00", "EXE"),
    (b"{\\rtf", "RTF"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_JSON_START = re.compile(r"\s*(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[\[{\"\]tfn\d-]|\Z))")
_MARKUP_START = re.compile(r"\s*<(?:!doctype|html|table|\?xml|svg|head|meta|script)", re.IGNORECASE)


def detect(path: Path, filename: str, limits: Limits) -> Family:
    """Return the family of the file at `path`, or raise the fault that says what it is instead."""
    size = path.stat().st_size
    if not size:
        raise Fault(FaultCode.EMPTY, "no-bytes")
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        family = _binary_family(file, head, size, limits)
        if family is None:
            family = Family.ONNX if looks_like_model(file) else _text_family(head, size)
    _check_name(filename, family)
    return family


def check_model_name(filename: str) -> None:
    """Refuse a model under the name of something else; the content decides what it is."""
    _check_name(filename, Family.ONNX)


def extension_of(filename: str) -> str:
    """Return the last extension of a file name in lower case, without its dot."""
    return Path(filename).suffix.lower().removeprefix(".")


def _check_name(filename: str, family: Family) -> None:
    extension = extension_of(filename)
    named = EXTENSIONS.get(extension)
    if (named and named != family) or (not named and extension in TELLING):
        raise Fault(
            FaultCode.MISNAMED, "name-and-content", name=f".{extension}", content=SHOWN[family]
        )


def _binary_family(file: BinaryIO, head: bytes, size: int, limits: Limits) -> Family | None:
    if head.startswith(b"PAR1"):
        return _parquet(file, size)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _workbook(file, limits)
    if head.startswith(OLE):
        raise unsupported("old-or-locked-office")
    if head.startswith(b"PARE"):
        raise unsupported("encrypted-parquet")
    for magic, name in FOREIGN:
        if head.startswith(magic):
            raise unsupported("foreign-format", content=name)
    return None


def _parquet(file: BinaryIO, size: int) -> Family:
    smallest = 12
    if size < smallest:
        raise truncated("parquet-end")
    file.seek(-4, os.SEEK_END)
    end = file.read(4)
    if end == b"PARE":
        raise unsupported("encrypted-parquet")
    if end != b"PAR1":
        raise truncated("parquet-end")
    return Family.PARQUET


def _workbook(file: BinaryIO, limits: Limits) -> Family:
    """Tell a workbook from other archives by its parts."""
    names = part_names(file, limits)
    if "[Content_Types].xml" not in names:
        raise unsupported("foreign-format", content="ZIP")
    if "xl/vbaProject.bin" in names:
        raise unsupported("workbook-with-macros")
    if "xl/workbook.bin" in names:
        raise unsupported("foreign-format", content="XLSB")
    if "xl/workbook.xml" not in names:
        raise unsupported("foreign-format", content="Office")
    return Family.XLSX


def _text_family(head: bytes, size: int) -> Family:
    text = _peek(head)
    if not text.strip():
        if size > len(head):
            raise Fault(FaultCode.MALFORMED, "blank-start")
        raise Fault(FaultCode.EMPTY, "only-blanks")
    if _MARKUP_START.match(text):
        raise unsupported("foreign-format", content="HTML/XML")
    return Family.JSON if _JSON_START.match(text) else Family.DELIMITED


def _peek(head: bytes) -> str:
    """Decode the beginning far enough to see which characters it starts with."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", errors="replace").lstrip("\ufeff")
    wide = guess_wide(head)
    if wide:
        return head[: len(head) & ~1].decode(wide, errors="replace")
    return head.decode("latin-1").removeprefix("ï»¿")


def guess_wide(head: bytes) -> str | None:
    """Return the UTF-16 byte order of text without a mark: every other byte of ASCII is zero."""
    pairs = len(head) // 2
    if not pairs or head.startswith(UNICODE_MARKS):
        return None
    high, low = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    some = max(2, pairs // 20)
    if low >= some and not high:
        return "utf-16-le"
    if high >= some and not low:
        return "utf-16-be"
    return None
