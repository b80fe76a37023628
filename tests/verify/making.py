"""A small log made with the verifier's own parts and a known key."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verify.checkpoint import TreeHead, cosigned_message, cosigner_key_id
from verify.encoding import write_base64
from verify.merkle import leaf_hash, root_of
from verify.note import key_id_of, parse_vkey, write_vkey
from verify.tile import WIDTH, perfect_root, tile_path, write_bundle

ORIGIN = "log.example/audit"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"tests/verify").digest())
PUBLIC = KEY.public_key().public_bytes_raw()
VKEY = write_vkey(ORIGIN, PUBLIC)
LOG = parse_vkey(VKEY)


def sign(text: str, name: str = ORIGIN) -> str:
    """Return one signature line over `text`."""
    signature = key_id_of(name, PUBLIC) + KEY.sign(text.encode())
    return f"\u2014 {name} {write_base64(signature)}\n"


def stamp(body: str, seconds: int, name: str = ORIGIN) -> str:
    """Return the log's timestamped signature line."""
    signature = seconds.to_bytes(8, "big") + KEY.sign(cosigned_message(body, seconds))
    return f"\u2014 {name} {write_base64(cosigner_key_id(name, PUBLIC) + signature)}\n"


def checkpoint(size: int, root: bytes, seconds: int | None = None, *, origin: str = ORIGIN) -> str:
    """Return a signed checkpoint."""
    body = TreeHead(origin, size, root).body
    dated = stamp(body, seconds, origin) if seconds is not None else ""
    return f"{body}\n{sign(body, origin)}{dated}"


def write_log(
    folder: Path,
    entries: Sequence[bytes],
    *,
    origin: str = ORIGIN,
    seconds: int | None = None,
    cosignatures: str = "",
) -> str:
    """Write a whole log, or what is new of one that has grown; return its checkpoint."""
    levels = [[leaf_hash(entry) for entry in entries]]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        full = range(0, len(below) - WIDTH + 1, WIDTH)
        levels.append([perfect_root(below[start : start + WIDTH]) for start in full])
    for start in range(0, len(entries), WIDTH):
        part = entries[start : start + WIDTH]
        _write(folder, tile_path("entries", start // WIDTH, len(part)), write_bundle(part))
    for level, hashes in enumerate(levels):
        for start in range(0, len(hashes), WIDTH):
            tile = hashes[start : start + WIDTH]
            _write(folder, tile_path(level, start // WIDTH, len(tile)), b"".join(tile))
    note = checkpoint(len(entries), root_of(levels[0]), seconds, origin=origin)
    _write(folder, "checkpoint", (note + cosignatures).encode())
    return note + cosignatures


def _write(folder: Path, path: str, content: bytes) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
