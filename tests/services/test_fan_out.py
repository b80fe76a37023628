"""Four Celery workers on Redis and PostgreSQL: the same report, and nothing lost to a kill."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.rulebook import queries as rulebook
from exchange.catalog.models import Product, Release
from exchange.compliance import services, tasks
from exchange.compliance.models import (
    Rescreening,
    RescreeningItem,
    Screening,
    ScreeningPart,
)
from exchange.compliance.queries import progress_of
from exchange.compliance.services import queue_screening, run_screening, screen_release
from exchange.parties.models import Organization
from tests.compliance.making import CLEAN, PSEUDONYMOUS, product_of, submitted
from tests.rulebook.making import NO_DECLARATION, published

from .workers import crew, wait_for

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ROWS = 600_000  # five row groups


@pytest.fixture(autouse=True)
def _services() -> Iterator[None]:
    if settings.REDIS_URL and connection.vendor == "postgresql":
        yield
        return
    if os.environ.get("REQUIRE_SERVICES") and connection.vendor == "postgresql":
        pytest.fail("REDIS_URL is not set, and this run must use the services")
    pytest.skip("workers of their own need PostgreSQL and Redis")


def table() -> dict[str, Any]:
    """Return columns with persons in the last rows only."""
    return {
        "客流": [row % 977 for row in range(ROWS)],
        "联系方式": [""] * (ROWS - 50) + [f"1391234{row:04}" for row in range(50)],
        "会员编号": [f"HY{row % 40_000:05}" for row in range(ROWS)],
    }


def test_four_workers_give_the_report_of_one_process(
    provider_org: Organization, provider: Actor, tmp_path: Path
) -> None:
    now, columns = timezone.now(), table()
    release = submitted(product_of(provider_org, provider, now), provider, now, columns)
    shared = queue_screening(release=release, by=tasks.BY, at=now)

    with crew(tmp_path, SCREENING_PART_ROWS="100000") as workers:
        workers.send(tasks.carry_out.name, reference=shared.reference)
        wait_for(lambda: Screening.objects.get(pk=shared.pk).status not in {"QUEUED", "RUNNING"})
        wait_for(lambda: workers.at_work() == [0, 1, 2, 3])

    shared.refresh_from_db()
    assert (shared.status, shared.failure, shared.rows_done) == ("DONE", "", ROWS)
    assert shared.begun_at is not None
    other = submitted(product_of(provider_org, provider, now), provider, now, columns)
    single = queue_screening(release=other, by=tasks.BY, at=now)
    run_screening(screening=single, at=shared.begun_at)
    assert canonical(single.report) == canonical(shared.report)
    assert single.report_sha256 == shared.report_sha256
    assert not ScreeningPart.objects.exists()


def test_a_killed_worker_costs_time_and_no_row(
    provider_org: Organization, provider: Actor, tmp_path: Path
) -> None:
    now = timezone.now()
    release = submitted(product_of(provider_org, provider, now), provider, now, table())
    shared = queue_screening(release=release, by=tasks.BY, at=now)
    parts = ScreeningPart.objects.filter(screening=shared)

    with crew(tmp_path, 2, SCREENING_PART_ROWS="100000", SCREENING_WORKERS="1") as workers:
        workers.send(tasks.carry_out.name, reference=shared.reference)
        wait_for(lambda: parts.filter(taken_until__isnull=False).exists())
        (busy,) = workers.at_work()
        workers.kill(busy)
        assert Screening.objects.get(pk=shared.pk).status == "RUNNING"
        # two minutes later
        parts.filter(tally=None).update(taken_until=now)
        Screening.objects.filter(pk=shared.pk).update(heartbeat_at=now - timedelta(minutes=3))
        assert [found.pk for found in services.forsaken_screenings(timezone.now())] == [shared.pk]
        workers.send(tasks.lend_a_hand.name, reference=shared.reference)
        wait_for(lambda: Screening.objects.get(pk=shared.pk).status != "RUNNING")

    shared.refresh_from_db()
    assert (shared.status, shared.rows_done) == ("DONE", ROWS)


def test_a_run_over_many_releases_survives_a_killed_worker(
    provider_org: Organization, provider: Actor, regulator: Actor, colleague: Actor,
    at: datetime, tmp_path: Path,
) -> None:  # fmt: skip
    now, many = timezone.now(), 24
    for number in range(many):
        product = product_of(provider_org, provider, now, personal_basis="DEIDENTIFIED")
        columns = dict(PSEUDONYMOUS if number % 3 == 0 else CLEAN)
        columns["序号"] = [number] * len(columns["客流" if "客流" in columns else "日期"])
        screen_release(release=submitted(product, provider, now, columns), by=tasks.BY, at=now)
        Product.objects.filter(pk=product.pk).update(status="LISTED", listed_at=now)
    day = timezone.localdate() + timedelta(days=2)
    pack = published(regulator, colleague, now, day=day, edits=[NO_DECLARATION])
    run = services.plan_rescreening(pack=pack.reference, by=tasks.BY, at=now)
    read = RescreeningItem.objects.filter(rescreening=run, screening__status="DONE")

    with crew(tmp_path) as workers:
        for _worker in workers.processes:
            workers.send(tasks.rescreen.name, reference=run.reference)
        wait_for(lambda: read.count() >= 4)
        workers.kill(0)
        left = RescreeningItem.objects.filter(rescreening=run).exclude(screening__status="DONE")
        left.update(taken_until=now)  # two minutes later
        for _worker in workers.processes:
            workers.send(tasks.rescreen.name, reference=run.reference)
        wait_for(lambda: read.count() == many)

    instant = rulebook.begins_at(day)
    (due,) = services.begin_due(at=instant)
    services.work_on(run=due, clock=lambda: instant, seconds=600)
    counts = progress_of(Rescreening.objects.get(pk=run.pk))
    assert (counts.total, counts.renewed, counts.stopped) == (many, 16, 8)
    assert Release.objects.filter(status="CLEARED", cleared_pack=pack.reference).count() == 16
    assert Product.objects.filter(status="SUSPENDED").count() == 8
