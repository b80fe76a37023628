"""Commitments to statements about persons: whether value and salt fit what the log holds.

An entry names nobody. Under `pii` it holds, for each statement about a person, the SHA-256 of a
fixed context, a salt of 32 random bytes and the statement in RFC 8785 form. Who was given value and
salt can prove what was said; once both are destroyed, nobody can find it out by guessing, which an
unsalted digest of a name or telephone number would allow.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from verify.errors import VerificationError

CONTEXT = b"quanheng/pii/v1\0"
SALT_SIZE = 32
LARGEST_ENTRY = 16_384
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32
_HASH = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


@dataclass(frozen=True)
class Opening:
    """A statement about a person, and the salt that opens its commitment."""

    name: str
    value: Any
    salt: bytes


def commitment_of(value: Any, salt: bytes) -> str:
    """Return the commitment to `value` under `salt`, in hexadecimal digits."""
    if len(salt) != SALT_SIZE:
        message = f"the salt has {len(salt)} bytes instead of {SALT_SIZE}"
        raise VerificationError(message)
    return hashlib.sha256(CONTEXT + salt + canonical_bytes(value)).hexdigest()


def verify_commitment(entry: bytes, opening: Opening) -> None:
    """Raise VerificationError unless `opening` is what the bytes of the entry commit to."""
    held = _commitments(entry).get(opening.name)
    if held is None:
        message = "the entry holds no commitment of that name"
        raise VerificationError(message)
    if not hmac.compare_digest(held, commitment_of(opening.value, opening.salt)):
        message = "value and salt are not what the entry commits to"
        raise VerificationError(message)


def parse_opening(text: bytes) -> Opening:
    """Read an opening: JSON with `name`, `value` and `salt` (64 hexadecimal digits)."""
    document = _object(text, "the opening")
    name, salt = document.get("name"), document.get("salt")
    if not isinstance(name, str) or not isinstance(salt, str) or "value" not in document:
        message = "the opening does not hold name, value and salt"
        raise VerificationError(message)
    if not _HASH.match(salt):
        message = "the salt is not 64 hexadecimal digits"
        raise VerificationError(message)
    return Opening(name=name, value=document["value"], salt=bytes.fromhex(salt))


def canonical_bytes(value: Any) -> bytes:
    """Write a value as RFC 8785 JSON; fractions are refused, for amounts are written as text."""
    try:
        return _write(value, 0).encode()
    except UnicodeEncodeError:
        message = "a text holds half of a character"
        raise VerificationError(message) from None


def _commitments(entry: bytes) -> dict[str, str]:
    if len(entry) > LARGEST_ENTRY:
        message = f"the entry has more than {LARGEST_ENTRY} bytes"
        raise VerificationError(message)
    held = _object(entry, "the entry").get("pii", {})
    if not isinstance(held, dict) or not all(
        isinstance(each, str) and _HASH.match(each) for each in held.values()
    ):
        message = "the entry's commitments are not written as 64 hexadecimal digits each"
        raise VerificationError(message)
    return held


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(text.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        message = f"{what} is not JSON"
        raise VerificationError(message) from error
    if not isinstance(document, dict):
        message = f"{what} is not a JSON object"
        raise VerificationError(message)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name stands twice in one object"
        raise VerificationError(message)
    return found


def _write(value: Any, depth: int) -> str:
    if depth > DEEPEST:
        message = f"the value is nested deeper than {DEEPEST}"
        raise VerificationError(message)
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        parts = (
            f"{_write(name, depth + 1)}:{_write(value[name], depth + 1)}"
            for name in sorted(value, key=lambda text: text.encode("utf-16-be", "surrogatepass"))
        )
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_write(item, depth + 1) for item in value) + "]"
    if value is None or isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        return str(value)
    message = "the value holds something that is not text, whole number, yes, no or nothing"
    raise VerificationError(message)
