"""The exchange's clockwork, carried by Celery, `work` or `serve`."""

from collections.abc import Callable
from typing import Final

from celery import shared_task
from django.utils import timezone

from audit.decisions.tasks import seal_when_due
from audit.disclosure.services import watch_disclosures
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.algorithms.tasks import resume_evaluations
from exchange.appraisers.tasks import run_appraiser_clocks
from exchange.audits.tasks import run_audit_clocks
from exchange.catalog.services import review_appraisals_when_due
from exchange.compliance.tasks import (
    rescreen_outdated,
    resume_derivations,
    resume_screenings,
    run_export_clocks,
    watch_cases,
)
from exchange.delivery.tasks import close_what_is_over, resume_measuring
from exchange.oversight.reconciliation import reconcile_when_due
from exchange.oversight.surveillance.tasks import watch_the_market
from exchange.oversight.tasks import (
    begin_bundles,
    destroy_what_is_due,
    keep_bundles,
    watch_for_searches,
)
from exchange.settlement.tasks import resume_measurements, return_expired_holds
from exchange.trading.tasks import run_clocks

CLOCKS: Final[tuple[Callable[[], object], ...]] = (
    close_what_is_over,
    run_clocks,
    run_appraiser_clocks,
    run_audit_clocks,
    return_expired_holds,
    resume_measurements,
    keep_bundles,
    resume_screenings,
    resume_derivations,
    resume_measuring,
    resume_evaluations,
    rescreen_outdated,
    run_export_clocks,
    watch_cases,
    lambda: watch_disclosures(at=timezone.now()),
    lambda: reconcile_when_due(at=timezone.now()),
    lambda: review_appraisals_when_due(at=timezone.now()),
    watch_for_searches,
    watch_the_market,
    lambda: seal_when_due(at=timezone.now()),
)


@shared_task(acks_late=True, ignore_result=True)
def tick() -> None:
    """Sequence new entries, run the reactions that are due, publish a checkpoint, make evidence."""
    now = timezone.now()
    dispatch(at=now)
    publish(at=now)
    begin_bundles()


@shared_task(acks_late=True, ignore_result=True)
def clocks() -> None:
    """Do what time brings: expiries, acceptance by silence, ends of terms, new rules, audits."""
    failures = []
    for clock in CLOCKS:
        try:
            clock()
        except Exception as failure:  # noqa: BLE001  one clock that stops must not stop the others
            failures.append(failure)
    if failures:
        message = "clocks that stopped; the others went on"
        raise ExceptionGroup(message, failures)


@shared_task(acks_late=True, ignore_result=True)
def keep_house() -> None:
    """Destroy what has outlived its term, finish erasures, remove leftovers and old sessions."""
    destroy_what_is_due()
