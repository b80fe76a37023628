"""Every kind of caller as an HTTP client."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.utils import translation
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.parties.queries import user_of
from tests.caching import clear_cache


@pytest.fixture(autouse=True)
def _at_the_hour(at: datetime) -> Iterator[None]:
    """The faces take the time from the clock; here it stands still."""
    with time_machine.travel(at, tick=False), translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> Iterator[None]:
    """Throttles count in the cache; each test begins with none counted."""
    clear_cache()
    yield
    clear_cache()


ClientFor = Callable[[Actor], APIClient]


@pytest.fixture
def client_for() -> ClientFor:
    """Return an HTTP client that is signed in as the person behind an actor."""

    def make(actor: Actor) -> APIClient:
        client = APIClient()
        if person := user_of(actor):
            client.force_login(person)
        return client

    return make


@pytest.fixture
def callers(
    client_for: ClientFor,
    anonymous: Actor,
    stranger: Actor,
    provider_viewer: Actor,
    provider: Actor,
    buyer: Actor,
    regulator: Actor,
    operator: Actor,
) -> dict[str, APIClient]:
    """The whole cast, from nobody to the operator."""
    cast = {
        "anonymous": anonymous,
        "stranger": stranger,
        "provider_viewer": provider_viewer,
        "provider": provider,
        "buyer": buyer,
        "regulator": regulator,
        "operator": operator,
    }
    return {name: client_for(actor) for name, actor in cast.items()}
