"""Signed notes: the form in which the log states its size and root (C2SP signed-note)."""

from datetime import datetime

from verify.checkpoint import TreeHead, cosigned_message, cosigner_key_id
from verify.encoding import write_base64
from verify.note import check_name

from .signing import Signer


def make_note(text: str, *signers: Signer) -> str:
    """Return `text` with the signatures of `signers` under it."""
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends with a newline")
    lines = (
        _line(signer, signer.verifier.key_id, signer.sign(text.encode())) for signer in signers
    )
    return f"{text}\n{''.join(lines)}"


def make_checkpoint(head: TreeHead, *signers: Signer, at: datetime) -> str:
    """Return the checkpoint of `head`: signed by each key, and dated by each in a second line."""
    seconds = int(at.timestamp())
    note = make_note(head.body, *signers)
    for signer in signers:
        stamp = signer.sign(cosigned_message(head.body, seconds))
        key_id = cosigner_key_id(signer.name, signer.public_key_bytes)
        note += _line(signer, key_id, seconds.to_bytes(8, "big") + stamp)
    return note


def _line(signer: Signer, key_id: bytes, signature: bytes) -> str:
    check_name(signer.name)
    return f"\u2014 {signer.name} {write_base64(key_id + signature)}\n"
