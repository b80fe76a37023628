"""The measurement of the search: its figures, that they repeat, and that nothing stays behind."""

from decimal import Decimal

import pytest
from django.db import transaction

from audit.disclosure.measuring import registered_measurements
from audit.log.models import Entry
from exchange.catalog.measurement import brute_force, measure_search, shelved, texts_of
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.shelf import make_shelf
from exchange.parties.models import Organization

pytestmark = pytest.mark.django_db


def test_the_search_finds_everything_and_ranks_the_meant_first() -> None:
    figures = {metric.name: metric for metric in measure_search()}

    assert Decimal(figures["recall"].value) == 1
    assert Decimal(figures["precision"].value) == 1
    assert Decimal(figures["precision_at_10"].value) >= Decimal("0.95")
    assert Decimal(figures["mean_reciprocal_rank"].value) >= Decimal("0.95")
    for metric in figures.values():
        assert metric.ci_low <= metric.value <= metric.ci_high
        assert metric.n > 40


def test_nothing_stays_behind() -> None:
    shelf = make_shelf(40)

    with transaction.atomic(), shelved(shelf) as numbers:
        assert len(numbers) == Product.objects.count() == 40

    assert not Product.objects.exists()
    assert not SearchEntry.objects.exists()
    assert not Organization.objects.exists()
    assert not Entry.objects.exists()


def test_an_error_while_measuring_leaves_nothing_either() -> None:
    with pytest.raises(ZeroDivisionError), shelved(make_shelf(3)):
        1 / 0  # noqa: B018  the fault

    assert not Product.objects.exists()


def test_the_market_is_the_same_every_time() -> None:
    assert make_shelf(50) == make_shelf(50)
    assert make_shelf(50) != make_shelf(50, seed=1)


def test_brute_force_takes_words_from_their_beginning() -> None:
    shelf = make_shelf(200)
    texts = texts_of(shelf)
    names = [shelf.wares[place].name_en for place in brute_force("SHANG", texts)]

    assert names
    assert all(name.startswith("Shanghai") for name in names)
    assert not brute_force("hanghai", texts)
    assert not brute_force("！", texts)


def test_the_measurement_is_registered() -> None:
    (found,) = registered_measurements("search_ranking")

    assert found.run is measure_search
