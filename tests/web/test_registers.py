"""Public registers: algorithms, rules, the log, certificates; entries for those concerned only."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from audit.disclosure.models import Disclosure
from audit.disclosure.services import (
    draft_disclosure,
    file_disclosure,
    record_measurement,
    withdraw_disclosure,
)
from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.sequencing import sequence
from audit.log.signing import get_signer
from audit.rulebook.queries import day_of
from exchange.trading.models import TradeCertificate
from exchange.trading.services import revoke_certificate
from exchange.web.pdf import why_no_pdf
from exchange.web.views import (
    algorithm_versions,
    algorithms,
    certificates,
    public_log,
    registers,
)
from tests.disclosure.making import metric, statement
from tests.trading.making import Floor, tampering
from tests.web.clients import CALLERS, client_of, text_of
from verify.note import parse_vkey
from verify.receipt import verify_receipt

pytestmark = pytest.mark.usefixtures("_now")

Log = Callable[[], list[tuple[str, str]]]
ALL = (200,) * 7
CONCERNED = (302, 404, 200, 200, 200, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/algorithms/", ALL),
    ("GET", "/algorithms/{filed}/", ALL),
    ("GET", "/algorithms/{draft}/", (404, 404, 200, 200, 404, 200, 200)),
    ("GET", "/algorithms/{filed}/compare/{filed}/", ALL),
    ("GET", "/algorithms/{filed}/compare/{draft}/", (404,) * 7),
    ("GET", "/algorithms/{filed}/sheet.pdf", (200 if why_no_pdf() is None else 404,) * 7),
    ("GET", "/rules/", ALL),
    ("GET", "/log/", ALL),
    ("GET", "/log/entries/{entry}/", CONCERNED),
    ("GET", "/log/entries/{entry}/receipt/", CONCERNED),
    ("GET", "/certificates/", ALL),
    ("POST", "/certificates/", (422,) * 7),
    ("GET", "/certificates/{certificate}/", ALL),
    ("GET", "/certificates/T-2026-00000000/", (404,) * 7),
]


@pytest.fixture
def filed(db: None, at: datetime) -> Disclosure:
    """Return a filed disclosure of the platform."""
    platform = Actor.system("disclosure")
    drafted = draft_disclosure(statement=statement(), owner="", by=platform, at=at)
    return file_disclosure(disclosure=drafted, by=platform, at=at)


@pytest.fixture
def certificate(floor: Floor) -> TradeCertificate:
    """Return the certificate of a settled trade."""
    return TradeCertificate.objects.get(order=floor.settled())


@pytest.fixture
def entry(certificate: TradeCertificate, at: datetime) -> Entry:
    """Return a published entry of a trade."""
    sequence(at=at)
    publish(at=at)
    return Entry.objects.get(name="trading.order.paid")


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    return "/".join("{}" if part[:1] in "<{T" else part for part in path.strip("/").split("/"))


def test_every_route_has_a_row() -> None:
    modules = (algorithms, algorithm_versions, registers, public_log, certificates)
    patterns = [pattern for module in modules for pattern in module.urlpatterns]
    ours = {shape(str(p.pattern)) for p in patterns if isinstance(p, URLPattern)}

    assert ours == {shape(path) for _method, path, _seen in TABLE}


def test_who_may(
    filed: Disclosure,
    entry: Entry,
    provider: Actor,
    browsers: dict[str, Client],
    at: datetime,
    log: Log,
) -> None:
    mine = draft_disclosure(statement=statement(), owner="ORG-PROVIDER", by=provider, at=at)
    things = {
        "filed": filed.reference,
        "draft": mine.reference,
        "entry": str(entry.id),
        "certificate": TradeCertificate.objects.get().reference,
    }
    before, wrong = log(), []

    for method, path, expected in TABLE:
        for name, status in zip(CALLERS, expected, strict=True):
            response = browsers[name].generic(method, path.format(**things))
            if response.status_code != status:
                wrong.append((method, path, name, response.status_code, status))

    assert wrong == []
    assert log() == before


def test_an_algorithm_says_the_four_things_and_what_is_not_measured(
    filed: Disclosure, client: Client, at: datetime
) -> None:
    words = text_of(client.get("/algorithms/"))
    assert filed.technique[:40] in words
    assert filed.prediction_target[:40] in words
    assert filed.stakeholders[:40] in words
    assert "not yet measured" in words

    record_measurement(
        disclosure=filed,
        metrics=[metric()],
        code_sha256="0" * 64,
        by=Actor.system("measuring"),
        at=at,
    )

    for address in ("/algorithms/", f"/algorithms/{filed.reference}/"):
        words = text_of(client.get(address))
        assert "0.84 [0.81, 0.87]" in words
    assert "signature holds" in words


def test_a_tampered_disclosure_is_said_so(filed: Disclosure, client: Client) -> None:
    with tampering():
        Disclosure.objects.filter(pk=filed.pk).update(document=filed.document.replace("a", "b", 1))

    assert "does not hold" in text_of(client.get(f"/algorithms/{filed.reference}/"))


def test_a_withdrawn_disclosure_stays_readable(
    filed: Disclosure, client: Client, at: datetime
) -> None:
    withdraw_disclosure(
        disclosure=filed,
        reason="replaced by hand",
        last_day=day_of(at),
        by=Actor.system("disclosure"),
        at=at,
    )

    assert "replaced by hand" in text_of(client.get(f"/algorithms/{filed.reference}/"))
    assert filed.reference not in text_of(client.get("/algorithms/"))


def test_rules_fees_and_bands_are_published(client: Client, db: None) -> None:
    words = text_of(client.get("/rules/"))

    for said in ("compliance@2026-11-01", "2.5 % up to CNY 100,000.00", "± 20.0 %", "R-CORE"):
        assert said in words.replace("\u00a0", " ")


def test_the_log_shows_its_head_and_key(entry: Entry, client: Client) -> None:
    page = client.get("/log/")
    words = text_of(page)

    assert get_signer("log").verifier_key in words
    assert settings.AUDIT_LOG_ORIGIN in words
    found = client.get(f"/log/?entry={entry.id}")
    assert found["Location"] == f"/log/entries/{entry.id}/"
    assert client.get("/log/?entry=nonsense").status_code == 200


def test_an_empty_log_says_so(client: Client, db: None) -> None:
    assert "No checkpoint is signed yet." in text_of(client.get("/log/"))


def test_a_receipt_from_a_page_proves_the_entry_without_us(entry: Entry, buyer: Actor) -> None:
    browser = client_of(buyer)
    assert "covered by a signed checkpoint" in text_of(browser.get(f"/log/entries/{entry.id}/"))

    receipt = browser.get(f"/log/entries/{entry.id}/receipt/")

    assert receipt["Content-Disposition"].endswith('.tlog-proof"')
    proved = verify_receipt(receipt.content, parse_vkey(get_signer("log").verifier_key))
    assert proved.entry == bytes(entry.data)


def test_an_entry_without_checkpoint_has_no_receipt_yet(
    certificate: TradeCertificate, buyer: Actor
) -> None:
    fresh = Entry.objects.get(name="trading.order.paid")
    browser = client_of(buyer)

    assert browser.get(f"/log/entries/{fresh.id}/receipt/").status_code == 302
    assert "No signed checkpoint covers it yet" in text_of(browser.get(f"/log/entries/{fresh.id}/"))


def test_a_certificate_is_checked_by_anybody_and_read_by_its_holders(
    certificate: TradeCertificate, client: Client, buyer: Actor
) -> None:
    address = f"/certificates/{certificate.reference}/"
    found = client.post("/certificates/", {"reference": f" {certificate.reference} "})
    assert found["Location"] == address
    assert client.post("/certificates/", {"document": certificate.document})["Location"] == address

    words = text_of(client.get(address))
    assert "Genuine, and it stands." in words
    assert certificate.sha256 in words
    assert "provider organization" not in words
    held = client_of(buyer).get(address)
    assert "provider organization" in text_of(held)
    assert "chart-qr" in held.content.decode()
    assert "chart-seal" in held.content.decode()


def test_a_certificate_that_does_not_stand_says_why(
    certificate: TradeCertificate, client: Client, operator: Actor, at: datetime
) -> None:
    address = f"/certificates/{certificate.reference}/"
    forged = certificate.document.replace("100.00", "900.00")
    page = client.post("/certificates/", {"document": forged})
    assert page.status_code == 422
    assert "No certificate with this text was ever issued here." in text_of(page)

    revoke_certificate(certificate=certificate, reason="issued twice", by=operator, at=at)

    words = text_of(client.get(address))
    assert "Do not rely on it." in words
    assert "It was revoked." in words
