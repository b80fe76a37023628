"""Two small models written byte by byte in the ONNX format, so that the story needs no exporter.

Field numbers are those of `onnx.proto`.
"""

import struct
from collections.abc import Sequence

ML = "ai.onnx.ml"
FLOAT, INT64 = 1, 7
REAL, TEXT, REALS, WHOLES = 1, 3, 6, 7
"""Kinds of attributes."""


def regression(weights: Sequence[float], bias: float) -> bytes:
    """Return a linear regression of the matrix X."""
    values = [_reals("coefficients", weights), _reals("intercepts", [bias])]
    step = _node("LinearRegressor", ["y"], values)
    return _model(step, len(weights), [_slot("y", 1, FLOAT)])


def classifier(weights: Sequence[float], bias: float) -> bytes:
    """Return a logistic regression of the classes 0 and 1."""
    values = [
        _reals("coefficients", [*(-each for each in weights), *weights]),
        _reals("intercepts", [-bias, bias]),
        _attribute("classlabels_ints", WHOLES, b"".join(_field(8, each) for each in (0, 1))),
        _attribute("post_transform", TEXT, _field(4, "LOGISTIC")),
    ]
    step = _node("LinearClassifier", ["label", "shares"], values)
    return _model(step, len(weights), [_slot("label", 0, INT64), _slot("shares", 2, FLOAT)])


def _model(step: bytes, width: int, outputs: Sequence[bytes]) -> bytes:
    graph = _field(1, step) + _field(2, "demo") + _field(11, _slot("X", width, FLOAT))
    graph += b"".join(_field(12, each) for each in outputs)
    versions = (("", 17), (ML, 3))
    sets = b"".join(_field(8, _field(1, name) + _field(2, number)) for name, number in versions)
    return _field(1, 8) + _field(2, "demo") + _field(7, graph) + sets


def _node(operator: str, outputs: Sequence[str], attributes: Sequence[bytes]) -> bytes:
    content = _field(1, "X") + b"".join(_field(2, name) for name in outputs)
    content += _field(4, operator) + b"".join(_field(5, each) for each in attributes)
    return content + _field(7, ML)


def _slot(name: str, width: int, kind: int) -> bytes:
    dims = _field(1, _field(2, "n")) + (_field(1, _field(1, width)) if width else b"")
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def _reals(name: str, values: Sequence[float]) -> bytes:
    written = (_varint(7 << 3 | 5) + struct.pack("<f", value) for value in values)
    return _attribute(name, REALS, b"".join(written))


def _attribute(name: str, kind: int, content: bytes) -> bytes:
    return _field(1, name) + content + _field(20, kind)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:  # noqa: PLR2004  seven bits to a byte
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
