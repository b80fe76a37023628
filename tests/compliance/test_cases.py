"""Deciding what the rules leave to persons: two of them, on a complete file, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
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
    send_back_case,
    submit_case,
    withdraw_decision,
    write_part,
)
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user, user_of

from .filing import CONDITIONS, PROSE, VALUES, decided, document, filed, fill, proposed

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
SEE = ("provider_viewer", "provider", "regulator", "operator")
SEE_NOTHING = ("stranger", "buyer", "anonymous")
OUTSIDERS = ("stranger", "buyer", "provider", "provider_viewer", "anonymous")


def release_of(case: Case) -> Release:
    """Return the release as it stands now."""
    return Release.objects.get(pk=case.screening.release_id)


def names(log: Log, before: int) -> list[str]:
    """Return the entries since."""
    return [name for name, _ in log()][before:]


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


# The file


def test_every_version_of_a_head_is_kept(
    important: Case, provider: Actor, at: datetime, log: Log
) -> None:
    before = len(log())
    first = document(provider, at)

    case = write_part(
        case=important,
        head="RISK",
        values={"assessment": PROSE},
        documents=[first],
        by=provider,
        at=at,
    )
    digest = case.file_sha256
    case = write_part(case=case, head="RISK", values={"assessment": "Less."}, by=provider, at=at)
    again = write_part(case=case, head="RISK", values={"assessment": "Less."}, by=provider, at=at)

    parts = list(case.parts.order_by("number"))
    assert [(p.number, p.values["assessment"]) for p in parts] == [(1, PROSE), (2, "Less.")]
    assert [each["object"] for each in parts[0].documents] == [first]
    assert digest != case.file_sha256 == again.file_sha256
    assert names(log, before) == [
        "vault.object.stored",
        "compliance.case.written",
        "compliance.case.written",
    ]
    parts[0].values = {}
    with pytest.raises(IntegrityError), transaction.atomic():
        parts[0].save(update_fields=["values"])


@pytest.mark.parametrize("who", ["stranger", "buyer", "provider_viewer", "anonymous", "operator"])
def test_who_does_not_write_the_file(
    who: str, important: Case, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = log()

    with pytest.raises(NotAllowed):
        write_part(case=important, head="RISK", values={"assessment": "x"}, by=actor, at=at)
    with pytest.raises(NotAllowed):
        submit_case(case=important, by=actor, at=at)

    assert log() == before


def test_the_regulator_enters_an_opinion_and_nothing_else(
    important: Case, regulator: Actor, at: datetime
) -> None:
    opinion = {name: VALUES[name] for name in ("authority", "number", "given_on", "opinion")}
    paper = document(regulator, at)

    case = write_part(
        case=important, head="OPINION", values=opinion, documents=[paper], by=regulator, at=at
    )

    assert case.parts.get(head="OPINION").written_for == regulator.organization
    with pytest.raises(NotAllowed):
        write_part(case=case, head="RISK", values={"assessment": PROSE}, by=regulator, at=at)


def test_documents_of_others_and_unknown_heads_are_refused(
    important: Case, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    alien = document(buyer, at)
    before = log()

    for documents in ([alien], ["OB-2026-NOTHING0"], [alien] * 2):
        with pytest.raises(Invalid):
            write_part(
                case=important,
                head="RISK",
                values={"assessment": PROSE},
                documents=documents,
                by=provider,
                at=at,
            )
    with pytest.raises(Invalid):
        write_part(case=important, head="CONSENT", values={}, by=provider, at=at)
    with pytest.raises(Invalid):
        write_part(case=important, head="RISK", values={"mood": "good"}, by=provider, at=at)

    assert log() == before


def test_a_decided_case_has_a_closed_file(
    review: Case, provider: Actor, operator: Actor, regulator: Actor, at: datetime
) -> None:
    case = decided(review, operator, regulator, at)

    with pytest.raises(NotAllowed, match="closed"):
        write_part(case=case, head="EXPLANATION", values={"note": "x"}, by=provider, at=at)


def test_documents_are_read_by_who_may_and_on_record(
    important: Case, provider: Actor, operator: Actor, stranger: Actor, at: datetime, log: Log
) -> None:
    paper = document(provider, at, data=b"the assessment")
    write_part(
        case=important,
        head="RISK",
        values={"assessment": PROSE},
        documents=[paper],
        by=provider,
        at=at,
    )
    before = len(log())

    stored, reader = services.read_document(
        case=important, reference=paper, purpose="case 7", by=operator, at=at
    )

    with reader:
        assert (stored.reference, reader.read()) == (paper, b"the assessment")
    assert names(log, before) == ["compliance.document.read"]
    with pytest.raises(NotAllowed):
        services.read_document(case=important, reference=paper, by=stranger, at=at)
    other = release_of(important).original.reference
    with pytest.raises(NotFound):
        services.read_document(case=important, reference=other, by=operator, at=at)


# Time limits


def test_sending_back_begins_the_time_anew(
    important: Case, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    case = filed(important, provider, at)
    before = len(log())

    case = send_back_case(case=case, reason="Head 3 is thin.", by=operator, at=at)

    assert (case.status, case.reason) == ("OPEN", "Head 3 is thin.")
    assert case.due_on is not None
    assert case.due_on.isoformat() == "2026-12-21"
    assert names(log, before) == ["compliance.case.sent_back"]


def test_a_time_limit_is_extended_with_a_reason(
    important: Case, operator: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    for due in ("2026-12-24", "2026-12-29"):
        case = extend_case(case=important, workdays=3, reason="Holidays.", by=operator, at=at)
        assert case.due_on is not None
        assert case.due_on.isoformat() == due

    assert names(log, before) == ["compliance.case.extended"] * 2
    with pytest.raises(Conflict):
        extend_case(case=important, workdays=3, reason="More.", by=operator, at=at)
    with pytest.raises(Invalid):
        extend_case(case=important, workdays=11, reason="More.", by=operator, at=at)
    assert names(log, before) == ["compliance.case.extended"] * 2


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
