"""Accounts and members: who acts for whom, and the last administrator."""

from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Gone, Invalid, NotAllowed, NotFound
from audit.log.models import Entry
from exchange.parties import queries, services
from exchange.parties.models import Member, Organization, User

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def newcomer(db: None, at: datetime) -> User:
    """Somebody with an account and no organization."""
    return services.register_user(
        email="han@example.org", name="韩梅梅", language="zh-hans", by=Actor.anonymous(), at=at
    )


def member_of(actor: Actor) -> Member:
    """Return the membership behind an actor."""
    person = queries.user_of(actor)
    assert person is not None
    return person.memberships.select_related("organization", "user").get()


def test_registration_keeps_the_person_out_of_the_log(db: None, at: datetime, log: Log) -> None:
    user = services.register_user(
        email=" Wang@Example.ORG ",
        name=" 王芳 ",
        password="correct horse battery",
        verified=True,
        by=Actor.system("setup"),
        at=at,
    )

    assert (user.email, user.name, user.language) == ("wang@example.org", "王芳", "en")
    assert user.check_password("correct horse battery")
    assert EmailAddress.objects.get().verified
    assert log() == [("parties.user.registered", str(user.public_id))]
    data = bytes(Entry.objects.get().data)
    assert "王芳".encode() not in data
    assert b"example.org" not in data


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "HAN@example.org"}, "email"),
        ({"password": "password"}, "password"),
        ({"password": "short"}, "password"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_registration_refuses_at_the_field(
    newcomer: User, at: datetime, log: Log, changes: dict[str, str], field: str
) -> None:
    form = {"email": "new@example.org", "name": "N", "password": "correct horse battery"}

    with pytest.raises(Invalid) as caught:
        services.register_user(**(form | changes), by=Actor.anonymous(), at=at)  # type: ignore[arg-type]

    assert list(caught.value.fields) == [field]
    assert log() == []
    assert User.objects.count() == 1


def test_the_database_keeps_addresses_in_lower_case(newcomer: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=newcomer.pk).update(email="Han@example.org")


def test_a_person_without_organization_is_nobody_on_the_floor(newcomer: User) -> None:
    actor = queries.actor_for_user(newcomer, request_id="r1")

    assert (actor.id, actor.organization, actor.member_role) == (newcomer.actor_id, "", "")
    assert actor.roles == frozenset()
    assert not actor.may_write
    assert actor.request_id == "r1"
    assert queries.actor_for_user(AnonymousUser()) == Actor.anonymous()


def test_who_acts_for_two_organizations_chooses(
    newcomer: User,
    provider: Actor,
    provider_org: Organization,
    buyer: Actor,
    buyer_org: Organization,
    operator: Actor,
    at: datetime,
) -> None:
    services.add_member(organization=provider_org, user=newcomer, role="VIEWER", by=provider, at=at)
    services.add_member(organization=buyer_org, user=newcomer, role="TRADER", by=buyer, at=at)

    assert queries.actor_for_user(newcomer).organization == "ORG-PROVIDER"
    chosen = queries.actor_for_user(newcomer, organization="ORG-BUYER")
    assert (chosen.organization, chosen.member_role) == ("ORG-BUYER", "TRADER")
    assert queries.actor_for_user(newcomer, organization="ORG-OPERATOR").organization == (
        "ORG-PROVIDER"
    )
    services.suspend_organization(organization=provider_org, reason="?", by=operator, at=at)
    assert queries.actor_for_user(newcomer).organization == "ORG-BUYER"


def test_administrator_adds_changes_and_removes(
    newcomer: User, provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    member = services.add_member(
        organization=provider_org, user=newcomer, role="VIEWER", by=provider, at=at
    )
    services.change_member_role(member=member, role="TRADER", by=provider, at=at)
    assert queries.actor_for_user(newcomer).may_write

    services.change_member_role(member=member, role="TRADER", by=provider, at=at)
    services.remove_member(member=member, by=provider, at=at)

    assert queries.actor_for_user(newcomer).organization == ""
    assert log() == [
        ("parties.member.added", "ORG-PROVIDER"),
        ("parties.member.changed", "ORG-PROVIDER"),
        ("parties.member.removed", "ORG-PROVIDER"),
    ]
    with pytest.raises(Gone):
        services.remove_member(member=member, by=provider, at=at)


def test_nobody_else_touches_the_members(
    *,
    newcomer: User,
    provider: Actor,
    provider_viewer: Actor,
    provider_org: Organization,
    buyer: Actor,
    operator: Actor,
    regulator: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    other = member_of(provider)

    for actor in (provider_viewer, buyer, operator, regulator, anonymous):
        with pytest.raises(NotAllowed):
            services.add_member(
                organization=provider_org, user=newcomer, role="VIEWER", by=actor, at=at
            )
        with pytest.raises(NotAllowed):
            services.change_member_role(member=other, role="VIEWER", by=actor, at=at)
        with pytest.raises(NotAllowed):
            services.remove_member(member=other, by=actor, at=at)

    assert log() == []
    assert Member.objects.filter(organization=provider_org).count() == 2


def test_the_last_administrator_stays(
    provider: Actor, provider_viewer: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    admin = member_of(provider)

    with pytest.raises(Conflict, match="administrator"):
        services.change_member_role(member=admin, role="TRADER", by=provider, at=at)
    with pytest.raises(Conflict, match="administrator"):
        services.remove_member(member=admin, by=provider, at=at)
    assert log() == []

    viewer = member_of(provider_viewer)
    services.change_member_role(member=viewer, role="ADMIN", by=provider, at=at)
    services.remove_member(member=admin, by=provider, at=at)
    assert [name for name, _subject in log()] == [
        "parties.member.changed",
        "parties.member.removed",
    ]
    assert provider_org.members.get().role == "ADMIN"


def test_an_administrator_with_a_closed_account_does_not_count(
    provider: Actor, provider_viewer: Actor, at: datetime
) -> None:
    second = services.change_member_role(
        member=member_of(provider_viewer), role="ADMIN", by=provider, at=at
    )
    services.deactivate_user(user=second.user, reason="left", by=Actor.system("test"), at=at)

    with pytest.raises(Conflict):
        services.remove_member(member=member_of(provider), by=provider, at=at)


def test_anybody_may_leave(provider_viewer: Actor, at: datetime, log: Log) -> None:
    services.remove_member(member=member_of(provider_viewer), by=provider_viewer, at=at)

    assert log() == [("parties.member.removed", "ORG-PROVIDER")]


def test_operators_and_regulators_people_stay_apart(
    *,
    newcomer: User,
    provider: Actor,
    provider_org: Organization,
    operator: Actor,
    operator_org: Organization,
    regulator: Actor,
    regulator_org: Organization,
    at: datetime,
    log: Log,
) -> None:
    clerk = member_of(operator).user

    with pytest.raises(NotAllowed):
        services.add_member(
            organization=provider_org, user=clerk, role="VIEWER", by=provider, at=at
        )
    with pytest.raises(NotAllowed):
        services.add_member(
            organization=regulator_org, user=clerk, role="VIEWER", by=regulator, at=at
        )
    assert log() == []

    services.add_member(organization=provider_org, user=newcomer, role="VIEWER", by=provider, at=at)
    with pytest.raises(NotAllowed):
        services.add_member(
            organization=operator_org, user=newcomer, role="VIEWER", by=operator, at=at
        )
    assert len(log()) == 1


def test_adding_twice_or_in_an_unknown_role_is_refused(
    newcomer: User, provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid):
        services.add_member(
            organization=provider_org, user=newcomer, role="KING", by=provider, at=at
        )
    services.add_member(organization=provider_org, user=newcomer, role="VIEWER", by=provider, at=at)
    with pytest.raises(Conflict):
        services.add_member(
            organization=provider_org, user=newcomer, role="ADMIN", by=provider, at=at
        )

    assert len(log()) == 1


def test_a_closed_account_acts_as_nobody(
    newcomer: User, provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        services.deactivate_user(user=newcomer, reason="?", by=provider, at=at)
    own = queries.actor_for_user(newcomer)

    services.deactivate_user(user=newcomer, reason="asked to", by=own, at=at)
    services.deactivate_user(user=newcomer, reason="again", by=own, at=at)

    assert queries.actor_for_user(newcomer) == Actor.anonymous()
    assert log() == [("parties.user.deactivated", str(newcomer.public_id))]
    with pytest.raises(Invalid):
        services.add_member(
            organization=provider_org, user=newcomer, role="VIEWER", by=provider, at=at
        )


def test_language_is_chosen_from_those_offered(newcomer: User) -> None:
    services.choose_language(user=newcomer, language="en")
    with pytest.raises(Invalid):
        services.choose_language(user=newcomer, language="xx")

    newcomer.refresh_from_db()
    assert newcomer.language == "en"


def test_members_are_seen_by_their_own_and_the_operator(
    provider: Actor, provider_viewer: Actor, buyer: Actor, operator: Actor, regulator: Actor
) -> None:
    member = member_of(provider)
    identity = str(member.user.public_id)

    for actor in (provider, provider_viewer, operator):
        assert queries.get_member_for(actor, "ORG-PROVIDER", identity) == member
    for actor in (buyer, regulator, Actor.anonymous()):
        with pytest.raises(NotFound):
            queries.get_member_for(actor, "ORG-PROVIDER", identity)
    with pytest.raises(NotFound):
        queries.get_member_for(provider, "ORG-PROVIDER", "not-a-uuid")


def test_names_are_found_for_lists(newcomer: User, provider_org: Organization) -> None:
    assert queries.people_names([newcomer.actor_id, "token:x", "system:y"]) == {
        newcomer.actor_id: "韩梅梅"
    }
    assert queries.organization_names(["ORG-PROVIDER", "ORG-NONE"]) == {
        "ORG-PROVIDER": "provider organization"
    }
    assert list(queries.participants()) == [provider_org]
