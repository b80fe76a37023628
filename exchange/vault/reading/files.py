"""Reading one file into a Parquet table, and describing such a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confined.running import Progress
from exchange.vault.formats.faults import FaultCode
from exchange.vault.formats.limits import Limits

from .faults import Unreadable
from .sandbox import run_task

DEFAULT_LIMITS = Limits()
Note = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """A file that was read to its end.

    Of a model, `parquet` holds every word in it, `rows` and `columns` say nothing, and `model` what
    it is.

    `outside` holds the text found around the tables (titles, remarks, comments, members of a JSON
    document beside its records); it stands in the Parquet file's metadata too, so that a scan of
    the content misses nothing. `notes` are codes with parameters; `describe_note` words them.
    """

    parquet: Path
    format: str
    encoding: str
    rows: int
    columns: list[dict[str, str]]
    notes: list[Note]
    outside: list[str]
    model: Mapping[str, Any] = field(default_factory=dict)


def read_file(
    path: Path,
    *,
    filename: str,
    workdir: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    is_model: bool = False,
) -> Reading:
    """Read the file at `path`, named `filename` by its owner, into a Parquet file in `workdir`.

    As a table, or as an ONNX model; the content decides, and another is refused. Raises Unreadable,
    after which `workdir` may hold leftovers for the caller to remove.
    """
    verb = "model" if is_model else "read"
    task = {"verb": verb, "path": str(path.resolve()), "filename": filename}
    result = run_task(task, limits=limits, workdir=workdir.resolve(), progress=progress)
    parquet = workdir / "table.parquet"
    try:
        columns = [
            {"name": str(each["name"]), "type": str(each["type"])} for each in result["columns"]
        ]
        reading = Reading(
            parquet=parquet,
            format=str(result["format"]),
            encoding=str(result["encoding"]),
            rows=int(result["rows"]),
            columns=columns,
            notes=[dict(note) for note in result["notes"]],
            outside=[str(line) for line in result["outside"]],
            model=dict(result["model"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Unreadable(FaultCode.CRASHED, "crashed", {"reason": "answer"}) from None
    if parquet.is_symlink() or not parquet.is_file():
        raise Unreadable(FaultCode.CRASHED, "crashed", {"reason": "no table"})
    return reading


def profile_file(
    parquet: Path,
    *,
    workdir: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the profile of a table made by `read_file`, computed in a child as well."""
    task = {"verb": "profile", "path": str(parquet.resolve())}
    return run_task(task, limits=limits, workdir=workdir.resolve(), progress=progress)


def check_table(
    parquet: Path,
    rules: Mapping[str, Any],
    *,
    workdir: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return how many rows of a table break each of the rules, counted in a child as well."""
    task = {"verb": "check", "path": str(parquet.resolve()), "rules": dict(rules)}
    return run_task(task, limits=limits, workdir=workdir.resolve(), progress=progress)
