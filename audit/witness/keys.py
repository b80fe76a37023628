"""The keys of a witness, each in a file of its own beside its state."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from verify.checkpoint import TreeHead
from verify.cosignature import (
    ED25519,
    MLDSA44,
    Cosigner,
    make_cosigner,
    message_for,
    write_cosignature,
    write_cosigner,
)

ALGORITHMS = {"ed25519": ED25519, "ml-dsa-44": MLDSA44}
_PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey


class KeyUnusable(Exception):
    """A key file cannot be read, or holds another kind of key."""


@dataclass(frozen=True)
class WitnessKey:
    """A private key and the name under which it cosigns; the key itself is never shown."""

    cosigner: Cosigner
    _key: _PrivateKey

    @property
    def vkey(self) -> str:
        """The public key as others write it into their policies."""
        return write_cosigner(self.cosigner.name, self.cosigner.algorithm, self.cosigner.public_key)

    def cosign(self, head: TreeHead, timestamp: int) -> str:
        """Return the signature line over `head` at `timestamp`."""
        signature = self._key.sign(message_for(self.cosigner, head, timestamp))
        return write_cosignature(self.cosigner, timestamp, signature)

    def __repr__(self) -> str:
        return f"<WitnessKey {self.vkey}>"


def make_key(name: str, key: _PrivateKey) -> WitnessKey:
    """Return `key` as the key of the witness `name`."""
    algorithm = ED25519 if isinstance(key, Ed25519PrivateKey) else MLDSA44
    return WitnessKey(make_cosigner(name, algorithm, key.public_key().public_bytes_raw()), key)


def load_key(folder: Path, name: str, kind: str) -> WitnessKey:
    """Return the key of this kind kept in `folder`, made on first use."""
    path = folder / f"{kind}.pem"
    wanted = Ed25519PrivateKey if ALGORITHMS[kind] == ED25519 else MLDSA44PrivateKey
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        pem = _make_file(path, wanted.generate())
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"{path} cannot be read as an unencrypted PEM key") from error
    if not isinstance(key, _PrivateKey) or not isinstance(key, wanted):
        raise KeyUnusable(f"{path} does not hold a key of the kind {kind}")
    return make_key(name, key)


def _make_file(path: Path, key: _PrivateKey) -> bytes:
    """Write a key file that is whole or absent, or read the one another process made meanwhile."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_bytes()
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return pem
