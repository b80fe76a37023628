"""The pages of evaluation: who sees them, sealing, handing in, measuring, the result in words."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.disclosure.models import EvaluationReport
from audit.log.actors import Actor
from exchange.algorithms import queries, services
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from tests.algorithms import making
from tests.web.clients import CALLERS, text_of

pytestmark = pytest.mark.django_db
TABLE = {
    "/evaluation/sets/": (302, 200, 200, 200, 200, 200, 200),
    "/evaluation/sets/seal/": (302, 403, 403, 403, 403, 200, 200),
    "/evaluation/sets/{set}/": (302, 200, 200, 200, 200, 200, 200),
    "/evaluation/sets/{set}/retire/": (302, 200, 200, 200, 200, 200, 200),
    "/evaluation/sets/{set}/copy/": (302, 403, 403, 403, 403, 200, 403),
    "/evaluation/runs/": (302, 200, 200, 200, 200, 200, 200),
    "/evaluation/runs/{run}/": (302, 404, 200, 200, 404, 200, 200),
    "/evaluation/runs/{run}/progress/": (302, 404, 200, 200, 404, 200, 200),
    "/evaluation/runs/{run}/give-up/": (302, 404, 405, 405, 404, 405, 405),
    "/provider/measure/": (302, 200, 200, 200, 200, 200, 200),
    "/provider/measure/{disclosure}/{model}/": (302, 404, 200, 200, 404, 404, 404),
}


@pytest.fixture
def named(provider: Actor, regulator: Actor, at: datetime) -> dict[str, str]:
    sealed = making.sealed(regulator, at)
    disclosure, model = making.filed(provider, at), making.handed_in(provider, at)
    run = making.requested(disclosure, sealed, model, provider, at)
    return {
        "set": sealed.reference,
        "disclosure": disclosure.reference,
        "model": model.reference,
        "run": run.reference,
    }


@pytest.fixture
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.algorithms.tasks.carry_out_evaluation.delay", lambda **_: None)


@pytest.mark.usefixtures("_no_worker")
@pytest.mark.parametrize("path", TABLE)
def test_who_sees_what(path: str, browsers: dict[str, Client], named: dict[str, str]) -> None:
    browsers["regulator"].post("/evaluation/runs/", {"purpose": "table"})
    address = path.format(**named)

    assert tuple(browsers[name].get(address).status_code for name in CALLERS) == TABLE[path]


def _form(file: Any, **changes: str) -> dict[str, Any]:
    file.name = "rows.parquet"
    said = {
        "title": "Machines", "task": "classification", "target": "failure",
        "provenance": "made", "licence": "CC0-1.0",
    }  # fmt: skip
    return {"file": file, **said, **changes}


def test_a_set_is_sealed_on_its_page(browsers: dict[str, Client]) -> None:
    file = making.parquet(making.table().part("holdout"))

    answer = browsers["operator"].post("/evaluation/sets/seal/", _form(file), follow=True)

    sealed = EvaluationSet.objects.get()
    text = text_of(answer)
    assert sealed.sha256[:8] in text
    assert "feature" in text
    assert "answers" in text


def test_ten_rows_are_refused_at_the_field(browsers: dict[str, Client]) -> None:
    few = {name: values[:10] for name, values in making.table().part("holdout").items()}

    answer = browsers["operator"].post("/evaluation/sets/seal/", _form(making.parquet(few)))

    assert answer.status_code == 422
    assert "at least 30 are needed" in text_of(answer)
    assert not EvaluationSet.objects.exists()


@pytest.mark.runtime
def test_from_the_model_to_the_result(
    browsers: dict[str, Client], provider: Actor, regulator: Actor, at: datetime
) -> None:
    sealed, disclosure = making.sealed(regulator, at), making.filed(provider, at)
    browser = browsers["provider"]
    file = making.io.BytesIO(making.model_bytes())
    file.name = "machines.onnx"

    seen = browser.post(
        "/provider/measure/", {"disclosure": disclosure.reference, "file": file}, follow=True
    )
    text = text_of(seen)
    assert "linear model" in text
    assert "Machines of the spring: 360 rows, failure; 5 measurements left" in text
    model = AlgorithmFile.objects.get()
    asked = browser.post(
        f"/provider/measure/{disclosure.reference}/{model.reference}/",
        {"evaluation_set": sealed.reference, "main_metric": "roc_auc"},
        follow=True,
    )
    assert "Queued" in text_of(asked)
    run = EvaluationRun.objects.get()
    services.run_evaluation(run=queries.get_run(run.reference), clock=lambda: at)
    result = text_of(browser.get(f"/evaluation/runs/{run.reference}/"))
    report = EvaluationReport.objects.get()
    for words in ("confirmed", report.measured, report.declared, run.reference, "--set"):
        assert words in result
    assert report.measured in text_of(browsers["operator"].get("/evaluation/runs/"))


def test_a_pickle_is_refused_at_the_field(
    browsers: dict[str, Client], provider: Actor, at: datetime
) -> None:
    disclosure = making.filed(provider, at)
    file = making.io.BytesIO(b"\x80\x04cos\nsystem\n.")
    file.name = "model.onnx"

    answer = browsers["provider"].post(
        "/provider/measure/", {"disclosure": disclosure.reference, "file": file}
    )

    assert answer.status_code == 422
    assert "pickle" in text_of(answer)


def test_without_a_disclosure_the_page_says_what_comes_first(browsers: dict[str, Client]) -> None:
    assert "Disclose an algorithm first" in text_of(browsers["provider"].get("/provider/measure/"))


@pytest.mark.usefixtures("_no_worker")
def test_a_run_is_given_up_and_a_set_retired(
    browsers: dict[str, Client], named: dict[str, str]
) -> None:
    browsers["provider"].post(f"/evaluation/runs/{named['run']}/give-up/")
    browsers["operator"].post(f"/evaluation/sets/{named['set']}/retire/", {"reason": "leaked"})
    refused = browsers["provider"].post(
        f"/evaluation/sets/{named['set']}/retire/", {"reason": "no"}
    )

    assert EvaluationRun.objects.get().status == "CANCELLED"
    assert EvaluationSet.objects.get().retire_reason == "leaked"
    assert refused.status_code in {403, 409}
