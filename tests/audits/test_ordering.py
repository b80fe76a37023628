"""Who may be asked to audit what: accredited, independent, not too often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from exchange.appraisers.models import Accreditation
from exchange.appraisers.services import suspend_accreditation
from exchange.audits.models import AlgorithmAudit
from exchange.audits.queries import audits_visible_to
from exchange.audits.services import (
    accept_audit,
    cancel_audit,
    give_back_audit,
    order_audit,
    plan_audit,
)
from exchange.parties.models import Member, Organization, User
from tests.appraisers.making import accredited, make_assessor

from .making import ORDERED, accepted, auditing, ordered, published, reported

Log = Callable[[], list[tuple[str, str]]]
FAR = "91110108MA01C0000R"


def test_an_audit_is_planned_ordered_and_taken_on(
    disclosure: Disclosure,
    accreditation: Accreditation,
    provider: Actor,
    auditor: Actor,
    at: datetime,
    log: Log,
) -> None:
    audit = plan_audit(disclosure=disclosure, by=provider, at=at)
    order_audit(audit=audit, accreditation=accreditation, said=ORDERED, by=provider, at=at)
    accept_audit(audit=audit, declares_independence=True, by=auditor, at=at)

    found = AlgorithmAudit.objects.get(reference=audit.reference)
    assert (found.status, found.origin) == ("ACCEPTED", "OWNER")
    assert found.versions == []
    assert log()[-3:] == [
        ("audits.audit.planned", audit.reference),
        ("audits.audit.ordered", audit.reference),
        ("audits.audit.accepted", audit.reference),
    ]


def test_the_versions_public_in_the_period_are_covered(
    disclosure: Disclosure, accreditation: Accreditation, provider: Actor, at: datetime
) -> None:
    audit = plan_audit(disclosure=disclosure, by=provider, at=at)
    period = {"period_until": date(2026, 11, 23)}

    order_audit(audit=audit, accreditation=accreditation, said=ORDERED | period, by=provider, at=at)

    audit.refresh_from_db()
    assert audit.versions == [{"disclosure": disclosure.reference, "version": 1}]


def test_one_audit_of_an_algorithm_is_under_way_at_a_time(
    audit: AlgorithmAudit, disclosure: Disclosure, regulator: Actor, at: datetime
) -> None:
    with pytest.raises(Conflict):
        plan_audit(disclosure=disclosure, by=regulator, at=at)

    assert AlgorithmAudit.objects.count() == 1


@pytest.mark.parametrize("who", ["stranger", "operator", "auditor"])
def test_others_do_not_have_it_audited(
    who: str, disclosure: Disclosure, at: datetime, request: pytest.FixtureRequest, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        plan_audit(disclosure=disclosure, by=request.getfixturevalue(who), at=at)

    assert log() == []


def test_a_viewer_plans_nothing(disclosure: Disclosure, provider: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        plan_audit(disclosure=disclosure, by=replace(provider, member_role="VIEWER"), at=at)


def test_an_appraiser_is_no_auditor(
    disclosure: Disclosure, auditor: Actor, operator: Actor, provider: Actor, at: datetime
) -> None:
    appraiser = accredited(auditor, operator, at)

    with pytest.raises(NotAllowed, match="not accredited to audit"):
        ordered(disclosure, appraiser, provider, at)


def test_one_may_be_accredited_for_both(auditor: Actor, operator: Actor, at: datetime) -> None:
    accredited(auditor, operator, at)
    auditing(auditor, operator, at)

    kinds = Accreditation.objects.values_list("kind", flat=True)

    assert sorted(kinds) == ["ALGORITHM_AUDIT", "APPRAISAL"]
    with pytest.raises(Conflict):
        auditing(auditor, operator, at)


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"holdings": "owner"}, "tied by shareholdings"),
        ({"owners": "owner"}, "tied by shareholdings"),
        ({"links": "owner"}, "near relative"),
    ],
)
def test_ties_of_the_auditor_keep_it_out(
    declared: dict[str, str],
    why: str,
    disclosure: Disclosure,
    auditor: Actor,
    operator: Actor,
    provider: Actor,
    provider_org: Organization,
    at: datetime,
) -> None:
    person = auditor.id.removeprefix("user:")
    code = provider_org.uscc
    stake = {"uscc": code, "name": "", "share": "0.2"}
    rows = {
        "holdings": [stake],
        "owners": [stake],
        "links": [{"person": person, "kind": "FAMILY", "uscc": code, "note": ""}],
    }
    accreditation = auditing(auditor, operator, at, **{name: rows[name] for name in declared})

    with pytest.raises(NotAllowed, match=why):
        ordered(disclosure, accreditation, provider, at)


def test_an_owner_behind_both_keeps_the_auditor_out(
    disclosure: Disclosure, auditor: Actor, operator: Actor, provider: Actor, at: datetime
) -> None:
    stake = {"uscc": FAR, "name": "母公司", "share": "0.5"}
    accreditation = auditing(auditor, operator, at, owners=[stake])

    with pytest.raises(NotAllowed, match="tied by shareholdings"):
        ordered(disclosure, accreditation, provider, at, owners=[stake])


def test_a_person_who_acts_for_both_keeps_the_auditor_out(
    disclosure: Disclosure,
    accreditation: Accreditation,
    auditor: Actor,
    provider: Actor,
    provider_org: Organization,
    at: datetime,
) -> None:
    person = User.objects.get(public_id=auditor.id.removeprefix("user:"))
    Member.objects.create(user=person, organization=provider_org, role="VIEWER", since=at)

    with pytest.raises(NotAllowed, match="acts for both"):
        ordered(disclosure, accreditation, provider, at)


def test_the_operator_does_not_audit_the_exchange_but_another_may(
    accreditation: Accreditation, operator: Actor, operator_org: Organization, at: datetime
) -> None:
    disclosure = published(operator, at)

    audit = ordered(disclosure, accreditation, operator, at)

    assert audit.is_of_platform
    stake = {"uscc": operator_org.uscc, "name": "", "share": "0.1"}
    second = make_assessor("second", at)[1]
    tied = auditing(second, operator, at, holdings=[stake])
    cancel_audit(audit=audit, reason="Another one.", by=operator, at=at)
    with pytest.raises(NotAllowed, match="tied"):
        ordered(disclosure, tied, operator, at)


def test_no_third_audit_in_a_row(
    disclosure: Disclosure,
    accreditation: Accreditation,
    auditor: Actor,
    operator: Actor,
    provider: Actor,
    at: datetime,
) -> None:
    for number in range(2):
        later = at + timedelta(days=number)
        reported(ordered(disclosure, accreditation, provider, later), auditor, later)
    third = at + timedelta(days=3)
    audit = plan_audit(disclosure=disclosure, by=provider, at=third)

    with pytest.raises(NotAllowed, match="another one"):
        order_audit(audit=audit, accreditation=accreditation, said=ORDERED, by=provider, at=third)

    other = make_assessor("second", at)[1]
    second = auditing(other, operator, at)
    order_audit(audit=audit, accreditation=second, said=ORDERED, by=provider, at=third)
    reported(audit, other, third)
    again = ordered(disclosure, accreditation, provider, third)
    assert again.status == "ORDERED"


def test_an_auditor_suspended_meanwhile_does_not_begin(
    audit: AlgorithmAudit,
    accreditation: Accreditation,
    auditor: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    suspend_accreditation(accreditation=accreditation, reason="Doubts.", by=operator, at=at)

    with pytest.raises(NotAllowed, match="not in force"):
        accepted(audit, auditor, at)


def test_with_a_conflict_it_is_given_back(
    audit: AlgorithmAudit, auditor: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        accept_audit(
            audit=audit,
            declares_independence=False,
            conflicts="My brother built it.",
            by=auditor,
            at=at,
        )
    assert set(refused.value.fields) == {"declares_independence", "conflicts"}

    give_back_audit(audit=audit, reason="A conflict.", by=auditor, at=at)

    audit.refresh_from_db()
    assert (audit.status, audit.accreditation) == ("PLANNED", None)


def test_a_period_in_the_future_is_refused(
    disclosure: Disclosure, accreditation: Accreditation, provider: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        ordered(disclosure, accreditation, provider, at, period_until=date(2026, 12, 1))

    assert list(refused.value.fields) == ["period_until"]


def test_an_audit_the_schedule_asks_for_is_not_cancelled_by_the_owner(
    disclosure: Disclosure, provider: Actor, regulator: Actor, at: datetime
) -> None:
    audit = plan_audit(disclosure=disclosure, by=Actor.system("audits"), at=at)

    with pytest.raises(NotAllowed):
        cancel_audit(audit=audit, reason="Too dear.", by=provider, at=at)

    cancel_audit(audit=audit, reason="Withdrawn from use.", by=regulator, at=at)
    with pytest.raises(WrongState):
        cancel_audit(audit=audit, reason="Again.", by=regulator, at=at)


def test_strangers_see_no_audit(
    audit: AlgorithmAudit, provider: Actor, auditor: Actor, stranger: Actor, regulator: Actor
) -> None:
    seen = {who: list(audits_visible_to(who)) for who in (provider, auditor, regulator)}

    assert all(rows == [audit] for rows in seen.values())
    assert list(audits_visible_to(stranger)) == []
