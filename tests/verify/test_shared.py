"""Shared proofs: any choice of entries is proved at once, and no other is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.merkle import range_root
from verify.errors import VerificationError
from verify.merkle import leaf_hash, root_of, subtrees
from verify.shared import (
    HEADER,
    Rebuilding,
    Run,
    SharedProof,
    gaps,
    parse_shared_proof,
    write_shared_proof,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]


def node(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


def proof_of(runs: list[Run], size: int) -> SharedProof:
    hashes = [node(*each) for gap in gaps(runs, size) for each in subtrees(*gap)]
    return SharedProof(tuple(runs), tuple(hashes))


def rebuilt(proof: SharedProof, size: int) -> bytes:
    tree = Rebuilding(proof, size)
    for run in proof.runs:
        for index in range(run.first, run.end):
            assert tree.take(LEAVES[index]) == index
    return tree.root()


@st.composite
def choices(draw: st.DrawFn) -> tuple[list[Run], int]:
    size = draw(st.integers(1, 300))
    chosen = sorted(draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=40)))
    runs: list[Run] = []
    for index in chosen:
        if runs and runs[-1].end == index:
            runs[-1] = Run(runs[-1].first, index + 1)
        else:
            runs.append(Run(index, index + 1))
    return runs, size


@given(choices())
def test_any_choice_is_proved(choice: tuple[list[Run], int]) -> None:
    runs, size = choice
    proof = proof_of(runs, size)

    assert parse_shared_proof(write_shared_proof(runs, proof.hashes).encode(), size) == proof
    assert rebuilt(proof, size) == root_of(LEAVES[:size]) == range_root(0, size, node)


@given(choices(), st.data())
def test_a_changed_leaf_or_hash_is_found(
    choice: tuple[list[Run], int], data: st.DataObject
) -> None:
    runs, size = choice
    proof = proof_of(runs, size)
    root = root_of(LEAVES[:size])
    if proof.hashes:
        place = data.draw(st.integers(0, len(proof.hashes) - 1))
        hashes = [*proof.hashes]
        hashes[place] = bytes([hashes[place][0] ^ 1]) + hashes[place][1:]
        assert rebuilt(SharedProof(proof.runs, tuple(hashes)), size) != root
        with pytest.raises(VerificationError):
            Rebuilding(SharedProof(proof.runs, tuple(hashes[1:])), size)
    tree = Rebuilding(proof, size)
    total = sum(run.count for run in runs)
    bad = data.draw(st.integers(0, total - 1))
    for number in range(total):
        leaf = LEAVES[tree.next_index]
        tree.take(leaf if number != bad else leaf[::-1])
    assert tree.root() != root


def test_missing_and_surplus_entries_are_found() -> None:
    proof = proof_of([Run(2, 5)], 10)
    tree = Rebuilding(proof, 10)
    tree.take(LEAVES[2])

    with pytest.raises(VerificationError, match="entry 3 is missing"):
        tree.root()
    tree.take(LEAVES[3])
    tree.take(LEAVES[4])
    with pytest.raises(VerificationError, match="more entries"):
        tree.take(LEAVES[5])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        f"{HEADER}\n",
        f"{HEADER}\n\n",
        f"{HEADER}\nrun 0 0\n\n",
        f"{HEADER}\nrun 00 1\n\n",
        f"{HEADER}\nrun 0 1 \n\n",
        f"{HEADER}\nrun 5 6\n\n",
        f"{HEADER}\nrun 0 1\nrun 1 1\n\n",
        f"{HEADER}\nrun 3 1\nrun 0 1\n\n",
        f"{HEADER}\nrun 0 9223372036854775807\n\n",
        f"{HEADER}\nrun 0 1\n\nAAAA\n",
        f"{HEADER}\nrun 0 1\n",
        f"{HEADER}\nrun 0 1\n\n\n",
        f"{HEADER}é\nrun 0 1\n\n",
    ],
)
def test_sloppy_proofs_are_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        parse_shared_proof(text.encode(), 10)
