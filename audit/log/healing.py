"""Healing: what a restored database lacks comes back from the bundles, what disks lost from it.

Each direction is taken only where the result gives the root that was signed. Entries, their
references and places are put back; the rows of the exchange that they tell of are not, for an
entry says what became of a thing and not all that was known of it. What the replayed entries
touch is therefore named, for people to look at.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from verify.checkpoint import SignedHead, TreeHead, verify_signed
from verify.errors import VerificationError
from verify.merkle import HASH_BYTES, Frontier, leaf_hash
from verify.note import parse_note
from verify.tile import WIDTH, split_bundle, write_bundle

from .actors import Actor
from .events import REGISTRY, Event, Ref, event
from .filing import check_files, leaves_by_tile, write_files
from .heads import HeadLock
from .models import Checkpoint, Cosignature, Cursor, Entry, EntryRef, Leaf, Log, Pending
from .periods import PeriodClosed, hash_of_note
from .queries import latest_checkpoint, log_size
from .rotation import log_verifiers
from .sequencing import may_lead
from .services import record
from .states import PeriodState
from .tiles import CHECKPOINT, LogDamaged, TileReader, TileStore

_STAMP = 8  # bytes of time at the head of a cosignature


@event("log.history.replayed", label=_("entries put back from the log's files"))
class HistoryReplayed(Event):
    """A restored database got back entries that were signed before."""

    period: Ref
    first: int
    entries: int


@dataclass
class Healed:
    """What was put back, and what the replayed entries touch, by kind and reference."""

    entries: int = 0
    files: list[str] = field(default_factory=list)
    touched: set[tuple[str, str]] = field(default_factory=set)


def heal(*, by: Actor, at: datetime) -> Healed:
    """Put back what database or files lack, period by period; do nothing where both are whole.

    Raises LogDamaged where what is there does not give the signed root; nothing is changed then.
    """
    healed = Healed()
    known = set(Log.objects.values_list("period", flat=True))
    periods = sorted(known | {lock.period for lock in HeadLock.all()})
    for number, period in enumerate(periods):
        signed = _shown(period)
        target = HeadLock.of_period(period).read() or (signed.head if signed else None)
        if target is None:
            continue
        log = Log.objects.filter(period=period).first()
        if log is None or log.size < target.size:
            is_last = number == len(periods) - 1
            _replay(period, target, signed, healed, is_last=is_last, by=by, at=at)
        else:
            _mend(log, target, healed)
    return healed


def _shown(period: str) -> SignedHead | None:
    """Return the checkpoint that the files show, if there is one that our key signed."""
    content = TileStore.of_period(period).read(CHECKPOINT)
    if content is None:
        return None
    try:
        origin = parse_note(content).text.partition("\n")[0]
        return verify_signed(content, log_verifiers(origin))
    except VerificationError:
        return None


@transaction.atomic(durable=True)
def _replay(
    period: str,
    target: TreeHead,
    signed: SignedHead | None,
    healed: Healed,
    *,
    is_last: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Read the missing entries from the bundles and write them as they were."""
    if not may_lead():
        raise LogDamaged("The log is being sequenced just now; stop the dispatcher and try again.")
    before = log_size()
    log = Log.objects.select_for_update().filter(period=period).first()
    if log is None:
        log = Log.objects.create(period=period, origin=target.origin, first=before)
    start = log.size
    frontier = Frontier.from_bytes(log.size, bytes(log.frontier))
    expected = {target.size: target.root}
    if signed:
        expected.setdefault(signed.head.size, signed.head.root)
    last = ""
    for entries in _bundles(period, start, target.size):
        for entry in entries:
            frontier.append(leaf_hash(entry))
            if expected.get(frontier.size, frontier.root()) != frontier.root():
                raise LogDamaged(
                    f"The bundles of {period} do not continue the {start} entries of the database "
                    f"to the root that was signed over {frontier.size}."
                )
        first = log.first + frontier.size - len(entries)
        last = _write_back(first, entries, healed)
    log.size, log.frontier = frontier.size, bytes(frontier)
    if last == PeriodClosed.name:
        log.status = PeriodState.CLOSING
    log.save(update_fields=["size", "frontier", "status"])
    checkpoint = _write_checkpoint(log, signed)
    if checkpoint and not is_last and log.status == PeriodState.CLOSING:
        log.status, log.closing_hash = PeriodState.CLOSED, hash_of_note(checkpoint.note)
        log.save(update_fields=["status", "closing_hash"])
    Cursor.objects.filter(next_index__gte=before).update(next_index=log.end)
    count = target.size - start
    replayed = HistoryReplayed(period=period, first=log.first + start, entries=count)
    record(replayed, by=by, at=at)
    healed.entries += count


def _bundles(period: str, start: int, size: int) -> Iterator[list[bytes]]:
    """Yield the entries from `start` to `size` of a log, as its bundles hold them."""
    reader = TileReader(TileStore.of_period(period), size)
    for index in range(start // WIDTH, -(-size // WIDTH)):
        width = min(size - WIDTH * index, WIDTH)
        try:
            entries = split_bundle(reader.content("entries", index, width))[:width]
        except VerificationError as error:
            raise LogDamaged(f"Bundle {index} of {period}: {error}") from error
        if len(entries) != width:
            raise LogDamaged(f"Bundle {index} of {period} lacks entries.")
        yield entries[max(0, start - WIDTH * index) :]


def _write_back(first: int, entries: list[bytes], healed: Healed) -> str:
    """Write entries, references and leaves; those still recorded only get their place."""
    documents = [json.loads(entry) for entry in entries]
    ids = [uuid.UUID(document["id"]) for document in documents]
    there = {row.id: row for row in Entry.objects.filter(id__in=ids)}
    for identity, data in zip(ids, entries, strict=True):
        if identity in there and bytes(there[identity].data) != data:
            raise LogDamaged(f"Entry {identity} was signed with other bytes than are recorded.")
    made = Entry.objects.bulk_create(
        _entry_of(identity, document, data)
        for identity, document, data in zip(ids, documents, entries, strict=True)
        if identity not in there
    )
    refs = [
        EntryRef(entry=entry, kind=kind, reference=reference)
        for entry in made
        for kind, reference in _refs_of(json.loads(bytes(entry.data)))
    ]
    EntryRef.objects.bulk_create(refs)
    healed.touched |= {(ref.kind, ref.reference) for ref in refs}
    rows = there | {entry.id: entry for entry in made}
    Leaf.objects.bulk_create(
        Leaf(index=first + place, entry=rows[identity], leaf_hash=bytes(rows[identity].leaf_hash))
        for place, identity in enumerate(ids)
    )
    Pending.objects.filter(entry__id__in=ids).delete()
    return str(documents[-1]["type"]) if documents else ""


def _entry_of(identity: uuid.UUID, document: dict[str, Any], data: bytes) -> Entry:
    subject = document["obj"]
    return Entry(
        id=identity,
        name=document["type"],
        version=document["ver"],
        occurred_at=datetime.fromisoformat(document["ts"]),
        actor=document["actor"],
        organization=document["org"],
        subject_kind=subject["t"],
        subject=subject["id"],
        request_id=document["req"],
        transaction=uuid.UUID(document["tx"]),
        data=data,
        leaf_hash=leaf_hash(data),
    )


def _refs_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the references of an entry; of an event unknown here, its subject only."""
    kind = REGISTRY.get(str(document["type"]))
    body, subject = document["body"], document["obj"]
    if kind and kind.version == document["ver"]:
        return list(kind.refs_in(body))
    return [(str(subject["t"]), str(subject["id"]))]


def _write_checkpoint(log: Log, signed: SignedHead | None) -> Checkpoint | None:
    """Keep the checkpoint that the files show, with its cosignatures."""
    content = TileStore.of_period(log.period).read(CHECKPOINT)
    if signed is None or content is None or signed.signed_at is None:
        return None
    text, _blank, tail = content.decode().rpartition("\n\n")
    lines = tail.splitlines()
    own = [line for line in lines if line.split(" ")[1] == log.origin]
    note = f"{text}\n\n" + "".join(f"{line}\n" for line in own)
    head = signed.head
    known = Checkpoint.objects.filter(log=log, size=head.size, note=note).first()
    if known:
        return known
    checkpoint = Checkpoint.objects.create(
        log=log, size=head.size, root=head.root, note=note, created_at=signed.signed_at
    )
    for signature in parse_note(content).signatures:
        if signature.name != log.origin:
            seconds = int.from_bytes(signature.signature[:_STAMP], "big")
            key_id = signature.key_id
            line = next(
                each
                for each, other in zip(lines, parse_note(content).signatures, strict=True)
                if other == signature
            )
            Cosignature.objects.create(
                checkpoint=checkpoint,
                name=signature.name,
                key_id=key_id.hex(),
                line=line,
                at=datetime.fromtimestamp(seconds, signed.signed_at.tzinfo),
            )
    return checkpoint


class _MendingStore(TileStore):
    """A folder in which other bytes than the right ones are replaced, and remembered."""

    mended: list[str]

    def write(self, path: str, content: bytes) -> None:
        """Put the right bytes where there are others or none."""
        if self.read(path) != content:
            self.replace(path, content)
            self.mended.append(path)


def _mend(log: Log, target: TreeHead, healed: Healed) -> None:
    """Write the log's files anew where they are lost or damaged, if the database gives the root."""
    frontier = Frontier()
    for _index, rows in leaves_by_tile(log, 0, target.size):
        for leaf, _entry in rows:
            frontier.append(leaf)
    if frontier.root() != target.root:
        raise LogDamaged(
            f"The database does not give the root that was signed over {target.size} entries of "
            f"{log.period}: neither it nor the files can be healed from it."
        )
    store = _MendingStore(TileStore.of_period(log.period).folder)
    store.mended = []
    if target.size:
        write_files(log, store, 0, target.size)
        _mend_partials(store)
        check_files(store, target, ())
    newest = latest_checkpoint(log)
    shown = store.read(CHECKPOINT)
    if newest and _shown(log.period) is None:
        store.write(CHECKPOINT, newest.published_note.encode())
    elif newest is None and shown:
        raise LogDamaged(f"A checkpoint of {log.period} is shown that the database does not have.")
    healed.files += [f"{log.period}/{path}" for path in store.mended]


def _mend_partials(store: _MendingStore) -> None:
    """Hold the earlier partial forms to the widest form of their tile, which is right by now."""
    widest: dict[str, tuple[int, str]] = {}
    partials: list[tuple[str, int]] = []
    for path in store.paths():
        base, is_partial, width = path.partition(".p/")
        if is_partial:
            partials.append((base, int(width)))
        here = (int(width) if is_partial else WIDTH, path)
        widest[base] = max(widest.get(base, here), here)
    for base, held in partials:
        content = store.read(widest[base][1]) or b""
        if base.startswith("tile/entries/"):
            expected = write_bundle(split_bundle(content)[:held])
        else:
            expected = content[: held * HASH_BYTES]
        store.write(f"{base}.p/{held}", expected)
