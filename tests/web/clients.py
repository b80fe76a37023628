"""Browsers of the cast, and what is read off a page."""

import html
import re
from typing import Any

from django.test import Client

from audit.log.actors import Actor
from exchange.parties.queries import user_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CALLERS = (
    "anonymous",
    "stranger",
    "provider_viewer",
    "provider",
    "buyer",
    "regulator",
    "operator",
)


def client_of(actor: Actor) -> Client:
    """Return a browser in which the person behind `actor` is signed in; nobody for nobody."""
    client = Client()
    if actor.is_identified:
        person = user_of(actor)
        assert person is not None
        client.force_login(person, backend=BACKEND)
    return client


def text_of(response: Any) -> str:
    """Return the words of a page without its tags."""
    page = response.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def hidden_of(response: Any, name: str) -> str:
    """Return the value of the first input of this name."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', response.content.decode())
    assert found is not None, name
    return html.unescape(found[1])
