"""Algorithms on record: described, returned, mended and published; appealed against by anybody."""

from datetime import datetime

import pytest
from django.core.cache import cache

from audit.disclosure.field import example_document
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.audits.models import AlgorithmAppeal
from exchange.parties.models import Organization
from tests.audits.making import published
from tests.browser.conftest import NARROW, Visit, Visitor
from tests.browser.test_compliance_journeys import (
    PROVIDER,
    REGULATOR,
    signed_in,
    state_purpose,
)

NARROW_PAGES = (
    "/algorithms/",
    "/algorithms/{row}/",
    "/algorithms/{row}/appeal/",
    "/appeal-receipt/",
)


def write(visitor: Visitor, *codes: str) -> None:
    """Write texts of the good example into the step that is open, in both languages."""
    texts = example_document()["texts"]
    for code in codes:
        for tongue, text in texts[code].items():
            visitor.page.fill(f"[name='{code}.{tongue}']", text)


@pytest.mark.usefixtures("transactional_db")
def test_a_provider_describes_an_algorithm_and_the_regulator_publishes_it(
    visit: Visit, provider_org: Organization, provider: Actor, regulator: Actor
) -> None:
    owner, desk, anybody = signed_in(visit, PROVIDER), signed_in(visit, REGULATOR), visit(NARROW)

    page = owner.go("/provider/algorithms/")
    page.click("text=Describe an algorithm >> nth=0")
    page.fill("[name=algorithm]", "early-warning")
    page.select_option("[name=algorithm_type]", "SCHEDULING_DECISION")
    page.fill("[name='declared.0.metric']", "roc_auc")
    page.fill("[name='declared.0.value']", "0.81")
    write(owner, "name", "technique", "prediction_target")
    page.click("main form button.main")
    page.wait_for_url("**/provider/algorithms/*/identity/")
    page.click("text=Save and look at the whole")
    page.wait_for_selector("text=Needed before it can be filed")
    assert "Stakeholders" in page.inner_text("main")

    page.click("text=Go on writing")
    write(owner, "stakeholders")
    page.click("text=Save and look at the whole")
    page.wait_for_selector("text=All that filing asks for is there")
    page.click("#file button.main")
    page.wait_for_selector("text=It is filed")
    row = Disclosure.objects.get(owner=provider_org.reference)

    state_purpose(desk, f"/algorithm-filings/{row.reference}/")
    desk.page.click("#take button")
    desk.page.wait_for_selector("#publish")
    desk.page.click("#return summary")
    desk.page.fill("#return [name=technique]", "How many inputs?")
    desk.page.click("#return button")
    desk.page.wait_for_selector("text=The decision is on record")

    page = owner.go(f"/provider/algorithms/{row.reference}/questions/")
    assert "How many inputs?" in page.inner_text("main")
    page.fill("[name='technique.en']", "Gradient-boosted trees over 41 inputs.")
    page.click("text=Save and look at the whole")
    page.click("#file button.main")
    page.wait_for_selector("text=It is filed")

    desk.go(f"/algorithm-filings/{row.reference}/")
    desk.page.click("#take button")
    desk.page.fill("#publish [name=note]", "In order.")
    desk.page.click("#publish button")
    desk.page.wait_for_selector("text=The decision is on record")

    page = anybody.go("/algorithms/?text=41+inputs")
    page.click(f"main a[href='/algorithms/{row.reference}/']")
    page.wait_for_selector("text=Gradient-boosted trees over 41 inputs.")
    assert (anybody.overflow, "0.81" in page.inner_text("main")) == (0, True)


@pytest.mark.usefixtures("transactional_db")
def test_somebody_without_account_appeals_and_erases_it(
    visit: Visit, provider_org: Organization, provider: Actor, at: datetime
) -> None:
    cache.clear()
    row = published(provider, at, owner=provider_org.reference)
    anybody, owner = visit(NARROW), signed_in(visit, PROVIDER)
    wide = []
    for path in NARROW_PAGES:
        anybody.go(path.format(row=row.reference))
        wide += [path] if anybody.overflow > 0 else []
    assert wide == []

    page = anybody.go(f"/algorithms/{row.reference}/")
    page.click(f"main a[href='/algorithms/{row.reference}/appeal/']")
    page.select_option("[name=wish]", "CORRECTION")
    page.fill("[name=grounds]", "The loan is not mine.")
    page.click("main form button.main")
    page.wait_for_selector("text=Your appeal is lodged")
    appeal = AlgorithmAppeal.objects.get()
    secret = page.locator("main dd code >> nth=1").inner_text()

    page = owner.go(f"/algorithm-appeals/{appeal.reference}/")
    page.check("#answer [value=UPHELD]")
    page.fill("#answer [name=answer]", "It was taken out of your record.")
    page.click("#answer button")
    page.wait_for_selector("text=The answer stands")

    page = anybody.page
    page.click("text=Follow the appeal")
    page.fill("[name=reference]", appeal.reference)
    page.fill("[name=secret]", secret)
    page.click("main form button.main")
    page.wait_for_selector("text=It was taken out of your record.")
    assert anybody.overflow == 0
    page.click("text=Erase what is kept of me")
    page.wait_for_selector("text=Erased.")
    appeal.refresh_from_db()
    assert appeal.erased_at is not None
