"""Deliveries at once: no third in a row passes, and an engagement is answered once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection  # noqa: F401  the condition of the marks

from audit.log.actors import Actor
from audit.log.errors import DomainError, NotAllowed, WrongState
from audit.log.models import Entry
from exchange.appraisers.models import Accreditation, Engagement
from exchange.appraisers.services import decline_engagement, deliver_appraisal
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from tests.catalog.making import ready_product
from tests.racing import at_once

from .making import COSTS, accepted, engaged

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def deliver(engagement: Engagement, by: Actor, at: datetime) -> object:
    found = Engagement.objects.get(pk=engagement.pk)
    return deliver_appraisal(
        engagement=found, declares_independence=True, costs=COSTS, by=by, at=at
    )


def test_of_three_appraisals_of_one_provider_at_once_two_pass(
    provider_org: Organization,
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    at: datetime,
) -> None:
    """Each is of another product, so that nothing but the provider's row holds them apart."""
    others = [
        ready_product(provider_org, provider, at, name=f"产品{number}", content=str(number))
        for number in range(2)
    ]
    waiting = [
        accepted(engaged(one, accreditation, provider, at), assessor, at)
        for one in (product, *others)
    ]

    results = at_once(
        lambda number: deliver(waiting[number], assessor, at + timedelta(seconds=number)), 3
    )

    refused = [result for result in results if isinstance(result, DomainError)]
    assert [type(refusal) for refusal in refused] == [NotAllowed]
    assert Entry.objects.filter(name="appraisers.engagement.delivered").count() == 2


def test_an_engagement_is_delivered_or_declined_once(
    product: Product, accreditation: Accreditation, assessor: Actor, provider: Actor, at: datetime
) -> None:
    waiting = accepted(engaged(product, accreditation, provider, at), assessor, at)

    def act(number: int) -> object:
        if number % 2:
            return deliver(waiting, assessor, at)
        found = Engagement.objects.get(pk=waiting.pk)
        return decline_engagement(engagement=found, reason="No.", by=assessor, at=at)

    results = at_once(act, 6)

    refused = [result for result in results if isinstance(result, DomainError)]
    assert {type(refusal) for refusal in refused} <= {WrongState}
    assert len(refused) == 5
    ended = ["appraisers.engagement.delivered", "appraisers.engagement.declined"]
    assert Entry.objects.filter(name__in=ended).count() == 1
