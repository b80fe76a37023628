"""A short form of the fuzzing, the same each time; `python -m tests.fuzz` is the long one."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutating import mutate
from tests.fuzz.targets import TARGETS, Target, check

MUTATIONS = 250
BY_NAME = {target.name: target for target in TARGETS}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_right_is_accepted(name: str) -> None:
    target = BY_NAME[name]

    assert all(check(target, seed) for seed in target.seeds)


def test_two_empty_trees_have_one_root() -> None:
    """Found by fuzzing, in the definition that the verifier is held against."""
    empty = hashlib.sha256(b"").digest()
    for first, second in ((empty, bytes(32)), (bytes(32), bytes(32)), (empty, empty)):
        check(BY_NAME["consistency"], bytes(4) + first + second)


@pytest.mark.parametrize("name", BY_NAME)
def test_only_the_one_error_comes_out(name: str) -> None:
    target = BY_NAME[name]
    rng = random.Random(name)

    for number in range(MUTATIONS):
        seed = target.seeds[number % len(target.seeds)]
        check(target, mutate(rng, seed, target.seeds))
    for data in (b"", b"\0", b"\n", b"\xff" * 70, b"[" * 100_000, b"1" * 5000):
        check(target, data)


@settings(max_examples=400, deadline=None)
@given(target=st.sampled_from(TARGETS), rng=st.randoms(use_true_random=False), data=st.data())
def test_no_mutation_is_misread(target: Target, rng: random.Random, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(target.seeds))

    check(target, mutate(rng, seed, target.seeds))
