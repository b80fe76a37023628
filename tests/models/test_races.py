"""Rivals for the last call of a budget, and a worker that dies between run and answer."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import Inference, call_model, inferences
from exchange.parties.models import Organization
from tests.racing import at_once

from .making import cleared_model
from .test_inferences import ROWS, opened

RIVALS, EACH = 20, 5
pytestmark = [
    pytest.mark.runtime,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def single(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Grant:
    """A grant of one call."""
    release = cleared_model(provider_org, provider, at)
    return opened(release, buyer_org, at, budget_downloads=1)


def count_of(name: str) -> int:
    """Return how many entries of a name there are."""
    return Entry.objects.filter(name=name).count()


def test_of_a_hundred_rivals_for_the_last_call_one_succeeds(
    single: Grant, buyer: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = SimpleNamespace(outputs=())
    monkeypatch.setattr(inferences, "run_plan", lambda *_args, **_kwargs: answers)

    def call() -> Inference | AccessDenied:
        try:
            return call_model(grant=single, inputs=ROWS, by=buyer, at=at)
        except AccessDenied as denied:
            return denied

    def insist(_number: int) -> list[Any]:
        return [call() for _turn in range(EACH)]

    results: list[Any] = [each for tried in at_once(insist, RIVALS) for each in tried]

    won = [each for each in results if isinstance(each, Inference)]
    lost = [each for each in results if isinstance(each, AccessDenied)]
    assert (len(won), len(lost)) == (1, RIVALS * EACH - 1)
    assert {each.refusal for each in lost} == {"EXHAUSTED"}
    single.refresh_from_db()
    assert (single.status, single.used_downloads) == ("EXHAUSTED", 1)
    assert count_of("delivery.access.taken") == Access.objects.count() == 1


CHILD = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from exchange.delivery.models import Grant
from exchange.delivery.services import call_model, downloads, inferences
from exchange.parties.models import User
from exchange.parties.queries import actor_for_user
die = lambda *_args, **_kwargs: os.kill(os.getpid(), signal.SIGKILL)
when, at = sys.argv[1], datetime.fromisoformat(sys.argv[2])
if when == "in the run":
    inferences.run_plan = die
if when == "before commit":
    downloads.begin = die
if when == "before the answer":
    inferences.read_outputs = die
buyer = actor_for_user(User.objects.get(email="buyer@example.org"))
call_model(grant=Grant.objects.get(), inputs={"X": [[1, 2]]}, by=buyer, at=at, request_key="k")
"""


@pytest.mark.parametrize("when", ["in the run", "before commit", "before the answer"])
def test_a_killed_worker_leaves_all_or_nothing(
    when: str, single: Grant, buyer: Actor, at: datetime
) -> None:
    assert run_child(when, at) == -signal.SIGKILL

    single.refresh_from_db()
    taken = count_of("delivery.access.taken")
    assert taken == Access.objects.count() == single.used_downloads
    assert taken == (1 if when == "before the answer" else 0)
    again = call_model(grant=single, inputs={"X": [[1, 2]]}, by=buyer, at=at, request_key="k")
    assert again.answer["rows"] == 1
    single.refresh_from_db()
    assert (single.used_downloads, Access.objects.count()) == (1, 1)


def run_child(when: str, at: datetime) -> int:
    """Call in a process of its own that is killed at `when`; return how it ended."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    environment = os.environ | {"DATABASE_URL": url, "QUANHENG_VAR": str(settings.VAR)}
    done = subprocess.run(  # noqa: S603  our own child
        [sys.executable, "-c", CHILD, when, at.isoformat()],
        env=environment,
        cwd=Path(settings.ROOT),
        check=False,
        timeout=120,
    )
    return done.returncode
