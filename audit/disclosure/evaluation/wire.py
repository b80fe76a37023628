"""Reading protocol buffers by their wire format, without a schema compiler and without executing.

Source: Protocol Buffers, "Encoding". Groups, which ONNX does not use, are refused like anything
else that does not follow the format.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .refusals import refused

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
Value = int | memoryview


def fields(message: memoryview) -> Iterator[tuple[int, int, Value]]:
    """Yield number, wire type and value of each field; raises Refused where bytes do not parse."""
    place, end = 0, len(message)
    while place < end:
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        value: Value
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind == BYTES:
            length, place = _varint(message, place)
            value, place = _piece(message, place, length)
        elif kind in (FIXED32, FIXED64):
            value, place = _piece(message, place, 4 if kind == FIXED32 else 8)
        else:
            raise refused("not-onnx")
        if not number:
            raise refused("not-onnx")
        yield number, kind, value


def piece(value: Value) -> memoryview:
    """Return a value that has to be bytes."""
    if isinstance(value, int):
        raise refused("not-onnx")
    return value


def whole(value: Value) -> int:
    """Return a value that has to be an integer, with its sign."""
    if not isinstance(value, int):
        raise refused("not-onnx")
    return value - (1 << 64) if value >= 1 << 63 else value


def text(value: Value) -> str:
    """Return a value that has to be a text; what is not UTF-8 is shown as such."""
    return bytes(piece(value)).decode("utf-8", "replace")


def real(value: Value) -> float:
    """Return a single-precision value."""
    found: tuple[float] = struct.unpack("<f", piece(value))
    return found[0]


def reals(values: list[Value]) -> NDArray[np.float32]:
    """Return a repeated single-precision field, packed or not."""
    joined = b"".join(bytes(piece(value)) for value in values)
    if len(joined) % 4:
        raise refused("not-onnx")
    return np.frombuffer(joined, dtype="<f4")


def wholes(values: list[Value]) -> list[int]:
    """Return a repeated integer field, packed or not."""
    found: list[int] = []
    for value in values:
        if isinstance(value, int):
            found.append(whole(value))
            continue
        place = 0
        while place < len(value):
            number, place = _varint(value, place)
            found.append(whole(number))
    return found


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    for byte in message[place : place + LONGEST_VARINT]:
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:  # noqa: PLR2004  the bit that says that more follows
            return value & ((1 << 64) - 1), place
        shift += 7
    raise refused("not-onnx")


def _piece(message: memoryview, place: int, length: int) -> tuple[memoryview, int]:
    if place + length > len(message):
        raise refused("not-onnx")
    return message[place : place + length], place + length
