"""Cosignatures of witnesses under a checkpoint (C2SP tlog-cosignature): Ed25519 and ML-DSA-44.

A cosignature says: at this time, the largest tree I had seen of this log has this root, and it
continues every tree of the log that I saw before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from verify.checkpoint import COSIGNATURE, TIME_BYTES, TreeHead, cosigned_message, read_time
from verify.encoding import LARGEST_SIZE, write_base64
from verify.errors import VerificationError
from verify.note import (
    ED25519_KEY_BYTES,
    Note,
    check_name,
    check_strength,
    key_id_of,
    parse_note,
    split_vkey,
    write_vkey,
)

ED25519 = COSIGNATURE
MLDSA44 = 0x06
KEY_BYTES = {ED25519: ED25519_KEY_BYTES, MLDSA44: 1312}
SIGNATURE_BYTES = {ED25519: 64, MLDSA44: 2420}
_SUBTREE_LABEL = b"subtree/v1\n\0"
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Cosigner:
    """The public key of a witness and the name under which it signs."""

    name: str
    key_id: bytes
    algorithm: int
    public_key: bytes

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed exactly `message`."""
        kind = MLDSA44PublicKey if self.algorithm == MLDSA44 else Ed25519PublicKey
        try:
            kind.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Cosignature:
    """That `cosigner` vouched for a tree head, and when by its own clock."""

    cosigner: Cosigner
    at: datetime


def make_cosigner(name: str, algorithm: int, public_key: bytes) -> Cosigner:
    """Return the cosigner with this key; weak keys and unknown kinds are refused."""
    if KEY_BYTES.get(algorithm) != len(public_key):
        raise VerificationError("witness key is neither an Ed25519 nor an ML-DSA-44 key")
    check_name(name)
    if algorithm == ED25519:
        check_strength(public_key)
    else:
        _check_length(name)
    return Cosigner(name, key_id_of(name, public_key, algorithm), algorithm, public_key)


def parse_cosigner(vkey: str) -> Cosigner:
    """Read a witness's key, written `name+keyid+base64(type ‖ key)`."""
    name, algorithm, public_key = split_vkey(vkey)
    return make_cosigner(name, algorithm, public_key)


def write_cosigner(name: str, algorithm: int, public_key: bytes) -> str:
    """Write a witness's key as `name+keyid+base64(type ‖ key)`."""
    cosigner = make_cosigner(name, algorithm, public_key)
    return write_vkey(cosigner.name, cosigner.public_key, cosigner.algorithm)


def message_for(cosigner: Cosigner, head: TreeHead, timestamp: int) -> bytes:
    """Return the bytes that `cosigner` signs for `head` at `timestamp` (seconds since 1970)."""
    if not 0 <= timestamp <= LARGEST_SIZE:
        raise VerificationError("time of a cosignature is not in 0 … 2^63 - 1")
    if cosigner.algorithm == ED25519:
        return cosigned_message(head.body, timestamp)
    return b"".join(
        (
            _SUBTREE_LABEL,
            _with_length(cosigner.name),
            timestamp.to_bytes(8, "big"),
            _with_length(head.origin),
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def write_cosignature(cosigner: Cosigner, timestamp: int, signature: bytes) -> str:
    """Write the line, with its line end, that stands under the note."""
    value = cosigner.key_id + timestamp.to_bytes(TIME_BYTES, "big") + signature
    return f"\u2014 {cosigner.name} {write_base64(value)}\n"


def read_cosignatures(
    note: bytes | Note, head: TreeHead, cosigners: Iterable[Cosigner]
) -> tuple[Cosignature, ...]:
    """Return what `cosigners` state about `head` in `note`, in the order of its lines.

    Lines of other keys are ignored. A false signature of one of `cosigners`, or two of the same,
    condemn the whole note.
    """
    parsed = parse_note(note) if isinstance(note, bytes) else note
    if parsed.text != head.body:
        raise VerificationError("the cosigned note states another tree head")
    known = {(cosigner.name, cosigner.key_id): cosigner for cosigner in cosigners}
    found: dict[Cosigner, Cosignature] = {}
    for line in parsed.signatures:
        cosigner = known.get((line.name, line.key_id))
        if cosigner is None:
            continue
        if cosigner in found:
            raise VerificationError(f"note is cosigned twice by {cosigner.name}")
        found[cosigner] = Cosignature(cosigner, _read(line.signature, cosigner, head))
    return tuple(found.values())


def _read(value: bytes, cosigner: Cosigner, head: TreeHead) -> datetime:
    timestamp = int.from_bytes(value[:TIME_BYTES], "big")
    if (
        len(value) != TIME_BYTES + SIGNATURE_BYTES[cosigner.algorithm]
        or timestamp > LARGEST_SIZE
        or not cosigner.accepts(message_for(cosigner, head, timestamp), value[TIME_BYTES:])
    ):
        raise VerificationError(f"cosignature of {cosigner.name} does not fit the note")
    return read_time(timestamp)


def _with_length(text: str) -> bytes:
    value = _check_length(text)
    return bytes([len(value)]) + value


def _check_length(text: str) -> bytes:
    value = text.encode()
    if not 0 < len(value) <= _LONGEST_NAME:
        raise VerificationError("an ML-DSA-44 cosignature needs names of at most 255 bytes")
    return value
