"""What has outlived its term is found, and destroyed on the record unless it is held."""

import io
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.events import Personal
from audit.log.models import PersonalValue
from audit.log.services import record
from audit.retention.models import Destruction
from audit.retention.services import is_sound, lift_hold, place_hold
from audit.retention.terms import months_after
from exchange.catalog.models import Product, Release
from exchange.catalog.services import withdraw_release
from exchange.oversight.retention import destroy_due, list_due
from exchange.parties.events import MemberAdded, MemberRemoved
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services import store_object
from exchange.vault.states import ObjectState, Purpose
from exchange.vault.storage import place_of, put_object
from tests.catalog.making import draft_product, draft_release

SYSTEM = Actor.system("retention")


@pytest.fixture(autouse=True)
def _own_place(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


@pytest.fixture
def withdrawn(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    product = draft_product(provider_org, provider, at)
    release = draft_release(product, at)
    withdraw_release(release=release, reason="mistake", by=provider, at=at)
    return release


def references(at: datetime) -> set[str]:
    return {due.reference for due in list_due(at=at)}


def test_content_that_was_never_traded_goes_after_a_year(withdrawn: Release, at: datetime) -> None:
    files = {withdrawn.original.reference, withdrawn.table.reference}

    assert references(months_after(at, 12) - timedelta(seconds=1)) == set()
    found = list(list_due(at=months_after(at, 12)))

    assert {due.reference for due in found} == files
    assert {due.retention_class for due in found} == {"UNTRADED"}
    assert StoredObject.objects.filter(status=ObjectState.STORED).count() == len(files)


def test_content_on_the_market_is_not_due(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    draft_release(draft_product(provider_org, provider, at), at)

    assert references(months_after(at, 600)) == set()


def test_destroying_what_is_due_leaves_a_signed_record_of_each(
    withdrawn: Release, operator: Actor, at: datetime
) -> None:
    later = months_after(at, 12)

    swept = destroy_due(by=operator, at=later)
    again = destroy_due(by=operator, at=later)

    files = {withdrawn.original.reference, withdrawn.table.reference}
    assert {due.reference for due in swept.destroyed} == files
    assert again.is_empty
    records = Destruction.objects.filter(retention_class="UNTRADED")
    assert {each.subject for each in records} == files
    assert all(is_sound(each) for each in records)
    withdrawn.table.refresh_from_db()
    assert (withdrawn.table.status, withdrawn.table.wrapped_key) == ("DESTROYED", "")


@pytest.mark.parametrize("kind", ["product", "organization"])
def test_a_hold_stops_the_run_until_it_is_lifted(
    withdrawn: Release, regulator: Actor, at: datetime, kind: str
) -> None:
    later = months_after(at, 12)
    subject = withdrawn.product.reference if kind == "product" else "ORG-PROVIDER"
    hold = place_hold(kind=kind, subject=subject, reason="r", basis="b", by=regulator, at=at)

    swept = destroy_due(by=SYSTEM, at=later)

    assert {due.holds for due in swept.held} == {(hold.reference,)}
    assert swept.destroyed == []
    lift_hold(hold=hold, reason="closed", by=regulator, at=later)
    assert len(destroy_due(by=SYSTEM, at=later).destroyed) == len(swept.held)


def test_the_license_of_who_left_goes_after_five_years(
    provider: Actor, provider_org: Organization, at: datetime
) -> None:
    stored = store_object(
        source=io.BytesIO(b"scan"), filename="l.pdf", purpose=Purpose.LICENSE,
        owner=provider.organization, by=provider, at=at,
    )  # fmt: skip
    Organization.objects.update(license_object=stored.reference)
    assert references(months_after(at, 600)) == set()

    Organization.objects.update(status="TERMINATED", status_since=at)

    assert references(months_after(at, 60) - timedelta(seconds=1)) == set()
    assert references(months_after(at, 60)) == {stored.reference}


def test_statements_about_who_left_long_ago_go_without_being_asked(
    regulator: Actor, at: datetime
) -> None:
    for member in ("m-1", "m-2"):
        added = MemberAdded(
            organization="ORG-A",
            member=member,
            role="VIEWER",
            person=Personal(member, {"name": "N"}),
        )
        record(added, by=SYSTEM, at=at)
    record(MemberRemoved(organization="ORG-A", member="m-1", role="VIEWER"), by=SYSTEM, at=at)
    later = months_after(at, 60)
    hold = place_hold(kind="member", subject="m-1", reason="r", basis="b", by=regulator, at=at)
    assert destroy_due(by=SYSTEM, at=later).destroyed == []
    lift_hold(hold=hold, reason="r", by=regulator, at=later)

    swept = destroy_due(by=SYSTEM, at=later)

    assert [due.kind for due in swept.destroyed] == ["statement"]
    assert [each.key_id for each in PersonalValue.objects.all()] == ["m-2"]
    assert not personal.is_blocked("m-1")
    assert Destruction.objects.get().subject == "m-1"


@pytest.mark.django_db
def test_expired_sessions_are_removed(at: datetime) -> None:
    for key, end in (("old", at), ("new", at + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=end)

    assert destroy_due(by=SYSTEM, at=at + timedelta(seconds=1)).sessions == 1

    assert [each.session_key for each in Session.objects.all()] == ["new"]


@pytest.mark.django_db
def test_bytes_without_a_row_are_removed_after_an_hour() -> None:
    put_object(place_of("OB-2026-ORPHAN00"), lambda sink: sink.write(b"leftover"))
    soon = datetime.fromtimestamp(time.time(), UTC)

    assert destroy_due(by=SYSTEM, at=soon).orphans == 0
    assert destroy_due(by=SYSTEM, at=soon + timedelta(hours=2)).orphans >= 1


def test_only_the_operator_and_the_clock_destroy(
    withdrawn: Release, provider: Actor, regulator: Actor, at: datetime
) -> None:
    for actor in (provider, regulator, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            destroy_due(by=actor, at=months_after(at, 600))

    assert not Destruction.objects.exists()


def test_the_command_lists_and_only_destroys_when_told(
    withdrawn: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    Release.objects.update(status_since=datetime(2020, 1, 1, tzinfo=UTC))

    call_command("retention")
    assert "2 due, 0 held." in capsys.readouterr().out
    assert not Destruction.objects.exists()
    call_command("retention", apply=True)

    out = capsys.readouterr().out
    assert f"DESTROYED object {withdrawn.table.reference} UNTRADED" in out
    assert "2 destroyed, 0 held" in out
    call_command("retention")
    assert "0 due, 0 held." in capsys.readouterr().out


def test_what_was_delisted_is_due_like_what_was_withdrawn(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = draft_product(provider_org, provider, at)
    release = draft_release(product, at)
    assert references(months_after(at, 12)) == set()

    Product.objects.update(status="DELISTED", status_since=at)

    assert release.table.reference in references(months_after(at, 12))
