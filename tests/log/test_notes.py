"""Keys, signed notes and checkpoints as the log makes them."""

import hashlib
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from audit.log.notes import make_checkpoint, make_note
from audit.log.signing import Signer, get_signer, verify_signature
from verify.checkpoint import TreeHead, cosigned_message, cosigner_key_id, verify_checkpoint
from verify.encoding import parse_hash, write_base64
from verify.note import verify_note, write_vkey

ROOT = parse_hash("4B9YXE597CesnqJsgjCQSAFr5f6heV/y9USNqhL+en0=", "root")
ORIGIN = "quanheng.example/audit"


@pytest.fixture(autouse=True)
def _own_keys(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


def signer_of(seed: bytes, name: str) -> Signer:
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
    return Signer(name, write_vkey(name, key.public_key().public_bytes_raw()), key)


def test_checkpoint_line_of_the_published_vector() -> None:
    log = signer_of(b"quanheng test log key", ORIGIN)

    note = make_note(TreeHead(ORIGIN, 70_000, ROOT).body, log)

    assert log.verifier_key == (
        "quanheng.example/audit+6f6ce11a+Ae/KAFI/9eVLdUSSMj4kO31jHGFB50wP7pSIjuQcXi7M"
    )
    assert note == (
        f"{ORIGIN}\n70000\n4B9YXE597CesnqJsgjCQSAFr5f6heV/y9USNqhL+en0=\n\n"
        f"— {ORIGIN} b2zhGq5slvcCRZQ2gqa6CW4uxc3mkW7XaNlNsGVK0fIJBDSR2vV4t9/15EENvUiEHdueixiwOt3"
        "5VujR+EmEaAkaUQU=\n"
    )


def test_timestamped_signature_of_the_published_vector() -> None:
    witness = signer_of(b"witness 1", "witness.example/w1")
    body = TreeHead(ORIGIN, 70_000, ROOT).body

    signature = witness.sign(cosigned_message(body, 1_700_000_000))

    key_id = cosigner_key_id(witness.name, witness.public_key_bytes)
    assert write_base64(key_id + (1_700_000_000).to_bytes(8, "big") + signature) == (
        "13REVAAAAABlU/EAMMcg8fA84g36fks5up4kVUJX6PLwen69HNJVUXzRCo4jcsiDy64+wuXU9A1Ply6hMPmDAAP0c8"
        "ihk7KwjNFaDg=="
    )


def test_checkpoint_carries_the_time_of_its_signing(at: datetime) -> None:
    signer = get_signer("log", origin=ORIGIN)
    head = TreeHead(signer.name, 7, ROOT)

    signed = verify_checkpoint(make_checkpoint(head, signer, at=at).encode(), signer.verifier)

    assert signed.head == head
    assert signed.signed_at == at
    assert signed.signed_at.tzinfo is UTC


def test_note_of_text_without_line_end_is_not_made() -> None:
    with pytest.raises(ValueError, match="newline"):
        make_note("text", get_signer("contract"))


def test_keys_are_made_once_and_readable_by_their_owner_only(
    settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    first = get_signer("party/ORG-2026-7K3M9QX2")
    again = get_signer("party/ORG-2026-7K3M9QX2")

    file = tmp_path / "keys" / "party" / "ORG-2026-7K3M9QX2.pem"
    assert first is again
    assert first.name == "localhost/party/ORG-2026-7K3M9QX2"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert verify_signature(first.verifier_key, b"text", first.sign(b"text"))
    assert not verify_signature(first.verifier_key, b"texts", first.sign(b"text"))
    assert not verify_signature(get_signer("contract").verifier_key, b"text", first.sign(b"text"))
    assert not verify_signature("nonsense", b"text", first.sign(b"text"))
    assert len(first.sign(b"text")) == 64


def test_a_missing_key_is_refused_where_keys_are_not_generated(
    settings: pytest.FixtureRequest,
) -> None:
    settings.GENERATE_KEYS = False  # type: ignore[attr-defined]

    with pytest.raises(ImproperlyConfigured, match="GENERATE_KEYS"):
        get_signer("appraisal")


def test_the_named_key_file_of_the_log_is_never_generated(
    settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.SIGNING_KEY_FILE = str(tmp_path / "log.pem")  # type: ignore[attr-defined]

    with pytest.raises(ImproperlyConfigured, match="does not exist"):
        get_signer("log", origin=ORIGIN)
    assert not (tmp_path / "log.pem").exists()


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "screening.pem").write_bytes(content)

    with pytest.raises(ImproperlyConfigured, match=r"screening\.pem"):
        get_signer("screening")


@pytest.mark.parametrize("purpose", ["", "other", "party/", "party/../log", "party/ORG-a", "/log"])
def test_no_key_is_made_for_other_purposes(tmp_path: Path, purpose: str) -> None:
    with pytest.raises(ValueError, match="no signing key"):
        get_signer(purpose)
    assert not (tmp_path / "keys").exists()


def test_rivals_agree_on_one_key(tmp_path: Path) -> None:
    script = "import sys, pathlib; from audit.log.signing import generate_key; "
    script += "sys.stdout.buffer.write(generate_key(pathlib.Path(sys.argv[1])))"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "."}
    rivals = [
        subprocess.Popen(  # noqa: S603  own script
            [sys.executable, "-c", script, str(tmp_path / "k.pem")],
            stdout=subprocess.PIPE,
            env=environment,
        )
        for _rival in range(4)
    ]

    keys = {rival.communicate()[0] for rival in rivals}

    assert keys == {(tmp_path / "k.pem").read_bytes()}


def test_the_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(get_signer("contract"))
    assert "Ed25519PrivateKey" not in repr(get_signer("contract"))


def test_notes_made_here_are_accepted_there(at: datetime) -> None:
    signer = get_signer("certificate")

    text, signed_by = verify_note(make_note("one\n\ntwo\n", signer).encode(), [signer.verifier])

    assert text == "one\n\ntwo\n"
    assert signed_by == (signer.verifier,)
