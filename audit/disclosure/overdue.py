"""What was not done in time, of owners and of reviewers, for those who look after both."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from .models import Disclosure
from .states import EDITABLE, STANDING, WAITING, Duty

ORDER = ("due_on", "owner", "algorithm")


def _in_register() -> Exists:
    rows = Disclosure.objects.filter(
        owner=OuterRef("owner"), algorithm=OuterRef("algorithm"), status__in=STANDING
    )
    return Exists(rows)


def overdue_filings(on: date) -> QuerySet[Disclosure]:
    """Return new algorithms that are in service and not filed, or not mended, in time."""
    rows = Disclosure.objects.filter(status__in=EDITABLE, due_on__lt=on)
    return rows.exclude(_in_register()).order_by(*ORDER)


def overdue_changes(on: date) -> QuerySet[Disclosure]:
    """Return what changed and was not filed in time: late drafts, and versions that owe one."""
    drafts = Disclosure.objects.filter(_in_register(), status__in=EDITABLE, due_on__lt=on)
    owed = Disclosure.objects.filter(status__in=STANDING, duty=Duty.CHANGE, due_on__lt=on)
    return (drafts | owed).order_by(*ORDER)


def overdue_cancellations(on: date) -> QuerySet[Disclosure]:
    """Return algorithms out of service whose cancellation was not filed in time."""
    rows = Disclosure.objects.filter(status__in=STANDING, due_on__lt=on)
    return rows.filter(duty=Duty.CANCELLATION).order_by(*ORDER)


def overdue_reviews(on: date) -> QuerySet[Disclosure]:
    """Return filings that were not decided within the reviewer's time limit."""
    return Disclosure.objects.filter(status__in=WAITING, due_on__lt=on).order_by(*ORDER)


def list_called() -> QuerySet[Disclosure]:
    """Return what is in the register and owes a filing, the nearest limit first."""
    return Disclosure.objects.filter(status__in=STANDING).exclude(duty=Duty.NONE).order_by(*ORDER)
