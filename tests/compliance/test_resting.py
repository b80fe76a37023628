"""While an algorithm that the verdict needs is suspended, releases wait, and then go on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from audit.decisions.models import Decision
from audit.disclosure.models import Disclosure
from audit.disclosure.services import lift_suspension, suspend_disclosure
from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Release
from exchange.compliance import tasks
from exchange.compliance.models import Screening, ScreeningPart
from exchange.compliance.resting import may_judge, resting_algorithms
from exchange.compliance.services import queue_screening, run_screening
from exchange.compliance.services import screening as screening_services
from exchange.parties.models import Organization

from .making import CLEAN, PERSONAL, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def release(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A release that may not be traded and waits for the filter."""
    return submitted(product_of(provider_org, provider, at), provider, at, PERSONAL)


@pytest.fixture(params=["scanner", "grading"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def now(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def of(algorithm: str) -> Disclosure:
    return Disclosure.objects.get(algorithm=algorithm, owner="", status__in=IN_REGISTER)


IN_REGISTER = ("PUBLISHED", "SUSPENDED")


def suspend(algorithm: str, by: Actor, at: datetime) -> None:
    suspend_disclosure(
        disclosure=of(algorithm),
        reason="It misses license plates.",
        basis="Article 24",
        since=at.date(),
        by=by,
        at=at,
    )


def beat(at: datetime, capture: Any) -> None:
    """Let reactions and clocks run as the dispatcher does."""
    with capture(execute=True):
        dispatch(at=at)
        tasks.resume_screenings()


@pytest.mark.usefixtures("now")
def test_nothing_is_read_or_judged_and_the_release_goes_on_by_itself(
    release: Release,
    algorithm: str,
    regulator: Actor,
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    suspend(algorithm, regulator, at)

    beat(at, django_capture_on_commit_callbacks)
    with time_machine.travel(at + timedelta(hours=2), tick=False):
        beat(at + timedelta(hours=2), django_capture_on_commit_callbacks)

    release.refresh_from_db()
    screening = Screening.objects.get()
    assert (release.status, screening.status, screening.outcome) == ("SUBMITTED", "QUEUED", "")
    assert [row.algorithm for row in resting_algorithms()] == [algorithm]
    assert not Decision.objects.exists()

    lift_suspension(disclosure=of(algorithm), reason="Mended.", by=regulator, at=at)
    beat(at, django_capture_on_commit_callbacks)

    release.refresh_from_db()
    screening.refresh_from_db()
    assert (release.status, screening.status, screening.outcome) == ("BLOCKED", "DONE", "BLOCK")
    assert Decision.objects.filter(subject=screening.reference).count() == 2
    assert resting_algorithms() == []


@pytest.mark.usefixtures("now")
def test_the_other_algorithm_still_holds_it_back(
    release: Release, regulator: Actor, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    for algorithm in ("scanner", "grading"):
        suspend(algorithm, regulator, at)
    beat(at, django_capture_on_commit_callbacks)

    lift_suspension(disclosure=of("scanner"), reason="Mended.", by=regulator, at=at)
    beat(at, django_capture_on_commit_callbacks)

    release.refresh_from_db()
    assert (release.status, may_judge()) == ("SUBMITTED", False)


def test_what_is_suspended_while_it_reads_goes_back_into_the_queue(
    provider_org: Organization,
    provider: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, CLEAN)
    screening = queue_screening(release=release, by=tasks.BY, at=at)
    read = screening_services.read_content

    def read_and_suspend(*said: Any) -> Any:
        content = read(*said)
        suspend("scanner", regulator, at)
        return content

    monkeypatch.setattr(screening_services, "read_content", read_and_suspend)
    run_screening(screening=screening, at=at)

    release.refresh_from_db()
    screening.refresh_from_db()
    assert (release.status, screening.status, screening.outcome) == ("SUBMITTED", "QUEUED", "")
    assert (screening.begun_at, screening.report_sha256, release.screening) == (None, "", "")
    assert ("compliance.screening.put_back", screening.reference) in log()
    assert not Decision.objects.exists()

    monkeypatch.setattr(screening_services, "read_content", read)
    lift_suspension(disclosure=of("scanner"), reason="Mended.", by=regulator, at=at)
    run_screening(screening=Screening.objects.get(), at=at)

    release.refresh_from_db()
    assert release.status == "CLEARED"
    assert Screening.objects.count() == 1


def test_a_reading_in_parts_goes_back_as_well_and_is_not_blocked(
    provider_org: Organization, provider: Actor, regulator: Actor, at: datetime, settings: Any
) -> None:
    settings.SCREENING_PART_ROWS = 10
    release = submitted(product_of(provider_org, provider, at), provider, at, CLEAN)
    screening = queue_screening(release=release, by=tasks.BY, at=at)

    run_screening(
        screening=screening,
        at=at,
        spread=lambda _parts: suspend("grading", regulator, at),
        clock=lambda: at,
    )

    release.refresh_from_db()
    screening.refresh_from_db()
    assert (release.status, screening.status) == ("SUBMITTED", "QUEUED")
    assert not ScreeningPart.objects.exists()
    lift_suspension(disclosure=of("grading"), reason="Mended.", by=regulator, at=at)
    run_screening(screening=screening, at=at, spread=lambda _parts: None, clock=lambda: at)
    release.refresh_from_db()
    assert release.status == "CLEARED"
