"""The public sheet of an algorithm: what was measured of it, as charts with tables behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.evaluation.results import Finding, Severity, Sureness
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.disclosure.publication import Standing
from audit.disclosure.queries import (
    AccuracyRow,
    accuracy_of,
    evaluations_of_algorithm,
    latest_evaluation_of,
    measurements_of,
)
from audit.disclosure.wording import (
    FINDINGS,
    RULES,
    SEVERITY,
    SURENESS,
    VERDICTS,
    describe_finding,
    describe_reason,
)
from exchange.web.charts import Claimed, Ratio, Reading, Stretch

MOST_DRAWN: Final = 12
MOST_CLASSES: Final = 20
MOST_RUNS: Final = 40
VERDICT_TONES: Final = {
    "CONFIRMED": "good",
    "WITHIN_ERROR": "good",
    "OVERSTATED": "stop",
    "NO_BETTER": "stop",
    "NOT_RUN": "wait",
}
STANDINGS: Final[dict[Standing, tuple[str | Promise, str]]] = {
    Standing.HOLDS: (gettext_lazy("as published"), "good"),
    Standing.FELL: (gettext_lazy("worse than published"), "stop"),
    Standing.OTHER_DATA: (gettext_lazy("measured on other data"), "wait"),
    Standing.NOT_MEASURED: (gettext_lazy("not yet measured here"), "wait"),
    Standing.NOT_PUBLISHED: (gettext_lazy("additional, not published"), "still"),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One figure in words: declared, measured with its interval, the simple rule, the verdict."""

    metric: str
    label: str
    declared: str = ""
    declared_note: str = ""
    value: str = ""
    low: str = ""
    high: str = ""
    baseline: str = ""
    baseline_name: str = ""
    said: str = ""
    tone: str = "still"
    n: int | None = None
    dataset: str = ""
    dataset_sha256: str = ""
    note: str = ""
    at: datetime | None = None

    def drawn(self) -> Claimed:
        """Return the figure as a row of the chart."""
        return Claimed(
            label=self.label,
            value=number(self.value),
            low=number(self.low),
            high=number(self.high),
            declared=number(self.declared),
            baseline=number(self.baseline),
            said=self.said,
            tone=self.tone,
        )


@dataclass(frozen=True, kw_only=True)
class FindingTold:
    """A finding in words, how sure, and what it means."""

    sentence: str
    sureness: str
    severity: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything of an algorithm's measurement that a page shows; empty parts were not measured."""

    figures: Sequence[Told]
    main: Sequence[Told]
    report: EvaluationReport | None = None
    verdict: str = ""
    tone: str = "wait"
    reason: str = ""
    stretches: Sequence[Stretch] = ()
    classes: Sequence[str] = ()
    shares: Sequence[Sequence[float]] = ()
    groups: Sequence[Mapping[str, Any]] = ()
    ratios: Sequence[Ratio] = ()
    findings: Sequence[FindingTold] = ()
    trend: Sequence[Reading] = ()
    trend_label: str = ""
    command: str = ""
    rest: Sequence[Told] = field(default=())

    @property
    def drawn(self) -> list[Claimed]:
        """The rows of the chart of what is declared against what is measured."""
        return [told.drawn() for told in self.main]

    @property
    def rows_of_classes(self) -> list[tuple[str, Sequence[str]]]:
        """The confusion as a table of percents."""
        shares = [*self.shares, *[()] * len(self.classes)]
        return [
            (name or _("fewer than ten rows"), [f"{share * 100:.0f}" for share in found])
            for name, found in zip(self.classes, shares, strict=False)
        ]


def sheet_of(disclosure: Disclosure) -> Sheet:
    """Return what was measured of a disclosure: the report on a sealed set, and the platform's."""
    report = latest_evaluation_of(disclosure)
    found = report.evaluation if report else {}
    figures = _of_report(disclosure, report, found) if report else []
    known = {told.metric for told in figures if told.declared}
    figures += [
        _of_row(disclosure, row)
        for row in accuracy_of(disclosure)
        if row.measured or row.metric not in known
    ]
    main = _main(disclosure, figures, report)
    readings, label = _trend(disclosure, main[0] if main else None, report)
    verdict, tone = _verdict(figures, report)
    groups = found.get("groups", [])
    names = found.get("classes", [])[:MOST_CLASSES]
    return Sheet(
        figures=figures,
        main=main,
        rest=[told for told in figures if told not in main],
        report=report,
        verdict=verdict,
        tone=tone,
        reason=describe_reason(found["reason"], found["reason_params"])
        if found.get("reason")
        else "",
        stretches=[
            Stretch(
                predicted=number(row["predicted"]) or 0.0,
                observed=number(row["observed"]) or 0.0,
                rows=row["rows"],
            )
            for row in found.get("calibration", [])
        ],
        classes=names,
        shares=[
            [number(share) or 0.0 for share in row[: len(names)]]
            for row in found.get("confusion", [])[: len(names)]
        ],
        groups=groups,
        ratios=_ratios(groups),
        findings=[_finding(row) for row in found.get("findings", [])],
        trend=readings,
        trend_label=label,
        command=""
        if disclosure.owner
        else f"python3 manage.py measure_algorithms --check --only {disclosure.algorithm}",
    )


def verdict_of(
    disclosure: Disclosure, report: EvaluationReport | None, rows: Sequence[AccuracyRow]
) -> tuple[str, str]:
    """Return the verdict on an algorithm in words and its tone, for lists; nothing else is read."""
    return _verdict([_of_row(disclosure, row) for row in rows], report)


def number(text: str) -> float | None:
    """Return a figure that was written as text; None for none."""
    return float(text) if text else None


def _of_report(
    disclosure: Disclosure, report: EvaluationReport, found: Mapping[str, Any]
) -> list[Told]:
    claimed = {row["metric"] for row in found["claims"]}
    rows = [*found["claims"], *(row for row in found["figures"] if row["metric"] not in claimed)]
    return [
        Told(
            metric=row["metric"],
            label=disclosure.metric_label(row["metric"]),
            declared=row.get("declared", ""),
            value=row["value"],
            low=row["low"],
            high=row["high"],
            baseline=row["baseline"],
            baseline_name=str(RULES.get(row["baseline_name"], row["baseline_name"]))
            if row["baseline"]
            else "",
            said=str(VERDICTS.get(row.get("verdict", ""), _("measured, not declared"))),
            tone=VERDICT_TONES.get(row.get("verdict", ""), "still"),
            n=report.rows,
            dataset=report.evaluation_set,
            dataset_sha256=report.set_sha256,
            at=report.measured_at,
        )
        for row in rows
    ]


def _of_row(disclosure: Disclosure, row: AccuracyRow) -> Told:
    found = row.measured
    words, tone = STANDINGS[row.standing] if row.standing else ("", "still")
    if row.standing is None:
        words, tone = ("", "still") if found else (_("not yet measured"), "wait")
    elif row.standing is Standing.NOT_PUBLISHED and disclosure.owner:
        words = _("measured, not declared")
    claim = row.claim
    return Told(
        metric=row.metric,
        label=disclosure.metric_label(row.metric),
        declared=row.declared,
        declared_note=row.declared_note,
        value=found.value if found else "",
        low=found.ci_low if found else "",
        high=found.ci_high if found else "",
        said=str(words),
        tone=tone,
        n=found.n if found else (claim.n or None) if claim else None,
        dataset=found.dataset if found else claim.dataset if claim else "",
        dataset_sha256=found.dataset_sha256 if found else claim.dataset_sha256 if claim else "",
        note=found.note if found else "",
        at=found.measured_at if found else None,
    )


def _main(
    disclosure: Disclosure, figures: Sequence[Told], report: EvaluationReport | None
) -> list[Told]:
    """Return the figures to draw: what is declared of a model, what the platform has a name for."""
    if report:
        chosen = [told for told in figures if told.declared]
    else:
        named = [told for told in figures if told.metric in disclosure.metrics]
        chosen = named or [told for told in figures if told.declared]
    return (chosen or list(figures))[:MOST_DRAWN]


def _verdict(figures: Sequence[Told], report: EvaluationReport | None) -> tuple[str, str]:
    if report:
        tone = VERDICT_TONES.get(report.verdict, "wait")
        words = str(report.get_verdict_display())
        if report.contradicted:
            return _("%(verdict)s; a finding speaks against it") % {"verdict": words}, "stop"
        return words, tone
    worst = min(
        (told for told in figures if told.said and told.tone != "still"),
        key=lambda told: ("stop", "wait", "good").index(told.tone),
        default=None,
    )
    if worst is None:
        return _("not yet measured"), "wait"
    return worst.said, worst.tone


def _ratios(groups: Sequence[Mapping[str, Any]]) -> list[Ratio]:
    found = []
    for row in groups:
        ratio, rate = number(row["impact_ratio"]), number(row["selection_rate"])
        if ratio is not None:
            note = "" if rate is None else f"{rate * 100:.0f}\u00a0%"
            name = f"{row['column']}: {row['group'] or _('empty')}"
            found.append(Ratio(label=name, ratio=ratio, note=note))
    return found


def _finding(row: Mapping[str, Any]) -> FindingTold:
    severity, sureness = Severity(row["severity"]), Sureness(row["sureness"])
    finding = Finding(row["code"], severity, sureness, row["params"])
    against = severity is Severity.CONTRADICTS
    return FindingTold(
        sentence=describe_finding(finding) if row["code"] in FINDINGS else row["code"],
        sureness=str(SURENESS[sureness]),
        severity=str(SEVERITY[severity]),
        tone="stop" if against and sureness is not Sureness.POSSIBLE else "wait",
    )


def _trend(
    disclosure: Disclosure, first: Told | None, report: EvaluationReport | None
) -> tuple[list[Reading], str]:
    """Return the measured history of the first figure, oldest first; empty for fewer than two."""
    if first is None:
        return [], ""
    readings: list[Reading] = []
    if report:
        reports = evaluations_of_algorithm(disclosure.algorithm, owner=disclosure.owner)
        same = reports.filter(metric=report.metric).exclude(measured="")[:MOST_RUNS]
        readings = [
            _reading(row.measured_at, row.measured, row.ci_low, row.ci_high) for row in same
        ]
        label = disclosure.metric_label(report.metric)
    else:
        rows = measurements_of(disclosure.algorithm, owner=disclosure.owner)
        same_rows = rows.filter(metric=first.metric, dataset=first.dataset)[:MOST_RUNS]
        readings = [_reading(m.measured_at, m.value, m.ci_low, m.ci_high) for m in same_rows]
        label = first.label
    return (readings[::-1], label) if len(readings) > 1 else ([], "")


def _reading(at: datetime, value: str, low: str, high: str) -> Reading:
    return Reading(
        label=localtime(at).date().isoformat(),
        value=Decimal(value),
        low=Decimal(low or value),
        high=Decimal(high or value),
    )
