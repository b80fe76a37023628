"""Runs: asked for, measured by a worker, on record; refused, cancelled, resumed."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.disclosure.evaluation import read_card
from audit.disclosure.evaluation.publishing import publish
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.disclosure.queries import latest_evaluation_of
from audit.disclosure.services import withdraw_disclosure
from audit.disclosure.verification import faults_of_evaluation
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from exchange.algorithms import independence, queries, services
from exchange.algorithms.cards import card_document
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.services import measuring
from exchange.parties.models import Organization
from tests.conftest import NOW
from tests.disclosure.measuring import measure_table

from . import making

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def clock() -> datetime:
    return NOW + timedelta(minutes=1)


@pytest.fixture
def run(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
) -> EvaluationRun:
    return making.requested(disclosure, evaluation_set, model, provider, at)


def carried_out(run: EvaluationRun) -> EvaluationRun:
    return services.run_evaluation(run=queries.get_run(run.reference), clock=clock)


@pytest.mark.runtime
def test_a_run_ends_in_a_signed_report(run: EvaluationRun, log: Log) -> None:
    done = carried_out(run)

    report = EvaluationReport.objects.get()
    assert (done.status, done.report, done.attempts) == ("DONE", report.reference, 1)
    assert (report.run, report.verdict) == (run.reference, "CONFIRMED")
    assert report == latest_evaluation_of(run.disclosure)
    assert faults_of_evaluation(report) == []
    assert log() == [
        ("algorithms.run.started", run.reference),
        ("disclosure.evaluated", report.reference),
        ("algorithms.run.finished", run.reference),
    ]


@pytest.mark.runtime
def test_the_result_is_that_of_the_command(run: EvaluationRun) -> None:
    carried_out(run)

    card = card_document(run.disclosure, run.card, run.evaluation_set)
    by_hand = measure_table(card, making.model_bytes(), making.table(), with_train=False)
    expected, found = publish(by_hand), EvaluationReport.objects.get().evaluation
    for document in (expected, found):
        document.pop("held")
        document.pop("set_sha256")
    assert found == expected


@pytest.mark.runtime
def test_overstated(
    evaluation_set: EvaluationSet, model: AlgorithmFile, provider: Actor, at: datetime
) -> None:
    boast = making.filed(provider, at, declared={"roc_auc": "0.999"})

    carried_out(making.requested(boast, evaluation_set, model, provider, at))

    report = EvaluationReport.objects.get()
    assert (report.verdict, report.declared, report.is_bad_news) == ("OVERSTATED", "0.999", True)


def test_the_commitment_stands_in_the_log_before_anything_is_measured(run: EvaluationRun) -> None:
    carried_out(run)

    assert run.evaluation_set is not None
    names = list(Entry.objects.order_by("position").values_list("name", flat=True))
    sealed = Entry.objects.get(name="algorithms.set.sealed")
    assert run.evaluation_set.commitment in bytes(sealed.data).decode()
    assert names.index("algorithms.set.sealed") < names.index("algorithms.run.requested")


def test_asking_executes_nothing(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("confined.running.run_task", forbidden)

    asked = making.requested(disclosure, evaluation_set, model, provider, at)

    assert (asked.status, asked.attempts) == ("QUEUED", 0)


@pytest.mark.parametrize(
    ("card", "field", "words"),
    [
        ({"onnx_input": "Y"}, "card", "the model has: X"),
        ({"onnx_outputs": ["z"]}, "card", "names the output “z”"),
        ({"features": ["torque"]}, "card", "takes 4 numbers"),
        ({"features": ["torque", "noise"]}, "card.features", "no feature of this name: noise"),
        ({"main_metric": "beauty"}, "card.main_metric", "not among the figures claimed"),
        ({"threshold": "high"}, "card.threshold", "number"),
        ({"target_column": "heat"}, "card.target_column", "The set says this"),
        ({"colour": "red"}, "card.colour", "no such field"),
        ([1], "card", "object of named values"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    card: Any,
    field: str,
    words: str,
) -> None:
    with pytest.raises(Invalid) as refusal:
        making.requested(disclosure, evaluation_set, model, provider, at, card=card)

    assert list(refusal.value.fields) == [field]
    assert words in str(refusal.value)
    assert not EvaluationRun.objects.exists()


def test_a_declared_metric_that_does_not_exist_is_refused(
    evaluation_set: EvaluationSet, model: AlgorithmFile, provider: Actor, at: datetime
) -> None:
    odd = making.filed(provider, at, declared={"excellence": "0.99"})

    with pytest.raises(Invalid, match="metric “excellence” is not known"):
        making.requested(odd, evaluation_set, model, provider, at)


def test_a_set_of_other_columns_is_refused(
    disclosure: Disclosure, model: AlgorithmFile, provider: Actor, regulator: Actor, at: datetime
) -> None:
    part = making.fitting.houses(5).part("holdout")
    part["failure"] = (part.pop("price") > 300).astype(int)
    other = services.seal_set(
        description=making.description(),
        source=making.parquet(part),
        filename="h.parquet",
        by=regulator,
        at=at,
    )

    with pytest.raises(Invalid, match="takes 4 numbers to a row; the features give 5"):
        making.requested(disclosure, other, model, provider, at)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00cos\nsystem\n.", "pickle"),
        (b"PK\x03\x04" + b"\0" * 64, "not ONNX"),
        (b"nonsense" * 9, "ONNX"),
        (b"", "empty"),
    ],
)
def test_what_is_not_onnx_is_refused_when_handed_in(
    provider: Actor, at: datetime, content: bytes, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        making.handed_in(provider, at, content)
    assert not AlgorithmFile.objects.exists()


def test_the_same_model_is_kept_once(provider: Actor, at: datetime) -> None:
    assert making.handed_in(provider, at) == making.handed_in(provider, at)


def test_only_the_owner_measures_and_only_what_is_filed(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    provider_viewer: Actor,
    operator: Actor,
    stranger: Actor,
    at: datetime,
) -> None:
    source = services.model_object_of(provider, model.reference)
    for actor in (provider_viewer, operator, stranger):
        with pytest.raises(NotAllowed):
            services.request_run(
                disclosure=disclosure,
                model=source,
                evaluation_set=evaluation_set,
                card={},
                by=actor,
                at=at,
            )
    with pytest.raises(NotFound):
        services.model_object_of(stranger, model.reference)
    withdraw_disclosure(disclosure=disclosure, reason="gone", by=provider, at=at)
    with pytest.raises(NotAllowed, match="withdrawn"):
        making.requested(disclosure, evaluation_set, model, provider, at)


@pytest.mark.parametrize("tie", ["OWNS", "OWNED", "COMMON"])
def test_a_set_of_a_tied_organization_is_refused(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    tie: str,
) -> None:
    monkeypatch.setattr(independence, "_TIES", [lambda _one, _other: tie])

    with pytest.raises(NotAllowed, match="another one"):
        making.requested(disclosure, evaluation_set, model, provider, at)


def test_a_set_of_the_owner_itself_is_refused(
    disclosure: Disclosure,
    model: AlgorithmFile,
    provider: Actor,
    provider_org: Organization,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(independence, "_AUDITORS", [lambda _who, _at: True])
    own = making.sealed(provider, at)

    assert own.sealed_by == provider_org
    with pytest.raises(NotAllowed, match="the owner of the algorithm itself"):
        making.requested(disclosure, own, model, provider, at)


def test_a_retired_set_is_not_measured_on(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    regulator: Actor,
    run: EvaluationRun,
    at: datetime,
) -> None:
    services.retire_set(evaluation_set=evaluation_set, reason="Leaked.", by=regulator, at=at)

    with pytest.raises(Conflict, match="Leaked"):
        making.requested(disclosure, evaluation_set, model, provider, at)
    given_up = carried_out(run)
    assert (given_up.status, given_up.attempts) == ("CANCELLED", 0)
    assert "Leaked" in given_up.failure


@pytest.mark.runtime
def test_a_set_retired_while_it_is_measured_on_leaves_no_report(
    run: EvaluationRun,
    evaluation_set: EvaluationSet,
    regulator: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = measuring.evaluate

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        services.retire_set(evaluation_set=evaluation_set, reason="Leaked.", by=regulator, at=at)
        return real(*args, **kwargs)

    monkeypatch.setattr(measuring, "evaluate", evaluate)

    assert carried_out(run).status == "FAILED"
    assert not EvaluationReport.objects.exists()


def test_an_owner_asks_a_set_so_often_and_no_more(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    settings: Any,
) -> None:
    settings.EVALUATION_RUNS_MOST = 2
    first = making.requested(disclosure, evaluation_set, model, provider, at)
    services.cancel_run(run=first, reason="typing error", by=provider, at=at)
    for _ in range(2):
        making.requested(disclosure, evaluation_set, model, provider, at)

    with pytest.raises(services.TooManyRuns, match="2 times within 30 days") as refusal:
        making.requested(disclosure, evaluation_set, model, provider, at)

    assert refusal.value.wait == 30 * 86400
    later = at + timedelta(days=31)
    assert making.requested(disclosure, evaluation_set, model, provider, later)


def test_a_run_is_cancelled_by_its_owner(
    run: EvaluationRun, provider: Actor, stranger: Actor, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        services.cancel_run(run=run, reason="no", by=stranger, at=at)

    services.cancel_run(run=run, reason="wrong model", by=provider, at=at)

    with pytest.raises(WrongState):
        carried_out(run)
    assert not EvaluationReport.objects.exists()


def test_a_cancelled_run_stops_its_worker(
    run: EvaluationRun, provider: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(*_args: Any, progress: Any, **_kwargs: Any) -> Any:
        services.cancel_run(run=run, reason="enough", by=provider, at=at)
        progress(1, 10, "running")

    monkeypatch.setattr(measuring, "evaluate", evaluate)

    stopped = carried_out(run)

    assert (stopped.status, stopped.failure) == ("CANCELLED", "enough")


@pytest.mark.runtime
def test_a_run_whose_worker_was_killed_is_resumed_once(
    run: EvaluationRun, monkeypatch: pytest.MonkeyPatch, at: datetime, log: Log
) -> None:
    def die(*_args: Any, **_kwargs: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(measuring, "evaluate", die)
        with pytest.raises(SystemExit):
            carried_out(run)
    run.refresh_from_db()
    assert run.status == "RUNNING"
    EvaluationRun.objects.filter(pk=run.pk).update(heartbeat_at=at)
    soon, late = at + timedelta(minutes=10), at + timedelta(hours=1)

    assert services.resume_runs(at=soon) == []
    assert services.resume_runs(at=late) == [run.reference]
    done = carried_out(run)

    assert (done.status, done.attempts) == ("DONE", 2)
    assert EvaluationReport.objects.count() == 1
    assert [name for name, _subject in log()].count("algorithms.run.interrupted") == 1
    assert services.resume_runs(at=late) == []


def test_after_three_attempts_it_is_given_up(run: EvaluationRun, at: datetime) -> None:
    EvaluationRun.objects.filter(pk=run.pk).update(
        status="RUNNING", attempts=3, heartbeat_at=at - timedelta(days=1)
    )

    assert services.resume_runs(at=at) == []

    run.refresh_from_db()
    assert (run.status, run.failure) == ("FAILED", "It was interrupted several times.")


def test_what_fails_on_our_side_says_nothing_of_the_model(
    run: EvaluationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError

    monkeypatch.setattr(measuring, "evaluate", broken)

    assert carried_out(run).status == "FAILED"
    assert not EvaluationReport.objects.exists()
    assert run.evaluation_set is not None
    assert queries.runs_counted(run.owner, run.evaluation_set, NOW) == 0


@pytest.mark.runtime
def test_a_rehearsal_stays_with_its_owner(
    disclosure: Disclosure,
    model: AlgorithmFile,
    provider: Actor,
    regulator: Actor,
    operator: Actor,
    stranger: Actor,
    at: datetime,
) -> None:
    rows = services.hand_in_rows(
        source=making.parquet(making.table().part("holdout")),
        filename="own.parquet",
        by=provider,
        at=at,
    )
    asked = services.request_rehearsal(
        disclosure=disclosure,
        model=services.model_object_of(provider, model.reference),
        rows=rows,
        card={"task": "classification", "target_column": "failure"},
        by=provider,
        at=at,
    )

    done = carried_out(asked)

    assert (done.status, done.report) == ("DONE", "")
    assert json.loads(done.result)["verdict"] == "CONFIRMED"
    assert not EvaluationReport.objects.exists()
    for actor in (regulator, operator, stranger):
        assert not queries.runs_visible_to(actor).exists()
    assert queries.get_run_for(provider, asked.reference) == done


def test_a_rehearsal_needs_to_be_told_of_the_rows(
    disclosure: Disclosure, model: AlgorithmFile, provider: Actor, at: datetime
) -> None:
    rows = services.hand_in_rows(
        source=making.parquet(making.table().part("holdout")),
        filename="own.parquet",
        by=provider,
        at=at,
    )

    with pytest.raises(Invalid) as refusal:
        services.request_rehearsal(
            disclosure=disclosure,
            model=services.model_object_of(provider, model.reference),
            rows=rows,
            card={},
            by=provider,
            at=at,
        )

    assert set(refusal.value.fields) == {"card.task", "card.target_column"}


def test_training_rows_are_the_owners_own(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    stranger: Actor,
    at: datetime,
) -> None:
    foreign = services.hand_in_rows(
        source=making.parquet(making.table().part("train")),
        filename="train.parquet",
        by=stranger,
        at=at,
    )

    for wrong in (foreign, model):
        with pytest.raises(Invalid, match="rows of your own"):
            making.requested(disclosure, evaluation_set, model, provider, at, training=wrong)


def test_the_card_a_run_is_measured_by_can_be_read(run: EvaluationRun) -> None:
    document = card_document(run.disclosure, run.card, run.evaluation_set)

    assert read_card(json.loads(json.dumps(document))).main_metric == "roc_auc"
    assert io.StringIO(json.dumps(document)).readable()


@pytest.mark.runtime
def test_the_command_measures_a_recorded_run_again(
    run: EvaluationRun, capsys: pytest.CaptureFixture[str]
) -> None:
    carried_out(run)
    assert run.evaluation_set is not None
    named = {"set": run.evaluation_set.reference, "run": run.reference}

    call_command("evaluate_algorithm", **named)
    assert "the same result as EV-" in capsys.readouterr().out
    with pytest.raises(CommandError, match="was not on the set"):
        call_command("evaluate_algorithm", run=run.reference, set="ES-2026-00000000")
    with pytest.raises(CommandError, match="There is no run"):
        call_command("evaluate_algorithm", run="EU-2026-00000000", set=named["set"])


@pytest.mark.runtime
def test_another_result_than_the_recorded_one_is_told(
    run: EvaluationRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    carried_out(run)
    assert run.evaluation_set is not None
    real = measuring.evaluate

    def other(*args: Any, **kwargs: Any) -> Any:
        return replace(real(*args, **kwargs), rows=359)

    monkeypatch.setattr(measuring, "evaluate", other)

    with pytest.raises(SystemExit) as end:
        call_command("evaluate_algorithm", set=run.evaluation_set.reference, run=run.reference)

    assert end.value.code == 1
    assert "another result than" in capsys.readouterr().out
