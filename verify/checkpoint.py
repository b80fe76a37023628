"""Signed tree heads (C2SP tlog-checkpoint), and the time the log itself puts on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from verify.encoding import LARGEST_SIZE, parse_decimal, parse_hash, write_base64
from verify.errors import VerificationError
from verify.merkle import EMPTY_ROOT
from verify.note import Note, Verifier, check_name, key_id_of, parse_note, verify_note

COSIGNATURE = 0x04  # a timestamped Ed25519 signature (C2SP tlog-cosignature)
_BODY_LINES = 3
TIME_BYTES = 8


@dataclass(frozen=True)
class TreeHead:
    """What a checkpoint states: this log, this many entries, this root."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{write_base64(self.root)}\n"


@dataclass(frozen=True)
class SignedHead:
    """A tree head that the log's key signed, and when, if the log dated it."""

    head: TreeHead
    signed_at: datetime | None


def parse_body(text: str) -> TreeHead:
    """Read the three lines of a checkpoint's text; extension lines are refused."""
    lines = text.split("\n")
    if len(lines) != _BODY_LINES + 1 or lines[-1]:
        raise VerificationError("checkpoint is not three lines: origin, size, root")
    origin, size, root = lines[:_BODY_LINES]
    check_name(origin)
    head = TreeHead(origin, parse_decimal(size, "checkpoint size"), parse_hash(root, "root"))
    if not head.size and head.root != EMPTY_ROOT:
        raise VerificationError("checkpoint of an empty log has a root")
    return head


class Trust(Protocol):
    """Whose word on a log's head is taken: its keys, with or without witnesses (verify.policy)."""

    def check(self, note: bytes) -> SignedHead:
        """Return the head that `note` states, or refuse it."""
        ...


def verify_checkpoint(value: bytes, log: Verifier | Trust) -> SignedHead:
    """Return the tree head that `log` signed, its origin being the key's name."""
    return verify_signed(value, [log]) if isinstance(log, Verifier) else log.check(value)


def verify_signed(value: bytes, logs: Sequence[Verifier]) -> SignedHead:
    """Return the tree head that one of `logs` signed; a false signature of any condemns it."""
    text, signed = verify_note(value, logs)
    head = parse_body(text)
    if any(key.name != head.origin for key in signed):
        raise VerificationError("checkpoint is of another log than its key")
    note = parse_note(value)
    times = [time for key in signed if (time := _signed_at(note, key))]
    return SignedHead(head, min(times, default=None))


def cosigner_key_id(name: str, public_key: bytes) -> bytes:
    """Return the key id under which a key's timestamped signatures stand in a note."""
    return key_id_of(name, public_key, COSIGNATURE)


def cosigned_message(body: str, timestamp: int) -> bytes:
    """Return the bytes that a timestamped signature signs."""
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()


def read_time(seconds: int) -> datetime:
    """Return the time that a timestamped signature states."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise VerificationError("time stamp of a signature is no time") from error


def _signed_at(note: Note, log: Verifier) -> datetime | None:
    """Return the log's own time stamp, if it put one; a false one condemns the checkpoint."""
    key_id = cosigner_key_id(log.name, log.public_key)
    stamps: Iterable[bytes] = [
        line.signature for line in note.signatures if (line.name, line.key_id) == (log.name, key_id)
    ]
    times = [_read_stamp(stamp, note.text, log) for stamp in stamps]
    if len(times) > 1:
        raise VerificationError("checkpoint carries two times of its own log")
    return times[0] if times else None


def _read_stamp(stamp: bytes, body: str, log: Verifier) -> datetime:
    seconds = int.from_bytes(stamp[:TIME_BYTES], "big")
    if seconds > LARGEST_SIZE or not log.accepts(
        cosigned_message(body, seconds), stamp[TIME_BYTES:]
    ):
        raise VerificationError("time stamp of the checkpoint is not signed by its log")
    return read_time(seconds)
