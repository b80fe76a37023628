"""Results of evaluations in words and pictures, for the pages that show them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.evaluation.results import Finding, Severity, Sureness
from audit.disclosure.models import Disclosure
from audit.disclosure.wording import (
    RULES,
    SEVERITY,
    STAGES,
    SURENESS,
    TECHNIQUES,
    VERDICTS,
    describe_finding,
    describe_reason,
)
from exchange.algorithms.models import EvaluationRun
from exchange.algorithms.states import RunState

from .charts import Bar
from .components import Column, Progress

FIGURE_COLUMNS = (
    Column(label=gettext_lazy("Metric")),
    Column(label=gettext_lazy("Declared"), number=True),
    Column(label=gettext_lazy("Measured"), number=True),
    Column(
        label=gettext_lazy("Interval"),
        meaning=gettext_lazy("Holds the true figure 95 times out of 100"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Simple rule"),
        meaning=gettext_lazy("What the best rule without skill reaches on the same rows"),
        number=True,
    ),
    Column(label=gettext_lazy("Verdict")),
)
GROUP_COLUMNS = (
    Column(label=gettext_lazy("Group")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(label=gettext_lazy("Share chosen"), number=True),
    Column(
        label=gettext_lazy("Impact ratio"),
        meaning=gettext_lazy("Share chosen over that of the group most often chosen"),
        number=True,
    ),
    Column(label=gettext_lazy("True positives"), number=True),
    Column(label=gettext_lazy("False positives"), number=True),
)
TONES = {
    "CONFIRMED": "good",
    "WITHIN_ERROR": "good",
    "OVERSTATED": "stop",
    "NO_BETTER": "stop",
    "NOT_RUN": "stop",
}
NEXT = {
    "CONFIRMED": gettext_lazy("The register shows the claim with the figure measured beside it."),
    "WITHIN_ERROR": gettext_lazy(
        "The claim is better than measured, but inside the interval. Declare the measured figure "
        "in the next version."
    ),
    "OVERSTATED": gettext_lazy(
        "File a new version of the disclosure that declares what was measured, or hand in a better "
        "model. Owner and regulator have been told."
    ),
    "NO_BETTER": gettext_lazy(
        "A rule without skill does as well on these rows. Look at features and training, and "
        "declare a metric by which skill shows."
    ),
    "NOT_RUN": gettext_lazy(
        "Mend what the reason names, rehearse on rows of your own, and have it measured again."
    ),
}


def progress_of_run(run: EvaluationRun, url: str) -> Progress | None:
    """Return how far a measurement is, or None once it is over."""
    if run.status == RunState.QUEUED:
        return Progress(
            what=_("Queued; a worker takes it up in a moment"), since=run.requested_at, url=url
        )
    if run.status == RunState.RUNNING:
        return Progress(
            what=STAGES.get(run.stage, _("starting")),
            done=run.done,
            total=run.total or None,
            since=run.requested_at,
            url=url,
        )
    return None


def verdict_words(verdict: str) -> str:
    """Return a verdict in the reader's language."""
    return str(VERDICTS.get(verdict, verdict))


def result_context(disclosure: Disclosure, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what `evaluation/result.html` shows of a published evaluation; nothing before."""
    if not found:
        return {"found": None}
    claims = {claim["metric"]: claim for claim in found["claims"]}
    main = next((claim for claim in found["claims"] if claim["judged"]), None)
    reason = describe_reason(found["reason"], found["reason_params"]) if found["reason"] else ""
    return {
        "found": found,
        "verdict": verdict_words(found["verdict"]),
        "verdict_tone": TONES.get(found["verdict"], "wait"),
        "reason": reason,
        "onward": NEXT.get(found["verdict"], ""),
        "main": main,
        "main_label": disclosure.metric_label(main["metric"]) if main else "",
        "judged_label": disclosure.metric_label(found["judged_by"]) if main else "",
        "main_bars": _bars(main) if main else [],
        "main_full": _full(main) if main else None,
        "figures": [_figure_row(disclosure, row, claims) for row in found["figures"]],
        "figure_columns": FIGURE_COLUMNS,
        "groups": found["groups"],
        "group_columns": GROUP_COLUMNS,
        "findings": [_finding_row(row) for row in found["findings"]],
        "techniques": technique_words(found["techniques"]),
        "confusion": _confusion(found),
    }


def _figure_row(
    disclosure: Disclosure, row: Mapping[str, str], claims: Mapping[str, Any]
) -> dict[str, Any]:
    claim = claims.get(row["metric"])
    return dict(row) | {
        "label": disclosure.metric_label(row["metric"]),
        "declared": claim["declared"] if claim else "",
        "verdict": verdict_words(claim["verdict"]) if claim else "",
        "tone": TONES.get(claim["verdict"], "") if claim else "",
        "rule": RULES.get(row["baseline_name"], "") if row["baseline"] else "",
    }


def _bars(claim: Mapping[str, str]) -> list[Bar]:
    """Return declared, measured with interval, and simple rule beside each other."""
    interval = f"{claim['low']} – {claim['high']}" if claim["low"] else ""
    rows = [
        (_("declared"), claim["declared"], claim["declared"]),
        (_("measured"), claim["value"], f"{claim['value']}  [{interval}]" if interval else ""),
        (_("simple rule"), claim["baseline"], claim["baseline"]),
    ]
    return [
        Bar(label=label, value=float(value), note=note or value)
        for label, value, note in rows
        if value
    ]


def _full(claim: Mapping[str, str]) -> float | None:
    """Return the whole of a share; None for what has no whole."""
    figures = [Decimal(claim[name]) for name in ("declared", "value", "baseline") if claim[name]]
    return 1.0 if all(0 <= figure <= 1 for figure in figures) else None


def _finding_row(row: Mapping[str, Any]) -> dict[str, Any]:
    severity, sureness = Severity(row["severity"]), Sureness(row["sureness"])
    told = Finding(row["code"], severity, sureness, row["params"])
    against = severity == Severity.CONTRADICTS
    return {
        "text": describe_finding(told),
        "severity": SEVERITY[severity],
        "sureness": SURENESS[sureness],
        "tone": ("wait" if sureness == Sureness.POSSIBLE else "stop") if against else "still",
    }


def _confusion(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = found["classes"]
    return [
        {"name": names[place] or "–", "cells": [(share, int(float(share) * 10)) for share in row]}
        for place, row in enumerate(found["confusion"])
    ]


def technique_words(names: list[str]) -> list[str]:
    """Return techniques by their names in the reader's language."""
    return [str(TECHNIQUES.get(name, name)) for name in names]
