"""Statements about persons in every particular: who reads them, how they are counted, what ends."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Gone, Invalid, NotAllowed, NotFound
from audit.log.events import Event, Personal, Ref, event
from audit.log.keyring import KeyRing, Secret
from audit.log.models import Entry, PersonalValue, PersonKey
from audit.log.openings import open_commitment, why_not_open
from audit.log.personal import (
    block_person,
    destroy_key,
    drop_statements,
    is_blocked,
    open_statement,
    rewrap_person_keys,
    rotate_person_keys,
    scrub_journal,
    statements_of,
)
from audit.log.services import record
from tests.log.writing import write_entries

CLERK = Actor.system("clerk")
ONLY = "Only the person and those who supervise may read what is kept of a person."
STORED = "What is kept of this person is stored for the law only; it is not used."
ERASED = "What was said of the person here has been erased; the commitment stays."
PURPOSE = "Say what it is read for, in 200 characters at most."


@event("log.test.seen", label=_("test"))
class Seen(Event):
    """Two people were seen."""

    member: Ref
    second: Personal | None = None
    person: Personal | None = None


@pytest.fixture(autouse=True)
def _own_keys(db: None, settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.PERSONAL_KEYS = ""


def see(person: str, at: datetime, second: str = "") -> Entry:
    both = Personal(second, {"name": "B"}) if second else None
    said = Seen(member=person, person=Personal(person, {"name": "A"}), second=both)
    with transaction.atomic():
        return record(said, by=CLERK, at=at)


def opening(entry: Entry, by: Actor, at: datetime, **said: str) -> personal.Opened:
    return open_commitment(entry=entry, by=by, at=at, **({"name": "person", "purpose": "p"} | said))


def test_reading_is_an_entry_with_its_purpose(at: datetime, regulator: Actor) -> None:
    entry = see("p-1", at)

    opened = opening(entry, regulator, at, purpose="  a complaint \n")

    assert opened == open_statement(entry, "person")
    read = Entry.objects.get(name="log.commitment.opened")
    assert json.loads(bytes(read.data))["body"] == {
        "entry": str(entry.id),
        "member": "p-1",
        "statement": "person",
        "purpose": "a complaint",
    }
    assert (read.actor, read.occurred_at) == (regulator.id, at)


@pytest.mark.parametrize("length", [0, 201])
def test_a_purpose_has_its_length(at: datetime, regulator: Actor, length: int) -> None:
    entry = see("p-1", at)

    with pytest.raises(Invalid) as refused:
        opening(entry, regulator, at, purpose="x" * length)

    assert refused.value.fields == {"purpose": [PURPOSE]}
    assert Entry.objects.count() == 1
    assert opening(entry, regulator, at, purpose="x" * 200)


def test_what_was_never_said_is_not_found(at: datetime, regulator: Actor) -> None:
    entry = see("p-1", at)
    [plain] = write_entries(1, at)

    for where, name in ((entry, "second"), (entry, "name"), (plain, "person")):
        with pytest.raises(NotFound):
            opening(where, regulator, at, name=name)


def test_whoever_may_not_read_is_told_why(
    at: datetime, regulator: Actor, operator: Actor, stranger: Actor
) -> None:
    entry = see("p-1", at)
    viewer = Actor(
        kind=operator.kind, id="user:2", roles=frozenset({"OPERATOR"}), member_role="VIEWER"
    )
    token = Actor(kind=type(operator.kind).TOKEN, id="user:p-1")

    for reader in (stranger, viewer, token, Actor.system("clerk")):
        assert why_not_open(reader, "p-1") == ONLY
        with pytest.raises(NotAllowed) as refused:
            opening(entry, reader, at)
        assert str(refused.value) == ONLY
    for reader in (regulator, operator, Actor(kind=operator.kind, id="user:p-1")):
        assert why_not_open(reader, "p-1") is None
    block_person("p-1", at=at)
    assert why_not_open(operator, "p-1") == STORED
    assert why_not_open(operator, "p-2") is None
    assert why_not_open(regulator, "p-1") is None


def test_what_was_erased_is_gone_and_says_so(at: datetime, regulator: Actor) -> None:
    entry = see("p-1", at)
    destroy_key("p-1", at=at)

    with pytest.raises(Gone) as gone:
        open_statement(entry, "person")
    assert str(gone.value) == ERASED
    with pytest.raises(Gone):
        opening(entry, regulator, at)
    assert not Entry.objects.filter(name="log.commitment.opened").exists()


def test_each_statement_is_sealed_for_its_own_person_and_name(at: datetime) -> None:
    entry = see("p-1", at, second="p-2")

    assert open_statement(entry, "person").value == {"name": "A"}
    opened = open_statement(entry, "second")
    assert (opened.value, opened.person, opened.name, opened.entry) == (
        {"name": "B"},
        "p-2",
        "second",
        entry,
    )
    assert repr(opened) == "<Opened second of p-2>"
    assert opened.document() == {
        "name": "second",
        "value": {"name": "B"},
        "salt": opened.salt.hex(),
    }
    assert len(opened.salt) == 32
    kept = {each.name: len(each.sealed) for each in PersonalValue.objects.all()}
    assert kept == dict.fromkeys(("person", "second"), 12 + 32 + len(b'{"name":"A"}') + 16)


def test_a_statement_under_another_name_is_named_as_unreadable(at: datetime) -> None:
    entry = see("p-1", at)
    PersonalValue.objects.update(name="second")

    with pytest.raises(personal.Unreadable) as alarm:
        open_statement(entry, "second")

    assert str(alarm.value) == f"second of {entry.pk}"


def test_statements_of_a_person_come_the_oldest_first(at: datetime) -> None:
    entries = [see("p-1", at, second="p-1"), see("p-2", at), see("p-1", at)]

    kept = statements_of("p-1")

    assert [(each.entry, each.name) for each in kept] == [
        (entries[0], "person"),
        (entries[0], "second"),
        (entries[2], "person"),
    ]


def test_single_statements_end_while_the_key_stays(at: datetime) -> None:
    entry = see("p-1", at, second="p-1")
    other = see("p-2", at)

    assert drop_statements(PersonalValue.objects.filter(entry=entry, name="person")) == 1
    assert drop_statements([]) == 0

    with pytest.raises(Gone, match="erased"):
        open_statement(entry, "person")
    assert open_statement(entry, "second")
    assert open_statement(other, "person")


def test_a_person_is_blocked_once_and_for_good(at: datetime) -> None:
    see("p-1", at)
    see("p-2", at)
    assert not is_blocked("p-1")

    block_person("p-1", at=at)
    block_person("p-1", at=at + timedelta(days=1))

    assert is_blocked("p-1")
    assert not is_blocked("p-2")
    assert PersonKey.objects.get(pk="p-1").blocked_at == at


def test_whoever_was_never_spoken_of_can_be_erased(at: datetime) -> None:
    assert destroy_key("p-9", at=at) == 0

    key = PersonKey.objects.get(pk="p-9")
    assert (key.made_at, key.erased_at, key.wrapped_key, key.key_id) == (at, at, "", "")
    entry = see("p-9", at)
    assert len(json.loads(bytes(entry.data))["pii"]["person"]) == 64
    assert not PersonalValue.objects.exists()


def test_erasing_twice_keeps_the_first_time_and_no_other_person(at: datetime) -> None:
    see("p-1", at, second="p-1")
    other = see("p-2", at)

    assert destroy_key("p-1", at=at) == 2
    assert destroy_key("p-1", at=at + timedelta(days=1)) == 0

    assert PersonKey.objects.get(pk="p-1").erased_at == at
    assert PersonKey.objects.get(pk="p-1").made_at == at
    assert open_statement(other, "person")


def test_all_keys_are_wrapped_anew_in_batches(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "BATCH", 2)
    entries = [see(f"p-{number}", at) for number in range(5)]
    destroy_key("p-3", at=at)

    assert rotate_person_keys() == ("pek-0002", 4)

    keys = PersonKey.objects.order_by("person").values_list("key_id", flat=True)
    assert list(keys) == ["pek-0002", "pek-0002", "pek-0002", "", "pek-0002"]
    assert personal.person_ring().versions == ("pek-0001", "pek-0002")
    assert [open_statement(entry, "person").value for entry in entries[:3]] == [{"name": "A"}] * 3
    assert rewrap_person_keys() == 0


def test_a_wrapping_key_that_is_still_in_use_is_not_destroyed(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = see("p-1", at)
    monkeypatch.setattr(personal, "rewrap_person_keys", lambda: 0)

    assert rotate_person_keys(destroy_old=True) == ("pek-0002", 0)

    assert personal.person_ring().versions == ("pek-0001", "pek-0002")
    assert open_statement(entry, "person")


def test_keys_of_persons_are_made_only_where_that_is_allowed(settings: Any, at: datetime) -> None:
    settings.GENERATE_KEYS = False

    with pytest.raises(ImproperlyConfigured, match=r"pek-0001\.key\), or set PERSONAL_KEYS\.\Z"):
        see("p-1", at)

    assert not Entry.objects.exists()


def test_a_rival_that_made_the_key_first_is_heeded(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two entries of one person at once: whoever comes second seals under the first one's key."""
    generate = KeyRing.generate

    def late(ring: KeyRing, purpose: str, person: str) -> tuple[Secret, str, str]:
        monkeypatch.setattr(KeyRing, "generate", generate)
        see("p-1", at)
        return generate(ring, purpose, person)

    monkeypatch.setattr(KeyRing, "generate", late)
    entry = see("p-1", at)

    assert PersonKey.objects.count() == 1
    assert open_statement(entry, "person").value == {"name": "A"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the journal is SQLite's")
def test_the_journal_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = connection.copy()
    file.settings_dict = connection.settings_dict | {"NAME": str(tmp_path / "db.sqlite3")}
    try:
        with file.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("CREATE TABLE said (words TEXT)")
            cursor.execute("INSERT INTO said VALUES (%s)", [os.urandom(40).hex()])
        journal = tmp_path / "db.sqlite3-wal"
        assert journal.stat().st_size
        monkeypatch.setattr(personal, "connection", file)

        scrub_journal()

        assert journal.stat().st_size == 0
    finally:
        file.close()
