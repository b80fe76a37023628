"""Signed notes and Ed25519 verifier keys (C2SP signed-note), read strictly."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verify.encoding import parse_base64, write_base64
from verify.errors import VerificationError

ED25519 = 0x01
ED25519_KEY_BYTES = 32
MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 64
_DASH = "\u2014 "
_MARK = "\ufeff"  # the byte order mark that some editors put before a text
_NOT_IN_NAMES = f"+\x7f{_MARK}"
_KEY_ID = re.compile(r"[0-9a-f]{8}\Z", re.ASCII)
_FIELD_PRIME = 2**255 - 19
_ORDER_8_Y = 55188659117513257062467267217118295137698188065244968500265048394206261417927
# y coordinates of the eight points of small order; a key among them accepts foreign signatures.
_SMALL_ORDER_Y = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})


@dataclass(frozen=True)
class Verifier:
    """A public key and the name under which it signs."""

    name: str
    key_id: bytes
    public_key: bytes

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed exactly `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def renamed(self, name: str) -> "Verifier":
        """Return the same key as it signs under another name."""
        return Verifier(name, key_id_of(name, self.public_key), self.public_key)


@dataclass(frozen=True)
class NoteSignature:
    """One signature line of a note, not yet believed."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A text and the signature lines under it, not yet believed."""

    text: str
    signatures: tuple[NoteSignature, ...]


def key_id_of(name: str, public_key: bytes, algorithm: int = ED25519) -> bytes:
    """Return the four bytes that tell keys of one name apart."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()[:4]


def write_vkey(name: str, public_key: bytes, algorithm: int = ED25519) -> str:
    """Write a public key as `name+keyid+base64(type ‖ key)`."""
    check_name(name)
    encoded = write_base64(bytes([algorithm]) + public_key)
    return f"{name}+{key_id_of(name, public_key, algorithm).hex()}+{encoded}"


def parse_vkey(text: str) -> Verifier:
    """Read a log's key, written `name+keyid+base64(type ‖ key)`; only Ed25519, not weak ones."""
    name, algorithm, public_key = split_vkey(text)
    if algorithm != ED25519 or len(public_key) != ED25519_KEY_BYTES:
        message = "verifier key is not an Ed25519 key"
        raise VerificationError(message)
    check_strength(public_key)
    return Verifier(name=name, key_id=key_id_of(name, public_key), public_key=public_key)


def split_vkey(text: str) -> tuple[str, int, bytes]:
    """Return the name, the kind and the bytes of a written key, once its identifier fits them."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.match(parts[1]):  # noqa: PLR2004  the three parts above
        message = "verifier key is not written name+keyid+key"
        raise VerificationError(message)
    name, key_id, encoded = parts
    check_name(name)
    value = parse_base64(encoded, "verifier key")
    if not value:
        message = "verifier key is empty"
        raise VerificationError(message)
    if key_id_of(name, value[1:], value[0]).hex() != key_id:
        message = "verifier key's identifier does not belong to its key and name"
        raise VerificationError(message)
    return name, value[0], value[1:]


def check_strength(public_key: bytes) -> None:
    """Refuse an Ed25519 key of small order, or one not written in its shortest form."""
    y = int.from_bytes(public_key, "little") & ((1 << 255) - 1)
    if y >= _FIELD_PRIME or y in _SMALL_ORDER_Y:
        message = "verifier key is a weak Ed25519 key"
        raise VerificationError(message)


def check_name(name: str) -> None:
    """Refuse a key name that is empty or holds a blank, a control character or a plus sign."""
    if not name or any(c.isspace() or c < " " or c in _NOT_IN_NAMES for c in name):
        message = "key name is empty or holds a blank or a plus sign"
        raise VerificationError(message)
    if not _is_utf8(name):
        message = "key name is not UTF-8"
        raise VerificationError(message)


def parse_note(value: bytes) -> Note:
    """Read a note: text, blank line, signature lines; nothing before, between or after."""
    if len(value) > MAX_NOTE_BYTES:
        message = "note is too large"
        raise VerificationError(message)
    try:
        content = value.decode("utf-8")
    except UnicodeDecodeError as error:
        message = "note is not UTF-8"
        raise VerificationError(message) from error
    if content.startswith(_MARK) or any(c < " " and c != "\n" for c in content):
        message = "note holds control characters or begins with a byte order mark"
        raise VerificationError(message)
    head, blank, tail = content.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        message = "note has no signature lines"
        raise VerificationError(message)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        message = "note has too many signatures"
        raise VerificationError(message)
    return Note(text=head + "\n", signatures=tuple(_parse_signature(line) for line in lines))


def verify_note(value: bytes, verifiers: Iterable[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """Return the text and which of `verifiers` signed it.

    Signatures of unknown keys are ignored. A known key that signed wrongly or twice, and a note
    signed by none of the known keys, are refused whole.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    note = parse_note(value)
    signed: list[Verifier] = []
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        if verifier in signed:
            message = f"note is signed twice by {verifier.name}"
            raise VerificationError(message)
        if not verifier.accepts(note.text.encode(), line.signature):
            message = f"signature of {verifier.name} does not fit the note"
            raise VerificationError(message)
        signed.append(verifier)
    if not signed:
        message = "note is not signed by the expected key"
        raise VerificationError(message)
    return note.text, tuple(signed)


def _parse_signature(line: str) -> NoteSignature:
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank:
        message = "signature line is not written as a dash, a name and a signature"
        raise VerificationError(message)
    check_name(name)
    value = parse_base64(encoded, "signature")
    if len(value) < 5:  # noqa: PLR2004  four bytes of key id and something after them
        message = "signature is too short"
        raise VerificationError(message)
    return NoteSignature(name=name, key_id=value[:4], signature=value[4:])


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
