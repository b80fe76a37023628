"""A file is checked before it is uploaded for sale: read, graded, reported, and not kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.services import record
from audit.rulebook.queries import day_of, get_pack
from exchange.compliance import rules
from exchange.compliance.events import FileChecked
from exchange.compliance.reports import make_report
from exchange.compliance.scanning import scan_path
from exchange.vault.formats.faults import FaultCode
from exchange.vault.reading import Unreadable
from exchange.vault.services.objects import BLOCK, plain_name, workdir

LARGEST: Final = 64 * 1024**2
"""Bytes of a file that is checked while its sender waits; larger ones are uploaded as a draft."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the filter would say; without a report the file could not be read, as `error` says."""

    filename: str
    outcome: str
    pack: str
    report: dict[str, Any]
    error: str = ""


def check_file(*, source: BinaryIO, filename: str, by: Actor, at: datetime) -> Checked:
    """Say what the filter would say of a file as it stands, without manual or rights.

    It is read in the limited child, like any upload. No object, value or digest of it is kept;
    that a file was checked is an entry. The report is not signed, since it clears nothing.
    """
    if refusal := rules.why_not_check(by):
        raise NotAllowed(refusal)
    pack = get_pack("compliance", on=day_of(at))
    name = plain_name(filename)
    with workdir() as folder:
        path = folder / f"checked{Path(name).suffix.lower()}"
        digest, size = _receive(source, path)
        scan = scan_path(path, on=day_of(at))
    checked = FileChecked(
        organization=by.organization, outcome=scan.outcome, pack=pack.label, size=size
    )
    with transaction.atomic():
        record(checked, by=by, at=at)
    report: dict[str, Any] = {}
    if scan.report and scan.verdict:
        report = make_report(
            report=scan.report, verdict=scan.verdict, pack=pack, sha256=digest, at=at
        )
    return Checked(
        filename=name, outcome=scan.outcome, pack=pack.label, report=report, error=scan.error
    )


def _receive(source: BinaryIO, path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while block := source.read(BLOCK):
            size += len(block)
            if size > LARGEST:
                raise Unreadable(
                    FaultCode.TOO_LARGE, "bytes", {"size": f"> {LARGEST}", "limit": LARGEST}
                )
            digest.update(block)
            file.write(block)
    return digest.hexdigest(), size
