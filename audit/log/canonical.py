"""The one way of writing a record as bytes, so that a digest or signature means one thing."""

import json
from collections.abc import Mapping

import rfc8785

LARGEST_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3, by I-JSON

# What `_is_plain` lets through, the standard library writes as RFC 8785 asks, ten times as fast
_write = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(document: Mapping[str, object]) -> bytes:
    """Write `document` as RFC 8785 JSON; amounts and large numbers are text, never floats.

    Raises TypeError for a float, rfc8785.CanonicalizationError for what has no such form.
    """
    if _is_plain(document):
        try:
            return _write(document).encode()
        except UnicodeEncodeError:  # half of a character, which `rfc8785` refuses in its own words
            pass
    _refuse_floats(document, "$")
    return rfc8785.dumps(document)  # type: ignore[arg-type]


def _is_plain(value: object) -> bool:
    """Whether `value` holds texts, whole numbers, truth values and nothing, under ASCII names.

    Other names are sorted by UTF-16 there and by code points here, other types are not the same to
    both; they are rare, and left to `rfc8785`.
    """
    if isinstance(value, str) or value is None or value is True or value is False:
        return True
    if type(value) is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER
    if type(value) is dict:
        for key, item in value.items():
            if not (type(key) is str and key.isascii() and _is_plain(item)):
                return False
        return True
    return isinstance(value, list | tuple) and all(map(_is_plain, value))


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
