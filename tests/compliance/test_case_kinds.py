"""What has to be shown before important data or sensitive information passes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Case
from exchange.compliance.services import (
    confirm_decision,
    propose_decision,
    submit_case,
    withdraw_decision,
)
from exchange.parties.models import Organization

from .filing import (
    CONDITIONS,
    Log,
    decided,
    filed,
    fill,
    proposed,
    release_of,
)

SYSTEM = Actor.system("compliance")
SEE = ("provider_viewer", "provider", "regulator", "operator")
SEE_NOTHING = ("stranger", "buyer", "anonymous")
OUTSIDERS = ("stranger", "buyer", "provider", "provider_viewer", "anonymous")


# Important data


def test_important_data_with_the_six_heads(
    important: Case, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    assert (important.kind, important.grade) == ("IMPORTANT", "IMPORTANT")
    with pytest.raises(Invalid) as caught:
        submit_case(case=important, by=provider, at=at)
    assert list(caught.value.fields) == [
        "PURPOSE",
        "RISK",
        "RECIPIENT",
        "CONTRACT",
        "MEASURES",
        "OTHER",
        "REPORT",
        "OPINION",
    ]

    case = filed(important, provider, at)
    assert case.due_on is not None
    assert case.due_on.isoformat() == "2026-12-14"
    case = decided(case, operator, regulator, at, conditions=CONDITIONS)

    assert (case.status, case.conditions) == ("APPROVED", dict(CONDITIONS))
    assert case.valid_until is not None
    assert case.valid_until.isoformat() == "2027-06-30"
    assert release_of(case).grade == "IMPORTANT"
    assert why_not_trade(release_of(case), at) is None


def test_without_a_regulator_no_important_data(
    important: Case,
    provider: Actor,
    operator: Actor,
    second_operator: Actor,
    regulator: Actor,
    second_regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    case = filed(important, provider, at)
    made = proposed(case, operator, at, conditions=CONDITIONS)
    before = log()

    with pytest.raises(NotAllowed, match="of the regulator"):
        confirm_decision(
            case=case, proposal=made.reference, reason="yes", by=second_operator, at=at
        )
    assert log() == before

    withdraw_decision(case=case, proposal=made.reference, reason="x", by=operator, at=at)
    assert decided(case, regulator, second_regulator, at, conditions=CONDITIONS).status == (
        "APPROVED"
    )


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"assessment": "short"}, Invalid, "too little"),
        ({"assessed_on": "2025-11-01"}, Invalid, "older than 12 months"),
        ({"assessed_on": "2026-12-01"}, Invalid, "future"),
        ({"valid_until": "2026-11-23"}, Invalid, "no longer valid"),
        ({"number": ""}, Invalid, "number of the document"),
    ],
)
def test_a_file_that_lacks_something_is_not_handed_in(
    changes: dict[str, Any],
    error: type[Exception],
    words: str,
    important: Case,
    provider: Actor,
    at: datetime,
    log: Log,
) -> None:
    case = fill(important, provider, at, **changes)
    before = log()

    with pytest.raises(error, match=words):
        submit_case(case=case, by=provider, at=at)

    assert log() == before
    assert Case.objects.get(pk=case.pk).status == "OPEN"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"opinion": "REFUSES"}, "authority does not agree"),
        ({"conclusion": "NOT_ACCEPTABLE"}, "not acceptable"),
    ],
)
def test_what_the_file_itself_speaks_against_is_not_approved(
    changes: dict[str, Any],
    words: str,
    important: Case,
    provider: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    case = filed(important, provider, at, **changes)
    before = log()

    with pytest.raises(Conflict, match=words):
        propose_decision(
            case=case, approve=True, reason="x", conditions=CONDITIONS, by=regulator, at=at
        )

    assert log() == before


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        ({"purpose": "x"}, "conditions"),
        ({**CONDITIONS, "recipients": ["ORG-NOBODY"]}, "conditions.recipients"),
        ({**CONDITIONS, "recipients": ["ORG-STRANGER"]}, "conditions.recipients"),
        ({**CONDITIONS, "scenarios": ["resale"]}, "conditions.scenarios"),
        ({**CONDITIONS, "retention_days": -1}, "conditions.retention_days"),
        ({**CONDITIONS, "channels": ["PIGEON"]}, "conditions.channels"),
        ({**CONDITIONS, "mood": "good"}, "conditions.mood"),
    ],
)
def test_conditions_have_to_fit(
    conditions: dict[str, Any],
    field: str,
    important: Case,
    provider: Actor,
    regulator: Actor,
    stranger_org: Organization,
    at: datetime,
    log: Log,
) -> None:
    del stranger_org  # known here, and named by no file
    case = filed(important, provider, at)
    before = log()

    with pytest.raises(Invalid) as caught:
        propose_decision(
            case=case, approve=True, reason="x", conditions=conditions, by=regulator, at=at
        )

    assert list(caught.value.fields) == [field]
    assert log() == before


def test_an_approval_does_not_outlast_assessment_and_opinion(
    important: Case, provider: Actor, regulator: Actor, buyer: Actor, at: datetime
) -> None:
    case = filed(important, provider, at)

    for wrong in ("2027-07-01", "2026-11-23"):
        with pytest.raises(Invalid, match="2027-06-30"):
            propose_decision(
                case=case,
                approve=True,
                reason="x",
                conditions=CONDITIONS,
                valid_until=datetime.fromisoformat(wrong).date(),
                by=regulator,
                at=at,
            )


def test_the_provider_has_its_time_before_anybody_rejects(
    important: Case, regulator: Actor, at: datetime, log: Log
) -> None:
    before = log()
    for approve in (True, False):
        with pytest.raises(Conflict, match="2026-12-21"):
            propose_decision(
                case=important,
                approve=approve,
                reason="x",
                conditions=CONDITIONS,
                by=regulator,
                at=at,
            )
    assert log() == before

    late = at + timedelta(days=29)
    assert proposed(important, regulator, late, approve=False).status == "MADE"


# Sensitive personal information


def test_sensitive_information_needs_consent_necessity_and_impact(
    sensitive: Case,
    provider: Actor,
    operator: Actor,
    second_operator: Actor,
    buyer: Actor,
    at: datetime,
) -> None:
    assert sensitive.kind == "SENSITIVE_PERSONAL"
    with pytest.raises(Invalid) as caught:
        submit_case(case=sensitive, by=provider, at=at)
    assert list(caught.value.fields) == ["CONSENT", "NECESSITY", "IMPACT"]

    case = filed(sensitive, provider, at)
    wanted = {"purpose": "Research on diabetes care", "recipients": ["ORG-BUYER"]}
    case = decided(case, operator, second_operator, at, conditions=wanted)

    assert case.status == "APPROVED"
    assert release_of(case).personal == "SENSITIVE"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"persons": 59}, "consents are of 59 persons, the content is about 60"),
        ({"obtained_until": "2026-12-01"}, "period of the consents"),
        ({"assessed_on": "2023-11-01"}, "older than 36 months"),
        ({"recipients": []}, "recipients by name"),
    ],
)
def test_consents_that_do_not_reach(
    changes: dict[str, Any], words: str, sensitive: Case, provider: Actor, at: datetime
) -> None:
    case = fill(sensitive, provider, at, **changes)

    with pytest.raises(Invalid, match=words):
        submit_case(case=case, by=provider, at=at)


def test_consent_names_the_recipient(
    sensitive: Case, provider: Actor, operator: Actor, stranger: Actor, at: datetime
) -> None:
    case = filed(sensitive, provider, at)

    with pytest.raises(Invalid, match="does not name stranger organization"):
        propose_decision(
            case=case,
            approve=True,
            reason="x",
            conditions={"purpose": "x", "recipients": ["ORG-STRANGER"]},
            by=operator,
            at=at,
        )
