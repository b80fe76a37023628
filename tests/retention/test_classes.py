"""Every kind of entry has a class that says how long it is kept, or a reason why it needs none."""

from datetime import date, datetime
from typing import Any

import pytest

from audit.decisions.events import DecisionOverridden
from audit.disclosure.events import DisclosureFiled, DisclosureSuperseded, DisclosureWithdrawn
from audit.log.actors import Actor
from audit.log.events import REGISTRY, Event
from audit.log.models import Entry
from audit.log.services import record
from audit.retention.queries import term_of
from audit.retention.terms import class_of_object, classes_on, months_after
from audit.rulebook.queries import get_pack, list_packs
from exchange.algorithms.events import SetRetired, SetSealed
from exchange.audits.appeal_events import AlgorithmAppealDecided, AlgorithmAppealLodged
from exchange.audits.events import AuditClosed, AuditReported, FindingClosed, FindingRaised
from exchange.oversight.surveillance.events import AlertClosed, AlertDismissed, AlertRaised
from exchange.vault.states import Purpose
from tests.decisions.making import decide

SYSTEM = Actor.system("test")
DAY = date(2026, 12, 1)
NOW = datetime.fromisoformat("2026-12-01T06:00+00:00")
LATER = datetime.fromisoformat("2027-03-01T06:00+00:00")
ROOMS = ("algorithms.", "audits.", "decision.", "disclosure.", "surveillance.")
WITHOUT = {
    "appraisers.": "accreditations stand in a public register",
    "catalog.": "facts of the market, which its pages show; content has classes of its own",
    "log.": "what the log says of itself",
    "oversight.": "looks, searches and bundles of authorities stay as long as the log",
    "pricing.": "prices, appraisals and steps, which contracts rest on, stay as long as the log",
    "retention.": "holds and destructions prove themselves and stay as long as the log",
    "rulebook.": "which rules bound when stays as long as anything was decided by them",
    "vault.": "digests of files; their content has classes of its own",
    "parties.erasure.": "that somebody was erased is all that is left, and has to stay",
    "parties.token.": "that a token was made or revoked; the token itself is not kept",
}
"""Events of no class: nothing of them ends or is destroyed by time, and no person is in them."""
UNCLASSED_OBJECTS = {Purpose.KEY: "goes with the release whose pseudonyms it made"}


def classes_of(name: str) -> list[str]:
    return [each.id for each in classes_on(DAY) if each.holds_event(name)]


def ours() -> list[str]:
    return sorted(name for name in REGISTRY if not name.startswith("log.test."))


def test_every_event_of_the_algorithms_rooms_has_a_class() -> None:
    names = [name for name in ours() if name.startswith(ROOMS)]

    assert len(names) > 60
    assert [name for name in names if not classes_of(name)] == []


def test_every_other_event_has_a_class_or_a_reason_and_then_no_person_in_it() -> None:
    left = [name for name in ours() if not classes_of(name)]

    assert [name for name in left if not name.startswith(tuple(WITHOUT))] == []
    assert [name for name in left if REGISTRY[name].statement_fields] == []
    idle = {each for each in WITHOUT if not any(name.startswith(each) for name in left)}
    assert idle == set(), "every reason is needed"


def test_every_kind_of_file_has_a_class() -> None:
    classes = classes_on(DAY)

    without = [
        purpose for purpose in Purpose if class_of_object(classes, purpose, traded=True) is None
    ]

    assert without == list(UNCLASSED_OBJECTS)


def test_a_new_version_changes_no_class_that_was_there() -> None:
    first, last = list_packs("retention")[0], list_packs("retention")[-1]
    now = {row["id"]: row for row in last.data["classes"]}

    assert {row["id"]: now[row["id"]] for row in first.data["classes"]} == {
        row["id"]: row for row in first.data["classes"]
    }


def test_who_appealed_goes_as_soon_as_the_rules_of_appeals_say() -> None:
    (appeals,) = [each for each in classes_on(DAY) if each.id == "APPEALS"]

    assert appeals.maximum == get_pack("audits", on=DAY).data["appeal"]["erase_months"]
    assert appeals.statutory == 0


def noted(event: type[Event], at: datetime, **said: Any) -> Entry:
    """Return an entry of which only the things it names matter."""
    blank: dict[str, Any] = dict.fromkeys(event.__dataclass_fields__, "")  # type: ignore[attr-defined]
    blank |= dict.fromkeys(event.statement_fields)
    return record(event(**(blank | said)), by=SYSTEM, at=at)


ENDS = [
    (DisclosureFiled, {"disclosure": "D-1"}, DisclosureSuperseded, {"disclosure": "D-1"}, 240),
    (DisclosureFiled, {"disclosure": "D-1"}, DisclosureWithdrawn, {"disclosure": "D-1"}, 240),
    (SetSealed, {"evaluation_set": "ES-1"}, SetRetired, {"evaluation_set": "ES-1"}, 36),
    (AuditReported, {"algorithm_audit": "A"}, AuditClosed, {"algorithm_audit": "A"}, 36),
    (
        AlgorithmAppealLodged,
        {"algorithm_appeal": "AP", "decision": "DN-1"},
        AlgorithmAppealDecided,
        {"algorithm_appeal": "AP", "decision": "DN-1"},
        12,
    ),
    (AlertRaised, {"alert": "AL"}, AlertDismissed, {"alert": "AL"}, 36),
    (AlertRaised, {"alert": "AL"}, AlertClosed, {"alert": "AL"}, 36),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("event", "of", "end", "by", "months"), ENDS)
def test_terms_run_from_the_end_of_the_matter(
    event: type[Event], of: dict[str, str], end: type[Event], by: dict[str, str], months: int
) -> None:
    entry = noted(event, NOW, **of)
    assert term_of(entry, at=NOW).ended_at is None
    other = {name: f"{value}-other" for name, value in by.items()}
    noted(end, LATER, **other)
    assert term_of(entry, at=NOW).ended_at is None

    noted(end, LATER, **by)

    assert term_of(entry, at=NOW).keep_until == months_after(LATER, months)


@pytest.mark.django_db
def test_a_finding_that_outlives_its_audit_is_kept_until_it_is_closed() -> None:
    names = {"audit_finding": "F-1", "algorithm_audit": "A-1"}
    entry = noted(FindingRaised, NOW, **names)
    noted(AuditClosed, LATER, algorithm_audit="A-1")
    assert term_of(entry, at=NOW).ended_at is None
    closed = months_after(LATER, 2)

    noted(FindingClosed, closed, **names)

    assert term_of(entry, at=NOW).ended_at == closed


@pytest.mark.django_db
def test_a_decision_ends_when_it_is_taken_unless_somebody_comes_back_to_it() -> None:
    decision = decide(NOW)
    entry = Entry.objects.get(name="decision.taken")
    term = term_of(entry, at=NOW)
    assert (term.ended_at, term.keep_until) == (NOW, months_after(NOW, 240))
    assert term.statutory_until == months_after(NOW, 36)
    assert term.due_at is None
    noted(DecisionOverridden, LATER, override="DO-1", decision=decision.reference, about="order")

    assert term_of(entry, at=NOW).ended_at == LATER
