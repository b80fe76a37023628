"""Rivals for the last unit of a budget, and a process killed between budget and bytes."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import (
    Download,
    resume_download,
    revoke_grant,
    take_download,
)
from exchange.parties.models import Organization
from tests.racing import at_once

from .making import CONTENT, SYSTEM, make_grant

RIVALS = 20
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def count_of(name: str) -> int:
    return Entry.objects.filter(name=name).count()


@pytest.fixture
def single(product: Product, buyer_org: Organization, at: datetime) -> Grant:
    """A grant of one download."""
    return make_grant(product, buyer_org, at, budget_downloads=1)


def test_of_many_rivals_for_one_download_one_succeeds(
    single: Grant, buyer: Actor, at: datetime
) -> None:
    def fetch(_number: int) -> bytes:
        return b"".join(take_download(grant=single, by=buyer, at=at))

    results = at_once(fetch, RIVALS)

    assert results.count(CONTENT) == 1
    denied = [result for result in results if isinstance(result, AccessDenied)]
    assert {refusal.refusal for refusal in denied} == {"EXHAUSTED"}
    assert len(denied) == RIVALS - 1
    single.refresh_from_db()
    assert (single.status, single.used_downloads) == ("EXHAUSTED", 1)
    assert count_of("delivery.access.taken") == Access.objects.count() == 1
    assert count_of("delivery.access.refused") == RIVALS - 1
    assert count_of("delivery.access.completed") == 1


def test_a_request_sent_many_times_at_once_takes_one(
    grant: Grant, buyer: Actor, at: datetime
) -> None:
    def take(_number: int) -> Download:
        return take_download(grant=grant, by=buyer, at=at, request_key="one")

    results = at_once(take, RIVALS)

    assert len({result.access.reference for result in results}) == 1
    grant.refresh_from_db()
    assert (grant.used_downloads, count_of("delivery.access.taken")) == (1, 1)


def test_one_access_is_not_multiplied_by_parallel_streams(
    single: Grant, buyer: Actor, at: datetime
) -> None:
    access = take_download(grant=single, by=buyer, at=at).access

    def fetch(_number: int) -> object:
        stream = resume_download(access=access, by=buyer, at=at).chunks()
        held.append(stream)
        return "open"

    held: list[object] = []
    results = at_once(fetch, RIVALS)

    assert results.count("open") == 3
    assert {r.refusal for r in results if isinstance(r, AccessDenied)} == {"ALLOWANCE_USED"}
    for stream in held:
        stream.close()


def test_revocation_and_download_race_to_one_order(
    single: Grant, buyer: Actor, at: datetime
) -> None:
    def act(number: int) -> str:
        own = Grant.objects.get(pk=single.pk)
        if number == 0:
            revoke_grant(grant=own, reason="contract terminated", by=SYSTEM, at=at)
            return "revoked"
        take_download(grant=own, by=buyer, at=at)
        return "taken"

    results = at_once(act, 8)

    single.refresh_from_db()
    assert single.status == "REVOKED"
    assert results.count("taken") == single.used_downloads == count_of("delivery.access.taken")
    assert results.count("taken") <= 1


CHILD = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from exchange.delivery.models import Grant
from exchange.delivery.services import take_download
from exchange.parties.models import User
from exchange.parties.queries import actor_for_user
buyer = actor_for_user(User.objects.get(email="buyer@example.org"))
when = sys.argv[1]
at = datetime.fromisoformat(sys.argv[2])
if when == "before commit":
    from exchange.delivery.services import downloads
    downloads.begin = lambda *_args, **_kwargs: os.kill(os.getpid(), signal.SIGKILL)
download = take_download(grant=Grant.objects.get(), by=buyer, at=at)
stream = download.chunks()
if when == "in the bytes":
    next(stream)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["before commit", "before the bytes", "in the bytes"])
def test_a_killed_process_leaves_all_or_nothing(
    when: str, single: Grant, buyer: Actor, at: datetime
) -> None:
    killed = run_child(when, at)

    assert killed == -signal.SIGKILL
    single.refresh_from_db()
    taken = count_of("delivery.access.taken")
    assert taken == Access.objects.count() == single.used_downloads
    if when == "before commit":
        assert taken == 0
        assert b"".join(take_download(grant=single, by=buyer, at=at)) == CONTENT
        return
    assert taken == 1
    access = Access.objects.get()
    assert (access.status, access.bytes_covered) == ("TAKEN", 0)
    assert b"".join(resume_download(access=access, by=buyer, at=at)) == CONTENT
    assert single.used_downloads == 1
    assert count_of("delivery.access.completed") == 1


def run_child(when: str, at: datetime) -> int:
    """Take a download in a process of its own that is killed at `when`; return how it ended."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    environment = os.environ | {"DATABASE_URL": url, "QUANHENG_VAR": str(settings.VAR)}
    done = subprocess.run(  # noqa: S603  our own child
        [sys.executable, "-c", CHILD, when, at.isoformat()],
        env=environment,
        cwd=Path(settings.ROOT),
        check=False,
        timeout=60,
    )
    return done.returncode
