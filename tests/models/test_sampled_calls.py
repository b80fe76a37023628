"""An audit of a model that is sold draws its sample from the calls, without learning who called."""

from datetime import datetime, timedelta

import pytest
import time_machine

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.audits.records import calls_in
from exchange.audits.services import begin_fieldwork, read_sample
from exchange.delivery.models import Access
from exchange.delivery.services import call_model
from exchange.parties.models import Organization
from tests.appraisers.making import make_assessor
from tests.audits.making import accepted, auditing, ordered
from tests.web.clients import client_of, text_of

from .making import ALGORITHM, cleared_model
from .test_inferences import ROWS, opened

pytestmark = pytest.mark.runtime


def test_the_calls_of_the_period_are_drawn_and_read_by_their_digests(
    provider_org: Organization,
    provider: Actor,
    buyer_org: Organization,
    buyer: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    release = cleared_model(provider_org, provider, at)
    grant = opened(release, buyer_org, at, budget_downloads=3)
    inside = [call_model(grant=grant, inputs=ROWS, by=buyer, at=at).access for _call in range(2)]
    late = call_model(grant=grant, inputs=ROWS, by=buyer, at=at + timedelta(days=2)).access
    assessor = make_assessor("assessor", at)[1]
    disclosure = Disclosure.objects.get(algorithm=ALGORITHM)
    audit = ordered(
        disclosure, auditing(assessor, operator, at), provider, at, period_until=at.date()
    )
    accepted(audit, assessor, at)

    said = {"source": "INFERENCES", "size": 5, "word": "plum"}
    audit = begin_fieldwork(audit=audit, said=said, by=assessor, at=at)

    drawn = read_sample(audit=audit, by=assessor, at=at)
    assert (audit.population, set(drawn)) == (2, {row.reference for row in inside})
    assert late.reference not in drawn
    calls = calls_in(audit, drawn)
    assert [call.reference for call in calls] == drawn
    for call in calls:
        row = Access.objects.get(reference=call.reference)
        assert (call.rows, call.outputs_sha256) == (2, row.sha256)
        assert call.inputs_sha256 == row.question["inputs_sha256"]
        assert call.model_sha256 == release.sha256
    with time_machine.travel(at, tick=False):
        browser = client_of(assessor)
        page = browser.get(f"/audits/{audit.reference}/sample/")
        over_rest = browser.get(f"/api/v1/audits/{audit.reference}/sample").json()
    assert inside[0].sha256[:12] in page.content.decode()
    assert buyer_org.reference not in text_of(page)
    assert [row["reference"] for row in over_rest["calls"]] == drawn
    assert buyer_org.reference not in str(over_rest)
