"""`manage.py scan_text`: the spans of personal information in free text, and how well they fit."""

import json as json_format
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.rulebook.queries import get_pack
from exchange.compliance.labeled_texts import (
    BadLine,
    Comparison,
    TextRow,
    checked,
    find_in_rows,
    read_rows,
    vocabulary_of,
)
from exchange.compliance.scanner.masking import mask
from exchange.compliance.scanner.text import Found, Score, Scores, TextFinder, Vocabulary
from exchange.compliance.scanning import lexicon_of

USAGE: Final = 2


class Command(BaseCommand):
    """Find persons, and what is said of them, in texts; compare with labels where there are any."""

    help = "Read a JSON Lines file of texts and print the spans of personal information in them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON line for each text")
        parser.add_argument(
            "--types", default="", help="types to speak in, with commas, instead of the file's"
        )
        parser.add_argument("--language", default="", help="en or zh-hans")

    def handle(self, *, file: Path, json: bool, types: str, language: str, **_options: Any) -> None:
        """Exit with 0 when the file was read to its end, 2 when it could not be."""
        with translation.override(language or translation.get_language()):
            try:
                self._scan(file, types, as_json=json)
            except BadLine as error:
                raise CommandError(str(error), returncode=USAGE) from error
            except OSError as error:
                message = _("%(path)s cannot be read: %(reason)s") % {
                    "path": file,
                    "reason": error.strerror or error,
                }
                raise CommandError(message, returncode=USAGE) from error

    def _scan(self, file: Path, types: str, *, as_json: bool) -> None:
        vocabulary = vocabulary_of(file)
        if types:
            vocabulary = Vocabulary.of(each.strip() for each in types.split(",") if each.strip())
        on = timezone.localdate()
        finder = TextFinder(lexicon_of(get_pack("compliance", on=on), on))
        comparison, characters, rows = Comparison(), 0, 0
        began = time.perf_counter()
        for row, found in find_in_rows(read_rows(file), finder):
            rows += 1
            characters += len(row.text)
            said = vocabulary.say(found)
            comparison.add(row, said)
            for line in (
                self._as_json(row, said) if as_json else self._as_text(row, found, vocabulary)
            ):
                self.stdout.write(line)
        seconds = time.perf_counter() - began
        if as_json:
            summary = {"file": str(file), "rows": rows, "characters": characters}
            summary |= {"seconds": round(seconds, 3)} | as_document(comparison, vocabulary)
            self.stdout.write(json_format.dumps(summary, ensure_ascii=False))
            return
        self.stdout.write(
            _("%(rows)s texts, %(characters)s characters, %(speed)s characters a second")
            % {
                "rows": f"{rows:,}",
                "characters": f"{characters:,}",
                "speed": f"{characters / max(seconds, 1e-9):,.0f}",
            }
        )
        if comparison.rows:
            self.stdout.write("\n".join(as_table(comparison, vocabulary)))

    def _as_json(self, row: TextRow, said: list[tuple[int, int, str]]) -> Iterator[str]:
        spans = [{"start": begin, "end": end, "type": kind} for begin, end, kind in said]
        yield json_format.dumps(
            {"id": row.id, "line": row.line, "spans": spans}, ensure_ascii=False
        )

    def _as_text(self, row: TextRow, found: list[Found], vocabulary: Vocabulary) -> Iterator[str]:
        for each in found:
            if name := vocabulary.name(each.kind):
                shown = mask(each.kind, row.text[each.begin : each.end]).replace("\n", " ")
                yield f"{row.id}\t{each.begin}\t{each.end}\t{name}\t{shown}"


def as_document(comparison: Comparison, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the scores as plain values; nothing where the file has no labels."""
    if not comparison.rows:
        return {}
    return {
        "labeled_rows": comparison.rows,
        "unknown_types": sorted(vocabulary.unknown()),
        "scores": _scores(comparison.strict),
        "scores_as_declared": _scores(comparison.declared)
        | {"rows_without_place": comparison.placeless},
        "should_match": _figures(comparison.agreement) if comparison.answers else None,
    }


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        "overall": _figures(scores.all()),
        "checked": _figures(checked(scores)),
        "types": {each: _figures(scores.of(each)) for each in scores.types()},
    }


def _figures(score: Score) -> dict[str, float | int]:
    return {
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
        "right": score.right,
        "superfluous": score.superfluous,
        "missed": score.missed,
    }


def as_table(comparison: Comparison, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield precision, recall and F1 by type and over all, in both readings."""
    declared = _("As the rows declare: their own type only, and only where a place is labeled")
    for title, scores in (
        (_("Every unlabeled span counts as an error"), comparison.strict),
        (declared, comparison.declared),
    ):
        yield ""
        yield title
        yield f"  {'':<24} {'P':>6} {'R':>6} {'F1':>6} {'+':>6} {'-':>6} {'n':>6}"
        for each in scores.types():
            star = "*" if Vocabulary.is_checked(each) else " "
            yield _line(f"{star} {each}", scores.of(each))
        yield _line(_("* check digit or plan"), checked(scores))
        yield _line(_("all types"), scores.all())
    if comparison.answers:
        yield ""
        yield _line(_("rows that match"), comparison.agreement)
    if unknown := vocabulary.unknown():
        yield _("Types that are not looked for: %(types)s") % {"types": ", ".join(sorted(unknown))}


def _line(name: str, score: Score) -> str:
    return (
        f"  {name:<24} {score.precision:6.3f} {score.recall:6.3f} {score.f1:6.3f}"
        f" {score.superfluous:>6} {score.missed:>6} {score.labeled:>6}"
    )
