"""No purpose, no look: every page that shows an authority records of others, walked by its address.

《网络数据安全管理条例》第五十三条. A route that has no row here is walked as well: it has to be
free for a reason, public, closed to the regulator, or it asks.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django import forms
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import RequestFactory
from django.urls import URLPattern, reverse

from audit.decisions.models import Decision
from audit.log.actors import Actor
from audit.log.errors import Conflict
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.retention.models import Destruction
from audit.retention.services import place_hold
from exchange.audits.services import lodge_appeal
from exchange.catalog.services import request_price_review, withdraw_release
from exchange.delivery.services import take_download
from exchange.oversight.evidence.services import request_bundle
from exchange.oversight.retention import destroy_due
from exchange.oversight.services import COLLECTIONS, INSPECTED_KINDS, save_search
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.trading.models import TradeCertificate
from exchange.trading.services import close_demand, open_inquiry, post_demand
from exchange.web.looks import FREE, PAGES, Looked, Visit, keep_visit
from exchange.web.pages import FormPage, Page
from exchange.web.pdf import why_no_pdf
from exchange.web.urls import urlpatterns
from pricing.queries import current_appraisal
from tests.algorithms import making
from tests.appraisers.making import accredited, engaged, make_assessor
from tests.audits.making import FOUND, auditing, ordered, published, reported
from tests.catalog.making import (
    appraised,
    draft_product,
    draft_release,
    far_price,
    price,
    ready_product,
)
from tests.compliance.export.papers import make_filing
from tests.conftest import make_member
from tests.decisions.making import stand
from tests.surveillance.making import make_alert
from tests.trading.making import Floor, make_listing, offer_price, one_off
from tests.web.clients import client_of, text_of
from tests.web.desks import make_desks
from tests.web.test_pages import answer, asked

VIEW = "oversight.view.recorded"
PURPOSE = {"purpose": "Inspection 2026-12"}
ASKED = "State the purpose once"
REFERENCE = re.compile(r"\b[A-Z]{1,3}-2026-[A-Z0-9]{8}\b")
NOTHING = "X-2026-00000000"

Log = Callable[[], list[tuple[str, str]]]
Row = tuple[str, dict[str, str], str, str]
ROWS: list[Row] = [  # route, what its address names, what the entry says was looked at, its scope
    ("alert", {"reference": "alert"}, "alert", ""),
    ("algorithm_appeal", {"reference": "appealed"}, "algorithm_appeal", ""),
    ("algorithm_appeals", {}, "algorithm_appeals", ""),
    ("audit", {"reference": "audit"}, "algorithm_audit", ""),
    ("audit_finding", {"reference": "audit_finding"}, "audit_finding", ""),
    ("audit_findings", {}, "audit_findings", ""),
    ("audits", {}, "algorithm_audits", ""),
    ("regulator_algorithm_appeals", {}, "algorithm_appeals", ""),
    ("regulator_audits", {}, "algorithm_audits", ""),
    ("appraisal", {"reference": "appraisal"}, "appraisal", ""),
    ("appraisal_changes", {"reference": "appraisal"}, "appraisal", ""),
    ("appraisal_pdf", {"reference": "appraisal"}, "appraisal", ""),
    ("certificate", {"reference": "certificate"}, "certificate", ""),
    ("contract", {"reference": "contract"}, "contract", ""),
    ("contract_document", {"reference": "contract"}, "contract", ""),
    ("contract_print", {"reference": "contract"}, "contract", ""),
    ("decision", {"reference": "decision"}, "decision", ""),
    ("decision_override", {"reference": "decision"}, "decision", ""),
    ("decisions", {}, "decisions", ""),
    ("demand", {"reference": "closed"}, "demand", ""),
    ("grant", {"reference": "grant"}, "grant", ""),
    ("inquiry", {"reference": "inquiry"}, "inquiry", ""),
    ("negotiation", {"reference": "negotiation"}, "negotiation", ""),
    ("accreditation", {"reference": "accreditation"}, "accreditation", ""),
    ("accreditations", {}, "accreditations", ""),
    ("engagement", {"reference": "engagement"}, "engagement", ""),
    ("evaluation_run", {"reference": "run"}, "evaluation_run", ""),
    ("evaluation_progress", {"reference": "run"}, "evaluation_run", ""),
    ("evaluation_runs", {}, "evaluation_runs", ""),
    ("price_review", {"reference": "price_review"}, "price_review", ""),
    ("price_reviews", {}, "price_reviews", ""),
    ("log_entry", {"identity": "entry"}, "entry", ""),
    ("log_receipt", {"identity": "entry"}, "entry", ""),
    ("operator_destruction", {"reference": "record"}, "retention", "record"),
    ("operator_license", {"reference": "applicant"}, "party", ""),
    ("operator_retention", {}, "retention", ""),
    ("order", {"reference": "order"}, "order", ""),
    ("product", {"reference": "requested"}, "product", ""),
    ("regulator_blocked", {}, "screenings", ""),
    ("regulator_case", {"reference": "case"}, "case", ""),
    ("regulator_cases", {}, "cases", ""),
    ("regulator_exports", {}, "exports", ""),
    ("regulator_filing", {"reference": "filing"}, "filing", ""),
    ("regulator_standing", {"reference": "applicant"}, "party", ""),
    ("regulator_grading", {"reference": "listed"}, "product", ""),
    ("regulator_gradings", {}, "gradings", ""),
    ("regulator_doubts", {}, "decisions", ""),
    ("regulator_destruction", {"reference": "record"}, "retention", "record"),
    ("regulator_prices", {}, "price_steps", ""),
    ("regulator_product", {"reference": "requested"}, "product", ""),
    ("regulator_products", {}, "products", ""),
    ("regulator_receipt", {"identity": "entry"}, "entry", ""),
    ("regulator_retention", {}, "retention", ""),
    ("regulator_screening", {"reference": "screening"}, "screening", ""),
    ("regulator_search", {"reference": "search"}, "search", ""),
    ("regulator_trail", {}, "trail", ""),
    ("screening", {"reference": "screening"}, "screening", ""),
    ("surveillance", {}, "alerts", ""),
    ("timeline", {"kind": "=order", "reference": "order"}, "order", ""),
    ("timeline", {"kind": "=organization", "reference": "buyer"}, "party", ""),
    ("timeline", {"kind": "=product", "reference": "requested"}, "product", ""),
]
OPERATOR_TOO = {"log_entry", "log_receipt", "regulator_trail", "timeline"}
"""What the operator is asked for as well: reading across the market, which operating needs not."""

NO_PAGES = {"act_for", "choose_language"}  # switches in the header; they show nothing


def routes() -> Iterator[URLPattern]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        yield pattern


def page_of(route: URLPattern) -> type[Looked]:
    found = route.callback.view_class  # type: ignore[attr-defined]
    assert issubclass(found, Looked), route.name
    return found


@pytest.fixture
def things(
    floor: Floor, provider_org: Organization, operator: Actor, regulator: Actor, at: datetime
) -> dict[str, str]:
    """One thing of every kind that is not public, and a few that are."""
    provider, buyer = floor.provider, floor.buyer
    made = make_desks(
        floor, provider_org=provider_org, operator=operator, regulator=regulator, at=at
    )
    settled = floor.settled()
    paid = floor.paid()
    assert paid.grant is not None
    take_download(grant=paid.grant, by=buyer, at=at)
    asking = {"title": "Chargers", "description": "Use by hour.", "purpose": "Forecast " * 12}
    posted, closed = (post_demand(demand=asking, by=buyer, at=at) for _ in range(2))
    close_demand(demand=closed, by=buyer, at=at)
    bargain = make_listing(provider_org, provider, at, terms=one_off("100.00", negotiable=True))
    red = ready_product(provider_org, provider, at, name="红区产品", content="red")
    price(red, provider, at, far_price(red, "5"))
    appraiser = accredited(make_assessor("assessor", at)[1], operator, at)
    twice = ready_product(provider_org, provider, at, name="第三个产品")
    appraised(twice, at)
    release = draft_release(draft_product(provider_org, provider, at), at)
    withdraw_release(release=release, reason="mistake", by=provider, at=at)
    type(release).objects.filter(pk=release.pk).update(status_since=at.replace(year=2020))
    destroy_due(by=operator, at=at)
    appraisal = current_appraisal(twice.reference)
    assert appraisal is not None
    alert = make_alert(organizations=[buyer.organization], orders=(paid.reference,), at=at)
    disclosure = published(provider, at, owner=provider.organization)
    wish = {"wish": "EXPLANATION", "grounds": "Why?"}
    appealed = lodge_appeal(disclosure=disclosure, said=wish, by=buyer, at=at).appeal
    auditor = make_assessor("second", at)[1]
    audit = ordered(disclosure, auditing(auditor, operator, at), provider, at)
    found = reported(audit, auditor, at, FOUND).findings.get()
    made |= {
        "alert": alert.reference,
        "order": paid.reference,
        "contract": paid.contract.reference,
        "grant": paid.grant.reference,
        "inquiry": open_inquiry(
            product=floor.product, question="How often?", by=buyer, at=at
        ).reference,
        "negotiation": offer_price(bargain, by=buyer, at=at).reference,
        "accreditation": appraiser.reference,
        "appealed": appealed.reference,
        "audit": audit.reference,
        "audit_finding": found.reference,
        "engagement": engaged(red, appraiser, provider, at).reference,
        "price_review": request_price_review(
            product=red, route="OPERATOR_REVIEW", justification="Unique.", by=provider, at=at
        ).reference,
        "filing": make_filing(provider, at).reference,
        "posted": posted.reference,
        "closed": closed.reference,
        "certificate": TradeCertificate.objects.get(order=settled).reference,
        "appraisal": appraisal.reference,
        "decision": Decision.objects.get(subject=appraisal.reference).reference,
        "ranking": stand(at).reference,
        "record": Destruction.objects.order_by("pk")[0].reference,
        "search": save_search(
            name="Orders", filters={"events": ["trading.order.placed"]}, by=regulator, at=at
        ).reference,
        "hold": place_hold(
            kind="order",
            subject=paid.reference,
            reason="case 7",
            basis="《数据安全法》第四十四条",
            by=regulator,
            at=at,
        ).reference,
        "bundle": request_bundle(
            kind="ORDER", subject=paid.reference, purpose="case 7", by=regulator, at=at
        ).reference,
    }
    run = making.requested(
        making.filed(provider, at),
        making.sealed(regulator, at),
        making.handed_in(provider, at),
        provider,
        at,
    )
    dispatch(at=at)
    publish(at=at)
    return made | {"run": run.reference}


def address_of(route: str, named: dict[str, str], things: dict[str, str]) -> str:
    """Return the address; a name that begins with `=` stands for itself."""
    said = {
        name: word[1:] if word.startswith("=") else things[word] for name, word in named.items()
    }
    return reverse(route, kwargs=said)


def looks() -> list[dict[str, Any]]:
    """Return what was recorded as looked at, in order."""
    rows = Entry.objects.filter(name=VIEW).order_by("position")
    return [json.loads(bytes(row.data))["body"] for row in rows]


def content_of(response: Any) -> str:
    """Return what was sent, a file too."""
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    return str(response.content.decode(errors="replace"))


WALKED = [("regulator", row) for row in ROWS] + [
    ("operator", row) for row in ROWS if row[0] in OPERATOR_TOO
]


@pytest.mark.parametrize(
    ("who", "row"), WALKED, ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_without_a_purpose_nothing_is_shown_and_with_one_each_look_is_one_entry(
    who: str, row: Row, things: dict[str, str], request: pytest.FixtureRequest, log: Log
) -> None:
    route, named, what, scope = row
    if route == "appraisal_pdf" and (reason := why_no_pdf()):
        pytest.skip(reason)
    address = address_of(route, named, things)
    browser = client_of(request.getfixturevalue(who))
    before = log()

    closed = browser.get(address)
    begun = browser.post(address, PURPOSE)
    untouched = log() == before
    opened = browser.get(address)
    shown = content_of(opened)
    seen = looks()
    browser.head(address)
    again = looks()

    assert (closed.status_code, untouched) == (200, True)
    assert ASKED in text_of(closed)
    assert set(REFERENCE.findall(closed.content.decode())) <= set(REFERENCE.findall(address))
    assert (begun.status_code, begun["Location"]) == (302, address)
    assert opened.status_code == 200
    assert ASKED not in shown
    reference = things[named[next(iter(reversed(named)))]] if named else ""
    assert len(log()) == len(before) + 2
    assert [(look["what"], look["purpose"], look["scope"]) for look in seen] == [
        (what, PURPOSE["purpose"], things[scope] if scope else "")
    ]
    assert seen[0].get(what, "") == (reference if what in INSPECTED_KINDS else "")
    assert len(again) == 2


def test_what_has_no_row_asks_or_is_closed_or_free_or_public(
    things: dict[str, str], regulator: Actor
) -> None:
    told = {route for route, *_rest in ROWS}
    closed, visiting = client_of(regulator), client_of(regulator)
    visiting.post("/regulator/trail/", PURPOSE)
    wrong: dict[str, Any] = {}
    for route in routes():
        name = str(route.name)
        if name in told | set(FREE) | NO_PAGES | {"regulator_log"} or page_of(route).public:
            continue
        dummies = {
            key: "00000000-0000-7000-8000-000000000000" if key == "identity" else NOTHING
            for key in route.pattern.converters
        }
        before = len(looks())
        found, opened = (one.get(reverse(name, kwargs=dummies)) for one in (closed, visiting))
        shut = {found.status_code, opened.status_code} <= {302, 403, 404, 405}
        asks = ASKED in text_of(found) and len(looks()) == before + 1
        if not shut and not asks:
            wrong[name] = (found.status_code, opened.status_code)

    assert wrong == {}


def test_the_log_desk_asks_as_soon_as_an_entry_is_looked_up(
    things: dict[str, str], regulator: Actor
) -> None:
    desk = client_of(regulator)

    bare = text_of(desk.get("/regulator/log/"))
    looked_up = f"/regulator/log/?entry={things['entry']}"

    assert ASKED not in bare
    assert ASKED in text_of(desk.get(looked_up))
    desk.post(looked_up, PURPOSE)
    desk.get(looked_up)
    assert [(look["what"], look["entry"]) for look in looks()] == [("entry", things["entry"])]


def test_what_is_free_has_a_reason_and_no_other_route() -> None:
    names = {str(route.name) for route in routes()}

    assert set(FREE) <= names
    assert all(len(reason) > 10 for reason in FREE.values())


@pytest.mark.parametrize(
    ("route", "named"),
    [
        ("regulator_overview", {}),
        ("regulator_orders", {}),
        ("regulator_order", {"reference": "supervision"}),
        ("regulator_hold", {"reference": "hold"}),
        ("regulator_searches", {}),
        ("regulator_search_change", {"reference": "search"}),
        ("regulator_evidence", {}),
        ("regulator_evidence_bundle", {"reference": "bundle"}),
        ("regulator_health", {}),
        ("organization_profile", {}),
        ("organization_members", {}),
    ],
)
def test_what_is_free_asks_nothing_and_records_no_look(
    route: str, named: dict[str, str], things: dict[str, str], regulator: Actor
) -> None:
    page = client_of(regulator).get(address_of(route, named, things))

    assert page.status_code == 200
    assert ASKED not in text_of(page)
    assert looks() == []


def test_what_anybody_is_shown_needs_no_purpose_and_shows_an_authority_no_more(
    things: dict[str, str], regulator: Actor, operator: Actor, anonymous: Actor
) -> None:
    named = {
        "demand": {"reference": "posted"},
        "product": {"reference": "listed"},
        "product_discounts": {"reference": "listed"},
        "appraiser": {"reference": "accreditation"},
        "certificate": {"reference": "certificate"},
        "decision": {"reference": "ranking"},
    }
    walked = []
    for route in routes():
        if not hasattr(route.callback, "view_class") or not page_of(route).public:
            continue
        name = str(route.name)
        if name.startswith("algorithm_") or name in {"algorithm", "certificate"}:  # seen elsewhere
            continue
        address = address_of(name, named.get(name, {}), things)
        pages = [client_of(who).get(address) for who in (anonymous, regulator)]
        plain, watched = (set(REFERENCE.findall(page.content.decode())) for page in pages)
        assert len({page.status_code for page in pages}) == 1, name
        assert watched == plain, name
        walked += [name] if pages[0].status_code == 200 else []

    assert {"market", "product", "demands", "demand", "log_public", "participants"} <= set(walked)
    assert looks() == []


def test_parties_and_the_operator_at_its_work_are_not_asked(
    things: dict[str, str], floor: Floor, operator: Actor
) -> None:
    for who in (floor.buyer, floor.provider, operator):
        for route in ("order", "contract", "grant"):
            page = client_of(who).get(address_of(route, {"reference": route}, things))
            assert page.status_code == 200
            assert ASKED not in text_of(page)

    assert looks() == []


def test_who_may_only_look_at_the_authority_is_asked_too(
    things: dict[str, str], regulator_org: Organization, at: datetime
) -> None:
    viewer = client_of(actor_for_user(make_member(regulator_org, "VIEWER", at, "looker")))
    address = address_of("order", {"reference": "order"}, things)

    assert ASKED in text_of(viewer.get(address))
    viewer.post(address, PURPOSE)
    viewer.get(address)
    assert [look["order"] for look in looks()] == [things["order"]]


def test_a_visit_is_shown_on_whatever_is_looked_at(
    things: dict[str, str], regulator: Actor
) -> None:
    desk = client_of(regulator)
    desk.post("/regulator/trail/", PURPOSE)

    page = desk.get(address_of("contract", {"reference": "contract"}, things))

    assert text_of(page).count("Purpose on record") == 1
    assert PURPOSE["purpose"] in text_of(page)


def test_a_decision_that_is_wrong_shows_nothing_without_a_purpose(
    things: dict[str, str], regulator: Actor
) -> None:
    desk = client_of(regulator)
    address = address_of("regulator_product", {"reference": "listed"}, things)
    wrong = {"act": "suspend", "reason": "Source in doubt.", "basis": ""}

    without: Any = desk.post(address, wrong)
    nothing = looks()
    desk.post(address, PURPOSE)
    with_one: Any = desk.post(address, wrong)

    assert (without.status_code, with_one.status_code) == (422, 422)
    assert ASKED in text_of(without)
    assert nothing == []
    assert "Order the suspension" in text_of(with_one)
    assert [look["product"] for look in looks()] == [things["listed"]]


class Undeclared(Page):
    """A page whose author did not think of looks."""

    member = True
    template_name = "web/home.html"


class Gesture(forms.Form):
    """One field."""

    name = forms.CharField()


class UndeclaredForm(FormPage):
    """A form whose author did not think of them either."""

    member = True
    template_name = "web/home.html"
    form_class = Gesture

    def act(self, form: forms.Form) -> str:
        if form.cleaned_data["name"] == "late":
            raise Conflict("Too late.")
        return "/onward/"


def visiting(request: Any, actor: Actor, at: datetime) -> Any:
    """Return the request within a visit."""
    visit = Visit(purpose="case 7", organization=actor.organization, since=at)
    request.session = SessionStore()
    keep_visit(request, visit)
    return request


def test_a_page_that_says_nothing_asks_and_is_recorded_by_its_address(
    rf: RequestFactory, regulator: Actor, provider: Actor, at: datetime, _now: None
) -> None:
    closed = answer(Undeclared, asked(rf, regulator))
    nothing = looks()
    own = answer(Undeclared, asked(rf, provider))
    opened = answer(Undeclared, visiting(asked(rf, regulator), regulator, at))

    assert ASKED in text_of(closed)
    assert nothing == []
    assert [page.status_code for page in (closed, own, opened)] == [200, 200, 200]
    assert ASKED not in text_of(opened) + text_of(own)
    assert [(look["what"], look["scope"]) for look in looks()] == [(PAGES, "/somewhere/")]


@pytest.mark.parametrize(
    ("name", "status", "recorded"), [("well", 302, 0), ("late", 409, 1), ("", 422, 1)]
)
def test_an_act_is_a_look_where_its_answer_shows_the_page(
    rf: RequestFactory,
    regulator: Actor,
    at: datetime,
    name: str,
    status: int,
    recorded: int,
    _now: None,
) -> None:
    alone = answer(UndeclaredForm, asked(rf, regulator, "post", name=name))
    nothing = looks()
    sent = visiting(asked(rf, regulator, "post", name=name), regulator, at)
    within = answer(UndeclaredForm, sent)

    assert alone.status_code == (302 if status == 302 else 422)
    assert (ASKED in text_of(alone)) == (status != 302)
    assert nothing == []
    assert within.status_code == status
    assert len(looks()) == recorded


def test_a_visit_of_another_organization_or_of_yesterday_opens_nothing(
    rf: RequestFactory, regulator: Actor, operator: Actor, at: datetime, _now: None
) -> None:
    foreign = visiting(asked(rf, regulator), operator, at)
    old = visiting(asked(rf, regulator), regulator, at.replace(day=at.day - 1))

    assert ASKED in text_of(answer(Undeclared, foreign))
    assert ASKED in text_of(answer(Undeclared, old))
    assert looks() == []


def test_every_page_names_a_known_kind_and_none_goes_round_the_question() -> None:
    known = {""} | INSPECTED_KINDS | COLLECTIONS
    for route in routes():
        if str(route.name) in NO_PAGES:
            continue
        page = page_of(route)
        assert page.look in known, route.name
        owners = {
            name: next(kind.__name__ for kind in page.__mro__ if name in vars(kind))
            for name in ("answer", "inspects", "dispatch", "watchers", "shown_to_anybody")
        }
        assert owners["answer"] == "Looked", route.name
        assert owners["inspects"] in {"Looked", "Timeline", "LogDesk"}, route.name
        assert owners["dispatch"] in {"Page", "Profile", "MyData", "MyCopy"}, route.name
        assert owners["shown_to_anybody"] in {"Looked", "Certificate"}, route.name
        assert "REGULATOR" in page.watchers, route.name
