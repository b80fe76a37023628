"""Choosing the reader for a file and bringing its table into one Parquet file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .detection import Family, Format, check_model_name, detect
from .encodings import Progress
from .faults import Scalar, too_large, unsupported
from .limits import Limits
from .onnx_models import read_onnx
from .tables import Findings, Meter, Spool, Table, write_spool


@dataclass(frozen=True)
class Read:
    """What became of a file."""

    format: str
    encoding: str
    rows: int
    columns: list[dict[str, str]]
    notes: list[dict[str, str | Mapping[str, Scalar]]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    model: dict[str, Any] = field(default_factory=dict)


def read(path: Path, filename: str, workdir: Path, limits: Limits, progress: Progress) -> Read:
    """Read the file at `path` to its end into `workdir/table.parquet`."""
    size = path.stat().st_size
    if size > limits.bytes:
        raise too_large("bytes", size=size, limit=limits.bytes)
    family = detect(path, filename, limits)
    if family == Family.ONNX:
        raise unsupported("model-for-table")
    target = workdir / "table.parquet"
    findings = Findings()
    meter = Meter(limits, size)
    if family == Family.PARQUET:
        from .columnar import rewrite_parquet  # noqa: PLC0415  one reader is loaded, not all

        table = rewrite_parquet(path, target, meter, findings, limits, progress)
        return _result(Format.PARQUET, table, findings)
    spool = Spool(workdir, meter)
    found = _read_into(spool, family, path, filename, findings, limits, progress)
    table = write_spool(spool, target, findings, limits, progress)
    return _result(found, table, findings)


def read_model(
    path: Path, filename: str, workdir: Path, limits: Limits, progress: Progress
) -> Read:
    """Read the ONNX file at `path`, every word in it into `workdir/table.parquet`."""
    told = read_onnx(path, workdir / "table.parquet", limits, progress)
    check_model_name(filename)
    return Read(format=str(Format.ONNX), encoding="", rows=0, columns=[], model=told)


def _read_into(
    spool: Spool,
    family: Family,
    path: Path,
    filename: str,
    findings: Findings,
    limits: Limits,
    progress: Progress,
) -> str:
    match family:
        case Family.JSON:
            from .json_records import read_json  # noqa: PLC0415

            return read_json(path, filename, spool, findings, limits, progress)
        case Family.XLSX:
            from .spreadsheets import read_workbook  # noqa: PLC0415

            return read_workbook(path, spool, findings, limits, progress)
        case _:
            from .delimited import read_delimited  # noqa: PLC0415

            return read_delimited(path, spool, findings, limits, progress)


def _result(found: str, table: Table, findings: Findings) -> Read:
    return Read(
        format=str(found),
        encoding=findings.encoding,
        rows=table.rows,
        columns=table.columns,
        notes=[{"code": note.code, "params": note.params} for note in findings.notes],
        outside=findings.outside,
    )
