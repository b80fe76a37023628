"""`manage.py measure_quality`: count again what a quality report says of a file."""

import json as json_format
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from exchange.catalog.quality import counted_of

USAGE: Final = 2


class Command(BaseCommand):
    """Read a file as the exchange reads it, and count the rows that break each rule."""

    help = "Count the rows of a file that break each rule of quality, and the filled cells."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("rules", metavar="RULES.json", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON document")
        parser.add_argument("--language", default="", help="en or zh-hans")

    def handle(
        self, *, file: Path, rules: Path, json: bool, language: str, **_options: Any
    ) -> None:
        """Exit with 0 when everything was counted, 2 when file or rules cannot be used."""
        with translation.override(language or translation.get_language()):
            try:
                document = json_format.loads(rules.read_text(encoding="utf-8"))
                items = counted_of(file, document)
            except Invalid as error:
                raise CommandError(str(error), returncode=USAGE) from error
            except (OSError, ValueError) as error:
                message = _("%(path)s cannot be read: %(reason)s") % {
                    "path": rules,
                    "reason": error,
                }
                raise CommandError(message, returncode=USAGE) from error
        rows = [
            {
                "item": item.id,
                "dimension": item.dimension,
                "total": item.total,
                "failing": item.failing,
                "share": None if item.share is None else f"{item.share:.6f}",
            }
            for item in items
        ]
        if json:
            self.stdout.write(json_format.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(
                f"{row['item']:<40} {row['dimension']:<14} "
                f"{row['failing']:>12,} / {row['total']:>14,}  {row['share'] or '–'}"
            )
