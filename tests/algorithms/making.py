"""Sets, models and disclosures that the tests of evaluation start from."""

import io
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from audit.disclosure.models import Disclosure
from audit.disclosure.services import draft_disclosure, file_disclosure
from audit.disclosure.statements import DeclaredAccuracy, Statement
from audit.log.actors import Actor
from exchange.algorithms import services
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from tests.disclosure import fitting
from tests.disclosure.fitting import Table
from tests.disclosure.making import reviewed

TECHNIQUE = {"en": "Logistic regression", "zh": "逻辑回归"}


def table(seed: int = 62) -> Table:
    """Machines and whether they fail."""
    return fitting.machines(seed)


def parquet(columns: dict[str, Any]) -> io.BytesIO:
    """Return columns as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink)
    sink.seek(0)
    return sink


def description(**changes: Any) -> services.SetDescription:
    """What is said of the set of machines."""
    values: dict[str, Any] = {
        "title": "Machines of the spring",
        "task": "classification",
        "target": "failure",
        "provenance": "Made for the tests by a known law",
        "licence": "CC0-1.0",
    }
    return services.SetDescription(**(values | changes))


def sealed(by: Actor, at: datetime, *, seed: int = 62, **changes: Any) -> EvaluationSet:
    """Seal the evaluation rows of a table."""
    return services.seal_set(
        description=description(**changes),
        source=parquet(table(seed).part("holdout")),
        filename="holdout.parquet",
        by=by,
        at=at,
    )


def model_bytes(seed: int = 62) -> bytes:
    """An honest logistic regression of the machines."""
    return fitting.fit("linear", table(seed))


def handed_in(by: Actor, at: datetime, content: bytes | None = None) -> AlgorithmFile:
    """Hand a model in."""
    content = model_bytes() if content is None else content
    return services.hand_in_model(source=io.BytesIO(content), filename="model.onnx", by=by, at=at)


def filed(by: Actor, at: datetime, *, declared: dict[str, str] | None = None) -> Disclosure:
    """File what the provider says of its algorithm."""
    figures = {"roc_auc": "0.6"} if declared is None else declared
    said = Statement(
        algorithm="machine-failure",
        algorithm_type="SCHEDULING_DECISION",
        texts={
            "name": {"en": "Failure of machines", "zh": "设备故障"},
            "technique": TECHNIQUE,
            "prediction_target": {"en": "Failure in this shift", "zh": "本班次故障"},
            "stakeholders": {"en": "factory, contractor", "zh": "工厂、维护商"},
        },
        declared=tuple(DeclaredAccuracy(metric=k, value=v) for k, v in figures.items()),
    )
    draft = draft_disclosure(statement=said, owner=by.organization, by=by, at=at)
    return file_disclosure(disclosure=draft, by=by, at=at)


def published(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    """A version that was reviewed and is in force."""
    return reviewed(filed(by, at, **changes), at)


def requested(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    by: Actor,
    at: datetime,
    **changes: Any,
) -> EvaluationRun:
    """Ask for a measurement."""
    values: dict[str, Any] = {"training": None, "card": {}}
    return services.request_run(
        disclosure=disclosure,
        model=services.model_object_of(by, model.reference),
        evaluation_set=evaluation_set,
        by=by,
        at=at,
        **(values | changes),
    )
