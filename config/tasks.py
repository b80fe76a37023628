"""The exchange's clockwork, carried by Celery, `work` or `serve`."""

from celery import shared_task
from django.utils import timezone

from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.compliance.tasks import (
    rescreen_outdated,
    resume_derivations,
    resume_screenings,
    run_export_clocks,
    watch_cases,
)
from exchange.delivery.tasks import close_what_is_over
from exchange.oversight.reconciliation import reconcile_when_due
from exchange.oversight.tasks import (
    begin_bundles,
    destroy_what_is_due,
    keep_bundles,
    watch_for_searches,
)
from exchange.settlement.tasks import return_expired_holds
from exchange.trading.tasks import run_clocks


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
    close_what_is_over()
    run_clocks()
    return_expired_holds()
    keep_bundles()
    resume_screenings()
    resume_derivations()
    rescreen_outdated()
    run_export_clocks()
    watch_cases()
    reconcile_when_due(at=timezone.now())
    watch_for_searches()


@shared_task(acks_late=True, ignore_result=True)
def keep_house() -> None:
    """Destroy what has outlived its term, finish erasures, remove leftovers and old sessions."""
    destroy_what_is_due()
