"""The filter begins by itself when a release is submitted, and goes on after a crash."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from audit.log.reactions import dispatch
from audit.rulebook.queries import get_pack
from exchange.catalog.models import Release
from exchange.compliance import tasks
from exchange.compliance.models import Screening
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization

from .making import PERSONAL, product_of, submitted


@pytest.fixture
def release(provider_org: Organization, provider: Any, at: datetime) -> Release:
    """A release that may not be traded and waits for the filter."""
    return submitted(product_of(provider_org, provider, at), provider, at, PERSONAL)


def test_a_submitted_release_is_screened(
    release: Release, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with time_machine.travel(at), django_capture_on_commit_callbacks(execute=True):
        dispatch(at=at)

    release.refresh_from_db()
    assert release.status == "BLOCKED"
    assert Screening.objects.get().outcome == "BLOCK"


def test_news_that_comes_twice_screens_once(
    release: Release, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    screen_release(release=release, by=tasks.BY, at=at)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        dispatch(at=at)

    assert not [c for c in callbacks if "carry_out" in repr(c)]
    assert Screening.objects.count() == 1


def test_a_task_that_comes_twice_reads_once(release: Release, at: datetime) -> None:
    screening = screen_release(release=release, by=tasks.BY, at=at)

    tasks.carry_out(reference=screening.reference)

    assert Screening.objects.get().finished_at == at


def test_what_a_killed_worker_left_is_taken_up(release: Release, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        tasks.services.queue_screening(release=release, by=tasks.BY, at=at)
        screening = Screening.objects.get()
        pack = get_pack("compliance", on=at.date())
        tasks.services.screening._begin(screening, pack, at)
        Screening.objects.update(heartbeat_at=at)

    with time_machine.travel(at + timedelta(hours=1), tick=False):
        tasks.resume_screenings()
        tasks.resume_screenings()

    release.refresh_from_db()
    assert release.status == "BLOCKED"
    assert sorted(Screening.objects.values_list("status", flat=True)) == ["DONE", "FAILED"]


def test_new_rules_screen_what_they_outdate(
    provider_org: Organization, provider: Any, at: datetime
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at)
    screen_release(release=release, by=tasks.BY, at=at)
    Release.objects.filter(pk=release.pk).update(cleared_pack="compliance@2025-01-01")

    with time_machine.travel(at, tick=False):
        tasks.rescreen_outdated()
        tasks.rescreen_outdated()

    release.refresh_from_db()
    assert (release.status, release.cleared_pack) == ("CLEARED", "compliance@2026-11-01")
    assert Screening.objects.count() == 2
