"""Evidence bundles: what is in them, whom they are for, and that nothing in them can be changed."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import Conflict, Gone, Invalid, NotAllowed, NotFound
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.log.signing import get_signer
from exchange.oversight.evidence import services
from exchange.oversight.evidence.selection import index_of_request
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import get_bundle_for, timeline, trail
from exchange.oversight.services import order_suspension, record_view
from tests.trading.making import Floor
from verify.bundle import BundleReport, verify_bundle, verify_bundle_file
from verify.errors import VerificationError
from verify.note import parse_vkey
from verify.policy import Policy

PURPOSE = "Inspection 12 of 2026"


def made(bundle: EvidenceBundle, at: datetime) -> EvidenceBundle:
    """Return the bundle after the clockwork's beat."""
    dispatch(at=at)
    publish(at=at)
    assert services.bundles_to_hand_out(at=at) == [bundle.reference]
    fresh = EvidenceBundle.objects.get(pk=bundle.pk)
    services.make_bundle(bundle=fresh, clock=lambda: at)
    assert fresh.status == "READY", fresh.failure
    return fresh


def content(bundle: EvidenceBundle, by: Actor, at: datetime) -> bytes:
    download = services.open_bundle(bundle=bundle, span=None, by=by, at=at)
    return b"".join(download.chunks(0, download.size))


def policy() -> Policy:
    return Policy.of_keys([parse_vkey(get_signer("log").verifier_key)])


def checked(data: bytes) -> BundleReport:
    return verify_bundle_file(io.BytesIO(data), policy())


def of_order(floor: Floor, by: Actor, at: datetime) -> tuple[EvidenceBundle, bytes]:
    order = floor.settled()
    asked = services.request_bundle(
        kind="ORDER", subject=order.reference, purpose=PURPOSE, by=by, at=at
    )
    bundle = made(asked, at)
    return bundle, content(bundle, by, at)


def test_a_bundle_of_an_order_holds_its_whole_timeline(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    bundle, data = of_order(floor, regulator, at)

    report = checked(data)

    cut = index_of_request(bundle)
    rows = timeline(regulator, "order", bundle.subject, limit=500).rows
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        held = {
            name.removeprefix("entries/").removesuffix(".json"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("entries/")
        }
        manifest = json.loads(archive.read("manifest.json"))
    expected = {row.id for row in rows if row.index <= cut}
    assert len(expected) == 19
    assert expected <= held.keys()
    assert {str(entry.id): bytes(entry.data) for entry in Entry.objects.filter(id__in=held)} == held
    assert manifest["purpose"] == PURPOSE
    whats = [row["what"] for row in manifest["files"]]
    assert (whats.count("contract"), whats.count("certificate")) == (1, 1)
    assert report.held.signatures >= 4
    assert report.entries == len(held) == bundle.entries_done == bundle.entries_total
    assert "stand at their places" in report.proved
    assert "that these are all entries which concern order" in report.not_proved


def test_a_period_is_proved_whole(floor: Floor, regulator: Actor, at: datetime) -> None:
    floor.settled()
    dispatch(at=at)
    later = at + timedelta(hours=2)
    asked = services.request_bundle(
        kind="PERIOD",
        since=at - timedelta(hours=1),
        until=at + timedelta(hours=1),
        purpose=PURPOSE,
        by=regulator,
        at=later,
    )
    bundle = made(asked, later)

    report = checked(content(bundle, regulator, later))

    cut = index_of_request(bundle)
    (stretch,) = report.manifest.stretches
    assert (stretch.first, stretch.end, report.entries) == (0, cut, cut + 1)
    assert "was left out" in report.proved
    assert "which concern" not in report.not_proved


def test_that_a_period_was_empty_is_proved(floor: Floor, regulator: Actor, at: datetime) -> None:
    floor.place()
    later = at + timedelta(hours=2)
    span = {"since": at + timedelta(minutes=10), "until": at + timedelta(minutes=20)}
    asked = services.request_bundle(kind="PERIOD", purpose=PURPOSE, by=regulator, at=later, **span)
    bundle = made(asked, later)

    report = checked(content(bundle, regulator, later))

    assert (report.entries, "holds nothing dated" in report.proved) == (2, True)


def test_an_organization_takes_its_own_and_nobody_elses_looks(
    floor: Floor, provider: Actor, buyer: Actor, regulator: Actor, at: datetime
) -> None:
    order = floor.settled()
    record_view(kind="order", reference=order.reference, purpose="Look 1", by=regulator, at=at)
    looked = made(
        services.request_bundle(
            kind="ORDER", subject=order.reference, purpose=PURPOSE, by=regulator, at=at
        ),
        at,
    )
    content(looked, regulator, at)
    own = services.request_bundle(
        kind="ORGANIZATION", subject=buyer.organization, purpose="own file", by=buyer, at=at
    )
    theirs = services.request_bundle(
        kind="ORDER", subject=order.reference, purpose="own file", by=provider, at=at
    )
    dispatch(at=at)
    publish(at=at)
    assert services.bundles_to_hand_out(at=at) == [own.reference, theirs.reference]
    for bundle, by in ((own, buyer), (theirs, provider)):
        services.make_bundle(bundle=bundle, clock=lambda: at)
        data = content(bundle, by, at)
        checked(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [
                json.loads(archive.read(n))["type"]
                for n in archive.namelist()
                if n[:8] == "entries/"
            ]
            texts = b"".join(archive.read(name) for name in archive.namelist())
        assert "trading.order.settled" in names
        assert "oversight.view.recorded" not in names
        assert looked.reference.encode() not in texts
        assert b"ORG-REGULATOR" not in texts
        assert PURPOSE.encode() not in texts
    seen = {row.subject for row in trail(provider, limit=500).rows}
    assert theirs.reference in seen
    assert {own.reference, looked.reference}.isdisjoint(seen)


def test_only_what_one_may_see_is_taken(  # noqa: PLR0917  the cast
    floor: Floor,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    stranger: Actor,
    anonymous: Actor,
    regulator: Actor,
    at: datetime,
    log: Callable[[], list[tuple[str, str]]],
) -> None:
    order = floor.place()
    before = log()

    def ask(by: Actor, **request: object) -> EvidenceBundle:
        said = {"kind": "ORDER", "subject": order.reference, "purpose": PURPOSE} | request
        return services.request_bundle(**said, by=by, at=at)  # type: ignore[arg-type]

    for by in (anonymous, provider_viewer):
        with pytest.raises(NotAllowed):
            ask(by)
    with pytest.raises(NotFound):
        ask(stranger)
    with pytest.raises(NotFound):
        ask(buyer, kind="PRODUCT", subject=order.product.reference)
    with pytest.raises(NotAllowed):
        ask(buyer, kind="ORGANIZATION", subject=provider.organization)
    period = {"kind": "PERIOD", "subject": "", "since": at - timedelta(days=1), "until": at}
    with pytest.raises(NotAllowed):
        ask(provider, **period)
    with pytest.raises(Invalid):
        ask(regulator, **(period | {"until": at + timedelta(seconds=1)}))
    with pytest.raises(Invalid):
        ask(regulator, purpose=" ")
    with pytest.raises(Invalid):
        ask(regulator, kind="SOMETHING")
    assert log() == before
    assert not EvidenceBundle.objects.exists()

    bundle = ask(buyer)
    for by in (provider, regulator, stranger):
        with pytest.raises(NotFound):
            get_bundle_for(by, bundle.reference)
        with pytest.raises(NotAllowed):
            services.open_bundle(bundle=bundle, span=None, by=by, at=at)
    with pytest.raises(services.NotReady):
        services.open_bundle(bundle=bundle, span=None, by=buyer, at=at)


def test_a_killed_worker_is_followed_by_another_and_one_bundle_remains(
    floor: Floor, regulator: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = floor.settled()
    asked = services.request_bundle(
        kind="ORDER", subject=order.reference, purpose=PURPOSE, by=regulator, at=at
    )
    dispatch(at=at)
    publish(at=at)

    class Killed(BaseException):
        pass

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    bundle = EvidenceBundle.objects.get(pk=asked.pk)
    with monkeypatch.context() as patch:
        patch.setattr(services, "_check", die)
        with pytest.raises(Killed):
            services.make_bundle(bundle=bundle, clock=lambda: at)
    bundle.refresh_from_db()
    assert bundle.status == "RUNNING"
    first_worker = EvidenceBundle.objects.get(pk=asked.pk)
    silent = timezone.now() + services.SILENCE * 2  # signs of life are dated by the database

    assert services.resume_bundles(at=at) == 0
    assert services.resume_bundles(at=silent) == 1
    done = made(bundle, at)

    assert done.attempts == 2
    with pytest.raises(Conflict):  # the first worker wakes up too late
        services.make_bundle(bundle=first_worker, clock=lambda: at)
    assert EvidenceBundle.objects.count() == 1
    names = Entry.objects.filter(subject=done.reference).order_by("position")
    assert list(names.values_list("name", flat=True)) == [
        "oversight.evidence.requested",
        "oversight.evidence.started",
        "oversight.evidence.interrupted",
        "oversight.evidence.started",
        "oversight.evidence.ready",
    ]
    checked(content(done, regulator, at))


def test_what_cannot_be_made_fails_after_some_attempts(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    order = floor.place()
    bundle = services.request_bundle(
        kind="ORDER", subject=order.reference, purpose=PURPOSE, by=regulator, at=at
    )
    EvidenceBundle.objects.filter(pk=bundle.pk).update(attempts=2)
    bundle.refresh_from_db()

    services.make_bundle(bundle=bundle, clock=lambda: at)  # nothing is sequenced yet

    assert (bundle.status, bundle.attempts) == ("FAILED", 3)
    assert bundle.stored is None
    with pytest.raises(Conflict):
        services.open_bundle(bundle=bundle, span=None, by=regulator, at=at)


def test_a_file_is_removed_when_its_time_is_over(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    bundle, _data = of_order(floor, regulator, at)

    assert services.expire_bundles(at=at + timedelta(days=29)) == 0
    assert services.expire_bundles(at=at + timedelta(days=31)) == 1

    bundle.refresh_from_db()
    assert bundle.status == "EXPIRED"
    assert bundle.stored is not None
    assert bundle.stored.status == "DESTROYED"
    with pytest.raises(Gone):
        services.open_bundle(bundle=bundle, span=None, by=regulator, at=at)


def test_the_same_evidence_gives_the_same_bytes(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    bundle, data = of_order(floor, regulator, at)
    again = io.BytesIO()

    services._make(again, bundle, at)

    first, second = (zipfile.ZipFile(io.BytesIO(each)) for each in (data, again.getvalue()))
    assert first.namelist() == second.namelist()
    alike = [name for name in first.namelist() if first.read(name) == second.read(name)]
    changed = {name.partition("/")[0] for name in first.namelist() if name not in alike}
    assert changed <= {"checkpoints", "receipts", "manifest.json", "manifest.note"}


def test_supervision_and_disclosure_are_among_the_documents(
    floor: Floor, regulator: Actor, at: datetime
) -> None:
    product = floor.product
    order_suspension(
        product=product, reason="complaint", basis="《数据安全法》", by=regulator, at=at
    )
    asked = services.request_bundle(
        kind="PRODUCT", subject=product.reference, purpose=PURPOSE, by=regulator, at=at
    )
    bundle = made(asked, at)

    report = checked(content(bundle, regulator, at))

    whats = [file.what for file in report.manifest.files]
    assert "supervision" in whats
    assert "appraisal" in whats
    of_this_test = report.held.documents - whats.count("disclosure")
    assert report.held.in_log == of_this_test


def test_every_download_is_an_entry(
    floor: Floor, regulator: Actor, at: datetime, log: Callable[[], list[tuple[str, str]]]
) -> None:
    bundle, data = of_order(floor, regulator, at)
    part = services.open_bundle(bundle=bundle, span=range(10, 20), by=regulator, at=at)

    assert b"".join(part.chunks(10, 20)) == data[10:20]

    rows = Entry.objects.filter(name="oversight.evidence.downloaded").order_by("position")
    bodies = [json.loads(bytes(row.data))["body"] for row in rows]
    assert [(body["first"], body["count"]) for body in bodies] == [(0, len(data)), (10, 10)]


@pytest.fixture
def bundle_file(floor: Floor, regulator: Actor, at: datetime, tmp_path: Path) -> Path:
    """A small bundle, on disk."""
    order = floor.place()
    asked = services.request_bundle(
        kind="ORDER", subject=order.reference, purpose=PURPOSE, by=regulator, at=at
    )
    path = tmp_path / "bundle.zip"
    path.write_bytes(content(made(asked, at), regulator, at))
    verify_bundle(path, policy())
    return path


def test_every_changed_byte_is_refuted(bundle_file: Path) -> None:
    data = bytearray(bundle_file.read_bytes())
    known = policy()
    step = max(1, len(data) // 700)
    places = {*range(0, len(data), step), *range(max(0, len(data) - 600), len(data)), *range(64)}

    for place in sorted(places):
        data[place] ^= 1 << place % 8
        with pytest.raises(VerificationError):
            verify_bundle_file(io.BytesIO(bytes(data)), known)
        data[place] ^= 1 << place % 8
