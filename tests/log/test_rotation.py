"""The log's key changes without a break: both sign for a while, then the new one alone."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from audit.log import rotation
from audit.log.actors import Actor
from audit.log.healing import heal
from audit.log.inspection import inspect
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.receipts import receipt_for
from audit.log.rotation import NoRotation, begin_rotation, finish_rotation, log_verifiers
from audit.log.signing import get_signer
from tests.log.writing import write_entries
from verify.checkpoint import verify_checkpoint
from verify.errors import VerificationError
from verify.note import parse_vkey
from verify.receipt import verify_receipt

BY = Actor.system("operation")
ORIGIN = "localhost/audit/2026"


@pytest.fixture(autouse=True)
def _own_keys(settings: pytest.FixtureRequest, tmp_path: Path, db: None) -> None:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]


@pytest.fixture
def folder() -> Iterator[Path]:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def test_a_rotation_from_beginning_to_end(folder: Path, tmp_path: Path, at: datetime) -> None:
    [entry] = write_entries(1, at)
    publish(at=at)
    early = receipt_for(entry).encode()

    keys = begin_rotation(by=BY, at=at)
    publish(at=at)

    old, new = parse_vkey(keys.old), parse_vkey(keys.new)
    both = (folder / "checkpoint").read_bytes()
    assert [verify_checkpoint(both, key).signed_at for key in (old, new)] == [at, at]
    assert verify_receipt(receipt_for(entry).encode(), new)
    assert inspect().findings == []

    assert finish_rotation(by=BY, at=at) == keys
    publish(at=at + timedelta(seconds=1))

    alone = (folder / "checkpoint").read_bytes()
    assert verify_checkpoint(alone, new)
    with pytest.raises(VerificationError, match="not signed by the expected key"):
        verify_checkpoint(alone, old)
    assert verify_receipt(early, old)
    assert get_signer("log").verifier_key == keys.new
    assert log_verifiers(ORIGIN) == [new, old]
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["log.pem", "log.retired"]
    rows = Entry.objects.filter(name__startswith="log.key").order_by("position")
    told = [json.loads(bytes(row.data)) for row in rows]
    assert [document["type"] for document in told] == ["log.key.introduced", "log.key.rotated"]
    for document in told:
        assert document["body"] == {"period": "2026", "old_key": keys.old, "new_key": keys.new}
    assert inspect().findings == []
    assert heal(by=BY, at=at).files == []


def test_a_given_key_is_taken(folder: Path, tmp_path: Path, at: datetime) -> None:
    key = Ed25519PrivateKey.generate()
    given = tmp_path / "given.pem"
    given.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    keys = begin_rotation(given=given, by=BY, at=at)

    assert parse_vkey(keys.new).public_key == key.public_key().public_bytes_raw()
    assert (tmp_path / "keys" / "log.next.pem").stat().st_mode & 0o777 == 0o600


def test_what_does_not_fit_the_stage_is_refused(folder: Path, tmp_path: Path, at: datetime) -> None:
    with pytest.raises(NoRotation, match="under way"):
        finish_rotation(by=BY, at=at)
    write_entries(1, at)
    publish(at=at)
    with pytest.raises(NoRotation, match="already"):
        begin_rotation(given=tmp_path / "keys" / "log.pem", by=BY, at=at)
    (tmp_path / "bad.pem").write_text("no key")
    with pytest.raises(ImproperlyConfigured):
        begin_rotation(given=tmp_path / "bad.pem", by=BY, at=at)
    assert not (tmp_path / "keys" / "log.next.pem").exists()
    begin_rotation(by=BY, at=at)
    with pytest.raises(NoRotation, match="finish it first"):
        begin_rotation(by=BY, at=at)
    with pytest.raises(NoRotation, match="both signatures"):
        finish_rotation(by=BY, at=at)


def test_a_crash_on_the_way_is_made_good(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(1, at)
    keys = begin_rotation(by=BY, at=at)
    publish(at=at)
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "write_base64", lambda _key: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            finish_rotation(by=BY, at=at)
    publish(at=at)

    assert finish_rotation(by=BY, at=at) == keys
    assert Entry.objects.filter(name="log.key.rotated").count() == 1


def test_the_command_leads_through_it(folder: Path, at: datetime) -> None:
    write_entries(1, at)
    output = StringIO()

    call_command("rotate_log_key", stdout=output)
    with pytest.raises(CommandError, match="both signatures"):
        call_command("rotate_log_key", "--finish", stdout=output)
    publish(at=at)
    call_command("rotate_log_key", "--finish", stdout=output)

    assert output.getvalue().count(f"new key: {get_signer('log').verifier_key}") == 2
    assert "The old key is retired" in output.getvalue()
