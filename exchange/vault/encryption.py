"""Encryption of an object's bytes: C2SP chunked encryption with SHA-512 and AES-256-GCM.

The format (c2sp.org/chunked-encryption, the instantiation called Cobblestone-256): a key, a base
nonce and a key commitment come by HKDF-Expand from the object's own key, a salt and the context;
then follow chunks of 16 KiB, each under the base nonce XOR its number, the last one always short.
Any chunk can be read alone; a chunk that was moved, cut, dropped or changed does not open.
"""

import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_SIZE = 32
SALT_SIZE = 24
COMMITMENT_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
CHUNK = 16 * 1024
SEALED_CHUNK = CHUNK + TAG_SIZE
HEADER = SALT_SIZE + COMMITMENT_SIZE
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
MOST_CHUNKS = 2**38
TOGETHER = 64  # chunks that are encrypted or read in one go: 1 MiB


class Damaged(Exception):
    """The bytes are not what was written under this key and context."""


class Sink(Protocol):
    """Where sealed bytes go."""

    def write(self, data: memoryview, /) -> object:
        """Take all of `data`."""


class RawReader(Protocol):
    """Where sealed bytes come from."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place and return it."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill as much of `buffer` as is at hand; nothing at the end."""

    def close(self) -> None:
        """Let go of the bytes."""


@dataclass(frozen=True, repr=False)
class _Keys:
    cipher: AESGCM
    nonce: int
    commitment: bytes

    def nonce_of(self, chunk: int) -> bytes:
        return (self.nonce ^ chunk).to_bytes(NONCE_SIZE)


def _derive(key: bytes, salt: bytes, context: bytes) -> _Keys:
    if len(key) != KEY_SIZE:
        message = f"an object key has {KEY_SIZE} bytes"
        raise ValueError(message)
    length = KEY_SIZE + NONCE_SIZE + COMMITMENT_SIZE
    expanded = HKDFExpand(hashes.SHA512(), length, LABEL + salt + context).derive(key)
    nonce = expanded[KEY_SIZE : KEY_SIZE + NONCE_SIZE]
    return _Keys(
        AESGCM(expanded[:KEY_SIZE]), int.from_bytes(nonce), expanded[KEY_SIZE + NONCE_SIZE :]
    )


def sealed_size(size: int) -> int:
    """Return how many bytes `size` bytes take when sealed."""
    return HEADER + size + TAG_SIZE * (size // CHUNK + 1)


def opened_size(sealed: int) -> int:
    """Return how many bytes `sealed` bytes open to; raises Damaged for an impossible length."""
    chunks, rest = divmod(sealed - HEADER, SEALED_CHUNK)
    if sealed < HEADER or rest < TAG_SIZE:
        raise Damaged("the sealed bytes end too early")
    return chunks * CHUNK + rest - TAG_SIZE


class Sealer:
    """Writes bytes sealed into `sink`, holding no more than a mebibyte of them."""

    def __init__(self, sink: Sink, key: bytes, context: bytes, *, salt: bytes = b"") -> None:
        salt = salt or os.urandom(SALT_SIZE)
        self._keys = _derive(key, salt, context)
        self._sink = sink
        self._plain = bytearray(TOGETHER * CHUNK)
        self._sealed = bytearray(TOGETHER * SEALED_CHUNK)
        self._filled = 0
        self._chunk = 0
        sink.write(memoryview(salt + self._keys.commitment))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take further bytes."""
        rest = memoryview(data).cast("B")
        while rest:
            taken = rest[: len(self._plain) - self._filled]
            self._plain[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            rest = rest[len(taken) :]
            if self._filled == len(self._plain):
                self._seal_whole_chunks()

    def close(self) -> None:
        """Write what is left and the short chunk that marks the end."""
        self._seal_whole_chunks()
        last = self._keys.cipher.encrypt(
            self._next_nonce(), bytes(self._plain[: self._filled]), None
        )
        self._sink.write(memoryview(last))

    def _seal_whole_chunks(self) -> None:
        whole = self._filled // CHUNK
        plain, sealed = memoryview(self._plain), memoryview(self._sealed)
        for number in range(whole):
            self._keys.cipher.encrypt_into(
                self._next_nonce(),
                plain[number * CHUNK : (number + 1) * CHUNK],
                None,
                sealed[number * SEALED_CHUNK : (number + 1) * SEALED_CHUNK],
            )
        if whole:
            self._sink.write(sealed[: whole * SEALED_CHUNK])
        left = self._filled - whole * CHUNK
        self._plain[:left] = self._plain[whole * CHUNK : self._filled]
        self._filled = left

    def _next_nonce(self) -> bytes:
        if self._chunk >= MOST_CHUNKS:
            message = "an object holds at most 4 PiB"
            raise OverflowError(message)
        nonce = self._keys.nonce_of(self._chunk)
        self._chunk += 1
        return nonce


class Opener:
    """Reads sealed bytes at any place. Nothing of a chunk is given out before all of it proved.

    Opening checks the key commitment and, by its last chunk, the length: a shortened object is
    refused before anything is read from it.
    """

    def __init__(self, source: RawReader, key: bytes, context: bytes) -> None:
        self._source = source
        self._sealed = bytearray(TOGETHER * SEALED_CHUNK)
        self._plain = bytearray(TOGETHER * CHUNK)
        sealed = source.seek(0, os.SEEK_END)
        self.size = opened_size(sealed)
        self._last = self.size // CHUNK
        source.seek(0)
        header = bytearray(HEADER)
        _fill(source, memoryview(header))
        self._keys = _derive(key, bytes(header[:SALT_SIZE]), context)
        if not hmac.compare_digest(header[SALT_SIZE:], self._keys.commitment):
            raise Damaged("the bytes were not sealed under this key and context")
        self._open(self._last, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks()

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset` on, fewer where the object ends."""
        return b"".join(self.chunks(offset, offset + length))

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, up to a mebibyte at a time."""
        end = self.size if stop is None else min(stop, self.size)
        if start < 0 or (stop is not None and stop < start):
            message = "a range begins at zero or later and does not end before it begins"
            raise ValueError(message)
        while start < end:
            first = start // CHUNK
            count = min(TOGETHER, (end - 1) // CHUNK - first + 1)
            plain = self._open(first, count)
            base = first * CHUNK
            yield bytes(plain[start - base : end - base])
            start = base + count * CHUNK

    def _open(self, first: int, count: int) -> memoryview:
        """Open `count` neighboring chunks; the last of the object is shorter than the others.

        The result is valid until the next call: both buffers are used again, because fresh
        mebibytes cost more than the cipher.
        """
        body = sealed_size(self.size) - HEADER
        length = min(count * SEALED_CHUNK, body - first * SEALED_CHUNK)
        sealed = memoryview(self._sealed)[:length]
        self._source.seek(HEADER + first * SEALED_CHUNK)
        if _fill(self._source, sealed) != length:
            raise Damaged("the sealed bytes end too early")
        plain = memoryview(self._plain)[: length - TAG_SIZE * count]
        for number in range(count):
            piece = sealed[number * SEALED_CHUNK : (number + 1) * SEALED_CHUNK]
            try:
                self._keys.cipher.decrypt_into(
                    self._keys.nonce_of(first + number),
                    piece,
                    None,
                    plain[number * CHUNK : number * CHUNK + len(piece) - TAG_SIZE],
                )
            except InvalidTag:
                message = f"chunk {first + number} is not what was written"
                raise Damaged(message) from None
        return plain


def _fill(source: RawReader, buffer: memoryview) -> int:
    """Fill the buffer as far as there are bytes; storages may give less at a time."""
    filled = 0
    while filled < len(buffer) and (taken := source.readinto(buffer[filled:])):
        filled += taken
    return filled
