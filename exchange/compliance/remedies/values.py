"""Changing the values of one column: as text, each different one once per batch."""

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Final

import pyarrow as pa
import pyarrow.types as kinds

from exchange.compliance.scanner.masking import mask as mask_as

PREFIX: Final = "pk"
"""How every pseudonym begins, so that none passes for an identifier or for an unsalted digest."""
KEY_SIZE: Final = 32
_DIGEST: Final = 16
_CHINA: Final = re.compile(r"(?:\+|00)86(?=1\d{10}$)")
_SEPARATORS: Final = re.compile(r"[\s\-‐-―·.()（）]+")
_INVISIBLE: Final = frozenset({"Cf", "Mn"})
Change = Callable[[str], str | None]


def change_values(values: pa.Array, change: Change) -> pa.Array:
    """Return a column of text made from another, value by value; None becomes empty."""
    encoded = as_text(values).dictionary_encode()
    made = [None if text is None else change(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(encoded.indices)


def as_text(values: pa.Array) -> pa.Array:
    """Return a column as text, whole numbers without a decimal point."""
    kind = values.type
    if kinds.is_dictionary(kind):
        return as_text(values.cast(kind.value_type))
    if kinds.is_floating(kind):
        encoded = values.dictionary_encode()
        written = [None if number is None else _write(number) for number in
                   encoded.dictionary.to_pylist()]  # fmt: skip
        return pa.array(written, pa.large_string()).take(encoded.indices)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        texts = [None if each is None else base64.b64encode(each).decode() for each in
                 values.to_pylist()]  # fmt: skip
        return pa.array(texts, pa.large_string())
    if kinds.is_nested(kind):
        texts = [None if each is None else str(each) for each in values.to_pylist()]
        return pa.array(texts, pa.large_string())
    return values.cast(pa.large_string())


def masker(kind: str, first: int, last: int) -> Change:
    """Return what shows so many first and last characters, or as many as is usual for a kind."""
    if kind:
        return lambda text: mask_as(kind, text)

    def change(text: str) -> str:
        head, tail = (first, last) if first + last < len(text) else (0, 0)
        hidden = "*" * (len(text) - head - tail)
        return text[:head] + hidden + (text[-tail:] if tail else "")

    return change


def pseudonymizer(key: bytes, form: str) -> Change:
    """Return what turns a value into its keyed pseudonym; the key does not leave this function."""
    if len(key) != KEY_SIZE:
        message = f"a key has {KEY_SIZE} bytes"
        raise ValueError(message)
    plain = plain_identifier if form == "IDENTIFIER" else plain_text

    def change(text: str) -> str | None:
        value = plain(text)
        if not value:
            return None
        digest = hmac.digest(key, value.encode(), "sha256")[:_DIGEST]
        return PREFIX + base64.b32encode(digest).decode().rstrip("=").lower()

    return change


def plain_text(text: str) -> str:
    """Return a text in its compatible form, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def plain_identifier(text: str) -> str:
    """Return an identifier as it is meant: the same however it is spaced, cased or prefixed."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(char for char in folded if unicodedata.category(char) not in _INVISIBLE)
    seen = seen.strip().removeprefix('="').removesuffix('"').removeprefix("'")
    return _CHINA.sub("", _SEPARATORS.sub("", seen).upper())


def bander(width: Decimal, low: Decimal | None, high: Decimal | None) -> Change:
    """Return what writes a number as its band, `30-39` for whole numbers and `[1.5, 2)` else."""

    def change(text: str) -> str | None:
        try:
            number = Decimal(text.strip().replace(",", ""))
        except InvalidOperation:
            return None
        if not number.is_finite():
            return None
        if low is not None and number < low:
            return f"<{low:f}"
        if high is not None and number >= high:
            return f">={high:f}"
        begin = (number / width).to_integral_value(ROUND_FLOOR) * width
        end = begin + width
        if width == width.to_integral_value() and number == number.to_integral_value():
            return f"{int(begin)}-{int(end) - 1}" if width > 1 else f"{int(begin)}"
        return f"[{begin:f}, {end:f})"

    return change


def _write(number: float) -> str:
    if number.is_integer() and abs(number) < 2**53:
        return str(int(number))
    return repr(number)
