"""What the limited child does for the vault: read one untrusted file, or describe a table."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from confined.child import Progress, serve

from .limits import Limits


def main() -> None:
    """Carry out the task on standard input."""
    sys.meta_path.insert(0, _WithoutPandas())
    serve(_perform, Limits)


def _perform(task: Mapping[str, Any], limits: Limits, report: Progress) -> dict[str, Any]:
    import pyarrow as pa  # noqa: PLC0415  Arrow and its kin load inside the limits

    from . import readers  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    path = Path(task["path"])
    match task["verb"]:
        case "read":
            workdir = Path(task["workdir"])
            return asdict(readers.read(path, task["filename"], workdir, limits, report))
        case "model":
            workdir = Path(task["workdir"])
            return asdict(readers.read_model(path, task["filename"], workdir, limits, report))
        case "profile":
            from exchange.vault.profiles import profile_parquet  # noqa: PLC0415  for this task

            return profile_parquet(path, progress=report)
        case "check":
            from exchange.vault.quality.evaluating import check_parquet  # noqa: PLC0415  the same

            return check_parquet(path, task["rules"], progress=report)
        case verb:
            raise ValueError(verb)


class _WithoutPandas:
    """Arrow imports pandas where it is installed; nothing here needs it, and it takes long."""

    def find_spec(self, name: str, *_rest: object) -> None:
        """Refuse pandas and leave every other module to the finders after this one."""
        if name == "pandas":
            raise ModuleNotFoundError(name)
