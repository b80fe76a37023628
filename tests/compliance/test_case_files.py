"""The file of a case: who writes and reads it, every version of it, and its time limits."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from exchange.compliance import services
from exchange.compliance.models import Case
from exchange.compliance.services import (
    extend_case,
    send_back_case,
    submit_case,
    write_part,
)

from .filing import (
    PROSE,
    VALUES,
    Log,
    decided,
    document,
    filed,
    names,
    release_of,
)

SYSTEM = Actor.system("compliance")
SEE = ("provider_viewer", "provider", "regulator", "operator")
SEE_NOTHING = ("stranger", "buyer", "anonymous")
OUTSIDERS = ("stranger", "buyer", "provider", "provider_viewer", "anonymous")


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
