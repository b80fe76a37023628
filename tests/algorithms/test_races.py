"""Rivals on PostgreSQL: the limit of probing holds, and one run is measured by one worker."""

from datetime import datetime
from typing import Any

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import WrongState
from exchange.algorithms import queries, services
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.services import measuring
from tests.racing import at_once

from . import making

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_an_owner_that_asks_many_times_at_once_asks_no_more_often(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    settings: Any,
) -> None:
    settings.EVALUATION_RUNS_MOST = 3

    outcomes = at_once(
        lambda _number: making.requested(disclosure, evaluation_set, model, provider, at), 6
    )

    assert sum(isinstance(one, EvaluationRun) for one in outcomes) == 3
    assert sum(isinstance(one, services.TooManyRuns) for one in outcomes) == 3
    assert EvaluationRun.objects.count() == 3


def test_two_workers_do_not_measure_the_same_run(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = making.requested(disclosure, evaluation_set, model, provider, at)
    measured: list[str] = []

    def once(asked: EvaluationRun, **_kwargs: Any) -> Any:
        measured.append(asked.reference)
        raise OSError

    monkeypatch.setattr(measuring, "measure", once)

    outcomes = at_once(
        lambda _number: services.run_evaluation(
            run=queries.get_run(run.reference), clock=lambda: at
        ),
        2,
    )

    assert measured == [run.reference]
    assert sum(isinstance(one, WrongState) for one in outcomes) == 1
