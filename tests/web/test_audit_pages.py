"""Audits and appeals on the pages: who may, a whole audit, an appeal by receipt, the desk."""

from datetime import datetime

import pytest
from django.core.cache import cache
from django.test import Client

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.audits.services import lodge_appeal
from exchange.web.views import (
    algorithm_appeals,
    algorithm_audits,
    algorithm_desk,
    algorithm_doubts,
    algorithm_orders,
    appeal_entrance,
    audit_findings,
    audit_lists,
    auditors,
)
from tests.appraisers.making import make_assessor
from tests.audits.making import FOUND, auditing, ordered, published, reported
from tests.web.clients import CALLERS, client_of, text_of
from tests.web.test_trade_permissions import shape

pytestmark = pytest.mark.usefixtures("_now")
ROOMS = (
    algorithm_appeals,
    algorithm_audits,
    algorithm_desk,
    algorithm_doubts,
    algorithm_orders,
    appeal_entrance,
    audit_findings,
    audit_lists,
    auditors,
)
ROLES = ("assessor", *CALLERS)
ALL = (200,) * 8
MEMBERS = (200, 302, 200, 200, 200, 200, 200, 200)
SIDES = (200, 302, 404, 200, 200, 404, 200, 200)
NONE = (404, 302, 404, 404, 404, 404, 200, 404)  # a regulator is asked what for
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/algorithms/{disclosure}/appeal/", ALL),
    ("GET", "/appeal-receipt/", ALL),
    ("GET", "/algorithm-appeals/", MEMBERS),
    ("GET", "/provider/algorithm-appeals/", (403, 302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/buyer/algorithm-appeals/", (403, 302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/operator/algorithm-appeals/", (403, 302, 403, 403, 403, 403, 403, 200)),
    ("GET", "/regulator/algorithm-appeals/", (403, 302, 403, 403, 403, 403, 200, 403)),
    ("GET", "/algorithm-appeals/{appeal}/", (404, 302, 404, 200, 200, 200, 200, 404)),
    ("GET", "/audits/", MEMBERS),
    ("GET", "/provider/audits/", (403, 302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/assessor/audits/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/operator/audits/", (403, 302, 403, 403, 403, 403, 403, 200)),
    ("GET", "/regulator/audits/", (403, 302, 403, 403, 403, 403, 200, 403)),
    ("POST", "/audits/plan/{disclosure}/", (302, 302, 302, 302, 302, 302, 302, 302)),
    ("GET", "/audits/{audit}/", SIDES),
    ("GET", "/audits/{audit}/sample/", (200, 302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/audits/{audit}/documents/{nothing}/", NONE),
    ("GET", "/audit-findings/", MEMBERS),
    ("GET", "/audit-findings/{finding}/", SIDES),
    ("GET", "/regulator/algorithms/", (403, 302, 403, 403, 403, 403, 200, 403)),
    ("GET", "/regulator/algorithms/{disclosure}/", (403, 302, 403, 403, 403, 403, 200, 403)),
    ("GET", "/regulator/algorithms/in-doubt/", (403, 302, 403, 403, 403, 403, 200, 403)),
    ("GET", "/auditors/", ALL),
    ("GET", "/assessor/auditing/apply/", (200, 302, 403, 403, 403, 403, 403, 403)),
]


@pytest.fixture
def assessor(db: None, at: datetime) -> Actor:
    return make_assessor("assessor", at)[1]


@pytest.fixture
def disclosure(provider: Actor, at: datetime) -> Disclosure:
    return published(provider, at, owner=provider.organization)


@pytest.fixture
def audit(
    disclosure: Disclosure, assessor: Actor, provider: Actor, operator: Actor, at: datetime
) -> AlgorithmAudit:
    accreditation = auditing(assessor, operator, at)
    return ordered(disclosure, accreditation, provider, at)


@pytest.fixture
def finding(audit: AlgorithmAudit, assessor: Actor, at: datetime) -> AuditFinding:
    return reported(audit, assessor, at, FOUND).findings.get()


@pytest.fixture
def appeal(disclosure: Disclosure, buyer: Actor, at: datetime) -> AlgorithmAppeal:
    said = {"wish": "EXPLANATION", "grounds": "Why was I refused?"}
    return lodge_appeal(disclosure=disclosure, said=said, by=buyer, at=at).appeal


def test_every_route_has_a_row() -> None:
    routes = {shape(str(pattern.pattern)) for room in ROOMS for pattern in room.urlpatterns}

    assert {shape(path) for _method, path, _statuses in TABLE} == routes


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE, ids=str)
def test_who_may(
    method: str,
    path: str,
    statuses: tuple[int, ...],
    browsers: dict[str, Client],
    assessor: Actor,
    disclosure: Disclosure,
    finding: AuditFinding,
    appeal: AlgorithmAppeal,
) -> None:
    target = path.format(
        disclosure=disclosure.reference,
        audit=finding.audit.reference,
        finding=finding.reference,
        appeal=appeal.reference,
        nothing="X-2026-00000000",
    )
    everybody = browsers | {"assessor": client_of(assessor)}

    seen = tuple(everybody[who].generic(method, target).status_code for who in ROLES)

    assert seen == statuses


def test_an_audit_from_acceptance_to_its_end(
    audit: AlgorithmAudit, assessor: Actor, provider: Actor
) -> None:
    auditing_browser, owner = client_of(assessor), client_of(provider)
    here = f"/audits/{audit.reference}/"
    steps: list[dict[str, str]] = [
        {"act": "accept", "declares_independence": "on", "conflicts": ""},
        {"act": "begin", "source": "MEASUREMENTS", "size": "5", "word": "plum"},
        {"act": "note", **{name: str(FOUND[name]) for name in ("severity", "part", "seen")}}
        | {"remedy": "Mend it.", "evidence": "", "doubt_since": "2026-11-02"},
        {"act": "report", "opinion": "QUALIFIED", "summary": "All but one."},
    ]
    for step in steps:
        answer = auditing_browser.post(here, step)
        assert answer.status_code == 302, text_of(answer)

    finding = AuditFinding.objects.get()
    place = f"/audit-findings/{finding.reference}/"
    assert "15 working days left" in text_of(owner.get(place))
    owner.post(place, {"act": "answer", "answer": "Mended in version 2."})
    auditing_browser.post(place, {"act": "close", "reason": "Seen."})

    audit.refresh_from_db()
    assert audit.status == "CLOSED"
    public = text_of(Client().get(f"/algorithms/{audit.disclosure}/"))
    assert "All but one." in public
    assert FOUND["seen"] not in public


def test_an_appeal_without_account_is_followed_and_erased_by_its_receipt(
    disclosure: Disclosure, provider: Actor
) -> None:
    cache.clear()
    anybody = Client()
    said = {"wish": "CORRECTION", "grounds": "Not my loan.", "name": "王小明", "contact": "w@x.org"}
    page = anybody.post(f"/algorithms/{disclosure.reference}/appeal/", said)
    lodged = page.context["lodged"]
    receipt = {"reference": lodged.appeal.reference, "secret": lodged.secret}

    wrong = anybody.post("/appeal-receipt/", receipt | {"secret": "guess"})
    owner = text_of(client_of(provider).get(f"/algorithm-appeals/{lodged.appeal.reference}/"))
    shown = text_of(anybody.post("/appeal-receipt/", receipt))
    erased = text_of(anybody.post("/appeal-receipt/", receipt | {"act": "erase"}))

    assert wrong.status_code == 404
    assert "Not my loan." in owner
    assert "王小明" not in owner
    assert "w@x.org" not in owner
    assert "Not my loan." in shown
    assert "Not my loan." not in erased
    assert AlgorithmAppeal.objects.get().erased_at is not None


def test_a_stranger_does_not_flood_the_entrance(disclosure: Disclosure) -> None:
    cache.clear()
    said = {"wish": "EXPLANATION", "grounds": "Why?"}
    here = f"/algorithms/{disclosure.reference}/appeal/"

    answers = [Client().post(here, said).status_code for _ in range(12)]

    assert answers == [200] * 10 + [409] * 2
    assert AlgorithmAppeal.objects.count() == 10


def test_the_desk_counts_what_is_late(
    finding: AuditFinding, appeal: AlgorithmAppeal, regulator: Actor
) -> None:
    words = text_of(client_of(regulator).get("/regulator/algorithms/"))

    assert "Findings that put decisions in doubt" in words
    assert "Appeals past their time" in words
