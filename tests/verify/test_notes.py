"""Signed notes, keys and checkpoints are read in one spelling only, and never crash."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.making import KEY, LOG, ORIGIN, PUBLIC, VKEY, checkpoint, sign, stamp
from verify.checkpoint import TreeHead, parse_body, verify_checkpoint
from verify.encoding import LARGEST_SIZE, parse_base64, parse_decimal, parse_hash
from verify.errors import VerificationError
from verify.merkle import EMPTY_ROOT
from verify.note import MAX_NOTE_BYTES, parse_note, parse_vkey, verify_note, write_vkey

ROOT = hashlib.sha256(b"root").digest()
GOOD = checkpoint(70_000, ROOT, 1_700_000_000).encode()
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
UNKNOWN = "— other.example/witness " + base64.b64encode(b"idxx" + bytes(64)).decode() + "\n"


def test_the_published_example_verifies() -> None:
    text, signed_by = verify_note(EXAMPLE.encode(), [parse_vkey(EXAMPLE_KEY)])

    assert text == "This is an example message.\n"
    assert [verifier.name for verifier in signed_by] == ["example.com/foo"]


def test_a_checkpoint_gives_its_head_and_time() -> None:
    signed = verify_checkpoint(GOOD, LOG)

    assert signed.head == TreeHead(ORIGIN, 70_000, ROOT)
    assert signed.signed_at is not None
    assert signed.signed_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert verify_checkpoint(checkpoint(70_000, ROOT).encode(), LOG).signed_at is None


def test_signatures_of_unknown_keys_are_ignored() -> None:
    note = checkpoint(1, ROOT)

    assert verify_checkpoint((note + UNKNOWN).encode(), LOG).head.size == 1


BODY = TreeHead(ORIGIN, 5, ROOT).body
FALSE = sign("other\n")
WRONG = {
    "empty": "",
    "no signature": BODY,
    "no blank line": BODY + sign(BODY),
    "no line end": BODY + "\n" + sign(BODY)[:-1],
    "only a false signature": BODY + "\n" + FALSE,
    "a false signature beside a good one": BODY + "\n" + sign(BODY) + FALSE,
    "twice": BODY + "\n" + sign(BODY) * 2,
    "only an unknown key": BODY + "\n" + UNKNOWN,
    "text after": BODY + "\n" + sign(BODY) + "more\n",
    "blank line after": BODY + "\n" + sign(BODY) + "\n",
    "line ends of Windows": (BODY + "\n" + sign(BODY)).replace("\n", "\r\n"),
    "a mark before": "\ufeff" + BODY + "\n" + sign(BODY),
    "a tab": BODY.replace(ORIGIN, ORIGIN + "\t") + "\n" + sign(BODY),
    "a hyphen for the dash": BODY + "\n" + sign(BODY).replace("\u2014", "-"),
    "two blanks": BODY + "\n" + sign(BODY).replace(" ", "  "),
    "a name with a plus": BODY + "\n" + sign(BODY).replace(ORIGIN, "a+b"),
    "a name with a wide blank": BODY + "\n" + sign(BODY).replace(ORIGIN, "a\u3000b"),
    "too short a signature": BODY + "\n— a.example AAAA\n",
    "too many signatures": BODY + "\n" + sign(BODY) + UNKNOWN * 64,
    "huge": BODY + "\n" + sign(BODY) + "x" * MAX_NOTE_BYTES,
    "base64 with a blank": BODY + "\n" + sign(BODY)[:-2] + " \n",
    "a second time": BODY + "\n" + sign(BODY) + stamp(BODY, 1) + stamp(BODY, 2),
    "a time of another body": BODY + "\n" + sign(BODY) + stamp("x\n", 1),
    "a time that is none": BODY + "\n" + sign(BODY) + stamp(BODY, 2**62),
    "a time beyond the largest": BODY + "\n" + sign(BODY) + stamp(BODY, 2**63),
}


@pytest.mark.parametrize("note", WRONG.values(), ids=WRONG.keys())
def test_wrong_notes_are_refused(note: str) -> None:
    with pytest.raises(VerificationError):
        verify_checkpoint(note.encode(), LOG)


def _signed(body: str) -> bytes:
    return f"{body}\n{sign(body)}".encode()


HASH = base64.b64encode(ROOT).decode()
BODIES = [
    f"other.example/log\n5\n{HASH}\n",
    f"{ORIGIN}\n+5\n{HASH}\n",
    f"{ORIGIN}\n05\n{HASH}\n",
    f"{ORIGIN}\n5 \n{HASH}\n",
    f"{ORIGIN}\n-5\n{HASH}\n",
    f"{ORIGIN}\n٥\n{HASH}\n",
    f"{ORIGIN}\n{LARGEST_SIZE + 1}\n{HASH}\n",
    f"{ORIGIN}\n{'9' * 400}\n{HASH}\n",
    f"{ORIGIN}\n\n{HASH}\n",
    f"{ORIGIN}\n5\n{HASH[:-1]}\n",
    f"{ORIGIN}\n5\n{base64.b64encode(ROOT[:31]).decode()}\n",
    f"{ORIGIN}\n5\n{base64.b64encode(ROOT + b'x').decode()}\n",
    f"{ORIGIN}\n5\n{HASH[:-2]}{chr(ord(HASH[-2]) + 1)}=\n",
    f"{ORIGIN}\n5\n{HASH}\nextension\n",
    f"{ORIGIN}\n5\n",
    f"\n5\n{HASH}\n",
    f"{ORIGIN}\n0\n{HASH}\n",
]


@pytest.mark.parametrize("body", BODIES)
def test_wrong_bodies_are_refused_even_when_signed(body: str) -> None:
    with pytest.raises(VerificationError):
        verify_checkpoint(_signed(body), LOG)


def test_the_empty_log_has_one_root() -> None:
    assert parse_body(TreeHead(ORIGIN, 0, EMPTY_ROOT).body).size == 0


@given(place=st.integers(0, len(GOOD) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_of_a_checkpoint_is_refused_or_only_undates_it(
    place: int, bit: int
) -> None:
    changed = bytearray(GOOD)
    changed[place] ^= 1 << bit

    try:
        signed = verify_checkpoint(bytes(changed), LOG)
    except VerificationError:
        return

    assert signed.head == TreeHead(ORIGIN, 70_000, ROOT)
    assert signed.signed_at is None  # its line became that of an unknown key


@given(value=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nonsense_is_refused_with_one_error(value: bytes) -> None:
    for read in (parse_note, lambda note: verify_checkpoint(note, LOG)):
        with pytest.raises(VerificationError):
            read(value)


@given(text=st.one_of(st.text(max_size=120), st.sampled_from([VKEY, EXAMPLE_KEY]), st.builds(
    lambda name, rest: f"{name}+{rest}", st.text(max_size=9), st.text(max_size=60)
)))  # fmt: skip
def test_keys_are_read_or_refused_with_one_error(text: str) -> None:
    try:
        verifier = parse_vkey(text)
    except VerificationError:
        return

    assert write_vkey(verifier.name, verifier.public_key) == text


ORDER_8 = 55188659117513257062467267217118295137698188065244968500265048394206261417927
WEAK = [0, 1, 2**255 - 20, ORDER_8, 2**255 - 19 - ORDER_8, 2**255 - 19, 2**255 - 1]


@pytest.mark.parametrize("sign_bit", [0, 1])
@pytest.mark.parametrize("y", WEAK)
def test_weak_keys_are_refused(y: int, sign_bit: int) -> None:
    public_key = (y | sign_bit << 255).to_bytes(32, "little")

    with pytest.raises(VerificationError, match="weak"):
        parse_vkey(write_vkey("a.example/log", public_key))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        "a.example+00000000+" + VKEY.rpartition("+")[2],
        VKEY.replace("+", "-", 1),
        VKEY.upper(),
        VKEY + " ",
        VKEY[:-4],
        write_vkey(ORIGIN, PUBLIC + b"x"),
    ],
)
def test_wrong_keys_are_refused(vkey: str) -> None:
    with pytest.raises(VerificationError):
        parse_vkey(vkey)


def test_a_verifier_says_no_to_signatures_of_any_length() -> None:
    for length in (0, 1, 63, 64, 65, 1000):
        assert not LOG.accepts(b"text", bytes(length))
    assert LOG.accepts(b"text", KEY.sign(b"text"))


@given(number=st.integers(0, LARGEST_SIZE))
def test_numbers_have_one_spelling(number: int) -> None:
    assert parse_decimal(str(number), "number") == number


@given(value=st.binary(max_size=70))
def test_base64_has_one_spelling(value: bytes) -> None:
    text = base64.b64encode(value).decode()

    assert parse_base64(text, "value") == value
    for other in (text + "\n", " " + text, text + "=", text.rstrip("=") + "==="):
        with pytest.raises(VerificationError):
            parse_base64(other, "value")
    if len(value) != 32:
        with pytest.raises(VerificationError, match="instead of 32"):
            parse_hash(text, "value")
