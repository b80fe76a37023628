"""`manage.py equal_treatment`: same conditions, same price? Tried, and counted over sales."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.trading.treatment import Examination, examine
from exchange.trading.treatment_words import as_plain, inequality_text


class Command(BaseCommand):
    help = "Quote to buyers that differ in nothing a price may depend on; exit status 1 if unequal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how much is tried, and how it is told."""
        parser.add_argument("--json", action="store_true", help="figures for a machine")
        parser.add_argument("--products", type=int, default=20, help="products to quote")
        parser.add_argument("--buyers", type=int, default=20, help="buyers to quote to")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Examine, print, and fail with what was found, if anything was."""
        found = examine(at=timezone.now(), products=options["products"], buyers=options["buyers"])
        if options["json"]:
            self.stdout.write(json.dumps(as_plain(found), ensure_ascii=False, indent=2))
        else:
            self._tell(found)
        if not found.passes:
            raise CommandError(_("Buyers are treated unequally."))

    def _tell(self, found: Examination) -> None:
        said = {"cases": found.cases, "orders": found.orders, "pack": found.pack}
        self.stdout.write(_("%(cases)d quotes tried, %(orders)d orders counted, %(pack)s") % said)
        for inequality in (*found.tried, *found.concluded):
            self.stdout.write(inequality_text(inequality))
        for impact in found.impacts:
            ratio = "–" if impact.ratio is None else f"{impact.ratio:.4f}"
            mark = "" if impact.fair else "  !"
            self.stdout.write(
                f"{impact.measure:<8} {impact.dimension:<8} {impact.group:<12} "
                f"{impact.count:>6} {impact.rate:.4f} {ratio}{mark}"
            )
        if not found.cases:
            self.stdout.write(_("Nothing was tried: no product is listed, or nobody may buy."))
        elif found.passes:
            self.stdout.write(_("Same conditions, same price."))
