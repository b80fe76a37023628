"""What the clock brings to appraisers, and what evaluation asks of them."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from exchange.algorithms.independence import finds_ties, knows_auditors

from . import queries, services


@shared_task(acks_late=True, ignore_result=True)
def run_appraiser_clocks() -> None:
    """End accreditations that have run out."""
    services.expire_due_accreditations(at=timezone.now())


@finds_ties
def tie_on_record(one: str, other: str) -> str:
    """Say how two organizations are tied by the shareholdings that were declared here."""
    return queries.tie_on_record(one, other)


@knows_auditors
def is_algorithm_auditor(organization: str, at: datetime) -> bool:
    """Say whether an organization is accredited to audit algorithms now."""
    return queries.is_algorithm_auditor(organization, at)
