"""Mails about claims that a measurement does not bear out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from audit.disclosure.evaluation.results import Severity, Sureness, Verdict
from audit.log.actors import Actor
from audit.log.reactions import dispatch
from tests.disclosure.test_evaluation_reports import EVALUATION, _filed, _record

pytestmark = pytest.mark.django_db
GOOD = replace(EVALUATION, verdict=Verdict.CONFIRMED, findings=())
ACCUSED = replace(
    GOOD,
    findings=(replace(EVALUATION.findings[1], severity=Severity.CONTRADICTS),),
)
Log = Callable[[], list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("evaluation", "told"),
    [
        (EVALUATION, True),
        (ACCUSED, True),
        (replace(GOOD, verdict=Verdict.NOT_RUN), True),
        (GOOD, False),
        (
            replace(
                ACCUSED,
                findings=(replace(ACCUSED.findings[0], sureness=Sureness.POSSIBLE),),
            ),
            False,
        ),
    ],
)
def test_owner_and_regulator_are_told_of_a_claim_that_fails(
    provider: Actor,
    regulator: Actor,
    buyer: Actor,
    at: datetime,
    mailoutbox: list[Any],
    evaluation: Any,
    told: bool,  # noqa: FBT001  a column of the table
) -> None:
    del regulator, buyer
    report = _record(_filed(provider, at), at, evaluation=evaluation)

    dispatch(at=at)

    mails = [mail for mail in mailoutbox if report.reference in mail.body]
    addressed = sorted(mail.to[0] for mail in mails)
    expected = ["provider@example.org", "regulator@example.org"]
    assert addressed == (expected if told else [])
    assert all("0.91" in mail.body and "0.843" in mail.body for mail in mails)
