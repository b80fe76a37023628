"""The one way of writing a record as bytes, so that a digest or signature means one thing."""

from collections.abc import Mapping

import rfc8785


def canonical(document: Mapping[str, object]) -> bytes:
    """Write `document` as RFC 8785 JSON; amounts and large numbers are text, never floats."""
    _refuse_floats(document, "$")
    return rfc8785.dumps(document)  # type: ignore[arg-type]


def _refuse_floats(value: object, where: str) -> None:
    if isinstance(value, float):
        message = f"{where} is a float; write amounts and rates as text"
        raise TypeError(message)
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_floats(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            _refuse_floats(item, f"{where}[{position}]")
