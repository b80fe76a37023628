"""Reading a file or a stored table under the rules of a day. Used before uploads and at screening.

Whatever prevents a file from being read to its end is a refusal with its reason, never a pass.
"""

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack, find_pack, get_pack
from exchange.vault.reading import Unreadable, read_file

from .grading import Manual, Verdict, grade
from .opaque import with_opaque
from .scanner import Lexicon, ScanReport, scan_parquet

logger = logging.getLogger(__name__)

Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, kw_only=True)
class FileScan:
    """What was found in one file; without a verdict it could not be read, and `error` says why."""

    path: Path
    seconds: float
    report: ScanReport | None = None
    verdict: Verdict | None = None
    error: str = ""

    @property
    def outcome(self) -> str:
        """CLEAR, REVIEW, BLOCK or REFUSED."""
        return self.verdict.outcome if self.verdict else "REFUSED"


@dataclass(frozen=True)
class TableScan:
    """What was found in one table, and what follows from it."""

    report: ScanReport
    verdict: Verdict


def scan_path(
    path: Path, *, on: date, manual: Manual | None = None, progress: Progress | None = None
) -> FileScan:
    """Read a file of any accepted format to its end and grade it under the rules of `on`."""
    begun = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="scan-") as folder:
            reading = read_file(path, filename=path.name, workdir=Path(folder), progress=progress)
            scan = scan_content(reading.parquet, on=on, manual=manual, progress=progress)
    except (Unreadable, OSError) as error:
        return FileScan(path=path, seconds=time.perf_counter() - begun, error=str(error))
    except Exception as error:
        logger.exception("scanning %s failed", path)
        words = _("The scanner failed on this file (%(error)s); nothing in it is cleared.")
        return FileScan(
            path=path,
            seconds=time.perf_counter() - begun,
            error=words % {"error": type(error).__name__},
        )
    return FileScan(
        path=path,
        seconds=time.perf_counter() - begun,
        report=scan.report,
        verdict=scan.verdict,
    )


def scan_content(
    parquet: Path,
    *,
    on: date,
    manual: Manual | None = None,
    pack: Pack | None = None,
    progress: Progress | None = None,
) -> TableScan:
    """Read every row of a table and grade it."""
    pack = pack or get_pack("compliance", on=on)
    report = with_opaque(scan_parquet(parquet, lexicon_of(pack, on), progress=progress), parquet)
    return TableScan(report, grade(report, pack.data, on=on, manual=manual))


def lexicon_of(pack: Pack, on: date) -> Lexicon:
    """Return the compiled form of a rule pack; ages count as of `on`."""
    return _compile(pack.label, pack.digest, on)


@lru_cache(maxsize=4)
def _compile(label: str, digest: str, on: date) -> Lexicon:
    pack = find_pack(label)
    if pack is None or pack.digest != digest:
        message = f"{label} was changed while it was in use"
        raise RuntimeError(message)
    return Lexicon(pack.data, as_of=on)
