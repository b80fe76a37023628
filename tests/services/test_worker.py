"""The clockwork over a real broker: what Celery carries in production."""

import os
import time
from datetime import datetime

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from audit.log.actors import Actor
from audit.log.models import Entry, Leaf
from audit.log.services import record
from audit.rulebook.events import PackPublished
from config.celery import app
from config.tasks import tick

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def _broker() -> None:
    if settings.REDIS_URL:
        return
    if os.environ.get("REQUIRE_SERVICES"):
        pytest.fail("REDIS_URL is not set, and this run must use the services")
    pytest.skip("REDIS_URL is not set")


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the worker's own sockets
@pytest.mark.filterwarnings("ignore:task_always_eager")  # the message is meant for the broker
def test_a_worker_sequences_what_was_recorded(at: datetime) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the worker's thread needs a database of its own to connect to")
    with transaction.atomic():
        event = PackPublished(pack="demo@2026-01-01", effective_on="2026-01-01", sha256="0" * 64)
        entry = record(event, by=Actor.system("test"), at=at)

    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        app.send_task(tick.name)  # through the broker, also where tasks run at once
        for _ in range(100):
            if Leaf.objects.filter(entry=entry).exists():
                break
            time.sleep(0.1)

    assert Leaf.objects.get(entry=entry).index == 0
    assert Entry.objects.count() == 1


def test_the_cache_is_shared(at: datetime) -> None:
    cache.set("shared", "yes", 5)

    assert cache.get("shared") == "yes"
    assert settings.CACHES["default"]["BACKEND"].endswith("RedisCache")
