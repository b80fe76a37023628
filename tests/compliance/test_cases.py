"""Deciding what the rules leave to a person."""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.catalog.models import Release
from exchange.compliance import services
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Case, Screening
from exchange.compliance.queries import (
    cases_visible_to,
    get_case_for,
    get_screening_for,
    latest_screening,
    screenings_visible_to,
)
from exchange.compliance.services import decide_case, screen_release
from exchange.parties.models import Organization

from .making import IMPORTANT, PSEUDONYMOUS, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
SEE = ("provider_viewer", "provider", "regulator", "operator")
SEE_NOTHING = ("stranger", "buyer", "anonymous")


@pytest.fixture
def review(provider_org: Organization, provider: Actor, at: datetime) -> Case:
    """A case on pseudonymous data, for operator or regulator."""
    release = submitted(product_of(provider_org, provider, at), provider, at, PSEUDONYMOUS)
    return screen_release(release=release, by=SYSTEM, at=at).case


@pytest.fixture
def important(provider_org: Organization, provider: Actor, at: datetime) -> Case:
    """A case on important data, for the regulator."""
    release = submitted(product_of(provider_org, provider, at), provider, at, IMPORTANT)
    return screen_release(release=release, by=SYSTEM, at=at).case


def release_of(case: Case) -> Release:
    """Return the release as it stands now."""
    return Release.objects.get(pk=case.screening.release_id)


@pytest.mark.parametrize("who", ["operator", "regulator"])
def test_an_approved_review_clears(
    who: str, review: Case, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = len(log())

    decide_case(case=review, approve=True, reason="Keys were  drawn at random.", by=actor, at=at)

    review.refresh_from_db()
    assert (review.status, review.reason) == ("APPROVED", "Keys were drawn at random.")
    assert (review.decided_by, review.decided_for) == (actor.id, actor.organization)
    assert [name for name, _ in log()][before:] == [
        "compliance.case.approved",
        "catalog.release.cleared",
    ]
    assert why_not_trade(release_of(review), at) is None
    assert release_of(review).sample["masked"] == ["会员编号"]


def test_a_rejected_review_blocks(review: Case, operator: Actor, at: datetime, log: Log) -> None:
    before = len(log())

    decide_case(case=review, approve=False, reason="Keys are phone numbers.", by=operator, at=at)

    assert review.status == "REJECTED"
    assert release_of(review).status == "BLOCKED"
    assert [name for name, _ in log()][before:] == [
        "compliance.case.rejected",
        "catalog.release.blocked",
    ]


def test_important_data_is_released_by_the_regulator_only(
    important: Case, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    before = log()

    with pytest.raises(NotAllowed):
        decide_case(case=important, approve=True, reason="fine", by=operator, at=at)
    assert log() == before
    assert release_of(important).status == "IN_REVIEW"

    decide_case(case=important, approve=True, reason="Approval 2026-17.", by=regulator, at=at)
    assert release_of(important).status == "CLEARED"
    assert release_of(important).grade == "IMPORTANT"


def test_core_data_cannot_be_approved_by_anybody(
    important: Case, regulator: Actor, at: datetime, log: Log
) -> None:
    Screening.objects.filter(pk=important.screening_id).update(grade="CORE")
    case = Case.objects.get(pk=important.pk)
    before = log()

    with pytest.raises(NotAllowed, match="Core data"):
        decide_case(case=case, approve=True, reason="please", by=regulator, at=at)

    assert log() == before
    assert release_of(case).status == "IN_REVIEW"


@pytest.mark.parametrize("who", ["stranger", "buyer", "provider", "provider_viewer", "anonymous"])
def test_others_decide_nothing(
    who: str, review: Case, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = log()

    for approve in (True, False):
        with pytest.raises(NotAllowed):
            decide_case(case=review, approve=approve, reason="because", by=actor, at=at)

    assert log() == before
    assert release_of(review).status == "IN_REVIEW"


def test_the_system_decides_nothing(review: Case, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        decide_case(case=review, approve=True, reason="because", by=SYSTEM, at=at)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 2001])
def test_a_decision_needs_a_reason(
    reason: str, review: Case, operator: Actor, at: datetime, log: Log
) -> None:
    before = log()

    with pytest.raises(Invalid) as caught:
        decide_case(case=review, approve=True, reason=reason, by=operator, at=at)

    assert list(caught.value.fields) == ["reason"]
    assert log() == before


def test_a_case_is_decided_once(review: Case, operator: Actor, at: datetime, log: Log) -> None:
    decide_case(case=review, approve=False, reason="no", by=operator, at=at)
    before = log()

    with pytest.raises(WrongState):
        decide_case(case=review, approve=True, reason="yes", by=operator, at=at)

    assert log() == before


def test_an_approval_under_old_rules_is_refused(
    review: Case, operator: Actor, at: datetime, log: Log
) -> None:
    Screening.objects.filter(pk=review.screening_id).update(pack="compliance@2025-01-01")
    case = Case.objects.get(pk=review.pk)
    before = log()

    with pytest.raises(Conflict):
        decide_case(case=case, approve=True, reason="yes", by=operator, at=at)

    assert log() == before


def test_an_approval_of_other_content_is_refused(
    review: Case, operator: Actor, at: datetime
) -> None:
    Release.objects.filter(pk=review.screening.release_id).update(sha256="1" * 64)

    with pytest.raises(Conflict):
        decide_case(case=review, approve=True, reason="yes", by=operator, at=at)


@pytest.mark.parametrize("who", [*SEE, *SEE_NOTHING])
def test_who_sees_screenings_and_cases(
    who: str, review: Case, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    screening, sees = review.screening, who in SEE

    assert screenings_visible_to(actor).exists() is sees
    assert cases_visible_to(actor).exists() is sees
    if sees:
        assert get_screening_for(actor, screening.reference) == screening
        assert get_case_for(actor, review.reference) == review
    else:
        with pytest.raises(NotFound):
            get_screening_for(actor, screening.reference)
        with pytest.raises(NotFound):
            get_case_for(actor, review.reference)


def test_the_latest_screening_speaks(review: Case) -> None:
    assert latest_screening(release_of(review)) == review.screening


def test_the_filter_acts_in_its_own_name(review: Case) -> None:
    assert services.verdicts.FILTER.id == "system:compliance"
