"""The pages of exports: who sees them, what they show, and the decision on evidence."""

from datetime import datetime

import pytest
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.compliance.models import ExportFiling
from tests.compliance.export.papers import make_filing
from tests.web.clients import CALLERS, text_of

TABLE = {
    "/provider/exports/": (302, 403, 200, 200, 403, 403, 403),
    "/regulator/exports/": (302, 403, 403, 403, 403, 200, 403),
    "/operator/exports/": (302, 403, 403, 403, 403, 403, 200),
    "/provider/exports/{filing}/": (302, 403, 200, 200, 403, 403, 403),
    "/regulator/exports/{filing}/": (302, 403, 403, 403, 403, 200, 403),
    "/operator/exports/{filing}/": (302, 403, 403, 403, 403, 403, 200),
    "/provider/exports/XF-2026-00000000/": (302, 403, 404, 404, 403, 403, 403),
}


@pytest.fixture
def filing(provider: Actor, at: datetime) -> ExportFiling:
    return make_filing(provider, at)


def visit(browsers: dict[str, Client]) -> None:
    """Let the regulator say what it looks for."""
    browsers["regulator"].post("/regulator/exports/", {"purpose": "table"})


@pytest.mark.parametrize("path", TABLE)
def test_who_sees_exports(path: str, browsers: dict[str, Client], filing: ExportFiling) -> None:
    visit(browsers)
    address = path.format(filing=filing.reference)

    assert tuple(browsers[name].get(address).status_code for name in CALLERS) == TABLE[path]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_shows_lines_and_evidence(
    browsers: dict[str, Client], filing: ExportFiling, language: str
) -> None:
    browsers["provider"].post("/language/", {"language": language})

    shown = text_of(
        browsers["provider"].get("/provider/exports/", headers={"Accept-Language": language})
    )

    assert filing.reference in shown
    assert "2029-02-09" in shown
    assert "1,000,000" in shown


def test_the_operator_verifies_and_the_provider_cannot(
    browsers: dict[str, Client], filing: ExportFiling
) -> None:
    own = browsers["provider"].post(f"/provider/exports/{filing.reference}/", {"act": "verify"})
    filing.refresh_from_db()
    assert (own.status_code, filing.status) == (403, "FILED")

    sent = browsers["operator"].post(f"/operator/exports/{filing.reference}/", {"act": "verify"})

    filing.refresh_from_db()
    assert (sent.status_code, filing.status) == (302, "VERIFIED")
    assert Entry.objects.filter(name="compliance.filing.verified").count() == 1
