"""The list of contents of an evidence bundle: what it is of, and every file with its digest."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from verify.archive import check_name
from verify.errors import VerificationError

TYPE = "quanheng.evidence-bundle.v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.note"
RECEIPTS, SHARED = "RECEIPTS", "SHARED"
PERIOD = "PERIOD"
SCOPES = frozenset({"ORDER", "PRODUCT", "ORGANIZATION", "ALGORITHM", PERIOD})
DOCUMENTS = (
    "contract",
    "certificate",
    "appraisal",
    "screening",
    "disclosure",
    "decision",
    "supervision",
    "evaluation",
    "evaluation_set",
    "algorithm_audit",
    "audit_finding",
    "algorithm_appeal",
    "alert",
)
PROOFS = ("guide", "key", "policy", "checkpoint", "proof", "entries", "entry", "receipt")
MAX_LOGS = 64
_LARGEST = 2**53
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
Made = TypeVar("Made")


@dataclass(frozen=True)
class LogPart:
    """What the bundle holds of one log, and in which form it is proved."""

    label: str
    origin: str
    size: int
    form: str
    entries: int


@dataclass(frozen=True)
class Stretch:
    """Indexes of one log, from `first` up to but without `end`, that a period claims whole."""

    log: str
    first: int
    end: int

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.end - self.first


@dataclass(frozen=True)
class File:
    """One file of the bundle. `log` and `index` say where its entry stands, or its document's."""

    path: str
    what: str
    size: int
    sha256: str
    log: str = ""
    index: int = -1
    reference: str = ""
    named_in: str = ""
    signatures: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a bundle says that it is; believed as far as the rest of the bundle bears it out."""

    reference: str
    kind: str
    subject: str
    since: str
    until: str
    made_at: str
    view: str
    logs: Mapping[str, LogPart]
    stretches: Sequence[Stretch]
    files: Sequence[File]
    archive_bytes: int
    archive_sha256: str


def signed_text(manifest: bytes) -> str:
    """Return the text that is signed for a manifest: never that of a checkpoint."""
    return f"{TYPE}\n{hashlib.sha256(manifest).hexdigest()}\n"


def parse_manifest(value: bytes) -> Manifest:
    """Read a manifest strictly."""
    document = read_json(value, MANIFEST)
    if _text(document, "type") != TYPE:
        raise VerificationError("the manifest is not that of an evidence bundle")
    scope, archive = _object(document, "scope"), _object(document, "archive")
    kind = _text(scope, "kind")
    logs = _rows(document, "logs", _log)
    labels = {part.label: part for part in logs}
    if kind not in SCOPES or not 0 < len(labels) == len(logs) <= MAX_LOGS:
        raise VerificationError("the manifest names an unknown scope, or no log")
    manifest = Manifest(
        reference=_text(document, "reference"),
        kind=kind,
        subject=_text(scope, "reference"),
        since=_time(scope, "since") if kind == PERIOD else "",
        until=_time(scope, "until") if kind == PERIOD else "",
        made_at=_time(document, "made_at"),
        view=_text(document, "view"),
        logs=labels,
        stretches=_rows(document, "stretches", _stretch),
        files=_rows(document, "files", _file),
        archive_bytes=_number(archive, "bytes"),
        archive_sha256=_digest(archive, "sha256"),
    )
    _check_files(manifest)
    return manifest


def read_json(value: bytes, what: str) -> Any:
    """Read JSON without repeated keys; raises VerificationError for whatever cannot be read."""
    try:
        return json.loads(value, object_pairs_hook=_pairs, parse_float=_refuse_number)
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"{what} cannot be read as JSON") from error


def _check_files(manifest: Manifest) -> None:
    names = {file.path: file for file in manifest.files}
    if len(names) != len(manifest.files) or names.keys() & {MANIFEST, SIGNATURE}:
        raise VerificationError("the manifest names a file twice")
    for file in manifest.files:
        if file.log and file.log not in manifest.logs:
            raise VerificationError(f"{file.path} is of a log that the manifest does not name")
        if (file.named_in or file.path) not in names or (file.signatures or file.path) not in names:
            raise VerificationError(f"{file.path} leans on a file that is not there")
        if file.named_in and not names[file.named_in].log:
            raise VerificationError(f"{file.path} leans on a file that leans on no entry")
    for part in manifest.logs.values():
        whats = [file.what for file in manifest.files if file.log == part.label]
        proofs = 1 if part.form == SHARED else 0
        if whats.count("checkpoint") != 1 or whats.count("proof") != proofs:
            raise VerificationError(f"the log {part.label} has no single checkpoint and proof")
    if bool(manifest.stretches) != (manifest.kind == PERIOD):
        raise VerificationError("only a period names a stretch of the log, and it has to")


def _log(row: Mapping[str, Any]) -> LogPart:
    form = _text(row, "form")
    if form not in {RECEIPTS, SHARED}:
        raise VerificationError("the manifest names an unknown form of proof")
    return LogPart(
        label=_text(row, "label"),
        origin=_text(row, "origin"),
        size=_number(row, "size"),
        form=form,
        entries=_number(row, "entries"),
    )


def _stretch(row: Mapping[str, Any]) -> Stretch:
    found = Stretch(_text(row, "log"), _number(row, "first"), _number(row, "end"))
    if found.first > found.end:
        raise VerificationError("a stretch of the log ends before it begins")
    return found


def _file(row: Mapping[str, Any]) -> File:
    what = _text(row, "what")
    if what not in {*DOCUMENTS, *PROOFS, "signatures"}:
        raise VerificationError("the manifest names an unknown kind of file")
    path = _text(row, "path")
    check_name(path)
    return File(
        path=path,
        what=what,
        size=_number(row, "size"),
        sha256=_digest(row, "sha256"),
        log=_text(row, "log") if "log" in row else "",
        index=_number(row, "index") if "index" in row else -1,
        reference=_text(row, "reference") if "reference" in row else "",
        named_in=_text(row, "named_in") if "named_in" in row else "",
        signatures=_text(row, "signatures") if "signatures" in row else "",
    )


def _rows(
    document: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], Made]
) -> list[Made]:
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise VerificationError(f"the manifest's {name} is not a list of objects")
    return [read(row) for row in rows]


def _object(document: Any, name: str) -> Mapping[str, Any]:
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise VerificationError(f"the manifest has no {name}")
    return found


def _text(row: Any, name: str) -> str:
    found = row.get(name) if isinstance(row, dict) else None
    if not isinstance(found, str) or not (found.isprintable() or not found):
        raise VerificationError(f"the manifest has no readable {name}")
    return found


def _number(row: Mapping[str, Any], name: str) -> int:
    found = row.get(name)
    if type(found) is not int or not 0 <= found <= _LARGEST:
        raise VerificationError(f"the manifest's {name} is not a number")
    return found


def _digest(row: Mapping[str, Any], name: str) -> str:
    found = _text(row, name)
    if not _DIGEST.match(found):
        raise VerificationError(f"the manifest's {name} is not a SHA-256")
    return found


def _time(row: Mapping[str, Any], name: str) -> str:
    found = _text(row, name)
    if not is_time(found):
        raise VerificationError(f"the manifest's {name} is not a time")
    return found


def is_time(text: object) -> bool:
    """Whether this is a time as entries write it; such texts sort by time."""
    return isinstance(text, str) and bool(_TIME.match(text))


def _pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(name)
        found[name] = value
    return found


def _refuse_number(text: str) -> None:
    raise ValueError(text)
