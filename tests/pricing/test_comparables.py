"""Choosing, weighing and learning: against tables worked by hand, and what they must never do."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.facts import Traits
from pricing.methods.comparables import SETTINGS, Setting, medians, weigh, weighted_median
from pricing.methods.learning import find, learn, read_quantile
from pricing.methods.likeness import Likeness, agreement, cosines, pairs_of
from pricing.methods.weighing import apart, number_owners

from .golden import table_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "appraisal.md"
ALL = Setting(neighbors=3, title_share=1.0, facet_share=0.0)
NOUNS = ("weather", "traffic", "credit", "patents")


def _likeness(*rows: list[float]) -> Likeness:
    titles = np.array(rows, dtype=np.float64)
    return Likeness(titles=titles, texts=np.zeros_like(titles), facets=np.zeros_like(titles))


def _everybody(likeness: Likeness) -> np.ndarray:
    return np.ones(likeness.titles.shape, dtype=np.bool_)


def _market(size: int = 40, owners: int = 8) -> tuple[Likeness, np.ndarray, np.ndarray]:
    """Listings whose price is told by one word of their title, but for a little of their own."""
    traits = [Traits(title=f"{NOUNS[n % 4]} listing", text=f"item {n}") for n in range(size)]
    prices = np.array([3.0 * (n % 4) + 0.1 * ((n * 7) % 5) for n in range(size)])
    names = [f"owner {n % owners}" for n in range(size)]
    return Likeness.between(traits, traits), prices, number_owners(names)


def test_the_pairs_of_a_text() -> None:
    assert pairs_of("企业ＡＢ, x") == {"企业": 1, "业a": 1, "ab": 1, "x": 1}
    assert pairs_of("") == {}
    assert pairs_of("。，!?") == {}


@pytest.mark.parametrize("row", table_of(DOCUMENT, "Likeness of two titles"))
def test_the_cosine_of_two_titles(row: dict[str, str]) -> None:
    pool = row["pool"].split("、")

    found = cosines([row["title"]], pool)[0]

    assert found[pool.index(row["with"])] == pytest.approx(float(row["cosine"]), abs=5e-5)


def test_what_is_filed_alike_agrees_and_what_is_unknown_is_left_out() -> None:
    one = Traits(title="a", industry="Finance", kind="API", size=1000)
    same = Traits(title="b", industry="Finance", kind="API", size=1000)
    other = Traits(title="c", industry="Weather", kind="API", size=10_000)
    bare = Traits(title="d")

    found = agreement([one], [same, other, bare])[0]

    assert found.tolist() == pytest.approx([1, (0 + 1 + np.exp(-1)) / 3, 0], abs=1e-6)


@pytest.mark.parametrize("row", table_of(DOCUMENT, "Weights of the comparables"))
def test_the_weights(row: dict[str, str]) -> None:
    table = table_of(DOCUMENT, "Weights of the comparables")
    likeness = _likeness([float(each["s"]) for each in table])

    weights = weigh(
        likeness, _everybody(likeness), number_owners([each["provider"] for each in table]), ALL
    )

    place = [each["listing"] for each in table].index(row["listing"])
    assert weights[0, place] == pytest.approx(float(row["w"]), abs=5e-5)
    assert weights.sum() == pytest.approx(1)


def test_the_price_of_the_worked_example() -> None:
    table = table_of(DOCUMENT, "Weights of the comparables")

    price = weighted_median(
        [Decimal(row["price"]) for row in table], [Decimal(row["w"]) for row in table]
    )

    assert price == 100


@pytest.mark.parametrize("row", table_of(DOCUMENT, "Weighted median"))
def test_the_weighted_median(row: dict[str, str]) -> None:
    prices = [Decimal(each) for each in row["prices"].split()]
    weights = [Decimal(each) for each in row["weights"].split()]

    assert weighted_median(prices, weights) == Decimal(row["median"])
    found = medians(
        np.log(np.array(prices, dtype=np.float64)), np.array([weights], dtype=np.float64)
    )
    assert np.exp(found[0]) == pytest.approx(float(row["median"]))


def test_a_median_of_nothing() -> None:
    with pytest.raises(ValueError, match="no price"):
        weighted_median([Decimal(1)], [Decimal(0)])
    assert np.isnan(medians(np.array([1.0]), np.zeros((1, 1)))[0])


@pytest.mark.parametrize("row", table_of(DOCUMENT, "Quantile of the scores"))
def test_the_quantile(row: dict[str, str]) -> None:
    scores = np.array([float(each) for each in row["scores"].split()])

    assert read_quantile(scores, 0.8) == pytest.approx(float(row["q"]))


def test_what_has_no_words_in_common_has_no_weight() -> None:
    likeness = _likeness([0.0, 0.0, 0.5])
    filed_alike = Likeness(
        titles=likeness.titles, texts=likeness.texts, facets=np.ones_like(likeness.titles)
    )

    for setting in SETTINGS:
        weights = weigh(filed_alike, _everybody(likeness), np.array([0, 1, 2]), setting)
        assert weights.tolist() == [[0, 0, 1]]


def test_all_equally_alike_count_the_same() -> None:
    likeness = _likeness([0.4] * 30)

    weights = weigh(likeness, _everybody(likeness), np.arange(30), ALL)

    assert weights[0].tolist() == pytest.approx([1 / 30] * 30)


@given(
    rows=st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=25),
    barred=st.integers(0, 24),
)
def test_what_is_not_permitted_has_no_weight(rows: list[float], barred: int) -> None:
    likeness = _likeness(rows)
    permitted = _everybody(likeness)
    permitted[0, barred % len(rows)] = False

    for setting in SETTINGS[:6]:
        weights = weigh(likeness, permitted, np.arange(len(rows)) % 3, setting)
        assert weights[0, barred % len(rows)] == 0
        assert weights.min() >= 0
        assert weights.sum() == pytest.approx(1) or not weights.any()


@given(
    rows=st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 100)), min_size=1, max_size=12),
    dearer=st.integers(1, 10**6),
    place=st.integers(0, 11),
    unit=st.sampled_from([Decimal("0.01"), Decimal(7), Decimal(10_000)]),
)
def test_the_median_rises_with_a_price_and_knows_no_unit(
    rows: list[tuple[int, int]], dearer: int, place: int, unit: Decimal
) -> None:
    prices = [Decimal(price) for price, _ in rows]
    weights = [Decimal(weight) for _, weight in rows]
    risen = list(prices)
    risen[place % len(rows)] += dearer

    found = weighted_median(prices, weights)

    assert min(prices) <= found <= max(prices)
    assert weighted_median(risen, weights) >= found
    scaled = weighted_median([price * unit for price in prices], weights)
    assert abs(scaled / unit / found - 1) < Decimal("1E-20")


def test_a_law_in_the_words_is_learned() -> None:
    likeness, prices, owners = _market()

    learned = learn(likeness, prices, owners, apart(owners), minimum=3)

    assert learned is not None
    assert learned.residuals == 40
    assert learned.median_error < 0.3
    assert learned.shares.sum() == pytest.approx(1, abs=1e-4)


def test_the_unit_of_money_changes_no_choice() -> None:
    likeness, prices, owners = _market()

    yuan = learn(likeness, prices, owners, apart(owners), minimum=3)
    fen = learn(likeness, prices + np.log(100), owners, apart(owners), minimum=3)

    assert yuan is not None
    assert fen is not None
    assert yuan.shares.tolist() == fen.shares.tolist()
    assert yuan.quantile == pytest.approx(fen.quantile)
    rows = np.arange(3)
    cut = likeness.cut(rows, np.arange(40))
    permitted = apart(owners)[rows]
    before = find(yuan, cut, prices, owners, permitted)
    after = find(fen, cut, prices + np.log(100), owners, permitted)
    assert (after.centers - before.centers).tolist() == pytest.approx([np.log(100)] * 3)


@pytest.mark.parametrize("owners", [1, 2])
def test_too_few_other_providers_teach_nothing(owners: int) -> None:
    likeness, prices, numbers = _market(size=7 * owners, owners=owners)

    learned = learn(likeness, prices, numbers, apart(numbers), minimum=3)

    assert (learned is None) == (owners == 1)


def test_the_interval_holds_what_it_says_on_a_known_law() -> None:
    """Eight of ten new listings of new providers lie inside, within what chance allows."""
    random = np.random.default_rng(20261129)
    inside = asked = 0
    for _ in range(12):
        nouns = random.integers(0, 4, 80)
        traits = [
            Traits(title=f"{NOUNS[noun]} listing", text=f"item {place}")
            for place, noun in enumerate(nouns)
        ]
        own = np.repeat(np.arange(20), 4)
        prices = 2.0 * nouns + random.normal(0, 0.5, 20)[own] + random.normal(0, 0.7, 80)
        known, new = np.arange(60), np.arange(60, 80)
        likeness = Likeness.between(traits, traits)
        learned = learn(
            likeness.cut(known, known), prices[:60], own[:60], apart(own[:60]), minimum=3
        )
        assert learned is not None
        found = find(
            learned,
            likeness.cut(new, known),
            prices[:60],
            own[:60],
            np.ones((20, 60), dtype=np.bool_),
        )
        inside += int((np.abs(found.centers - prices[60:]) <= found.half_widths).sum())
        asked += 20

    assert 0.72 < inside / asked < 0.88
