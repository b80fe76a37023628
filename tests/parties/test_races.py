"""Many administrators at once: one always stays, and nobody gets two incompatible places."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from stdnum.cn import uscc

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.models import Entry
from audit.retention.services import place_hold
from exchange.parties import queries, services
from exchange.parties.models import Erasure, Member, Organization, User
from tests.racing import at_once

STEM = "91310000MA1FL0001"
SYSTEM = Actor.system("test")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def together(verbs: list[Callable[[], Any]]) -> list[Any]:
    """Run each verb once, all at the same time."""
    return at_once(lambda number: verbs[number](), len(verbs))


def person(name: str, at: datetime) -> User:
    """Return somebody with an account."""
    return services.register_user(email=f"{name}@example.org", name=name, by=SYSTEM, at=at)


def test_administrators_who_leave_together_leave_one_behind(
    provider_org: Organization, at: datetime
) -> None:
    people = [person(f"admin{number}", at) for number in range(4)]
    for user in people:
        services.add_member(organization=provider_org, user=user, role="ADMIN", by=SYSTEM, at=at)

    def leave(user: User) -> Callable[[], Any]:
        member = user.memberships.select_related("organization", "user").get()
        return lambda: services.remove_member(member=member, by=queries.actor_for_user(user), at=at)

    results = together([leave(user) for user in people])

    assert provider_org.members.get().role == "ADMIN"
    assert [type(result) for result in results if result] == [Conflict]
    assert Entry.objects.filter(name="parties.member.removed").count() == 3


def test_one_person_cannot_join_operator_and_provider_at_once(
    provider_org: Organization, operator_org: Organization, at: datetime
) -> None:
    newcomer = person("newcomer", at)

    def join(organization: Organization) -> Callable[[], Any]:
        return lambda: services.add_member(
            organization=organization, user=newcomer, role="VIEWER", by=SYSTEM, at=at
        )

    results = together([join(provider_org), join(operator_org)])

    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, NotAllowed) for result in results) == 1
    assert Entry.objects.filter(name="parties.member.added").count() == 1


def test_a_code_applied_for_twice_at_once_stands_once(transactional_db: None, at: datetime) -> None:
    code = STEM + uscc.calc_check_digit(STEM)

    def apply(name: str) -> Callable[[], Any]:
        applicant = person(name, at)
        return lambda: services.apply_for_admission(
            applicant=applicant,
            uscc=code,
            name=name,
            roles=["BUYER"],
            clean_record_declared=True,
            by=queries.actor_for_user(applicant),
            at=at,
        )

    results = together([apply("first"), apply("second"), apply("third")])

    assert Organization.objects.count() == 1
    assert sum(isinstance(result, Conflict) for result in results) == 2
    assert Entry.objects.filter(name="parties.organization.applied").count() == 1


def test_a_token_is_revoked_once(provider_org: Organization, at: datetime) -> None:
    user = person("issuer", at)
    services.add_member(organization=provider_org, user=user, role="ADMIN", by=SYSTEM, at=at)
    issuer = queries.actor_for_user(user)
    token, _secret = services.issue_token(
        organization=provider_org,
        scopes=["read"],
        expires_at=at.replace(year=at.year + 1),
        by=issuer,
        at=at,
    )

    results = together(
        [lambda: services.revoke_token(token=token, by=issuer, at=at) for _rival in range(4)]
    )

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert Entry.objects.filter(name="parties.token.revoked").count() == 1


def test_administrators_who_erase_themselves_together_leave_one_behind(
    provider_org: Organization, at: datetime
) -> None:
    people = [person(f"admin{number}", at) for number in range(4)]
    for user in people:
        services.add_member(organization=provider_org, user=user, role="ADMIN", by=SYSTEM, at=at)

    def erase(user: User) -> Callable[[], Any]:
        return lambda: services.erase_person(user=user, by=queries.actor_for_user(user), at=at)

    results = together([erase(user) for user in people])

    assert provider_org.members.get().role == "ADMIN"
    assert sum(isinstance(each, Conflict) for each in results) == 1
    assert User.objects.filter(email__startswith="admin").count() == 1


def test_a_person_is_erased_once(provider_org: Organization, at: datetime) -> None:
    user = person("once", at)

    results = together([lambda: services.erase_person(user=user, by=SYSTEM, at=at)] * 4)

    assert sum(isinstance(each, Erasure) for each in results) == 1
    assert Entry.objects.filter(name="parties.erasure.finished").count() == 1


def test_a_hold_is_seen_by_an_erasure_or_comes_after_it(
    provider_org: Organization, regulator: Actor, at: datetime
) -> None:
    for number in range(4):
        user = person(f"held{number}", at)
        identity = str(user.public_id)

        def hold(identity: str = identity) -> Any:
            return place_hold(
                kind="member", subject=identity, reason="r", basis="b", by=regulator, at=at
            )

        def erase(user: User = user) -> Any:
            return services.erase_person(user=user, by=SYSTEM, at=at)

        _held, erased = together([hold, erase])

        names = list(
            Entry.objects.filter(refs__kind="member", refs__reference=identity)
            .order_by("position")
            .values_list("name", flat=True)
        )
        finished = "parties.erasure.finished" in names
        assert erased.status == ("ERASED" if finished else "BLOCKED")
        if finished:
            assert names.index("retention.hold.placed") > names.index("parties.erasure.requested")
