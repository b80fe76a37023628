"""A new version of the rules: read ahead, in force at once, and nothing lost on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from audit.rulebook import queries as rulebook
from audit.rulebook.queries import begins_at
from audit.rulebook.services import withdraw_pack
from exchange.catalog.models import Product, Release
from exchange.compliance import gate, services, tasks
from exchange.compliance.models import Rescreening, RescreeningItem, Screening
from exchange.compliance.queries import foreseen_outcomes, latest_screening, progress_of
from exchange.compliance.services import rescreening, screen_release
from exchange.parties.models import Organization
from tests.faults.statements import NO_WORK
from tests.rulebook.making import DAY, NO_DECLARATION, published

from .making import CLEAN, PSEUDONYMOUS, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
BEGINS = begins_at(DAY)


def live(
    organization: Organization, provider: Actor, at: datetime, columns: Any = CLEAN
) -> Release:
    """Return a release that is on the market."""
    product = product_of(organization, provider, at, personal_basis="DEIDENTIFIED")
    release = submitted(product, provider, at, columns)
    screen_release(release=release, by=tasks.BY, at=at)
    Product.objects.filter(pk=product.pk).update(status="LISTED", listed_at=at)
    release.refresh_from_db()
    assert release.status == "CLEARED"
    return Release.objects.select_related("product").get(pk=release.pk)


@pytest.fixture
def clean(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A release that no version of the rules minds."""
    return live(provider_org, provider, at)


@pytest.fixture
def touched(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A release that passes only because its provider declares it de-identified."""
    return live(provider_org, provider, at, PSEUDONYMOUS)


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """End the worker instead of running its statement with this number."""
    ran = 0

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal ran
        if not sql.lstrip().upper().startswith(NO_WORK):
            if ran == number:
                raise Killed(sql)
            ran += 1
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield


def new_rules(regulator: Actor, colleague: Actor, at: datetime) -> Rescreening:
    """Publish a version that touches `touched`, and return its run."""
    published(regulator, colleague, at, edits=[NO_DECLARATION])
    dispatch(at=at)
    return Rescreening.objects.get()


def work(run: Rescreening, at: datetime) -> int:
    return services.work_on(run=run, clock=lambda: at, seconds=60)


def test_what_a_version_touches_is_read_ahead_and_left_on_the_market(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    run = new_rules(regulator, colleague, at)
    before = len(log())

    assert work(run, at) == 2
    assert work(run, at) == 0

    assert (run.status, run.pack) == ("PREPARING", "compliance@2026-12-10")
    assert foreseen_outcomes(run) == {"CLEAR": 1, "REVIEW": 1}
    for release in (clean, touched):
        release.refresh_from_db()
        assert (release.status, release.cleared_pack) == ("CLEARED", "compliance@2026-11-01")
        assert gate.why_not_trade(release, at) is None
        assert latest_screening(release).pack == "compliance@2026-11-01"
    assert [name for name, _ in log()[before:]] == [
        "compliance.screening.queued",
        "compliance.screening.started",
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
    ] * 2


def test_verdicts_count_from_the_instant_the_rules_bind(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    work(new_rules(regulator, colleague, at), at)
    moment = timedelta(microseconds=1)

    assert gate.why_not_trade(clean, BEGINS - moment) is None
    assert gate.why_not_trade(touched, BEGINS - moment) is None
    assert gate.why_not_trade(clean, BEGINS) is None
    assert "now compliance@2026-12-10 applies" in str(gate.why_not_trade(touched, BEGINS))


def test_without_a_verdict_nothing_is_traded_under_new_rules(
    clean: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    new_rules(regulator, colleague, at)

    assert gate.why_not_trade(clean, BEGINS) is not None


def test_when_the_rules_bind_what_passes_is_renewed_and_the_rest_is_stopped(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    run = new_rules(regulator, colleague, at)
    work(run, at)
    before = len(log())

    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)

    due.refresh_from_db()
    counts = progress_of(due)
    assert due.status == "DONE"
    assert (counts.renewed, counts.stopped, counts.failed, counts.left) == (1, 1, 0, 0)
    clean.refresh_from_db()
    assert (clean.status, clean.cleared_pack) == ("CLEARED", run.pack)
    assert gate.why_not_trade(clean, BEGINS) is None
    touched.refresh_from_db()
    touched.product.refresh_from_db()
    assert touched.status == "IN_REVIEW"
    assert (touched.product.status, touched.product.suspension_authority) == (
        "SUSPENDED",
        "SYSTEM",
    )
    assert "R-PSEUDO" in touched.product.status_reason
    assert "《个人信息保护法》" in touched.product.status_reason
    assert log()[before:] == [
        ("compliance.rescreening.applied", run.reference),
        ("catalog.release.renewed", clean.reference),
        ("catalog.release.screening", touched.reference),
        ("catalog.listing.suspended", touched.product.reference),
        ("compliance.release.stopped", touched.reference),
        ("catalog.release.held", touched.reference),
        ("compliance.case.opened", Screening.objects.get(outcome="REVIEW").case.reference),
        ("compliance.rescreening.finished", run.reference),
    ]
    assert services.begin_due(at=BEGINS) == []


def test_what_was_cleared_meanwhile_is_taken_in(
    clean: Release, provider_org: Organization, provider: Actor, regulator: Actor,
    colleague: Actor, at: datetime,
) -> None:  # fmt: skip
    run = new_rules(regulator, colleague, at)
    work(run, at)
    later = live(provider_org, provider, at, PSEUDONYMOUS)

    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)

    later.refresh_from_db()
    assert later.status == "IN_REVIEW"
    assert progress_of(due).total == 2


def test_withdrawn_rules_touch_nothing(
    touched: Release, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    pack = published(regulator, colleague, at, edits=[NO_DECLARATION])
    dispatch(at=at)
    work(Rescreening.objects.get(), at)

    withdraw_pack(pack=pack, reason="Too strict", by=regulator, at=at)
    rulebook.forget_packs()
    dispatch(at=at)

    assert Rescreening.objects.get().status == "CANCELLED"
    assert log()[-1] == ("compliance.rescreening.cancelled", Rescreening.objects.get().reference)
    assert services.begin_due(at=BEGINS) == []
    assert gate.why_not_trade(touched, BEGINS) is None


def test_what_cannot_be_read_is_tried_again_and_then_taken_off_the_market(
    clean: Release, regulator: Actor, colleague: Actor, at: datetime, log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = new_rules(regulator, colleague, at)

    def broken(*_args: Any) -> Any:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(rescreening, "read_content", broken)
        for minutes in range(4):
            work(run, at + timedelta(minutes=minutes))
        clean.refresh_from_db()
        assert clean.status == "CLEARED"
        assert gate.why_not_trade(clean, BEGINS) is not None
        services.begin_due(at=BEGINS)
        work(run, BEGINS)

    clean.refresh_from_db()
    clean.product.refresh_from_db()
    assert Screening.objects.filter(status="FAILED", outcome="BLOCK").count() == 3
    assert (clean.status, clean.product.status) == ("SUBMITTED", "SUSPENDED")
    assert progress_of(run).failed == 1
    assert ("compliance.release.stopped", clean.reference) in log()


def test_a_run_goes_on_where_a_killed_worker_left_it(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = new_rules(regulator, colleague, at)

    def die(*_args: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(rescreening, "read_content", die)
        with pytest.raises(SystemExit):
            work(run, at)
    assert Screening.objects.filter(status="RUNNING").count() == 1
    services.recover_screenings(at=at + timedelta(hours=1))
    assert Screening.objects.filter(status="RUNNING").count() == 1

    assert work(run, at + timedelta(seconds=1)) == 1  # the other one; the lease still holds
    assert work(run, at + rescreening.LEASE + timedelta(seconds=1)) == 1

    assert foreseen_outcomes(run) == {"CLEAR": 1, "REVIEW": 1}
    assert Screening.objects.get(status="FAILED").failure == "The screening was interrupted."


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_between_any_two_steps_loses_nothing(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    run = new_rules(regulator, colleague, at)
    hours = iter(range(10_000))

    def check(_number: int) -> None:
        """Nothing passes that should not, and no release is lost."""
        items = list(RescreeningItem.objects.select_related("release__product"))
        assert len(items) == 2
        for item in items:
            release = item.release
            assert (item.outcome != "") == (
                release.cleared_pack == run.pack or release.status == "IN_REVIEW"
            )
            assert (release.status == "IN_REVIEW") == (release.product.status == "SUSPENDED")

    def live_through() -> None:
        now = BEGINS + timedelta(hours=next(hours))
        for due in services.begin_due(at=now):
            services.work_on(run=due, clock=lambda: now, seconds=60)

    steps = 0
    while True:
        try:
            with killed_at(steps):
                live_through()
        except Killed:
            check(steps)
            steps += 1
        else:
            break

    run.refresh_from_db()
    counts = progress_of(run)
    assert steps > 30
    assert run.status == "DONE"
    assert (counts.renewed, counts.stopped) == (1, 1)


def test_two_workers_share_a_run_without_doing_anything_twice(
    clean: Release, touched: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    run = new_rules(regulator, colleague, at)
    first = rescreening._take(run, at)
    second = rescreening._take(run, at)

    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert rescreening._take(run, at) is None
    assert rescreening._mine(first).update(taken_by="another") == 1
    assert rescreening._mine(first).count() == 0


def test_a_release_taken_back_meanwhile_is_left(
    clean: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    run = new_rules(regulator, colleague, at)
    work(run, at)
    Release.objects.filter(pk=clean.pk).update(status="WITHDRAWN")

    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)

    assert progress_of(due).left == 1


def test_only_compliance_rules_have_releases_screened(
    clean: Release, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    tasks.plan_for_new_rules(
        entry=None,
        event=tasks.PackPublished(pack="fees@2026-11-01", effective_on="", sha256=""),
        at=at - timedelta(days=365),
    )

    assert not Rescreening.objects.exists()
