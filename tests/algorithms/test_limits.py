"""Hostile models through the whole way: handed in, queued, ended by the runner's limits."""

from datetime import datetime
from typing import Any

import pytest

from audit.disclosure.models import EvaluationReport
from audit.log.actors import Actor
from audit.log.errors import Invalid
from exchange.algorithms import queries, services
from tests.disclosure import test_hostile

from . import making

pytestmark = pytest.mark.django_db


@pytest.mark.runtime
@pytest.mark.parametrize(
    "name", ["endless loop", "160 GB", "square root of minus", "one answer for all", "no such name"]
)
def test_a_hostile_model_is_reported_as_not_run_and_tells_nothing(
    provider: Actor, regulator: Actor, at: datetime, settings: Any, name: str
) -> None:
    settings.EVALUATION_SECONDS, settings.EVALUATION_MEGABYTES = 6, 700
    make, reasons = test_hostile.RUN[name]
    sealed = services.seal_set(
        description=making.description(task="regression", target="price"),
        source=making.parquet(test_hostile.TABLE.part("holdout")),
        filename="houses.parquet",
        by=regulator,
        at=at,
    )
    disclosure = making.filed(provider, at, declared={"mae": "40"})
    model = making.handed_in(provider, at, make())
    run = making.requested(disclosure, sealed, model, provider, at)

    done = services.run_evaluation(run=queries.get_run(run.reference), clock=lambda: at)

    report = EvaluationReport.objects.get()
    assert (done.status, report.verdict) == ("DONE", "NOT_RUN")
    assert report.evaluation["reason"].removesuffix("-sealed") in reasons
    assert not {"row", "rows"} & set(report.evaluation["reason_params"])
    assert test_hostile.children() == set()


@pytest.mark.parametrize("make", [test_hostile.reading_in_attribute, test_hostile.hollow])
def test_weights_elsewhere_are_refused_when_handed_in(
    provider: Actor, at: datetime, make: Any
) -> None:
    with pytest.raises(Invalid) as refusal:
        making.handed_in(provider, at, make())
    assert list(refusal.value.fields) == ["file"]


def test_weights_in_another_file_are_refused_when_handed_in(provider: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="another file"):
        making.handed_in(provider, at, test_hostile.reading_from("../../../etc/passwd"))
