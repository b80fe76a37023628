"""Cosignatures: the published and the reproducible vectors, and everything that is not one."""

import base64
import hashlib
import struct
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verify.making import LOG, PUBLIC, checkpoint
from tests.verify.witnessing import PQ, W1, W2, Witness
from verify.checkpoint import TreeHead, verify_checkpoint
from verify.cosignature import (
    ED25519,
    MLDSA44,
    Cosignature,
    message_for,
    parse_cosigner,
    read_cosignatures,
    write_cosignature,
    write_cosigner,
)
from verify.errors import VerificationError
from verify.merkle import leaf_hash, root_of
from verify.note import parse_vkey, write_vkey

HEAD = TreeHead(LOG.name, 70_000, hashlib.sha256(b"root").digest())
NOTE = checkpoint(HEAD.size, HEAD.root)
AT = 1_700_000_000
TIME = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_the_reproducible_log_of_70000_entries() -> None:
    log_key = Ed25519PrivateKey.from_private_bytes(
        hashlib.sha256(b"quanheng test log key").digest()
    )
    witness = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"witness 1").digest())
    entries = (b'{"seq":%d,"type":"test"}' % number for number in range(70_000))
    name = "quanheng.example/audit"
    vkey = write_vkey(name, log_key.public_key().public_bytes_raw())
    wkey = write_cosigner("witness.example/w1", ED25519, witness.public_key().public_bytes_raw())

    head = TreeHead(name, 70_000, root_of(map(leaf_hash, entries)))
    log_line = parse_vkey(vkey).key_id + log_key.sign(head.body.encode())
    cosigner = parse_cosigner(wkey)
    line = write_cosignature(cosigner, AT, witness.sign(message_for(cosigner, head, AT)))

    assert base64.b64encode(head.root) == b"4B9YXE597CesnqJsgjCQSAFr5f6heV/y9USNqhL+en0="
    assert vkey == "quanheng.example/audit+6f6ce11a+Ae/KAFI/9eVLdUSSMj4kO31jHGFB50wP7pSIjuQcXi7M"
    assert base64.b64encode(log_line).decode() == (
        "b2zhGq5slvcCRZQ2gqa6CW4uxc3mkW7XaNlNsGVK0fIJBDSR2vV4t9/15EENvUiEHdueixiwOt35VujR+EmEaAkaUQU="
    )
    assert wkey == "witness.example/w1+d7744454+BPck7Ua4dLPhmJVWe2MJG+7FPf0ffZ5EmxoPjVCX221W"
    assert line == (
        "— witness.example/w1 13REVAAAAABlU/EAMMcg8fA84g36fks5up4kVUJX6PLwen69HNJVUXzRCo4jcsiDy64+"
        "wuXU9A1Ply6hMPmDAAP0c8ihk7KwjNFaDg==\n"
    )
    note = f"{head.body}\n— {name} {base64.b64encode(log_line).decode()}\n{line}".encode()
    assert verify_checkpoint(note, parse_vkey(vkey)).head == head
    assert read_cosignatures(note, head, [cosigner]) == (Cosignature(cosigner, TIME),)


def test_both_kinds_are_read() -> None:
    note = NOTE + W1.sign(HEAD, AT) + PQ.sign(HEAD, AT + 1)

    found = read_cosignatures(note.encode(), HEAD, [PQ.cosigner, W1.cosigner, W2.cosigner])

    assert [(each.cosigner, each.at) for each in found] == [
        (W1.cosigner, TIME),
        (PQ.cosigner, TIME.replace(second=21)),
    ]


def test_the_signed_bytes_are_those_of_the_format() -> None:
    name, origin = PQ.cosigner.name.encode(), HEAD.origin.encode()

    assert message_for(W1.cosigner, HEAD, AT) == (
        f"cosignature/v1\ntime {AT}\n{HEAD.body}".encode()
    )
    assert message_for(PQ.cosigner, HEAD, AT) == (
        b"subtree/v1\n\0"
        + struct.pack(">B", len(name)) + name
        + struct.pack(">Q", AT)
        + struct.pack(">B", len(origin)) + origin
        + struct.pack(">QQ", 0, 70_000)
        + HEAD.root
    )  # fmt: skip
    assert (
        PQ.cosigner.key_id
        == (hashlib.sha256(name + b"\n\x06" + PQ.cosigner.public_key).digest()[:4])
    )
    sizes = {
        len(base64.b64decode(witness.sign(HEAD, AT).split(" ")[2])) - 4 for witness in (W1, PQ)
    }
    assert sizes == {72, 2428}


@pytest.mark.parametrize("witness", [W1, PQ], ids=["Ed25519", "ML-DSA-44"])
def test_false_cosignatures_of_known_witnesses_condemn_the_note(witness: Witness) -> None:
    line = witness.sign(HEAD, AT)
    signature = base64.b64decode(line.split(" ")[2])[12:]
    other = TreeHead(LOG.name, 70_001, HEAD.root)
    later = signature[:-1] + bytes([signature[-1] ^ 1])
    false = {
        "another head": witness.sign(other, AT),
        "another time": write_cosignature(witness.cosigner, AT + 1, signature),
        "a changed bit": write_cosignature(witness.cosigner, AT, later),
        "too short": write_cosignature(witness.cosigner, AT, signature[:-1]),
        "too long": write_cosignature(witness.cosigner, AT, signature + b"\0"),
        "nothing": write_cosignature(witness.cosigner, AT, b""),
        "beyond the largest time": write_cosignature(witness.cosigner, 2**63, signature),
        "twice": line * 2,
        "no time": witness.sign(HEAD, 2**62),
    }

    for lines in false.values():
        with pytest.raises(VerificationError):
            read_cosignatures((NOTE + lines).encode(), HEAD, [witness.cosigner])
        assert read_cosignatures((NOTE + lines).encode(), HEAD, [W2.cosigner]) == ()


def test_a_note_of_another_head_is_refused() -> None:
    with pytest.raises(VerificationError, match="another tree head"):
        read_cosignatures(NOTE.encode(), TreeHead(LOG.name, 1, HEAD.root), [W1.cosigner])


@pytest.mark.parametrize("witness", [W1, PQ], ids=["Ed25519", "ML-DSA-44"])
def test_keys_are_read_as_written(witness: Witness) -> None:
    assert parse_cosigner(witness.vkey) == witness.cosigner
    for wrong in (
        witness.vkey + " ",
        witness.vkey[:-4],
        witness.vkey.replace("+", "-", 1),
        witness.vkey.replace("example", "sample"),
        write_vkey("a.example", witness.cosigner.public_key, 0x05),
        write_vkey("a.example", witness.cosigner.public_key[:-1], witness.cosigner.algorithm),
        write_vkey("a.example", b"", witness.cosigner.algorithm),
    ):
        with pytest.raises(VerificationError):
            parse_cosigner(wrong)


ORDER_8 = 55188659117513257062467267217118295137698188065244968500265048394206261417927


@pytest.mark.parametrize("sign_bit", [0, 1])
@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, ORDER_8, 2**255 - 19 - ORDER_8, 2**255 - 19])
def test_weak_keys_are_refused(y: int, sign_bit: int) -> None:
    public_key = (y | sign_bit << 255).to_bytes(32, "little")

    with pytest.raises(VerificationError, match="weak"):
        parse_cosigner(write_vkey("a.example", public_key, ED25519))


def test_log_keys_are_no_witness_keys_and_the_other_way_round() -> None:
    with pytest.raises(VerificationError):
        parse_cosigner(write_vkey("a.example", PUBLIC))
    with pytest.raises(VerificationError):
        parse_vkey(W1.vkey)


def test_names_too_long_for_their_length_byte_are_refused() -> None:
    with pytest.raises(VerificationError, match="255"):
        write_cosigner("n" * 256, MLDSA44, PQ.cosigner.public_key)
    with pytest.raises(VerificationError, match="255"):
        message_for(PQ.cosigner, TreeHead("o" * 256, 1, HEAD.root), AT)
    for timestamp in (-1, 2**63):
        with pytest.raises(VerificationError, match="time"):
            message_for(W1.cosigner, HEAD, timestamp)
