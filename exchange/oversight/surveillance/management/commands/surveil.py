"""`manage.py surveil`: look over the market once, or again over everything since a day."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.log.actors import Actor
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import find_since, sweep, sweep_since


class Command(BaseCommand):
    """Watch what is new in the log, or replay history under the rules in force today."""

    help = "Look for abnormal trades in what is new, or in everything since a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DAY", help="replay from this day, as 2026-11-01")
        parser.add_argument("--dry-run", action="store_true", help="record nothing; with --since")
        parser.add_argument("--json", action="store_true", help="print one JSON line per alert")

    def handle(self, *, since: str | None, dry_run: bool, json: bool, **_options: Any) -> None:
        by, at = Actor.system("surveillance"), timezone.now()
        if since is None:
            if dry_run:
                raise CommandError("A sweep of what is new records what it finds; add --since.")
            swept = sweep(by=by, at=at)
            while swept.entries:
                self.show(swept.alerts, as_json=json)
                swept = sweep(by=by, at=at)
            return
        try:
            day = date.fromisoformat(since)
        except ValueError as error:
            raise CommandError(f"{since} is no day; write it as 2026-11-01.") from error
        if dry_run:
            self.list_findings(day, as_json=json)
            return
        self.show(sweep_since(since=day, by=by, at=at).alerts, as_json=json)

    def list_findings(self, day: date, *, as_json: bool) -> None:
        """Print what the rules would find."""
        for finding in find_since(since=day, at=timezone.now()):
            row = asdict(finding) | {"score": finding.score, "facts_sha256": finding.facts_sha256}
            words = f"{finding.rule}  score {finding.score}  {', '.join(finding.organizations)}"
            self.stdout.write(json.dumps(row, ensure_ascii=False) if as_json else words)

    def show(self, alerts: tuple[Alert, ...], *, as_json: bool) -> None:
        """Print the alerts that were raised."""
        for alert in alerts:
            row = alert.as_explanation() | {
                "alert": alert.reference,
                "organizations": alert.organizations,
                "products": alert.products,
                "orders": alert.orders,
                "period": [alert.period_from.isoformat(), alert.period_until.isoformat()],
                "follows": alert.previous.reference if alert.previous else "",
            }
            words = f"{alert.reference}  {alert.rule}  score {alert.score}"
            self.stdout.write(json.dumps(row, ensure_ascii=False) if as_json else words)
