"""Keys: where they lie, who may make them, and what is said where one cannot be used."""

import base64
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.exceptions import ImproperlyConfigured

from audit.log.actors import Actor
from audit.log.keyring import (
    PERSONS,
    KeyFiles,
    KeyRing,
    KeySetting,
    KeyUnavailable,
    Secret,
)
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.rotation import (
    NoRotation,
    begin_rotation,
    finish_rotation,
    log_signers,
    log_verifiers,
)
from audit.log.signing import get_signer, key_path, load_signer
from tests.log.writing import write_entries

BY = Actor.system("operation")
ORIGIN = "localhost/audit/2026"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


def pem(key: Any, encryption: Any = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))


def refusal(kind: type[Exception], act: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(kind) as refused:
        act(*arguments, **options)
    return str(refused.value)


def test_keys_have_their_files_and_names(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_LOG_ORIGIN = "exchange.example/audit"

    assert get_signer("contract").name == "exchange.example/contract"
    assert get_signer("log", origin="o.example/l").name == "o.example/l"
    assert key_path("contract") == tmp_path / "keys" / "contract.pem"
    assert get_signer("party/ORG-A").name == "exchange.example/party/ORG-A"
    settings.SIGNING_KEY_FILE = str(tmp_path / "given.pem")
    assert key_path("log") == tmp_path / "given.pem"
    assert key_path("contract") == tmp_path / "keys" / "contract.pem"
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.django_db
def test_before_there_is_a_log_its_key_has_the_name_of_this_year(at: datetime) -> None:
    assert get_signer("log").name.startswith("localhost/audit/20")
    write_entries(1, at)
    publish(at=at)

    assert get_signer("log").name == ORIGIN


def test_a_key_without_purpose_is_told() -> None:
    assert refusal(ValueError, get_signer, "other") == "no signing key is kept for 'other'"


def test_a_missing_key_is_told_with_what_to_do(settings: Any, tmp_path: Path) -> None:
    settings.GENERATE_KEYS = False

    told = refusal(ImproperlyConfigured, get_signer, "screening")

    assert told == (
        f"The signing key 'screening' is missing: {tmp_path}/keys/screening.pem does not exist. "
        "Put an Ed25519 key there (openssl genpkey -algorithm ed25519), or let it be made by "
        "setting GENERATE_KEYS."
    )
    assert get_signer("party/ORG-B")  # comes with each new member
    settings.GENERATE_KEYS = True
    settings.SIGNING_KEY_FILE = str(tmp_path / "log.pem")
    assert "'log' is missing" in refusal(ImproperlyConfigured, get_signer, "log", origin=ORIGIN)
    assert get_signer("screening")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no key", "cannot be read as an unencrypted PEM key."),
        (
            pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")),
            "cannot be read as an unencrypted PEM key.",
        ),
        (pem(generate_private_key(SECP256R1())), "is not an Ed25519 key."),
    ],
)
def test_a_file_that_is_no_such_key_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "keys").mkdir()
    file = tmp_path / "keys" / "appraisal.pem"
    file.write_bytes(content)

    told = refusal(ImproperlyConfigured, get_signer, "appraisal")

    assert told == f"The signing key 'appraisal' in {file} {words}"


def test_the_logs_key_is_read_again_when_its_file_was_replaced(tmp_path: Path) -> None:
    get_signer("log", origin=ORIGIN)  # makes it
    first = get_signer("log", origin=ORIGIN)
    assert get_signer("log", origin=ORIGIN) is first
    other = Ed25519PrivateKey.generate()
    (tmp_path / "new.pem").write_bytes(pem(other))
    (tmp_path / "new.pem").replace(key_path("log"))

    again = get_signer("log", origin=ORIGIN)

    assert again.public_key_bytes == other.public_key().public_bytes_raw()
    assert again.verifier.accepts(b"m", again.sign(b"m"))
    assert repr(again) == f"<Signer {again.verifier_key}>"


@pytest.mark.django_db
def test_each_stage_of_a_rotation_is_told(at: datetime, tmp_path: Path) -> None:
    assert refusal(NoRotation, finish_rotation, by=BY, at=at) == "No rotation is under way."
    write_entries(1, at)
    publish(at=at)
    same = tmp_path / "same.pem"
    same.write_bytes(key_path("log").read_bytes())
    told = refusal(NoRotation, begin_rotation, given=same, by=BY, at=at)
    assert told == "This is the key the log has already."
    begin_rotation(by=BY, at=at)
    told = refusal(NoRotation, begin_rotation, by=BY, at=at)
    assert told == "A rotation is under way already; finish it first."
    told = refusal(NoRotation, finish_rotation, by=BY, at=at)
    assert told == "No checkpoint carries both signatures yet; publish one first."
    assert [e.name for e in Entry.objects.filter(actor=BY.id)] == ["log.key.introduced"]


@pytest.mark.django_db
def test_every_key_that_ever_signed_is_known(at: datetime, tmp_path: Path) -> None:
    write_entries(1, at)
    publish(at=at)
    keys = [get_signer("log").verifier]
    for turn in range(2):
        begin_rotation(by=BY, at=at)
        assert len(log_signers(ORIGIN)) == 2
        later = at + timedelta(minutes=turn + 1)
        publish(at=later)
        finish_rotation(by=BY, at=later)
        keys.append(get_signer("log").verifier)

    assert len({key.public_key for key in keys}) == 3
    assert log_verifiers(ORIGIN) == [keys[2], keys[0], keys[1]]
    assert {key.name for key in log_verifiers("other.example/log")} == {"other.example/log"}
    lines = (tmp_path / "keys" / "log.retired").read_bytes().splitlines()
    assert [base64.b64decode(line) for line in lines] == [key.public_key for key in keys[:2]]
    [signer] = log_signers(ORIGIN)
    assert signer.verifier == keys[2]
    told = Entry.objects.filter(name="log.key.rotated")
    assert [entry.occurred_at for entry in told.order_by("position")] == [
        at + timedelta(minutes=1),
        at + timedelta(minutes=2),
    ]


@pytest.mark.django_db
def test_before_the_first_log_a_key_is_introduced_in_the_present_year(
    at: datetime, tmp_path: Path
) -> None:
    begin_rotation(by=BY, at=at)

    [entry] = Entry.objects.all()
    assert (entry.subject_kind, entry.subject) == ("period", "2026")
    assert load_signer("log", ORIGIN, tmp_path / "keys" / "log.next.pem")


def test_wrapping_keys_have_their_names(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path / "k", generate=True, mark=PERSONS)
    ring = KeyRing(files)

    assert [ring.rotate(), ring.rotate()] == ["pek-0002", "pek-0003"]
    assert ring.versions == ("pek-0001", "pek-0002", "pek-0003")
    assert repr(ring) == "<KeyRing pek-0001, pek-0002, pek-0003>"
    assert sorted(p.name for p in files.folder.iterdir()) == [
        f"pek-000{number}.key" for number in (1, 2, 3)
    ]
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    (files.folder / "pek-extra.key").write_bytes(base64.b64encode(bytes(32)))
    assert KeyRing(files).newest == "pek-extra"
    assert files.add() == "pek-0004"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "pek-extra.key").write_bytes(base64.b64encode(bytes(32)))
    assert KeyFiles(tmp_path / "own", generate=True, mark=PERSONS).add() == "pek-0001"
    assert KeyFiles(tmp_path / "k", generate=True).load().keys() == {"kek-0001"}


def test_what_is_wrong_with_a_wrapping_key_is_told(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path, generate=False)
    assert refusal(ImproperlyConfigured, files.load) == (
        f"No key-encryption key is in {tmp_path}. Put one there (openssl rand -base64 32 > "
        f"{tmp_path}/kek-0001.key), or set KEY_ENCRYPTION_KEYS."
    )
    assert refusal(ValueError, Secret, b"x" * 31) == "a key has 32 bytes"
    assert repr(Secret(bytes(32))) == "<Secret>"
    assert refusal(TypeError, Secret(bytes(32)).__reduce__) == "keys are not pickled"
    (tmp_path / "kek-0001.key").write_text("AAAA")
    assert refusal(ImproperlyConfigured, files.load) == (
        "key-encryption key kek-0001 is not 32 bytes in Base64"
    )
    (tmp_path / "kek-0001.key").rename(tmp_path / "kek-ä.key")
    assert refusal(ImproperlyConfigured, files.load) == (
        "a key-encryption key is called kek- or pek- and letters, digits, dots or dashes"
    )


def test_what_is_wrong_with_a_setting_is_told() -> None:
    one = base64.b64encode(os.urandom(32)).decode()
    for text in ("", f"kek-a:{one} kek-a:{one}"):
        assert refusal(ImproperlyConfigured, KeySetting(text).load) == (
            "KEY_ENCRYPTION_KEYS must hold pairs kek-…:<Base64>, each id once"
        )
    assert refusal(ImproperlyConfigured, KeySetting("", mark=PERSONS).load) == (
        "PERSONAL_KEYS must hold pairs pek-…:<Base64>, each id once"
    )
    ring = KeyRing(KeySetting(f"pek-a:{one}  pek-b:{one},", mark=PERSONS))
    assert ring.versions == ("pek-a", "pek-b")
    assert refusal(ImproperlyConfigured, ring.rotate) == (
        "keys come from PERSONAL_KEYS: add the new one there"
    )
    assert refusal(ImproperlyConfigured, ring.destroy, "pek-a") == (
        "keys come from PERSONAL_KEYS: remove pek-a there"
    )
    assert refusal(ValueError, ring.destroy, "pek-b") == "pek-b is in use; rotate first"


def test_what_does_not_open_is_told(tmp_path: Path) -> None:
    ring = KeyRing(KeyFiles(tmp_path, generate=True))
    _key, wrapped, key_id = ring.generate("TABLE", "OB-1")

    assert refusal(KeyUnavailable, ring.unwrap, wrapped, key_id, "TABLE", "OB-2") == (
        "the key of OB-2 does not open under kek-0001"
    )
    assert refusal(KeyUnavailable, ring.unwrap, wrapped, "kek-9", "TABLE", "OB-1") == (
        "kek-9 is not on the key ring"
    )
    assert refusal(KeyUnavailable, KeyFiles(tmp_path, generate=True).destroy, "kek-0002") == (
        "kek-0002"
    )


def test_a_destroyed_key_is_written_over_before_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = KeyFiles(tmp_path, generate=True)
    files.load()
    file = tmp_path / "kek-0001.key"
    size, synced = file.stat().st_size, []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(file.read_bytes()), sync(fd)))

    files.destroy("kek-0001")

    assert synced == [bytes(size)]
    assert not file.exists()
