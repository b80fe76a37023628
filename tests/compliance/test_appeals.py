"""Appeals: with grounds, in time, answered by another than who decided; never past core data."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.catalog.models import Release
from exchange.compliance.appealing import appeals_visible_to
from exchange.compliance.models import Appeal, Case, Screening
from exchange.compliance.services import (
    answer_appeal,
    lodge_appeal,
    screen_release,
    watch_limits,
    withdraw_appeal,
)
from exchange.parties.models import Organization

from .filing import decided, document
from .making import CORE, PERSONAL, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")


@pytest.fixture
def rejected(review: Case, operator: Actor, second_operator: Actor, at: datetime) -> Case:
    """A case that two persons of the operator rejected."""
    return decided(review, operator, second_operator, at, approve=False, reason="Phones.")


def blocked(
    columns: object, provider_org: Organization, provider: Actor, at: datetime
) -> Screening:
    """Return the screening of a release that the filter itself blocked."""
    release = submitted(product_of(provider_org, provider, at), provider, at, columns)  # type: ignore[arg-type]
    return screen_release(release=release, by=SYSTEM, at=at)


def lodged(screening: Screening, provider: Actor, at: datetime, wish: str = "RESCREEN") -> Appeal:
    """Return an appeal."""
    return lodge_appeal(
        screening=screening, wish=wish, grounds="The keys are ours.", by=provider, at=at
    )


def release_of(screening: Screening) -> Release:
    """Return the release as it stands now."""
    return Release.objects.select_related("original").get(pk=screening.release_id)


def names(log: Log, before: int) -> list[str]:
    """Return the entries since."""
    return [name for name, _ in log()][before:]


def test_a_rejected_case_is_decided_anew_by_others_word(
    rejected: Case, provider: Actor, regulator: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    paper = document(provider, at)
    before = len(log())
    appeal = lodge_appeal(
        screening=rejected.screening,
        wish="DECISION",
        grounds="The keys are ours.",
        documents=[paper],
        by=provider,
        at=at,
    )
    assert (appeal.status, appeal.due_on.isoformat()) == ("LODGED", "2026-12-14")
    assert names(log, before) == ["compliance.appeal.lodged"]
    before = len(log())

    answer_appeal(appeal=appeal, answer="REOPEN", reason="Head 2 was new.", by=regulator, at=at)

    assert names(log, before) == [
        "compliance.appeal.reopened",
        "decision.overridden",
        "compliance.case.reopened",
        "catalog.release.reconsidered",
    ]
    case = Case.objects.get(pk=rejected.pk)
    assert (case.status, release_of(case.screening).status) == ("SUBMITTED", "IN_REVIEW")
    assert decided(case, operator, regulator, at).status == "APPROVED"


def test_the_block_may_stand(
    rejected: Case, provider: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    appeal = lodged(rejected.screening, provider, at, "DECISION")
    before = len(log())

    answer_appeal(appeal=appeal, answer="UPHOLD", reason="Nothing new.", by=regulator, at=at)

    assert (appeal.status, appeal.answer) == ("UPHELD", "Nothing new.")
    assert names(log, before) == ["compliance.appeal.upheld", "decision.overridden"]
    assert release_of(rejected.screening).status == "BLOCKED"
    with pytest.raises(Conflict):
        lodged(rejected.screening, provider, at)


@pytest.mark.parametrize("who", ["operator", "second_operator"])
def test_who_decided_does_not_answer(
    who: str,
    rejected: Case,
    provider: Actor,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    appeal = lodged(rejected.screening, provider, at, "DECISION")
    before = log()

    with pytest.raises(NotAllowed, match="Who decided"):
        answer_appeal(
            appeal=appeal, answer="UPHOLD", reason="x", by=request.getfixturevalue(who), at=at
        )

    assert log() == before


@pytest.mark.parametrize("who", ["stranger", "buyer", "provider", "provider_viewer", "anonymous"])
def test_others_answer_nothing(
    who: str,
    rejected: Case,
    provider: Actor,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    actor: Actor = request.getfixturevalue(who)
    appeal = lodged(rejected.screening, provider, at, "DECISION")
    before = log()

    for by in (actor, SYSTEM):
        with pytest.raises(NotAllowed):
            answer_appeal(appeal=appeal, answer="REOPEN", reason="x", by=by, at=at)

    assert log() == before
    assert appeals_visible_to(actor).exists() is who.startswith("provider")


@pytest.mark.parametrize("who", ["stranger", "buyer", "provider_viewer", "anonymous", "operator"])
def test_only_the_provider_appeals_and_takes_back(
    who: str,
    rejected: Case,
    provider: Actor,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    actor: Actor = request.getfixturevalue(who)
    before = log()
    with pytest.raises(NotAllowed):
        lodged(rejected.screening, actor, at)
    assert log() == before

    appeal = lodged(rejected.screening, provider, at)
    before = log()
    with pytest.raises(NotAllowed):
        withdraw_appeal(appeal=appeal, by=actor, at=at)
    assert log() == before
    withdraw_appeal(appeal=appeal, by=provider, at=at)
    assert names(log, len(before)) == ["compliance.appeal.withdrawn"]


def test_an_appeal_has_its_time(rejected: Case, provider: Actor, at: datetime, log: Log) -> None:
    before = log()

    with pytest.raises(Conflict, match="2026-12-07"):
        lodged(rejected.screening, provider, at + timedelta(days=15))
    assert log() == before

    assert lodged(rejected.screening, provider, at + timedelta(days=14)).status == "LODGED"


@pytest.mark.parametrize("grounds", ["", "  ", "x" * 2001])
def test_an_appeal_says_why(
    grounds: str, rejected: Case, provider: Actor, at: datetime, log: Log
) -> None:
    before = log()

    with pytest.raises(Invalid):
        lodge_appeal(
            screening=rejected.screening, wish="DECISION", grounds=grounds, by=provider, at=at
        )

    assert log() == before


def test_what_the_filter_blocked_is_read_again_and_nothing_else(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    screening = blocked(PERSONAL, provider_org, provider, at)
    before = log()
    with pytest.raises(NotAllowed, match="filter's own"):
        lodged(screening, provider, at, "DECISION")
    assert log() == before
    appeal = lodged(screening, provider, at)
    before = log()
    with pytest.raises(NotAllowed, match="no decision to reopen"):
        answer_appeal(appeal=appeal, answer="REOPEN", reason="x", by=operator, at=at)
    with pytest.raises(Invalid):
        answer_appeal(appeal=appeal, answer="CLEAR", reason="x", by=operator, at=at)
    assert log() == before

    answer_appeal(appeal=appeal, answer="RESCREEN", reason="Newer rules.", by=operator, at=at)
    assert names(log, len(before)) == [
        "compliance.appeal.rescreened",
        "decision.overridden",
        "catalog.release.requeued",
        "compliance.screening.queued",
    ]
    publish(at=at)
    dispatch(at=at)
    again = Screening.objects.filter(release=screening.release).latest("created_at", "pk")
    assert again.pk != screening.pk


def test_against_core_data_only_another_reading(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    screening = blocked(CORE, provider_org, provider, at)
    before = log()
    with pytest.raises(NotAllowed, match="another screening only"):
        lodged(screening, provider, at, "DECISION")
    assert log() == before

    appeal = lodged(screening, provider, at)
    before = log()
    with pytest.raises(NotAllowed, match="for a regulator"):
        answer_appeal(appeal=appeal, answer="RESCREEN", reason="x", by=operator, at=at)
    with pytest.raises(NotAllowed, match="Core data"):
        answer_appeal(appeal=appeal, answer="REOPEN", reason="x", by=regulator, at=at)
    assert log() == before

    answer_appeal(appeal=appeal, answer="RESCREEN", reason="Read again.", by=regulator, at=at)
    screen_release(release=release_of(screening), by=SYSTEM, at=at)
    found = release_of(screening)
    assert (found.status, found.grade, found.original.status) == ("BLOCKED", "CORE", "IMPOUNDED")


def test_a_missed_answer_is_marked_once_and_told(
    rejected: Case, provider: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    appeal = lodged(rejected.screening, provider, at, "DECISION")
    before = len(log())

    assert watch_limits(at=at + timedelta(days=21)) == 0
    assert watch_limits(at=at + timedelta(days=22)) == 1
    assert watch_limits(at=at + timedelta(days=23)) == 0

    assert names(log, before) == ["compliance.appeal.missed"]
    mail.outbox.clear()
    publish(at=at)
    dispatch(at=at)
    subjects = {message.subject for message in mail.outbox}
    assert any("not answered" in subject for subject in subjects)
    assert Appeal.objects.get(pk=appeal.pk).missed_on is not None
