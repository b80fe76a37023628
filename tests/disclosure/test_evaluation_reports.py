"""Evaluation reports: signed, rounded, written once, and silent about sealed rows."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.disclosure.evaluation.publishing import figure_text, publish
from audit.disclosure.evaluation.results import (
    Bin,
    Claim,
    Evaluation,
    Figure,
    Finding,
    GroupRow,
    Severity,
    Sureness,
    Verdict,
)
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.disclosure.queries import (
    evaluations_of,
    evaluations_of_algorithm,
    latest_evaluation_of,
    latest_evaluations_of,
    standing_disclosure,
)
from audit.disclosure.services import record_evaluation
from audit.disclosure.verification import faults_of_evaluation
from audit.disclosure.wording import FINDINGS, REASONS
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed

from .making import OWNER, PLATFORM, drafted, published, superseding

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db

FIGURE = Figure("roc_auc", 0.84321, 0.80012, 0.88049, 0.5, "", 0.3)
EVALUATION = Evaluation(
    name="Credit score",
    task="classification",
    verdict=Verdict.OVERSTATED,
    judged_by="roc_auc",
    claims=(Claim("roc_auc", Decimal("0.91"), FIGURE, Verdict.OVERSTATED, True),),
    figures=(FIGURE,),
    groups=(GroupRow("sex", "f", 250, 0.51234), GroupRow("sex", "x", 9, 0.4)),
    calibration=(Bin(0, 0.1, 254, 0.05432, 0.06), Bin(0.1, 0.2, 3, 0.15, 1.0)),
    classes=("0", "1", "rare"),
    confusion=((90, 10, 0), (30, 170, 0), (1, 0, 0)),
    rows=301,
    model_sha256="a" * 64,
    holdout_sha256="b" * 64,
    findings=(
        Finding("constant", Severity.NOTICE, Sureness.CERTAIN, {"value": "37.25"}),
        Finding("leak", Severity.CONTRADICTS, Sureness.LIKELY, {"name": "x", "strength": 0.99812}),
    ),
)


def _filed(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    first = standing_disclosure("credit-score", owner=OWNER)
    if first is not None:
        return superseding(first, by, at, **changes)
    return published(by, at, **changes)


def _record(disclosure: Disclosure, at: datetime, **changes: Any) -> EvaluationReport:
    values: dict[str, Any] = {
        "evaluation": EVALUATION,
        "run": "RUN-1",
        "evaluation_set": "SET-1",
        "set_sha256": "b" * 64,
        "commitment": "c" * 64,
        "limits": {"seconds": 600, "memory": 3 * 1024**3},
        "by": PLATFORM,
    }
    return record_evaluation(disclosure=disclosure, at=at, **(values | changes))


def test_a_report_is_signed_and_says_what_was_declared_and_measured(
    provider: Actor, at: datetime, log: Log
) -> None:
    filed = _filed(provider, at)

    report = _record(filed, at)

    kept = EvaluationReport.objects.get(pk=report.pk)
    assert faults_of_evaluation(kept) == []
    assert (kept.verdict, kept.contradicted, kept.is_bad_news) == ("OVERSTATED", True, True)
    assert (kept.metric, kept.declared, kept.measured) == ("roc_auc", "0.91", "0.843")
    assert (kept.ci_low, kept.ci_high, kept.baseline) == ("0.800", "0.880", "0.500")
    assert kept.content["set_commitment"] == "c" * 64
    assert kept.content["disclosure_sha256"] == filed.document_sha256
    assert log()[-1] == ("disclosure.evaluated", kept.reference)


def test_nothing_in_a_report_tells_single_rows() -> None:
    found = publish(EVALUATION)

    assert [row["group"] for row in found["groups"]] == ["f"]
    assert found["calibration"] == [
        {"low": "0.00", "high": "0.100", "rows": 250, "predicted": "0.0543", "observed": "0.0600"}
    ]
    assert found["classes"] == ["0", "1", ""]
    assert found["confusion"] == [["0.900", "0.100", "0.00"], ["0.150", "0.850", "0.00"], []]
    assert found["findings"][0]["code"] == "constant-sealed"
    assert "37.25" not in json.dumps(found)
    assert found["findings"][1]["params"] == {"name": "x", "strength": "0.998"}


@pytest.mark.parametrize("reason", ["not-run", "not-finite", "other-rows"])
def test_what_a_model_can_put_into_a_reason_is_withheld(reason: str) -> None:
    params = {"row": 17, "rows": 4711, "reason": "idx=4711 is out of bounds"}
    failed = replace(EVALUATION, verdict=Verdict.NOT_RUN, reason=reason, reason_params=params)

    assert "4711" not in json.dumps(publish(failed))
    assert publish(failed)["reason"] in REASONS
    assert publish(failed, sealed=False)["reason_params"] == params


def test_withheld_findings_have_their_own_sentences() -> None:
    assert {"constant-sealed", "always-same-class-sealed"} <= set(FINDINGS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0.91236, "0.912"),
        (12345.6, "12300"),
        (0.000123456, "0.000123"),
        (-2.5, "-2.50"),
    ],
)
def test_figures_have_three_significant_digits(value: float | None, text: str) -> None:
    assert figure_text(value) == text


def test_only_the_platform_measures(provider: Actor, operator: Actor, at: datetime) -> None:
    filed = _filed(provider, at)

    for actor in (provider, operator):
        with pytest.raises(NotAllowed):
            _record(filed, at, by=actor)
    assert not EvaluationReport.objects.exists()


def test_a_draft_is_not_measured(provider: Actor, at: datetime) -> None:
    draft = drafted(provider, at)

    with pytest.raises(Conflict):
        _record(draft, at)


def test_a_digest_is_needed(provider: Actor, at: datetime) -> None:
    with pytest.raises(Invalid):
        _record(_filed(provider, at), at, set_sha256="none")


def test_reports_are_never_changed(provider: Actor, at: datetime) -> None:
    report = _record(_filed(provider, at), at)

    with pytest.raises(IntegrityError), transaction.atomic():
        EvaluationReport.objects.filter(pk=report.pk).update(verdict="CONFIRMED")
    report.refresh_from_db()
    report.verdict, report.measured = "CONFIRMED", "0.950"
    assert len(faults_of_evaluation(report)) == 2


def test_reports_belong_to_their_version(provider: Actor, at: datetime) -> None:
    first = _filed(provider, at)
    early = _record(first, at)
    late = _record(first, at + timedelta(days=1), run="RUN-2")
    second = _filed(provider, at + timedelta(days=2))

    assert list(evaluations_of(first)) == [late, early]
    assert latest_evaluation_of(first) == late
    assert latest_evaluation_of(second) is None
    assert list(evaluations_of_algorithm("credit-score", owner=OWNER)) == [late, early]
    assert latest_evaluations_of([first, second]) == {first.pk: late}
