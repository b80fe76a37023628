"""Signing up and in: accounts by our own verb, mails in the reader's language, second factors."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from audit.log.actors import Actor
from exchange.parties import services
from exchange.parties.models import User
from tests.caching import clear_cache

Log = Callable[[], list[tuple[str, str]]]
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_throttles() -> None:
    clear_cache()


@pytest.fixture
def person(db: None, at: datetime) -> User:
    """Somebody with a confirmed account."""
    return services.register_user(
        email="li@example.org",
        name="李雷",
        language="zh-hans",
        password=PASSWORD,
        verified=True,
        by=Actor.system("test"),
        at=at,
    )


def sign_in(client: Client, password: str = PASSWORD, email: str = "li@example.org") -> int:
    """Try to sign in and return the status."""
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


def test_signing_up_makes_an_account_and_an_entry(client: Client, db: None, log: Log) -> None:
    form = {
        "name": "Han",
        "email": "Han@Example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    response = client.post("/accounts/signup/", form, headers={"Accept-Language": "zh-hans"})

    assert response.status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, user.language) == ("han@example.org", "Han", "zh-hans")
    assert user.registered_at is not None
    assert EmailAddress.objects.get().email == "han@example.org"
    assert log() == [("parties.user.registered", str(user.public_id))]


@pytest.mark.parametrize(
    "changes", [{"password1": "short", "password2": "short"}, {"password2": "other"}, {"name": ""}]
)
def test_a_wrong_form_makes_nothing_and_keeps_the_input(
    client: Client, db: None, log: Log, changes: dict[str, str]
) -> None:
    form = {"name": "Han", "email": "h@example.org", "password1": PASSWORD, "password2": PASSWORD}

    response = client.post("/accounts/signup/", form | changes)

    assert response.status_code == 200
    page = response.content.decode()
    assert "something needs correction" in page
    assert "h@example.org" in page
    assert PASSWORD not in page
    assert not User.objects.exists()
    assert log() == []


def test_a_taken_address_is_not_told(client: Client, person: User, settings: object) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # type: ignore[attr-defined]
    form = {"name": "X", "password1": PASSWORD, "password2": PASSWORD}

    known = client.post("/accounts/signup/", form | {"email": "li@example.org"})
    unknown = Client().post("/accounts/signup/", form | {"email": "new@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [["li@example.org"], ["new@example.org"]]


def test_signing_in_changes_the_session_and_sets_the_language(client: Client, person: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = before = str(session.session_key)

    assert sign_in(client) == 302

    assert client.cookies["sessionid"].value != before
    assert client.cookies["django_language"].value == "zh-hans"
    assert "参与机构名册" in client.get("/participants/").content.decode()


def test_wrong_password_and_unknown_person_get_the_same_answer(
    client: Client, person: User
) -> None:
    def words(email: str) -> str:
        response = client.post("/accounts/login/", {"login": email, "password": "wrong wrong"})
        page = response.content.decode().replace(email, "E")
        return re.sub(r'value="[A-Za-z0-9]{64}"', "", page)

    assert words("li@example.org") == words("no@example.org")


def test_guessing_is_slowed_down(client: Client, person: User) -> None:
    for _attempt in range(12):
        sign_in(client, "wrong wrong")

    assert sign_in(client) != 302


def test_a_closed_account_cannot_sign_in_and_its_session_ends(
    client: Client, person: User, at: datetime
) -> None:
    sign_in(client)
    assert client.get("/accounts/email/").status_code == 200

    services.deactivate_user(user=person, reason="left", by=Actor.system("test"), at=at)

    assert client.get("/accounts/email/").status_code == 302
    fresh = Client()
    sign_in(fresh)
    assert "_auth_user_id" not in fresh.session


def test_mails_speak_the_readers_language(client: Client, person: User) -> None:
    client.post(
        "/accounts/password/reset/",
        {"email": "li@example.org"},
        headers={"Accept-Language": "en"},
    )

    (message,) = mail.outbox
    assert "绝不会通过电子邮件索要您的密码" in message.body
    assert "/accounts/password/reset/key/" in message.body
    assert "example.com" not in message.body


@time_machine.travel(NOW, tick=False)
def test_an_authenticator_app_is_asked_for_and_its_secret_is_encrypted(
    client: Client, person: User
) -> None:
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))

    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302

    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert get_adapter().decrypt(kept) == secret
    clear_cache()
    fresh = Client()
    sign_in(fresh)
    assert "_auth_user_id" not in fresh.session
    assert fresh.get("/accounts/2fa/authenticate/").status_code == 200
    fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in fresh.session
    fresh.post("/accounts/2fa/authenticate/", {"code": code})
    replaying = Client()
    sign_in(replaying)
    replaying.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" in fresh.session
    assert "_auth_user_id" not in replaying.session


@pytest.mark.parametrize(
    "address",
    ["email/", "password/change/", "2fa/", "2fa/webauthn/", "sessions/", "logout/"],
)
def test_account_pages_wear_our_face_in_both_languages(
    client: Client, person: User, address: str
) -> None:
    for language, words in (("zh-hans", "您的账户"), ("en", "Your account")):
        services.choose_language(user=person, language=language)
        client.logout()
        clear_cache()
        sign_in(client)
        page = client.get(f"/accounts/{address}")
        assert page.status_code == 200
        text = page.content.decode()
        assert 'class="masthead"' in text
        assert words in text or "logout" in address
