"""Every kind of caller as an HTTP client."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.utils import translation
from rest_framework.test import APIClient

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.parties.queries import user_of
from tests.caching import clear_cache

from .casting import cast  # noqa: F401  a fixture of the journeys


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
    everybody = {
        "anonymous": anonymous,
        "stranger": stranger,
        "provider_viewer": provider_viewer,
        "provider": provider,
        "buyer": buyer,
        "regulator": regulator,
        "operator": operator,
    }
    return {name: client_for(actor) for name, actor in everybody.items()}


@pytest.fixture
def settle_log(
    at: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[], None]:
    """Return what the dispatcher does all day: sequence, react, publish."""

    def settle() -> None:
        for _round in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                dispatch(at=at)
        publish(at=at)

    return settle
