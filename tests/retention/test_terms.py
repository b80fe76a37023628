"""Terms of the retention classes: what is kept until when, and on what basis."""

from datetime import UTC, date, datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.log.events import Personal
from audit.log.services import record
from audit.retention import queries
from audit.retention.terms import class_of_object, classes_on, months_after
from exchange.parties.events import (
    MemberAdded,
    MemberRemoved,
    OrganizationTerminated,
    UserDeactivated,
    UserRegistered,
)
from exchange.trading.events import ContractSigned, OrderSettled

SYSTEM = Actor.system("test")
DAY = date(2026, 11, 23)
LATER = datetime(2027, 1, 31, 6, 0, tzinfo=UTC)


def added(at: datetime, *, organization: str = "ORG-A", member: str = "m-1"):  # noqa: ANN201
    said = MemberAdded(
        organization=organization,
        member=member,
        role="TRADER",
        person=Personal(member, {"name": "N"}),
    )
    return record(said, by=SYSTEM, at=at)


def test_every_class_says_why_in_both_languages() -> None:
    classes = classes_on(DAY)

    assert len({each.id for each in classes}) == len(classes)
    for each in classes:
        assert each.en, each.id
        assert any("\u4e00" <= letter <= "\u9fff" for letter in each.zh + each.note_zh), each.id
        assert each.basis, each.id
        assert each.minimum >= each.statutory, each.id
        assert each.maximum is None or each.maximum >= each.minimum, each.id


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-23", 36, "2029-11-23"),
        ("2026-11-23", 240, "2046-11-23"),
    ],
)
def test_months_are_counted_by_the_calendar(start: str, months: int, end: str) -> None:
    assert months_after(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)


@pytest.mark.django_db
def test_what_has_not_ended_is_kept_without_limit(at: datetime) -> None:
    term = queries.term_of(added(at), at=at)

    assert [each.id for each in term.classes] == ["IDENTITY"]
    assert (term.ended_at, term.keep_until, term.due_at) == (None, None, None)
    assert term.is_demanded(datetime(2300, 1, 1, tzinfo=UTC))


@pytest.mark.django_db
def test_a_membership_is_kept_three_years_after_it_ended(at: datetime) -> None:
    entry = added(at)
    other = added(at, organization="ORG-B")
    colleague = added(at, member="m-2")
    gone = MemberRemoved(organization="ORG-A", member="m-1", role="TRADER")
    record(gone, by=SYSTEM, at=LATER)

    term = queries.term_of(entry, at=at)

    assert term.ended_at == LATER
    assert term.statutory_until == datetime(2030, 1, 31, 6, 0, tzinfo=UTC)
    assert term.due_at == datetime(2032, 1, 31, 6, 0, tzinfo=UTC)
    assert term.is_demanded(datetime(2030, 1, 31, 5, 59, tzinfo=UTC))
    assert not term.is_demanded(datetime(2030, 1, 31, 6, 0, tzinfo=UTC))
    assert queries.term_of(other, at=at).ended_at is None
    assert queries.term_of(colleague, at=at).ended_at is None
    record(OrganizationTerminated(organization="ORG-A", reason="left"), by=SYSTEM, at=LATER)
    assert queries.term_of(colleague, at=at).ended_at == LATER


@pytest.mark.django_db
def test_who_came_back_has_not_left(at: datetime) -> None:
    record(MemberRemoved(organization="ORG-A", member="m-1", role="TRADER"), by=SYSTEM, at=at)

    assert queries.term_of(added(at), at=at).ended_at is None


@pytest.mark.django_db
def test_a_trade_is_kept_from_its_completion(at: datetime) -> None:
    signed = ContractSigned(
        contract="C-1",
        order="O-1",
        organization="ORG-A",
        side="BUYER",
        contract_sha256="",
        signature_sha256="",
    )
    entry = record(signed, by=SYSTEM, at=at)
    assert queries.term_of(entry, at=at).ended_at is None
    fields = dict.fromkeys(OrderSettled.__dataclass_fields__, "") | {"order": "O-1"}
    record(OrderSettled(**fields), by=SYSTEM, at=LATER)

    term = queries.term_of(entry, at=at)

    assert term.statutory_until == datetime(2030, 1, 31, 6, 0, tzinfo=UTC)
    assert term.keep_until == datetime(2047, 1, 31, 6, 0, tzinfo=UTC)
    assert term.due_at is None
    assert "《电子商务法》第三十一条" in term.basis


@pytest.mark.django_db
def test_no_law_demands_an_account(at: datetime) -> None:
    entry = record(UserRegistered(member="m-1"), by=SYSTEM, at=at)
    assert not queries.term_of(entry, at=at).is_demanded(at)

    record(UserDeactivated(member="m-1"), by=SYSTEM, at=LATER)

    assert queries.term_of(entry, at=at).due_at == datetime(2027, 2, 28, 6, 0, tzinfo=UTC)


def test_content_is_classed_by_whether_it_was_traded() -> None:
    classes = classes_on(DAY)

    def named(purpose: str, *, traded: bool | None = None) -> str:
        found = class_of_object(classes, purpose, traded=traded)
        return found.id if found else ""

    assert named("TABLE", traded=True) == "CONTENT"
    assert named("TABLE", traded=False) == "UNTRADED"
    assert named("LICENSE") == "IDENTITY"
    assert named("NOTHING") == ""


@pytest.mark.django_db
def test_terms_are_shown_to_those_who_supervise(
    at: datetime, regulator: Actor, provider: Actor
) -> None:
    entry = added(at)

    assert queries.terms_for(regulator, "member", "m-1", at=at)[0][0] == entry
    with pytest.raises(NotFound):
        queries.terms_for(provider, "member", "m-1", at=at)
