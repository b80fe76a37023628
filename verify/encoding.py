"""Numbers, base64 and lines in the one spelling the formats allow (C2SP; RFC 4648 §4)."""

import base64
import binascii
import re

from verify.errors import VerificationError

LARGEST_SIZE = 2**63 - 1
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)


def parse_decimal(text: str, what: str) -> int:
    """Read an unsigned number without sign, leading zero or blank, at most 2^63 - 1."""
    if not _DECIMAL.match(text):
        message = f"{what} is not a plain decimal number"
        raise VerificationError(message)
    number = int(text)
    if number > LARGEST_SIZE:
        message = f"{what} is larger than 2^63 - 1"
        raise VerificationError(message)
    return number


def parse_base64(text: str, what: str) -> bytes:
    """Read padded base64 in its canonical form: other spellings of the same bytes are refused."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        message = f"{what} is not base64"
        raise VerificationError(message) from error
    if base64.b64encode(value).decode("ascii") != text:
        message = f"{what} is not canonical base64"
        raise VerificationError(message)
    return value


def parse_hash(text: str, what: str) -> bytes:
    """Read one SHA-256 value in base64."""
    value = parse_base64(text, what)
    if len(value) != 32:  # noqa: PLR2004  SHA-256
        message = f"{what} has {len(value)} bytes instead of 32"
        raise VerificationError(message)
    return value


def write_base64(value: bytes) -> str:
    """Write bytes as padded base64."""
    return base64.b64encode(value).decode("ascii")
