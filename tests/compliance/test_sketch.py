"""Counting distinct values: exact while few, close when many, the same however it is split."""

import numpy as np
import pytest

from exchange.compliance.scanner.sketch import LIMIT, Distinct, mix


def hashes(first: int, last: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Return the hashes of some numbers."""
    return mix(np.arange(first, last, dtype=np.uint64))


@pytest.mark.parametrize("count", [0, 1, 100, LIMIT - 1])
def test_few_are_counted_exactly(count: int) -> None:
    sketch = Distinct()

    sketch.add(hashes(0, count))
    sketch.add(hashes(0, count))

    assert sketch.estimate() == count


@pytest.mark.parametrize("count", [LIMIT, 50_000, 1_000_000])
def test_many_are_counted_within_five_percent(count: int) -> None:
    sketch = Distinct()

    for first in range(0, count, 10_000):
        sketch.add(hashes(first, min(count, first + 10_000)))

    assert sketch.estimate() == pytest.approx(count, rel=0.05)


def test_parts_merge_into_the_whole() -> None:
    whole, left, right = Distinct(), Distinct(), Distinct()
    whole.add(hashes(0, 30_000))
    left.add(hashes(0, 20_000))
    right.add(hashes(10_000, 30_000))

    left.merge(right)

    assert np.array_equal(left.kept, whole.kept)
