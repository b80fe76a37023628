"""`manage.py scan`: what the filter would say of files, before anything is uploaded."""

import hashlib
import json
import sys
import time
import unicodedata
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.rulebook.queries import get_pack
from exchange.compliance.reports import entity_names, make_report, shown_entities
from exchange.compliance.scanning import FileScan, Progress, scan_path

SUFFIXES: Final = frozenset(
    {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".geojson", ".xlsx", ".parquet"}
)
PATIENCE = 2.0
"""Seconds after which the progress of one file is shown."""
USAGE = 2


class Command(BaseCommand):
    """Scan files and say, for each, outcome, grade, level, personal information and reasons."""

    help = "Read files or folders to their end and say what may not be traded, and why."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON line for each file")
        parser.add_argument(
            "--report", action="store_true", help="the whole report as JSON, one line for each file"
        )
        parser.add_argument("--language", default="", help="en or zh-hans")

    def handle(
        self, *, paths: list[Path], json: bool, report: bool, language: str, **_options: Any
    ) -> None:
        """Exit with 0 when every file is CLEAR, 1 when any is not, 2 when there is none to read."""
        files = list(data_files(paths))
        on = timezone.localdate()
        outcomes = []
        with translation.override(language or translation.get_language()):
            for file in files:
                scan = scan_path(file, on=on, progress=self._progress(file))
                outcomes.append(scan.outcome)
                line = whole_report if report else as_line if json else self._as_text
                self.stdout.write(line(scan))
                self.stdout.flush()
            if not (json or report):
                self.stdout.write(summary(outcomes))
        if any(outcome != "CLEAR" for outcome in outcomes):
            sys.exit(1)

    def _progress(self, file: Path) -> Progress:
        """Tell on standard error how far a long file is."""
        begun = shown = time.monotonic()

        def tell(done: int, total: int | None, what: str) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - begun > PATIENCE and now - shown > 1:
                shown = now
                share = f" {100 * done // total} %" if total else ""
                self.stderr.write(f"{file.name}: {what} {done:,}{share}")

        return tell

    def _as_text(self, scan: FileScan) -> str:
        styles = {"CLEAR": self.style.SUCCESS, "REVIEW": self.style.WARNING}
        outcome = styles.get(scan.outcome, self.style.ERROR)(pad(scan.outcome, 8))
        return "\n".join([f"{outcome}{row_of(scan)}", *reasons_of(scan)])


def data_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and every data file in the folders named."""
    found = False
    for path in paths:
        if not path.exists():
            raise CommandError(_("%(path)s does not exist.") % {"path": path}, returncode=USAGE)
        for file in _inside(path) if path.is_dir() else [path]:
            found = True
            yield file
    if not found:
        raise CommandError(_("There is no data file to read."), returncode=USAGE)


def _inside(folder: Path) -> list[Path]:
    """Return the data files below a folder, without notes that describe a file beside them."""
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
    stems = {(file.parent, file.stem) for file in files}
    return [file for file in files if (file.parent, file.stem.rpartition(".")[0]) not in stems]


def as_line(scan: FileScan) -> str:
    """Return the verdict on one file as one line of JSON."""
    verdict, report = scan.verdict, scan.report
    pack = get_pack("compliance", on=timezone.localdate())
    columns = [
        {
            "name": column.name,
            "entities": [
                {
                    "type": entity.type,
                    "count": entity.count,
                    "share": round(entity.share, 4),
                    "confidence": entity.confidence,
                }
                for entity in (shown_entities(column, verdict, pack) if verdict else ())
            ],
        }
        for column in (report.columns if report else ())
    ]
    line = {
        "file": str(scan.path),
        "outcome": scan.outcome,
        "grade": verdict.grade if verdict else None,
        "level": verdict.level if verdict else None,
        "personal": verdict.personal if verdict else None,
        "rules": verdict.rule_ids() if verdict else [],
        "columns": columns,
        "rows": report.rows if report else None,
        "seconds": round(scan.seconds, 3),
        "error": scan.error or None,
    }
    return json.dumps(line, ensure_ascii=False)


def whole_report(scan: FileScan) -> str:
    """Return everything that a screening of this content would report, as one line of JSON."""
    report: dict[str, Any] = {}
    if scan.report and scan.verdict:
        with scan.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        report = make_report(
            report=scan.report,
            verdict=scan.verdict,
            pack=get_pack("compliance", on=timezone.localdate()),
            sha256=digest,
            at=timezone.now(),
        )
    line = {
        "file": str(scan.path),
        "outcome": scan.outcome,
        "error": scan.error or None,
        "report": report,
    }
    return json.dumps(line, ensure_ascii=False)


def row_of(scan: FileScan) -> str:
    """Return the verdict on one file as one row of the table."""
    verdict = scan.verdict
    if verdict is None:
        return f"{pad('–', 10)} {pad('–', 2)} {pad('–', 13)} {pad('–', 9)} {scan.path}"
    rows = f"{scan.report.rows if scan.report else 0:,}"
    return " ".join(
        [
            pad(verdict.grade, 10),
            pad(str(verdict.level), 2),
            pad(verdict.personal, 13),
            pad(rows, 9),
            str(scan.path),
        ]
    )


def reasons_of(scan: FileScan) -> Iterator[str]:
    """Yield why a file is not clear: each rule with its basis, its columns and what to do."""
    if scan.error:
        yield f"         {scan.error}"
    if scan.verdict is None:
        return
    language = translation.get_language() or "en"
    tongue = "zh" if language.startswith("zh") else "en"
    names = entity_names(get_pack("compliance", on=timezone.localdate()), language)
    for rule in scan.verdict.rules:
        if rule.id not in scan.verdict.rule_ids():
            continue
        yield f"         {pad(rule.id, 10)}{rule.title[tongue]} — {rule.basis[tongue]}"
        for seen in rule.evidence:
            shown = f"  {'  '.join(seen.examples[:2])}" if seen.examples else ""
            yield (
                f"           {pad(seen.column, 24)} {pad(names.get(seen.entity, seen.entity), 34)}"
                f"{seen.count:>9,}  {seen.share:6.1%}{shown}"
            )
        yield f"           → {rule.remedy[tongue]}"


def summary(outcomes: list[str]) -> str:
    """Return how many files came to which end."""
    counts = [
        f"{outcome} {outcomes.count(outcome)}"
        for outcome in ("CLEAR", "REVIEW", "BLOCK", "REFUSED")
        if outcome in outcomes
    ]
    return _("%(count)s files: %(outcomes)s") % {
        "count": len(outcomes),
        "outcomes": ", ".join(counts),
    }


def pad(text: str, width: int) -> str:
    """Fill a text up to a width on the terminal, where a Chinese character takes two places."""
    taken = 0
    for index, character in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > width:
            return text[:index]
    return text + " " * (width - taken)
