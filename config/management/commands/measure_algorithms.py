"""`manage.py measure_algorithms`: recompute the accuracy of every disclosed algorithm."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.disclosure.measuring import (
    Metric,
    RegisteredMeasurement,
    code_digest_of,
    own_data_only,
    progress_to,
    registered_measurements,
)
from audit.disclosure.publication import (
    Compared,
    Publication,
    Standing,
    bounds_of,
    compare,
    published_from,
    read_publications,
    write_publication,
)
from audit.disclosure.queries import standing_disclosure
from audit.disclosure.services import (
    file_platform_disclosures,
    read_platform_statements,
    record_measurement,
)
from audit.log.actors import Actor

Items = Sequence[RegisteredMeasurement]
WORDS: Final = {
    Standing.HOLDS: "holds",
    Standing.FELL: "FELL",
    Standing.OTHER_DATA: "OTHER DATA",
    Standing.NOT_MEASURED: "NOT MEASURED",
    Standing.NOT_PUBLISHED: "NOT PUBLISHED",
}


def told(row: Compared) -> str:
    """Return a figure as a line of the table: published, its interval, measured, what became."""
    before, now = row.published, row.measured
    interval = f"[{before.ci_low}, {before.ci_high}]" if before and before.ci_low else ""
    if before and before.exact:
        interval = "exact"
    return (
        f"  {row.metric:<40} {before.value if before else '–':>10} {interval:<20} "
        f"{now.value if now else '–':>10}  {WORDS[row.standing]:<14} {row.dataset}"
    )


def named(row: Compared) -> str:
    """Return what is wrong with a figure as one sentence."""
    before, now = row.published, row.measured
    where = f"{row.metric} on {row.dataset}"
    if before is None:
        return f"{where} is measured and not published"
    if now is None:
        return f"{where} is published and not measured any more"
    if row.standing is Standing.OTHER_DATA:
        digests = f"{before.dataset_sha256[:12]}…, measured on {now.dataset_sha256[:12]}…"
        return f"{where} was published of other data: {digests}"
    low, high = bounds_of(before)
    bound = f"at least {low}" if low is not None else f"at most {high}"
    return f"{where} is {now.value}, published {before.value} ({bound})"


class Command(BaseCommand):
    """Run the registered measurements; record, publish or check what they find."""

    help = (
        "Measure the accuracy of the platform's algorithms and record it in the register; or "
        "publish it (--write), or hold it against what is published (--check)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", default="", metavar="KEY", help="measure one algorithm")
        parser.add_argument("--json", action="store_true", help="print one JSON line per figure")
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument(
            "--write",
            action="store_true",
            help="publish what is measured on our own data, into platform/accuracy/*.toml",
        )
        doing.add_argument(
            "--check",
            action="store_true",
            help="fail where a figure fell below what is published, or is not published",
        )

    def handle(self, *, only: str, json: bool, write: bool, check: bool, **_options: Any) -> None:
        found = registered_measurements(only)
        if not found and not check:
            raise CommandError(f"No measurement is registered for {only or 'any algorithm'}.")
        groups = {key: list(items) for key, items in groupby(found, lambda item: item.algorithm)}
        if check:
            self.check_all(groups, only)
        elif write:
            self.write_all(groups)
        else:
            self.record_all(groups, as_json=json)

    def record_all(self, groups: dict[str, list[RegisteredMeasurement]], *, as_json: bool) -> None:
        """Measure on all the data at hand and record it in the register."""
        by = Actor.system("measurement")
        file_platform_disclosures(by=by, at=timezone.now())
        failed = [
            key for key, items in groups.items() if not self.record(key, items, by, as_json=as_json)
        ]
        if failed:
            raise CommandError(f"Not measured: {', '.join(failed)}")

    def record(self, algorithm: str, items: Items, by: Actor, *, as_json: bool) -> bool:
        """Run one algorithm's measurements, record them as one; say what fails."""
        disclosure = standing_disclosure(algorithm)
        if disclosure is None:
            self.stderr.write(f"{algorithm}: no disclosure is published for {items[0].name}")
            return False
        began = time.monotonic()
        if (metrics := self.measure(algorithm, items)) is None:
            return False
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

    def write_all(self, groups: dict[str, list[RegisteredMeasurement]]) -> None:
        """Publish what is measured on our own data; say what changed."""
        before, failed = read_publications(), []
        for algorithm, items in groups.items():
            with own_data_only():
                metrics = self.measure(algorithm, items)
            if metrics is None:
                failed.append(algorithm)
                continue
            made = published_from(
                algorithm, metrics, code_sha256=code_digest_of(items), on=timezone.now().date()
            )
            rows = compare(before.get(algorithm), metrics)
            self.stdout.write(f"{write_publication(made).name}: {len(made.figures)} figures")
            for row in rows:
                if row.is_changed:
                    self.stdout.write(told(row))
        if failed:
            raise CommandError(f"Not published: {', '.join(failed)}")

    def check_all(self, groups: dict[str, list[RegisteredMeasurement]], only: str) -> None:
        """Measure again on our own data and name every figure that is not as published."""
        began, published = time.monotonic(), read_publications()
        disclosed = {statement.algorithm for statement in read_platform_statements()}
        faults = []
        for algorithm in sorted(disclosed | set(groups) | set(published)):
            if only in ("", algorithm):
                found = self.check_one(algorithm, groups.get(algorithm, []), published, disclosed)
                faults += [f"{algorithm}: {fault}" for fault in found]
        if only and only not in disclosed | set(groups) | set(published):
            raise CommandError(f"No algorithm of the platform is called {only}.")
        self.stdout.write(f"Measured again in {time.monotonic() - began:.1f} s.")
        if faults:
            raise CommandError("\n".join(["Not as published:", *faults]))

    def check_one(
        self, algorithm: str, items: Items, published: dict[str, Publication], disclosed: set[str]
    ) -> list[str]:
        """Check one algorithm; print a line for each figure and return what is wrong."""
        faults = []
        if algorithm not in disclosed:
            faults.append("no disclosure is among audit/disclosure/platform/*.toml")
        if algorithm not in published:
            faults.append("no accuracy is published; measure_algorithms --write publishes it")
        if not items:
            return [*faults, "no measurement is registered"]
        with own_data_only():
            metrics = self.measure(algorithm, items)
        if metrics is None:
            return [*faults, "it could not be measured"]
        publication = published.get(algorithm)
        if publication is None:
            return faults
        rows = compare(publication, metrics)
        same = publication.code_sha256 == code_digest_of(items)
        code = "the code published" if same else "code changed since"
        self.stdout.write(f"{algorithm}, published {publication.measured_on}, {code}")
        for row in rows:
            self.stdout.write(told(row))
        return [*faults, *(named(row) for row in rows if row.is_fault)]

    def measure(self, algorithm: str, items: Items) -> list[Metric] | None:
        """Run one algorithm's measurements; None, with the reason said, where one breaks."""
        try:
            with progress_to(self.show_progress(algorithm)):
                return [metric for item in items for metric in item.run()]
        except Exception as error:  # noqa: BLE001  one broken measurement must not hide the others
            self.clear_progress()
            self.stderr.write(f"{algorithm}: {type(error).__name__}: {error}")
            return None
        finally:
            self.clear_progress()

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
