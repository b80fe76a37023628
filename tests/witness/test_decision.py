"""The table of a witness's answers, in the order in which the protocol gives the refusals."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.witness.logs import KnownLogs
from audit.witness.state import Kind, State
from tests.verify.making import KEY, ORIGIN, PUBLIC, VKEY
from verify.checkpoint import TreeHead
from verify.cosignature import parse_cosigner, read_cosignatures
from verify.errors import VerificationError
from verify.merkle import EMPTY_ROOT
from verify.note import write_vkey

from .making import (
    ED25519_KEY,
    MLDSA44_KEY,
    NOON,
    Bench,
    Tree,
    make_witness,
    submission,
)

LOG, FORK = Tree(), Tree("forked", fork_at=30)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HASH = bytes(32)


def test_a_log_that_grows_is_cosigned_by_both_keys(bench: Bench) -> None:
    for old, size in [(0, 0), (0, 1), (1, 40), (40, 40), (40, 41), (41, 200)]:
        bench.clock.now += 1
        status, lines = bench.send(LOG.submission(old, size))

        assert status == 200
        note = f"{LOG.head(size).body}\n{lines}".encode()
        keys = [parse_cosigner(key.vkey) for key in (ED25519_KEY, MLDSA44_KEY)]
        found = read_cosignatures(note, LOG.head(size), keys)
        assert [each.cosigner for each in found] == keys
        assert {each.at.timestamp() for each in found} == {bench.clock.now}
        assert bench.stored() == size
    assert bench.reported == []


# What stands before each: the witness cosigned LOG at 40.
REFUSALS: dict[str, tuple[Callable[[], bytes], int]] = {
    # 400: what cannot be read
    "nothing": (lambda: b"", 400),
    "no blank line": (lambda: b"old 40\n" + LOG.note(41).encode().replace(b"\n\n", b"\n"), 400),
    "no old size": (lambda: b"\n\n" + LOG.note(41).encode(), 400),
    "old size misnamed": (lambda: b"size 40\n\n" + LOG.note(41).encode(), 400),
    "old size with a sign": (lambda: submission("+40", [], LOG.note(41)), 400),
    "old size with a zero before": (lambda: submission("040", [], LOG.note(41)), 400),
    "old size too large": (lambda: submission(2**63, [], LOG.note(41)), 400),
    "hash of 31 bytes": (lambda: submission(40, [HASH[1:]], LOG.note(41)), 400),
    "64 hashes": (lambda: submission(40, [HASH] * 64, LOG.note(41)), 400),
    "carriage returns": (lambda: LOG.submission(40, 41).replace(b"\n", b"\r\n"), 400),
    "note without signature": (lambda: submission(40, [], LOG.head(41).body), 400),
    "extension line": (lambda: submission(40, [], LOG.sign(LOG.head(41).body + "more\n")), 400),
    "something after the note": (lambda: LOG.submission(40, 41) + b"\n", 400),
    "too large": (lambda: LOG.submission(40, 41) + b"x" * 2**20, 400),
    # 404 before 403: of an unknown log no key is known
    "unknown log": (lambda: Tree(origin="log.example/other").submission(40, 41), 404),
    # 403: known log, not its key
    "another key": (lambda: Tree(key=OTHER_KEY).submission(40, 41), 403),
    "signature of another head": (
        lambda: submission(
            40, LOG.proof(40, 41), LOG.head(41).body + LOG.note(42).removeprefix(LOG.head(42).body)
        ),
        403,
    ),
    "signed twice": (
        lambda: LOG.submission(40, 41) + LOG.note(41).partition("\n\n")[2].encode(),
        403,
    ),
    "another key and an old size too large": (lambda: Tree(key=OTHER_KEY).submission(50, 41), 403),
    # 400 before 409: rollback
    "rollback": (lambda: LOG.submission(40, 39), 400),
    "old size above both": (lambda: LOG.submission(60, 50), 400),
    # 409: another size is stored
    "stale old size": (lambda: LOG.submission(10, 41), 409),
    "old size ahead of us": (lambda: LOG.submission(50, 60), 409),
    "first contact, says the log": (lambda: LOG.submission(0, 41), 409),
    "rollback with its own old size": (lambda: LOG.submission(20, 30), 409),
    # 422: not the log we know
    "fork of the same size": (lambda: FORK.submission(40, 40), 422),
    "fork of a larger size": (lambda: FORK.submission(40, 60), 422),
    "proof missing": (lambda: LOG.submission(40, 60, proof=[]), 422),
    "proof of other sizes": (lambda: LOG.submission(40, 60, proof=LOG.proof(41, 60)), 422),
    "proof too long": (lambda: LOG.submission(40, 60, proof=[*LOG.proof(40, 60), HASH]), 422),
    "proof between equals": (lambda: LOG.submission(40, 40, proof=[HASH]), 422),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(bench: Bench, case: str) -> None:
    bench.send(LOG.submission(0, 40))
    before = dump(bench)
    make, status = REFUSALS[case]

    answer = bench.witness.add_checkpoint(make())

    assert answer.status == status
    if status == 409:
        assert (answer.body, answer.content_type) == ("40\n", "text/x.tlog.size")
    else:
        assert answer.body.endswith("\n")
        assert "\u2014" not in answer.body
    assert dump(bench) == before


@pytest.mark.parametrize(
    ("head", "proof"),
    [
        (TreeHead(ORIGIN, 0, HASH), []),  # no entries, and a root
        (TreeHead(ORIGIN, 0, EMPTY_ROOT), [HASH]),
        (LOG.head(5), [HASH]),  # a proof from nothing
    ],
)
def test_refusals_at_first_contact(bench: Bench, head: TreeHead, proof: list[bytes]) -> None:
    assert bench.send(submission(0, proof, LOG.sign(head.body)))[0] == 422
    assert bench.send(submission(1, [], LOG.note(5))) == (409, "0\n")
    assert bench.stored() == 0
    assert bench.state.evidence() == []


def test_every_fork_keeps_both_signed_notes(bench: Bench) -> None:
    bench.send(LOG.submission(0, 40))
    bench.send(LOG.submission(40, 50))

    same = bench.send(FORK.submission(50, 50))
    larger = bench.send(FORK.submission(50, 60))
    earlier = bench.send(FORK.submission(0, 40))  # of a size cosigned before: also told apart

    assert [same[0], larger[0], earlier[0]] == [422, 422, 409]
    held = [(each.kind, each.note.decode(), each.against.decode()) for each in bench.reported]
    assert [kind for kind, _note, _against in held] == [Kind.FORK, Kind.DOUBT, Kind.FORK]
    for (_kind, note, against), (size, against_size) in zip(
        held, [(50, 50), (60, 50), (40, 40)], strict=True
    ):
        assert note == FORK.note(size)
        assert against.startswith(LOG.note(against_size))
    assert bench.state.evidence() == bench.reported


def test_the_same_fork_is_reported_once(bench: Bench) -> None:
    bench.send(LOG.submission(0, 40))

    for _again in range(3):
        assert bench.send(FORK.submission(40, 40))[0] == 422

    assert len(bench.reported) == len(bench.state.evidence()) == 1


def test_a_bad_proof_by_anybody_is_a_doubt_until_a_good_one_comes(bench: Bench) -> None:
    bench.send(LOG.submission(0, 40))
    bench.send(LOG.submission(40, 60, proof=[]))
    assert [each.kind for each in bench.state.evidence()] == [Kind.DOUBT]

    assert bench.send(LOG.submission(40, 60))[0] == 200

    assert bench.state.evidence() == []


def test_evidence_does_not_grow_with_foreign_signatures(bench: Bench) -> None:
    junk = "\u2014 somebody.example AAAAAAAA" + "A" * 4000 + "\n"
    bench.send(LOG.submission(0, 40) + 20 * junk.encode())
    bench.send(FORK.submission(40, 40) + 20 * junk.encode())

    (evidence,) = bench.state.evidence()
    assert evidence.note.decode() == FORK.note(40)
    assert b"somebody" not in evidence.against


def test_two_heads_from_two_receipts_tell_a_split_view(bench: Bench) -> None:
    """T06: two clients were shown different logs; one witness that both ask finds it out."""
    first, second = LOG.note(45), FORK.note(47)

    assert bench.send(submission(0, [], first))[0] == 200
    status, _reason = bench.send(submission(45, FORK.proof(45, 47), second))

    assert status == 422
    (evidence,) = bench.reported
    assert evidence.note.decode() == second
    assert evidence.against.decode().startswith(first)


def test_time_never_runs_back(bench: Bench) -> None:
    bench.send(LOG.submission(0, 40))
    bench.clock.now -= 1

    status, _reason = bench.send(LOG.submission(40, 41))

    assert status == 503
    assert bench.stored() == 40
    bench.clock.now = NOON
    assert bench.send(LOG.submission(40, 41))[0] == 200


def test_time_never_runs_back_over_all_logs(tmp_path: Path) -> None:
    other = Tree(origin="log.example/second")
    bench = make_witness(tmp_path, VKEY, write_vkey(other.origin, PUBLIC))
    bench.send(LOG.submission(0, 40))
    bench.clock.now -= 3600

    assert bench.send(other.submission(0, 3))[0] == 503
    assert bench.stored(other.origin) == 0
    bench.state.close()


def test_logs_are_kept_apart(tmp_path: Path) -> None:
    other = Tree("other", origin="log.example/second")
    bench = make_witness(tmp_path, VKEY, write_vkey(other.origin, PUBLIC))

    assert bench.send(LOG.submission(0, 40))[0] == 200
    assert bench.send(other.submission(0, 30))[0] == 200

    assert (bench.stored(), bench.stored(other.origin)) == (40, 30)
    assert bench.state.evidence() == []
    bench.state.close()


def test_one_of_two_requests_at_once_wins(bench: Bench) -> None:
    bench.send(LOG.submission(0, 40))
    barrier, answers = threading.Barrier(8), []

    def send(size: int) -> None:
        barrier.wait()
        answers.append((size, *bench.send(LOG.submission(40, size))))

    threads = [threading.Thread(target=send, args=(50 + number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    won = [size for size, status, _body in answers if status == 200]
    assert len(won) == 1
    assert bench.stored() == won[0]
    assert all(
        (status, body) == (409, f"{won[0]}\n") for size, status, body in answers if size not in won
    )


def test_what_was_answered_outlives_the_witness(tmp_path: Path) -> None:
    first = make_witness(tmp_path)
    _status, lines = first.send(LOG.submission(0, 40))
    first.send(FORK.submission(40, 40))
    first.state.close()

    second = make_witness(tmp_path)

    assert second.stored() == 40
    assert second.send(LOG.submission(0, 41)) == (409, "40\n")
    assert second.send(FORK.submission(40, 40))[0] == 422
    kept = second.state.newest(lambda origin: origin == ORIGIN)
    assert kept is not None
    assert kept.note.decode() == LOG.note(40) + lines
    assert len(second.state.evidence()) == 1
    second.clock.now = NOON - 1
    assert second.send(LOG.submission(40, 41))[0] == 503
    second.state.close()


def test_nothing_is_answered_that_was_not_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.send(LOG.submission(0, 40))

    class Broken:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self.connection = connection
            self.broken = True

        def execute(self, query: str, *values: object) -> sqlite3.Cursor:
            if query == "COMMIT" and self.broken:
                raise sqlite3.OperationalError("disk I/O error")
            return self.connection.execute(query, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(self.connection, name)

    broken = Broken(bench.state._connection)
    monkeypatch.setattr(bench.state, "_connection", broken)

    with pytest.raises(sqlite3.OperationalError):
        bench.send(LOG.submission(40, 41))

    broken.broken = False
    assert bench.stored() == 40
    assert bench.send(LOG.submission(40, 41))[0] == 200


def test_old_heads_are_forgotten_in_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.witness.state._KEPT_HEADS", 10)
    monkeypatch.setattr("audit.witness.state._TRIMMED_EVERY", 1)

    for size in range(1, 31):
        bench.send(LOG.submission(size - 1, size))

    with bench.state.change() as change:
        assert change.at_size(ORIGIN, 20) is None
        assert change.at_size(ORIGIN, 21) is not None
    assert bench.stored() == 30


def test_a_new_key_of_a_log_speaks_beside_the_old_one(tmp_path: Path) -> None:
    new = write_vkey(ORIGIN, OTHER_KEY.public_key().public_bytes_raw())
    bench = make_witness(tmp_path, VKEY, new)
    renewed = Tree(key=OTHER_KEY)
    both = LOG.note(50) + renewed.note(50).partition("\n\n")[2]

    assert bench.send(LOG.submission(0, 40))[0] == 200
    assert bench.send(submission(40, LOG.proof(40, 50), both))[0] == 200
    assert bench.send(renewed.submission(50, 60))[0] == 200
    assert bench.reported == []
    bench.state.close()


def test_a_false_signature_beside_a_true_one_is_refused(tmp_path: Path) -> None:
    new = write_vkey(ORIGIN, OTHER_KEY.public_key().public_bytes_raw())
    bench = make_witness(tmp_path, VKEY, new)
    false = Tree(key=OTHER_KEY).note(41).partition("\n\n")[2]

    assert bench.send(submission(0, [], LOG.note(40) + false))[0] == 403
    bench.state.close()


YEAR = "exchange.example/audit/2026"


@pytest.mark.parametrize(
    ("origin", "key", "known"),
    [
        (YEAR, KEY, True),
        ("exchange.example/audit/2027", KEY, True),
        ("exchange.example/audit/2040", KEY, True),
        ("exchange.example/audit/2025", KEY, False),
        ("exchange.example/audit/02027", KEY, False),
        ("exchange.example/audit/2027x", KEY, False),
        ("exchange.example/audit/next", KEY, False),
        ("exchange.example/audit/2027/2027", KEY, False),
        ("exchange.example/other/2027", KEY, False),
        ("exchange.example/audit", KEY, False),
    ],
)
def test_later_years_of_a_known_log(
    tmp_path: Path, origin: str, key: Ed25519PrivateKey, *, known: bool
) -> None:
    bench = make_witness(tmp_path, write_vkey(YEAR, PUBLIC), following_years=True)

    assert bench.send(Tree(origin=origin, key=key).submission(0, 3))[0] == (200 if known else 404)
    if known:
        foreign = Tree(origin=origin, key=OTHER_KEY)
        assert bench.send(foreign.submission(3, 4))[0] == 403
    bench.state.close()


def test_later_years_are_unknown_unless_they_are_asked_for(tmp_path: Path) -> None:
    bench = make_witness(tmp_path, write_vkey(YEAR, PUBLIC))

    assert bench.send(Tree(origin=YEAR.replace("2026", "2027")).submission(0, 3))[0] == 404
    bench.state.close()


def test_a_log_named_too_long_for_a_cosignature_is_refused_at_the_start() -> None:
    with pytest.raises(VerificationError, match="255"):
        KnownLogs.parse([write_vkey("x" * 256, PUBLIC)])


VALID = LOG.submission(40, 41)
PLACES = st.integers(0, len(VALID))


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(str.encode),
        st.tuples(
            st.integers(0, len(VALID)), st.integers(0, len(VALID)), st.binary(max_size=5)
        ).map(lambda cut: VALID[: cut[0]] + cut[2] + VALID[cut[1] :]),
        st.tuples(st.integers(0, len(VALID) - 1), st.integers(1, 255)).map(
            lambda flip: VALID[: flip[0]] + bytes([VALID[flip[0]] ^ flip[1]]) + VALID[flip[0] + 1 :]
        ),
        st.builds(
            submission,
            st.integers(-1, 2**64) | st.text(max_size=5),
            st.lists(st.binary(min_size=31, max_size=33), max_size=70),
            st.just(LOG.note(41)),
        ),
    )
)
def test_whatever_is_sent_gets_one_of_the_answers(hostile: Bench, body: bytes) -> None:
    status, text = hostile.send(body)

    if body == VALID or status == 200:
        assert hostile.stored() == 41
        return
    assert status in {400, 403, 404, 409, 422}
    assert text.endswith("\n")
    assert hostile.stored() in {40, 41}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = make_witness(tmp_path_factory.mktemp("hostile"), pq=False)
    bench.send(LOG.submission(0, 40))
    return bench


def dump(bench: Bench) -> object:
    """What the witness cosigned so far, evidence aside."""
    state: State = bench.state
    with state.change() as change:
        return (change.newest(ORIGIN), change.latest_time())
