"""Pages of cases and appeals: the provider's file, the desk, and what is sealed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern

from audit.log.actors import Actor
from exchange.compliance.models import Appeal, Case, Proposal, Screening
from exchange.compliance.services import (
    close_cases,
    confirm_decision,
    lodge_appeal,
    propose_decision,
    screen_release,
)
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.web.views import appeals, case_files
from tests.compliance.filing import VALUES, document, fill
from tests.compliance.making import (
    CORE,
    IMPORTANT,
    PERSONAL,
    PSEUDONYMOUS,
    product_of,
    submitted,
)
from tests.conftest import make_member
from tests.web.clients import CALLERS, client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")

Log = Callable[[], list[tuple[str, str]]]
FILTER = Actor.system("compliance")
PURPOSE = {"purpose": "case 7"}
CASE = "/provider/cases/{case}/"
OWN = (302, 403, 200, 200, 403, 403, 403)
WRITE = (302, 403, 403, 200, 403, 403, 403)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/provider/cases/", OWN),
    ("GET", CASE, OWN),
    ("POST", CASE + "submit/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", CASE + "file/RISK/", WRITE),
    ("POST", CASE + "file/RISK/", (302, 403, 403, 302, 403, 403, 403)),
    ("GET", CASE + "documents/{nothing}", (302, 403, 404, 404, 403, 403, 403)),
    ("GET", "/provider/screenings/{screening}/appeal/", WRITE),
    ("POST", "/provider/screenings/{screening}/appeal/", (302, 403, 403, 422, 403, 403, 403)),
    ("GET", "/provider/appeals/{appeal}/", OWN),
    (
        "GET",
        "/provider/appeals/{appeal}/documents/{nothing}",
        (302, 403, 404, 404, 403, 403, 403),
    ),
    (
        "GET",
        "/regulator/appeals/{appeal}/documents/{nothing}",
        (302, 403, 403, 403, 403, 200, 403),
    ),
    (
        "GET",
        "/operator/appeals/{appeal}/documents/{nothing}",
        (302, 403, 403, 403, 403, 403, 404),
    ),
    ("POST", "/provider/appeals/{appeal}/withdraw/", (302, 403, 302, 302, 403, 403, 403)),
]


@pytest.fixture
def important(provider_org: Organization, provider: Actor, at: datetime) -> Case:
    """A case on important data."""
    release = submitted(product_of(provider_org, provider, at), provider, at, IMPORTANT)
    found: Case = screen_release(release=release, by=FILTER, at=at).case
    return found


@pytest.fixture
def rejected(
    provider_org: Organization, provider: Actor, operator: Actor, regulator: Actor, at: datetime
) -> Case:
    """A case that was rejected."""
    release = submitted(product_of(provider_org, provider, at), provider, at, PSEUDONYMOUS)
    case = screen_release(release=release, by=FILTER, at=at).case
    propose_decision(case=case, approve=False, reason="Phones.", by=operator, at=at)
    made = Proposal.objects.get(case=case)
    return confirm_decision(
        case=case, proposal=made.reference, reason="So it is.", by=regulator, at=at
    )


@pytest.fixture
def core(provider_org: Organization, provider: Actor, at: datetime) -> Screening:
    """A screening that found core data."""
    release = submitted(product_of(provider_org, provider, at), provider, at, CORE)
    return screen_release(release=release, by=FILTER, at=at)


def test_every_route_is_in_the_table() -> None:
    routes = [*case_files.urlpatterns, *appeals.urlpatterns]
    known = {path.format(case="x", screening="x", appeal="x", nothing="x") for _, path, _ in TABLE}

    for route in routes:
        assert isinstance(route, URLPattern)
        pattern = str(route.pattern)
        for name in ("reference", "document"):
            pattern = pattern.replace(f"<str:{name}>", "x")
        assert "/" + pattern.replace("<str:head>", "RISK") in known, pattern


@pytest.mark.parametrize(("method", "path", "expected"), TABLE)
def test_who_may(
    method: str,
    path: str,
    expected: tuple[int, ...],
    important: Case,
    rejected: Case,
    core: Screening,
    request: pytest.FixtureRequest,
) -> None:
    provider, at = request.getfixturevalue("provider"), request.getfixturevalue("at")
    appeal = lodge_appeal(
        screening=rejected.screening, wish="DECISION", grounds="x", by=provider, at=at
    )
    address = path.format(
        case=important.reference,
        screening=core.reference,
        appeal=appeal.reference,
        nothing="OB-2026-NOTHING0",
    )
    found = []
    for who in CALLERS:
        client = client_of(request.getfixturevalue(who))
        found.append(getattr(client, method.lower())(address).status_code)

    assert tuple(found) == expected


def test_the_provider_fills_in_the_file_and_hands_it_in(
    important: Case, provider: Actor, at: datetime
) -> None:
    browser = client_of(provider)
    path = f"/provider/cases/{important.reference}/"
    words = text_of(browser.get(path))
    assert "The recipient's integrity and compliance" in words
    assert "《网络数据安全管理条例》第三十一条第三项" in words
    assert "20 working days left" in words
    assert "8 heads are not complete yet." in words

    said = {
        "assessment": VALUES["assessment"],
        "recipients": "Buyer Ltd.\nOther Ltd.",
        "file_1": SimpleUploadedFile("record.pdf", b"clean record"),
    }
    assert browser.post(path + "file/RECIPIENT/", said).status_code == 302
    part = important.parts.get(head="RECIPIENT")
    assert part.values["recipients"] == ["Buyer Ltd.", "Other Ltd."]
    assert [each["filename"] for each in part.documents] == ["record.pdf"]
    kept = part.documents[0]["object"]
    answer = browser.get(f"{path}documents/{kept}")
    assert answer.content == b"clean record"
    assert "attachment" in answer["Content-Disposition"]

    again = {"assessment": VALUES["assessment"], "recipients": "Buyer Ltd.", "kept": [kept]}
    browser.post(path + "file/RECIPIENT/", again)
    assert [
        each["object"] for each in important.parts.filter(number=2).get(head="RECIPIENT").documents
    ] == [kept]
    assert "7 heads are not complete yet." in text_of(browser.get(path))

    fill(important, provider, at)
    assert browser.post(path + "submit/").status_code == 302
    assert Case.objects.get(pk=important.pk).status == "SUBMITTED"


def test_two_persons_approve_under_conditions_on_pages(
    important: Case,
    provider: Actor,
    operator: Actor,
    regulator: Actor,
    buyer_org: Organization,
    at: datetime,
) -> None:
    fill(important, provider, at)
    client_of(provider).post(f"/provider/cases/{important.reference}/submit/")
    desk, watch = client_of(operator), client_of(regulator)
    path = f"/operator/cases/{important.reference}/"
    said = {
        "act": "approve",
        "reason": "Complete and sound.",
        "purpose": "Flood protection",
        "recipients": buyer_org.reference,
        "channels": ["SANDBOX"],
        "retention_days": "30",
        "reporting_days": "",
    }
    offered = desk.get(path).content.decode()
    assert 'value="SANDBOX"' in offered
    assert 'value="FILE_DOWNLOAD"' not in offered
    leaving = desk.post(path, {**said, "channels": ["FILE_DOWNLOAD"], "reporting_days": "30"})
    assert leaving.status_code == 422
    missed = desk.post(path, said)
    assert missed.status_code == 422
    assert "report on the use every (days)" in text_of(missed)
    assert desk.post(path, {**said, "reporting_days": "30"}).status_code == 302

    made = Proposal.objects.get(case=important)
    path = f"/regulator/cases/{important.reference}/"
    watch.post(path, PURPOSE)
    words = text_of(watch.get(path))
    assert "Complete and sound." in words
    assert "sandbox in the provider's domain" in words
    answer = {"act": "confirm", "proposal": made.reference, "reason": "Seen."}
    assert watch.post(path, answer).status_code == 302
    assert Case.objects.get(pk=important.pk).status == "APPROVED"
    words = text_of(client_of(provider).get(f"/provider/cases/{important.reference}/"))
    assert "Flood protection" in words


def test_the_queue_shows_what_is_overdue_first(important: Case, operator: Actor) -> None:
    Case.objects.filter(pk=important.pk).update(due_on="2026-11-20")

    words = text_of(client_of(operator).get("/operator/cases/"))

    assert "overdue" in words
    assert "1 working day over" in words


def test_an_appeal_from_page_to_answer(
    rejected: Case, provider: Actor, regulator: Actor, operator_org: Organization, at: datetime
) -> None:
    browser = client_of(provider)
    path = f"/provider/screenings/{rejected.screening.reference}/appeal/"
    assert browser.post(path, {"wish": "DECISION", "grounds": ""}).status_code == 422
    said = {
        "wish": "DECISION",
        "grounds": "The keys are ours.",
        "file_1": SimpleUploadedFile("keys.txt", b"how they are made"),
    }
    assert browser.post(path, said).status_code == 302
    appeal = Appeal.objects.get()
    assert [each["filename"] for each in appeal.documents] == ["keys.txt"]

    other = client_of(actor_for_user(make_member(operator_org, "TRADER", at, "other")))
    address = f"/operator/appeals/{appeal.reference}/"
    assert "The keys are ours." in text_of(other.get(address))
    assert other.post(address, {"act": "reopen", "reason": "New facts."}).status_code == 302
    assert Appeal.objects.get().status == "REOPENED"
    watch = client_of(regulator)
    address = f"/regulator/appeals/{appeal.reference}/"
    watch.post(address, PURPOSE)
    assert "New facts." in text_of(watch.get(address))


def test_who_decided_sees_why_it_does_not_answer(
    rejected: Case, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    appeal = lodge_appeal(
        screening=rejected.screening, wish="DECISION", grounds="x", by=provider, at=at
    )
    desk, address = client_of(operator), f"/operator/appeals/{appeal.reference}/"
    before = log()

    assert "Who decided does not answer" in text_of(desk.get(address))
    assert desk.post(address, {"act": "uphold", "reason": "x"}).status_code == 403
    assert log() == before


def test_what_is_sealed_is_taken_by_a_regulator_under_a_purpose(
    core: Screening, operator: Actor, regulator: Actor, provider: Actor, log: Log
) -> None:
    release = core.release
    path = f"/regulator/sealed/{release.reference}/file"
    assert release.reference in text_of(client_of(operator).get("/operator/sealed/"))
    for other in (operator, provider):
        assert client_of(other).get(path).status_code == 403
    watch = client_of(regulator)
    assert "State the purpose" in text_of(watch.get(path))
    watch.post("/regulator/sealed/", PURPOSE)
    assert release.reference in text_of(watch.get("/regulator/sealed/"))
    before = len(log())

    answer = watch.get(path)

    assert "弹药库".encode() in b"".join(answer.streaming_content)
    assert ("vault.object.inspected", release.original.reference) in log()[before:]


def test_pages_speak_chinese(important: Case, provider: Actor) -> None:
    browser: Client = client_of(provider)
    browser.post("/language/", {"language": "zh-hans"})

    words = text_of(browser.get(f"/provider/cases/{important.reference}/"))

    assert "接收方的诚信、守法情况" in words
    assert "剩余 20 个工作日" in words


def test_the_documents_of_an_appeal_are_read_by_who_answers_it_on_record(
    rejected: Case, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    kept = document(provider, at, "proof.pdf", b"proof")
    appeal = lodge_appeal(
        screening=rejected.screening,
        wish="DECISION",
        grounds="x",
        documents=[kept],
        by=provider,
        at=at,
    )
    before = log()

    page = client_of(operator).get(f"/operator/appeals/{appeal.reference}/").content.decode()
    address = f"/operator/appeals/{appeal.reference}/documents/{kept}"
    taken = client_of(operator).get(address)

    assert f'href="{address}"' in page
    assert f"/screenings/{rejected.screening.reference}/" in page
    assert taken.content == b"proof"
    assert log()[len(before) :] == [("compliance.document.read", kept)]


def test_a_finding_leads_to_its_remedy_and_its_types_have_words(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, PERSONAL)
    screening = screen_release(release=release, by=FILTER, at=at)
    remedy = f'href="/provider/releases/{release.reference}/remedy/"'

    own = client_of(provider).get(f"/provider/releases/{release.reference}/").content.decode()
    report = client_of(provider).get(f"/screenings/{screening.reference}/").content.decode()

    stopping = [rule for rule in screening.report["rules"] if rule["evidence"]]
    assert own.count(remedy) == 1 + len(stopping)
    assert report.count(remedy) == len(stopping)
    assert "<td>text</td>" in report
    assert "<td>string</td>" not in report


def test_a_case_closed_by_a_withdrawal_says_so_in_words(
    important: Case, provider: Actor, at: datetime
) -> None:
    close_cases(important.screening.release, reason="withdrawn", at=at)

    words = text_of(client_of(provider).get(f"/provider/cases/{important.reference}/"))

    assert "The provider took the release back." in words
