"""Surveillance measured: planted cases in invented markets, one half to set thresholds, one unseen.

What a person decides on real alerts is counted apart, on the desk: there nobody knows what was not
found.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Better, Metric, measurement, report_progress
from audit.rulebook.queries import file_packs

from .detection.detecting import detect
from .detection.thresholds import RULES, Thresholds
from .invented.markets import MARKETS, SEEDS, Scores, markets_of

ON: Final = date(2026, 11, 1)
CODE: Final = (
    "exchange.oversight.surveillance.detection",
    "exchange.oversight.surveillance.invented",
)


@measurement("surveillance", code=CODE)
def measure_surveillance() -> list[Metric]:
    """Count on both halves; rule by rule on the unseen one."""
    thresholds = Thresholds.of(file_packs("surveillance")[-1].data)
    found: list[Metric] = []
    for place, half in enumerate(SEEDS):
        scores, digest = scores_of(half, thresholds, before=place * MARKETS)
        dataset = f"{MARKETS} invented markets, {half} half, seed {SEEDS[half]}"
        measured = _Half(half=half, scores=scores, dataset=dataset, sha256=digest)
        found += measured.together()
        if half == "unseen":
            found += measured.by_rule()
    return found


def scores_of(half: str, thresholds: Thresholds, *, before: int = 0) -> tuple[Scores, str]:
    """Return how the rules fare on a half, and the digest of its markets."""
    scores, digest = Scores(), hashlib.sha256()
    for number, market in enumerate(markets_of(half), 1):
        digest.update(market.sha256.encode())
        scores.add(market, detect(market.facts, thresholds))
        report_progress(before + number, MARKETS * len(SEEDS), "invented markets")
    return scores, digest.hexdigest()


class _Half:
    """The figures of one half."""

    def __init__(self, *, half: str, scores: Scores, dataset: str, sha256: str) -> None:
        self.half, self.scores = half, scores
        self.dataset, self.sha256 = dataset, sha256

    def together(self) -> Iterator[Metric]:
        """Give the figures over all rules."""
        all_ = [self.scores[rule] for rule in RULES]
        right, wrong = sum(each.right for each in all_), sum(each.wrong for each in all_)
        yield self._share(f"{self.half}_precision", right, right + wrong)
        yield self._share(
            f"{self.half}_recall", sum(each.found for each in all_), sum(e.planted for e in all_)
        )
        yield self._share(
            f"{self.half}_recall_evading",
            sum(each.evading_found for each in all_),
            sum(each.evading for each in all_),
        )
        yield self._share(
            f"{self.half}_false_per_1000_orders", wrong, self.scores.orders, times=1000
        )

    def by_rule(self) -> Iterator[Metric]:
        """Give the figures of each rule."""
        for rule in RULES:
            score, name = self.scores[rule], rule[2:].lower().replace("-", "_")
            yield self._share(f"precision_{name}", score.right, score.right + score.wrong)
            yield self._share(f"recall_{name}", score.found, score.planted)
            yield self._share(f"recall_evading_{name}", score.evading_found, score.evading)
            yield self._share(
                f"false_per_1000_orders_{name}", score.wrong, self.scores.orders, times=1000
            )

    def _share(self, name: str, part: int, whole: int, *, times: int = 1) -> Metric:
        low, high = wilson_interval(part, whole)
        places = Decimal("0.0001")
        return Metric(
            name=name,
            value=str((Decimal(part * times) / whole).quantize(places)),
            ci_low=str(Decimal(low * times).quantize(places)),
            ci_high=str(Decimal(high * times).quantize(places)),
            n=whole,
            dataset=self.dataset,
            dataset_sha256=self.sha256,
            better=Better.HIGHER if times == 1 else Better.LOWER,
        )
