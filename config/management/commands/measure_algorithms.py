"""`manage.py measure_algorithms`: recompute the accuracy of every disclosed algorithm."""

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.disclosure.measuring import (
    Metric,
    RegisteredMeasurement,
    code_digest_of,
    progress_to,
    registered_measurements,
)
from audit.disclosure.queries import current_disclosure
from audit.disclosure.services import file_platform_disclosures, record_measurement
from audit.log.actors import Actor


class Command(BaseCommand):
    """Run the registered measurements and record what they find on the disclosures."""

    help = "Measure the accuracy of the platform's algorithms and record it in the register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", default="", metavar="KEY", help="measure one algorithm")
        parser.add_argument("--json", action="store_true", help="print one JSON line per figure")

    def handle(self, *, only: str, json: bool, **_options: Any) -> None:
        found = registered_measurements(only)
        if not found:
            raise CommandError(f"No measurement is registered for {only or 'any algorithm'}.")
        by = Actor.system("measurement")
        file_platform_disclosures(by=by, at=timezone.now())
        groups = {key: list(items) for key, items in groupby(found, lambda item: item.algorithm)}
        failed = [
            key for key, items in groups.items() if not self.measure(key, items, by, as_json=json)
        ]
        if failed:
            raise CommandError(f"Not measured: {', '.join(failed)}")

    def measure(
        self, algorithm: str, items: list[RegisteredMeasurement], by: Actor, *, as_json: bool
    ) -> bool:
        """Run one algorithm's measurements, record them as one; say what fails."""
        disclosure = current_disclosure(algorithm)
        if disclosure is None:
            self.stderr.write(f"{algorithm}: no disclosure is filed for {items[0].name}")
            return False
        began = time.monotonic()
        try:
            with progress_to(self.show_progress(algorithm)):
                metrics = [metric for item in items for metric in item.run()]
        except Exception as error:  # noqa: BLE001  one broken measurement must not hide the others
            self.clear_progress()
            self.stderr.write(f"{algorithm}: {type(error).__name__}: {error}")
            return False
        self.clear_progress()
        record_measurement(
            disclosure=disclosure,
            metrics=metrics,
            code_sha256=code_digest_of(items),
            by=by,
            at=timezone.now(),
        )
        if as_json:
            for metric in metrics:
                row = {"algorithm": algorithm} | asdict(metric)
                self.stdout.write(json.dumps(row, ensure_ascii=False))
        else:
            self.show(algorithm, disclosure.reference, metrics, time.monotonic() - began)
        return True

    def show(self, algorithm: str, reference: str, metrics: list[Metric], seconds: float) -> None:
        """Print the figures as a table."""
        self.stdout.write(f"{algorithm} ({reference}), {seconds:.1f} s")
        for metric in metrics:
            interval = f"[{metric.ci_low}, {metric.ci_high}]" if metric.ci_low else ""
            line = f"  {metric.name:<36} {metric.value:>10} {interval:<20} n={metric.n}"
            self.stdout.write(f"{line}  {metric.dataset}")

    def show_progress(self, algorithm: str) -> Any:
        """Return a listener that keeps one line on a terminal up to date, at most ten a second."""
        last = 0.0

        def listen(done: int, total: int | None, what: str) -> None:
            nonlocal last
            now = time.monotonic()
            if not self.stderr.isatty() or (now - last < 0.1 and done != total):  # noqa: PLR2004
                return
            last = now
            of = f"/{total}" if total is not None else ""
            self.stderr.write(f"\r\033[K{algorithm}: {what} {done}{of}", ending="")

        return listen

    def clear_progress(self) -> None:
        """Remove the progress line."""
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
