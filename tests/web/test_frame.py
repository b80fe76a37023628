"""The frame: languages, organizations, consoles, error pages, and what the browser may do."""

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from audit.log.actors import Actor
from audit.log.models import Checkpoint, Log
from exchange.parties import queries, services
from exchange.parties.models import Organization, User
from exchange.web import navigation
from exchange.web.context import log_health
from tests.caching import clear_cache

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def person(db: None, at: datetime) -> User:
    """Somebody with an account and no organization."""
    return services.register_user(
        email="li@example.org", name="李雷", password="correct horse", by=Actor.system("t"), at=at
    )


def client_of(user: User) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def user_of(actor: Actor) -> User:
    """Return the person behind an actor of the cast."""
    found = queries.user_of(actor)
    assert found is not None
    return found


def test_front_page_and_register_are_public(client: Client, provider_org: Organization) -> None:
    assert client.get("/").status_code == 200

    page = client.get("/participants/")
    assert page.status_code == 200
    assert "provider organization" in page.content.decode()
    assert client.get("/participants/?cursor=damaged").status_code == 422


def test_no_page_carries_inline_style_or_script(client: Client, provider: Actor) -> None:
    signed_in = client_of(user_of(provider))
    addresses = ["/", "/participants/", "/nothing/", "/accounts/2fa/", "/accounts/email/"]

    for browser in (client, signed_in):
        for address in [*addresses, "/accounts/login/", "/accounts/signup/"]:
            response = browser.get(address, follow=True)
            page = response.content.decode()
            assert " style=" not in page
            assert "<style" not in page
            assert " onclick=" not in page
            assert "http://" not in page.replace("http://www.w3.org", "")
            assert "'unsafe-" not in response["Content-Security-Policy"]


def test_language_is_switched_and_remembered(client: Client, person: User) -> None:
    browser = client_of(person)

    response = browser.post("/language/", {"language": "zh-hans", "back": "/participants/"})

    assert response["Location"] == "/participants/"
    page = browser.get("/participants/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert "参与机构名册" in page
    person.refresh_from_db()
    assert person.language == "zh-hans"
    client.post("/language/", {"language": "tlh"})
    assert '<html lang="en">' in client.get("/").content.decode()
    assert client.get("/language/").status_code == 405


def test_only_ones_own_organization_can_be_chosen(
    person: User, provider: Actor, provider_org: Organization, buyer_org: Organization, at: datetime
) -> None:
    services.add_member(organization=provider_org, user=person, role="TRADER", by=provider, at=at)
    browser = client_of(person)

    browser.post("/act-for/", {"organization": "ORG-BUYER"})
    assert "organization" not in browser.session
    browser.post("/act-for/", {"organization": "ORG-PROVIDER"})
    assert browser.session["organization"] == "ORG-PROVIDER"
    assert Client().post("/act-for/", {"organization": "ORG-BUYER"}).status_code == 302


def test_switches_need_the_forms_own_token(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person, backend=BACKEND)

    for address in ("/language/", "/act-for/"):
        response = strict.post(address, {"language": "zh-hans"})
        assert response.status_code == 403
        assert "grown too old" in response.content.decode()


def test_arrival_leads_to_a_console_or_home(person: User) -> None:
    response = client_of(person).get("/console/")

    assert response.status_code == 302
    assert Client().get("/console/")["Location"].startswith("/accounts/login/")


def test_consoles_open_by_role(
    provider: Actor, buyer: Actor, regulator: Actor, operator: Actor, anonymous: Actor
) -> None:
    def opened(actor: Actor) -> list[str]:
        return [console.key for console in navigation.CONSOLES if console.open_to(actor)]

    assert opened(provider) == ["provider", "organization"]
    assert opened(buyer) == ["buyer", "organization"]
    assert opened(regulator) == ["regulator", "organization"]
    assert opened(operator) == ["operator", "organization"]
    assert opened(anonymous) == []


@pytest.mark.parametrize("who", ["provider", "buyer", "regulator", "operator"])
def test_every_room_of_a_console_shows_the_way_to_the_others(
    who: str, request: pytest.FixtureRequest
) -> None:
    signed_in = client_of(user_of(request.getfixturevalue(who)))
    [console] = [one for one in navigation.CONSOLES if one.key == who]
    doors = navigation.doors(console.rooms, "")

    assert len(doors) > 4
    for door in doors:
        page = signed_in.get(door.url).content.decode()
        if 'name="purpose"' in page:  # the question comes before the room
            continue
        for other in doors:
            assert f'href="{other.url}"' in page, (door.url, other.url)
        assert 'aria-current="page"' in page, door.url


urlpatterns = [
    path("desk/", lambda _request: None, name="desk"),  # type: ignore[arg-type, return-value]
    path("desk/things/", lambda _request: None, name="things"),  # type: ignore[arg-type, return-value]
]


@pytest.mark.urls(__name__)
def test_the_deepest_room_is_marked_and_missing_ones_are_left_out() -> None:
    rooms = [
        navigation.Room(route="desk", label="Desk"),
        navigation.Room(route="things", label="Things"),
        navigation.Room(route="not_built", label="?"),
    ]

    shown = navigation.doors(rooms, "/desk/things/7/")

    assert [(door.label, door.here) for door in shown] == [("Desk", False), ("Things", True)]
    assert navigation.console_at("/provider/products/", Actor.anonymous()) is navigation.CONSOLES[0]
    assert navigation.console_at("/", Actor.anonymous()) is None


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing_and_say_what_to_do(page: str, db: None) -> None:
    shown = render_to_string(f"{page}.html", {"exchange_name": "X"})

    assert "<h1>" in shown
    assert "href=" in shown


def test_unknown_addresses_answer_in_our_face(client: Client, db: None) -> None:
    response = client.get("/nothing/here/", headers={"Accept-Language": "zh-hans"})

    assert response.status_code == 404
    assert "此处没有内容" in response.content.decode()


def test_the_foot_shows_how_the_log_is(client: Client, db: None, at: datetime) -> None:
    clear_cache()
    assert log_health()["size"] == 0
    clear_cache()
    opened = Log.objects.create(period="2026", origin="localhost/audit/2026", first=0, size=1204)
    Checkpoint.objects.create(
        log=opened,
        size=1204,
        root=b"\0" * 32,
        note="n",
        created_at=datetime(2026, 11, 23, 6, tzinfo=UTC),
    )

    page = client.get("/").content.decode()

    assert "1,204" in page
    assert "2026-11-23 14:00" in page
    clear_cache()


def test_the_gallery_is_for_builders_only(client: Client, db: None, settings: object) -> None:
    assert client.get("/design/").status_code == 404
    settings.DEBUG = True  # type: ignore[attr-defined]
    for language in ("en", "zh-hans"):
        page = client.get("/design/", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert " style=" not in page.content.decode()
