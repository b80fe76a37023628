"""Putting a bundle together: the files in their order, the manifest over them, its signature.

The same evidence gives the same bytes, apart from the time that stands in manifest and guide. A
few entries come one by one, each with its receipt (C2SP tlog-proof), so that any of them can be
handed on alone. Many, and every period, come as lines under one shared proof, which repeats
nothing and has a few kilobytes at most where the entries follow each other.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from audit.log.canonical import canonical
from audit.log.merkle import inclusion_proof
from audit.log.notes import make_note
from audit.log.signing import get_signer
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.states import EvidenceKind
from verify.archive import ArchiveWriter
from verify.manifest import MANIFEST, RECEIPTS, SHARED, SIGNATURE, TYPE, signed_text
from verify.merkle import subtrees
from verify.receipt import write_receipt
from verify.shared import gaps, write_shared_proof

from .exhibits import Exhibit
from .guide import guides_of
from .papers import read_paper
from .selection import Found, Part, Selection, request_of, viewer_of, watches

MOST_RECEIPTS = 256
LINES, PART_BYTES = 4096, 1024**2
Tell = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What goes into a bundle."""

    bundle: EvidenceBundle
    selection: Selection
    exhibits: Sequence[Exhibit]
    at: datetime

    @property
    def form(self) -> str:
        """Receipts for a few entries, one shared proof for many."""
        many = self.selection.count > MOST_RECEIPTS
        return SHARED if many or self.bundle.kind == EvidenceKind.PERIOD else RECEIPTS


@dataclass
class _Packing:
    """An archive under way, with what its manifest will say."""

    archive: ArchiveWriter
    contents: Contents
    tell: Tell
    files: list[dict[str, Any]] = field(default_factory=list)
    entries: int = 0

    def add(self, path: str, what: str, content: bytes, **more: str | int) -> None:
        self.archive.add(path, content)
        row = {"path": path, "what": what, "size": len(content), "sha256": _sha256(content)}
        self.files.append(row | more)

    def count(self, entries: int) -> None:
        self.entries += entries
        self.tell(self.entries)


def pack_bundle(file: BinaryIO, contents: Contents, *, tell: Tell) -> None:
    """Write the bundle into `file`; `tell` hears how many entries were written so far."""
    packing = _Packing(ArchiveWriter(file), contents, tell)
    for path, content in guides_of(contents).items():
        packing.add(path, "guide", content)
    keys = "".join(f"{part.log.key}\n" for part in contents.selection.parts)
    packing.add("log-key.txt", "key", keys.encode())
    packing.add("policy.txt", "policy", _policy(contents.selection))
    for part in contents.selection.parts:
        label = part.log.label
        packing.add(f"checkpoints/{label}", "checkpoint", part.log.note.encode(), log=label)
        write = _write_lines if contents.form == SHARED else _write_receipts
        write(packing, part)
    _write_exhibits(packing)
    _write_manifest(packing)
    packing.archive.finish()


def _write_receipts(packing: _Packing, part: Part) -> None:
    log = part.log
    for entry in part.entries():
        index = entry.index - log.first
        proof = inclusion_proof(index, log.size, log.node)
        receipt = write_receipt(index=index, proof=proof, checkpoint=log.note)
        where: dict[str, str | int] = {"log": log.label, "index": index}
        packing.add(f"entries/{entry.id}.json", "entry", entry.data, **where)
        packing.add(f"receipts/{entry.id}.tlog-proof", "receipt", receipt.encode(), **where)
        packing.count(1)


def _write_lines(packing: _Packing, part: Part) -> None:
    log = part.log
    hashes = [
        log.node(level, index)
        for gap in gaps(part.runs, log.size)
        for level, index in subtrees(*gap)
    ]
    proof = write_shared_proof(part.runs, hashes)
    packing.add(f"proofs/{log.label}", "proof", proof.encode(), log=log.label)
    lines: list[bytes] = []
    first = size = 0
    for entry in part.entries():
        line = _line(entry)
        if lines and (len(lines) >= LINES or size + len(line) > PART_BYTES):
            _write_part(packing, part, first, lines)
            lines, size = [], 0
        if not lines:
            first = entry.index - log.first
        lines.append(line)
        size += len(line)
    if lines:
        _write_part(packing, part, first, lines)


def _write_part(packing: _Packing, part: Part, first: int, lines: Sequence[bytes]) -> None:
    path = f"entries/{part.log.label}/{first:012d}.jsonl"
    where: dict[str, str | int] = {
        "log": part.log.label,
        "index": first,
        "count": len(lines),
    }
    packing.add(path, "entries", b"".join(lines), **where)
    packing.count(len(lines))


def _line(entry: Found) -> bytes:
    """Return an entry's exact bytes as a line; canonical JSON never holds a line end."""
    if b"\n" in entry.data:
        raise ValueError(f"entry {entry.id} is not written on one line")
    return entry.data + b"\n"


def _write_exhibits(packing: _Packing) -> None:
    for exhibit in packing.contents.exhibits:
        paper = read_paper(exhibit.what, exhibit.reference, told_to=exhibit.told_to)
        more: dict[str, str | int] = {"reference": exhibit.reference}
        part = _part_of(packing.contents.selection, exhibit.index)
        if part and exhibit.index is not None:
            more |= {"log": part.log.label, "index": exhibit.index - part.log.first}
        if exhibit.named_in:
            more["named_in"] = exhibit.named_in
        if paper.signatures:
            more["signatures"] = exhibit.signatures_path
        packing.add(exhibit.path, exhibit.what, paper.content, **more)
        if paper.signatures:
            signatures = _json_list(paper.signatures)
            said = {"reference": exhibit.reference}
            packing.add(exhibit.signatures_path, "signatures", signatures, **said)


def _write_manifest(packing: _Packing) -> None:
    contents, archive = packing.contents, packing.archive
    bundle = contents.bundle
    manifest = canonical(
        {
            "type": TYPE,
            "reference": bundle.reference,
            "exchange": settings.EXCHANGE_NAME,
            "made_at": entry_time(contents.at),
            "requested_by": bundle.organization.reference,
            "requested_at": entry_time(bundle.requested_at),
            "request": str(request_of(bundle).id),
            "purpose": bundle.purpose,
            "view": "ALL" if watches(viewer_of(bundle)) else "PARTY",
            "scope": {
                "kind": bundle.kind,
                "reference": bundle.subject,
                "since": entry_time(bundle.since) if bundle.since else "",
                "until": entry_time(bundle.until) if bundle.until else "",
            },
            "logs": [
                {
                    "label": part.log.label,
                    "origin": part.log.origin,
                    "key": part.log.key,
                    "size": part.log.size,
                    "form": contents.form,
                    "entries": part.count,
                }
                for part in contents.selection.parts
            ],
            "stretches": [
                {"log": each.log, "first": each.first, "end": each.end}
                for each in contents.selection.stretches
            ],
            "archive": {"bytes": archive.size, "sha256": archive.sha256},
            "files": packing.files,
        }
    )
    last = contents.selection.parts[-1]
    archive.add(MANIFEST, manifest, pack=False)
    note = make_note(signed_text(manifest), get_signer("log", origin=last.log.origin))
    archive.add(SIGNATURE, note.encode(), pack=False)


def entry_time(at: datetime) -> str:
    """Return an instant as entries write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _policy(selection: Selection) -> bytes:
    """Return the policy this exchange publishes, or one that asks for the log's keys alone."""
    file = getattr(settings, "AUDIT_POLICY_FILE", "")
    if file:
        return Path(file).read_bytes()
    lines = [*(f"log {part.log.key}" for part in selection.parts), "quorum none"]
    return "".join(f"{line}\n" for line in lines).encode()


def _part_of(selection: Selection, index: int | None) -> Part | None:
    """Return the part of the selection that holds an entry of the whole."""
    for part in selection.parts:
        if index is not None and part.log.first <= index < part.log.end:
            place = index - part.log.first
            return part if any(run.first <= place < run.end for run in part.runs) else None
    return None


def _json_list(rows: Sequence[Mapping[str, str]]) -> bytes:
    return b"[" + b",".join(canonical(row) for row in rows) + b"]"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
