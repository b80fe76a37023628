"""The sealed form of an object, against its specification and against tampering."""

import functools
import io
import os
import random
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.vault.encryption import (
    CHUNK,
    HEADER,
    LABEL,
    SEALED_CHUNK,
    Damaged,
    Opener,
    Sealer,
    opened_size,
    sealed_size,
)

KEY = bytes(range(32))
CONTEXT = b"ORIGINAL|OB-2026-TEST0001"
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 64 * CHUNK, 64 * CHUNK + 5, 200 * CHUNK + 7]


def seal(plain: bytes, *, key: bytes = KEY, context: bytes = CONTEXT, salt: bytes = b"") -> bytes:
    sink = io.BytesIO()
    sealer = Sealer(sink, key, context, salt=salt)
    sealer.write(plain)
    sealer.close()
    return sink.getvalue()


def unseal(sealed: bytes, *, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    with Opener(io.BytesIO(sealed), key, context) as opener:
        return b"".join(opener)


@functools.cache
def sample(size: int) -> tuple[bytes, bytes]:
    plain = random.Random(size).randbytes(size)
    return plain, seal(plain)


def chunks_of(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER:]
    return [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]


def test_the_known_vector() -> None:
    sealed = seal(b"hello", context=b"quanheng", salt=bytes(24))

    assert sealed[:24] == bytes(24)
    assert sealed[24:56].hex() == "819b0a2d82354b098d18bfcc0a583c3a5a2ebe150644d625a19699ea069c9fd2"
    assert sealed[56:].hex() == "a1b407d4dcf98784f352623839fa6a8b3dc9421930"
    assert unseal(sealed, context=b"quanheng") == b"hello"


def test_chunk_three_hundred_is_where_and_what_the_format_says() -> None:
    plain = os.urandom(301 * CHUNK + 11)

    sealed = seal(plain)

    salt = sealed[:24]
    derived = HKDFExpand(hashes.SHA512(), 76, LABEL + salt + CONTEXT).derive(KEY)
    nonce = (int.from_bytes(derived[32:44]) ^ 300).to_bytes(12)
    place = 56 + 300 * 16_400
    opened = AESGCM(derived[:32]).decrypt(nonce, sealed[place : place + 16_400], None)
    assert opened == plain[300 * CHUNK : 301 * CHUNK]


@pytest.mark.parametrize("size", SIZES)
def test_every_size_comes_back_and_takes_the_room_it_should(size: int) -> None:
    plain = os.urandom(size)

    sealed = seal(plain)

    assert len(sealed) == sealed_size(size)
    assert opened_size(len(sealed)) == size
    assert unseal(sealed) == plain


def test_the_same_bytes_never_seal_alike() -> None:
    assert seal(b"hello") != seal(b"hello")


@settings(deadline=None)
@given(data=st.data())
def test_any_range_equals_the_same_range_of_the_whole(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(SIZES))
    plain, sealed = sample(size)
    start = data.draw(st.integers(0, size + 5))
    stop = data.draw(st.integers(start, size + 50))

    with Opener(io.BytesIO(sealed), KEY, CONTEXT) as opener:
        assert opener.size == size
        assert b"".join(opener.chunks(start, stop)) == plain[start:stop]
        assert opener.read(start, stop - start) == plain[start:stop]


@given(pieces=st.lists(st.integers(0, 40_000), max_size=12))
def test_writing_in_pieces_is_writing_at_once(pieces: list[int]) -> None:
    plain = bytes(i % 256 for i in range(sum(pieces)))
    sink = io.BytesIO()
    sealer = Sealer(sink, KEY, CONTEXT, salt=bytes(24))
    start = 0
    for piece in pieces:
        sealer.write(plain[start : start + piece])
        start += piece
    sealer.close()

    assert sink.getvalue() == seal(plain, salt=bytes(24))


@pytest.mark.parametrize("boundary", range(5))
def test_cutting_at_any_boundary_is_noticed_before_anything_is_read(boundary: int) -> None:
    sealed = seal(os.urandom(4 * CHUNK + 100))
    cuts = [HEADER + boundary * SEALED_CHUNK + extra for extra in (-1, 0, 1, 15, 16, 17)]

    for cut in cuts:
        with pytest.raises(Damaged):
            Opener(io.BytesIO(sealed[:cut]), KEY, CONTEXT)


@pytest.mark.parametrize(
    "order",
    [[1, 0, 2, 3], [0, 2, 1, 3], [0, 0, 1, 2, 3], [0, 1, 3], [1, 2, 3], [0, 1, 1, 3]],
    ids=["swap first", "swap middle", "double", "drop", "drop first", "replace"],
)
def test_moved_chunks_do_not_open(order: list[int]) -> None:
    sealed = seal(os.urandom(3 * CHUNK + 100))
    parts = chunks_of(sealed)

    forged = sealed[:HEADER] + b"".join(parts[i] for i in order)

    with pytest.raises(Damaged):
        unseal(forged)


def test_chunks_before_a_bad_one_still_open_and_the_bad_one_gives_nothing() -> None:
    plain = os.urandom(130 * CHUNK)
    sealed = bytearray(seal(plain))
    sealed[HEADER + 100 * SEALED_CHUNK + 5] ^= 1
    opener = Opener(io.BytesIO(bytes(sealed)), KEY, CONTEXT)
    got: list[bytes] = []

    with pytest.raises(Damaged, match="chunk 100"):
        got.extend(opener)

    assert b"".join(got) == plain[: 64 * CHUNK]
    assert opener.read(99 * CHUNK, CHUNK) == plain[99 * CHUNK : 100 * CHUNK]
    assert opener.read(101 * CHUNK, CHUNK) == plain[101 * CHUNK : 102 * CHUNK]


@pytest.mark.parametrize("place", [0, 23, 24, 55, 56, 56 + 16_399, -1])
def test_any_changed_bit_is_noticed(place: int) -> None:
    sealed = bytearray(seal(os.urandom(CHUNK + 3)))
    sealed[place] ^= 0x80

    with pytest.raises(Damaged):
        unseal(bytes(sealed))


def test_another_key_or_context_opens_nothing() -> None:
    sealed = seal(b"secret")

    with pytest.raises(Damaged, match="key and context"):
        unseal(sealed, key=bytes(32))
    with pytest.raises(Damaged, match="key and context"):
        unseal(sealed, context=b"TABLE|OB-2026-TEST0001")


def test_ciphertext_of_another_object_does_not_pass() -> None:
    mine = seal(b"x" * CHUNK, context=b"ORIGINAL|OB-2026-A")
    other = seal(b"y" * CHUNK, context=b"ORIGINAL|OB-2026-B")

    with pytest.raises(Damaged):
        unseal(mine[:HEADER] + other[HEADER:], context=b"ORIGINAL|OB-2026-A")


@pytest.mark.parametrize("junk", [b"", b"x", bytes(55), bytes(56), bytes(71), bytes(500)])
def test_bytes_that_were_never_sealed_are_refused(junk: bytes) -> None:
    with pytest.raises(Damaged):
        Opener(io.BytesIO(junk), KEY, CONTEXT)


def test_memory_stays_the_same_however_long_the_object() -> None:
    largest = 0

    class Sink:
        def write(self, data: memoryview) -> None:
            nonlocal largest
            largest = max(largest, len(data))

    sealer = Sealer(Sink(), KEY, CONTEXT)
    for _ in range(20):
        sealer.write(bytes(1024**2))
    sealer.close()

    assert largest <= 64 * SEALED_CHUNK


def test_sealing_and_opening_keep_up_with_the_disk() -> None:
    plain = os.urandom(16 * 1024**2)
    start = time.perf_counter()

    assert unseal(seal(plain)) == plain

    assert time.perf_counter() - start < 5
