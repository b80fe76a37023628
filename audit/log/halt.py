"""A halt: what an inspection found wrong keeps the log from being signed until one finds it sound.

The publisher reads back what it is about to sign, and no more: at one checkpoint a second it cannot
reread the whole log. Damage further back is found by inspection, which leaves word here, in a file
beside the logs, for the database may be what is damaged.
"""

from pathlib import Path

from django.conf import settings

from .inspection.report import Report
from .tiles import LogDamaged, TileStore

FILE = "halted"
_SHOWN = 20


def heed(report: Report) -> None:
    """Halt the signing where an inspection found anything; let it go on where it found nothing."""
    store = TileStore(Path(settings.AUDIT_LOG_DIR))
    if report.is_sound:
        (store.folder / FILE).unlink(missing_ok=True)
        return
    found = "\n".join(str(finding) for finding in report.findings[:_SHOWN])
    store.replace(FILE, f"{len(report.findings)} contradictions\n{found}\n".encode())


def why_halted() -> str | None:
    """Return what the inspection found that halts the signing, a finding a line; None if none."""
    content = TileStore(Path(settings.AUDIT_LOG_DIR)).read(FILE)
    return content.decode(errors="replace") if content is not None else None


def refuse_halted() -> None:
    """Raise LogDamaged while a halt stands."""
    if reason := why_halted():
        count, first, *_rest = [*reason.splitlines(), "", ""]
        raise LogDamaged(
            f"verify_log found {count}, first {first!r}. Nothing is signed until this is mended "
            "and verify_log finds the log sound."
        )
