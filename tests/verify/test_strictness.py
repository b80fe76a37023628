"""The strictness list of the formats: every item, tried on every parser, at every place it fits."""

import base64
import re
from collections.abc import Callable, Iterator

import pytest

from tests.fuzz.targets import (
    BUNDLE,
    COSIGNED,
    FILES,
    HEAD,
    LOG_NOTES,
    MANIFEST_TEXT,
    POLICY,
    RECEIPTS,
    TARGETS,
    TWO_OF_THREE,
)
from tests.verify import naive
from tests.verify.making import LOG, VKEY
from tests.verify.witnessing import PQ, W1
from verify.checkpoint import parse_body, verify_checkpoint
from verify.cosignature import parse_cosigner
from verify.errors import VerificationError
from verify.note import MAX_NOTE_BYTES, parse_note, parse_vkey
from verify.policy import MAX_POLICY_BYTES, parse_policy
from verify.receipt import MAX_RECEIPT_BYTES, parse_receipt, verify_receipt, write_receipt
from verify.shared import Rebuilding, parse_shared_proof
from verify.tile import split_bundle, split_tile

SHARED = next(target for target in TARGETS if target.name == "shared").seeds[0]
# parser -> how it reads, and something right
PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "key": (lambda data: parse_vkey(data.decode()), VKEY.encode()),
    "witness key": (lambda data: parse_cosigner(data.decode()), W1.vkey.encode()),
    "witness key, ML-DSA": (lambda data: parse_cosigner(data.decode()), PQ.vkey.encode()),
    "checkpoint text": (lambda data: parse_body(data.decode()), HEAD.body.encode()),
    "checkpoint": (lambda data: verify_checkpoint(data, LOG), LOG_NOTES[1].encode()),
    "cosignatures": (TWO_OF_THREE.check, COSIGNED.encode()),
    "policy": (parse_policy, POLICY.encode()),
    "receipt": (lambda data: verify_receipt(data, LOG), RECEIPTS[0].encode()),
    "shared proof": (lambda data: Rebuilding(parse_shared_proof(data, 300), 300), SHARED),
    "tile": (split_tile, FILES["tile/0/001.p/44"]),
    "bundle of entries": (split_bundle, FILES["tile/entries/001.p/44"]),
}
TEXTS = [name for name in PARSERS if name not in {"tile", "bundle of entries"}]
ONE_LINE = {"key", "witness key", "witness key, ML-DSA"}
WITH_NUMBERS = ["checkpoint text", "receipt", "shared proof", "policy"]
_NUMBER = re.compile(
    rb"(?:^|(?<=index )|(?<=run )|(?<=\d )|(?<=group g ))\d+(?=[ \n])", re.MULTILINE
)
_BASE64 = re.compile(
    rb"(?:^|(?<= )|(?<=\+[0-9a-f]{8}\+))[A-Za-z0-9+/]{8,}={0,2}(?=[ \n]|$)", re.MULTILINE
)


def everywhere(
    value: bytes, found: re.Pattern[bytes], new: Callable[[bytes], bytes]
) -> list[bytes]:
    """Return copies of `value` in which one of the finds is replaced."""
    return [
        value[: match.start()] + new(match.group()) + value[match.end() :]
        for match in found.finditer(value)
        if new(match.group()) != match.group()
    ]


def refused(name: str, variants: list[bytes]) -> None:
    read, right = PARSERS[name]
    read(right)
    assert variants
    for variant in variants:
        with pytest.raises(VerificationError):
            read(variant)


def test_what_is_right_is_read() -> None:
    for read, right in PARSERS.values():
        read(right)
    assert parse_note(LOG_NOTES[0].encode())
    assert split_bundle(FILES["tile/entries/000"]) == list(naive.ENTRIES[:256])
    assert BUNDLE
    assert MANIFEST_TEXT


@pytest.mark.parametrize("name", [name for name in PARSERS if name != "policy"])
def test_trailing_bytes(name: str) -> None:
    right = PARSERS[name][1]

    refused(name, [right + more for more in (b"x", b"\n", b" ", b"\0", b"\r\n", b"\x00\x05a")])


@pytest.mark.parametrize("name", TEXTS)
def test_line_ends_of_other_systems(name: str) -> None:
    right = PARSERS[name][1]

    variants = [right.replace(b"\n", b"\r\n"), right.replace(b"\n", b"\r"), right + b"\r\n"]
    refused(name, [each for each in variants if each != right])
    if name not in ONE_LINE:
        refused(name, everywhere(right, re.compile(rb"\n"), lambda _end: b"\r\n"))


@pytest.mark.parametrize("name", TEXTS)
def test_byte_order_mark(name: str) -> None:
    right = PARSERS[name][1]

    refused(name, [b"\xef\xbb\xbf" + right, right.decode().encode("utf-16")] if name not in (
        ONE_LINE | {"checkpoint text"}
    ) else [b"\xef\xbb\xbf" + right])  # fmt: skip


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "policy"])
def test_tabs(name: str) -> None:
    """C2SP allows tabs between the items of a policy, and nowhere else."""
    right = PARSERS[name][1]

    variants = [b"\t" + right, right + b"\t"]
    variants += everywhere(right, re.compile(rb" "), lambda _blank: b"\t")
    variants += everywhere(right, re.compile(rb"\n"), lambda _end: b"\t\n")
    refused(name, variants)


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ONE_LINE])
def test_doubled_lines(name: str) -> None:
    right = PARSERS[name][1]
    lines = right.splitlines(keepends=True)

    refused(
        name,
        [
            b"".join([*lines[:place], line, *lines[place:]])
            for place, line in enumerate(lines)
            if not line.startswith(b"#")
        ],
    )


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ONE_LINE | {"policy"}])
def test_blank_lines(name: str) -> None:
    right = PARSERS[name][1]
    lines = right.splitlines(keepends=True)

    for blank in (b"\n", b" \n"):
        refused(
            name,
            [b"".join([*lines[:place], blank, *lines[place:]]) for place in range(len(lines) + 1)],
        )


@pytest.mark.parametrize("name", WITH_NUMBERS)
@pytest.mark.parametrize(
    "new",
    [
        b"+%b", b"-%b", b"0%b", b"%b.0", b"%be0", b"%b_0", b"0x%b", b"", b" %b", b"%b ",
        b"9223372036854775808", b"18446744073709551616", b"1" + b"0" * 5000,
        "٥".encode(), "５".encode(),
    ],
)  # fmt: skip
def test_numbers_written_otherwise(name: str, new: bytes) -> None:
    if name == "policy" and new in {b" %b", b"%b "}:
        return  # any number of blanks sets items apart
    write = (lambda text: new % text) if b"%" in new else (lambda _text: new)

    refused(name, everywhere(PARSERS[name][1], _NUMBER, write))


def _otherwise(text: bytes) -> Iterator[bytes]:
    """Other spellings that some decoders take for the same bytes."""
    yield text.rstrip(b"=") + b"=" * (not text.endswith(b"="))
    yield text + b"="
    yield text + b"\x0b"
    yield b" " + text
    yield text[:4] + b" " + text[4:]
    yield text[:4] + b"-" + text[4:]
    if text.endswith(b"="):
        body = text.rstrip(b"=")
        yield body[:-1] + bytes([body[-1] + 1]) + text[len(body) :]


@pytest.mark.parametrize("name", TEXTS)
def test_base64_written_otherwise(name: str) -> None:
    right = PARSERS[name][1]
    variants: list[bytes] = []
    for match in _BASE64.finditer(right):
        for text in _otherwise(match.group()):
            if name == "policy" and b" " in text:
                continue
            variants.append(right[: match.start()] + text + right[match.end() :])

    refused(name, [variant for variant in variants if variant != right])


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("change", [lambda value: value[:-1], lambda value: value + b"\0"])
def test_hashes_and_keys_of_other_lengths(name: str, change: Callable[[bytes], bytes]) -> None:
    def other(text: bytes) -> bytes:
        return base64.b64encode(change(base64.b64decode(text)))

    found = _BASE64 if name != "receipt" else re.compile(rb"^[A-Za-z0-9+/]{43}=$", re.MULTILINE)
    refused(name, everywhere(PARSERS[name][1], found, other))


@pytest.mark.parametrize("length", [1, 31, 33, 8191])
def test_tiles_of_broken_hashes(length: int) -> None:
    with pytest.raises(VerificationError):
        split_tile(bytes(length))


def test_more_than_63_hashes_in_a_proof() -> None:
    for count, fits in ((63, True), (64, False), (1000, False)):
        text = write_receipt(index=0, proof=[bytes(32)] * count, checkpoint=LOG_NOTES[1]).encode()
        if fits:
            assert len(parse_receipt(text).proof) == 63
        else:
            with pytest.raises(VerificationError, match="too many hashes"):
                parse_receipt(text)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("checkpoint", MAX_NOTE_BYTES),
        ("cosignatures", MAX_NOTE_BYTES),
        ("receipt", MAX_RECEIPT_BYTES),
        ("policy", MAX_POLICY_BYTES),
    ],
)
def test_huge_texts(name: str, most: int) -> None:
    right = PARSERS[name][1]

    refused(name, [right + b"x" * most, b"x" * most + right, right * (most // len(right) + 1)])


@pytest.mark.parametrize("name", PARSERS)
def test_cut_off_anywhere(name: str) -> None:
    """Nothing but a whole number of hashes or entries is read from a beginning."""
    read, right = PARSERS[name]

    for end in range(0, len(right), max(1, len(right) // 300)):
        try:
            read(right[:end])
        except VerificationError:
            continue
        assert name in {"tile", "bundle of entries"} or right[:end].endswith(b"\n")
