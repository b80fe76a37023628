"""The tree and its proofs: known vectors, every small size, and mutations."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.merkle import consistency_proof, inclusion_proof, range_root
from verify.errors import VerificationError
from verify.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    root_of,
)
from verify.tile import perfect_root

ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = {
    1: ("6e340b9c", "a01d"), 2: ("fac54203", "c125"), 3: ("aeb6bcfe", "6e77"),
    4: ("d37ee418", "14b7"), 5: ("4e3bbb1f", "64d4"), 6: ("76e67dad", "87ef"),
    7: ("ddb89be4", "4c8c"), 8: ("5dc9da79a70659a9ad559cb701ded9a2", "e370eff4604328"),
}  # fmt: skip
LARGEST = 300
LEAVES = [leaf_hash(str(number).encode()) for number in range(LARGEST)]
SIZES = st.integers(min_value=1, max_value=LARGEST)


@cache
def node(level: int, index: int) -> bytes:
    return perfect_root(LEAVES[index << level : (index + 1) << level])


@cache
def root(size: int) -> bytes:
    return root_of(LEAVES[:size])


def naive_root(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if len(entries) < 2:
        return leaf_hash(entries[0]) if entries else hashlib.sha256(b"").digest()
    cut = 1 << ((len(entries) - 1).bit_length() - 1)
    return node_hash(naive_root(entries[:cut]), naive_root(entries[cut:]))


@pytest.mark.parametrize("size", ROOTS)
def test_roots_of_the_published_entries(size: int) -> None:
    value = root_of(map(leaf_hash, ENTRIES[:size])).hex()

    start, end = ROOTS[size]
    assert value.startswith(start)
    assert value.endswith(end)
    assert value == naive_root(ENTRIES[:size]).hex()


def test_single_hashes_of_the_published_vectors() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


def test_frontier_gives_the_root_at_every_size_and_survives_writing() -> None:
    frontier = Frontier()
    for size in range(LARGEST):
        assert frontier.root() == naive_root([str(n).encode() for n in range(size)])
        assert len(frontier.hashes) == size.bit_count()
        frontier = Frontier.from_bytes(frontier.size, bytes(frontier))
        frontier.append(LEAVES[size])


def test_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(VerificationError):
        Frontier.from_bytes(3, bytes(32))
    with pytest.raises(VerificationError):
        Frontier.from_bytes(1, bytes(31))


def test_every_inclusion_proof_up_to_a_size_is_accepted() -> None:
    for size in range(1, 131):
        for index in range(size):
            check_inclusion(
                index=index,
                size=size,
                leaf=LEAVES[index],
                root=root(size),
                proof=inclusion_proof(index, size, node),
            )


def test_every_consistency_proof_up_to_a_size_is_accepted() -> None:
    for new_size in range(131):
        for old_size in range(new_size + 1):
            check_consistency(
                old_size=old_size,
                new_size=new_size,
                old_root=root(old_size),
                new_root=root(new_size),
                proof=consistency_proof(old_size, new_size, node),
            )


@given(size=SIZES, data=st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    parts = [LEAVES[index], root(size), *inclusion_proof(index, size, node)]
    changed = _change_one_bit(parts, data)

    with pytest.raises(VerificationError):
        check_inclusion(index=index, size=size, leaf=changed[0], root=changed[1], proof=changed[2:])


@given(size=SIZES, data=st.data())
def test_an_inclusion_proof_serves_no_other_index(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-2, LARGEST + 2).filter(lambda value: value != index))

    with pytest.raises(VerificationError):
        check_inclusion(
            index=other,
            size=size,
            leaf=LEAVES[index],
            root=root(size),
            proof=inclusion_proof(index, size, node),
        )


@given(size=SIZES, data=st.data())
def test_a_changed_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size))
    parts = [root(old_size), root(size), *consistency_proof(old_size, size, node)]
    changed = _change_one_bit(parts, data)

    with pytest.raises(VerificationError):
        check_consistency(
            old_size=old_size,
            new_size=size,
            old_root=changed[0],
            new_root=changed[1],
            proof=changed[2:],
        )


@given(sizes=st.tuples(SIZES, SIZES, SIZES), extra=st.lists(st.binary(min_size=30, max_size=33)))
def test_proofs_of_the_wrong_length_are_refused(
    sizes: tuple[int, int, int], extra: list[bytes]
) -> None:
    old_size, middle, size = sorted(sizes)
    proof = [*consistency_proof(old_size, size, node), *extra]
    if not extra:
        proof = proof[:-1] or [root(middle)]

    with pytest.raises(VerificationError):
        check_consistency(
            old_size=old_size, new_size=size, old_root=root(old_size), new_root=root(size),
            proof=proof,
        )  # fmt: skip


def test_proofs_outside_the_tree_are_not_made() -> None:
    with pytest.raises(ValueError, match="outside"):
        inclusion_proof(3, 3, node)
    with pytest.raises(ValueError, match="does not continue"):
        consistency_proof(4, 3, node)
    assert range_root(0, 0, node) == EMPTY_ROOT


def test_foreign_inclusion_vectors(shared_data: Path) -> None:
    _run_vectors(shared_data / "tlog-vectors" / "inclusion", _check_inclusion_vector)


def test_foreign_consistency_vectors(shared_data: Path) -> None:
    _run_vectors(shared_data / "tlog-vectors" / "consistency", _check_consistency_vector)


def test_root_and_proofs_of_seventy_thousand_entries() -> None:
    leaves = [leaf_hash(b'{"seq":%d,"type":"test"}' % number) for number in range(70_000)]
    expected = base64.b64decode("4B9YXE597CesnqJsgjCQSAFr5f6heV/y9USNqhL+en0=")

    @cache
    def large(level: int, index: int) -> bytes:
        if not level:
            return leaves[index]
        return node_hash(large(level - 1, 2 * index), large(level - 1, 2 * index + 1))

    assert root_of(leaves) == expected
    for index in (0, 1, 255, 256, 65_535, 65_536, 69_999):
        proof = inclusion_proof(index, 70_000, large)
        check_inclusion(index=index, size=70_000, leaf=leaves[index], root=expected, proof=proof)


def _change_one_bit(parts: list[bytes], data: st.DataObject) -> list[bytes]:
    place = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(parts[place])
    changed[bit // 8] ^= 1 << bit % 8
    return [*parts[:place], bytes(changed), *parts[place + 1 :]]


def _run_vectors(folder: Path, check: object) -> None:
    files = sorted(folder.rglob("*.json"))
    assert files
    wrong = []
    for file in files:
        vector = json.loads(file.read_text())
        try:
            check(vector)  # type: ignore[operator]
            accepted = True
        except VerificationError:
            accepted = False
        if accepted == bool(vector.get("wantErr")):
            wrong.append(str(file.relative_to(folder)))
    assert wrong == []


def _check_inclusion_vector(vector: dict[str, object]) -> None:
    check_inclusion(
        index=vector.get("leafIdx") or 0,  # type: ignore[arg-type]
        size=vector.get("treeSize") or 0,  # type: ignore[arg-type]
        leaf=_bytes(vector.get("leafHash")),
        root=_bytes(vector.get("root")),
        proof=[_bytes(text) for text in vector.get("proof") or ()],  # type: ignore[attr-defined]
    )


def _check_consistency_vector(vector: dict[str, object]) -> None:
    check_consistency(
        old_size=vector.get("size1") or 0,  # type: ignore[arg-type]
        new_size=vector.get("size2") or 0,  # type: ignore[arg-type]
        old_root=_bytes(vector.get("root1")),
        new_root=_bytes(vector.get("root2")),
        proof=[_bytes(text) for text in vector.get("proof") or ()],  # type: ignore[attr-defined]
    )


def _bytes(text: object) -> bytes:
    return base64.b64decode(str(text or ""))
