"""Distinct persons over several contents: by sketch where there is one, else added."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exchange.compliance.export import Heads
from exchange.compliance.export.counting import Persons, count_persons
from exchange.compliance.exports import _unite
from exchange.compliance.scanner.sketch import Distinct, mix
from exchange.compliance.sketches import seal_sketch

KEY = b"k" * 32


def content(name: str, first: int, last: int, *, kind: str = "mobile", sensitive: bool = False):  # noqa: ANN201
    """Return a content about the persons of a range of numbers."""
    sketch = Distinct()
    sketch.add(mix(np.arange(first, last, dtype=np.uint64)))
    count = last - first
    heads = Heads(sensitive=count) if sensitive else Heads(ordinary=count)
    return Persons(content=name, heads=heads, kind=kind, sketch=seal_sketch(sketch, KEY))


def test_the_same_persons_in_two_releases_count_once() -> None:
    total = count_persons([content("a", 0, 3000), content("b", 1000, 3500)], _unite)

    assert total == Heads(ordinary=3500)


def test_sensitive_persons_and_other_kinds_of_keys_are_counted_apart() -> None:
    each = [
        content("a", 0, 100),
        content("b", 0, 100, kind="id"),
        content("c", 0, 50, sensitive=True),
    ]

    assert count_persons(each, _unite) == Heads(ordinary=200, sensitive=50)


def test_what_has_no_sketch_is_added() -> None:
    bare = Persons(content="b", heads=Heads(ordinary=70))

    assert count_persons([content("a", 0, 100), bare], _unite) == Heads(ordinary=170)
    assert count_persons([content("a", 0, 100), content("b", 0, 100)]) == Heads(ordinary=200)


def test_an_estimate_is_taken_as_high_as_it_may_be_off() -> None:
    """Sixty thousand in common: the true number is 100,000; no count may fall below it."""
    total = count_persons([content("a", 0, 80_000), content("b", 20_000, 100_000)], _unite)

    assert 100_000 <= total.ordinary <= 110_000


def test_the_same_content_counts_once() -> None:
    assert count_persons([content("a", 0, 100)] * 3, _unite) == Heads(ordinary=100)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), min_size=1, max_size=5))
def test_a_further_release_never_lowers_the_count(spans: list[tuple[int, int]]) -> None:
    each = [content(str(n), a, a + size) for n, (a, size) in enumerate(spans)]
    counts = [count_persons(each[: n + 1], _unite).ordinary for n in range(len(each))]
    everybody = {person for a, size in spans for person in range(a, a + size)}

    assert counts == sorted(counts)
    assert counts[-1] == len(everybody)
