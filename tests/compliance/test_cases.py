"""Deciding what the rules leave to persons: two of them, on a complete file, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.catalog.models import Release
from exchange.compliance import services
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Case, Proposal, Screening
from exchange.compliance.queries import (
    cases_visible_to,
    get_case_for,
    get_screening_for,
    latest_screening,
    screenings_visible_to,
)
from exchange.compliance.services import (
    confirm_decision,
    decline_decision,
    extend_case,
    propose_decision,
    withdraw_decision,
    write_part,
)
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user, user_of

from .filing import (
    CONDITIONS,
    VALUES,
    Log,
    decided,
    filed,
    names,
    proposed,
    release_of,
)

SYSTEM = Actor.system("compliance")
SEE = ("provider_viewer", "provider", "regulator", "operator")
SEE_NOTHING = ("stranger", "buyer", "anonymous")
OUTSIDERS = ("stranger", "buyer", "provider", "provider_viewer", "anonymous")


# Two persons


def test_one_proposes_and_another_confirms(
    review: Case, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    made = proposed(review, operator, at, reason="Keys were  drawn at random.")
    assert Case.objects.get(pk=review.pk).status == "PROPOSED"
    assert release_of(review).status == "IN_REVIEW"
    case = confirm_decision(
        case=review, proposal=made.reference, reason="So it is.", by=regulator, at=at
    )

    assert (case.status, case.reason) == ("APPROVED", "Keys were drawn at random.")
    assert (case.decided_by, case.decided_for) == (regulator.id, regulator.organization)
    assert case.valid_until is not None
    assert case.valid_until.isoformat() == "2029-11-23"
    made.refresh_from_db()
    assert (made.status, made.answer) == ("CONFIRMED", "So it is.")
    assert names(log, before) == [
        "compliance.case.proposed",
        "compliance.proposal.made",
        "compliance.proposal.confirmed",
        "decision.overridden",
        "compliance.case.approved",
        "catalog.release.cleared",
    ]
    assert why_not_trade(release_of(review), at) is None
    assert release_of(review).sample["masked"] == ["会员编号"]


def test_a_rejection_takes_two_as_well_and_blocks(
    review: Case, operator: Actor, second_operator: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    case = decided(review, operator, second_operator, at, approve=False, reason="Phone numbers.")

    assert case.status == "REJECTED"
    assert release_of(case).status == "BLOCKED"
    assert release_of(case).status_reason == "Phone numbers."
    assert names(log, before)[-2:] == ["compliance.case.rejected", "catalog.release.blocked"]


def test_the_same_person_confirms_by_no_account(
    review: Case, operator: Actor, regulator_org: Organization, at: datetime, log: Log
) -> None:
    """By session, by token, and as a member of another organization: it stays one person."""
    made = proposed(review, operator, at)
    person = user_of(operator)
    assert person is not None
    person.memberships.create(organization=regulator_org, role="ADMIN", since=at)
    token = replace(operator, kind=ActorKind.TOKEN, id="token:0123456789", on_behalf_of=operator.id)
    elsewhere = actor_for_user(person, regulator_org.reference)
    assert elsewhere.has_role("REGULATOR")
    before = log()

    for actor in (operator, token, elsewhere):
        with pytest.raises(NotAllowed, match="Another person"):
            confirm_decision(case=review, proposal=made.reference, reason="yes", by=actor, at=at)

    assert log() == before
    assert Case.objects.get(pk=review.pk).status == "PROPOSED"


def test_the_database_refuses_one_person_twice(review: Case, operator: Actor, at: datetime) -> None:
    made = proposed(review, operator, at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(
            status="CONFIRMED", confirmed_as=made.proposed_as, answer="yes"
        )


def test_a_member_of_the_provider_decides_nothing_for_another(
    review: Case, operator_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    person = user_of(provider)
    assert person is not None
    person.memberships.create(organization=operator_org, role="ADMIN", since=at)
    actor = actor_for_user(person, operator_org.reference)
    before = log()

    with pytest.raises(NotAllowed, match="own organization"):
        propose_decision(case=review, approve=True, reason="fine", by=actor, at=at)

    assert log() == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_others_decide_nothing(
    who: str,
    review: Case,
    operator: Actor,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = log()

    for approve in (True, False):
        with pytest.raises(NotAllowed):
            propose_decision(case=review, approve=approve, reason="because", by=actor, at=at)
    with pytest.raises(NotAllowed):
        extend_case(case=review, workdays=1, reason="because", by=actor, at=at)
    assert log() == before
    made = proposed(review, operator, at)
    before = log()
    for verb in (confirm_decision, decline_decision, withdraw_decision):
        with pytest.raises(NotAllowed):
            verb(case=review, proposal=made.reference, reason="because", by=actor, at=at)
    assert log() == before
    assert release_of(review).status == "IN_REVIEW"


def test_the_system_decides_nothing(review: Case, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        propose_decision(case=review, approve=True, reason="because", by=SYSTEM, at=at)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 2001])
def test_a_decision_needs_a_reason(
    reason: str, review: Case, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    before = log()
    with pytest.raises(Invalid) as caught:
        propose_decision(case=review, approve=True, reason=reason, by=operator, at=at)
    assert list(caught.value.fields) == ["reason"]
    assert log() == before

    made = proposed(review, operator, at)
    before = log()
    with pytest.raises(Invalid):
        confirm_decision(case=review, proposal=made.reference, reason=reason, by=regulator, at=at)
    assert log() == before


def test_a_proposal_is_answered_once(
    review: Case, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    case = decided(review, operator, regulator, at)
    made = Proposal.objects.get(case=case)
    before = log()

    for verb in (confirm_decision, decline_decision):
        with pytest.raises(Conflict):
            verb(case=case, proposal=made.reference, reason="again", by=regulator, at=at)
    with pytest.raises(WrongState):
        propose_decision(case=case, approve=False, reason="no", by=operator, at=at)

    assert log() == before


@pytest.mark.parametrize(
    ("verb", "who", "event"),
    [
        (decline_decision, "regulator", "compliance.proposal.declined"),
        (withdraw_decision, "operator", "compliance.proposal.withdrawn"),
    ],
)
def test_a_proposal_that_does_not_come_about(
    verb: Callable[..., Case],
    who: str,
    event: str,
    review: Case,
    operator: Actor,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    made = proposed(review, operator, at)
    before = len(log())

    case = verb(
        case=review,
        proposal=made.reference,
        reason="Not so.",
        by=request.getfixturevalue(who),
        at=at,
    )

    assert case.status == "SUBMITTED"
    assert names(log, before) == [event, "compliance.case.dropped"]
    assert release_of(case).status == "IN_REVIEW"
    proposed(case, operator, at)


def test_who_proposed_takes_back_and_nobody_else(
    review: Case, operator: Actor, regulator: Actor, at: datetime
) -> None:
    made = proposed(review, operator, at)
    said: dict[str, Any] = {"case": review, "proposal": made.reference, "reason": "x", "at": at}

    with pytest.raises(NotAllowed):
        withdraw_decision(by=regulator, **said)
    with pytest.raises(NotAllowed):
        decline_decision(by=operator, **said)


# What a decision is bound to


def test_a_change_of_the_file_voids_the_proposal(
    review: Case, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    made = proposed(review, operator, at)
    before = len(log())

    write_part(case=review, head="EXPLANATION", values={"note": "Other keys."}, by=provider, at=at)
    assert names(log, before) == [
        "compliance.case.written",
        "compliance.proposal.voided",
        "compliance.case.dropped",
    ]
    before = len(log())
    with pytest.raises(Conflict):
        confirm_decision(case=review, proposal=made.reference, reason="yes", by=regulator, at=at)
    assert names(log, before) == []
    assert release_of(review).status == "IN_REVIEW"


def test_a_document_that_was_exchanged_behind_our_back_is_a_conflict(
    important: Case, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    case = filed(important, provider, at)
    made = proposed(case, operator, at, conditions=CONDITIONS)
    case.parts.create(
        head="OPINION",
        number=9,
        values={**VALUES},
        documents=[],
        sha256="0" * 64,
        written_by="x",
        written_for="x",
        written_at=at,
    )
    before = log()

    with pytest.raises(Conflict, match="file of the case changed"):
        confirm_decision(case=case, proposal=made.reference, reason="yes", by=regulator, at=at)

    assert log() == before


@pytest.mark.parametrize("step", ["propose", "confirm"])
@pytest.mark.parametrize("what", ["pack", "content", "screening"])
def test_a_decision_on_something_else_is_refused(
    step: str,
    what: str,
    review: Case,
    operator: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    made = proposed(review, operator, at) if step == "confirm" else None
    match what:
        case "pack":
            Screening.objects.filter(pk=review.screening_id).update(pack="compliance@2025-01-01")
        case "content":
            Release.objects.filter(pk=review.screening.release_id).update(sha256="1" * 64)
        case _:
            Release.objects.filter(pk=review.screening.release_id).update(screening="S-2026-X")
    case = Case.objects.get(pk=review.pk)
    before = log()

    said: dict[str, Any] = {"case": case, "reason": "yes", "at": at}

    with pytest.raises(Conflict):
        _ = (
            confirm_decision(proposal=made.reference, by=regulator, **said)
            if made
            else propose_decision(approve=True, by=operator, **said)
        )

    assert log() == before


def test_another_proposal_is_not_confirmed_by_the_name_of_the_first(
    review: Case, operator: Actor, regulator: Actor, at: datetime
) -> None:
    first = proposed(review, operator, at)
    withdraw_decision(case=review, proposal=first.reference, reason="x", by=operator, at=at)
    proposed(review, operator, at, approve=False)

    with pytest.raises(Conflict):
        confirm_decision(case=review, proposal=first.reference, reason="yes", by=regulator, at=at)


# Who sees


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
