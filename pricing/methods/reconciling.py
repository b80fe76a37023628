"""How much each approach counts: stated, judged in pairs (AHP), scored (entropy), or both.

Cost, market and income are weighed against each other; an approach's weight is divided equally
among its methods. Scores: with p(i, j) the part of approach i in the column of aspect j and v(j)
the entropy weight of the aspect, w(i) = Σ_j v(j) × p(i, j), which sums to 1.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing.facts import is_share

from .formulae.weights import combined_weights, entropy_weights, judged_weights
from .working import Estimate, Method, shown, working_precision

ONE: Final = Decimal(1)
ASPECTS_MOST: Final = 9
SCORE_MOST: Final = Decimal(100)


class Approach(enum.StrEnum):
    """The three ways to a value."""

    COST = "COST"
    MARKET = "MARKET"
    INCOME = "INCOME"


APPROACH_OF: Final = {
    Method.COST_EXPERT_9: Approach.COST,
    Method.COST_GUIDANCE_2023: Approach.COST,
    Method.MARKET: Approach.MARKET,
    Method.INCOME: Approach.INCOME,
}


class Way(enum.StrEnum):
    """How the weights were found. CORRECTED: the judgments, corrected by the scores' entropy."""

    STATED = "STATED"
    JUDGED = "JUDGED"
    SCORED = "SCORED"
    CORRECTED = "CORRECTED"


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """What the appraiser says of the approaches; the lists follow the order of `approaches`.

    `judgments` is the upper triangle of the pairwise comparison, 1/9 to 9. `scores` has a row for
    each approach and a column for each of the `aspects`.
    """

    way: Way
    approaches: tuple[Approach, ...]
    weights: tuple[Decimal, ...] = ()
    judgments: tuple[tuple[Decimal, ...], ...] = ()
    aspects: tuple[str, ...] = ()
    scores: tuple[tuple[Decimal, ...], ...] = ()
    source: str = ""

    def problems(self) -> dict[str, str]:
        """Name the fields that weights cannot be made of, by a code for each."""
        found: dict[str, str] = {}
        count, stated = len(self.approaches), self.way == Way.STATED
        if len(set(self.approaches)) < count or count < (1 if stated else 2):
            found["approaches"] = "approaches_count"
        if stated:
            found |= self._problems_of_weights()
        if self.way in {Way.JUDGED, Way.CORRECTED}:
            found |= self._problems_of_judgments()
        if self.way in {Way.SCORED, Way.CORRECTED}:
            found |= self._problems_of_scores()
        return found

    def _problems_of_weights(self) -> dict[str, str]:
        if len(self.weights) != len(self.approaches):
            return {"weights": "not_every_approach"}
        if not all(is_share(weight) and weight for weight in self.weights):
            return {"weights": "not_a_share"}
        return {} if sum(self.weights) == ONE else {"weights": "weights_not_one"}

    def _problems_of_judgments(self) -> dict[str, str]:
        lengths = [len(row) for row in self.judgments]
        if lengths != list(range(len(self.approaches) - 1, 0, -1)):
            return {"judgments": "not_every_pair"}
        every = [judgment for row in self.judgments for judgment in row]
        if not all(j.is_finite() and Decimal("0.111") <= j <= Decimal(9) for j in every):
            return {"judgments": "not_a_judgment"}
        return {}

    def _problems_of_scores(self) -> dict[str, str]:
        count = len(self.aspects)
        named = {aspect.strip() for aspect in self.aspects} - {""}
        if not 1 <= count <= ASPECTS_MOST or len(named) < count:
            return {"aspects": "aspects_count"}
        if [len(row) for row in self.scores] != [count] * len(self.approaches):
            return {"scores": "not_every_approach"}
        every = [score for row in self.scores for score in row]
        if not all(score.is_finite() and 0 <= score <= SCORE_MOST for score in every):
            return {"scores": "out_of_range"}
        columns = [set(column) for column in zip(*self.scores, strict=True)]
        if {Decimal(0)} in columns or all(len(column) == 1 for column in columns):
            return {"scores": "nothing_told_apart"}
        return {}


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """The weight of each approach, and what it was made of: consistency ratio, aspects' weights."""

    way: Way
    weights: Mapping[Approach, Decimal]
    consistency: Decimal | None = None
    aspects: Mapping[str, Decimal] | None = None


class NoValueToWeigh(ValueError):
    """An approach is given a weight but has no value."""

    def __init__(self, approach: Approach) -> None:
        super().__init__(f"{approach} is weighed and has no value")
        self.approach = approach


def weigh_approaches(weighing: Weighing) -> Weighed:
    """Return the weights; raises Inconsistent where judgments contradict each other."""
    with working_precision():
        judged = None
        if weighing.way in {Way.JUDGED, Way.CORRECTED}:
            judged = judged_weights(weighing.judgments)
        aspects = None
        if weighing.way in {Way.SCORED, Way.CORRECTED}:
            aspects = entropy_weights(weighing.scores)
        weights: Sequence[Decimal] = weighing.weights
        if aspects is not None:
            weights = _scored(weighing.scores, aspects)
        if judged is not None:
            weights = (
                judged.weights if aspects is None else combined_weights(judged.weights, weights)
            )
        return Weighed(
            way=weighing.way,
            weights=dict(zip(weighing.approaches, map(shown, weights), strict=True)),
            consistency=None if judged is None else shown(judged.ratio),
            aspects=None
            if aspects is None
            else dict(zip(weighing.aspects, map(shown, aspects), strict=True)),
        )


def weights_of_methods(weighed: Weighed, estimates: Sequence[Estimate]) -> dict[Method, Decimal]:
    """Divide each approach's weight among its methods that have a value; raises NoValueToWeigh."""
    with working_precision():
        found: dict[Method, Decimal] = {}
        for approach, weight in weighed.weights.items():
            methods = [item.method for item in estimates if APPROACH_OF[item.method] == approach]
            if weight and not methods:
                raise NoValueToWeigh(approach)
            found |= {method: weight / len(methods) for method in methods}
        return found


def _scored(scores: Sequence[Sequence[Decimal]], aspects: Sequence[Decimal]) -> list[Decimal]:
    totals = [sum(column, Decimal(0)) for column in zip(*scores, strict=True)]
    return [
        sum(
            (
                weight * score / total
                for weight, score, total in zip(aspects, row, totals, strict=True)
            ),
            Decimal(0),
        )
        for row in scores
    ]
