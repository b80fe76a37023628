"""How well the search finds and ranks, measured on the invented market of `shelf`.

The market is put into the database's own tables inside a transaction that is rolled back, so that
what is measured is the search that people use, and nothing stays behind.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import fmean
from typing import Final

from django.db import transaction

from audit.disclosure.intervals import bootstrap_interval, wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.log.actors import Actor
from audit.log.canonical import canonical
from exchange.parties.models import Organization

from .manual import read_manual, split_manual
from .models import Product, SearchEntry
from .queries import search_products
from .search import read_query
from .services.indexing import search_entry_of
from .shelf import SEED, SIZE, Question, Shelf, Ware, make_shelf
from .states import ProductState
from .words import HAN

MEASURER: Final = Actor.system("measurement")
PROVIDER: Final = "ORG-MEASUREMENT"
SHELVED_AT: Final = datetime(2026, 11, 23, tzinfo=UTC)
FIRST: Final = 10
ON_ALL: Final = ("测量", "数据集", "dataset")
"""Words on every ware: its provider's name and its type in both languages."""
CODE: Final = (
    "exchange.catalog.words",
    "exchange.catalog.ranking",
    "exchange.catalog.search",
    "exchange.catalog.services.indexing",
    "exchange.catalog.shelf",
)


@measurement("search_ranking", code=CODE)
def measure_search() -> list[Metric]:
    """Measure recall and exactness against brute force, and the order against known answers."""
    shelf = make_shelf()
    digest = hashlib.sha256(canonical(shelf.as_document())).hexdigest()
    with shelved(shelf) as numbers:
        found = [_ask(text, numbers) for text in shelf.fragments]
        report_progress(1, 3, "fragments")
        by_topic = [_share_wanted(q, _ask(q.text, numbers), shelf) for q in shelf.by_topic]
        report_progress(2, 3, "topics")
        by_name = [_reciprocal_rank(q, _ask(q.text, numbers), shelf) for q in shelf.by_name]
        report_progress(3, 3, "names")
    texts = texts_of(shelf)
    truth = [brute_force(text, texts) for text in shelf.fragments]
    data = _Data(digest)
    return [
        *_counted(found, truth, data),
        data.mean("precision_at_10", by_topic, "topic words; first ten about the topic"),
        data.mean("mean_reciprocal_rank", by_name, "names without year; first that is meant"),
    ]


class _Data:
    """Names the data beside each figure."""

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def share(self, name: str, part: int, whole: int, note: str) -> Metric:
        """Return a counted share with its interval."""
        low, high = wilson_interval(part, whole)
        return self._metric(name, part / whole, (low, high), whole, note, exact=True)

    def mean(self, name: str, cases: Sequence[float], note: str) -> Metric:
        """Return a mean over questions with its interval."""
        low, high = bootstrap_interval(cases, fmean)
        return self._metric(name, fmean(cases), (low, high), len(cases), note)

    def _metric(
        self,
        name: str,
        value: float,
        ends: tuple[float, float],
        n: int,
        note: str,
        *,
        exact: bool = False,
    ) -> Metric:
        return Metric(
            name=name,
            value=f"{value:.4f}",
            ci_low=f"{ends[0]:.4f}",
            ci_high=f"{ends[1]:.4f}",
            n=n,
            dataset=f"invented bilingual market, seed {SEED}, {SIZE} products",
            dataset_sha256=self.digest,
            note=note,
            exact=exact,
        )


@contextmanager
def shelved(shelf: Shelf) -> Iterator[dict[int, int]]:
    """Put the market into the database, give its places by primary key, and take it out again."""
    with transaction.atomic():
        try:
            yield _put(shelf)
        finally:
            transaction.set_rollback(True)


def texts_of(shelf: Shelf) -> list[str]:
    """Return what stands in each ware as one plain text, its parts on lines of their own."""
    return [
        _plain(
            "\n".join(
                (ware.name, ware.name_en, ware.abstract, ware.description, *ware.keywords, *ON_ALL)
            )
        )
        for ware in shelf.wares
    ]


def brute_force(text: str, texts: Sequence[str]) -> set[int]:
    """Return the places of the texts that a query stands in, by looking into every one.

    Independent of the index: Chinese counts anywhere, other words from their beginning.
    """
    parts = re.findall(rf"[{HAN}]+|[^\W_{HAN}]+", _plain(text))
    patterns = [
        re.compile(re.escape(part) if re.match(f"[{HAN}]", part) else rf"(?<![^\W_{HAN}]){part}")
        for part in parts
    ]
    return {
        place
        for place, whole in enumerate(texts)
        if patterns and all(pattern.search(whole) for pattern in patterns)
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _counted(found: list[list[int]], truth: list[set[int]], data: _Data) -> list[Metric]:
    right = sum(len(set(hits) & wanted) for hits, wanted in zip(found, truth, strict=True))
    return [
        data.share("recall", right, sum(map(len, truth)), "against brute force, parts of texts"),
        data.share("precision", right, sum(map(len, found)), "against brute force, parts of texts"),
    ]


def _ask(text: str, numbers: dict[int, int]) -> list[int]:
    """Return the places of what the search shows for a text, in its order."""
    if not (query := read_query(text)) or not query.phrases:
        return []
    shown = search_products(
        MEASURER, text=text, filters={"provider": PROVIDER, "status": ProductState.DRAFT}
    )
    return [numbers[key] for key in shown.values_list("pk", flat=True)]


def _share_wanted(question: Question, shown: list[int], shelf: Shelf) -> float:
    wanted = sum(question.wants(ware) for ware in shelf.wares)
    right = sum(question.wants(shelf.wares[place]) for place in shown[:FIRST])
    return right / min(FIRST, wanted)


def _reciprocal_rank(question: Question, shown: list[int], shelf: Shelf) -> float:
    ranks = (rank for rank, at in enumerate(shown, 1) if question.wants(shelf.wares[at]))
    return 1 / next(ranks, float("inf"))


def _put(shelf: Shelf) -> dict[int, int]:
    provider = Organization.objects.create(
        reference=PROVIDER,
        uscc="000000000000000000",
        name="测量",
        status_since=SHELVED_AT,
        applied_at=SHELVED_AT,
    )
    products = [_product(provider, place, ware) for place, ware in enumerate(shelf.wares)]
    Product.objects.bulk_create(products)
    SearchEntry.objects.bulk_create([search_entry_of(product) for product in products])
    return {product.pk: place for place, product in enumerate(products)}


def _product(provider: Organization, place: int, ware: Ware) -> Product:
    manual = read_manual(
        {
            "name": ware.name,
            "name_en": ware.name_en,
            "abstract": ware.abstract,
            "keywords": list(ware.keywords),
            "description": ware.description,
            "product_type": "DATASET",
        }
    )
    columns, rest = split_manual(manual)
    return Product(
        reference=f"P-MEASURE-{place}",
        provider=provider,
        status_since=SHELVED_AT,
        created_at=SHELVED_AT,
        edited_at=SHELVED_AT,
        manual=rest,
        **columns,
    )
