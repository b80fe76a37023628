"""What the filter stops, as people live through it: remedy, decision by two persons, new rules."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from audit.rulebook import queries as rulebook
from audit.rulebook.models import RuleDraft
from exchange.catalog.models import Product, Release
from exchange.compliance import services
from exchange.compliance.models import Case, Derivation, Rescreening
from exchange.parties.models import Organization
from tests.browser.conftest import Visit, Visitor
from tests.compliance.filing import PROSE, fill
from tests.compliance.making import IMPORTANT, PERSONAL, csv_of, product_of, submitted
from tests.trading.making import SCENARIO, fund, make_listing

FILTER = Actor.system("compliance")
PROVIDER, BUYER = "provider@example.org", "buyer@example.org"
OPERATOR, REGULATOR = "operator@example.org", "regulator@example.org"
COLLEAGUE = "colleague@example.org"
COLUMNS = {
    **PERSONAL,
    "性别": ["男", "女"] * 30,
    "年龄": [20 + row % 40 for row in range(60)],
    "消费": [row * 3 for row in range(60)],
}


def signed_in(visit: Visit, email: str) -> Visitor:
    """Return a window in which somebody is signed in."""
    visitor = visit()
    visitor.sign_in(email)
    return visitor


def state_purpose(visitor: Visitor, path: str) -> None:
    """Open what is shown under a purpose only, and state one."""
    page = visitor.go(path)
    page.fill("input[name=purpose]", "Inspection 2026-12")
    page.press("input[name=purpose]", "Enter")
    page.wait_for_selector("text=Purpose on record")


def work() -> None:
    """Let the exchange do what waits for it."""
    for _round in range(3):
        dispatch(at=timezone.now())


@pytest.mark.usefixtures("transactional_db")
def test_a_provider_is_stopped_mends_it_and_passes(
    visit: Visit, provider_org: Organization, provider: Actor, at: datetime, tmp_path: Path
) -> None:
    product = product_of(provider_org, provider, at)
    file = tmp_path / "members.csv"
    file.write_bytes(csv_of(COLUMNS))
    desk = signed_in(visit, PROVIDER)

    page = desk.go(f"/provider/products/{product.reference}/releases/new/")
    page.set_input_files("input[name=file]", file)
    page.click("main form button.main")
    page.wait_for_url("**/provider/releases/V-*/")
    assert "The filter is at work" in page.inner_text("main")
    work()
    page.wait_for_selector("main :text('This release may not be traded')")  # told by itself
    assert "R-PI-RAW" in page.inner_text("#screening")

    page.click("#screening a.onward >> nth=0")
    page.wait_for_selector("h1:has-text('Make a compliant version')")
    page.click("button:has-text('Preview')")
    page.wait_for_selector("main table >> nth=1")
    page.click("button:has-text('Make it and hand it to the filter')")
    page.wait_for_url("**/provider/derivations/DV-*/")
    work()
    made = Derivation.objects.get()
    assert made.status == "DONE"
    assert made.result is not None
    page.click(f"main a:has-text('{made.result.reference}')")
    page.wait_for_url(f"**/provider/releases/{made.result.reference}/")

    assert "cleared for trade" in page.inner_text("main .head")
    assert made.source.reference in page.inner_text("main")


@pytest.mark.usefixtures("transactional_db", "operator", "regulator")
def test_important_data_is_decided_by_two_persons_and_the_order_carries_the_conditions(
    visit: Visit, provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at, manual={"delivery_modes": ["SANDBOX"]})
    Release.objects.filter(product=product).update(number=0)
    fund(buyer.organization, "1000.00", at)
    release = submitted(product, provider, at, IMPORTANT)
    case: Case = services.screen_release(release=release, by=FILTER, at=at).case
    fill(case, provider, at)
    provides, decides, watches = (
        signed_in(visit, email) for email in (PROVIDER, OPERATOR, REGULATOR)
    )

    page = provides.go(f"/provider/cases/{case.reference}/file/PURPOSE/")
    page.fill("textarea[name=assessment]", f"{PROSE} As amended.")
    page.click("main form button.main")
    page.wait_for_url(f"**/provider/cases/{case.reference}/")
    page.click("text=Hand the file in")
    page.wait_for_selector("main .head .state:has-text('awaiting decision')")

    page = decides.go(f"/operator/cases/{case.reference}/")
    assert "As amended." in page.inner_text("#file")
    page.fill("#approve textarea[name=reason]", "Complete and sound.")
    page.fill("#approve textarea[name=purpose]", "Planning of flood protection")
    page.fill("#approve textarea[name=recipients]", buyer.organization)
    page.check("#approve input[value=SANDBOX]")
    page.fill("#approve input[name=retention_days]", "90")
    page.fill("#approve input[name=reporting_days]", "30")
    page.click("#approve button.main")
    page.wait_for_selector("#proposals")

    state_purpose(watches, f"/regulator/cases/{case.reference}/")
    page = watches.page
    assert "Planning of flood protection" in page.inner_text("#proposals")
    page.fill("#confirm textarea[name=reason]", "Seen and agreed.")
    page.click("#confirm button.main")
    page.wait_for_selector("main .head .state:has-text('approved')")
    release.refresh_from_db()
    assert release.status == "CLEARED"

    buys = signed_in(visit, BUYER)
    page = buys.go(f"/market/{product.reference}/order/")
    page.check("input[name='scenario.use']")
    page.fill("textarea[name='scenario.purpose']", SCENARIO["purpose"])
    page.fill("input[name='scenario.term_days']", "60")
    page.fill("input[name='scenario.region']", "中国内地")
    page.check("input[name='scenario.access_places'][value=MAINLAND]")
    page.click("text=Place the order")
    page.wait_for_url("**/orders/O-*/")
    page.click("main a:has-text('C-2026')")
    page.wait_for_url("**/contracts/C-*/")
    contract = page.inner_text("main")
    assert "Planning of flood protection" in contract
    assert "90" in contract


@pytest.mark.usefixtures("transactional_db", "colleague")
def test_rules_are_drafted_approved_by_another_and_followed_to_the_market(
    visit: Visit, provider_org: Organization, provider: Actor, regulator: Actor, at: datetime
) -> None:
    product = product_of(provider_org, provider, at)
    release = submitted(product, provider, at)
    services.screen_release(release=release, by=FILTER, at=at)
    Product.objects.filter(pk=product.pk).update(status="LISTED", listed_at=at)
    writes, second = (signed_in(visit, email) for email in (REGULATOR, COLLEAGUE))

    page = writes.go("/regulator/rules/")
    page.fill("#start textarea[name=reason]", "Gradings hold two years.")
    page.click("#start button.main")
    page.wait_for_selector("text=The draft is begun")
    draft = RuleDraft.objects.get()
    address = f"/regulator/rules/drafts/{draft.reference}/"
    page = writes.go(f"{address}sections/review/")
    page.fill("#edit input[name=GENERAL]", "730")
    page.click("#edit button.main")
    page.wait_for_url(f"**{address}*")
    page = writes.go(address)
    assert "1095" in page.inner_text("main del")
    day = timezone.localdate() + timedelta(days=1)
    page.fill("#day input[name=effective_on]", day.isoformat())
    page.click("#day button.main")
    page.wait_for_load_state()
    page.click("#propose button.main")
    page.wait_for_selector("main .head .state:has-text('awaiting a second person')")

    page = second.go(address)
    page.click("#approve button.main")
    page.wait_for_selector("main .head .state:has-text('approved')")
    page = writes.go(address)
    page.click("#publish button.main")
    page.wait_for_selector("main .head .state:has-text('published')")
    rulebook.forget_packs()
    services.plan_rescreening(pack=f"compliance@{day}", by=FILTER, at=timezone.now())
    run = Rescreening.objects.get()

    page = writes.go(f"/regulator/rules/runs/{run.reference}/")
    assert "Releases are read ahead" in page.inner_text("main")
    assert page.locator("main progress").count() == 1
    services.work_on(run=run, clock=timezone.now, seconds=60)
    page = writes.go(f"/regulator/rules/runs/{run.reference}/")
    tiles = page.inner_text(".tiles")
    assert Release.objects.get(pk=release.pk).status == "CLEARED"
    assert "READ\n1" in tiles.upper()
