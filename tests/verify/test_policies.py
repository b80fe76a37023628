"""Policies: read in one way only; a quorum counts witnesses, not lines."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.verify.making import KEY, LOG, ORIGIN, PUBLIC, VKEY, checkpoint, sign
from tests.verify.witnessing import PQ, W1, W2, W3, Witness
from verify.checkpoint import TreeHead, verify_checkpoint
from verify.cosignature import ED25519, write_cosigner
from verify.errors import VerificationError
from verify.merkle import leaf_hash
from verify.note import write_vkey
from verify.policy import MAX_LINES, MAX_POLICY_BYTES, Policy, parse_policy

HEAD = TreeHead(ORIGIN, 1, leaf_hash(b"one"))
AT = 1_700_000_000
NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
STAMPED = checkpoint(1, HEAD.root, AT)
KEYS = f"log {VKEY}\nwitness a {W1.vkey}\nwitness b {W2.vkey}\nwitness c {PQ.vkey}\n"
TWO = KEYS + "group g 2 a b c\nquorum g\n"
NESTED = (
    KEYS + f"witness d {W3.vkey}\ngroup x 2 a b\ngroup y any c d\ngroup both all x y\nquorum both\n"
)


def note(*witnesses: Witness, at: int = AT) -> bytes:
    return (STAMPED + "".join(witness.sign(HEAD, at) for witness in witnesses)).encode()


def test_a_policy_is_read() -> None:
    text = f"""# for the regulator

  log {VKEY}\thttps://log.example/audit
witness \t a {W1.vkey} https://a.example/\t
witness b {PQ.vkey}
group g any a b
\t# done
quorum g
"""

    policy = parse_policy(text)

    assert (policy.log, policy.log_url) == (LOG, "https://log.example/audit")
    assert [(each.name, each.key, each.url) for each in policy.witnesses.values()] == [
        ("a", W1.cosigner, "https://a.example/"),
        ("b", PQ.cosigner, ""),
    ]
    assert (policy.groups["g"].threshold, policy.groups["g"].members) == (1, ("a", "b"))
    assert parse_policy(text.encode()) == policy


@pytest.mark.parametrize(
    ("policy", "signers", "enough"),
    [
        (f"log {VKEY}\nquorum none\n", (), True),
        (KEYS + "quorum none\n", (), True),
        (KEYS + "quorum b\n", (W1, PQ), False),
        (KEYS + "quorum b\n", (W2,), True),
        (TWO, (), False),
        (TWO, (W1,), False),
        (TWO, (W1, W3), False),
        (TWO, (W1, PQ), True),
        (TWO, (W1, W2, PQ), True),
        (NESTED, (W1, W2), False),
        (NESTED, (W1, PQ, W3), False),
        (NESTED, (W1, W2, W3), True),
        (KEYS + "group g all a b c\nquorum g\n", (W1, W2), False),
        (KEYS + "group g all a b c\nquorum g\n", (W1, W2, PQ), True),
    ],
)
def test_the_quorum_decides(policy: str, signers: tuple[Witness, ...], enough: bool) -> None:  # noqa: FBT001
    if not enough:
        with pytest.raises(VerificationError, match="no quorum"):
            parse_policy(policy).check(note(*signers))
        return

    witnessed = parse_policy(policy).check(note(*signers), now=NOW)

    assert (witnessed.head, witnessed.signed_at) == (HEAD, NOW)
    known = {each.key for each in parse_policy(policy).witnesses.values()}
    counted = [witness.cosigner for witness in signers if witness.cosigner in known]
    assert [each.cosigner for each in witnessed.cosignatures] == counted
    assert verify_checkpoint(note(*signers), parse_policy(policy)) == witnessed


def test_a_witness_that_signs_twice_is_not_two() -> None:
    with pytest.raises(VerificationError, match="twice"):
        parse_policy(TWO).check(note(W1, W1))


def test_a_false_cosignature_condemns_the_note_even_beside_a_quorum() -> None:
    false = PQ.sign(TreeHead(ORIGIN, 2, HEAD.root), AT)

    with pytest.raises(VerificationError, match="does not fit"):
        parse_policy(TWO).check(note(W1, W2) + false.encode())


def test_cosignatures_do_not_replace_the_signature_of_the_log() -> None:
    body = HEAD.body
    cosigned = "".join(witness.sign(HEAD, AT) for witness in (W1, W2, PQ))

    with pytest.raises(VerificationError, match="not signed by the expected key"):
        parse_policy(TWO).check(f"{body}\n{cosigned}".encode())


@pytest.mark.parametrize(
    ("seconds", "fits"), [(31, False), (30, True), (0, True), (-60, True), (-61, False)]
)
def test_only_fresh_cosignatures_count(seconds: int, fits: bool) -> None:  # noqa: FBT001
    value = note(W1, W2, at=AT + seconds)
    policy = parse_policy(TWO)

    assert policy.check(value).head == HEAD
    if fits:
        assert policy.check(value, now=NOW, max_age=timedelta(seconds=60)).head == HEAD
    else:
        with pytest.raises(VerificationError, match="in time"):
            policy.check(value, now=NOW, max_age=timedelta(seconds=60))


def test_without_witnesses_the_log_dates_itself() -> None:
    policy = Policy.of_keys([LOG])
    minute = timedelta(seconds=60)

    assert policy.check(note(), now=NOW + minute, max_age=minute).head == HEAD
    with pytest.raises(VerificationError, match="too old"):
        policy.check(note(), now=NOW + minute * 2, max_age=minute)
    with pytest.raises(VerificationError, match="not dated"):
        policy.check(checkpoint(1, HEAD.root).encode(), now=NOW, max_age=minute)


def test_a_changed_key_of_the_log_is_known_beside_the_old_one() -> None:
    old = Witness("old").private
    vkey = write_vkey(ORIGIN, old.public_key().public_bytes_raw())
    line = sign(HEAD.body)

    policy = parse_policy(f"log {vkey}\nlog {VKEY}\nquorum none\n")

    assert policy.check(f"{HEAD.body}\n{line}".encode()).head == HEAD


def test_a_log_signs_only_its_own_origin() -> None:
    other = write_vkey("other.example/log", PUBLIC)
    body = f"other.example/log\n{HEAD.body.partition(chr(10))[2]}"
    value = f"{body}\n{sign(body)}".encode()  # signed under the first log's name

    with pytest.raises(VerificationError, match="another log"):
        Policy.of_keys([LOG]).check(value)
    assert KEY.public_key().public_bytes_raw() == PUBLIC
    with pytest.raises(VerificationError, match="expected key"):
        parse_policy(f"log {other}\nquorum none\n").check(value)


LOG_LINE = f"log {VKEY}\n"
WRONG = {
    "empty": "",
    "no quorum": LOG_LINE,
    "no log": "quorum none\n",
    "two quorums": LOG_LINE + "quorum none\nquorum none\n",
    "a quorum of nobody": LOG_LINE + "quorum a\n",
    "a quorum before its witness": f"{LOG_LINE}quorum a\nwitness a {W1.vkey}\n",
    "quorum of two": KEYS + "quorum a b\n",
    "an unknown line": LOG_LINE + "wittness a b\nquorum none\n",
    "a line in capitals": VKEY.join(("LOG ", "\nquorum none\n")),
    "log without key": "log\nquorum none\n",
    "log with too much": f"log {VKEY} https://a https://b\nquorum none\n",
    "log with a witness key": f"log {W1.vkey}\nquorum none\n",
    "log twice": LOG_LINE * 2 + "quorum none\n",
    "log twice under two names": f"{LOG_LINE}log {write_vkey('b.example', PUBLIC)}\nquorum none\n",
    "witness without key": LOG_LINE + "witness a\nquorum none\n",
    "witness with a log key": f"{LOG_LINE}witness a {VKEY}\nquorum none\n",
    "witness with the log's own key": (
        f"{LOG_LINE}witness a {write_cosigner('w.example', ED25519, PUBLIC)}\nquorum a\n"
    ),
    "witness twice": f"{LOG_LINE}witness a {W1.vkey}\nwitness b {W1.vkey}\nquorum none\n",
    "witness twice under two names": (
        f"{LOG_LINE}witness a {W1.vkey}\n"
        f"witness b {write_cosigner('x', ED25519, W1.cosigner.public_key)}\nquorum none\n"
    ),
    "a name twice": f"{LOG_LINE}witness a {W1.vkey}\nwitness a {W2.vkey}\nquorum none\n",
    "a witness called none": f"{LOG_LINE}witness none {W1.vkey}\nquorum none\n",
    "a group called none": KEYS + "group none any a\nquorum none\n",
    "a group called as a witness": KEYS + "group a any b\nquorum none\n",
    "an empty group": KEYS + "group g any\nquorum g\n",
    "a group of the unknown": KEYS + "group g any a z\nquorum g\n",
    "a group of itself": KEYS + "group g any a g\nquorum g\n",
    "a group of none": KEYS + "group g any none\nquorum g\n",
    "a group used before": KEYS + "group h any g\ngroup g any a\nquorum h\n",
    "a member twice in a group": KEYS + "group g 2 a a\nquorum g\n",
    "a member of two groups": KEYS + "group g any a\ngroup h any a b\nquorum h\n",
    "threshold 0": KEYS + "group g 0 a b\nquorum g\n",
    "threshold too large": KEYS + "group g 3 a b\nquorum g\n",
    "threshold 02": KEYS + "group g 02 a b\nquorum g\n",
    "threshold +2": KEYS + "group g +2 a b\nquorum g\n",
    "threshold -1": KEYS + "group g -1 a b\nquorum g\n",
    "threshold of digits elsewhere": KEYS + "group g ٢ a b\nquorum g\n",
    "threshold most": KEYS + "group g most a b\nquorum g\n",
    "a last line without end": LOG_LINE + "quorum none",
    "line ends of Windows": (LOG_LINE + "quorum none\n").replace("\n", "\r\n"),
    "a mark before": "\ufeff" + LOG_LINE + "quorum none\n",
    "a wide blank": (LOG_LINE + "quorum none\n").replace(" ", "\u3000"),
    "a vertical tab": (LOG_LINE + "quorum\vnone\n"),
    "a null": LOG_LINE + "quorum none\n\0",
    "a delete": LOG_LINE + "quorum none\n\x7f\n",
    "a null in a comment": LOG_LINE + "# \0\nquorum none\n",
    "an escape in a comment": LOG_LINE + "# \x1b[2J\nquorum none\n",
    "a delete in a comment": LOG_LINE + "# \x7f\nquorum none\n",
    "a mark before a comment": "\ufeff# for the regulator\n" + LOG_LINE + "quorum none\n",
    "a comment without end": LOG_LINE + "quorum none\n# the end",
    "half a character": LOG_LINE + "# \ud800\nquorum none\n",
    "too many lines": LOG_LINE + "\n" * MAX_LINES + "quorum none\n",
    "huge": LOG_LINE + "#" * MAX_POLICY_BYTES + "\nquorum none\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_wrong_policies_are_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        parse_policy(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(VerificationError, match="UTF-8"):
        parse_policy(LOG_LINE.encode() + b"# \xff\nquorum none\n")


def test_faults_are_named_by_their_line() -> None:
    with pytest.raises(VerificationError, match="line 5: 'z' is not defined above"):
        parse_policy(KEYS + "group g any z\n")


def test_keys_are_told_apart_by_name_and_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four bytes are soon found twice; a line must never fit two keys."""
    monkeypatch.setattr("verify.cosignature.key_id_of", lambda *_: b"same")
    keys = [W1.cosigner.public_key, W2.cosigner.public_key]
    one, two = (write_vkey("w.example", key, ED25519) for key in keys)

    with pytest.raises(VerificationError, match="told apart"):
        parse_policy(f"{LOG_LINE}witness a {one}\nwitness b {two}\nquorum none\n")


def test_the_largest_policy_is_read() -> None:
    end = "quorum none\n"
    comment = "#" * (MAX_POLICY_BYTES - len(LOG_LINE) - len(end) - 1) + "\n"

    assert MAX_POLICY_BYTES == 1024**2
    assert MAX_LINES == 1024
    assert parse_policy(LOG_LINE + comment + end).log == LOG
    assert parse_policy(LOG_LINE + "\n" * (MAX_LINES - 2) + end).log == LOG
    with pytest.raises(VerificationError, match="too large"):
        parse_policy(LOG_LINE + "#" + comment + end)
    with pytest.raises(VerificationError, match="too many lines"):
        parse_policy(LOG_LINE + "\n" * (MAX_LINES - 1) + end)
