"""`manage.py verify_ledger`: recompute every balance from its lines and say what disagrees."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.settlement.queries import list_discrepancies, trial_balance


class Command(BaseCommand):
    help = "Recompute the ledger from its lines; exit status 1 and a list when it contradicts."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the trial balance, then fail with what is wrong, if anything is."""
        for total in trial_balance():
            for kind, amount in total.by_kind.items():
                self.stdout.write(f"{total.currency} {kind:<10} {amount.text:>22}")
            self.stdout.write(f"{total.currency} {'SUM':<10} {total.difference.text:>22}")
        if wrong := list_discrepancies():
            raise CommandError("\n".join(wrong))
        self.stdout.write(_("The ledger agrees with itself."))
