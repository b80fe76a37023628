"""The provider's console: who may, and the way of a product from nothing to the listing request."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.catalog.models import Product, Release
from exchange.compliance.models import Screening
from exchange.compliance.services import queue_screening, screen_release
from exchange.parties.models import Organization
from exchange.registry.models import RightsStatement
from exchange.vault.models import StoredObject
from exchange.web.pdf import why_no_pdf
from exchange.web.views import (
    appraisals,
    listing,
    manual,
    prices,
    product,
    provider,
    releases,
    rights,
)
from pricing.models import Appraisal, Plan
from tests.catalog.making import (
    draft_product,
    draft_release,
    far_price,
    listed_product,
    ready_product,
)
from tests.registry.making import drafted_rights
from tests.web.clients import CALLERS, client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")

Log = Callable[[], list[tuple[str, str]]]
FILTER = Actor.system("compliance")
FLIGHTS = "航班号,机场,延误分钟,日期\n" + "".join(
    f"MU{n:04d},SHA,{n % 90},2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}\n" for n in range(240)
)
PEOPLE = "姓名,身份证号,消费\n" + "".join(
    f"张三{n},{number},{n}\n"
    for n, number in enumerate(["11010519491231002X", "440524188001010014"] * 20)
)
OWN = (302, 403, 200, 200, 403, 403, 403)  # a console's room; a viewer looks
OF_OWN = (302, 403, 200, 200, 403, 403, 403)
WRITE = (302, 403, 403, 200, 403, 403, 403)
SENT = (302, 403, 403, 422, 403, 403, 403)
PRODUCT = "/provider/products/{draft}/"
RELEASE = "/provider/releases/{release}/"
RIGHT = "/provider/rights/{right}/"
PDF = (200, 200) if why_no_pdf() is None else (404, 404)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/provider/", OWN),
    ("GET", "/provider/products/", OWN),
    ("GET", "/provider/products/new/", WRITE),
    ("POST", "/provider/products/new/", SENT),
    ("GET", PRODUCT, OF_OWN),
    ("GET", PRODUCT + "manual/use/", WRITE),
    ("POST", PRODUCT + "manual/identity/", SENT),
    ("GET", PRODUCT + "rights/", WRITE),
    ("GET", PRODUCT + "costs/", OF_OWN),
    ("POST", PRODUCT + "costs/", (302, 403, 422, 422, 403, 403, 403)),
    ("GET", PRODUCT + "costs/{nothing}/reverse/", (302, 403, 403, 404, 403, 403, 403)),
    ("POST", PRODUCT + "costs/{nothing}/reverse/", (302, 403, 403, 404, 403, 403, 403)),
    ("GET", PRODUCT + "training/", (302, 403, 403, 403, 403, 403, 403)),
    ("POST", PRODUCT + "training/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", PRODUCT + "quality/", OF_OWN),
    ("POST", PRODUCT + "quality/", (302, 403, 422, 422, 403, 403, 403)),
    ("GET", PRODUCT + "quality/progress/", (302, 403, 302, 302, 403, 403, 403)),
    ("POST", "/provider/products/{nothing}/quality/measure/", (302, 403, 404, 404, 403, 403, 403)),
    ("POST", PRODUCT + "rights/", SENT),
    ("GET", PRODUCT + "price/", WRITE),
    ("POST", PRODUCT + "price/", SENT),
    ("GET", "/provider/products/{listed}/adjustment/", OF_OWN),
    ("POST", "/provider/products/{listed}/adjustment/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/provider/products/{ready}/appraisal/", WRITE),
    ("POST", "/provider/products/{ready}/appraisal/", SENT),
    ("GET", PRODUCT + "appraisal/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", PRODUCT + "commitment/", WRITE),
    ("POST", PRODUCT + "commitment/", SENT),
    ("GET", PRODUCT + "request/", WRITE),
    ("POST", PRODUCT + "request/", SENT),
    ("POST", PRODUCT + "retract/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", "/provider/products/{listed}/suspend/", WRITE),
    ("POST", "/provider/products/{listed}/suspend/", SENT),
    ("GET", "/provider/products/{listed}/resume/", WRITE),
    ("POST", "/provider/products/{listed}/resume/", SENT),
    ("GET", "/provider/products/{listed}/delist/", WRITE),
    ("POST", "/provider/products/{listed}/delist/", SENT),
    ("POST", PRODUCT + "reopen/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", PRODUCT + "releases/new/", WRITE),
    ("POST", PRODUCT + "releases/new/", SENT),
    ("GET", RELEASE, OF_OWN),
    ("GET", RELEASE + "progress/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", RELEASE + "remedy/", (302, 403, 403, 403, 403, 403, 403)),
    ("POST", RELEASE + "remedy/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/provider/derivations/{nothing}/", (302, 403, 404, 404, 403, 403, 403)),
    ("GET", "/provider/derivations/{nothing}/progress/", (302, 403, 404, 404, 403, 403, 403)),
    ("GET", "/provider/check/", WRITE),
    ("POST", "/provider/check/", SENT),
    ("POST", RELEASE + "submit/", (302, 403, 302, None, 403, 403, 403)),
    ("GET", RELEASE + "withdraw/", WRITE),
    ("POST", RELEASE + "withdraw/", SENT),
    ("GET", "/screenings/{screening}/", (302, 404, 200, 200, 404, 200, 200)),
    ("GET", "/appraisals/{appraisal}/", (302, 404, 200, 200, 404, 200, 200)),
    ("GET", "/appraisals/{appraisal}/report.pdf", (302, 404, *PDF, 404, *PDF)),
    ("GET", "/appraisals/{appraisal}/changes/", (302, 404, 404, 404, 404, 404, 404)),
    ("GET", "/provider/rights/", OWN),
    ("GET", "/provider/rights/new/", WRITE),
    ("POST", "/provider/rights/new/", SENT),
    ("GET", RIGHT, OF_OWN),
    ("GET", RIGHT + "revise/", WRITE),
    ("POST", RIGHT + "revise/", SENT),
    ("POST", RIGHT + "state/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", RIGHT + "withdraw/", WRITE),
    ("POST", RIGHT + "withdraw/", SENT),
]


@pytest.fixture
def things(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> dict[str, str]:
    """Return one thing of every kind of the provider's."""
    draft = draft_product(provider_org, provider, at, purposes=[])
    release = draft_release(draft, at)
    ready = ready_product(provider_org, provider, at, name="准备", content="ready")
    listed = listed_product(provider_org, provider, operator, at, name="挂牌", content="listed")
    waiting = draft_release(draft, at, content=b"waiting")
    Release.objects.filter(pk=waiting.pk).update(status="SUBMITTED")
    screening = queue_screening(release=waiting, by=FILTER, at=at)
    return {
        "nothing": "DV-2026-00000000",
        "draft": draft.reference,
        "release": release.reference,
        "ready": ready.reference,
        "listed": listed.reference,
        "screening": screening.reference,
        "appraisal": Appraisal.objects.filter(asset=listed.reference).first().reference,
        "right": drafted_rights(provider_org, provider, at, proofs=[]).reference,
    }


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    return "/".join("{}" if part[:1] in "<{" else part for part in path.strip("/").split("/"))


def test_every_route_has_a_row() -> None:
    patterns = [*provider.urlpatterns, *rights.urlpatterns]
    ours = {str(p.pattern) for p in patterns if isinstance(p, URLPattern)}
    known = {shape(path) for _method, path, _seen in TABLE}
    named = {"manual/use": "manual/{}", "manual/identity": "manual/{}"}
    known = {
        next((path.replace(a, b) for a, b in named.items() if path.endswith(a)), path)
        for path in known
    }

    assert {shape(path) for path in ours} == known
    for room in (appraisals, listing, manual, prices, product, releases):
        assert room.urlpatterns


def test_who_may(things: dict[str, str], browsers: dict[str, Client], log: Log) -> None:
    before = log()
    wrong = []

    for method, path, expected in TABLE:
        target = path.format(**things)
        for name, status in zip(CALLERS, expected, strict=True):
            if status is None:
                continue
            response = browsers[name].generic(
                method, target, b"", content_type="application/x-www-form-urlencoded"
            )
            if response.status_code != status:
                wrong.append((method, target, name, response.status_code, status))

    assert wrong == []
    assert log() == before


def uploaded(name: str, text: str) -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, text.encode())


def chapter(**changes: object) -> dict[str, object]:
    """Return the first chapter as it is sent."""
    return {
        "name": "上海虹桥离港延误",
        "abstract": "虹桥机场离港航班的延误分钟。",
        "product_type": "DATASET",
        "sector": "TRANSPORT",
        "industry": "G",
        "keywords": "航班\n延误",
        "onward": "next",
    } | changes


def test_a_product_goes_from_nothing_to_the_listing_request_through_pages_alone(
    provider: Actor, at: datetime, log: Log
) -> None:
    browser = client_of(provider)
    begun = browser.post("/provider/products/new/", chapter())
    made = Product.objects.get()
    home = f"/provider/products/{made.reference}/"
    assert begun["Location"] == f"{home}manual/content/"

    sent = {"region_scope": "CITY", "update_frequency": "NONE", "form": "TABLE", "version": 1}
    assert browser.post(begun["Location"], sent).status_code == 302
    sent = {
        "purposes": "延误预测",
        "scenarios_allowed": "航班延误保险定价",
        "time_limit": "CONTRACT_TERM",
        "version": 2,
    }
    assert browser.post(f"{home}manual/use/", sent).status_code == 302
    sent = {"delivery_modes": "FILE_DOWNLOAD", "delivery_level": "S1", "version": 3}
    assert browser.post(f"{home}manual/delivery/", sent).status_code == 302

    stated = {
        "title": "虹桥",
        "situation": "PRODUCED",
        "rights": ["HOLD", "USE", "OPERATE"],
        "origin": "ENTERPRISE",
        "source_kind": "COLLECTED",
        "source_note": "本单位自行采集。",
        "personal_basis": "NONE",
        "valid_from": "2026-01-01",
        "proof_kind_1": "COLLECTION_RECORD",
        "proof_file_1": uploaded("record.txt", "sensor log"),
    }
    there = browser.post("/provider/rights/new/", stated)["Location"]
    assert "Something is still missing" not in text_of(browser.get(there))
    browser.post(f"{there}state/")
    right = RightsStatement.objects.get()
    assert right.status == "STATED"
    assert StoredObject.objects.get(purpose="PROOF").filename == "record.txt"
    browser.post(f"{home}rights/", {"rights": right.reference})

    page = browser.post(
        f"{home}releases/new/", {"file": uploaded("延误.csv", FLIGHTS), "submit": "on"}, follow=True
    )
    assert "Queued" in text_of(page)
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
    release = Release.objects.get()
    screen_release(release=release, by=FILTER, at=at)
    page = text_of(browser.get(f"/provider/releases/{release.reference}/"))
    assert "cleared for trade" in page

    assert "Steps still open: 3." in text_of(browser.get(home))
    costs = {"expected_buyers": 5, "circulation": "TRADED", "currency": "CNY"}
    report = browser.post(f"{home}appraisal/", costs | {"cost_collection": "9000"})["Location"]
    assert "signature holds" in text_of(browser.get(report))
    price = Appraisal.objects.get().mid.quantized().amount
    browser.post(f"{home}price/?kind=ONE_OFF", {"price": price, "currency": "CNY"})
    version = Product.objects.get().version
    browser.post(f"{home}commitment/", {"agreed": "on", "version": version})
    assert "Request the listing" in text_of(browser.get(home))
    browser.post(f"{home}request/", {"version": version})

    made.refresh_from_db()
    assert made.status == "REQUESTED"
    names = [name for name, _subject in log()]
    assert names[-2:] == ["catalog.product.committed", "catalog.listing.requested"]


def test_an_edit_from_an_old_version_keeps_what_was_typed(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    made = draft_product(provider_org, provider, at)
    browser = client_of(provider)
    place = f"/provider/products/{made.reference}/manual/identity/"
    browser.post(place, chapter(name="先到", version=1))

    late = browser.post(place, chapter(name="后到", version=1))

    assert late.status_code == 409
    assert 'value="后到"' in late.content.decode()
    made.refresh_from_db()
    assert made.name == "先到"
    assert browser.post(place, chapter(name="后到", version=made.version)).status_code == 302


def test_wrong_fields_of_the_manual_are_named_and_kept(provider: Actor, log: Log) -> None:
    sent = chapter(name="", keywords="航班")

    page = client_of(provider).post("/provider/products/new/", sent)

    assert page.status_code == 422
    assert "虹桥机场离港航班的延误分钟。" in page.content.decode()
    assert not Product.objects.exists()
    assert log() == []


def test_a_stopped_release_says_what_where_why_and_what_to_do(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    made = draft_product(provider_org, provider, at)
    browser = client_of(provider)
    place = f"/provider/products/{made.reference}/releases/new/"
    browser.post(place, {"file": uploaded("会员.csv", PEOPLE), "submit": "on"})
    release = Release.objects.get()
    screening = screen_release(release=release, by=FILTER, at=at)

    for address in (
        f"/provider/releases/{release.reference}/",
        f"/screenings/{screening.reference}/",
    ):
        page = browser.get(address).content.decode()
        assert "11010519491231002X" not in page
        words = text_of(browser.get(address))
        assert "身份证号 – resident identity number (40)" in words
        assert "Personal Information Protection Law" in words
        assert "What to do" in words
    overview = text_of(browser.get("/provider/"))
    assert "The filter stopped the release" in overview


def test_an_unreadable_file_is_said_at_the_field(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    made = draft_product(provider_org, provider, at)
    before = log()
    place = f"/provider/products/{made.reference}/releases/new/"

    page = client_of(provider).post(
        place, {"file": uploaded("a.json", '{"broken": '), "changelog": "second try"}
    )

    assert page.status_code == 422
    assert "second try" in page.content.decode()
    assert "Not sent yet" in text_of(page)
    assert not Release.objects.exists()
    assert log() == before


def test_progress_moves_and_ends_with_the_whole_page(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    made = draft_product(provider_org, provider, at)
    release = draft_release(made, at)
    Release.objects.filter(pk=release.pk).update(status="SUBMITTED", submitted_at=at)
    screening = queue_screening(release=release, by=FILTER, at=at)
    Screening.objects.filter(pk=screening.pk).update(status="RUNNING", rows_done=168_388)
    browser = client_of(provider)
    place = f"/provider/releases/{release.reference}/progress/"

    part = browser.get(place, HTTP_HX_REQUEST="true").content.decode()
    assert "50 %" in part
    assert "<html" not in part
    Release.objects.filter(pk=release.pk).update(status="BLOCKED")
    assert browser.get(place, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert browser.get(place).status_code == 302


@pytest.mark.parametrize(
    ("kind", "sent", "status"),
    [
        ("FREE", {}, 302),
        ("ONE_OFF", {"price": "100", "currency": "CNY"}, 302),
        ("ONE_OFF", {"price": "0", "currency": "CNY"}, 422),
        ("SUBSCRIPTION", {"price": "100", "period": "MONTH", "currency": "CNY"}, 302),
        ("PER_ROW", {"up_to_1": "10", "unit_price_1": "2", "unit_price_2": "1"}, 302),
        ("PER_ROW", {"up_to_1": "10", "unit_price_1": "1", "unit_price_2": "2"}, 422),
        ("PER_CALL", {}, 422),
        ("PER_GB", {"unit_price_1": "0.00000001", "minimum": "5"}, 302),
    ],
)
def test_every_kind_of_price(
    kind: str,
    sent: dict[str, str],
    status: int,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
) -> None:
    made = draft_product(provider_org, provider, at)
    place = f"/provider/products/{made.reference}/price/?kind={kind}"

    page = client_of(provider).post(place, {"currency": "CNY"} | sent)

    assert page.status_code == status
    assert Plan.objects.filter(kind=kind).count() == (status == 302)


def test_the_overview_and_the_list_show_what_waits(
    things: dict[str, str], provider: Actor, at: datetime
) -> None:
    dispatch(at=at)
    publish(at=at)
    browser = client_of(provider)

    words = text_of(browser.get("/provider/"))
    assert "Complete the steps and request the listing" in words
    assert "Hand the release to the filter" in words
    found = text_of(browser.get("/provider/products/?status=LISTED"))
    assert things["listed"] in found
    assert things["draft"] not in found


def test_pages_hold_to_the_content_policy(
    things: dict[str, str], provider: Actor, client: Client
) -> None:
    browser = client_of(provider)
    for method, path, expected in TABLE:
        if method == "GET" and expected[3] == 200:
            found = browser.get(path.format(**things))
            if not found["Content-Type"].startswith("text/html"):
                continue
            page = found.content.decode()
            assert " style=" not in page, path
            assert "<script>" not in page, path


@pytest.mark.parametrize(
    ("kind", "times", "said"),
    [
        ("ONE_OFF", "1.1", "It can be listed as it is."),
        ("ONE_OFF", "1.4", "It can be listed with a justification, which buyers see."),
        ("ONE_OFF", "5", "a review by the operator before listing"),
        ("PER_CALL", "", "Buying 2 × 10 costs CNY 20.00, less than 20 at once: CNY 30.00."),
        ("ONE_OFF", "", "Fill in the price to see it against the band."),
    ],
)
def test_a_price_is_judged_before_it_is_set(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    kind: str,
    times: str,
    said: str,
) -> None:
    product = ready_product(provider_org, provider, at)
    before = Plan.objects.count()
    form = {"currency": "CNY", "preview": "1"}
    if times:
        form["price"] = far_price(product, times)
    if kind == "PER_CALL":
        form |= {"up_to_1": "10", "unit_price_1": "1", "unit_price_2": "2"}
    if said.startswith("Fill"):
        form["price"] = "much"
    place = f"/provider/products/{product.reference}/price/?kind={kind}"

    answer = client_of(provider).post(place, form, HTTP_HX_REQUEST="true")

    assert (answer.status_code, Plan.objects.count()) == (200, before)
    assert said in text_of(answer)
