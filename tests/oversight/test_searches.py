"""Saved searches: what they find, once each, and the mail that tells of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.models import Entry
from audit.log.sequencing import sequence
from exchange.oversight import findings
from exchange.oversight.health import health_of
from exchange.oversight.models import Finding, SavedSearch
from exchange.oversight.search import Search, find, things_named
from exchange.oversight.services import (
    change_search,
    mark_seen,
    record_inspection,
    record_view,
    remove_search,
    save_search,
    searches,
)
from exchange.parties.models import Member, Organization, User
from tests.trading.making import Floor

PLACED = {"events": ["trading.order.placed"]}
PAID = {"events": ["trading.order.paid"]}
HOUR = timedelta(hours=1)


def found_names(who: Actor, **conditions: Any) -> list[str]:
    return [row.name for row in find(who, Search.of(conditions)).rows]


def test_words_become_references(
    floor: Floor, regulator: Actor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    order = floor.place()
    sequence(at=at)
    piece = order.reference[-6:]

    assert "trading.order.placed" in found_names(regulator, text=piece.lower())
    assert found_names(regulator, text=piece) == found_names(regulator, text=order.reference)
    by_name = find(regulator, Search.of({"text": floor.product.name})).rows
    assert {("product", floor.product.reference) in row.refs for row in by_name} == {True}
    by_party = find(regulator, Search.of({"party": "buyer org"})).rows
    assert {"ORG-BUYER"} <= {row.organization for row in by_party}
    assert len(by_party) > len(find(regulator, Search.of({"organization": "ORG-BUYER"})).rows)
    assert found_names(regulator, actor="buyer@example.org", events=["trading.order."])
    assert found_names(provider, actor="buyer@example.org") == []  # names are for the watch
    assert found_names(regulator, text="no such thing") == []
    with pytest.raises(Invalid):
        things_named("x")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"event": ["trading."]}, "event"),
        ({"events": ["trading.order.eaten"]}, "events"),
        ({"events": "trading."}, "events"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-23T06:00:00"}, "since"),
        ({"text": "x" * 101}, "text"),
        ({"rule": 5}, "rule"),
    ],
)
def test_conditions_that_are_none_are_refused(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Search.of(said)

    assert list(refused.value.fields) == [field]


def test_a_search_is_kept_as_it_was_said(at: datetime) -> None:
    search = Search(events=("trading.",), text="海港", actor="韩梅梅", since=at, rule="R-SPI")

    assert Search.of(search.said()) == search
    assert search.digest == Search.of(search.said()).digest
    assert "海港" not in search.scope
    assert "韩梅梅" not in search.scope
    assert "rule=R-SPI" in search.scope


def test_new_entries_are_found_once_and_told_of_in_ones_language(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    floor.place()
    sequence(at=at)
    User.objects.filter(email="regulator@example.org").update(language="zh-hans")
    search = save_search(name="Orders", filters=PLACED, by=regulator, at=at)
    order = floor.place()
    sequence(at=at)

    early = searches.run_due_searches(at=at + HOUR / 2)
    due = searches.run_due_searches(at=at + HOUR)
    again = searches.run_due_searches(at=at + 2 * HOUR)

    assert (early, due, again) == (0, 1, 0)
    [row] = findings.findings_of(regulator, search).rows
    assert (row.name, row.subject) == ("trading.order.placed", order.reference)
    assert findings.unseen_findings(regulator) == 1
    [letter] = mail.outbox
    assert letter.to == ["regulator@example.org"]
    assert "条" in letter.subject
    assert f"/regulator/searches/{search.reference}/" in letter.body
    for secret in (order.reference, "Orders", "trading.order", floor.product.name):
        assert secret not in letter.subject + letter.body
    mark_seen(search=search, indexes=[row.index], by=regulator, at=at)
    assert findings.unseen_findings(regulator) == 0


def test_what_a_crash_interrupts_is_done_again_and_no_entry_twice(
    floor: Floor, regulator: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = save_search(name="Orders", filters=PLACED, by=regulator, at=at)
    floor.place()
    sequence(at=at)
    monkeypatch.setattr(searches.EmailMessage, "send", lambda _mail: 1 / 0)
    searches.run_due_searches(at=at + HOUR)
    assert (Finding.objects.count(), mail.outbox) == (1, [])
    monkeypatch.undo()
    search.refresh_from_db()
    assert search.mailed_to == 0

    searches.run_due_searches(at=at + 2 * HOUR)

    assert Finding.objects.count() == 1
    assert len(mail.outbox) == 1


def test_a_search_that_keeps_failing_shows_in_the_health_of_the_log_until_it_succeeds(
    floor: Floor, regulator: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = save_search(name="Orders", filters=PLACED, by=regulator, at=at)
    other = save_search(name="Payments", filters=PAID, by=regulator, at=at)
    floor.place()
    sequence(at=at)
    sound = health_of(at)
    monkeypatch.setattr(searches.EmailMessage, "send", lambda _mail: 1 / 0)

    searches.run_due_searches(at=at + HOUR)
    searches.run_due_searches(at=at + 2 * HOUR)
    failing = health_of(at + 2 * HOUR)
    monkeypatch.undo()
    searches.run_due_searches(at=at + 3 * HOUR)

    assert sound.searches == []
    assert [(row.reference, row.attempts, row.last_error) for row in failing.searches] == [
        (search.reference, 2, "ZeroDivisionError")
    ]
    assert not any("Saved searches" in told for told in sound.to_do)
    assert any("Saved searches fail" in told for told in failing.to_do)
    assert health_of(at + 3 * HOUR).searches == []
    other.refresh_from_db()
    assert (other.attempts, other.last_error) == (0, "")


def test_a_failing_search_that_is_switched_off_or_removed_is_no_trouble(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    silent, removed = (
        save_search(name=name, filters=PLACED, by=regulator, at=at) for name in ("A", "B")
    )
    SavedSearch.objects.update(attempts=3, last_error="OSError")

    change_search(search=silent, alert=False, by=regulator, at=at)
    remove_search(search=removed, by=regulator, at=at)

    assert health_of(at).searches == []


def test_a_rival_that_was_faster_leaves_nothing_to_find(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    search = save_search(name="Orders", filters=PLACED, by=regulator, at=at)
    floor.place()
    sequence(at=at)
    start = search.next_index

    assert searches._compare(search, start, start + 10, at) == 1
    assert searches._compare(search, start, start + 10, at) == 0


def test_looks_do_not_find_themselves(floor: Floor, regulator: Actor, at: datetime) -> None:
    save_search(name="All", filters={"since": at.isoformat()}, by=regulator, at=at)
    Finding.objects.all().delete()
    record_inspection(what="trail", purpose="Check 7", by=regulator, at=at)
    sequence(at=at)

    searches.run_due_searches(at=at + HOUR)

    names = set(Entry.objects.filter(leaf__index__in=Finding.objects.values("index")))
    assert not any(entry.name.startswith("oversight.view.") for entry in names)


def test_who_watches_no_longer_is_told_nothing(
    floor: Floor, regulator: Actor, regulator_org: Organization, at: datetime
) -> None:
    save_search(name="Orders", filters=PLACED, by=regulator, at=at)
    floor.place()
    sequence(at=at)
    Member.objects.filter(organization=regulator_org).delete()

    assert searches.run_due_searches(at=at + HOUR) == 0
    assert mail.outbox == []


def test_a_search_is_its_owners(
    floor: Floor,
    regulator: Actor,
    operator: Actor,
    provider: Actor,
    anonymous: Actor,
    at: datetime,
) -> None:
    search = save_search(name="Orders", filters=PLACED, by=regulator, at=at)

    assert findings.get_search_for(regulator, search.reference) == search
    for actor in (operator, provider, anonymous, Actor.system("x")):
        with pytest.raises(NotFound):
            findings.get_search_for(actor, search.reference)
        with pytest.raises(NotAllowed):
            change_search(search=search, alert=False, by=actor, at=at)
        with pytest.raises(NotAllowed):
            remove_search(search=search, by=actor, at=at)
    for actor in (provider, anonymous):
        with pytest.raises(NotAllowed):
            save_search(name="Mine", filters=PLACED, by=actor, at=at)


def test_a_search_for_everything_or_without_name_is_refused(regulator: Actor, at: datetime) -> None:
    for name, filters, interval in (("All", {}, 60), (" ", PLACED, 60), ("Odd", PLACED, 7)):
        with pytest.raises(Invalid):
            save_search(name=name, filters=filters, interval=interval, by=regulator, at=at)

    assert not SavedSearch.objects.exists()


def test_alerts_begin_anew_when_they_are_switched_on(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    search = save_search(name="Orders", filters=PLACED, alert=False, by=regulator, at=at)
    floor.place()
    sequence(at=at)
    assert searches.run_due_searches(at=at + HOUR) == 0

    change_search(search=search, alert=True, name="Orders now", by=regulator, at=at + HOUR)

    assert searches.run_due_searches(at=at + 2 * HOUR) == 0
    remove_search(search=search, by=regulator, at=at)
    with pytest.raises(NotFound):
        findings.get_search_for(regulator, search.reference)


def test_looks_at_organizations_and_entries_are_known(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    floor.place()
    entry = Entry.objects.get(name="trading.order.placed")
    with transaction.atomic():
        party = record_view(
            kind="party", reference="ORG-BUYER", purpose="Check 7", by=regulator, at=at
        )
        single = record_view(
            kind="entry", reference=str(entry.id), purpose="Check 7", by=regulator, at=at
        )

    assert ("party", "ORG-BUYER") in party.refs.values_list("kind", "reference")
    assert ("entry", str(entry.id)) in single.refs.values_list("kind", "reference")
    for kind, reference in (("party", "ORG-NONE"), ("entry", "x"), ("entry", "0" * 32)):
        with pytest.raises(NotFound):
            record_view(kind=kind, reference=reference, purpose="Check 7", by=regulator, at=at)
