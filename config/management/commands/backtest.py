"""`manage.py backtest`: how well the market method prices real listings, by two protocols."""

import json as json_format
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from math import exp
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.disclosure.measuring import (
    code_digest_of,
    progress_to,
    registered_measurements,
    sha256_of,
)
from audit.disclosure.queries import standing_disclosure
from audit.disclosure.services import file_platform_disclosures, record_measurement
from audit.log.actors import Actor
from audit.rulebook.shelf import file_packs
from pricing.measurement.appraisal import measure_on
from pricing.measurement.backtest import Outcome, Protocol, backtest
from pricing.measurement.figures import Figures, figures_of
from pricing.measurement.listings import BadListings, Listing, count_faults, read_listings
from pricing.policy import Policy, policy_of

USAGE: Final = 2
ALGORITHM: Final = "appraisal"
LEVEL: Final = 0.80
PROGRESS_SECONDS: Final = 10
"""How often progress is told where there is no terminal to keep a line up to date on."""


class Command(BaseCommand):
    """Predict every price of a file from the others, or of a second file from the first."""

    help = (
        "Try the market method on listings of exchanges (CSV): each price found from the others, "
        "leaving out the listing, and leaving out its provider."
    )
    requires_system_checks = ()
    told_at = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("listings", metavar="LISTINGS.csv", type=Path)
        parser.add_argument(
            "--test", metavar="HELD_OUT.csv", type=Path, help="predict these from LISTINGS alone"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--each", action="store_true", help="with every listing, its comparables and weights"
        )
        parser.add_argument(
            "--record", action="store_true", help="write the figures into the disclosure register"
        )
        parser.add_argument("--language", default="", help="en or zh-hans")

    def handle(
        self,
        *,
        listings: Path,
        test: Path | None,
        json: bool,
        each: bool,
        record: bool,
        language: str,
        **_options: Any,
    ) -> None:
        """Exit with 0 when the files were tried to their end, 2 when one could not be read."""
        with translation.override(language or translation.get_language()):
            if record and test is not None:
                raise CommandError(
                    _("Only figures of a whole file are recorded: leave --test out."),
                    returncode=USAGE,
                )
            policy = policy_of(file_packs("pricing")[-1])
            known = self._read(listings)
            held_out = None if test is None else self._read(test)
            began = time.perf_counter()
            self.told_at = time.monotonic()
            with progress_to(self._show_progress):
                tried = {
                    protocol: backtest(
                        known, protocol, minimum=policy.market.minimum, held_out=held_out
                    )
                    for protocol in Protocol
                }
            seconds = time.perf_counter() - began
            figures = [
                one for protocol in Protocol for one in figures_of(tried[protocol], protocol)
            ]
            asked = known if held_out is None else held_out
            if json:
                document = {
                    "listings": _file(listings, known),
                    "held_out": None if test is None else _file(test, asked),
                    "seconds": round(seconds, 1),
                    "interval": LEVEL,
                    "figures": [one.as_document() for one in figures],
                }
                if each:
                    document["each"] = list(_each(tried))
                self.stdout.write(json_format.dumps(document, ensure_ascii=False))
            else:
                for line in _as_text(asked, figures, seconds):
                    self.stdout.write(line)
                if each:
                    for row in _each(tried):
                        self.stdout.write(json_format.dumps(row, ensure_ascii=False))
            if record:
                self._record(listings, policy)

    def _read(self, path: Path) -> list[Listing]:
        try:
            return read_listings(path)
        except BadListings as error:
            raise CommandError(str(error), returncode=USAGE) from error
        except OSError as error:
            message = _("%(path)s cannot be read: %(reason)s") % {
                "path": path,
                "reason": error.strerror or error,
            }
            raise CommandError(message, returncode=USAGE) from error

    def _record(self, path: Path, policy: Policy) -> None:
        """Keep the figures, with those on the known law, as `measure_algorithms` does."""
        by = Actor.system("measurement")
        file_platform_disclosures(by=by, at=timezone.now())
        disclosure = standing_disclosure(ALGORITHM)
        if disclosure is None:
            raise CommandError(_("No disclosure of the appraisal algorithm is published."))
        with progress_to(self._show_progress):
            metrics = measure_on(path, policy)
        rows = record_measurement(
            disclosure=disclosure,
            metrics=metrics,
            code_sha256=code_digest_of(registered_measurements(ALGORITHM)),
            by=by,
            at=timezone.now(),
        )
        self.stderr.write(
            _("%(count)s figures recorded on %(reference)s.")
            % {"count": len(rows), "reference": disclosure.reference}
        )

    def _show_progress(self, done: int, total: int | None, what: str) -> None:
        """Keep one line on a terminal up to date; write a line now and then anywhere else."""
        if not self.stderr.isatty():
            now = time.monotonic()
            if now - self.told_at >= PROGRESS_SECONDS:
                self.told_at = now
                self.stderr.write(f"{what} {done}/{total}")
            return
        self.stderr.write(f"\r\033[K{what} {done}/{total}", ending="")
        if done == total:
            self.stderr.write("\r\033[K", ending="")


def _file(path: Path, listings: Sequence[Listing]) -> dict[str, Any]:
    return {
        "file": str(path),
        "sha256": sha256_of(path),
        "rows": len(listings),
        "priced": sum(not one.fault for one in listings),
        "left_out": dict(count_faults(listings)),
    }


def _each(tried: Mapping[Protocol, Sequence[Outcome]]) -> Iterator[dict[str, Any]]:
    """Yield what was found for each listing, in yuan, and what it rests on."""
    for protocol, outcomes in tried.items():
        for one in outcomes:
            row: dict[str, Any] = {
                "protocol": str(protocol),
                "line": one.listing.line,
                "exchange": one.listing.exchange,
                "unit": one.listing.traits.unit,
                "title": one.listing.traits.title,
                "price": str(one.listing.price),
            }
            if one.refusal:
                yield row | {"refused": one.refusal}
                continue
            yield row | {
                "predicted": _yuan(one.center),
                "low": _yuan(one.center - one.half_width),
                "high": _yuan(one.center + one.half_width),
                "log_error": round(one.error, 4),
                "inside": one.is_covered,
                "setting": one.setting,
                "comparables": [
                    {"line": line, "weight": round(weight, 6)} for line, weight in one.comparables
                ],
            }


def _yuan(log_price: float) -> float:
    return float(f"{exp(log_price):.6g}")


def _as_text(
    listings: Sequence[Listing], figures: Sequence[Figures], seconds: float
) -> Iterator[str]:
    """Yield the figures as tables, the protocols of an exchange side by side."""
    priced = sum(not one.fault for one in listings)
    yield _("%(rows)s listings, %(priced)s with a price, %(seconds)s s") % {
        "rows": f"{len(listings):,}",
        "priced": f"{priced:,}",
        "seconds": f"{seconds:.1f}",
    }
    left_out = ", ".join(f"{code} {count}" for code, count in count_faults(listings).items())
    if left_out:
        yield _("Left out: %(reasons)s") % {"reasons": left_out}
    for exchange in dict.fromkeys(one.exchange for one in figures):
        yield ""
        yield exchange
        columns = [one for one in figures if one.exchange == exchange]
        yield _line("", [one.protocol for one in columns])
        for label, name in _rows():
            yield _line(label, [_shown(getattr(one, name)) for one in columns])
        for one in columns:
            if one.refusals:
                why = ", ".join(f"{code} {count}" for code, count in one.refusals.items())
                yield f"  {one.protocol}: {why}"


def _rows() -> list[tuple[str, str]]:
    return [
        (_("listings with a price"), "listings"),
        (_("named providers"), "providers"),
        (_("listings answered"), "answered"),
        (_("share refused"), "refused_share"),
        (_("median absolute log error"), "median_error"),
        (_("  interval of 0.95, from"), "median_error_low"),
        (_("  interval of 0.95, to"), "median_error_high"),
        (_("plain median of all comparables"), "plain_median_error"),
        (_("plain median of the chosen ones"), "plain_chosen_error"),
        (_("plain median of 8 nearest titles"), "plain_nearest_error"),
        (_("error ÷ plain median's"), "ratio_to_plain"),
        (_("share inside the interval of 0.80"), "coverage"),
        (_("share found exactly"), "exact_share"),
        (_("median half width, log"), "median_half_width"),
    ]


def _line(label: str, cells: Sequence[str]) -> str:
    wide = sum(1 + (sign > "\u2e80") for sign in label)
    return f"  {label}{' ' * max(1, 36 - wide)}" + "".join(f"{cell:>26}" for cell in cells)


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"
