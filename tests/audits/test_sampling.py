"""A sample that can be drawn again, that nobody chose, and that misses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.audits.sampling import digest_of_list, draw, place_of

NAMES = st.sets(st.text("ABC0123456789-", min_size=1, max_size=8), max_size=60)


@given(names=NAMES, size=st.integers(1, 80))
def test_the_same_records_give_the_same_sample_in_any_order(names: set[str], size: int) -> None:
    one = draw(sorted(names), size=size, audit="AU-1", word="plum")
    other = draw(sorted(names, reverse=True), size=size, audit="AU-1", word="plum")

    assert one == other
    assert len(one.references) == min(size, len(names))
    assert set(one.references) <= names
    assert (one.population, one.population_sha256) == (len(names), digest_of_list(sorted(names)))
    assert one.sha256 == digest_of_list(one.references)


@pytest.mark.parametrize(
    ("audit", "word", "more"),
    [("AU-2", "plum", ()), ("AU-1", "pear", ()), ("AU-1", "plum", ("D-999",))],
)
def test_audit_word_and_population_each_change_the_draw(
    audit: str, word: str, more: tuple[str, ...]
) -> None:
    population = [f"D-{number:03}" for number in range(200)]
    first = draw(population, size=20, audit="AU-1", word="plum")

    again = draw([*population, *more], size=20, audit=audit, word=word)

    assert again.seed != first.seed
    assert again.references != first.references


def test_what_was_drawn_has_the_lowest_places() -> None:
    population = [f"D-{number:03}" for number in range(50)]
    drawn = draw(population, size=10, audit="AU-1", word="plum")

    places = sorted(population, key=lambda each: place_of(drawn.seed, each))

    assert set(drawn.references) == set(places[:10])


def test_no_records_make_an_empty_sample_on_record() -> None:
    drawn = draw([], size=10, audit="AU-1", word="plum")

    assert (drawn.population, drawn.references) == (0, ())
    assert drawn.sha256 == digest_of_list([])
