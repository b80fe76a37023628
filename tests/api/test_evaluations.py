"""Evaluation over REST: sealed, measured, read; and nothing of a sealed row comes out anywhere."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.algorithms import queries, services
from exchange.algorithms.models import EvaluationRun, EvaluationSet
from exchange.parties.queries import user_of
from tests.algorithms import making

pytestmark = pytest.mark.django_db
HEADERS = {"Inspection-Purpose": "check"}
WORD = "zanzibar"


def client(actor: Actor | None) -> APIClient:
    caller = APIClient(headers=HEADERS)
    if actor is not None:
        caller.force_login(user_of(actor))
    return caller


def rows(*, marked: bool = False) -> dict[str, Any]:
    """Return the machines; a column of texts and figures that nobody else would write."""
    part = making.table().part("holdout")
    part["heat"] = part["heat"] + 0.000123456789
    if marked:
        part["site"] = [WORD if place % 2 else "pemba" for place in range(len(part["heat"]))]
    return part


def form(**changes: Any) -> dict[str, Any]:
    file = making.parquet(rows(marked=True))
    file.name = "holdout.parquet"
    return {
        "file": file,
        "title": "Spring",
        "task": "classification",
        "target": "failure",
        "provenance": "made",
        "licence": "CC0-1.0",
        "features": ["torque", "wear", "speed", "heat"],
        **changes,
    }


@pytest.fixture
def done(provider: Actor, regulator: Actor, at: datetime) -> EvaluationRun:
    sealed = client(regulator).post("/api/v1/evaluation-sets", form()).json()
    model = making.handed_in(provider, at)
    body = {
        "disclosure": making.published(provider, at).reference,
        "model": model.reference,
        "evaluation_set": sealed["reference"],
    }
    asked = client(provider).post(
        "/api/v1/evaluation-runs", body, format="json", headers={"Idempotency-Key": "one"}
    )
    assert asked.status_code == 202, asked.content
    again = client(provider).post(
        "/api/v1/evaluation-runs", body, format="json", headers={"Idempotency-Key": "one"}
    )
    assert again.json() == asked.json()
    assert EvaluationRun.objects.count() == 1
    run = queries.get_run(asked.json()["reference"])
    return services.run_evaluation(run=run, clock=lambda: at)


@pytest.mark.runtime
def test_a_run_is_read_with_its_result(done: EvaluationRun, provider: Actor) -> None:
    told = client(provider).get(f"/api/v1/evaluation-runs/{done.reference}").json()

    assert (told["status"], told["progress"]) == ("DONE", 100)
    assert told["result"]["verdict"] == "CONFIRMED"
    assert f"--run {done.reference}" in told["command"]
    report = client(None).get(f"/api/v1/evaluations/{told['report']}").json()
    assert report["verdict"] == "CONFIRMED"
    assert json.loads(report["document"])["evaluation"] == told["result"]
    listed = client(None).get(f"/api/v1/disclosures/{done.disclosure.reference}/evaluations")
    assert [row["reference"] for row in listed.json()["results"]] == [told["report"]]


@pytest.mark.runtime
def test_no_answer_to_anybody_holds_a_value_of_a_sealed_row(  # who asks, and everything there is
    done: EvaluationRun,
    provider: Actor,
    provider_viewer: Actor,
    stranger: Actor,
    operator: Actor,
    regulator: Actor,
    at: datetime,
) -> None:
    dispatch(at=at)
    assert done.evaluation_set is not None
    stored = done.evaluation_set.stored.reference
    secret = {f"{value:.6f}" for value in rows()["heat"]} | {WORD, done.evaluation_set.salt}
    set_reference, run = done.evaluation_set.reference, done.reference
    addresses = [
        "evaluation-sets",
        f"evaluation-sets/{set_reference}",
        "evaluation-runs",
        f"evaluation-runs/{run}",
        "algorithm-files",
        f"evaluations/{done.report}",
        f"disclosures/{done.disclosure.reference}",
        f"disclosures/{done.disclosure.reference}/evaluations",
        "objects",
        f"objects/{stored}",
        f"log/timeline/evaluation_set/{set_reference}",
        f"log/timeline/evaluation_run/{run}",
        "log/entries",
    ]
    pages = [
        "/evaluation/sets/",
        f"/evaluation/sets/{set_reference}/",
        "/evaluation/runs/",
        f"/evaluation/runs/{run}/",
        f"/evaluation/runs/{run}/progress/",
        f"/algorithms/{done.disclosure.reference}/",
    ]
    for actor in (None, provider, provider_viewer, stranger, operator, regulator):
        for address in [f"/api/v1/{address}" for address in addresses] + pages:
            text = client(actor).get(address).content.decode()
            found = [word for word in secret if word in text]
            assert found == [], (actor and actor.id, address)
    for actor in (provider, provider_viewer, stranger, operator):
        refused = client(actor).post(
            f"/api/v1/evaluation-sets/{set_reference}/open", {"purpose": "look"}, format="json"
        )
        assert refused.status_code == 403


@pytest.mark.runtime
def test_what_is_not_published_yet_has_no_public_report(
    provider: Actor, regulator: Actor, stranger: Actor, at: datetime
) -> None:
    waiting, sealed = making.filed(provider, at), making.sealed(regulator, at)
    run = making.requested(waiting, sealed, making.handed_in(provider, at), provider, at)
    report = services.run_evaluation(run=queries.get_run(run.reference), clock=lambda: at).report

    seen = [client(who).get(f"/api/v1/evaluations/{report}").status_code
            for who in (None, stranger, provider, regulator)]  # fmt: skip

    assert seen == [404, 404, 200, 200]


@pytest.mark.runtime
def test_a_rehearsal_and_a_file_are_their_owners_only(
    done: EvaluationRun, provider: Actor, stranger: Actor, regulator: Actor
) -> None:
    file = done.model_source
    for actor in (stranger, regulator):
        assert client(actor).get(f"/api/v1/algorithm-files/{file}").status_code == 404
    assert client(provider).get(f"/api/v1/algorithm-files/{file}").status_code == 200
    assert client(stranger).get(f"/api/v1/evaluation-runs/{done.reference}").status_code == 404


def test_its_sealer_takes_a_copy(regulator: Actor) -> None:
    sealed = client(regulator).post("/api/v1/evaluation-sets", form()).json()

    answer = client(regulator).post(
        f"/api/v1/evaluation-sets/{sealed['reference']}/open", {"purpose": "yearly"}, format="json"
    )

    assert b"".join(answer.streaming_content)[:4] == b"PAR1"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("MODEL", b"\x80\x04cos\nsystem\n.", "pickle"),
        ("MODEL", b"PK\x03\x04" + b"\0" * 40, "ONNX"),
        ("ROWS", b"a,b\n1,2\n", "Parquet"),
    ],
)
def test_bad_files_are_refused_with_what_to_do(
    provider: Actor, kind: str, content: bytes, words: str
) -> None:
    file = making.io.BytesIO(content)
    file.name = "innocent.onnx"

    answer = client(provider).post("/api/v1/algorithm-files", {"kind": kind, "file": file})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "file"
    assert words in answer.json()["errors"][0]["message"]


def test_ten_rows_are_refused(regulator: Actor) -> None:
    few = making.parquet({name: values[:10] for name, values in rows(marked=True).items()})
    few.name = "few.parquet"

    answer = client(regulator).post("/api/v1/evaluation-sets", form(file=few))

    assert answer.status_code == 422
    assert "at least 30" in answer.json()["errors"][0]["message"]
    assert not EvaluationSet.objects.exists()


def test_the_limit_of_probing_says_when_to_come_back(
    provider: Actor, regulator: Actor, at: datetime, settings: Any
) -> None:
    settings.EVALUATION_RUNS_MOST = 0
    sealed = making.sealed(regulator, at)
    body = {
        "disclosure": making.filed(provider, at).reference,
        "model": making.handed_in(provider, at).reference,
        "evaluation_set": sealed.reference,
    }

    answer = client(provider).post(
        "/api/v1/evaluation-runs", body, format="json", headers={"Idempotency-Key": "one"}
    )

    assert (answer.status_code, answer.json()["code"]) == (429, "evaluation-limit")
    assert int(answer["Retry-After"]) > 0


def test_one_kind_of_rows_is_named(provider: Actor) -> None:
    for named in ({}, {"evaluation_set": "ES-1", "rows": "AF-1"}):
        answer = client(provider).post(
            "/api/v1/evaluation-runs",
            {"disclosure": "AD-1", "model": "AF-1", **named},
            format="json",
            headers={"Idempotency-Key": json.dumps(named)},
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith("evaluation_set")


def test_a_regulator_says_what_runs_are_looked_at_for(regulator: Actor) -> None:
    caller = APIClient()
    caller.force_login(user_of(regulator))

    assert caller.get("/api/v1/evaluation-runs").status_code == 428


Log = Callable[[], list[tuple[str, str]]]


def test_a_set_is_retired_over_rest(regulator: Actor, log: Log) -> None:
    sealed = client(regulator).post("/api/v1/evaluation-sets", form()).json()

    answer = client(regulator).post(
        f"/api/v1/evaluation-sets/{sealed['reference']}/retire", {"reason": "leaked"}, format="json"
    )

    assert (answer.json()["status"], answer.json()["allowed_actions"]) == ("RETIRED", ["open"])
    assert log()[-1] == ("algorithms.set.retired", sealed["reference"])
