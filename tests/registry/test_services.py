"""Drafting, revising, stating and withdrawing rights."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound, WrongState
from exchange.parties.models import Organization
from exchange.registry.models import RightsStatement
from exchange.registry.queries import get_rights_for, rights_visible_to
from exchange.registry.services import (
    draft_rights,
    revise_rights,
    state_rights,
    withdraw_rights,
)
from exchange.registry.states import ProofKind, Right, RightsState
from tests.registry.making import PRODUCED, Log, drafted_rights, proof, stated_rights

pytestmark = pytest.mark.django_db


def test_a_draft_keeps_terms_and_proofs(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    evidence = proof(ProofKind.COLLECTION_RECORD, provider_org, at)

    made = draft_rights(
        organization=provider_org, terms=PRODUCED, proofs=[evidence], by=provider, at=at
    )

    row = RightsStatement.objects.get(reference=made.reference)
    assert row.status == RightsState.DRAFT
    assert row.held == [Right.HOLD, Right.USE, Right.OPERATE]
    assert row.proofs == [
        {
            "kind": "COLLECTION_RECORD",
            "object": evidence.file.reference,
            "sha256": evidence.file.sha256,
        }
    ]
    assert log() == [("registry.rights.drafted", made.reference)]


def test_a_draft_can_be_revised_until_it_is_stated(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    statement = drafted_rights(provider_org, provider, at)

    revised = revise_rights(
        statement=statement, changes={"may_resell": True, "limits": "未经同意不得转售"},
        by=provider, at=at,
    )  # fmt: skip
    state_rights(statement=revised, by=provider, at=at)

    assert revised.may_resell
    assert revised.limits == "未经同意不得转售"
    assert log() == [
        ("registry.rights.drafted", statement.reference),
        ("registry.rights.revised", statement.reference),
        ("registry.rights.stated", statement.reference),
    ]
    before = log()
    with pytest.raises(NotAllowed, match="cannot be changed"):
        revise_rights(statement=revised, changes={"may_resell": False}, by=provider, at=at)
    assert log() == before


def test_a_revision_of_a_stale_copy_is_refused(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    statement = drafted_rights(provider_org, provider, at)
    stale = RightsStatement.objects.get(pk=statement.pk)
    state_rights(statement=statement, by=provider, at=at)
    before = log()

    with pytest.raises(WrongState):
        revise_rights(statement=stale, changes={"may_resell": True}, by=provider, at=at)

    assert log() == before
    assert not RightsStatement.objects.get(pk=statement.pk).may_resell


def test_stated_rights_are_in_force_within_their_term(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    statement = stated_rights(provider_org, provider, at, valid_until="2027-01-01")

    assert statement.status == RightsState.STATED
    assert statement.stated_at == at
    assert statement.gives(Right.OPERATE, on=at.date())
    assert not statement.is_in_force(on=at.date().replace(year=2027, month=1, day=1))
    assert not statement.is_in_force(on=at.date().replace(year=2025))


def test_withdrawal_ends_the_statement_for_good(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    statement = stated_rights(provider_org, provider, at)

    withdraw_rights(statement=statement, reason="Sold to another.", by=provider, at=at)

    assert statement.status == RightsState.WITHDRAWN
    assert not statement.is_in_force(on=at.date())
    assert log()[-1] == ("registry.rights.withdrawn", statement.reference)
    before = log()
    with pytest.raises(WrongState):
        withdraw_rights(statement=statement, reason="Again.", by=provider, at=at)
    with pytest.raises(WrongState):
        state_rights(statement=statement, by=provider, at=at)
    assert log() == before


def test_a_regulator_can_void_a_statement(
    provider_org: Organization, provider: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    statement = stated_rights(provider_org, provider, at)

    withdraw_rights(statement=statement, reason="来源不合法", by=regulator, at=at)

    assert statement.withdrawal_reason == "来源不合法"
    assert log()[-1] == ("registry.rights.withdrawn", statement.reference)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_withdrawal_needs_a_reason(
    provider_org: Organization, provider: Actor, at: datetime, log: Log, reason: str
) -> None:
    statement = stated_rights(provider_org, provider, at)
    before = log()

    with pytest.raises(Invalid) as refused:
        withdraw_rights(statement=statement, reason=reason, by=provider, at=at)

    assert list(refused.value.fields) == ["reason"]
    assert log() == before


@pytest.mark.parametrize(
    "who", ["provider_viewer", "buyer", "stranger", "operator", "regulator", "anonymous"]
)
def test_only_the_provider_states_its_rights(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    statement = drafted_rights(provider_org, provider, at)
    before = log()

    with pytest.raises(NotAllowed):
        draft_rights(organization=provider_org, terms=PRODUCED, by=actor, at=at)
    with pytest.raises(NotAllowed):
        revise_rights(statement=statement, changes={"may_resell": True}, by=actor, at=at)
    with pytest.raises(NotAllowed):
        state_rights(statement=statement, by=actor, at=at)
    if who not in {"operator", "regulator"}:
        with pytest.raises(NotAllowed):
            withdraw_rights(statement=statement, reason="Mine now.", by=actor, at=at)

    assert log() == before
    assert RightsStatement.objects.get().status == RightsState.DRAFT


def test_files_of_another_organization_prove_nothing(
    provider_org: Organization, buyer_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    strange = proof(ProofKind.CONTRACT, buyer_org, at)

    with pytest.raises(Invalid, match=strange.file.reference) as refused:
        drafted_rights(provider_org, provider, at, proofs=[strange])

    assert list(refused.value.fields) == ["proofs"]
    assert not RightsStatement.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "STATED"),
        ("organization", 1),
        ("reference", "R-1"),
        ("rights", ["OWN"]),
        ("rights", "HOLD"),
        ("rights", []),
        ("rights", None),
        ("origin", "MARS"),
        ("origin", ["ENTERPRISE"]),
        ("situation", 3),
        ("source_kind", ""),
        ("source_note", "x" * 2001),
        ("source_note", {"a": 1}),
        ("title", "a\x00b"),
        ("title", "\ud800"),
        ("valid_from", "tomorrow"),
        ("valid_from", 20260101),
        ("valid_until", "2026-13-01"),
        ("valid_until", "2026-01-01"),
        ("may_resell", "yes"),
        ("certificate_code", "SJ123"),
    ],
)
def test_hostile_terms_are_named_by_field(
    provider_org: Organization, provider: Actor, at: datetime, log: Log, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as refused:
        draft_rights(organization=provider_org, terms=PRODUCED | {field: value}, by=provider, at=at)

    assert list(refused.value.fields) == [field]
    assert not RightsStatement.objects.exists()
    assert log() == []


def test_a_revision_cannot_turn_the_term_around(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    statement = drafted_rights(provider_org, provider, at, valid_until="2027-01-01")
    before = log()

    with pytest.raises(Invalid) as refused:
        revise_rights(statement=statement, changes={"valid_from": "2027-01-01"}, by=provider, at=at)

    assert list(refused.value.fields) == ["valid_until"]
    assert log() == before


def test_missing_terms_are_named_together(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        draft_rights(organization=provider_org, terms={}, by=provider, at=at)

    assert set(refused.value.fields) == {
        "situation", "rights", "origin", "source_kind", "valid_from",
    }  # fmt: skip


def test_one_sees_ones_own_statements_only(
    provider_org: Organization,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    operator: Actor,
    regulator: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    statement = stated_rights(provider_org, provider, at)

    for actor in (provider, provider_viewer, operator, regulator):
        assert get_rights_for(actor, statement.reference) == statement
        assert list(rights_visible_to(actor)) == [statement]
    for actor in (buyer, anonymous):
        assert not rights_visible_to(actor).exists()
        with pytest.raises(NotFound):
            get_rights_for(actor, statement.reference)
