"""What the clock does to the ledger."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(acks_late=True, ignore_result=True)
def return_expired_holds() -> None:
    """Give money back whose time in escrow ran out."""
    services.expire_holds(at=timezone.now())
