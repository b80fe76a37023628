"""What the confined child does for the register: look into a model, read rows, run a model."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from confined.child import Progress, serve

from .graph import read_model
from .limits import RunLimits


def main() -> None:
    """Carry out the task on standard input."""
    serve(_perform, RunLimits)


def _perform(task: Mapping[str, Any], limits: RunLimits, report: Progress) -> dict[str, Any]:
    path, workdir = Path(task["path"]), Path(task["workdir"])
    match task["verb"]:
        case "inspect":
            facts = read_model(path.read_bytes(), limits)
            return asdict(facts) | {"operators": dict(facts.operators)}
        case "read":
            from .reading import read_parquet  # noqa: PLC0415  Arrow loads inside the limits

            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return read_parquet(path, workdir, limits, report) | {"sha256": digest}
        case "run":
            from .executing import run_model  # noqa: PLC0415  the runtime loads inside the limits

            return run_model(path, task["plan"], workdir, limits, report)
        case verb:
            raise ValueError(verb)
