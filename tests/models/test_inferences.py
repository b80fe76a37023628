"""Calls of a model: metered, confined, on record; and everything that stops them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from audit.disclosure import services as register
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid
from confined.faults import Ending, Fault
from exchange.catalog.models import Product, Release
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import (
    call_model,
    inferences,
    read_outputs,
    revoke_grant,
    take_download,
)
from exchange.delivery.states import Channel, Form
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from tests.delivery.making import SYSTEM, make_grant
from tests.disclosure import onnx_files as onnx
from tests.disclosure.making import AUTHORITY

from .making import ALGORITHM, cleared_model

pytestmark = pytest.mark.runtime
Log = Callable[[], list[tuple[str, str]]]
ROWS = {"X": [[1.0, 2.0], [3, 0.5]]}


def opened(release: Release, buyer_org: Organization, at: datetime, **changes: Any) -> Grant:
    """Return calls that a contract opened to a listed model."""
    Product.objects.filter(pk=release.product_id).update(
        status="LISTED", current=release, listed_at=at
    )
    product = Product.objects.select_related("provider", "current").get(pk=release.product_id)
    return make_grant(product, buyer_org, at, **({"channel": Channel.INFERENCE} | changes))


@pytest.fixture
def called(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Grant:
    """Two calls of a logistic regression."""
    return opened(cleared_model(provider_org, provider, at), buyer_org, at)


def test_a_call_takes_budget_and_gives_outputs(
    called: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    made = call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    outputs = made.answer["outputs"]
    chance = 1 / (1 + np.exp(-(np.array([1 * 1 - 2 * 2, 3 * 1 - 2 * 0.5]) + 0.5)))
    assert [row[1] for row in outputs["shares"]] == pytest.approx(chance, abs=1e-5)
    assert outputs["label"] == [0, 1]
    assert made.answer["release_sha256"] == called.release_sha256
    assert made.answer["disclosure"] == Disclosure.objects.get(algorithm=ALGORITHM).reference
    access = Access.objects.get()
    assert (access.form, access.status) == ("INFERENCE", "COMPLETED")
    assert access.question == {"inputs_sha256": made.answer["inputs_sha256"], "rows": 2}
    called.refresh_from_db()
    assert called.used_downloads == 1
    assert [name for name, _ in log()][before:] == [
        "vault.object.stored",
        "delivery.access.taken",
        "delivery.access.completed",
    ]


def test_the_rows_of_the_caller_are_not_kept(called: Grant, buyer: Actor, at: datetime) -> None:
    call_model(grant=called, inputs={"X": [[123456.5, 2]]}, by=buyer, at=at)

    access = Access.objects.get()
    told = json.dumps(read_outputs(access=access, by=buyer, at=at))
    assert "123456" not in told
    assert "123456" not in json.dumps(access.question)


def test_the_same_key_repeats_the_answer_and_takes_nothing(
    called: Grant, buyer: Actor, at: datetime
) -> None:
    first = call_model(grant=called, inputs=ROWS, by=buyer, at=at, request_key="k")
    again = call_model(grant=called, inputs=ROWS, by=buyer, at=at, request_key="k")

    assert again.answer == first.answer
    assert again.access == first.access
    called.refresh_from_db()
    assert called.used_downloads == 1
    with pytest.raises(Conflict):
        call_model(grant=called, inputs={"X": [[0, 0]]}, by=buyer, at=at, request_key="k")


def test_the_budget_ends(called: Grant, buyer: Actor, at: datetime) -> None:
    for _turn in range(2):
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == "EXHAUSTED"
    assert "calls" in str(denied.value)


@pytest.mark.parametrize(
    ("inputs", "place"),
    [
        ([[1, 2]], "inputs"),
        ({}, "inputs.X"),
        ({"X": [[1, 2]], "Z": [[1]]}, "inputs.Z"),
        ({"X": []}, "inputs.X"),
        ({"X": 5}, "inputs.X"),
        ({"X": [[1, 2], [1]]}, "inputs.X.1"),
        ({"X": [[1, 2], [1, "a"]]}, "inputs.X.1"),
        ({"X": [[1, None]]}, "inputs.X.0"),
        ({"X": [[1, float("nan")]]}, "inputs.X.0"),
        ({"X": [[1, 2]] * 1001}, "inputs.X"),
    ],
)
def test_rows_that_do_not_fit_are_told_by_input_and_row(
    called: Grant, buyer: Actor, at: datetime, log: Log, inputs: Any, place: str
) -> None:
    before = log()

    with pytest.raises(Invalid) as refused:
        call_model(grant=called, inputs=inputs, by=buyer, at=at)

    assert set(refused.value.fields) == {place}
    called.refresh_from_db()
    assert (called.used_downloads, log()) == (0, before)


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (Fault(Ending.TIMEOUT, "timeout", limit=20), "NOT_RUN"),
        (Fault(Ending.MEMORY, "killed"), "NOT_RUN"),
        (Fault("NO_RUNTIME", "no-runtime"), "NOT_RUN"),
    ],
)
def test_what_the_exchange_cannot_run_takes_nothing(
    called: Grant,
    buyer: Actor,
    at: datetime,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    refusal: str,
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise fault

    monkeypatch.setattr(inferences, "run_plan", fail)
    before = len(log())

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == refusal
    called.refresh_from_db()
    assert called.used_downloads == 0
    assert [name for name, _ in log()][before:] == ["delivery.access.refused"]


def test_rows_that_the_model_cannot_take_are_the_callers(
    provider_org: Organization, provider: Actor, buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    step = onnx.node("Log", ["X"], ["y"])
    content = onnx.of_nodes([step], 1, onnx.NUMBER)
    grant = opened(cleared_model(provider_org, provider, at, content), buyer_org, at)

    with pytest.raises(Invalid) as refused:
        call_model(grant=grant, inputs={"X": [[-1.0]]}, by=buyer, at=at)

    assert "inputs" in refused.value.fields
    assert call_model(grant=grant, inputs={"X": [1.0]}, by=buyer, at=at).answer["outputs"] == {
        "y": [0.0]
    }


def test_a_withdrawn_disclosure_stops_calls(
    called: Grant, provider: Actor, buyer: Actor, at: datetime
) -> None:
    register.withdraw_disclosure(
        disclosure=Disclosure.objects.get(algorithm=ALGORITHM),
        reason="faulty",
        by=provider,
        at=at,
        last_day=at.date(),
    )

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == "GATE"


def suspend(at: datetime) -> None:
    """Have the algorithm suspended by an authority."""
    register.suspend_disclosure(
        disclosure=Disclosure.objects.get(algorithm=ALGORITHM),
        reason="complaints",
        basis="Article 24",
        since=at.date(),
        by=AUTHORITY,
        at=at,
    )


def test_suspension_of_the_algorithm_stops_calls_until_it_is_lifted(
    called: Grant, buyer: Actor, at: datetime
) -> None:
    suspend(at)

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == "GATE"
    assert "suspended" in str(denied.value)
    register.lift_suspension(
        disclosure=Disclosure.objects.get(algorithm=ALGORITHM), reason="mended", by=AUTHORITY, at=at
    )
    assert call_model(grant=called, inputs=ROWS, by=buyer, at=at).answer["rows"] == 2


def test_a_call_under_way_when_the_algorithm_is_suspended_is_not_delivered(
    called: Grant,
    buyer: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = inferences.run_plan

    def end_meanwhile(*args: Any, **kwargs: Any) -> Any:
        answers = run(*args, **kwargs)
        suspend(at)
        return answers

    monkeypatch.setattr(inferences, "run_plan", end_meanwhile)

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == "GATE"
    called.refresh_from_db()
    assert called.used_downloads == 0
    assert not StoredObject.objects.filter(purpose="RESULT").exists()


def test_revoked_and_suspended_grants_answer_nobody(
    called: Grant, buyer: Actor, stranger: Actor, at: datetime
) -> None:
    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=stranger, at=at)
    assert denied.value.refusal == "NOT_GRANTEE"

    Product.objects.filter(pk=called.product_id).update(
        status="SUSPENDED", suspension_authority="OPERATOR"
    )
    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)
    assert denied.value.refusal == "PRODUCT_SUSPENDED"

    revoke_grant(grant=called, reason="ended", by=SYSTEM, at=at)
    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)
    assert denied.value.refusal == "REVOKED"


def test_a_blocked_release_answers_nobody(called: Grant, buyer: Actor, at: datetime) -> None:
    Release.objects.filter(pk=called.release_id).update(status="BLOCKED")

    with pytest.raises(AccessDenied) as denied:
        call_model(grant=called, inputs=ROWS, by=buyer, at=at)

    assert denied.value.refusal == "GATE"


def test_calls_and_files_do_not_mix(
    called: Grant,
    provider_org: Organization,
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
) -> None:
    with pytest.raises(AccessDenied) as denied:
        take_download(grant=called, by=buyer, at=at)
    assert denied.value.refusal == "OTHER_CHANNEL"

    file = make_grant(called.product, buyer_org, at, order="O-2026-FILE0001")
    with pytest.raises(AccessDenied) as denied:
        call_model(grant=file, inputs=ROWS, by=buyer, at=at)
    assert denied.value.refusal == "OTHER_CHANNEL"
    with pytest.raises(AccessDenied) as denied:
        take_download(grant=file, by=buyer, at=at, form=Form.TABLE)
    assert denied.value.refusal == "OTHER_CHANNEL"
    download = take_download(grant=file, by=buyer, at=at)
    content = b"".join(download.chunks())
    assert (download.access.form, len(content)) == ("ORIGINAL", called.release.size)
    assert download.sha256 == called.release_sha256


def test_texts_go_in_and_come_out(
    provider_org: Organization, provider: Actor, buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    labels = onnx.node(
        "LabelEncoder", ["X"], ["y"], onnx.ML,
        keys_strings=["低", "高"], values_strings=["low", "high"],
    )  # fmt: skip
    graph = onnx.graph([labels], [onnx.slot("X", ["n", 1], 8)], [onnx.slot("y", ["n", 1], 8)])
    release = cleared_model(provider_org, provider, at, onnx.model(graph))
    grant = opened(release, buyer_org, at)

    made = call_model(grant=grant, inputs={"X": ["高", "低"]}, by=buyer, at=at)

    assert made.answer["outputs"] == {"y": ["high", "low"]}
    with pytest.raises(Invalid) as refused:
        call_model(grant=grant, inputs={"X": ["高", 2]}, by=buyer, at=at)
    assert set(refused.value.fields) == {"inputs.X.1"}
