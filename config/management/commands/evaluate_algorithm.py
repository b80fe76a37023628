"""`manage.py evaluate_algorithm`: measure an algorithm against its card, without the exchange."""

import json
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from audit.disclosure.card_schema import card_schema
from audit.disclosure.evaluation import (
    Card,
    Evaluation,
    Figure,
    Refused,
    RunLimits,
    evaluate,
    read_card,
    read_frame,
)
from audit.disclosure.evaluation.cards import CardFault, CardRefused
from audit.disclosure.evaluation.results import Verdict
from audit.disclosure.wording import (
    RULES,
    SEVERITY,
    STAGES,
    SURENESS,
    TECHNIQUES,
    VERDICTS,
    describe_card_fault,
    describe_finding,
    describe_reason,
)
from audit.log.errors import NotFound
from confined.bounds import MIB
from confined.faults import Fault
from exchange.algorithms.queries import get_run
from exchange.algorithms.reproducing import differences
from exchange.algorithms.services import measure as measure_run

HOLDS, CONTRADICTED, USAGE, NOT_RUN, NO_RUNTIME = 0, 1, 2, 3, 4
STATUS: Final = (
    "Exit status: 0 the claims hold and nothing speaks against the card; 1 overstated, not better "
    "than the baseline, or a finding speaks against the card; 2 a card or file that cannot be "
    "read; 3 the model cannot be run; 4 onnxruntime is not installed."
)


class Command(BaseCommand):
    """Print what was declared, what was measured, with interval and baseline, findings, verdict."""

    help = f"Measure an ONNX model on rows with answers and compare with its card. {STATUS}"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("card", metavar="CARD.json", type=Path, nargs="?")
        parser.add_argument("--model", metavar="M.onnx", type=Path)
        parser.add_argument("--holdout", metavar="H.parquet", type=Path)
        parser.add_argument("--train", metavar="T.parquet", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--schema", action="store_true", help="print the card's JSON Schema")
        parser.add_argument("--seconds", type=int, default=RunLimits.seconds, help="for the model")
        parser.add_argument("--megabytes", type=int, default=RunLimits.memory // MIB)
        parser.add_argument("--language", default="", help="en or zh-hans")
        parser.add_argument(
            "--set", metavar="ES-…", default="", help="sealed set of a recorded run"
        )
        parser.add_argument(
            "--run",
            metavar="EU-…",
            default="",
            help="measure a recorded run again and compare: 0 the same, 1 another result",
        )

    def handle(
        self,
        *,
        card: Path | None,
        model: Path | None,
        holdout: Path | None,
        train: Path | None,
        language: str,
        schema: bool,
        **options: Any,
    ) -> None:
        """End with the status that the help explains."""
        with translation.override(language or translation.get_language()):
            if schema:
                self.stdout.write(json.dumps(card_schema(), ensure_ascii=False, indent=1))
                return
            if options["run"] or options["set"]:
                if status := self.repeat(options["run"], options["set"]):
                    sys.exit(status)
                return
            if card is None or model is None or holdout is None:
                raise CommandError(_("Name a card, --model and --holdout."), returncode=USAGE)
            limits = RunLimits(seconds=options["seconds"], memory=options["megabytes"] * MIB)
            evaluation = self.measure(_card_at(card), model, holdout, train, limits)
            if options["json"]:
                self.stdout.write(as_json(evaluation))
            else:
                for line in as_text(evaluation):
                    self.stdout.write(line)
        if status := status_of(evaluation):
            sys.exit(status)

    def repeat(self, run: str, evaluation_set: str) -> int:
        """Measure a recorded run again, and say whether the result is the one on record."""
        try:
            found = get_run(run)
        except NotFound:
            message = _("There is no run %(run)s.") % {"run": run or "–"}
            raise CommandError(message, returncode=USAGE) from None
        sealed = found.evaluation_set
        if sealed is None or sealed.reference != evaluation_set:
            message = _("The run %(run)s was not on the set %(set)s.") % {
                "run": run,
                "set": evaluation_set or "–",
            }
            raise CommandError(message, returncode=USAGE)
        if not found.report:
            message = _("The run %(run)s has no result to compare with.") % {"run": run}
            raise CommandError(message, returncode=USAGE)
        try:
            again = measure_run(found, tell=self.teller())
        except Fault as fault:
            reason = describe_reason(fault.what, fault.params)
            raise CommandError(reason, returncode=NO_RUNTIME) from None
        for line in as_text(again):
            self.stdout.write(line)
        if other := differences(found, again):
            self.stdout.write(
                _("another result than %(report)s: %(members)s")
                % {"report": found.report, "members": ", ".join(other)}
            )
            return CONTRADICTED
        self.stdout.write(_("the same result as %(report)s") % {"report": found.report})
        return HOLDS

    def measure(
        self, card: Card, model: Path, holdout: Path, train: Path | None, limits: RunLimits
    ) -> Evaluation:
        """Read the rows, run and measure, in a folder that is gone afterwards."""
        tell = self.teller()
        with tempfile.TemporaryDirectory(prefix="quanheng-evaluation-") as scratch:
            folders = {name: Path(scratch) / name for name in ("holdout", "train", "work")}
            for folder in folders.values():
                folder.mkdir()
            frames = {}
            for name, path in (("holdout", holdout), ("train", train)):
                if path is None:
                    continue
                try:
                    frames[name] = read_frame(
                        _existing(path), folder=folders[name], limits=RunLimits(), progress=tell
                    )
                except Fault as fault:
                    reason = describe_reason(fault.what, fault.params)
                    raise CommandError(f"{path}: {reason}", returncode=USAGE) from None
            try:
                return evaluate(
                    card,
                    _existing(model).read_bytes(),
                    frames["holdout"],
                    train=frames.get("train"),
                    workdir=folders["work"],
                    limits=limits,
                    progress=tell,
                )
            except Refused as fault:
                reason = describe_reason(fault.what, fault.params)
                raise CommandError(reason, returncode=NO_RUNTIME) from None
            finally:
                if self.stderr.isatty():
                    self.stderr.write("\r\033[K", ending="")

    def teller(self) -> Callable[[int, int | None, str], None]:
        """Return a listener that keeps one line on a terminal up to date."""
        last = 0.0

        def tell(done: int, total: int | None, what: str) -> None:
            nonlocal last
            now = time.monotonic()
            if not self.stderr.isatty() or (now - last < 0.1 and done != total):  # noqa: PLR2004
                return
            last = now
            share = f" {100 * done // total} %" if total else ""
            self.stderr.write(f"\r\033[K{STAGES[what]} {done:,}{share}", ending="")

        return tell


def status_of(evaluation: Evaluation) -> int:
    """Return the exit status of a measurement."""
    if evaluation.verdict == Verdict.NOT_RUN:
        return NOT_RUN
    holds = evaluation.verdict in (Verdict.CONFIRMED, Verdict.WITHIN_ERROR)
    return HOLDS if holds and not evaluation.contradicted else CONTRADICTED


def as_json(evaluation: Evaluation) -> str:
    """Return the measurement as one JSON document, with every sentence in words too."""
    found = evaluation.as_json()
    for row, finding in zip(found["findings"], evaluation.findings, strict=True):
        row["text"] = describe_finding(finding)
    if evaluation.reason:
        found["reason_text"] = describe_reason(evaluation.reason, evaluation.reason_params)
    return json.dumps(found, ensure_ascii=False, allow_nan=False)


def as_text(evaluation: Evaluation) -> Iterator[str]:
    """Yield the measurement as lines for a terminal."""
    technique = ", ".join(str(TECHNIQUES[name]) for name in evaluation.techniques) or "–"
    yield _("%(name)s: %(task)s, %(rows)s rows; in the graph: %(technique)s") % {
        "name": evaluation.name,
        "task": evaluation.task,
        "rows": f"{evaluation.rows:,}",
        "technique": technique,
    }
    if evaluation.verdict == Verdict.NOT_RUN:
        yield describe_reason(evaluation.reason, evaluation.reason_params)
    for claim in evaluation.claims:
        yield _("declared  %(metric)s = %(value)s: %(verdict)s") % {
            "metric": claim.metric,
            "value": claim.declared,
            "verdict": VERDICTS[claim.verdict],
        }
    for figure in evaluation.figures:
        yield _row(figure)
    for row in evaluation.groups:
        shares = [row.selection_rate, row.impact_ratio, row.true_positive_rate,
                  row.false_positive_rate]  # fmt: skip
        shown = " ".join("   –  " if share is None else f"{share:6.3f}" for share in shares)
        yield _("group     %(column)s = %(group)s: %(rows)s rows, %(shares)s") % {
            "column": row.column,
            "group": row.group or "–",
            "rows": row.rows,
            "shares": shown,
        }
    for finding in evaluation.findings:
        kind = _(", ").join([str(SEVERITY[finding.severity]), str(SURENESS[finding.sureness])])
        yield _("finding   %(text)s (%(kind)s)") % {
            "text": describe_finding(finding),
            "kind": kind,
        }
    if evaluation.held:
        yield _("run       in a child bounded in: %(held)s; peak %(peak)s MB, %(seconds)s s") % {
            "held": ", ".join(evaluation.held),
            "peak": evaluation.peak // MIB,
            "seconds": evaluation.processor,
        }
    judged = _(", judged by %(metric)s") % {"metric": evaluation.judged_by}
    yield _("verdict   %(verdict)s%(judged)s") % {
        "verdict": VERDICTS[evaluation.verdict],
        "judged": judged if evaluation.judged_by else "",
    }


def _row(figure: Figure) -> str:
    interval = "" if figure.low is None else f"[{figure.low:.4f}, {figure.high:.4f}]"
    line = f"{figure.metric:<18} {figure.value:10.4f} {interval:<22}"
    if figure.baseline is None:
        return _("measured  %(line)s") % {"line": line}
    return _("measured  %(line)s baseline %(baseline)s (%(rule)s)") % {
        "line": line,
        "baseline": f"{figure.baseline:.4f}",
        "rule": RULES[figure.baseline_name],
    }


def _card_at(path: Path) -> Card:
    try:
        return read_card(json.loads(_existing(path).read_bytes()))
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        faults: tuple[CardFault, ...] = (CardFault("", "card-not-json", place),)
    except UnicodeDecodeError:
        faults = (CardFault("", "card-not-object"),)
    except CardRefused as refusal:
        faults = refusal.faults
    lines = [f"{each.name}: {describe_card_fault(each)}".removeprefix(": ") for each in faults]
    raise CommandError("\n".join([str(path), *lines]), returncode=USAGE)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise CommandError(_("%(path)s does not exist.") % {"path": path}, returncode=USAGE)
    return path
