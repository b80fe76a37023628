"""The verifier and an independent log agree on every tree, tile and proof up to 300 entries."""

import random
from collections.abc import Iterator

from audit.log.merkle import consistency_proof, inclusion_proof
from tests.verify import naive
from tests.verify.making import LOG, ORIGIN, checkpoint
from verify.checkpoint import TreeHead
from verify.errors import Missing, VerificationError
from verify.log import verify_log
from verify.merkle import Frontier, check_consistency, check_inclusion, leaf_hash
from verify.tree import Tiles, check_continuation

LARGEST = 300
SIZES = range(LARGEST + 1)


class Files:
    """A log in memory."""

    fetches = 1

    def __init__(self, size: int) -> None:
        self.files = naive.tiles(size)
        self.files["checkpoint"] = checkpoint(size, naive.mth(0, size)).encode()

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.files:
            raise Missing(path)
        assert len(self.files[path]) <= limit
        return self.files[path]

    def may_hold(self, path: str) -> bool:
        return path == "tile/entries"

    def below(self, name: str) -> "Files":
        raise NotImplementedError(name)

    def names(self) -> list[str]:
        return []


def node(level: int, index: int) -> bytes:
    return naive.mth(index << level, (index + 1) << level)


def test_roots_agree() -> None:
    frontier = Frontier()
    for size in SIZES:
        assert frontier.root() == naive.mth(0, size)
        frontier.append(leaf_hash(naive.ENTRIES[size]))


def test_inclusion_proofs_agree_both_ways() -> None:
    for size in range(1, LARGEST + 1):
        root = naive.mth(0, size)
        for index in range(size):
            leaf, path = naive.mth(index, index + 1), naive.path(index, 0, size)
            assert inclusion_proof(index, size, node) == path
            check_inclusion(index=index, size=size, leaf=leaf, root=root, proof=path)
            if index % 7 == size % 7:
                assert naive.accepts_path(leaf, index, size, root, path)


def test_consistency_proofs_agree_both_ways() -> None:
    for new in SIZES:
        for old in range(new + 1):
            proof = naive.proof(old, 0, new) if old else []
            roots = naive.mth(0, old), naive.mth(0, new)
            assert consistency_proof(old, new, node) == proof
            check_consistency(
                old_size=old, new_size=new, old_root=roots[0], new_root=roots[1], proof=proof
            )
            if old % 7 == new % 7:
                assert naive.accepts_proof(old, new, *roots, proof)


def test_whole_logs_agree() -> None:
    for size in SIZES:
        report = verify_log(Files(size), LOG)

        assert (report.entries, report.contents) == (size, True)
        assert report.signed.head.root == naive.mth(0, size)


def test_continuations_from_tiles_agree() -> None:
    for new in range(0, LARGEST + 1, 3):
        tiles = Tiles(Files(new), new)
        head = TreeHead(ORIGIN, new, naive.mth(0, new))
        for old in range(0, new + 1, 5):
            check_continuation(tiles, old=TreeHead(ORIGIN, old, naive.mth(0, old)), new=head)


def mutations(rng: random.Random, count: int, parts: list[bytes]) -> Iterator[list[bytes]]:
    """Yield copies of hashes in which one bit is changed."""
    for _change in range(count):
        place, bit = rng.randrange(len(parts)), rng.randrange(256)
        changed = bytearray(parts[place])
        changed[bit // 8] ^= 1 << bit % 8
        yield [*parts[:place], bytes(changed), *parts[place + 1 :]]


def test_ten_thousand_changed_bits_give_no_wrong_verdict() -> None:
    rng = random.Random(20261123)
    wrong = 0
    for _proof in range(1000):
        size = rng.randint(2, LARGEST)
        index, old = rng.randrange(size), rng.randint(1, size)
        root = naive.mth(0, size)
        included = [naive.mth(index, index + 1), root, *naive.path(index, 0, size)]
        for leaf, stated, *path in mutations(rng, 5, included):
            assert not naive.accepts_path(leaf, index, size, stated, path)
            try:
                check_inclusion(index=index, size=size, leaf=leaf, root=stated, proof=path)
            except VerificationError:
                continue
            wrong += 1
        continued = [naive.mth(0, old), root, *naive.proof(old, 0, size)]
        for first, second, *proof in mutations(rng, 5, continued):
            assert not naive.accepts_proof(old, size, first, second, proof)
            try:
                check_consistency(
                    old_size=old, new_size=size, old_root=first, new_root=second, proof=proof
                )
            except VerificationError:
                continue
            wrong += 1
    assert wrong == 0


def test_proofs_with_hashes_more_or_less_or_swapped_get_the_same_verdict_from_both() -> None:
    rng = random.Random(8)
    for _proof in range(2000):
        size = rng.randint(1, LARGEST)
        index, old = rng.randrange(size), rng.randint(0, size)
        root = naive.mth(0, size)
        for kind in ("path", "proof"):
            hashes = naive.path(index, 0, size) if kind == "path" else (
                naive.proof(old, 0, size) if old else []
            )  # fmt: skip
            change = rng.randrange(4)
            if change == 0 and hashes:
                del hashes[rng.randrange(len(hashes))]
            elif change == 1:
                hashes.insert(rng.randint(0, len(hashes)), naive.mth(0, rng.randint(1, size)))
            elif change == 2:
                rng.shuffle(hashes)
            other, smaller = rng.randrange(size), rng.randint(0, size)
            try:
                if kind == "path":
                    leaf = naive.mth(other, other + 1)
                    expected = naive.accepts_path(leaf, index, size, root, hashes)
                    check_inclusion(index=index, size=size, leaf=leaf, root=root, proof=hashes)
                else:
                    first = naive.mth(0, rng.choice([old, smaller]))
                    expected = naive.accepts_proof(old, size, first, root, hashes)
                    check_consistency(
                        old_size=old, new_size=size, old_root=first, new_root=root, proof=hashes
                    )
                accepted = True
            except VerificationError:
                accepted = False
            assert accepted == expected
