"""Sealing rows: what is refused, what is committed to, and that they come out for nobody else."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.algorithms import independence, queries, services
from exchange.algorithms.models import EvaluationSet
from exchange.vault.models import StoredObject

from . import making

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def test_a_set_is_sealed_with_its_commitment(regulator: Actor, at: datetime, log: Log) -> None:
    made = making.sealed(regulator, at)

    assert (made.status, made.rows, made.task) == ("SEALED", 360, "classification")
    assert made.features == ["torque", "wear", "speed", "heat"]
    assert made.commitment == services.commitment_of(EvaluationSet.objects.get(pk=made.pk))
    assert made.stored.purpose == "EVALUATION_SET"
    assert log() == [
        ("vault.object.stored", made.stored.reference),
        ("algorithms.set.sealed", made.reference),
    ]


def test_a_commitment_binds_the_description_too(evaluation_set: EvaluationSet) -> None:
    evaluation_set.target = "wear"

    assert services.commitment_of(evaluation_set) != evaluation_set.commitment


def test_what_was_sealed_is_never_changed(evaluation_set: EvaluationSet) -> None:
    for column, value in (("target", "wear"), ("sha256", "0" * 64), ("salt", "0")):
        with pytest.raises(IntegrityError), transaction.atomic():
            EvaluationSet.objects.filter(pk=evaluation_set.pk).update(**{column: value})


def _seal(by: Actor, at: datetime, columns: dict[str, Any], **changes: Any) -> EvaluationSet:
    return services.seal_set(
        description=making.description(**changes),
        source=making.parquet(columns),
        filename="holdout.parquet",
        by=by,
        at=at,
    )


@pytest.mark.parametrize(
    ("rows", "changes", "words"),
    [
        (10, {}, "at least 30 are needed"),
        (360, {"target": "broken"}, "no column “broken” with the answers"),
        (360, {"group_columns": ["sex"]}, "no column “sex”"),
        (360, {"features": ["torque", "noise"]}, "no column “noise”"),
        (360, {"positive_class": "2"}, "positive class “2” does not occur"),
        (360, {"task": "ranking", "query_column": "speed", "target": "heat"}, ""),
    ],
)
def test_rows_that_cannot_serve_are_refused_with_the_reason(
    regulator: Actor, at: datetime, log: Log, rows: int, changes: dict[str, Any], words: str
) -> None:
    part = {name: values[:rows] for name, values in making.table().part("holdout").items()}

    if not words:
        assert _seal(regulator, at, part, **changes).task == "ranking"
        return
    with pytest.raises(Invalid, match=words):
        _seal(regulator, at, part, **changes)
    assert not EvaluationSet.objects.exists()
    assert not StoredObject.objects.exists()
    assert log() == []


def test_answers_have_to_be_there_and_to_differ(regulator: Actor, at: datetime) -> None:
    part = making.table().part("holdout")
    same = part | {"failure": np.zeros(360)}
    gaps = part | {"failure": np.where(np.arange(360) < 5, np.nan, part["failure"])}

    with pytest.raises(Invalid, match="of one class"):
        _seal(regulator, at, same)
    with pytest.raises(Invalid, match="missing in 5 rows"):
        _seal(regulator, at, gaps)


@pytest.mark.parametrize(
    "changes", [{"provenance": " "}, {"licence": ""}, {"title": ""}, {"task": "magic"}]
)
def test_provenance_license_title_and_task_are_needed(
    regulator: Actor, at: datetime, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        making.sealed(regulator, at, **changes)

    assert list(refusal.value.fields) == list(changes)


def test_a_file_that_is_no_parquet_is_refused(regulator: Actor, at: datetime) -> None:
    for content in (b"", b"a,b\n1,2\n", b"PAR1" + b"\0" * 90 + b"PAR1"):
        with pytest.raises(Invalid) as refusal:
            services.seal_set(
                description=making.description(),
                source=io.BytesIO(content),
                filename="rows.parquet",
                by=regulator,
                at=at,
            )
        assert list(refusal.value.fields) == ["file"]


def test_the_same_rows_are_not_sealed_twice(
    evaluation_set: EvaluationSet, operator: Actor, at: datetime
) -> None:
    del evaluation_set
    with pytest.raises(Conflict):
        making.sealed(operator, at)
    assert EvaluationSet.objects.count() == 1


def test_who_is_measured_does_not_seal(provider: Actor, buyer: Actor, at: datetime) -> None:
    for actor in (provider, buyer):
        with pytest.raises(NotAllowed):
            making.sealed(actor, at)


def test_an_accredited_auditor_seals(
    buyer: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(independence, "_AUDITORS", [lambda who, _at: who == buyer.organization])

    assert making.sealed(buyer, at).sealed_by.reference == buyer.organization


def test_rows_come_out_for_their_sealer_only_and_on_record(
    evaluation_set: EvaluationSet,
    regulator: Actor,
    operator: Actor,
    provider: Actor,
    at: datetime,
    log: Log,
) -> None:
    for actor in (operator, provider, Actor.system("evaluation")):
        with pytest.raises(NotAllowed):
            services.open_set(evaluation_set=evaluation_set, purpose="look", by=actor, at=at)
    assert log() == []

    with services.open_set(
        evaluation_set=evaluation_set, purpose="yearly check", by=regulator, at=at
    ) as reader:
        assert reader.read(0, 4) == b"PAR1"

    assert log() == [("algorithms.set.opened", evaluation_set.reference)]
    with pytest.raises(Invalid):
        services.open_set(evaluation_set=evaluation_set, purpose=" ", by=regulator, at=at)


def test_a_set_is_retired_once_with_a_reason(
    evaluation_set: EvaluationSet, regulator: Actor, provider: Actor, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        services.retire_set(evaluation_set=evaluation_set, reason="no", by=provider, at=at)
    with pytest.raises(Invalid):
        services.retire_set(evaluation_set=evaluation_set, reason=" ", by=regulator, at=at)

    services.retire_set(evaluation_set=evaluation_set, reason="rows leaked", by=regulator, at=at)

    assert (evaluation_set.status, evaluation_set.retire_reason) == ("RETIRED", "rows leaked")
    with pytest.raises(WrongState):
        services.retire_set(evaluation_set=evaluation_set, reason="again", by=regulator, at=at)


def test_sets_are_described_to_the_identified_only(
    evaluation_set: EvaluationSet, provider: Actor, anonymous: Actor
) -> None:
    assert queries.get_set_for(provider, evaluation_set.reference) == evaluation_set
    with pytest.raises(NotFound):
        queries.get_set_for(anonymous, evaluation_set.reference)
