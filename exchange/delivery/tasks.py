"""What follows from news of others, and what the clock does."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import on
from exchange.catalog.events import ListingResumed, ListingSuspended
from exchange.catalog.models import Product

from . import services

BY = Actor.system("delivery")


@on(ListingSuspended)
def suspend_with_listing(*, entry: Entry, event: ListingSuspended, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Stop the grants of a suspended product; access was refused from the suspension on."""
    product = Product.objects.get(reference=event.product)
    services.suspend_grants(product=product, reason=event.reason, by=BY, at=at)


@on(ListingResumed)
def resume_with_listing(*, entry: Entry, event: ListingResumed, at: datetime) -> None:  # noqa: ARG001  all reactions take the entry
    """Open the grants again that the suspension stopped."""
    product = Product.objects.get(reference=event.product)
    services.resume_grants(product=product, reason=event.reason, by=BY, at=at)


@shared_task(acks_late=True, ignore_result=True)
def close_what_is_over() -> None:
    """Expire grants and close accesses whose time ran out."""
    now = timezone.now()
    services.expire_grants(now)
    services.close_accesses(now)
