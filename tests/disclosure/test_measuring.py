"""Measurements: figures with interval, data and code; recorded by the platform only."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.disclosure import measuring
from audit.disclosure.intervals import bootstrap_interval, wilson_interval
from audit.disclosure.measuring import (
    Metric,
    code_digest_of,
    measurement,
    progress_to,
    registered_measurements,
    report_progress,
    sha256_of,
)
from audit.disclosure.models import Disclosure, Measurement
from audit.disclosure.queries import (
    accuracy_of,
    current_disclosure,
    latest_measurements,
    latest_measurements_of,
    measurements_of,
    register,
)
from audit.disclosure.services import record_measurement
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed

from .making import CODE, OWNER, PLATFORM, drafted, metric, published, superseding

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def filed(provider: Actor, at: datetime) -> Disclosure:
    return published(provider, at)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The registered measurements, emptied for this test."""
    measuring.registered_measurements()  # whoever is found later would fill it again
    found: dict[str, Any] = {}
    monkeypatch.setattr(measuring, "_registered", found)
    return found


def _record(disclosure: Disclosure, at: datetime, *metrics: Metric) -> list[Measurement]:
    return record_measurement(
        disclosure=disclosure,
        metrics=metrics or [metric()],
        code_sha256=CODE,
        by=PLATFORM,
        at=at,
    )


def test_a_measurement_is_recorded(filed: Disclosure, at: datetime, log: Log) -> None:
    rows = _record(filed, at, metric(), metric(name="recall", value="0.5"))

    assert list(Measurement.objects.order_by("position")) == rows
    assert {row.run for row in rows} == {rows[0].run}
    assert (rows[0].value, rows[0].ci_low, rows[0].ci_high, rows[0].n) == (
        "0.84",
        "0.81",
        "0.87",
        500,
    )
    assert (rows[0].dataset, rows[0].code_sha256) == ("holdout 2026", CODE)
    assert log() == [("disclosure.measured", rows[0].run)]


@pytest.mark.parametrize("who", ["provider", "buyer", "regulator", "operator", "anonymous"])
def test_nobody_types_an_accuracy_in(
    who: str, request: pytest.FixtureRequest, filed: Disclosure, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        record_measurement(
            disclosure=filed,
            metrics=[metric()],
            code_sha256=CODE,
            by=request.getfixturevalue(who),
            at=at,
        )

    assert not Measurement.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    ("metrics", "code", "field"),
    [
        ([], CODE, "metrics"),
        ([metric(), metric()], CODE, "metrics"),
        ([metric()], "", "code_sha256"),
    ],
)
def test_a_measurement_is_complete(
    metrics: list[Metric], code: str, field: str, filed: Disclosure, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refusal:
        record_measurement(disclosure=filed, metrics=metrics, code_sha256=code, by=PLATFORM, at=at)

    assert list(refusal.value.fields) == [field]
    assert log() == []


@pytest.mark.django_db
def test_a_draft_is_not_measured(provider: Actor, at: datetime, log: Log) -> None:
    draft = drafted(provider, at)

    with pytest.raises(Conflict):
        _record(draft, at)

    assert not Measurement.objects.exists()
    assert log() == [("disclosure.drafted", draft.reference)]


def test_a_recorded_figure_cannot_be_changed(filed: Disclosure, at: datetime) -> None:
    row = _record(filed, at)[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.filter(pk=row.pk).update(value="1.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.filter(pk=row.pk).delete()


def test_declared_and_measured_stand_side_by_side(filed: Disclosure, at: datetime) -> None:
    before = accuracy_of(filed)
    _record(filed, at, metric(), metric(name="recall", value="0.5"))
    after = accuracy_of(filed)

    assert [(row.metric, row.declared, row.is_measured) for row in before] == [
        ("auc", "0.91", False)
    ]
    assert [(row.label, row.declared, row.measured and row.measured.value) for row in after] == [
        ("Area under the curve", "0.91", "0.84"),
        ("recall", "", "0.5"),
    ]


def test_the_latest_run_is_shown_and_all_are_kept(filed: Disclosure, at: datetime) -> None:
    _record(filed, at, metric(), metric(name="recall", value="0.5"))
    newer = _record(filed, at + timedelta(days=1), metric(value="0.70"))

    assert latest_measurements(filed) == newer
    assert measurements_of("credit-score", owner=OWNER).count() == 3


def test_a_new_text_keeps_the_figures_of_the_algorithm(
    filed: Disclosure, provider: Actor, at: datetime
) -> None:
    rows = _record(filed, at)

    second = superseding(filed, provider, at, products=())

    assert latest_measurements(second) == rows
    assert latest_measurements(second)[0].disclosure.version == 1


def test_the_whole_register_is_read_in_three_queries(
    filed: Disclosure, at: datetime, django_assert_num_queries: Any
) -> None:
    rows = _record(filed, at)

    with django_assert_num_queries(3):
        disclosures = list(register())
        found = latest_measurements_of(disclosures)
        shown = [accuracy_of(item, found.get(item.pk, [])) for item in disclosures]

    assert found == {filed.pk: rows}
    assert shown[0][0].measured == rows[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"dataset": ""},
        {"n": 0},
        {"dataset_sha256": "abc"},
        {"dataset_sha256": "D" * 64},
        {"value": "high"},
        {"value": "NaN"},
        {"value": None},
        {"ci_low": "x"},
        {"ci_high": ""},
    ],
)
def test_a_figure_that_cannot_be_checked_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        metric(**wrong)


def test_measurements_are_registered_by_algorithm(registry: dict[str, Any]) -> None:
    @measurement("first", code=["audit.disclosure.intervals"])
    def one() -> list[Metric]:
        return [metric()]

    @measurement("second")
    def two() -> list[Metric]:
        return []

    found = registered_measurements("first")
    assert [item.run for item in found] == [one]
    assert {item.algorithm for item in registered_measurements()} >= {"first", "second"}
    assert two() == []


def test_the_digest_of_the_code_names_the_code(registry: dict[str, Any]) -> None:
    def run() -> list[Metric]:
        return []

    alone = measuring.RegisteredMeasurement(algorithm="a", run=run, code=())
    wider = measuring.RegisteredMeasurement(algorithm="a", run=run, code=("audit.disclosure",))

    assert code_digest_of([alone]) == code_digest_of([alone])
    assert code_digest_of([alone]) != code_digest_of([wider])
    missing = measuring.RegisteredMeasurement(algorithm="a", run=run, code=("audit.nowhere",))
    with pytest.raises(LookupError):
        code_digest_of([missing])


def test_progress_is_heard_inside_only() -> None:
    heard: list[tuple[int, int | None, str]] = []

    report_progress(1, 2, "before")
    with progress_to(lambda *words: heard.append(words)):
        report_progress(2, 2, "inside")
    report_progress(3, None, "after")

    assert heard == [(2, 2, "inside")]


def test_a_file_is_named_by_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"abc")

    assert sha256_of(file).startswith("ba7816bf8f01cfea414140de5dae2223")


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_the_interval_of_a_share(successes: int, n: int, low: float, high: float) -> None:
    found = wilson_interval(successes, n)

    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 5), (6, 5), (0, 0)])
def test_a_share_of_nothing_has_no_interval(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="at least one case"):
        wilson_interval(successes, n)


def test_redrawing_gives_the_same_interval_every_time() -> None:
    cases = [float(number) for number in range(100)]

    def mean(found: Any) -> float:
        return sum(found) / len(found)

    low, high = bootstrap_interval(cases, mean)
    assert (low, high) == bootstrap_interval(cases, mean)
    assert 40 < low < 49.5 < high < 60
    with pytest.raises(ValueError, match="at least one case"):
        bootstrap_interval([], mean)


@pytest.mark.django_db
def test_the_command_measures_records_and_prints(registry: dict[str, Any], log: Log) -> None:
    @measurement("scanner")
    def run() -> list[Metric]:
        report_progress(1, 1, "samples")
        return [metric(name="recall", value="0.97")]

    out = StringIO()
    call_command("measure_algorithms", "--only", "scanner", "--json", stdout=out)

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {
            "algorithm": "scanner",
            "name": "recall",
            "value": "0.97",
            "n": 500,
            "dataset": "holdout 2026",
            "dataset_sha256": "d" * 64,
            "ci_low": "0.81",
            "ci_high": "0.87",
            "note": "",
            "better": "HIGHER",
            "exact": False,
        }
    ]
    disclosure = current_disclosure("scanner")
    assert disclosure is not None
    assert latest_measurements(disclosure)[0].value == "0.97"
    assert log()[-1][0] == "disclosure.measured"
    assert run


@pytest.mark.django_db
def test_the_command_prints_a_table_and_names_what_failed(registry: dict[str, Any]) -> None:
    @measurement("scanner")
    def good() -> list[Metric]:
        return [metric(name="recall", value="0.97")]

    @measurement("grading")
    def bad() -> list[Metric]:
        message = "no samples"
        raise FileNotFoundError(message)

    @measurement("unheard-of")
    def unknown() -> list[Metric]:
        return [metric()]

    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match=r"Not measured: grading, unheard-of"):
        call_command("measure_algorithms", "--only", "", stdout=out, stderr=err)

    assert "recall" in out.getvalue()
    assert "grading: FileNotFoundError: no samples" in err.getvalue()
    assert "no disclosure is published" in err.getvalue()
    assert Measurement.objects.count() == 1
    assert good
    assert bad
    assert unknown


@pytest.mark.django_db
def test_the_command_knows_no_such_algorithm(registry: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="No measurement is registered for nothing"):
        call_command("measure_algorithms", "--only", "nothing")
