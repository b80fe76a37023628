"""Statements about persons: committed to in the log, kept apart, and gone once their key is."""

import base64
import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import rfc8785
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Gone, Invalid, NotAllowed
from audit.log.events import Event, Personal, Ref, event
from audit.log.keyring import KeyUnavailable
from audit.log.models import Entry, PersonalValue, PersonKey
from audit.log.openings import open_commitment
from audit.log.publishing import publish
from audit.log.receipts import receipt_for
from audit.log.services import record
from audit.log.signing import get_signer
from verify.commitment import (
    canonical_bytes,
    commitment_of,
    parse_opening,
    verify_commitment,
)
from verify.errors import VerificationError
from verify.receipt import verify_receipt

CLERK = Actor.system("clerk")
CANARY = "CANARY 王小明"


@event("log.test.met", label=_("test"))
class Met(Event):
    """Somebody was met."""

    member: Ref
    person: Personal | None = None
    second: Personal | None = None


@pytest.fixture(autouse=True)
def _own_keys(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


def meet(person: str, at: datetime, name: str = CANARY) -> Entry:
    said = Met(member=person, person=Personal(person, {"name": name, "age": 41}))
    return record(said, by=CLERK, at=at)


@pytest.mark.django_db
def test_the_entry_holds_the_commitment_and_nothing_else(at: datetime) -> None:
    entry = meet("p-1", at)

    document = json.loads(bytes(entry.data))
    assert document["body"] == {"member": "p-1"}
    assert list(document["pii"]) == ["person"]
    kept = PersonalValue.objects.get()
    for text in (bytes(entry.data), bytes(kept.sealed), repr(Met(member="x").person).encode()):
        assert b"CANARY" not in text
        assert "王小明".encode() not in text


@pytest.mark.django_db
def test_an_opening_fits_its_commitment_for_the_stand_alone_check(at: datetime) -> None:
    entry = meet("p-1", at)

    opened = personal.open_statement(entry, "person")

    assert opened.value == {"name": CANARY, "age": 41}
    assert opened.person == "p-1"
    assert "CANARY" not in repr(opened)
    opening = parse_opening(json.dumps(opened.document()).encode())
    verify_commitment(bytes(entry.data), opening)
    for wrong in (
        replace(opening, value={"name": CANARY, "age": 42}),
        replace(opening, salt=bytes(32)),
        replace(opening, salt=b"short"),
        replace(opening, name="second"),
    ):
        with pytest.raises(VerificationError):
            verify_commitment(bytes(entry.data), wrong)


@pytest.mark.django_db
def test_the_same_statement_twice_gives_two_commitments(at: datetime) -> None:
    first, second = meet("p-1", at), meet("p-1", at)

    assert json.loads(bytes(first.data))["pii"] != json.loads(bytes(second.data))["pii"]
    assert PersonKey.objects.count() == 1


@pytest.mark.django_db
def test_a_statement_that_was_moved_does_not_open(at: datetime) -> None:
    first, second = meet("p-1", at), meet("p-2", at)
    stolen = PersonalValue.objects.get(entry=first).sealed
    PersonalValue.objects.filter(entry=second).update(sealed=stolen)

    with pytest.raises(personal.Unreadable):
        personal.open_statement(second, "person")


@pytest.mark.django_db
def test_erasure_ends_every_opening_and_no_receipt(at: datetime) -> None:
    entry, other = meet("p-1", at), meet("p-2", at, "somebody else")
    publish(at=at)
    before = receipt_for(entry)

    assert personal.destroy_key("p-1", at=at) == 1
    assert personal.destroy_key("p-1", at=at) == 0

    with pytest.raises(Gone):
        personal.open_statement(entry, "person")
    assert personal.open_statement(other, "person").value["name"] == "somebody else"
    key = PersonKey.objects.get(person="p-1")
    assert (key.wrapped_key, key.key_id, key.erased_at) == ("", "", at)
    assert receipt_for(entry) == before
    publish(at=at)
    for receipt in (before, receipt_for(entry)):
        assert receipt is not None
        verify_receipt(receipt.encode(), get_signer("log").verifier, bytes(entry.data))


@pytest.mark.django_db
def test_nothing_is_kept_again_of_a_person_who_was_erased(at: datetime) -> None:
    personal.destroy_key("p-1", at=at)

    entry = meet("p-1", at)

    assert "person" in json.loads(bytes(entry.data))["pii"]
    assert not PersonalValue.objects.exists()
    with pytest.raises(Gone):
        personal.open_statement(entry, "person")


@pytest.mark.django_db
def test_turning_the_ring_over_keeps_the_living_and_buries_the_erased(at: datetime) -> None:
    entry = meet("p-1", at)
    meet("p-2", at)
    stolen = PersonKey.objects.get(person="p-2")
    personal.destroy_key("p-2", at=at)
    assert personal.person_ring().unwrap(stolen.wrapped_key, stolen.key_id, "person", "p-2")

    assert personal.rotate_person_keys(destroy_old=True) == ("pek-0002", 1)

    assert personal.open_statement(entry, "person").value["name"] == CANARY
    assert personal.person_ring().versions == ("pek-0002",)
    with pytest.raises(KeyUnavailable):
        personal.person_ring().unwrap(stolen.wrapped_key, stolen.key_id, "person", "p-2")
    assert personal.rewrap_person_keys() == 0


@pytest.mark.django_db
def test_persons_have_a_ring_of_their_own(
    at: datetime, settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    entry = meet("p-1", at)
    assert PersonKey.objects.get().key_id == "pek-0001"
    assert (tmp_path / "keys" / "pek-0001.key").is_file()

    settings.PERSONAL_KEYS = "pek-env:" + base64.b64encode(os.urandom(32)).decode()  # type: ignore[attr-defined]

    assert personal.person_ring().newest == "pek-env"
    with pytest.raises(personal.Unreadable):
        personal.open_statement(entry, "person")


@pytest.mark.django_db
def test_a_damaged_statement_is_an_alarm_not_an_answer(at: datetime) -> None:
    entry = meet("p-1", at)
    kept = PersonalValue.objects.get()
    body = bytearray(kept.sealed)
    body[20] ^= 1
    PersonalValue.objects.update(sealed=bytes(body))

    with pytest.raises(personal.Unreadable):
        personal.open_statement(entry, "person")


@pytest.mark.django_db
def test_the_database_refuses_an_erased_key_that_still_opens(at: datetime) -> None:
    meet("p-1", at)

    with pytest.raises(IntegrityError), transaction.atomic():
        PersonKey.objects.update(erased_at=at)


def test_what_may_be_erased_has_no_value_in_the_event_class() -> None:
    with pytest.raises(TypeError, match="default is None"):

        @event("log.test.named", label="named")
        class Named(Event):
            member: Ref
            person: Personal


STATEMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(STATEMENTS)
def test_the_verifier_writes_what_the_exchange_writes(value: object) -> None:
    try:
        ours = rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(VerificationError):
            canonical_bytes(value)
        return
    assert canonical_bytes(value) == ours


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4),
    st.binary(min_size=32, max_size=32),
)
def test_both_sides_commit_alike(value: dict[str, str], salt: bytes) -> None:
    assert personal.commitment_of(value, salt) == commitment_of(value, salt)


@given(st.binary(max_size=200))
def test_hostile_openings_and_entries_raise_the_one_error(text: bytes) -> None:
    for attempt in (
        text,
        b'{"pii":' + text + b"}",
        b'{"name":"a","salt":"' + b"0" * 64 + b'","value":' + text + b"}",
    ):
        try:
            opening = parse_opening(attempt)
            verify_commitment(attempt, opening)
        except VerificationError:
            continue


@pytest.mark.django_db
def test_reading_asks_who_and_what_for_and_is_itself_on_record(
    at: datetime, regulator: Actor, operator: Actor, provider: Actor
) -> None:
    person = provider.id.removeprefix("user:")
    entry = meet(person, at)

    for reader in (regulator, operator, provider):
        opened = open_commitment(entry=entry, name="person", purpose="audit", by=reader, at=at)
        assert opened.value["name"] == CANARY
    read = Entry.objects.filter(name="log.commitment.opened").order_by("position")
    assert [each.actor for each in read] == [regulator.id, operator.id, provider.id]
    assert b"CANARY" not in bytes(read[0].data)
    with pytest.raises(Invalid):
        open_commitment(entry=entry, name="person", purpose=" ", by=regulator, at=at)


@pytest.mark.django_db
def test_strangers_read_nothing_and_the_operator_nothing_blocked(
    at: datetime, stranger: Actor, operator: Actor, regulator: Actor
) -> None:
    entry = meet("p-1", at)
    for reader in (stranger, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            open_commitment(entry=entry, name="person", purpose="curious", by=reader, at=at)

    personal.block_person("p-1", at=at)

    with pytest.raises(NotAllowed):
        open_commitment(entry=entry, name="person", purpose="work", by=operator, at=at)
    opened = open_commitment(entry=entry, name="person", purpose="audit", by=regulator, at=at)
    assert opened.person == "p-1"
    personal.destroy_key("p-1", at=at)
    with pytest.raises(Gone):
        open_commitment(entry=entry, name="person", purpose="audit", by=regulator, at=at)


@pytest.mark.django_db
def test_the_command_turns_the_rings_over(at: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    entry = meet("p-1", at)

    call_command("rotate_keys", "persons", destroy_old=True)
    call_command("rotate_keys", "persons", only_rewrap=True)
    call_command("rotate_keys", "objects")

    out = capsys.readouterr().out
    assert "pek-0002 is the newest key of persons; 1 keys wrapped anew." in out
    assert "0 keys wrapped anew." in out
    assert "kek-0002 is the newest key of objects." in out
    assert personal.open_statement(entry, "person").value["name"] == CANARY
    with pytest.raises(CommandError):
        call_command("rotate_keys", "objects", destroy_old=True)
