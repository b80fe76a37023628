"""The operator's desk: who may sit at it, and what is decided there."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Cursor
from audit.log.reactions import REACTIONS
from audit.rulebook.queries import list_kinds
from exchange.catalog.models import Product
from exchange.compliance.models import Case, Proposal
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.settlement.models import Transfer
from exchange.settlement.queries import balance_of
from exchange.trading.models import Order
from exchange.web.views import cases
from exchange.web.views import operator as operator_room
from exchange.web.views.registers import KINDS
from tests.conftest import make_member
from tests.trading.making import Floor
from tests.web.clients import CALLERS, client_of, hidden_of, text_of
from tests.web.desks import make_applicant, make_case, make_desks, make_dispute, make_request

Log = Callable[[], list[tuple[str, str]]]
DESK = (302, 403, 403, 403, 403, 403, 200)
NOT_THERE = (302, 403, 403, 403, 403, 403, 404)
REASON = {"reason": "Because."}
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/operator/", DESK),
    ("GET", "/operator/health/", DESK),
    ("GET", "/operator/admissions/", DESK),
    ("GET", "/operator/admissions/{applicant}/", DESK),
    ("POST", "/operator/admissions/{applicant}/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/operator/admissions/{applicant}/license", (302, 403, 403, 403, 403, 200, 200)),
    ("GET", "/operator/listings/", DESK),
    ("GET", "/operator/listings/{requested}/", DESK),
    ("POST", "/operator/listings/{requested}/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/operator/cases/", DESK),
    ("GET", "/operator/cases/{case}/", DESK),
    ("POST", "/operator/cases/{case}/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/operator/cases/{case}/documents/{dispute}", NOT_THERE),
    ("GET", "/operator/appeals/{dispute}/", NOT_THERE),
    ("GET", "/operator/sealed/", DESK),
    ("GET", "/operator/settlement/", DESK),
    ("GET", "/operator/settlement/deposit/", DESK),
    ("POST", "/operator/settlement/deposit/", (302, 403, 403, 403, 403, 403, 422)),
    ("GET", "/operator/settlement/withdrawal/", DESK),
    ("POST", "/operator/settlement/withdrawal/", (302, 403, 403, 403, 403, 403, 422)),
    ("GET", "/operator/settlement/statements/{buyer}/", DESK),
    ("GET", "/operator/settlement/disputes/{dispute}/", DESK),
    ("POST", "/operator/settlement/disputes/{dispute}/", (302, 403, 403, 403, 403, 403, 403)),
]


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    return "/".join("{}" if part[:1] in "<{" else part for part in path.strip("/").split("/"))


@pytest.fixture
def things(
    floor: Floor, provider_org: Organization, operator: Actor, regulator: Actor, at: datetime
) -> dict[str, str]:
    """One thing of every kind."""
    return make_desks(
        floor, provider_org=provider_org, operator=operator, regulator=regulator, at=at
    )


@pytest.fixture
def desk(operator: Actor, _now: None) -> Client:
    """The operator's browser."""
    return client_of(operator)


@pytest.fixture
def second(operator_org: Organization, at: datetime, _now: None) -> Client:
    """The browser of another person of the operator."""
    return client_of(actor_for_user(make_member(operator_org, "TRADER", at, "second")))


def test_every_route_is_in_the_table() -> None:
    routes = [*operator_room.urlpatterns, *cases.urlpatterns]
    known = {shape(str(route.pattern)) for route in routes}

    told = {shape(path) for _method, path, _expected in TABLE}

    assert {path for path in known if path.startswith("operator")} == told


def test_who_may_open_and_press_what(
    browsers: dict[str, Client], things: dict[str, str], log: Log
) -> None:
    wrong = {}
    for method, pattern, expected in TABLE:
        path = pattern.format(**things)
        before = log()
        for name, status in zip(CALLERS, expected, strict=True):
            browser = browsers[name]
            response = browser.get(path) if method == "GET" else browser.post(path, {})
            if response.status_code != status:
                wrong[method, pattern, name] = response.status_code
        assert log() == before, pattern

    assert wrong == {}


def test_an_organization_is_checked_and_admitted_in_fewer_roles(
    desk: Client, at: datetime, log: Log
) -> None:
    organization = make_applicant(at)
    path = f"/operator/admissions/{organization.reference}/"
    assert organization.name in text_of(desk.get("/operator/admissions/"))
    assert "Not yet verified" in text_of(desk.get(path))
    assert desk.get(path + "license").content == b"license"
    before = len(log())

    for kind in ("IDENTITY", "LICENSE", "CLEAN_RECORD"):
        sent = {"act": "check", "kind": kind, "passed": "yes", "evidence": "Public register."}
        assert desk.post(path, sent).status_code == 302
    early = desk.post(path, {"act": "admit"})
    done = desk.post(path, {"act": "admit", "roles": ["BUYER"]})

    organization.refresh_from_db()
    assert early.status_code == 422
    assert (done.status_code, done["Location"]) == (302, path)
    assert (organization.status, organization.roles) == ("ADMITTED", ["BUYER"])
    assert [name for name, _ in log()[before:]] == [
        *["parties.organization.checked"] * 3,
        "parties.organization.admitted",
    ]
    assert "Public register." in text_of(desk.get(path))


def test_an_application_is_refused_with_a_reason(desk: Client, at: datetime, log: Log) -> None:
    organization = make_applicant(at)
    path = f"/operator/admissions/{organization.reference}/"
    before = log()

    empty = desk.post(path, {"act": "reject", "reason": ""})
    assert empty.status_code == 422
    assert "<details open" in empty.content.decode()
    assert log() == before
    desk.post(path, {"act": "reject", **REASON})

    organization.refresh_from_db()
    assert (organization.status, organization.status_reason) == ("REJECTED", "Because.")


def test_a_member_is_suspended_and_reinstated(
    desk: Client, buyer_org: Organization, log: Log
) -> None:
    path = f"/operator/admissions/{buyer_org.reference}/"

    assert desk.post(path, {"act": "suspend", **REASON}).status_code == 302
    twice = desk.post(path, {"act": "suspend", **REASON})
    desk.post(path, {"act": "reinstate", **REASON})

    buyer_org.refresh_from_db()
    assert (twice.status_code, buyer_org.status) == (403, "ADMITTED")
    assert [name for name, _ in log()] == [
        "parties.organization.suspended",
        "parties.organization.reinstated",
    ]


def test_another_file_is_not_handed_out_as_a_license(
    desk: Client, floor: Floor, provider_org: Organization
) -> None:
    stolen = floor.product.current.original.reference  # type: ignore[union-attr]
    Organization.objects.filter(pk=provider_org.pk).update(license_object=stolen)

    response = desk.get(f"/operator/admissions/{provider_org.reference}/license")

    assert response.status_code == 404


def test_a_product_is_listed_after_everything_was_shown(
    desk: Client, provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    reference = make_request(provider_org, provider, at)
    path = f"/operator/listings/{reference}/"
    page = desk.get(path)
    words = text_of(page)
    before = len(log())

    assert "manual complete" in words
    assert "not met" not in words
    assert "chart-waterfall" in page.content.decode()
    version = hidden_of(page, "version")
    done = desk.post(path, {"act": "list", "version": version, "note": ""})

    assert done.status_code == 302
    assert Product.objects.get(reference=reference).status == "LISTED"
    assert log()[before:] == [("catalog.listing.listed", reference)]


def test_the_note_of_whoever_lists_is_kept(
    desk: Client, provider_org: Organization, provider: Actor, at: datetime
) -> None:
    reference = make_request(provider_org, provider, at)
    path = f"/operator/listings/{reference}/"
    sent = {"act": "list", "version": hidden_of(desk.get(path), "version")}

    desk.post(path, {**sent, "note": "Checked three comparable offers."})

    listed = Product.objects.get(reference=reference)
    assert (listed.status, listed.operator_note) == ("LISTED", "Checked three comparable offers.")


def test_a_description_that_changed_meanwhile_is_not_listed(
    desk: Client, provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    reference = make_request(provider_org, provider, at)
    version = int(hidden_of(desk.get(f"/operator/listings/{reference}/"), "version"))
    before = log()

    late = desk.post(
        f"/operator/listings/{reference}/", {"act": "list", "version": version - 1, "note": ""}
    )

    assert late.status_code == 409
    assert log() == before


def test_a_request_is_returned_with_a_reason(
    desk: Client, provider_org: Organization, provider: Actor, at: datetime
) -> None:
    reference = make_request(provider_org, provider, at)

    done = desk.post(f"/operator/listings/{reference}/", {"act": "return", **REASON})

    product = Product.objects.get(reference=reference)
    assert done.status_code == 302
    assert (product.status, product.status_reason) == ("APPRAISED", "Because.")


@pytest.mark.parametrize(("act", "status"), [("approve", "APPROVED"), ("reject", "REJECTED")])
def test_a_case_is_decided_by_two_with_its_evidence_in_sight(
    act: str,
    status: str,
    desk: Client,
    second: Client,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
) -> None:
    case = make_case(provider_org, provider, at)
    path = f"/operator/cases/{case.reference}/"
    words = text_of(desk.get(path))

    assert "R-PSEUDO" in words
    assert "Evidence, masked" in words
    assert desk.post(path, {"act": act, "reason": ""}).status_code == 422
    assert desk.post(path, {"act": act, **REASON}).status_code == 302

    made = Proposal.objects.get(case=case)
    answer = {"act": "confirm", "proposal": made.reference, "reason": "Seen."}
    assert "Take the proposal back" in text_of(desk.get(path))
    assert desk.post(path, answer).status_code == 403
    assert second.post(path, answer).status_code == 302
    assert Case.objects.get(pk=case.pk).status == status
    assert "Because." in text_of(desk.get(path))


def test_a_case_for_the_regulator_is_not_decided_by_two_of_the_operator(
    desk: Client,
    second: Client,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
) -> None:
    case = make_case(provider_org, provider, at)
    Case.objects.filter(pk=case.pk).update(authority="REGULATOR")
    path = f"/operator/cases/{case.reference}/"
    desk.post(path, {"act": "approve", **REASON})
    made = Proposal.objects.get(case=case)
    before = log()

    assert "One of the two persons has to be of the regulator." in text_of(second.get(path))
    answer = {"act": "confirm", "proposal": made.reference, "reason": "Seen."}
    assert second.post(path, answer).status_code == 403
    assert log() == before


def test_bank_money_sent_twice_is_booked_once(
    desk: Client, buyer_org: Organization, log: Log
) -> None:
    page = desk.get("/operator/settlement/deposit/")
    sent = {
        "organization": buyer_org.reference,
        "amount": "1200.50",
        "currency": "CNY",
        "bank_reference": "ICBC-1",
        "transfer_id": hidden_of(page, "transfer_id"),
    }

    first = desk.post("/operator/settlement/deposit/", sent)
    second = desk.post("/operator/settlement/deposit/", sent)
    other = desk.post("/operator/settlement/deposit/", {**sent, "amount": "7"})

    assert (first.status_code, second.status_code, other.status_code) == (302, 302, 409)
    assert Transfer.objects.count() == 1
    assert balance_of(buyer_org.reference).available.text == "1200.50"
    assert [name for name, _ in log()] == ["settlement.deposit.posted"]
    assert "1,200.50" in text_of(desk.get(first["Location"]))


def test_no_more_is_withdrawn_than_there_is(
    desk: Client, buyer_org: Organization, log: Log
) -> None:
    sent = {
        "organization": buyer_org.reference,
        "amount": "1",
        "currency": "CNY",
        "bank_reference": "ICBC-2",
        "transfer_id": str(uuid4()),
    }

    response = desk.post("/operator/settlement/withdrawal/", sent)

    assert response.status_code == 403
    assert "ICBC-2" in response.content.decode()
    assert log() == []


@pytest.mark.parametrize(("act", "status"), [("release", "ACCEPTED"), ("refund", "REFUNDED")])
def test_a_dispute_is_decided(
    act: str, status: str, desk: Client, floor: Floor, at: datetime
) -> None:
    reference = make_dispute(floor, at)
    path = f"/operator/settlement/disputes/{reference}/"

    assert "Column 3." in text_of(desk.get(path))
    assert reference in text_of(desk.get("/operator/settlement/"))
    assert desk.post(path, {"act": act, **REASON}).status_code == 302

    order = Order.objects.get(reference=reference)
    assert (order.status, order.decision) == (status, "Because.")
    assert desk.post(path, {"act": act, **REASON}).status_code == 403


def test_a_statement_is_also_a_table(desk: Client, floor: Floor) -> None:
    floor.paid()
    path = f"/operator/settlement/statements/{floor.buyer.organization}/"

    page = desk.get(path)
    sheet = desk.get(path + "?format=csv")

    assert "1,000.00" in text_of(page)
    assert sheet["Content-Type"].startswith("text/csv")
    assert sheet.content.decode("utf-8-sig").count("\n") >= 3
    assert "Nothing moved" in text_of(desk.get(path + "?since=2030-01-01"))


def test_health_names_a_failing_reaction(desk: Client, floor: Floor, at: datetime) -> None:
    name = min(REACTIONS)
    Cursor.objects.update_or_create(
        pk=name, defaults={"attempts": 3, "last_error": "OSError: disk full", "retry_at": at}
    )

    for path in ("/operator/", "/operator/health/"):
        words = text_of(desk.get(path))
        assert "OSError: disk full" in words
        assert "balanced" in words


def test_health_names_every_kind_of_rules(desk: Client) -> None:
    assert set(KINDS) == set(list_kinds())

    words = text_of(desk.get("/operator/health/"))

    assert all(str(name) in words for name in KINDS.values())


def test_pages_speak_chinese_and_carry_no_inline_style(
    desk: Client, things: dict[str, str]
) -> None:
    desk.post("/language/", {"language": "zh-hans"})

    for method, pattern, expected in TABLE:
        if method == "GET" and expected == DESK:
            page = desk.get(pattern.format(**things)).content.decode()
            assert '<html lang="zh-hans">' in page
            assert " style=" not in page
            assert "<script>" not in page
