"""Text wrapped into base64 or hexadecimal, compressed or not: found by its first bytes, unwrapped.

Random strings, digests and pictures fail the look at their first bytes, which is one array
operation; only what may be text is decoded one by one. What is decoded is bounded, so that no cell
can grow into more than it is worth.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from .arrays import Bytes, Flags, Places
from .blocks import Block
from .escapes import lay_out_of, one_byte_each
from .words import WRAPPED

_HEX_SHORTEST = 18
_HEAD = 12
_WRONG = 99
MOST_OF_ONE = 1 << 20
MOST_OF_PORTION = 8 << 20
_BASE64: Final = np.full(256, _WRONG, np.uint8)
_BASE64[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")] = range(64)
_BASE64[list(b"-_")] = (62, 63)
_JOINING = np.zeros(256, bool)
_JOINING[list(b"+/-_")] = True
_HEX = np.full(256, _WRONG, np.uint8)
_HEX[list(b"0123456789")] = range(10)
_HEX[list(b"abcdef")] = range(10, 16)
_HEX[list(b"ABCDEF")] = range(10, 16)
_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_HEX_TOKEN = re.compile(rb"[0-9A-Fa-f]+")
_GZIP, _ZLIB = b"\x1f\x8b\x08", (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_PRINTABLE = np.zeros(256, bool)
_PRINTABLE[32:127] = True
_PRINTABLE[[9, 10, 13]] = True
_PRINTABLE[0x80:] = True


def unwrap(block: Block, begins: Places, ends: Places) -> Iterator[Block]:
    """Read what is wrapped in the cells of a block; `begins` and `ends` are of words in it."""
    for first, last in pairwise(np.searchsorted(begins, block.bounds).tolist()):
        view = _unwrap(block, begins[first:last], ends[first:last]) if first < last else None
        if view is not None:
            yield view


def _unwrap(block: Block, begins: Places, ends: Places) -> Block | None:
    parts: list[bytes] = []
    places: list[int] = []
    left = MOST_OF_PORTION
    for place, content in _contents(block.data, begins, ends):
        parts.append(content)
        places.append(place)
        left -= len(content)
        if left < 0:
            break
    return _cells(block, np.array(places, np.int64), parts) if parts else None


def unpack_cells(block: Block) -> Block | None:
    """Return what is compressed in cells of bytes."""
    data, starts = block.data, block.starts
    gzipped = (data[starts] == 0x1F) & (data[starts + 1] == 0x8B)
    deflated = (data[starts] == 0x78) & np.isin(data[starts + 1], (0x01, 0x5E, 0x9C, 0xDA))
    parts, places = [], []
    for cell in np.flatnonzero(gzipped | deflated).tolist():
        begin, end = int(starts[cell]), int(block.ends[cell])
        content = _as_text(data[begin:end].tobytes())
        if content:
            parts.append(content)
            places.append(begin)
    return _cells(block, np.array(places, np.int64), parts) if parts else None


def decode(token: bytes) -> bytes | None:
    """Return the text that a token in base64 stands for, None if none."""
    token = token.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))[: MOST_OF_ONE * 4 // 3]
    if len(token) % 4 == 1:
        token = token[:-1]
    try:
        return _as_text(base64.b64decode(token + b"=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        return None


def _cells(block: Block, places: Places, parts: list[bytes]) -> Block:
    return lay_out_of(block, block.cells_of(places), parts)


def _contents(data: Bytes, begins: Places, ends: Places) -> Iterator[tuple[int, bytes]]:
    sizes = ends - begins
    long = sizes >= WRAPPED
    begins, ends, sizes = begins[long], ends[long], sizes[long]
    if begins.size:
        number = _begins_with_digits(data, begins, 4)
        # The digits of hexadecimal text are printable in pairs.
        printable = (data[begins] - np.uint8(50)) < 6
        number &= ~(printable & ((data[begins + 2] - np.uint8(50)) < 6))
        begins, ends, sizes = begins[~number], ends[~number], sizes[~number]
    if not begins.size:
        return
    from_hex = np.flatnonzero(sizes >= _HEX_SHORTEST)
    starts = begins[from_hex]
    starts = starts + 2 * ((data[starts] == ord("0")) & (data[starts + 1] | 32 == ord("x")))
    telling = np.zeros(from_hex.size, bool)
    wholly = np.zeros(from_hex.size, bool)
    looked = np.flatnonzero(_reads_as_hex(data, starts, 4)[0])
    wholly[looked], telling[looked] = _reads_as_hex(data, starts[looked], _HEX_SHORTEST - 2)[::-1]
    for start in starts[telling].tolist():
        found = _HEX_TOKEN.match(data[start:].data)
        if (
            found
            and found.end() % 2 == 0
            and (content := _as_text(bytes.fromhex(found[0].decode())))
        ):
            yield start, content
    rest = np.ones(begins.size, bool)
    rest[from_hex[wholly]] = False
    begins = begins[rest]
    if not begins.size:
        return
    joined = np.flatnonzero(_JOINING[data[begins - 1]])
    tokens = [begins[_may_be_base64(data, begins)]]
    if joined.size:
        further = _before(data, begins[joined])
        tokens.append(further[_may_be_base64(data, further)])
    seen = 0
    for start in np.unique(np.concatenate(tokens)).tolist():
        if start < seen:
            continue
        found = _TOKEN.match(data[start:].data)
        if found and (content := decode(found[0])):
            seen = start + found.end()
            yield start, content


def _begins_with_digits(data: Bytes, begins: Places, size: int) -> Flags:
    found = np.ones(begins.size, bool)
    for place in range(size):
        found &= (data[place:][begins] - np.uint8(48)) < 10
    return found


def _reads_as_hex(data: Bytes, starts: Places, width: int) -> tuple[Flags, Flags]:
    """Whether words begin with so many hexadecimal digits that read as text, or at all."""
    pairs = _HEX[data[starts[:, None] + np.arange(width)]]
    wholly: Flags = (pairs < _WRONG).all(axis=1)
    telling = np.zeros(starts.size, bool)
    telling[wholly] = _tells(pairs[wholly, 0::2] << 4 | pairs[wholly, 1::2])
    return telling, wholly


def _may_be_base64(data: Bytes, begins: Places) -> Flags:
    """Whether a word is no number, name or digest and decodes to text or something compressed."""
    head = data[begins[:, None] + np.arange(_HEAD)]
    values = _BASE64[head]
    fits: Flags = (values < _WRONG).all(axis=1)
    capital = (head - np.uint8(65)) < 26
    digit = (head - np.uint8(48)) < 10
    mixed = capital.any(axis=1) & ~capital.all(axis=1)
    fits &= mixed | (digit.any(axis=1) & (_HEX[head] == _WRONG).any(axis=1))
    index = np.flatnonzero(fits)
    four = values[index].reshape(-1, _HEAD // 4, 4).astype(np.uint32)
    word = four[:, :, 0] << 18 | four[:, :, 1] << 12 | four[:, :, 2] << 6 | four[:, :, 3]
    content = np.stack([word >> 16, word >> 8 & 0xFF, word & 0xFF], axis=2)
    content = content.reshape(index.size, _HEAD // 4 * 3).astype(np.uint8)
    fits[index] = _tells(content)
    return fits


def _before(data: Bytes, begins: Places) -> Places:
    """Go back from each word over what may belong to the same token."""
    stops = begins.copy()
    walking = np.arange(begins.size)
    for _ in range(48):
        walking = walking[_BASE64[data[stops[walking] - 1]] < _WRONG]
        if not walking.size:
            break
        stops[walking] -= 1
    return stops


def _tells(heads: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Flags:
    """Whether first bytes look like text in UTF-8 or GB18030, or compressed."""
    packed = (heads[:, 0] == 0x1F) & (heads[:, 1] == 0x8B)
    packed |= (heads[:, 0] == 0x78) & np.isin(heads[:, 1], (0x01, 0x5E, 0x9C, 0xDA))
    doubled = _PRINTABLE[heads[:, 0::2]].all(axis=1) & (heads[:, 1::2] == 0).all(axis=1)
    found: Flags = packed | doubled | _PRINTABLE[heads].all(axis=1)
    return found


def _as_text(content: bytes) -> bytes | None:
    """Return content as UTF-8 if it is text, after decompression where it is compressed."""
    if content[:3] == _GZIP or content[:2] in _ZLIB:
        content = _inflate(content)
    if b"\x00" in content:
        content = one_byte_each(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 1 and error.start > len(content) // 2:
            text = content[: error.start].decode("utf-8")  # cut within a character
        else:
            try:
                text = content.decode("gb18030")
            except UnicodeDecodeError:
                return None
            if not any(character.isascii() for character in text):
                return None
    if not text or sum(map(str.isprintable, text[:200])) < 0.9 * len(text[:200]):
        return None
    return text.encode()


def _inflate(content: bytes) -> bytes:
    """Decompress up to the limit; what is damaged ends where it is damaged."""
    try:
        return zlib.decompressobj(wbits=47).decompress(content, MOST_OF_ONE)
    except zlib.error:
        return b""
