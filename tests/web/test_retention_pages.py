"""Holds, terms and destruction before regulator and operator; one's own data before oneself."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.retention.models import Destruction, LegalHold
from audit.retention.services import place_hold
from exchange.catalog.models import Release
from exchange.catalog.services import withdraw_release
from exchange.parties import services
from exchange.parties.models import Erasure, Member, Organization, User
from exchange.web.views import personal, retention
from tests.catalog.making import draft_product, draft_release
from tests.web.clients import BACKEND, CALLERS, client_of, text_of
from verify.commitment import parse_opening, verify_commitment

pytestmark = pytest.mark.usefixtures("_now")

Log = Callable[[], list[tuple[str, str]]]
PURPOSE = {"purpose": "Case 7"}
EVERYBODY = (302, 200, 200, 200, 200, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/regulator/retention/", (302, 403, 403, 403, 403, 200, 200)),
    ("POST", "/regulator/retention/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/regulator/retention/holds/{hold}/", (302, 403, 403, 403, 403, 200, 200)),
    ("GET", "/regulator/retention/records/{record}/", (302, 403, 403, 403, 403, 200, 200)),
    ("GET", "/operator/retention/", (302, 403, 403, 403, 403, 200, 200)),
    ("GET", "/operator/retention/holds/{hold}/", (302, 403, 403, 403, 403, 200, 200)),
    ("GET", "/operator/retention/records/{record}/", (302, 403, 403, 403, 403, 200, 200)),
    ("POST", "/operator/retention/destroy/", (302, 403, 403, 403, 403, 403, 302)),
    ("GET", "/account/data/", EVERYBODY),
    ("GET", "/account/data/copy/", (302, 302, 302, 302, 302, 302, 302)),
    ("POST", "/account/data/", (302, 302, 302, 302, 302, 302, 302)),
]


@pytest.fixture(autouse=True)
def _own_keys(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


@pytest.fixture
def withdrawn(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    release = draft_release(draft_product(provider_org, provider, at), at)
    withdraw_release(release=release, reason="mistake", by=provider, at=at)
    Release.objects.update(status_since=at.replace(year=2020))
    return release


@pytest.fixture
def person(db: None, provider_org: Organization, provider: Actor, at: datetime) -> User:
    user = services.register_user(
        email="zhang@example.org",
        name="张伟",
        password="correct horse battery",
        verified=True,
        by=Actor.anonymous(),
        at=at,
    )
    services.add_member(organization=provider_org, user=user, role="TRADER", by=provider, at=at)
    return user


@pytest.fixture
def signed_in(person: User) -> Client:
    """A browser in which the person has just typed its password."""
    client = Client()
    sent = {"login": person.email, "password": "correct horse battery"}
    assert client.post("/accounts/login/", sent).status_code == 302
    again = client.post("/accounts/reauthenticate/", {"password": sent["password"]})
    assert again.status_code == 302
    return client


def hold_on(subject: str, kind: str, by: Actor, at: datetime) -> LegalHold:
    return place_hold(kind=kind, subject=subject, reason="case 7", basis="art. 1", by=by, at=at)


def test_every_route_has_a_row() -> None:
    ours = {
        str(route.pattern).replace("<str:reference>", "{}")
        for route in [*retention.urlpatterns, *personal.urlpatterns]
        if isinstance(route, URLPattern)
    }

    rows = {
        path.strip("/").replace("{hold}", "{}").replace("{record}", "{}") for _m, path, _s in TABLE
    }
    assert {each.strip("/") for each in ours} == rows


def test_who_may(
    withdrawn: Release, browsers: dict[str, Client], regulator: Actor, operator: Actor, at: datetime
) -> None:
    browsers["operator"].post("/operator/retention/destroy/")
    hold = hold_on(withdrawn.product.reference, "product", regulator, at)
    things = {"hold": hold.reference, "record": Destruction.objects.all()[0].reference}
    wrong = []

    for method, path, expected in TABLE:
        for name, status in zip(CALLERS, expected, strict=True):
            response = browsers[name].generic(
                method, path.format(**things), b"", content_type="application/x-www-form-urlencoded"
            )
            if response.status_code != status:
                wrong.append((method, path, name, response.status_code, status))

    assert wrong == []
    assert not Erasure.objects.exists()


def test_a_hold_is_placed_stops_the_run_and_is_lifted(
    withdrawn: Release, browsers: dict[str, Client], log: Log
) -> None:
    sent = {
        "act": "hold",
        "kind": "product",
        "subject": withdrawn.product.reference,
        "reason": "case 7",
        "basis": "《数据安全法》第四十四条",
    }
    browsers["regulator"].post("/regulator/retention/", PURPOSE)
    assert browsers["regulator"].post("/regulator/retention/", sent).status_code == 302
    hold = LegalHold.objects.get()

    browsers["operator"].post("/operator/retention/destroy/")

    assert not Destruction.objects.exists()
    page = text_of(browsers["operator"].get("/operator/retention/"))
    assert hold.reference in page
    address = f"/regulator/retention/holds/{hold.reference}/"
    lift = {"act": "lift", "reason": "closed"}
    assert browsers["operator"].post(address, lift).status_code == 403
    assert browsers["regulator"].post(address, lift).status_code == 302
    browsers["operator"].post("/operator/retention/destroy/")
    assert Destruction.objects.filter(retention_class="UNTRADED").count() == 2
    record = Destruction.objects.all()[0]
    shown = text_of(browsers["regulator"].get(f"/regulator/retention/records/{record.reference}/"))
    assert "The platform signed exactly this text." in shown


def test_what_is_wrong_with_a_hold_is_said_at_its_field(
    browsers: dict[str, Client], provider: Actor
) -> None:
    sent = {"act": "hold", "kind": "order", "subject": "O-1", "reason": "r", "basis": "b"}

    browsers["regulator"].post("/regulator/retention/", PURPOSE)
    response = browsers["regulator"].post("/regulator/retention/", sent)

    assert response.status_code == 404
    assert not LegalHold.objects.exists()


def test_erasing_asks_for_the_password_again(person: User) -> None:
    client = Client()
    client.force_login(person, backend=BACKEND)

    response = client.post("/account/data/", {"email": person.email, "understood": "on"})

    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert User.objects.filter(pk=person.pk).exists()
    wrong = client.post(response["Location"], {"password": "guess"})
    assert wrong.status_code == 200
    assert User.objects.filter(pk=person.pk).exists()
    right = client.post(response["Location"], {"password": "correct horse battery"})
    assert right.status_code == 200
    assert not User.objects.filter(pk=person.pk).exists()


def test_a_person_erases_itself(person: User, signed_in: Client) -> None:
    page = text_of(signed_in.get("/account/data/"))
    assert "Delete my data" in page
    assert "《数据安全法》第三十三条" in page
    assert "2029-11-23" in page

    response = signed_in.post("/account/data/", {"email": person.email, "understood": "on"})

    assert response.status_code == 200
    erasure = Erasure.objects.get()
    assert erasure.reference in text_of(response)
    assert "张伟" not in response.content.decode()
    assert not User.objects.filter(pk=person.pk).exists()
    assert signed_in.get("/account/data/").status_code == 302


@pytest.mark.parametrize(
    "sent",
    [{}, {"email": "zhang@example.org"}, {"email": "other@example.org", "understood": "on"}],
)
def test_nothing_is_erased_without_the_confirmation(
    person: User, signed_in: Client, sent: dict[str, str]
) -> None:
    assert signed_in.post("/account/data/", sent).status_code == 422
    assert User.objects.filter(pk=person.pk).exists()
    assert not Erasure.objects.exists()


def test_the_only_administrator_is_told_what_to_do_first(person: User, signed_in: Client) -> None:
    Member.objects.exclude(user=person).delete()
    Member.objects.update(role="ADMIN")

    assert "Appoint another administrator first" in text_of(signed_in.get("/account/data/"))
    sent = {"email": person.email, "understood": "on"}
    assert signed_in.post("/account/data/", sent).status_code == 409
    assert User.objects.filter(pk=person.pk).exists()


def test_the_copy_holds_everything_with_its_proof(
    person: User, signed_in: Client, provider: Actor, log: Log
) -> None:
    copied = json.loads(signed_in.get("/account/data/copy/").content)

    assert copied["account"]["name"] == "张伟"
    assert log()[-1] == ("parties.user.copied", str(person.public_id))
    assert [each["event"] for each in copied["statements"]] == [
        "parties.user.registered",
        "parties.member.added",
    ]
    for each in copied["statements"]:
        entry = Entry.objects.get(id=each["entry"])
        opening = {name: each[name] for name in ("name", "value", "salt")}
        verify_commitment(bytes(entry.data), parse_opening(json.dumps(opening).encode()))
    assert client_of(provider).get("/account/data/copy/").status_code == 302


def test_both_pages_speak_chinese(
    person: User, signed_in: Client, browsers: dict[str, Client]
) -> None:
    signed_in.post("/language/", {"language": "zh-hans"})
    browsers["regulator"].post("/language/", {"language": "zh-hans"})
    browsers["regulator"].post("/regulator/retention/", PURPOSE)

    own = text_of(signed_in.get("/account/data/"))
    held = text_of(browsers["regulator"].get("/regulator/retention/"))

    assert "删除我的数据" in own
    assert "交易双方身份审核" in own
    assert "证据保全" in held
    for english in ("Delete my data", "Kept until", "Name, e-mail"):
        assert english not in own
    for english in ("Legal hold", "Destroyed after", "Retention and"):
        assert english not in held
