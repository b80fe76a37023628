"""Mutations that know the formats: lines, numbers, base64 and lengths, besides plain bits."""

import base64
import random
import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(rb"(?<![A-Za-z0-9+/=])\d+(?![A-Za-z0-9+/=])")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{8,}={0,2}")
_LARGE = (2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**30)
_ODD = (
    b"\r", b"\r\n", b"\t", b"\0", b"\n", b"\n\n", b" ", b"  ", b"+", b"-", b"0", b"=", b"{",
    b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xe2\x80\x94 ", b"\xe3\x80\x80", b"\xe2\x80\xa8",
    b"\xc2\x85", b"[" * 2000, b"\\u0000", b"NaN", b"1e999", b"\x7f", b"none", b"\xf0\x9f\x94\x91",
)  # fmt: skip


def mutate(rng: random.Random, value: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Return `value` changed in one to four ways; `others` are what parts are borrowed from."""
    for _change in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        value = rng.choice(_CHANGES)(rng, value, others or (value,))
    return value


def _bit(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    if not value:
        return b"\0"
    changed = bytearray(value)
    changed[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _range(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    """Drop, repeat or move a range of bytes."""
    start, end = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
    part, rest = value[start:end], value[:start] + value[end:]
    place = rng.randint(0, len(rest))
    return rng.choice((rest, value[:end] + part + value[end:], rest[:place] + part + rest[place:]))


def _odd(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    place = rng.choice((0, len(value), rng.randint(0, len(value))))
    return value[:place] + rng.choice(_ODD) + value[place:]


def _line(rng: random.Random, value: bytes, others: Sequence[bytes]) -> bytes:
    """Drop, repeat, move, empty or borrow a line."""
    lines = value.split(b"\n")
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    borrowed = rng.choice(rng.choice(others).split(b"\n"))
    change = rng.randrange(6)
    if change == 0:
        del lines[place]
    elif change == 1:
        lines.insert(other, lines[place])
    elif change == 2:
        lines[place], lines[other] = lines[other], lines[place]
    elif change == 3:
        lines.insert(place, b"")
    elif change == 4:
        lines.insert(place, borrowed)
    else:
        lines[place] = borrowed
    return b"\n".join(lines)


def _number(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    """Write a number differently, or another one."""
    found = list(_NUMBER.finditer(value))
    if not found:
        return value
    match = rng.choice(found)
    text = match.group()
    number = int(text[:18])
    other = rng.choice(
        (
            b"+" + text, b"0" + text, b"-" + text, text + b" ", text + b".0", text + b"e0", b"",
            b"\xd9\xa3", b"0x%x" % number, b"%d" % (number + rng.choice((-1, 1))),
            b"%d" % rng.choice(_LARGE), b"1" + b"0" * 5000, text[:1] + b"_" + text[1:],
        )
    )  # fmt: skip
    return value[: match.start()] + other + value[match.end() :]


def _base64(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    """Write base64 differently, or other bytes in it."""
    found = list(_BASE64.finditer(value))
    if not found:
        return value
    match = rng.choice(found)
    text = match.group()
    try:
        content = bytearray(base64.b64decode(text))
    except ValueError:
        return value
    change = rng.randrange(7)
    if change == 0 and content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif change == 1:
        content = content[:-1]
    elif change == 2:
        content += b"\0"
    new = base64.b64encode(bytes(content))
    if change == 3:
        new = new.rstrip(b"=")
    elif change == 4:
        new += b"="
    elif change == 5:
        new = new.replace(b"+", b"-").replace(b"/", b"_")
    elif change == 6 and new.endswith(b"="):
        body = new.rstrip(b"=")
        new = body[:-1] + bytes([body[-1] + 1]) + new[len(body) :]
    return value[: match.start()] + new + value[match.end() :]


def _length(rng: random.Random, value: bytes, _others: Sequence[bytes]) -> bytes:
    """Cut, extend or replace, as lengths in binary formats get wrong."""
    place = rng.randint(0, len(value))
    return rng.choice(
        (
            value[:place], value[place:], value + rng.randbytes(rng.randint(1, 40)),
            value[:place] + rng.randbytes(2) + value[place + 2 :],
            value[:place] + b"\xff\xff" + value[place + 2 :],
            value[:place] + bytes(4) + value[place + 4 :],
        )
    )  # fmt: skip


def _splice(rng: random.Random, value: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    return value[: rng.randint(0, len(value))] + other[rng.randint(0, len(other)) :]


_CHANGES: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    _bit, _bit, _range, _odd, _line, _line, _number, _base64, _base64, _length, _splice,
)  # fmt: skip
