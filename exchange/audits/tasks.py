"""What the clock brings to audits and appeals."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(acks_late=True, ignore_result=True)
def run_audit_clocks() -> None:
    """Open due audits, remind, mark what is late, escalate, erase what is over."""
    services.run_clocks(at=timezone.now())
