"""Admission: application, the operator's checks, and the ways out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from stdnum.cn import uscc

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.parties import queries, services
from exchange.parties.models import AdmissionCheck, Member, Organization, User
from exchange.parties.services import Check

Log = Callable[[], list[tuple[str, str]]]
STEM = "91310000MA1FL0001"
CODE = STEM + uscc.calc_check_digit(STEM)
PASSED = [
    Check(kind="IDENTITY", evidence="gsxt.gov.cn 2026-11-23"),
    Check(kind="LICENSE", evidence="OB-2026-00000001"),
    Check(kind="CLEAN_RECORD"),
]


@pytest.fixture
def person(db: None, at: datetime) -> User:
    """Somebody with an account and no organization."""
    return services.register_user(
        email="Li@Example.org",
        name="Li Lei",
        password="correct horse battery",
        by=Actor.anonymous(),
        at=at,
    )


def application(person: User, at: datetime, **changes: object) -> Organization:
    """Return what `person` applied for, with `changes` to the usual form."""
    form: dict[str, object] = {
        "applicant": person,
        "uscc": CODE,
        "name": "上海测试数据有限公司",
        "roles": ["PROVIDER"],
        "clean_record_declared": True,
        "license_object": "OB-2026-00000001",
        "by": queries.actor_for_user(person),
        "at": at,
    }
    return services.apply_for_admission(**(form | changes))  # type: ignore[arg-type]


def test_application_makes_the_applicant_administrator(
    person: User, at: datetime, log: Log
) -> None:
    organization = application(person, at, uscc=f" {CODE.lower()} ")

    assert organization.status == "APPLIED"
    assert organization.uscc == CODE
    assert organization.clean_record_declared_at == at
    assert Member.objects.get().role == "ADMIN"
    assert log() == [
        ("parties.organization.applied", organization.reference),
        ("parties.member.added", organization.reference),
        ("parties.license.attached", organization.reference),
    ]
    actor = queries.actor_for_user(person)
    assert actor.organization == organization.reference
    assert actor.roles == frozenset()
    assert actor.member_role == "ADMIN"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uscc": "911100006000373411"}, "uscc"),
        ({"name": "  "}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["PROVIDER", "REGULATOR"]}, "roles"),
        ({"roles": ["OPERATOR"]}, "roles"),
        ({"roles": ["KING"]}, "roles"),
        ({"clean_record_declared": False}, "clean_record_declared"),
    ],
)
def test_wrong_application_is_refused_at_its_field(
    person: User, at: datetime, log: Log, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        application(person, at, **changes)

    assert list(caught.value.fields) == [field]
    assert log() == []
    assert not Organization.objects.exists()


def test_nobody_applies_in_anothers_name(
    person: User, provider: Actor, anonymous: Actor, at: datetime, log: Log
) -> None:
    for actor in (provider, anonymous):
        with pytest.raises(NotAllowed):
            application(person, at, by=actor)

    assert log() == []


def test_a_code_stands_on_the_exchange_once(
    person: User, operator: Actor, at: datetime, log: Log
) -> None:
    first = application(person, at)
    before = log()

    with pytest.raises(Conflict):
        application(person, at)
    assert log() == before

    services.reject_organization(organization=first, reason="unreadable", by=operator, at=at)
    second = application(person, at)
    assert second.reference != first.reference


def test_operators_people_cannot_apply_for_a_provider(
    operator: Actor, at: datetime, log: Log
) -> None:
    clerk = queries.user_of(operator)
    assert clerk is not None

    with pytest.raises(NotAllowed):
        application(clerk, at)

    assert log() == []


def test_operator_admits_after_every_check(
    person: User, operator: Actor, at: datetime, log: Log
) -> None:
    organization = application(person, at, roles=["PROVIDER", "BUYER"])
    start = len(log())
    later = at + timedelta(days=1)

    services.admit_organization(
        organization=organization, checks=PASSED, roles=["PROVIDER"], by=operator, at=later
    )

    organization.refresh_from_db()
    assert (organization.status, organization.roles) == ("ADMITTED", ["PROVIDER"])
    assert organization.admitted_at == organization.status_since == later
    assert AdmissionCheck.objects.count() == 3
    assert [name for name, _subject in log()[start:]] == [
        "parties.organization.checked",
        "parties.organization.checked",
        "parties.organization.checked",
        "parties.organization.admitted",
    ]
    assert queries.actor_for_user(person).roles == {"PROVIDER"}


@pytest.mark.parametrize(
    ("changes", "checks", "words"),
    [
        ({}, PASSED[:2], "three years"),
        ({}, [*PASSED[:2], Check(kind="CLEAN_RECORD", passed=False)], "three years"),
        ({"license_object": ""}, PASSED, "license file"),
        ({"roles": ["ASSESSOR"]}, PASSED, "qualification"),
    ],
)
def test_admission_waits_for_what_is_missing(
    person: User,
    operator: Actor,
    at: datetime,
    log: Log,
    changes: dict[str, object],
    checks: list[Check],
    words: str,
) -> None:
    organization = application(person, at, **changes)
    before = log()

    with pytest.raises(NotAllowed, match=words):
        services.admit_organization(organization=organization, checks=checks, by=operator, at=at)

    assert log() == before
    assert not AdmissionCheck.objects.exists()


def test_a_later_check_supersedes_an_earlier_one(
    person: User, operator: Actor, at: datetime
) -> None:
    organization = application(person, at)
    for minute, check in enumerate([*PASSED, Check(kind="LICENSE", passed=False)]):
        services.record_check(
            organization=organization, check=check, by=operator, at=at + timedelta(minutes=minute)
        )

    with pytest.raises(NotAllowed, match="license file against"):
        services.admit_organization(organization=organization, by=operator, at=at)


def test_no_more_is_granted_than_was_asked(person: User, operator: Actor, at: datetime) -> None:
    organization = application(person, at)

    with pytest.raises(Invalid):
        services.admit_organization(
            organization=organization, checks=PASSED, roles=["BUYER"], by=operator, at=at
        )


def test_only_the_operator_decides(
    person: User,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    regulator: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    organization = application(person, at)
    before = log()
    verbs = [
        lambda by: services.admit_organization(
            organization=organization, checks=PASSED, by=by, at=at
        ),
        lambda by: services.record_check(organization=organization, check=PASSED[0], by=by, at=at),
        lambda by: services.reject_organization(
            organization=organization, reason="no", by=by, at=at
        ),
        lambda by: services.suspend_organization(
            organization=organization, reason="no", by=by, at=at
        ),
        lambda by: services.reinstate_organization(
            organization=organization, reason="no", by=by, at=at
        ),
        lambda by: services.terminate_organization(
            organization=organization, reason="no", by=by, at=at
        ),
    ]

    applicant = queries.actor_for_user(person)
    for actor in (applicant, provider, provider_viewer, buyer, regulator, anonymous):
        for verb in verbs:
            with pytest.raises(NotAllowed):
                verb(actor)

    organization.refresh_from_db()
    assert organization.status == "APPLIED"
    assert log() == before


def test_suspension_voids_roles_at_the_next_request(
    provider: Actor, provider_org: Organization, operator: Actor, at: datetime, log: Log
) -> None:
    person = queries.user_of(provider)
    assert person is not None

    services.suspend_organization(
        organization=provider_org, reason="license expired", by=operator, at=at
    )

    assert queries.actor_for_user(person).roles == frozenset()
    services.reinstate_organization(organization=provider_org, reason="renewed", by=operator, at=at)
    assert queries.actor_for_user(person).roles == {"PROVIDER"}
    assert log() == [
        ("parties.organization.suspended", "ORG-PROVIDER"),
        ("parties.organization.reinstated", "ORG-PROVIDER"),
    ]


def test_steps_out_of_turn_are_refused(
    provider_org: Organization, operator: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(WrongState):
        services.reinstate_organization(organization=provider_org, reason="?", by=operator, at=at)
    with pytest.raises(WrongState):
        services.reject_organization(organization=provider_org, reason="?", by=operator, at=at)
    with pytest.raises(Invalid):
        services.suspend_organization(organization=provider_org, reason=" ", by=operator, at=at)

    assert log() == []
    services.terminate_organization(organization=provider_org, reason="merged", by=operator, at=at)
    assert log() == [("parties.organization.terminated", "ORG-PROVIDER")]
    with pytest.raises(WrongState):
        services.suspend_organization(organization=provider_org, reason="?", by=operator, at=at)


def test_the_operator_cannot_suspend_itself(
    operator: Actor, operator_org: Organization, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        services.suspend_organization(organization=operator_org, reason="?", by=operator, at=at)

    assert log() == []


def test_license_changes_only_while_the_application_is_open(
    person: User, provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    organization = application(person, at, license_object="")
    start = len(log())
    applicant = queries.actor_for_user(person)

    services.attach_license(
        organization=organization, license_object="OB-2026-1", by=applicant, at=at
    )

    assert log()[start:] == [("parties.license.attached", organization.reference)]
    with pytest.raises(Conflict):
        services.attach_license(
            organization=provider_org, license_object="OB-2026-2", by=provider, at=at
        )
    with pytest.raises(NotAllowed):
        services.attach_license(
            organization=organization, license_object="OB-2026-2", by=provider, at=at
        )
    assert len(log()) == start + 1


@pytest.mark.parametrize(
    "roles", [["OPERATOR", "PROVIDER"], ["BUYER", "REGULATOR"], ["PROVIDER", "BUYER"], ["KING"]]
)
def test_the_database_refuses_roles_that_exclude_each_other(
    provider_org: Organization, roles: list[str]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=provider_org.pk).update(roles=roles)


def test_the_operator_is_set_up_once_by_the_platform(
    db: None, buyer: Actor, at: datetime, log: Log
) -> None:
    facts = {
        "email": "root@exchange.example",
        "name": "Root",
        "password": "correct horse battery",
        "organization_name": "Exchange Ltd.",
        "uscc": CODE,
        "at": at,
    }

    with pytest.raises(NotAllowed):
        services.create_operator(**facts, by=buyer)  # type: ignore[arg-type]
    user, organization = services.create_operator(**facts, by=Actor.system("setup"))  # type: ignore[arg-type]

    assert organization.status == "ADMITTED"
    actor = queries.actor_for_user(user)
    assert (actor.roles, actor.member_role) == ({"OPERATOR"}, "ADMIN")
    assert [name for name, _subject in log()] == [
        "parties.user.registered",
        "parties.organization.applied",
        "parties.member.added",
        "parties.organization.admitted",
    ]
    with pytest.raises(Conflict):
        services.create_operator(**facts, by=Actor.system("setup"))  # type: ignore[arg-type]
    assert len(log()) == 4


def test_who_sees_which_organization(
    provider: Actor,
    provider_org: Organization,
    buyer: Actor,
    regulator: Actor,
    operator: Actor,
    anonymous: Actor,
) -> None:
    everything = set(Organization.objects.values_list("reference", flat=True))

    def seen(actor: Actor) -> set[str]:
        return set(queries.organizations_visible_to(actor).values_list("reference", flat=True))

    assert seen(provider) == {"ORG-PROVIDER"}
    assert seen(buyer) == {"ORG-BUYER"}
    assert seen(anonymous) == set()
    assert seen(regulator) == seen(operator) == everything
    assert queries.get_organization_for(provider, "ORG-PROVIDER") == provider_org
    for actor in (buyer, anonymous):
        with pytest.raises(NotFound):
            queries.get_organization_for(actor, "ORG-PROVIDER")
    with pytest.raises(NotFound):
        queries.get_organization("ORG-NONE")
