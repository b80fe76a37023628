"""A blocked release becomes one that passes, by a form without script; files are checked first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Release
from exchange.compliance.models import Derivation
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from tests.compliance.making import CORE, PERSONAL, csv_of, product_of, submitted
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
Log = Callable[[], list[tuple[str, str]]]
COLUMNS: dict[str, list[Any]] = {
    **{name: list(values) for name, values in PERSONAL.items()},
    "性别": ["男", "女"] * 30,
    "年龄": [20 + row % 40 for row in range(60)],
    "消费": [row * 3 for row in range(60)],
}


@pytest.fixture
def blocked(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A release of persons that the filter stopped."""
    release = submitted(product_of(provider_org, provider, at), provider, at, COLUMNS)
    screen_release(release=release, by=Actor.system("compliance"), at=at)
    return release


@pytest.fixture
def browser(provider: Actor) -> Client:
    """The provider at work."""
    return client_of(provider)


def filled(page: Any, **changes: str) -> dict[str, str]:
    """Return what a browser would send of the form as it stands."""
    sent = {}
    for field in page.context["form"]:
        value = field.value()
        if isinstance(value, bool):
            if value:
                sent[field.html_name] = "on"
        elif value is not None:
            sent[field.html_name] = str(value)
    return sent | changes


def test_a_blocked_release_leads_to_the_form_and_the_form_to_a_release(
    blocked: Release,
    browser: Client,
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    place = f"/provider/releases/{blocked.reference}/"
    assert f'href="{place}remedy/"' in browser.get(place).content.decode()

    page = browser.get(f"{place}remedy/")
    actions = {row["column"]: row["action"].value() for row in page.context["rows"]}
    assert actions == {
        "姓名": "drop",
        "身份证号": "drop",
        "性别": "keep",
        "年龄": "band:10",
        "消费": "keep",
    }
    look = browser.post(f"{place}remedy/", filled(page, look="1", k="3"))
    assert look.status_code == 200
    assert look.context["derived"].k_after >= 3
    assert "The filter would say" in text_of(look)
    assert not Derivation.objects.exists()

    sent = browser.post(f"{place}remedy/", filled(page, make="1", k="3"))
    made = Derivation.objects.get()
    assert sent.url == f"/provider/derivations/{made.reference}/"
    assert "Queued" in text_of(browser.get(sent.url))
    with django_capture_on_commit_callbacks(execute=True):
        dispatch(at=at)
    done = browser.get(sent.url)
    made.refresh_from_db()
    assert (made.status, made.kind) == ("DONE", "MASKED")
    assert made.result is not None
    assert f"/provider/releases/{made.result.reference}/" in done.content.decode()
    result = text_of(browser.get(f"/provider/releases/{made.result.reference}/"))
    assert "Derived from" in result
    assert browser.get(f"{sent.url}progress/").status_code == 302


@pytest.mark.parametrize(
    ("preset", "column", "action"),
    [("PSEUDONYMS", "身份证号", "pseudonym"), ("STATISTICS", "性别", "keep")],
)
def test_other_presets_are_one_click_away(
    blocked: Release, browser: Client, preset: str, column: str, action: str
) -> None:
    place = f"/provider/releases/{blocked.reference}/remedy/"

    page = browser.get(f"{place}?preset={preset}")

    rows = {row["column"]: row for row in page.context["rows"]}
    assert rows[column]["action"].value() == action
    assert browser.post(place, filled(page, look="1")).status_code == 200


def test_statistics_need_a_column_to_group_by(blocked: Release, browser: Client, log: Log) -> None:
    place = f"/provider/releases/{blocked.reference}/remedy/"
    page = browser.get(f"{place}?preset=STATISTICS")
    sent = {name: value for name, value in filled(page, make="1").items() if name[0] != "q"}
    before = log()

    answer = browser.post(place, sent)

    assert answer.status_code == 422
    assert "Tick at least one column" in text_of(answer)
    assert log() == before


def test_nothing_chosen_is_nothing_to_do(blocked: Release, browser: Client) -> None:
    place = f"/provider/releases/{blocked.reference}/remedy/"
    page = browser.get(place)
    keep = {f"a{number}": "keep" for number in range(5)}

    answer = browser.post(place, filled(page, make="1", k="0", **keep))

    assert answer.status_code == 422
    assert not Derivation.objects.exists()


def test_what_is_sealed_has_no_form(
    provider_org: Organization, provider: Actor, browser: Client, at: datetime
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, CORE)
    screen_release(release=release, by=Actor.system("compliance"), at=at)

    answer = browser.get(f"/provider/releases/{release.reference}/remedy/")

    assert answer.status_code == 403
    assert "sealed" in text_of(answer)


def test_others_find_nothing(
    blocked: Release, buyer: Actor, regulator: Actor, provider_viewer: Actor, log: Log
) -> None:
    before = log()
    for actor in (buyer, regulator, provider_viewer):
        for method in ("get", "post"):
            call = getattr(client_of(actor), method)
            assert call(f"/provider/releases/{blocked.reference}/remedy/").status_code == 403
            assert call("/provider/check/").status_code == 403

    assert log() == before


def test_a_file_is_checked_and_nothing_is_kept(browser: Client, provider: Actor, log: Log) -> None:
    before, objects = log(), StoredObject.objects.count()
    file = SimpleUploadedFile("客户.csv", csv_of(COLUMNS))

    page = text_of(browser.post("/provider/check/", {"file": file}))

    assert "R-PI-RAW" in page
    assert "resident identity number" in page
    assert not any(number in page for number in COLUMNS["身份证号"])
    assert log()[len(before) :] == [("compliance.file.checked", provider.organization)]
    assert StoredObject.objects.count() == objects


def test_the_report_tells_steps_persons_and_how_to_verify(
    blocked: Release, browser: Client
) -> None:
    screening = blocked.screenings.get()

    page = text_of(browser.get(f"/screenings/{screening.reference}/"))

    for said in ("The grading, step by step", "How to verify", "signature holds", "60"):
        assert said in page
    assert screening.report["steps"][0]["en"] in page
