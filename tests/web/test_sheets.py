"""The public sheet: declared beside measured, on the page, in print and by version."""

import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.disclosure.evaluation.results import Bin, Evaluation, Verdict
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.disclosure.services import record_evaluation, record_measurement
from audit.log.actors import Actor
from exchange.web.pdf import why_no_pdf
from tests.disclosure.making import CODE, PLATFORM, metric, published, statement, texts
from tests.disclosure.test_evaluation_reports import EVALUATION
from tests.web.clients import text_of

pytestmark = [pytest.mark.usefixtures("_now"), pytest.mark.django_db]
Queries = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def filed(provider: Actor, at: datetime) -> Disclosure:
    """A provider's algorithm in the register."""
    return published(provider, at)


def evaluated(disclosure: Disclosure, at: datetime, **changes: Any) -> EvaluationReport:
    """Record an evaluation of a disclosure."""
    values: dict[str, Any] = {
        "evaluation": EVALUATION,
        "run": f"RUN-{at.isoformat()[:19]}",
        "evaluation_set": "SET-1",
        "set_sha256": "b" * 64,
        "commitment": "c" * 64,
        "limits": {"seconds": 600},
        "by": PLATFORM,
    }
    return record_evaluation(disclosure=disclosure, at=at, **(values | changes))


def test_a_sheet_shows_what_was_measured_and_says_what_was_not(
    filed: Disclosure, client: Client, at: datetime
) -> None:
    address = f"/algorithms/{filed.reference}/"
    assert "Whom does it concern?" in text_of(client.get(address))
    assert "not yet measured" in text_of(client.get(address))

    evaluated(filed, at)

    page = client.get(address)
    words = text_of(page)
    for said in ("overstated; a finding speaks against it", "0.843", "[0.800, 0.880]", "0.91"):
        assert said in words
    for kind in ("claims", "calibration", "confusion"):
        assert f"chart-{kind}" in page.content.decode()
    assert "fewer than ten rows" in words
    assert "measured over time" not in words.lower()


def test_history_is_drawn_once_there_is_some(
    filed: Disclosure, client: Client, at: datetime
) -> None:
    for day in range(3):
        evaluated(filed, at + timedelta(days=day))

    page = client.get(f"/algorithms/{filed.reference}/").content.decode()

    assert "Measured over time" in page
    assert "chart-trend" in page


def test_twenty_classes_hostile_names_and_nothing_else(
    filed: Disclosure, client: Client, at: datetime
) -> None:
    names = tuple(f"<script>{number}</script>" for number in range(20))
    shares = tuple(tuple(90 if row == column else 1 for column in range(20)) for row in range(20))
    many = replace(EVALUATION, classes=names, confusion=shares, groups=(), calibration=())
    evaluated(filed, at, evaluation=many)

    page = client.get(f"/algorithms/{filed.reference}/").content.decode()

    assert "<script>1" not in page
    assert "no probabilities of two classes" in page
    assert "no groups to compare" in page


def test_a_model_that_did_not_run_says_why(filed: Disclosure, client: Client, at: datetime) -> None:
    nothing = Evaluation(
        name="x",
        task="classification",
        verdict=Verdict.NOT_RUN,
        reason="timeout",
        reason_params={"limit": 600},
        model_sha256="a" * 64,
    )
    evaluated(filed, at, evaluation=nothing)

    words = text_of(client.get(f"/algorithms/{filed.reference}/"))

    assert "cannot be run" in words
    assert "longer than 600 seconds" in words


def test_the_page_asks_no_more_for_a_long_history(
    filed: Disclosure, client: Client, at: datetime, django_assert_max_num_queries: Queries
) -> None:
    evaluated(filed, at, evaluation=replace(EVALUATION, calibration=(Bin(0, 1, 50, 0.5, 0.5),)))
    for day in range(12):
        record_measurement(
            disclosure=filed,
            metrics=[metric(name=f"m{place}") for place in range(20)],
            code_sha256=CODE,
            by=PLATFORM,
            at=at + timedelta(days=day),
        )

    with django_assert_max_num_queries(25):
        page = client.get(f"/algorithms/{filed.reference}/")

    assert page.status_code == 200
    assert "m19" in text_of(page)


def test_two_versions_stand_beside_each_other(
    filed: Disclosure, client: Client, provider: Actor, at: datetime
) -> None:
    later = published(
        provider,
        at + timedelta(hours=1),
        texts=texts(
            technique={"en": "Boosted <b>trees</b>", "zh": "提升树"},
            domain={"en": "Few young borrowers", "zh": "年轻借款人少"},
        ),
        declared=(replace(statement().declared[0], value="0.95"),),
    )

    page = client.get(f"/algorithms/{later.reference}/compare/{filed.reference}/")
    words = page.content.decode()

    assert "<del>Logistic" in words
    assert "&lt;b&gt;" in words
    assert "<ins>提升树" in words
    for said in ("0.91", "0.95", "added", "changed"):
        assert said in text_of(page)
    found = client.get(f"/api/v1/disclosures/{filed.reference}/compare/{later.reference}").json()
    assert (found["earlier"], found["later"]) == (filed.reference, later.reference)
    by_code = {row["code"]: row["change"] for row in found["texts"]}
    assert (by_code["technique"], by_code["domain"]) == ("CHANGED", "ADDED")
    assert found["figures"][0]["before"] == "0.91"


def test_different_algorithms_are_not_compared(
    filed: Disclosure, client: Client, provider: Actor, at: datetime
) -> None:
    other = published(provider, at, algorithm="other")

    page = client.get(f"/algorithms/{other.reference}/compare/{filed.reference}/")

    assert page.status_code == 404
    assert "two different algorithms" in text_of(page)


@pytest.mark.skipif(why_no_pdf() is not None, reason="no PDF can be made here")
def test_the_pdf_holds_the_figures_and_the_digest(
    filed: Disclosure, client: Client, at: datetime, tmp_path: Path
) -> None:
    evaluated(filed, at)

    made = client.get(f"/algorithms/{filed.reference}/sheet.pdf")

    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    if reader := shutil.which("pdftotext"):
        file = tmp_path / "sheet.pdf"
        file.write_bytes(made.content)
        told = subprocess.run([reader, file, "-"], capture_output=True, check=True)  # noqa: S603
        said = told.stdout.decode()
        for figure in ("0.843", str(Decimal("0.91")), filed.reference, "0.880"):
            assert figure in said
        assert filed.document_sha256[:24] in said.replace("\n", "")
