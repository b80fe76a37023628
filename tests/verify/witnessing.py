"""Witnesses with known keys, and their cosignatures."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

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


class Witness:
    """One witness."""

    def __init__(self, name: str, algorithm: int = ED25519) -> None:
        seed = hashlib.sha256(name.encode()).digest()
        kind = {ED25519: Ed25519PrivateKey.from_private_bytes}.get(
            algorithm, MLDSA44PrivateKey.from_seed_bytes
        )
        self.private = kind(seed)
        public = self.private.public_key().public_bytes_raw()
        self.cosigner: Cosigner = make_cosigner(f"{name}.example", algorithm, public)
        self.vkey = write_cosigner(self.cosigner.name, algorithm, public)

    def sign(self, head: TreeHead, timestamp: int) -> str:
        """Return this witness's line under the checkpoint of `head`."""
        signature = self.private.sign(message_for(self.cosigner, head, timestamp))
        return write_cosignature(self.cosigner, timestamp, signature)


W1, W2, W3 = (Witness(f"w{number}") for number in (1, 2, 3))
PQ = Witness("pq", MLDSA44)
