"""One's own organization: application, members, tokens, each by pages alone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern

from audit.log.actors import Actor
from exchange.parties import services
from exchange.parties.models import ApiToken, Member, Organization, User
from exchange.parties.queries import actor_for_token, user_of
from exchange.vault.models import StoredObject
from exchange.web.views import members, organization, tokens
from tests.web.clients import BACKEND, CALLERS, client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")

Log = Callable[[], list[tuple[str, str]]]
ADMINS = (302, 200, 403, 200, 200, 200, 200)
MEMBER = "/organization/members/{member}/"
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/organization/", (302, 200, 200, 200, 200, 200, 200)),
    ("POST", "/organization/", (302, 422, 422, 422, 422, 422, 422)),
    ("GET", "/organization/apply/", (302, 200, 200, 200, 200, 200, 200)),
    ("POST", "/organization/apply/", (302, 422, 422, 422, 422, 422, 422)),
    ("GET", "/organization/members/", (302, 200, 200, 200, 200, 200, 200)),
    ("POST", "/organization/members/", (302, 422, 422, 422, 422, 422, 422)),
    ("POST", MEMBER + "role/", (302, 404, 302, 302, 404, 404, 404)),
    ("POST", MEMBER + "remove/", (302, 404, None, None, 404, 404, 404)),
    ("GET", "/organization/tokens/", ADMINS),
    ("POST", "/organization/tokens/", (302, 422, 403, 422, 422, 422, 422)),
    ("POST", "/organization/tokens/{token}/revoke/", (302, 302, 302, None, 302, 302, 302)),
]


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    return "/".join("{}" if part[:1] in "<{" else part for part in path.strip("/").split("/"))


def test_every_route_has_a_row() -> None:
    routes = [*members.urlpatterns, *organization.urlpatterns, *tokens.urlpatterns]
    ours = {shape(str(route.pattern)) for route in routes if isinstance(route, URLPattern)}

    assert ours == {shape(path) for _method, path, _seen in TABLE}


def test_who_may(
    provider_org: Organization,
    provider: Actor,
    provider_viewer: Actor,
    browsers: dict[str, Client],
    at: datetime,
    log: Log,
) -> None:
    token, _secret = services.issue_token(
        organization=provider_org,
        scopes=["read"],
        expires_at=at.replace(year=2027),
        by=provider,
        at=at,
    )
    viewer = user_of(provider_viewer)
    assert viewer is not None
    things = {"member": str(viewer.public_id), "token": token.prefix}
    before, wrong = log(), []

    for method, path, expected in TABLE:
        for name, status in zip(CALLERS, expected, strict=True):
            if status is None:
                continue
            response = browsers[name].generic(
                method,
                path.format(**things),
                b"",
                content_type="application/x-www-form-urlencoded",
            )
            if response.status_code != status:
                wrong.append((method, path, name, response.status_code, status))

    assert wrong == []
    assert log() == before
    assert ApiToken.objects.get().revoked_at is None


@pytest.fixture
def person(db: None, at: datetime) -> User:
    """Somebody with an account and no organization."""
    return services.register_user(
        email="li@example.org", name="李雷", password="correct horse", by=Actor.system("t"), at=at
    )


def signed_in(user: User) -> Client:
    """Return a browser of this person."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def application(**changes: object) -> dict[str, object]:
    """Return an application as it is sent."""
    return {
        "name": "海港数据科技有限公司",
        "uscc": "91310000MA1FL3XY13",
        "region": "上海市",
        "roles": ["PROVIDER", "BUYER"],
        "license": SimpleUploadedFile("license.pdf", b"%PDF-1.7"),
        "clean_record_declared": "on",
    } | changes


def test_somebody_applies_with_the_license(person: User, log: Log) -> None:
    browser = signed_in(person)
    assert browser.get("/console/")["Location"] == "/organization/apply/"

    page = browser.post("/organization/apply/", application(), follow=True)

    made = Organization.objects.get()
    assert made.license_object == StoredObject.objects.get().reference
    assert "applied" in text_of(page)
    assert "not verified yet" in text_of(page)
    assert [name for name, _subject in log()] == [
        "parties.organization.applied",
        "parties.member.added",
        "vault.object.stored",
        "parties.license.attached",
    ]


def test_a_wrong_code_is_said_at_its_field_and_nothing_is_kept(person: User, log: Log) -> None:
    before = log()
    page = signed_in(person).post(
        "/organization/apply/", application(uscc="91310000MA1FL3XY14", clean_record_declared="")
    )

    assert page.status_code == 422
    assert "check character" in text_of(page)
    assert "clean record" in text_of(page)
    assert "海港数据科技有限公司" in page.content.decode()
    assert not Organization.objects.exists()
    assert not StoredObject.objects.exists()
    assert log() == before


def test_who_acts_for_nobody_is_led_to_the_application(person: User) -> None:
    page = signed_in(person).get("/organization/")

    assert page.status_code == 302
    assert page["Location"] == "/organization/apply/"


def test_members_are_added_moved_and_removed(
    person: User, provider_org: Organization, provider: Actor
) -> None:
    browser = client_of(provider)
    nobody = browser.post("/organization/members/", {"email": "no@example.org", "role": "TRADER"})
    assert "no account with this address" in text_of(nobody)

    browser.post("/organization/members/", {"email": "LI@example.org", "role": "TRADER"})
    member = Member.objects.get(user=person)
    assert member.role == "TRADER"
    place = f"/organization/members/{person.public_id}/"
    browser.post(f"{place}role/", {"role": "VIEWER"})
    member.refresh_from_db()
    assert member.role == "VIEWER"
    browser.post(f"{place}remove/")
    assert not Member.objects.filter(user=person).exists()


def test_the_last_administrator_stays(provider: Actor) -> None:
    own = user_of(provider)
    assert own is not None

    page = client_of(provider).post(f"/organization/members/{own.public_id}/remove/", follow=True)

    assert "appoint another one first" in text_of(page)
    assert Member.objects.filter(user=own).exists()


def test_a_secret_is_shown_once(provider: Actor, at: datetime) -> None:
    browser = client_of(provider)
    sent = {"label": "nightly", "scopes": ["read", "list"], "expires_on": "2027-01-31"}

    page = browser.post("/organization/tokens/", sent)

    token = ApiToken.objects.get()
    secret = next(
        w for w in text_of(page).split() if w.startswith(f"qh_{token.prefix}_") and "…" not in w
    )
    assert actor_for_token(secret, at=at).organization == "ORG-PROVIDER"
    assert "no-store" in page["Cache-Control"]
    assert secret not in browser.get("/organization/tokens/").content.decode()
    browser.post(f"/organization/tokens/{token.prefix}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_reaches_no_further_than_the_roles(provider: Actor) -> None:
    sent = {"label": "x", "scopes": ["trade"], "expires_on": "2027-01-31"}
    late = {"label": "x", "scopes": ["read"], "expires_on": "2031-01-31"}
    browser = client_of(provider)

    assert browser.post("/organization/tokens/", sent).status_code == 422
    page = browser.post("/organization/tokens/", late)
    assert page.status_code == 422
    assert "one year at most" in text_of(page)
    assert not ApiToken.objects.exists()
