"""Receipts: the offline proof that an entry stands in the log (C2SP tlog-proof)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from verify.checkpoint import SignedHead, TreeHead, Trust, verify_checkpoint
from verify.encoding import parse_base64, parse_decimal, parse_hash, write_base64
from verify.errors import VerificationError
from verify.merkle import check_inclusion, leaf_hash
from verify.note import Verifier

HEADER = "c2sp.org/tlog-proof@v1"
MAX_RECEIPT_BYTES = 512 * 1024
MAX_PROOF_HASHES = 63
_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True)
class Receipt:
    """A receipt as written, not yet believed. `extra` holds the entry, if the log enclosed it."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True)
class Proved:
    """What a receipt proves."""

    entry: bytes
    index: int
    signed: SignedHead

    @property
    def head(self) -> TreeHead:
        """The tree head under which the entry stands."""
        return self.signed.head

    @property
    def signed_at(self) -> datetime | None:
        """When the log signed it, by its own clock."""
        return self.signed.signed_at


def write_receipt(
    *, index: int, proof: Sequence[bytes], checkpoint: str, extra: bytes | None = None
) -> str:
    """Write a receipt; `extra` encloses the entry, so that the receipt can be checked alone."""
    lines = [HEADER]
    if extra is not None:
        lines.append(_EXTRA + write_base64(extra))
    lines.append(f"{_INDEX}{index}")
    lines += map(write_base64, proof)
    return "\n".join(lines) + "\n\n" + checkpoint


def parse_receipt(value: bytes) -> Receipt:
    """Read a receipt strictly."""
    if len(value) > MAX_RECEIPT_BYTES:
        raise VerificationError("receipt is too large")
    try:
        content = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VerificationError("receipt is not UTF-8") from error
    head, blank, checkpoint = content.partition("\n\n")
    if not blank:
        raise VerificationError("receipt has no checkpoint")
    lines = head.split("\n")
    if lines.pop(0) != HEADER:
        raise VerificationError("this is not a receipt: its first line should be " + HEADER)
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = parse_base64(lines.pop(0).removeprefix(_EXTRA), "extra data")
    if not lines or not lines[0].startswith(_INDEX):
        raise VerificationError("receipt has no index")
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX), "index")
    if len(lines) > MAX_PROOF_HASHES:
        raise VerificationError("receipt has too many hashes")
    proof = tuple(parse_hash(line, "proof hash") for line in lines)
    return Receipt(index=index, proof=proof, checkpoint=checkpoint.encode(), extra=extra)


def verify_receipt(value: bytes, log: Verifier | Trust, entry: bytes | None = None) -> Proved:
    """Return what the receipt proves about `entry`, or about the entry it encloses."""
    receipt = parse_receipt(value)
    if entry is None:
        entry = receipt.extra
    if entry is None:
        raise VerificationError("receipt encloses no entry; give the entry's bytes as well")
    signed = verify_checkpoint(receipt.checkpoint, log)
    check_inclusion(
        index=receipt.index,
        size=signed.head.size,
        leaf=leaf_hash(entry),
        root=signed.head.root,
        proof=receipt.proof,
    )
    return Proved(entry, receipt.index, signed)
