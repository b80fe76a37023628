"""Writing rules in the regulator's console, and following what they do to the market."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from audit.rulebook import queries as rulebook
from audit.rulebook.models import RuleDraft, RulePack
from audit.rulebook.queries import get_pack
from exchange.compliance import services
from exchange.compliance.models import Screening
from exchange.compliance.services.applying import give_up
from exchange.parties.models import Organization
from exchange.web.rulebook_words import lines_of
from tests.compliance.making import PSEUDONYMOUS
from tests.compliance.test_rescreening import BEGINS, live, new_rules, work
from tests.rulebook.making import DAY, NO_DECLARATION, written
from tests.web.clients import CALLERS, client_of, text_of

Log = Callable[[], list[tuple[str, str]]]
WRITES = (302, 403, 403, 403, 403, 200, 403)
WATCH = (302, 403, 403, 403, 403, 200, 200)
TABLE = [
    ("/regulator/rules/", WRITES),
    ("/regulator/rules/versions/{version}/", WRITES),
    ("/regulator/rules/drafts/{draft}/", WRITES),
    ("/regulator/rules/drafts/{draft}/text/", WRITES),
    ("/regulator/rules/drafts/{draft}/rules/R-VOLUME/", WRITES),
    ("/regulator/rules/drafts/{draft}/sections/thresholds/", WRITES),
    ("/regulator/rules/runs/{run}/", WATCH),
    ("/regulator/rules/runs/{run}/progress/", WATCH),
    ("/regulator/rules/runs/{run}/retry/V-2026-00000000/", (302, 403, 403, 403, 403, 404, 404)),
    ("/regulator/rules/drafts/RD-2026-00000000/", (302, 403, 403, 403, 403, 404, 403)),
    ("/regulator/rules/runs/RS-2026-00000000/", (302, 403, 403, 403, 403, 404, 404)),
]


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def test_who_may_look(  # noqa: PLR0917
    anonymous: Actor, stranger: Actor, provider_viewer: Actor, provider: Actor, buyer: Actor,
    regulator: Actor, operator: Actor, colleague: Actor, at: datetime, log: Log,
) -> None:  # fmt: skip
    run = new_rules(regulator, colleague, at)
    things = {
        "version": "compliance@2026-12-10",
        "draft": RuleDraft.objects.get().reference,
        "run": run.reference,
    }
    actors = (anonymous, stranger, provider_viewer, provider, buyer, regulator, operator)
    browsers = {name: client_of(actor) for name, actor in zip(CALLERS, actors, strict=True)}
    before = log()

    wrong = {
        (pattern, name): found
        for pattern, expected in TABLE
        for name, status in zip(CALLERS, expected, strict=True)
        if (found := browsers[name].get(pattern.format(**things)).status_code) != status
    }

    assert wrong == {}
    assert log() == before


def press(browser: Client, path: str, act: str, **said: object) -> int:
    return browser.post(path, {"act": act, **said}).status_code


def test_a_version_is_written_in_forms_and_approved_by_a_colleague(
    regulator: Actor, colleague: Actor, at: datetime
) -> None:
    desk, second = client_of(regulator), client_of(colleague)
    base = get_pack("compliance", on=at.date()).label
    assert press(desk, "/regulator/rules/", "start", kind=base, reason="A stricter line") == 302
    draft = RuleDraft.objects.get()
    page = f"/regulator/rules/drafts/{draft.reference}/"

    form = desk.get(f"{page}rules/R-PSEUDO/")
    said = form.context["decisions"][0]["form"].initial | {"relief_0": "NONE", "relief_1": "NONE"}
    said = {key: value for key, value in said.items() if value is not None}
    assert press(desk, f"{page}rules/R-PSEUDO/", "edit", **said) == 302
    assert press(
        desk, f"{page}sections/thresholds/", "edit", version=2, few_share="0.04", minor_age=14
    ) in {302, 422}
    draft.refresh_from_db()
    assert press(desk, page, "day", version=draft.version, effective_on="2026-12-10") == 302
    words = text_of(desk.get(page))
    assert "R-PSEUDO" in words
    assert "去标识化的个人信息" in words
    assert press(desk, page, "propose") == 302
    assert "You wrote part of this draft" in text_of(desk.get(page))

    seal = second.get(page).context["decisions"][0]["form"].initial["seal"]
    assert press(second, page, "approve", seal="0" * 64) == 409
    assert press(second, page, "approve", seal=seal) == 302
    assert press(desk, page, "publish") == 302

    pack = RulePack.objects.get(reference="compliance@2026-12-10")
    rulebook.forget_packs()
    rule = next(r for r in get_pack("compliance", on=DAY).data["rules"] if r["id"] == "R-PSEUDO")
    assert "relief" not in rule
    listed = text_of(desk.get("/regulator/rules/"))
    assert "not yet in force" in listed
    assert "compliance@2026-12-10" in text_of(client_of(regulator).get("/rules/"))
    assert press(desk, f"/regulator/rules/versions/{pack}/", "withdraw", reason="Too strict") == 302
    pack.refresh_from_db()
    assert pack.status == "WITHDRAWN"


def test_a_rule_of_the_law_shows_no_switch_and_faults_are_told(
    regulator: Actor, at: datetime
) -> None:
    desk = client_of(regulator)
    draft = written(regulator, at, edits=[(("rules", "R-CORE"), "override", "OPERATOR")])
    page = f"/regulator/rules/drafts/{draft.reference}/"

    form = desk.get(f"{page}rules/R-CORE/").context["decisions"][0]["form"]
    words = text_of(desk.get(page))

    assert not {"enabled", "action", "override"} & form.fields.keys()
    assert "rules.R-CORE.override" in words
    assert "This rule knows no exception." in words
    assert press(desk, page, "propose") == 422
    assert press(desk, f"{page}text/", "edit", version=2, text="a = [") == 302
    assert "Mend the spelling" in text_of(desk.get(page))
    assert press(desk, f"{page}text/", "edit", version=2, text="a = 1") == 409


def test_a_draft_says_what_it_would_touch(
    provider_org: Organization, provider: Actor, regulator: Actor, at: datetime
) -> None:
    live(provider_org, provider, at)
    live(provider_org, provider, at, PSEUDONYMOUS)
    draft = written(regulator, at, edits=[NO_DECLARATION])
    looser = written(regulator, at, edits=[(("entities", "person_name"), "min_hits", 5)])

    desk = client_of(regulator)
    page = desk.get(f"/regulator/rules/drafts/{draft.reference}/?trial")
    other = desk.get(f"/regulator/rules/drafts/{looser.reference}/?trial")

    trial = page.context["trial"]
    assert (trial.live, trial.judged, trial.stays, trial.unread) == (2, 2, 1, 0)
    assert dict(trial.rules) == {"R-PSEUDO": 1}
    assert "Would be stopped 1" in text_of(page)
    assert (other.context["trial"].judged, other.context["trial"].unread) == (0, 2)
    assert "kept reports cannot tell" in text_of(other)


def test_the_run_shows_how_far_it_is_and_what_it_stops(
    provider_org: Organization, provider: Actor, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    live(provider_org, provider, at)
    touched = live(provider_org, provider, at, PSEUDONYMOUS)
    run = new_rules(regulator, colleague, at)
    desk = client_of(regulator)
    page = f"/regulator/rules/runs/{run.reference}/"

    begun = desk.get(page)
    assert begun.context["job"].percent == 0
    assert f'hx-get="{page}progress/"' in begun.content.decode()
    assert '<meta http-equiv="refresh"' in begun.content.decode()
    work(run, at)
    assert desk.get(f"{page}progress/").context["job"].percent == 100
    assert touched.reference in text_of(desk.get(page))

    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)
    with time_machine.travel(BEGINS, tick=False):
        done = text_of(client_of(regulator).get(page))
        over = client_of(regulator).get(f"{page}progress/", headers={"HX-Request": "true"})
    assert "Renewed 1 Stopped 1" in done
    assert over.headers["HX-Refresh"] == "true"


def test_the_provider_is_told_in_his_language(
    provider_org: Organization, provider: Actor, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    provider_org.members.get().user.__class__.objects.filter(
        memberships__organization=provider_org
    ).update(language="zh-hans")
    touched = live(provider_org, provider, at, PSEUDONYMOUS)
    work(new_rules(regulator, colleague, at), at)
    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)
    mail.outbox.clear()

    dispatch(at=BEGINS)
    dispatch(at=BEGINS)

    (letter,) = [each for each in mail.outbox if touched.product.reference in each.subject]
    assert letter.to == ["provider@example.org"]
    assert "R-PSEUDO" in letter.body
    assert "重新筛查" in letter.body
    assert letter.extra_headers["Message-ID"]


def test_what_a_run_could_not_read_is_read_again_by_a_button(
    provider_org: Organization,
    provider: Actor,
    regulator: Actor,
    colleague: Actor,
    at: datetime,
) -> None:
    release = live(provider_org, provider, at)
    run = new_rules(regulator, colleague, at)
    item = run.items.select_related("release__product").get(release=release)
    give_up(item, item.release, at)
    desk, page = client_of(regulator), f"/regulator/rules/runs/{run.reference}/"

    shown = text_of(desk.get(page))
    pressed = desk.post(f"{page}retry/{release.reference}/")
    again = desk.post(f"{page}retry/{release.reference}/", follow=True)
    unknown = desk.post(f"{page}retry/V-2026-00000000/")

    assert "Read it again" in shown
    assert (pressed.status_code, pressed["Location"], unknown.status_code) == (302, page, 404)
    assert "A screening of this release is under way." in text_of(again)
    assert "Read it again" not in text_of(desk.get(page))
    queued = Screening.objects.get(release=release, status="QUEUED")
    assert queued.release.product.name in shown


def test_nested_tables_of_a_draft_are_told_line_by_line() -> None:
    value = {"action": "BLOCK", "lines": [{"at": 5, "exact": True}, {"at": 9}], "words": ["a", "b"]}

    assert lines_of(value) == [
        ("action", "BLOCK"),
        ("lines[1].at", "5"),
        ("lines[1].exact", "yes"),
        ("lines[2].at", "9"),
        ("words", "a, b"),
    ]
    assert lines_of([]) == [("", "–")]
