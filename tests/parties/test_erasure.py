"""Erasure of people: what goes at once, what a law keeps, and that no trace of the rest stays."""

import logging
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Conflict, Gone, NotAllowed, NotFound
from audit.log.models import Entry, PersonalValue, PersonKey
from audit.log.publishing import publish
from audit.log.receipts import receipt_for
from audit.log.services import record
from audit.log.signing import get_signer
from audit.retention.models import Destruction
from audit.retention.services import is_sound, lift_hold, place_hold
from exchange.parties import queries, services
from exchange.parties.events import OrganizationTerminated
from exchange.parties.models import ApiToken, Erasure, Member, Organization, User
from exchange.parties.queries import actor_for_user
from exchange.parties.states import ErasureState
from tests.conftest import make_member
from verify.receipt import verify_receipt

CANARY = "Canary-Zhang-Wei"
ADDRESS = "canary.zhang@example.org"
SYSTEM = Actor.system("retention")
Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def _own_keys(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


@pytest.fixture
def person(db: None, at: datetime) -> User:
    return services.register_user(
        email=ADDRESS,
        name=CANARY,
        password="correct horse battery",
        verified=True,
        by=Actor.anonymous(),
        at=at,
    )


@pytest.fixture
def member(person: User, provider: Actor, provider_org: Organization, at: datetime) -> User:
    services.add_member(organization=provider_org, user=person, role="ADMIN", by=provider, at=at)
    return person


def own(person: User) -> Actor:
    return actor_for_user(person)


def years(at: datetime, count: int) -> datetime:
    return at.replace(year=at.year + count)


def test_who_acted_for_nobody_is_erased_at_once(person: User, at: datetime, log: Log) -> None:
    identity = str(person.public_id)
    before = len(log())

    erasure = services.erase_person(user=person, by=own(person), at=at)

    assert erasure.status == ErasureState.ERASED
    assert not User.objects.filter(public_id=identity).exists()
    assert not PersonalValue.objects.filter(key_id=identity).exists()
    assert PersonKey.objects.get(person=identity).wrapped_key == ""
    names = [name for name, _subject in log()[before:]]
    assert names == [
        "parties.erasure.requested",
        "retention.record.destroyed",
        "parties.erasure.finished",
    ]
    assert is_sound(Destruction.objects.get())


def test_powers_end_at_once(
    member: User, provider_org: Organization, at: datetime, client: Client, log: Log
) -> None:
    client.force_login(member)
    assert client.get("/organization/members/").status_code == 200
    token, secret = services.issue_token(
        organization=provider_org,
        scopes=["read"],
        expires_at=at + timedelta(days=30),
        label="Canary-Zhang-Wei's laptop",
        by=own(member),
        at=at,
    )

    services.erase_person(user=member, by=own(member), at=at)

    assert client.get("/organization/members/").status_code == 302
    with pytest.raises(queries.TokenRefused):
        queries.actor_for_token(secret, at=at)
    assert not ApiToken.objects.filter(prefix=token.prefix).exists()
    assert not Member.objects.filter(user_id=member.pk).exists()
    assert ("parties.token.revoked", token.prefix) in log()
    assert ("parties.member.removed", provider_org.reference) in log()


def test_who_acted_for_a_party_is_blocked_for_three_years_and_then_erased(
    member: User, at: datetime, operator: Actor, regulator: Actor
) -> None:
    added = Entry.objects.get(name="parties.member.added")
    identity = str(member.public_id)

    erasure = services.erase_person(user=member, by=own(member), at=at)

    assert erasure.status == ErasureState.BLOCKED
    assert erasure.kept[0]["classes"] == ["IDENTITY"]
    assert erasure.kept[0]["until"] == years(at, 3).isoformat()
    assert not User.objects.filter(public_id=identity).exists()
    assert personal.is_blocked(identity)
    assert [each.entry.name for each in personal.statements_of(identity)] == [
        "parties.member.added"
    ]
    assert personal.open_statement(added, "person").value["name"] == CANARY
    day_before = years(at, 3) - timedelta(seconds=1)
    assert services.finish_erasures(by=SYSTEM, at=day_before) == 0
    assert services.finish_erasures(by=SYSTEM, at=years(at, 3)) == 1
    assert services.finish_erasures(by=SYSTEM, at=years(at, 3)) == 0
    erasure.refresh_from_db()
    assert (erasure.status, erasure.kept) == (ErasureState.ERASED, [])
    with pytest.raises(Gone):
        personal.open_statement(added, "person")


@pytest.mark.parametrize("kind", ["member", "organization"])
def test_a_hold_keeps_the_account_but_nobody_uses_it(
    member: User,
    provider_org: Organization,
    regulator: Actor,
    at: datetime,
    kind: str,
    client: Client,
) -> None:
    identity = str(member.public_id)
    subject = identity if kind == "member" else provider_org.reference
    hold = place_hold(
        kind=kind, subject=subject, reason="inquiry into Zhang", basis="b", by=regulator, at=at
    )

    erasure = services.erase_person(user=member, by=own(member), at=at)

    assert (erasure.status, erasure.account_kept) == (ErasureState.BLOCKED, True)
    kept = User.objects.get(public_id=identity)
    assert not kept.is_active
    assert queries.people_names([kept.actor_id]) == {}
    assert not queries.actor_for_user(kept).is_identified
    assert not client.login(email=ADDRESS, password="correct horse battery")
    assert personal.statements_of(identity).count() == 2
    assert services.finish_erasures(by=SYSTEM, at=years(at, 9)) == 0
    assert User.objects.filter(public_id=identity).exists()

    lift_hold(hold=hold, reason="closed", by=regulator, at=years(at, 9))
    assert services.finish_erasures(by=SYSTEM, at=years(at, 9)) == 1

    assert not User.objects.filter(public_id=identity).exists()
    hold.refresh_from_db()
    assert hold.reason == ("" if kind == "member" else "inquiry into Zhang")


def test_an_organization_is_not_left_without_an_administrator(
    provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    person = queries.user_of(provider)
    assert person is not None
    before = log()

    with pytest.raises(Conflict, match="provider organization"):
        services.erase_person(user=person, by=provider, at=at)

    assert (log(), Erasure.objects.count()) == (before, 0)
    Organization.objects.update(status="TERMINATED")
    assert services.erase_person(user=person, by=SYSTEM, at=at)


def test_who_may_have_somebody_erased(
    member: User,
    provider: Actor,
    stranger: Actor,
    operator: Actor,
    regulator: Actor,
    stranger_org: Organization,
    at: datetime,
) -> None:
    for actor in (stranger, regulator, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            services.erase_person(user=member, by=actor, at=at)
    services.add_member(organization=stranger_org, user=member, role="VIEWER", by=stranger, at=at)
    with pytest.raises(NotAllowed):
        services.erase_person(user=member, by=provider, at=at)
    assert not Erasure.objects.exists()

    erasure = services.erase_person(user=member, ground="LEFT", by=operator, at=at)

    assert queries.get_erasure_for(regulator, erasure.reference) == erasure
    with pytest.raises(NotFound):
        queries.get_erasure_for(stranger, erasure.reference)


def test_its_only_organization_may_have_a_person_erased(
    member: User, provider: Actor, at: datetime
) -> None:
    erasure = services.erase_person(user=member, ground="LEFT", by=provider, at=at)

    assert erasure.status == ErasureState.BLOCKED
    assert queries.erasures_visible_to(provider).get() == erasure


def test_the_preview_says_what_will_happen(member: User, at: datetime) -> None:
    preview = services.preview_erasure(user=member, at=at)

    assert preview.destroyed == 1
    assert [(each.classes, each.until) for each in preview.kept] == [(("IDENTITY",), years(at, 3))]
    assert (preview.account_held, list(preview.alone_in)) == (False, [])
    assert User.objects.filter(pk=member.pk).exists()


def test_a_closed_account_is_erased_after_a_month(person: User, at: datetime) -> None:
    services.deactivate_user(user=person, reason="left", by=own(person), at=at)

    assert services.erase_closed_accounts(by=SYSTEM, at=at + timedelta(days=29)) == 0
    assert services.erase_closed_accounts(by=SYSTEM, at=at + timedelta(days=30)) == 1
    assert services.erase_closed_accounts(by=SYSTEM, at=at + timedelta(days=31)) == 0
    assert Erasure.objects.get().ground == "CLOSED"


def test_an_erased_person_may_register_again_as_somebody_else(person: User, at: datetime) -> None:
    services.erase_person(user=person, by=own(person), at=at)

    again = services.register_user(
        email=ADDRESS,
        name=CANARY,
        password="correct horse battery",
        by=Actor.anonymous(),
        at=at,
    )

    assert again.public_id != person.public_id
    assert personal.statements_of(str(again.public_id)).count() == 1


def test_erasing_twice_is_refused(member: User, regulator: Actor, at: datetime) -> None:
    place_hold(
        kind="member", subject=str(member.public_id), reason="r", basis="b", by=regulator, at=at
    )
    services.erase_person(user=member, by=own(member), at=at)

    with pytest.raises(Conflict):
        services.erase_person(user=member, by=SYSTEM, at=at)


def cached() -> Iterator[bytes]:
    """Yield what the cache holds, in memory or in Redis, as bytes."""
    inside = cache._cache  # type: ignore[attr-defined]
    if isinstance(inside, dict):
        yield pickle.dumps(inside)
        return
    client = inside.get_client()
    for key in client.scan_iter(match="*"):
        yield key + (client.dump(key) or b"")


def traces(root: Path) -> Iterator[str]:
    """Yield where the canary is found: database, files under `root` and VAR, caches."""
    needles = [text.encode(code) for text in (CANARY, ADDRESS) for code in ("utf-8", "utf-16-le")]
    needles += [needle.hex().encode() for needle in needles]

    def holds(octets: bytes) -> bool:
        return any(needle in octets for needle in needles)

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        if holds(connection.connection.serialize()):
            yield "database"
    else:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                text = "SELECT coalesce(string_agg(t::text, chr(10)), '') FROM {} t"
                cursor.execute(text.format(connection.ops.quote_name(table)))
                if holds(cursor.fetchone()[0].encode()):
                    yield table
    for folder in (root, Path(django_settings.VAR)):
        for file in folder.rglob("*"):
            if file.is_file() and holds(file.read_bytes()):
                yield str(file)
    if any(holds(octets) for octets in cached()):
        yield "cache"


def test_nothing_of_an_erased_person_is_found_again_and_receipts_hold(
    provider: Actor,
    operator: Actor,
    provider_org: Organization,
    at: datetime,
    tmp_path: Path,
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Threat model T66."""
    with caplog.at_level(logging.DEBUG):
        person = services.register_user(
            email=ADDRESS,
            name=CANARY,
            password="correct horse battery",
            by=SYSTEM,
            at=at,
        )
        services.add_member(
            organization=provider_org, user=person, role="ADMIN", by=provider, at=at
        )
        client.post("/accounts/login/", {"login": ADDRESS, "password": "correct horse battery"})
        client.get("/organization/members/", headers={"User-Agent": CANARY})
        services.issue_token(
            organization=provider_org,
            scopes=["read"],
            expires_at=at + timedelta(days=30),
            label=CANARY,
            by=own(person),
            at=at,
        )
        publish(at=at)
        verifier = get_signer("log").verifier  # of this year's log, closed by then
        receipts = {entry: receipt_for(entry) for entry in Entry.objects.all()}
        assert "database" in set(traces(tmp_path)) or connection.vendor != "sqlite"
        services.erase_person(user=person, by=own(person), at=at)
        record(
            OrganizationTerminated(organization=provider_org.reference, reason="left"),
            by=operator,
            at=at,
        )
        assert services.finish_erasures(by=SYSTEM, at=years(at, 3)) == 1
        publish(at=years(at, 3))

    assert list(traces(tmp_path)) == []
    assert CANARY not in caplog.text
    assert ADDRESS not in caplog.text
    for entry, receipt in receipts.items():
        for each in (receipt, receipt_for(entry)):
            assert each is not None
            verify_receipt(each.encode(), verifier, bytes(entry.data))
    make_member(provider_org, "VIEWER", at, "somebody")
