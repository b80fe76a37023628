"""Evidence bundles checked without the exchange: every file, every proof, every signature.

The manifest is signed with the log's key and covers every byte of the archive. But the exchange
signed it, so nothing is believed for that alone: entries are proved into the checkpoint's tree,
documents against the digests that these entries state, signatures against the documents.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from verify.archive import Archive
from verify.chain import CLOSED, OPENED, check_link
from verify.documents import Held, check_document
from verify.errors import VerificationError
from verify.manifest import (
    DOCUMENTS,
    MANIFEST,
    PERIOD,
    SHARED,
    SIGNATURE,
    File,
    LogPart,
    Manifest,
    Stretch,
    is_time,
    parse_manifest,
    read_json,
    signed_text,
)
from verify.merkle import check_inclusion, leaf_hash
from verify.note import verify_note
from verify.policy import Policy, Witnessed
from verify.receipt import parse_receipt
from verify.shared import Rebuilding, Run, SharedProof, parse_shared_proof

MOST_RECEIPTS = 4096


@dataclass(frozen=True)
class BundleReport:
    """What a bundle was found to hold."""

    manifest: Manifest
    heads: Mapping[str, Witnessed]
    entries: int
    held: Held

    @property
    def proved(self) -> str:
        """What is proved, in one sentence."""
        return (
            f"the {self.entries} entries in the bundle {self.manifest.reference} of "
            f"{_scope(self.manifest)} stand at their places in {self._logs()};{self._whole()} "
            f"{self.held.in_log} of {self.held.documents} documents have the digest that the log "
            f"states, and {self.held.signatures} signatures under them hold; every byte of the "
            "file is as the log's key signed it"
        )

    @property
    def not_proved(self) -> str:
        """What is not, and nobody should read into it."""
        missing = "that entries tell the truth, or that everything was recorded"
        if self.manifest.kind == PERIOD:
            missing += "; that the exchange's clock, which dates the entries, was right"
        else:
            missing += f"; that these are all entries which concern {_scope(self.manifest)}"
        if rest := self.held.documents - self.held.in_log:
            missing += f"; that {rest} documents are in the log (only the exchange lists them)"
        return missing

    def _logs(self) -> str:
        return " and ".join(_describe(head) for head in self.heads.values())

    def _whole(self) -> str:
        if self.manifest.kind != PERIOD:
            return ""
        span = f"between {self.manifest.since} and {self.manifest.until}"
        whole = [each for each in self.manifest.stretches if each.count]
        if not whole:
            return (
                f" the log holds nothing dated {span}, for its entries around that time follow "
                "each other without a gap;"
            )
        parts = " and ".join(f"{each.first} to {each.end - 1} of {each.log}" for each in whole)
        return (
            f" nothing {span} was left out, for the indexes {parts} have no gap and their "
            "neighbors are dated outside;"
        )


def verify_bundle(path: Path, policy: Policy) -> BundleReport:
    """Check an evidence bundle; raises VerificationError naming the first thing that is wrong."""
    with path.open("rb") as file:
        return verify_bundle_file(file, policy)


def verify_bundle_file(file: BinaryIO, policy: Policy) -> BundleReport:
    """Check an evidence bundle that is open for reading."""
    archive = Archive(file)
    return _Checking(archive, _signed_manifest(archive, policy), policy).run()


def _signed_manifest(archive: Archive, policy: Policy) -> Manifest:
    """Return the manifest, which the key of one of the policy's logs signed for all the bytes."""
    value = archive.read(MANIFEST)
    text, _signers = verify_note(archive.read(SIGNATURE), [log.key for log in policy.logs])
    if text != signed_text(value):
        raise VerificationError("the manifest is not the one that was signed")
    manifest = parse_manifest(value)
    listed = [*(file.path for file in manifest.files), MANIFEST, SIGNATURE]
    if list(archive) != listed:
        unknown = sorted(set(archive) ^ set(listed))[:1]
        raise VerificationError(f"the archive does not hold what the manifest lists: {unknown}")
    stated = (manifest.archive_sha256, manifest.archive_bytes)
    if archive.digest_before(MANIFEST) != stated:
        raise VerificationError("bytes of the archive are not those that were signed")
    return manifest


@dataclass
class _OfLog:
    """One log of the bundle as far as it has been read."""

    part: LogPart
    note: bytes = b""
    head: Witnessed | None = None
    proof: SharedProof | None = None
    tree: Rebuilding | None = None
    runs: list[Run] = field(default_factory=list)
    unproved: dict[int, bytes] = field(default_factory=dict)
    count: int = 0


class _Checking:
    """One pass over the files in their order: checkpoints, proofs, entries, documents."""

    def __init__(self, archive: Archive, manifest: Manifest, policy: Policy) -> None:
        self.archive, self.manifest, self.policy = archive, manifest, policy
        self.logs = {label: _OfLog(part) for label, part in manifest.logs.items()}
        self.held = Held()
        self.wanted = {(f.log, f.index) for f in manifest.files if f.what in DOCUMENTS and f.log}
        for stretch in manifest.stretches:
            self.wanted |= {(stretch.log, stretch.first + step) for step in (-1, 0)}
            self.wanted |= {(stretch.log, stretch.end + step) for step in (-1, 0)}
        self.said: dict[tuple[str, int], bytes] = {}

    def run(self) -> BundleReport:
        contents: dict[str, bytes] = {}
        leaned_on = {f.signatures for f in self.manifest.files} | {
            f.named_in for f in self.manifest.files
        }
        documents: list[File] = []
        for file in self.manifest.files:
            content = self._content(file)
            if file.path in leaned_on:
                contents[file.path] = content
            if file.what in DOCUMENTS:
                documents.append(file)
            elif file.what not in {"guide", "key", "policy", "signatures"}:
                self._take(file, content)
        for log in self.logs.values():
            _finish(log)
        self._check_stretches()
        for file in documents:
            entry = self._entry(file)
            content = contents.get(file.path) or self._content(file)
            check_document(file, content, entry=entry, contents=contents, held=self.held)
        heads = {label: log.head for label, log in self.logs.items() if log.head}
        entries = sum(log.count for log in self.logs.values())
        return BundleReport(self.manifest, heads, entries, self.held)

    def _content(self, file: File) -> bytes:
        content = self.archive.read(file.path)
        if len(content) != file.size or _sha256(content) != file.sha256:
            raise VerificationError(f"{file.path} is not the file that the manifest lists")
        return content

    def _take(self, file: File, content: bytes) -> None:
        log = self.logs.get(file.log)
        if log is None:
            raise VerificationError(f"{file.path} is of no log")
        if file.what == "checkpoint":
            self._take_checkpoint(log, content)
            return
        if log.head is None:
            raise VerificationError(f"{file.path} stands before its checkpoint")
        if file.what == "proof":
            log.proof = parse_shared_proof(content, log.head.head.size)
            log.runs = list(log.proof.runs)
            log.tree = Rebuilding(log.proof, log.head.head.size)
        elif file.what == "entries":
            self._take_lines(log, file, content)
        elif file.what == "entry":
            self._take_entry(log, file, content)
        else:
            _take_receipt(log, file, content)

    def _take_checkpoint(self, log: _OfLog, content: bytes) -> None:
        log.note = content
        log.head = self.policy.check(content)
        head = log.head.head
        if (head.origin, head.size) != (log.part.origin, log.part.size):
            raise VerificationError(f"the checkpoint of {log.part.label} is another than listed")

    def _take_lines(self, log: _OfLog, file: File, content: bytes) -> None:
        """Lay the entries of one file, a line each, into the tree that is being rebuilt."""
        if log.tree is None or not content.endswith(b"\n"):
            raise VerificationError(f"{file.path} is not a list of entries with a proof before it")
        if log.tree.next_index != file.index:
            raise VerificationError(f"{file.path} does not begin at the index that is due")
        label, wanted = log.part.label, self.wanted
        for line in content[:-1].split(b"\n"):
            index = log.tree.take(leaf_hash(line))
            log.count += 1
            if (label, index) in wanted:
                self.said[label, index] = line

    def _take_entry(self, log: _OfLog, file: File, content: bytes) -> None:
        if log.tree is not None or file.index in log.unproved or log.count >= MOST_RECEIPTS:
            raise VerificationError(f"{file.path} does not belong here")
        log.unproved[file.index] = leaf_hash(content)
        log.count += 1
        if (log.part.label, file.index) in self.wanted:
            self.said[log.part.label, file.index] = content

    def _entry(self, file: File) -> Mapping[str, Any] | None:
        """Return the entry that a document leans on; it is proved by now."""
        if not file.log:
            return None
        return self._read_entry(file.log, file.index)

    def _read_entry(self, log: str, index: int) -> Mapping[str, Any]:
        if (log, index) not in self.said:
            raise VerificationError(f"entry {index} of {log} is not in the bundle")
        entry = read_json(self.said[log, index], f"entry {index}")
        if not isinstance(entry, dict):
            raise VerificationError(f"entry {index} is not an object")
        return entry

    def _check_stretches(self) -> None:
        """Prove of a period that nothing in it was left out, across logs where it spans several."""
        stretches = list(self.manifest.stretches)
        for place, stretch in enumerate(stretches):
            log = self.logs.get(stretch.log)
            if log is None or log.head is None:
                raise VerificationError("a stretch is of a log that is not in the bundle")
            size = log.head.head.size
            low = stretch.first - 1 if stretch.first else 0
            high = stretch.end + 1 if stretch.end < size else size
            if not any(run.first <= low and high <= run.end for run in log.runs):
                raise VerificationError("the period's entries have a gap, or a neighbor is missing")
            if place:
                self._check_succession(self.logs[stretches[place - 1].log], log, stretch.first)
            else:
                self._check_start(stretch)
            if place + 1 == len(stretches):
                self._check_end(stretch, size)
            elif stretch.end != size:
                raise VerificationError("the period goes on in another log before one's end")

    def _check_start(self, stretch: Stretch) -> None:
        if stretch.first:
            if self._dated(stretch.log, stretch.first - 1) >= self.manifest.since:
                raise VerificationError("the entry before the period is dated within it")
        elif self._type(stretch.log, 0) == OPENED:
            raise VerificationError("the log before the period's first is missing")

    def _check_end(self, stretch: Stretch, size: int) -> None:
        if stretch.end < size:
            if self._dated(stretch.log, stretch.end) < self.manifest.until:
                raise VerificationError("the entry after the period is dated within it")
        elif self._type(stretch.log, size - 1) == CLOSED:
            raise VerificationError("the log after the period's last is missing")

    def _check_succession(self, before: _OfLog, after: _OfLog, first: int) -> None:
        """Compare the end of one log with what the beginning of the next says of it."""
        if first or before.head is None:
            raise VerificationError("the period does not go on at the beginning of the next log")
        head = before.head.head
        if self._type(before.part.label, head.size - 1) != CLOSED:
            raise VerificationError(f"the log {head.origin} was not closed, but another follows")
        check_link(before.note, head, self.said.get((after.part.label, 0)))

    def _type(self, log: str, index: int) -> object:
        return self._read_entry(log, index).get("type")

    def _dated(self, log: str, index: int) -> str:
        stamp = self._read_entry(log, index).get("ts")
        if not is_time(stamp):
            raise VerificationError(f"entry {index} has no time")
        return str(stamp)


def _take_receipt(log: _OfLog, file: File, content: bytes) -> None:
    receipt = parse_receipt(content)
    leaf = log.unproved.pop(file.index, None)
    if leaf is None or log.head is None or receipt.index != file.index:
        raise VerificationError(f"{file.path} is the receipt of no entry before it")
    if receipt.checkpoint != log.note:
        raise VerificationError(f"{file.path} leans on another checkpoint than the bundle's")
    head = log.head.head
    check_inclusion(
        index=receipt.index, size=head.size, leaf=leaf, root=head.root, proof=receipt.proof
    )
    log.runs.append(Run(file.index, file.index + 1))


def _finish(log: _OfLog) -> None:
    """Refuse what is left unproved of a log."""
    if log.head is None or log.unproved:
        raise VerificationError(f"entries of {log.part.label} have no receipt")
    if log.tree and log.tree.root() != log.head.head.root:
        raise VerificationError(
            f"the entries of {log.part.label} do not give the root that its checkpoint states"
        )
    if log.count != log.part.entries or (log.part.form == SHARED and log.tree is None):
        raise VerificationError(f"the bundle does not hold what it says of {log.part.label}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _scope(manifest: Manifest) -> str:
    if manifest.kind == PERIOD:
        return "a period"
    return f"{manifest.kind.lower()} {manifest.subject}"


def _describe(head: Witnessed) -> str:
    words = f"the log {head.head.origin} of {head.head.size} entries, signed with the given key"
    if head.signed_at:
        words += f" at {head.signed_at:%Y-%m-%d %H:%M:%S} UTC by its own clock"
    if head.cosignatures:
        words += f" and cosigned by {len(head.cosignatures)} witnesses"
    return words
