"""The key ring: key-encryption keys, and the wrapping of each thing's own key under one of them.

A driver says where the key-encryption keys come from: files in `KEYS_DIR`, or a setting (an
environment variable or the file it names, as a key service injects it). Several may be present;
new things take the newest, old ones keep theirs until they are rewrapped. An installation has one
ring for stored objects (`kek-…`) and one for statements about persons (`pek-…`): turning the second
over and destroying its old key makes erased statements unreadable in every backup, while backups of
the objects stay readable (decision 0021).
"""

import base64
import binascii
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

KEY_SIZE = 32
NONCE_SIZE = 12
OBJECTS = "kek"
PERSONS = "pek"
SETTINGS = {OBJECTS: "KEY_ENCRYPTION_KEYS", PERSONS: "PERSONAL_KEYS"}
_NAME = re.compile(r"(?:kek|pek)-[0-9A-Za-z][0-9A-Za-z._-]{0,59}\Z", re.ASCII)


class KeyUnavailable(Exception):
    """The key an object was wrapped under is not on the ring, or does not open it."""


class Secret:
    """Key bytes that do not show: not in a repr, not in a log line, not in a pickle."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        if len(octets) != KEY_SIZE:
            message = f"a key has {KEY_SIZE} bytes"
            raise ValueError(message)
        self._octets = octets

    def reveal(self) -> bytes:
        """Return the bytes, for the cipher that needs them."""
        return self._octets

    def __repr__(self) -> str:
        return "<Secret>"

    def __reduce__(self) -> str:
        message = "keys are not pickled"
        raise TypeError(message)


class KeySource(Protocol):
    """Where key-encryption keys are kept."""

    def load(self) -> Mapping[str, Secret]:
        """Return all keys by id, the newest last."""

    def add(self) -> str:
        """Make a new key, from now on the newest, and return its id."""

    def destroy(self, key_id: str) -> None:
        """Erase a key for good."""


class KeyFiles:
    """Keys in files of a folder, `kek-0001.key` and so on, Base64, readable by the owner only."""

    def __init__(self, folder: Path, *, generate: bool, mark: str = OBJECTS) -> None:
        self.folder = folder
        self.generate = generate
        self.mark = mark

    def load(self) -> Mapping[str, Secret]:
        """Return the keys in the order of their names; makes the first where that is allowed."""
        paths = sorted(self.folder.glob(f"{self.mark}-*.key"))
        if not paths:
            first = f"{self.mark}-0001"
            if not self.generate:
                message = (
                    f"No key-encryption key is in {self.folder}. Put one there (openssl rand "
                    f"-base64 32 > {self.folder / first}.key), or set {SETTINGS[self.mark]}."
                )
                raise ImproperlyConfigured(message)
            self._make(first)
            paths = sorted(self.folder.glob(f"{self.mark}-*.key"))
        return {path.stem: _decode(path.stem, path.read_text()) for path in paths}

    def add(self) -> str:
        """Make the key with the next number."""
        numbers = [int(stem[4:]) for stem in self.load() if stem[4:].isdigit()]
        key_id = f"{self.mark}-{max(numbers, default=0) + 1:04d}"
        self._make(key_id)
        return key_id

    def destroy(self, key_id: str) -> None:
        """Overwrite the key's file and remove it."""
        path = self.folder / f"{key_id}.key"
        if not _NAME.match(key_id) or not path.is_file():
            raise KeyUnavailable(key_id)
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()

    def _make(self, key_id: str) -> None:
        """Write a new key completely before it is visible; a rival's finished key stays."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=f".{self.mark}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY_SIZE)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, self.folder / f"{key_id}.key")
            except FileExistsError:
                return
        finally:
            Path(draft).unlink()


class KeySetting:
    """Keys in one setting: `kek-a:<Base64> kek-b:<Base64>`, the newest last."""

    def __init__(self, text: str, *, mark: str = OBJECTS) -> None:
        self._text = text
        self.setting = SETTINGS[mark]
        self.mark = mark

    def load(self) -> Mapping[str, Secret]:
        """Return the keys in the order they are written."""
        pairs = [entry.partition(":") for entry in self._text.replace(",", " ").split()]
        keys = {key_id: _decode(key_id, encoded) for key_id, _colon, encoded in pairs}
        if not keys or len(keys) != len(pairs):
            message = f"{self.setting} must hold pairs {self.mark}-…:<Base64>, each id once"
            raise ImproperlyConfigured(message)
        return keys

    def add(self) -> str:
        """Refuse: who injects the keys adds them."""
        message = f"keys come from {self.setting}: add the new one there"
        raise ImproperlyConfigured(message)

    def destroy(self, key_id: str) -> None:
        """Refuse: who injects the keys removes them."""
        message = f"keys come from {self.setting}: remove {key_id} there"
        raise ImproperlyConfigured(message)


class KeyRing:
    """Wraps and unwraps keys of things; the association binds purpose, thing and wrapping key."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys = dict(source.load())

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self._keys)}>"

    @property
    def newest(self) -> str:
        """The id of the key that new objects are wrapped under."""
        return next(reversed(self._keys))

    @property
    def versions(self) -> tuple[str, ...]:
        """The ids of all keys, the newest last."""
        return tuple(self._keys)

    def generate(self, purpose: str, object_id: str) -> tuple[Secret, str, str]:
        """Return a new object key, the same key wrapped, and the id of the wrapping key."""
        key = Secret(os.urandom(KEY_SIZE))
        return key, self._wrap(key, purpose, object_id, self.newest), self.newest

    def unwrap(self, wrapped: str, key_id: str, purpose: str, object_id: str) -> Secret:
        """Return the object's key; raises KeyUnavailable when ring or association differ."""
        try:
            sealed = base64.b64decode(wrapped, validate=True)
            cipher = AESGCM(self._key(key_id).reveal())
            associated = _associated(purpose, object_id, key_id)
            return Secret(cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], associated))
        except (InvalidTag, ValueError):
            message = f"the key of {object_id} does not open under {key_id}"
            raise KeyUnavailable(message) from None

    def rewrap(self, wrapped: str, key_id: str, purpose: str, object_id: str) -> tuple[str, str]:
        """Return the same object key wrapped under the newest key, and that key's id."""
        key = self.unwrap(wrapped, key_id, purpose, object_id)
        return self._wrap(key, purpose, object_id, self.newest), self.newest

    def rotate(self) -> str:
        """Have the source make a new key; new objects take it from now on."""
        self._source.add()
        self._keys = dict(self._source.load())
        return self.newest

    def destroy(self, key_id: str) -> None:
        """Erase a key; whatever is still wrapped under it is lost for good."""
        if key_id == self.newest:
            message = f"{key_id} is in use; rotate first"
            raise ValueError(message)
        self._source.destroy(key_id)
        del self._keys[key_id]

    def _key(self, key_id: str) -> Secret:
        if key_id not in self._keys:
            self._keys = dict(self._source.load())  # another process may have rotated
        try:
            return self._keys[key_id]
        except KeyError:
            message = f"{key_id} is not on the key ring"
            raise KeyUnavailable(message) from None

    def _wrap(self, key: Secret, purpose: str, object_id: str, key_id: str) -> str:
        nonce = os.urandom(NONCE_SIZE)
        cipher = AESGCM(self._key(key_id).reveal())
        sealed = cipher.encrypt(nonce, key.reveal(), _associated(purpose, object_id, key_id))
        return base64.b64encode(nonce + sealed).decode()


def _associated(purpose: str, object_id: str, key_id: str) -> bytes:
    return f"{purpose}|{object_id}|{key_id}".encode()


def _decode(key_id: str, encoded: str) -> Secret:
    """Read one key; an error never repeats what it could not read."""
    if not _NAME.match(key_id):
        message = "a key-encryption key is called kek- or pek- and letters, digits, dots or dashes"
        raise ImproperlyConfigured(message)
    try:
        return Secret(base64.b64decode(encoded.strip(), validate=True))
    except (binascii.Error, ValueError):
        message = f"key-encryption key {key_id} is not 32 bytes in Base64"
        raise ImproperlyConfigured(message) from None
