"""One screening by several workers gives the report of one process, whoever dies on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.canonical import canonical
from exchange.catalog.models import Release
from exchange.compliance import services, tasks
from exchange.compliance.models import Screening, ScreeningPart
from exchange.compliance.services import parts as parting
from exchange.compliance.services import queue_screening, run_screening
from exchange.parties.models import Organization

from .making import product_of, submitted

ROWS = 300_000  # three row groups


def large(organization: Organization, provider: Actor, at: datetime) -> Release:
    """Return a large release that waits for the filter, with persons in its last rows only."""
    columns: dict[str, Any] = {
        "客流": [row % 977 for row in range(ROWS)],
        "联系方式": [""] * (ROWS - 50) + [f"1391234{row:04}" for row in range(50)],
        "会员编号": [f"HY{row % 40_000:05}" for row in range(ROWS)],
    }
    return submitted(product_of(organization, provider, at), provider, at, columns)


@pytest.fixture
def release(provider_org: Organization, provider: Actor, at: datetime, settings: Any) -> Release:
    settings.SCREENING_PART_ROWS = 100_000
    return large(provider_org, provider, at)


def report_of(screening: Screening) -> bytes:
    screening.refresh_from_db()
    return bytes(canonical(screening.report))


def alone(organization: Organization, provider: Actor, at: datetime) -> bytes:
    """Return the report of one process on the same content."""
    other = large(organization, provider, at)
    screening = queue_screening(release=other, by=tasks.BY, at=at)
    run_screening(screening=screening, at=at)
    assert not ScreeningPart.objects.filter(screening=screening).exists()
    return report_of(screening)


def begun(release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Screening:
    """Return a screening whose first worker died when the parts were cut."""
    screening = queue_screening(release=release, by=tasks.BY, at=at)

    def die(parts: int) -> None:
        assert parts == 3
        raise SystemExit

    with pytest.raises(SystemExit):
        run_screening(screening=screening, at=at, spread=die, clock=lambda: at)
    return Screening.objects.get(pk=screening.pk)


def helper(screening: Screening) -> Screening:
    return Screening.objects.select_related(
        "release__product__provider", "release__product__rights", "release__table"
    ).get(pk=screening.pk)


def test_parts_in_any_order_give_the_report_of_one_process(
    release: Release, provider_org: Organization, provider: Actor, at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    screening = begun(release, at, monkeypatch)
    measure = parting._measure
    one_each = iter([2, 0, 1])

    def next_part(screening: Screening, _at: datetime) -> ScreeningPart | None:
        number = next(one_each, None)
        return None if number is None else screening.parts.get(number=number)

    with monkeypatch.context() as patch:
        patch.setattr(parting, "_take", next_part)
        patch.setattr(parting, "_measure", measure)
        services.help_screening(screening=helper(screening), clock=lambda: at)

    screening.refresh_from_db()
    assert (screening.status, screening.rows_done) == ("DONE", ROWS)
    assert report_of(screening) == alone(provider_org, provider, at)
    assert not ScreeningPart.objects.exists()


def test_several_hands_share_the_parts_and_the_last_one_judges(
    release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = begun(release, at, monkeypatch)
    measure, read = parting._measure, []

    def one_part(*args: Any) -> None:
        measure(*args)
        read.append(args[1].number)
        if len(read) < 3:
            raise SystemExit  # this worker is killed once its part is kept

    with monkeypatch.context() as patch:
        patch.setattr(parting, "_measure", one_part)
        for _worker in range(2):
            with pytest.raises(SystemExit):
                services.help_screening(screening=helper(screening), clock=lambda: at)
            assert helper(screening).status == "RUNNING"
        services.help_screening(screening=helper(screening), clock=lambda: at)

    assert read == [0, 1, 2]
    screening.refresh_from_db()
    assert screening.status == "DONE"
    release.refresh_from_db()
    assert release.status == "BLOCKED"


def test_a_part_that_a_killed_worker_had_taken_is_free_when_its_lease_is_over(
    release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = begun(release, at, monkeypatch)
    taken = parting._take(screening, at)
    later = at + parting.LEASE + timedelta(seconds=1)

    services.help_screening(screening=helper(screening), clock=lambda: at)
    assert helper(screening).status == "RUNNING"
    Screening.objects.update(heartbeat_at=at)
    assert list(services.forsaken_screenings(at)) == []
    assert list(services.forsaken_screenings(later)) == [screening]
    assert services.recover_screenings(at=at + timedelta(hours=1)) == []

    services.help_screening(screening=helper(screening), clock=lambda: later)
    assert taken is not None
    assert helper(screening).status == "DONE"


def test_a_tally_of_another_scanner_is_read_again(
    release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = begun(release, at, monkeypatch)
    screening.parts.filter(number=1).update(tally=b"of another version")

    services.help_screening(screening=helper(screening), clock=lambda: at)

    assert helper(screening).status == "DONE"


def test_a_part_that_cannot_be_read_blocks_the_release(
    release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = begun(release, at, monkeypatch)

    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError("the disk is gone")

    monkeypatch.setattr(parting, "measure_parquet", broken)
    services.help_screening(screening=helper(screening), clock=lambda: at)

    release.refresh_from_db()
    assert (helper(screening).status, release.status) == ("FAILED", "BLOCKED")
    assert not ScreeningPart.objects.exists()
