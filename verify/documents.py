"""Documents of a bundle: whether the log states their digest, and whether signatures hold."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verify.encoding import parse_base64
from verify.errors import VerificationError
from verify.manifest import File, read_json
from verify.note import parse_vkey

STATED_IN = {
    "contract": ("trading.contract.drafted", "contract_sha256"),
    "certificate": ("trading.certificate.issued", "certificate_sha256"),
    "appraisal": ("pricing.appraisal.signed", "document_sha256"),
    "screening": ("compliance.screening.finished", "report_sha256"),
    "disclosure": ("disclosure.published", "document_sha256"),
    "decision": ("decision.taken", "document_sha256"),
    "evaluation": ("disclosure.evaluated", "document_sha256"),
    "algorithm_audit": ("audits.audit.reported", "report_sha256"),
    "audit_finding": ("audits.finding.raised", "finding_sha256"),
}
"""Which entry states the digest of a document, and in which field."""
BEFORE = {"disclosure": "disclosure.filed"}
"""Which entry stated it in earlier logs, in the same field."""
SAID_IN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "supervision": {"oversight.suspension.ordered": ("product", "reason", "legal_basis")},
    "evaluation_set": {"algorithms.set.sealed": ("task", "rows", "sha256", "commitment")},
    "algorithm_appeal": {
        "audits.appeal.lodged": ("algorithm", "disclosure", "decision", "wish"),
    },
    "alert": {
        "surveillance.alert.raised": ("rule", "facts_sha256", "measured", "threshold"),
        "surveillance.alert.told": ("rule", "organization"),
    },
}
"""Documents in words, which no entry names by digest: which entries say what of them."""
MOST_SIGNATURES = 16


@dataclass
class Held:
    """How much of the documents holds."""

    documents: int = 0
    in_log: int = 0
    signatures: int = 0


def check_document(
    file: File,
    content: bytes,
    *,
    entry: Mapping[str, Any] | None,
    contents: Mapping[str, bytes],
    held: Held,
) -> None:
    """Compare a document with the entry or the document that names its digest; try signatures.

    `contents` holds the files that others lean on. Where neither is named, only the manifest
    vouches for the document, which `held` shows.
    """
    digest = hashlib.sha256(content).hexdigest()
    held.documents += 1
    if entry is not None:
        _compare(file, content, digest, entry)
        held.in_log += 1
    elif file.named_in:
        if digest.encode() not in contents[file.named_in]:
            raise VerificationError(f"{file.path} is not the document that {file.named_in} names")
        held.in_log += 1
    if file.signatures:
        rows = read_json(contents[file.signatures], file.signatures)
        if not isinstance(rows, list) or not 0 < len(rows) <= MOST_SIGNATURES:
            raise VerificationError(f"{file.signatures} is not a list of signatures")
        for row in rows:
            _check_signature(file, content, digest, row)
            held.signatures += 1


def _compare(file: File, content: bytes, digest: str, entry: Mapping[str, Any]) -> None:
    body = entry.get("body")
    said = body if isinstance(body, dict) else {}
    if said.get(file.what) != file.reference:
        raise VerificationError(f"{file.path} is not what entry {file.index} is about")
    if file.what in SAID_IN:
        document = read_json(content, file.path)
        fields = SAID_IN[file.what].get(str(entry.get("type")), ())
        stated = bool(fields) and isinstance(document, dict)
        if not stated or any(document.get(name) != said.get(name) for name in fields):
            raise VerificationError(f"{file.path} says something else than entry {file.index}")
        _check_named(file, document, said)
        return
    kind, field = STATED_IN[file.what]
    known = {kind, BEFORE.get(file.what, kind)}
    if entry.get("type") not in known or said.get(field) != digest:
        raise VerificationError(f"{file.path} has not the digest that entry {file.index} states")


def _check_named(file: File, document: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Compare whom an alert names with the digest of them that its entry states."""
    if "subjects_sha256" not in said:
        return
    named = json.dumps(document.get("subjects")).encode()
    if hashlib.sha256(named).hexdigest() != said["subjects_sha256"]:
        raise VerificationError(f"{file.path} names others than entry {file.index}")


def _check_signature(file: File, content: bytes, digest: str, row: Any) -> None:
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise VerificationError(f"{file.signatures} is not written as signatures are")
    key, statement = row.get("key", ""), row.get("statement", "")
    signed = statement.encode() if statement else content
    if statement:
        named = read_json(signed, file.signatures)
        if not isinstance(named, dict) or named.get("sha256") != digest:
            raise VerificationError(f"a statement in {file.signatures} is of another document")
        if named.get("side") != row.get("side"):
            raise VerificationError(f"a statement in {file.signatures} is of another side")
    if file.what in {"contract", "certificate"} and key != _named_key(file, content, row):
        raise VerificationError(f"{file.path} names another key than signed it")
    if not parse_vkey(key).accepts(signed, parse_base64(row.get("signature", ""), "signature")):
        raise VerificationError(f"a signature in {file.signatures} does not hold")


def _named_key(file: File, content: bytes, row: Mapping[str, str]) -> object:
    """Return the key that a contract or certificate itself names for the side that signed."""
    document = read_json(content, file.path)
    side = row.get("side", "").lower()
    place = "issuer" if file.what == "certificate" else "exchange" if side == "platform" else side
    party = document.get(place) if isinstance(document, dict) else None
    return party.get("key") if isinstance(party, dict) else None
