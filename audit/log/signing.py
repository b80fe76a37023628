"""The platform's signing keys: one Ed25519 key for each kind of thing it vouches for.

A key file is made once, on first use, where `GENERATE_KEYS` allows it; elsewhere a missing key
is an error of installation. Parties that keep no key of their own sign contracts with one that
the platform keeps for them, `party/<reference>`.
"""

import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from verify.errors import VerificationError
from verify.note import Verifier, parse_vkey, write_vkey

PURPOSES = frozenset(
    {"log", "appraisal", "contract", "certificate", "destruction", "disclosure", "screening"}
)
_PARTY = re.compile(r"party/ORG-[0-9A-Z]+(?:-[0-9A-Z]+)*\Z", re.ASCII)


@dataclass(frozen=True)
class Signer:
    """A private key and the name under which it signs; the key itself is never shown."""

    name: str
    verifier_key: str
    _key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Sign exactly `message` (Ed25519, 64 bytes)."""
        return self._key.sign(message)

    @property
    def public_key_bytes(self) -> bytes:
        """The raw public key (32 bytes)."""
        return self._key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> Verifier:
        """What others need to check this signer's signatures."""
        return parse_vkey(self.verifier_key)

    def __repr__(self) -> str:
        return f"<Signer {self.verifier_key}>"


def get_signer(purpose: str, *, origin: str = "") -> Signer:
    """Return the signer of `purpose`: one of `PURPOSES`, or `party/<organization reference>`.

    The log's key signs under the name of each log: `origin`, or that of the newest.
    """
    if purpose not in PURPOSES and not _PARTY.match(purpose):
        message = f"no signing key is kept for {purpose!r}"
        raise ValueError(message)
    host = settings.AUDIT_LOG_ORIGIN.partition("/")[0]
    name = (origin or _newest_origin()) if purpose == "log" else f"{host}/{purpose}"
    return load_signer(purpose, name, key_path(purpose))


def load_signer(purpose: str, name: str, path: Path) -> Signer:
    """Return the signer with the key in `path`, read again when the file was replaced."""
    version = (0, 0)
    if purpose == "log":
        with suppress(FileNotFoundError):
            found = path.stat()
            version = (found.st_ino, found.st_mtime_ns)
    return _load_signer(purpose, name, path, version)


def verify_signature(vkey: str, message: bytes, signature: bytes) -> bool:
    """Whether the holder of `vkey` signed exactly `message`; a malformed key signs nothing."""
    try:
        return parse_vkey(vkey).accepts(message, signature)
    except VerificationError:
        return False


def _newest_origin() -> str:
    """Return the name of the newest log; before there is one, the name it would have now."""
    from .periods import origin_of, period_of  # noqa: PLC0415  keys are also used without the log
    from .queries import current_log  # noqa: PLC0415

    log = current_log()
    return log.origin if log else origin_of(period_of(timezone.now()))


def key_path(purpose: str) -> Path:
    """Return the file of the key of `purpose`."""
    if purpose == "log" and settings.SIGNING_KEY_FILE:
        return Path(settings.SIGNING_KEY_FILE)
    return Path(settings.KEYS_DIR) / f"{purpose}.pem"


@lru_cache(maxsize=4096)
def _load_signer(purpose: str, name: str, path: Path, _version: tuple[int, int]) -> Signer:
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        if not _may_generate(purpose):
            message = (
                f"The signing key {purpose!r} is missing: {path} does not exist. Put an Ed25519 "
                "key there (openssl genpkey -algorithm ed25519), or let it be made by setting "
                "GENERATE_KEYS."
            )
            raise ImproperlyConfigured(message) from None
        pem = generate_key(path)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        message = f"The signing key {purpose!r} in {path} cannot be read as an unencrypted PEM key."
        raise ImproperlyConfigured(message) from error
    if not isinstance(key, Ed25519PrivateKey):
        message = f"The signing key {purpose!r} in {path} is not an Ed25519 key."
        raise ImproperlyConfigured(message)
    vkey = write_vkey(name, key.public_key().public_bytes_raw())
    return Signer(name=name, verifier_key=vkey, _key=key)


def _may_generate(purpose: str) -> bool:
    """Whether a missing key is made: parties' keys always, for they come with each new member."""
    if purpose == "log" and settings.SIGNING_KEY_FILE:
        return False
    return bool(settings.GENERATE_KEYS) or bool(_PARTY.match(purpose))


def generate_key(path: Path) -> bytes:
    """Make a key file, or read the one that another process made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return path.read_bytes()
    finally:
        Path(temporary).unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return pem
