"""Bundles that lie: changed in the ZIP, or packed and signed anew by whoever has the log's key."""

import base64
import hashlib
import io
import json
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.models import Entry, Log, Pending
from audit.log.notes import make_note
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.log.signing import get_signer
from exchange.oversight.evidence import services
from exchange.oversight.evidence.logs import PublishedLog
from exchange.oversight.evidence.packing import entry_time
from exchange.oversight.evidence.selection import select_period
from exchange.oversight.models import EvidenceBundle
from tests.log.writing import write_entries
from tests.trading.making import Floor
from verify.archive import Archive, ArchiveWriter
from verify.bundle import BundleReport, verify_bundle_file
from verify.chain import across_periods
from verify.errors import VerificationError
from verify.manifest import MANIFEST, SIGNATURE, signed_text
from verify.merkle import leaf_hash
from verify.note import parse_vkey
from verify.policy import Policy

Files = dict[str, bytes]
Document = dict[str, Any]


def checked(data: bytes) -> BundleReport:
    key = parse_vkey(get_signer("log").verifier_key)
    return verify_bundle_file(io.BytesIO(data), Policy.of_keys([key]))


def taken(by: Actor, at: datetime, **request: Any) -> bytes:
    asked = services.request_bundle(purpose="test", by=by, at=at, **request)
    dispatch(at=at)
    publish(at=at)
    bundle = EvidenceBundle.objects.select_related("organization").get(pk=asked.pk)
    services.make_bundle(bundle=bundle, clock=lambda: at)
    assert bundle.status == "READY", bundle.failure
    download = services.open_bundle(bundle=bundle, span=None, by=by, at=at)
    return b"".join(download.chunks(0, download.size))


def forged(data: bytes, change: Callable[[Files, Document], object]) -> bytes:
    """Return the bundle changed, packed and signed anew with the log's own key."""
    archive = Archive(io.BytesIO(data))
    files = {name: archive.read(name) for name in archive}
    manifest = json.loads(files.pop(MANIFEST))
    del files[SIGNATURE]
    change(files, manifest)
    target = io.BytesIO()
    writer = ArchiveWriter(target)
    rows = {row["path"]: row for row in manifest["files"]}
    manifest["files"] = [rows[name] for name in files if name in rows]
    for name, content in files.items():
        member = writer.add(name, content)
        if name in rows:
            rows[name]["size"] = member.size
            rows[name]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest["archive"] = {"bytes": writer.size, "sha256": writer.sha256}
    text = canonical(manifest)
    writer.add(MANIFEST, text, pack=False)
    writer.add(SIGNATURE, make_note(signed_text(text), get_signer("log")).encode(), pack=False)
    writer.finish()
    return target.getvalue()


def rezipped(data: bytes, change: Callable[[Files], object]) -> bytes:
    """Return the bundle as somebody without a key repacks it."""
    archive = Archive(io.BytesIO(data))
    files = {name: archive.read(name) for name in archive}
    change(files)
    target = io.BytesIO()
    writer = ArchiveWriter(target)
    for name, content in files.items():
        writer.add(name, content, pack=name not in {MANIFEST, SIGNATURE})
    writer.finish()
    return target.getvalue()


@pytest.fixture
def of_order(floor: Floor, regulator: Actor, at: datetime) -> bytes:
    """The bundle of a settled order."""
    order = floor.settled()
    return taken(regulator, at, kind="ORDER", subject=order.reference)


@pytest.fixture
def of_period(db: None, regulator: Actor, at: datetime) -> bytes:
    """The bundle of an hour with entries before, within and after."""
    for hour in (0, 1, 2):
        write_entries(6, at + timedelta(hours=hour), first=6 * hour)
    span = {"since": at + timedelta(minutes=30), "until": at + timedelta(minutes=90)}
    return taken(regulator, at + timedelta(hours=3), kind="PERIOD", **span)


def test_packing_anew_changes_nothing(of_order: bytes, of_period: bytes) -> None:
    assert rezipped(of_order, dict.items) == of_order
    assert checked(forged(of_order, lambda *_parts: None)) == checked(of_order)
    assert checked(of_period).entries == 8


def test_each_file_is_needed_in_its_place(of_order: bytes) -> None:
    names = list(Archive(io.BytesIO(of_order)))
    kinds = {name.partition("/")[0] + name.rpartition(".")[2]: name for name in names}

    for name in kinds.values():

        def drop(files: Files, name: str = name) -> None:
            del files[name]

        def rename(files: Files, name: str = name) -> None:
            files[f"{name}-"] = files.pop(name)

        def move(files: Files, name: str = name) -> None:
            files[name] = files.pop(name)

        def change(files: Files, name: str = name) -> None:
            files[name] += b" "

        for touch in (drop, rename, change, *([move] if name != names[-1] else [])):
            with pytest.raises(VerificationError):
                checked(rezipped(of_order, touch))

    def add(files: Files) -> None:
        files["zz"] = b""

    with pytest.raises(VerificationError):
        checked(rezipped(of_order, add))
    with io.BytesIO() as target:  # the same content, packed by another program
        with zipfile.ZipFile(target, "w") as other:
            for name in names:
                other.writestr(name, Archive(io.BytesIO(of_order)).read(name))
        with pytest.raises(VerificationError):
            checked(target.getvalue())


def first(files: Files, prefix: str) -> str:
    return next(name for name in files if name.startswith(prefix))


def forgeries() -> Iterator[tuple[str, Callable[[Files, Document], object]]]:  # noqa: C901  one each
    def entry(files: Files, manifest: Document) -> None:
        name = first(files, "entries/")
        files[name] = files[name].replace(b'"v":1', b'"v":2')

    def receipt(files: Files, manifest: Document) -> None:
        one, two = [name for name in files if name.startswith("receipts/")][:2]
        files[one], files[two] = files[two], files[one]

    def no_receipt(files: Files, manifest: Document) -> None:
        del files[first(files, "receipts/")]

    def count(files: Files, manifest: Document) -> None:
        manifest["logs"][0]["entries"] += 1

    def size(files: Files, manifest: Document) -> None:
        manifest["logs"][0]["size"] += 1

    def contract(files: Files, manifest: Document) -> None:
        name = first(files, "documents/contract")
        files[name] = files[name].replace(b'"amount":"', b'"amount":"9', 1)

    def signature(files: Files, manifest: Document) -> None:
        name = next(n for n in files if n.startswith("documents/contract") and "signatures" in n)
        rows = json.loads(files[name])
        rows[0]["signature"], rows[1]["signature"] = rows[1]["signature"], rows[0]["signature"]
        files[name] = json.dumps(rows).encode()

    def foreign_key(files: Files, manifest: Document) -> None:
        """Sign the contract with a key that it does not name."""
        name = next(n for n in files if n.startswith("documents/contract") and "signatures" in n)
        rows = json.loads(files[name])
        signer = get_signer("appraisal")
        for row in rows:
            signed = signer.sign(row["statement"].encode())
            row |= {"key": signer.verifier_key, "signature": base64.b64encode(signed).decode()}
        files[name] = json.dumps(rows).encode()

    def other_entry(files: Files, manifest: Document) -> None:
        row = next(row for row in manifest["files"] if row["what"] == "contract")
        others = [
            r for r in manifest["files"] if r["what"] == "entry" and r["index"] != row["index"]
        ]
        row["index"] = others[0]["index"]

    def checkpoint(files: Files, manifest: Document) -> None:
        name = first(files, "checkpoints/")
        files[name] = files[name].replace(b"\n", b"\n", 1)[:-10] + b"AAAAAAAAA\n"

    def twice(files: Files, manifest: Document) -> None:
        manifest["logs"].append(dict(manifest["logs"][0]))

    def stretch(files: Files, manifest: Document) -> None:
        row = {"log": manifest["logs"][0]["label"], "first": 0, "end": 1}
        manifest["stretches"] = [row]

    for each in (
        entry,
        receipt,
        no_receipt,
        count,
        size,
        contract,
        signature,
        foreign_key,
        other_entry,
        checkpoint,
        twice,
        stretch,
    ):
        yield each.__name__, each


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in forgeries()])
def test_the_key_holder_cannot_forge_an_order(
    of_order: bytes, change: Callable[[Files, Document], object]
) -> None:
    with pytest.raises(VerificationError):
        checked(forged(of_order, change))


def test_the_key_holder_cannot_shorten_a_period(of_period: bytes, at: datetime) -> None:
    report = checked(of_period)
    (whole,) = report.manifest.stretches
    assert (whole.first, whole.end) == (6, 12)

    def claim(begin: int, end: int) -> Callable[[Files, Document], object]:
        def change(files: Files, manifest: Document) -> None:
            manifest["stretches"][0] |= {"first": begin, "end": end}

        return change

    for begin, end in ((7, 12), (6, 11), (5, 12), (6, 13), (0, 12), (9, 9)):
        with pytest.raises(VerificationError):
            checked(forged(of_period, claim(begin, end)))

    def drop_a_line(files: Files, manifest: Document) -> None:
        name = first(files, "entries/")
        lines = files[name].splitlines(keepends=True)
        files[name] = b"".join(lines[:3] + lines[4:])

    def drop_with_its_run(files: Files, manifest: Document) -> None:
        drop_a_line(files, manifest)
        proof = first(files, "proofs/")
        files[proof] = files[proof].replace(b"run 5 8\n", b"run 5 3\nrun 9 4\n")
        manifest["logs"][0]["entries"] -= 1

    def widen(files: Files, manifest: Document) -> None:
        manifest["scope"]["since"] = entry_time(at)

    def prolong(files: Files, manifest: Document) -> None:
        manifest["scope"]["until"] = entry_time(at + timedelta(hours=3))

    for change in (drop_a_line, drop_with_its_run, widen, prolong):
        with pytest.raises(VerificationError):
            checked(forged(of_period, change))


@pytest.fixture
def over_new_year(db: None, regulator: Actor) -> Callable[..., bytes]:
    """Bundles of periods around a turn of the year, which is a turn of the log."""
    turn = datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    for hours in (-2, 2):
        then = turn + timedelta(hours=hours)
        write_entries(5, then, first=100 + hours)
        dispatch(at=then)
        publish(at=then)
    assert Log.objects.count() == 2
    later = turn + timedelta(hours=9)

    def take(since: float, until: float) -> bytes:
        span = {"since": turn + timedelta(hours=since), "until": turn + timedelta(hours=until)}
        return taken(regulator, later, kind="PERIOD", **span)

    return take


def test_a_period_over_two_logs_is_whole(over_new_year: Callable[..., bytes]) -> None:
    old, new = Log.objects.order_by("first")
    keys = Policy.of_keys([get_signer("log", origin=old.origin).verifier])

    across = verify_bundle_file(io.BytesIO(over_new_year(-3, 3)), across_periods(keys))
    before = verify_bundle_file(io.BytesIO(over_new_year(-3, 1.5)), across_periods(keys))
    behind = verify_bundle_file(io.BytesIO(over_new_year(1.9, 3)), across_periods(keys))

    ends = [[(s.log, s.first, s.end) for s in each.manifest.stretches] for each in (across, before)]
    assert [log for log, _first, _end in ends[0]] == ["2026", "2027"]
    assert ends[0][0] == ("2026", 0, old.size)
    assert ends[1] == [("2026", 0, old.size - 1)]  # the closing entry is dated behind
    assert [s.log for s in behind.manifest.stretches][-1] == "2027"
    with pytest.raises(VerificationError):
        verify_bundle_file(io.BytesIO(over_new_year(-3, 3)), keys)
    assert new.first == old.size


def test_a_boundary_between_logs_shows_the_end_of_one_and_the_beginning_of_the_other() -> None:
    def published(label: str, first: int, size: int) -> PublishedLog:
        known = {"key": "", "note": "", "node": lambda *_place: b""}
        return PublishedLog(label=label, origin=label, first=first, size=size, **known)

    logs = [published("2026", 0, 10), published("2027", 10, 20)]

    def chosen(start: int, end: int) -> list[tuple[str, int, int, int, int]]:
        found = select_period(logs, start, end, [])
        runs = [part.runs[0] for part in found.parts]
        pairs = zip(found.stretches, runs, strict=True)
        return [(s.log, s.first, s.end, run.first, run.end) for s, run in pairs]

    assert chosen(10, 12) == [("2026", 10, 10, 9, 10), ("2027", 0, 2, 0, 3)]
    assert chosen(8, 10) == [("2026", 8, 10, 7, 10), ("2027", 0, 0, 0, 1)]
    assert chosen(8, 12) == [("2026", 8, 10, 7, 10), ("2027", 0, 2, 0, 3)]
    assert chosen(12, 12) == [("2027", 2, 2, 1, 3)]


def test_the_key_holder_cannot_leave_out_a_log(over_new_year: Callable[..., bytes]) -> None:
    data = over_new_year(-3, 3)
    key = get_signer("log").verifier
    trusted = across_periods(Policy.of_keys([key]))
    verify_bundle_file(io.BytesIO(data), trusted)

    def without(label: str) -> Callable[[Files, Document], object]:
        def change(files: Files, manifest: Document) -> None:
            for name in [n for n in files if f"/{label}" in n]:
                del files[name]
            for rows, field in (("logs", "label"), ("stretches", "log")):
                manifest[rows] = [row for row in manifest[rows] if row[field] != label]

        return change

    for label in ("2026", "2027"):
        with pytest.raises(VerificationError):
            verify_bundle_file(io.BytesIO(forged(data, without(label))), trusted)


def test_a_foreign_key_signs_nothing(of_order: bytes) -> None:
    stranger = get_signer("appraisal").verifier
    with pytest.raises(VerificationError, match="not signed by the expected key"):
        verify_bundle_file(io.BytesIO(of_order), Policy.of_keys([stranger]))


def write_many(count: int, at: datetime) -> None:
    """Write entries like one that was recorded, as fast as rows can be inserted."""
    (pattern,) = write_entries(1, at)
    fields = {
        f.attname: getattr(pattern, f.attname)
        for f in Entry._meta.fields
        if f.attname != "position"
    }
    made = []
    for number in range(1, count):
        identity = uuid.UUID(int=pattern.id.int + number)
        data = pattern.data.replace(str(pattern.id).encode(), str(identity).encode())
        changed = {"id": identity, "data": data, "leaf_hash": leaf_hash(data)}
        made.append(Entry(**(fields | changed)))
    entries = Entry.objects.bulk_create(made, batch_size=2000)
    Pending.objects.bulk_create([Pending(entry=entry) for entry in entries], batch_size=2000)


def test_a_long_period_is_made_and_checked_in_little_memory(
    db: None, regulator: Actor, at: datetime
) -> None:
    write_many(10_400, at)
    later = at + timedelta(hours=2)
    hour = {"since": at - timedelta(hours=1), "until": at + timedelta(hours=1)}
    asked = services.request_bundle(kind="PERIOD", purpose="all", by=regulator, at=later, **hour)
    dispatch(at=later)
    publish(at=later)
    bundle = EvidenceBundle.objects.select_related("organization").get(pk=asked.pk)
    read = sum(len(bytes(data)) for data in Entry.objects.values_list("data", flat=True))

    tracemalloc.start()
    services.make_bundle(bundle=bundle, clock=lambda: later)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (bundle.status, bundle.entries_done) == ("READY", 10_401)
    assert peak < 12 * 1024**2, f"{peak:,} bytes at most for {read:,} bytes of entries"
    download = services.open_bundle(bundle=bundle, span=None, by=regulator, at=later)
    report = checked(b"".join(download.chunks(0, download.size)))
    assert report.entries == 10_401
