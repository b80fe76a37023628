"""What a log sends to its witness: the size the witness saw last, a proof, a checkpoint."""

from dataclasses import dataclass

from verify.checkpoint import TreeHead
from verify.encoding import parse_decimal, parse_hash
from verify.errors import VerificationError
from verify.note import MAX_NOTE_BYTES, check_name, parse_note

MAX_PROOF_HASHES = 63
MAX_BODY_BYTES = MAX_NOTE_BYTES + 4096  # the note, the old size and 63 hashes
_OLD = "old "
_BODY_LINES = 3


@dataclass(frozen=True)
class Submission:
    """A request to cosign, as written and not yet believed."""

    old: int
    proof: tuple[bytes, ...]
    head: TreeHead
    note: bytes


def parse_submission(body: bytes) -> Submission:
    """Read the body of `add-checkpoint` strictly."""
    if len(body) > MAX_BODY_BYTES:
        raise VerificationError("request is too large")
    start, blank, note = body.partition(b"\n\n")
    if not blank:
        raise VerificationError("request has no checkpoint")
    try:
        first, *hashes = start.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise VerificationError("old size and proof are not ASCII") from error
    if not first.startswith(_OLD):
        raise VerificationError("request does not begin with the old size")
    if len(hashes) > MAX_PROOF_HASHES:
        raise VerificationError("proof has too many hashes")
    return Submission(
        old=parse_decimal(first.removeprefix(_OLD), "old size"),
        proof=tuple(parse_hash(line, "proof hash") for line in hashes),
        head=_read_head(parse_note(note).text),
        note=note,
    )


def _read_head(text: str) -> TreeHead:
    """Read a checkpoint's text; the root of an empty log is judged later, by the protocol's order.

    Extension lines are refused: an ML-DSA-44 cosignature would not cover them.
    """
    lines = text.split("\n")
    if len(lines) != _BODY_LINES + 1 or lines[-1]:
        raise VerificationError("checkpoint is not three lines: origin, size, root")
    origin, size, root = lines[:_BODY_LINES]
    check_name(origin)
    return TreeHead(origin, parse_decimal(size, "checkpoint size"), parse_hash(root, "root"))
