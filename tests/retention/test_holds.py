"""Legal holds: who places and lifts them, and that nothing under them is destroyed."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from audit.log.services import record
from audit.retention import belonging, queries
from audit.retention.models import Destruction, LegalHold
from audit.retention.services import Held, is_sound, lift_hold, place_hold, require_free
from audit.retention.states import HoldState
from exchange.catalog.events import ProductReopened
from exchange.vault.models import StoredObject
from exchange.vault.queries import get_object
from exchange.vault.services import destroy_object, open_object, store_object
from exchange.vault.states import Purpose

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("retention")


@pytest.fixture
def stored(provider: Actor, at: datetime) -> StoredObject:
    return store_object(
        source=io.BytesIO(b"CANARY content"),
        filename="license.pdf",
        purpose=Purpose.LICENSE,
        owner=provider.organization,
        by=provider,
        at=at,
    )


def hold(regulator: Actor, at: datetime, subject: str = "ORG-PROVIDER") -> LegalHold:
    return place_hold(
        kind="organization",
        subject=subject,
        reason="inquiry 7",
        basis="《数据安全法》第四十四条",
        by=regulator,
        at=at,
    )


@pytest.mark.django_db
def test_a_hold_says_who_and_why_and_its_reason_is_not_in_the_log(
    regulator: Actor, stored: StoredObject, at: datetime, log: Log
) -> None:
    before = len(log())
    placed = hold(regulator, at)

    assert log()[before:] == [("retention.hold.placed", placed.reference)]
    entry = Entry.objects.latest("position")
    assert b"inquiry 7" not in bytes(entry.data)
    assert json.loads(bytes(entry.data))["body"]["organization"] == "ORG-PROVIDER"
    assert (placed.authority, placed.status) == ("ORG-REGULATOR", HoldState.IN_FORCE)


@pytest.mark.django_db
def test_under_a_hold_nothing_is_destroyed_and_afterwards_it_is(
    regulator: Actor, provider: Actor, stored: StoredObject, at: datetime
) -> None:
    placed = hold(regulator, at)

    with pytest.raises(Held, match=placed.reference):
        destroy_object(stored=stored, reason="clean up", by=provider, at=at)

    with open_object(get_object(stored.reference)) as content:
        assert content.read() == b"CANARY content"
    assert not Destruction.objects.exists()
    lift_hold(hold=placed, reason="closed", by=regulator, at=at)
    destroy_object(stored=stored, reason="clean up", by=provider, at=at)
    kept = Destruction.objects.get()
    assert is_sound(kept)
    document = json.loads(kept.document)
    assert document["subject"] == stored.reference
    assert document["what"]["sha256"] == stored.sha256
    entry = Entry.objects.latest("position")
    assert (entry.name, entry.subject) == ("retention.record.destroyed", kept.reference)


@pytest.mark.django_db
def test_a_changed_destruction_record_is_not_sound(
    provider: Actor, stored: StoredObject, at: datetime
) -> None:
    destroy_object(stored=stored, reason="clean up", by=provider, at=at)
    kept = Destruction.objects.get()

    kept.document = kept.document.replace("clean up", "accident")
    assert not is_sound(kept)
    kept.signature = "not hexadecimal"
    assert not is_sound(kept)
    with pytest.raises(IntegrityError), transaction.atomic():
        Destruction.objects.update(document="{}")


@pytest.mark.django_db
def test_who_may_not_place_a_hold(
    provider: Actor, stranger: Actor, regulator: Actor, at: datetime, stored: StoredObject
) -> None:
    looker = replace(regulator, member_role="VIEWER")
    for actor in (provider, stranger, Actor.anonymous(), looker):
        with pytest.raises(NotAllowed):
            hold(actor, at)

    assert not LegalHold.objects.exists()


@pytest.mark.django_db
def test_what_a_hold_needs(regulator: Actor, stored: StoredObject, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        place_hold(
            kind="organization", subject="ORG-PROVIDER", reason=" ", basis="", by=regulator, at=at
        )
    assert set(refused.value.fields) == {"reason", "basis"}
    with pytest.raises(Invalid):
        place_hold(kind="weather", subject="X", reason="r", basis="b", by=regulator, at=at)
    with pytest.raises(NotFound):
        hold(regulator, at, subject="ORG-NOBODY")
    hold(regulator, at)
    with pytest.raises(Conflict):
        hold(regulator, at)


@pytest.mark.django_db
def test_only_who_placed_a_hold_lifts_it_and_once(
    regulator: Actor, operator: Actor, stored: StoredObject, at: datetime
) -> None:
    placed = hold(regulator, at)
    with pytest.raises(NotAllowed):
        lift_hold(hold=placed, reason="no", by=operator, at=at)

    lift_hold(hold=placed, reason="closed", by=regulator, at=at)

    with pytest.raises(WrongState):
        lift_hold(hold=placed, reason="again", by=regulator, at=at)
    hold(regulator, at)  # a new one may follow
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.update(subject="ORG-OTHER")


@pytest.mark.django_db
def test_two_holds_stand_beside_each_other(
    regulator: Actor, operator: Actor, provider: Actor, stored: StoredObject, at: datetime
) -> None:
    first, _second = hold(regulator, at), hold(operator, at)

    lift_hold(hold=first, reason="closed", by=regulator, at=at)

    with pytest.raises(Held):
        destroy_object(stored=stored, reason="clean up", by=provider, at=at)


@pytest.mark.django_db
def test_others_see_no_holds(
    regulator: Actor, provider: Actor, stored: StoredObject, at: datetime
) -> None:
    placed = hold(regulator, at)

    assert not queries.holds_visible_to(provider).exists()
    assert not queries.destructions_visible_to(provider).exists()
    with pytest.raises(NotFound):
        queries.get_hold_for(provider, placed.reference)
    with pytest.raises(NotFound):
        queries.get_destruction_for(provider, "DR-1")


@pytest.mark.django_db
def test_what_belongs_to_a_held_thing_is_held(
    regulator: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(belonging, "_FINDERS", {})
    belonging.belongs("object")(lambda name: [("release", f"R{name}")])
    belonging.belongs("release")(lambda name: [("product", "P-1"), ("object", name[1:])])
    record(ProductReopened(product="P-1", product_version=1), by=SYSTEM, at=at)
    place_hold(kind="product", subject="P-1", reason="r", basis="b", by=regulator, at=at)

    with pytest.raises(Held):
        require_free(("object", "O-1"))
    require_free(("grant", "G-1"))


@pytest.mark.django_db
def test_a_hold_is_not_destroyed_by_time(
    regulator: Actor, stored: StoredObject, at: datetime
) -> None:
    hold(regulator, at)

    with pytest.raises(Held):
        destroy_object(stored=stored, reason="due", by=SYSTEM, at=at + timedelta(days=36_500))
