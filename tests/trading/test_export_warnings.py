"""The provider is written to when the persons of its exports come near a line of the year."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.core import mail

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.compliance.models import ExportWarning
from exchange.parties.models import Organization
from exchange.parties.queries import user_of

from .making import Floor, fund
from .test_exports import AWAY, DUTIES, PERSONS, make_personal, papers

SUBJECT = "come near a line of the law"


@pytest.mark.django_db
def test_the_provider_is_written_to_once_before_the_line(
    provider_org: Organization, provider: Actor, buyer: Actor, operator: Actor, at: datetime
) -> None:
    fund(buyer.organization, "10000.00", at)
    floor = Floor(
        product=make_personal(provider_org, provider, at), provider=provider, buyer=buyer, at=at
    )
    papers(floor, operator, *DUTIES)
    floor.paid(scenario=AWAY)
    dispatch(at=at)
    assert [each for each in mail.outbox if SUBJECT in each.subject] == []

    second = make_personal(provider_org, provider, at, rows=PERSONS - 1)
    other = replace(floor, product=second)
    papers(other, operator, *DUTIES)
    other.paid(scenario=AWAY)
    dispatch(at=at)
    dispatch(at=at)

    (told,) = [each for each in mail.outbox if SUBJECT in each.subject]
    person = user_of(provider)
    assert person is not None
    assert told.to == [person.email]
    assert "99,999 / 100,000" in told.body
    assert "/provider/exports/" in told.body
    assert ExportWarning.objects.count() == 1
