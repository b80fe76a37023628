"""The key ring: where keys come from, what they open, and that they never show."""

import base64
import logging
import os
import pickle
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from exchange.vault.keys import (
    KeyFiles,
    KeyRing,
    KeySetting,
    KeyUnavailable,
    Secret,
    get_key_ring,
)


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "keys", generate=True)


def test_the_first_key_is_made_where_that_is_allowed(files: KeyFiles) -> None:
    ring = KeyRing(files)

    assert ring.versions == ("kek-0001",)
    path = files.folder / "kek-0001.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(path.read_text())) == 32
    assert KeyRing(files).versions == ("kek-0001",)
    assert list(files.folder.glob(".kek-*")) == []


def test_no_key_is_made_in_production(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="openssl rand"):
        KeyRing(KeyFiles(tmp_path, generate=False))

    assert list(tmp_path.iterdir()) == []


def test_two_processes_that_start_together_share_one_key(files: KeyFiles) -> None:
    first = KeyRing(files)

    files._make("kek-0001")  # the rival comes second

    _key, wrapped, key_id = first.generate("TABLE", "OB-1")
    assert KeyRing(files).unwrap(wrapped, key_id, "TABLE", "OB-1")


def test_a_wrapped_key_opens_for_its_object_only(files: KeyFiles) -> None:
    ring = KeyRing(files)
    key, wrapped, key_id = ring.generate("ORIGINAL", "OB-1")

    assert ring.unwrap(wrapped, key_id, "ORIGINAL", "OB-1").reveal() == key.reveal()
    for purpose, object_id in (("TABLE", "OB-1"), ("ORIGINAL", "OB-2")):
        with pytest.raises(KeyUnavailable):
            ring.unwrap(wrapped, key_id, purpose, object_id)
    with pytest.raises(KeyUnavailable, match="not on the key ring"):
        ring.unwrap(wrapped, "kek-9999", "ORIGINAL", "OB-1")
    flipped = base64.b64encode(bytes([base64.b64decode(wrapped)[0] ^ 1]) + b"x" * 59).decode()
    for broken in (flipped, "", "no base64!"):
        with pytest.raises(KeyUnavailable):
            ring.unwrap(broken, key_id, "ORIGINAL", "OB-1")


def test_rotation_keeps_old_objects_readable_until_the_old_key_is_destroyed(
    files: KeyFiles,
) -> None:
    ring = KeyRing(files)
    key, wrapped, old = ring.generate("TABLE", "OB-1")

    new = ring.rotate()
    rewrapped, key_id = ring.rewrap(wrapped, old, "TABLE", "OB-1")

    assert (old, new, key_id) == ("kek-0001", "kek-0002", "kek-0002")
    assert ring.unwrap(wrapped, old, "TABLE", "OB-1").reveal() == key.reveal()
    ring.destroy(old)
    assert ring.unwrap(rewrapped, key_id, "TABLE", "OB-1").reveal() == key.reveal()
    assert not (files.folder / "kek-0001.key").exists()
    for reader in (ring, KeyRing(files)):
        with pytest.raises(KeyUnavailable):
            reader.unwrap(wrapped, old, "TABLE", "OB-1")


def test_a_process_sees_the_key_another_one_made(files: KeyFiles) -> None:
    ours, theirs = KeyRing(files), KeyRing(files)
    theirs.rotate()
    key, wrapped, key_id = theirs.generate("TABLE", "OB-1")

    assert ours.unwrap(wrapped, key_id, "TABLE", "OB-1").reveal() == key.reveal()


def test_the_key_in_use_is_not_destroyed(files: KeyFiles) -> None:
    ring = KeyRing(files)

    with pytest.raises(ValueError, match="rotate first"):
        ring.destroy(ring.newest)
    with pytest.raises(KeyUnavailable):
        files.destroy("kek-../../etc")


def test_keys_from_the_environment() -> None:
    one, two = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    old = KeyRing(KeySetting(f"kek-2025:{one}"))
    key, wrapped, key_id = old.generate("TABLE", "OB-1")

    ring = KeyRing(KeySetting(f"kek-2025:{one},kek-2026:{two}"))

    assert ring.newest == "kek-2026"
    assert ring.unwrap(wrapped, key_id, "TABLE", "OB-1").reveal() == key.reveal()
    for refuse in (ring.rotate, lambda: ring.destroy("kek-2025")):
        with pytest.raises(ImproperlyConfigured, match="KEY_ENCRYPTION_KEYS"):
            refuse()


@pytest.mark.parametrize(
    "text", ["", "kek-1", "kek-1:short", "nokek:AAAA", "kek-1:%%", "kek-1:A,kek-1:A"]
)
def test_a_damaged_setting_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        KeyRing(KeySetting(text))

    assert "short" not in str(refused.value)
    assert "%%" not in str(refused.value)


def test_the_settings_choose_the_driver(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    assert get_key_ring().newest == "kek-0001"

    settings.KEY_ENCRYPTION_KEYS = "kek-env:" + base64.b64encode(bytes(32)).decode()
    assert get_key_ring().newest == "kek-env"


def test_key_bytes_do_not_show(
    files: KeyFiles, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    canary = b"CANARY-CANARY-CANARY-CANARY-0123"
    files.folder.mkdir()
    (files.folder / "kek-0001.key").write_bytes(base64.b64encode(canary))
    ring = KeyRing(files)
    key, _wrapped, _key_id = ring.generate("TABLE", "OB-1")
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%r %s %r %s", ring, key, vars(ring), [key])

    shown = caplog.text + repr(key) + str(key) + repr(ring._keys)

    assert "CANARY" not in shown
    assert base64.b64encode(canary).decode()[:12] not in shown
    assert key.reveal().hex() not in shown
    assert repr(key.reveal()) not in shown
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(key, protocol)
    with pytest.raises(ValueError, match="32 bytes"):
        Secret(b"CANARY")


def test_no_nonce_repeats(files: KeyFiles) -> None:
    ring = KeyRing(files)
    key = Secret(bytes(32))

    nonces = {ring._wrap(key, "TABLE", "OB-1", ring.newest)[:16] for _ in range(50_000)}

    assert len(nonces) == 50_000
