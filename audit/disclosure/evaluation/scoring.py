"""All metrics of one task over one frame, with intervals and simple rules beside them."""

from dataclasses import dataclass

import numpy as np

from .cards import Card
from .frames import Frame
from .graph import ModelFacts
from .limits import RunLimits
from .metrics import METRICS, Scores
from .metrics.classifying import (
    confusion_of,
    score_classes,
    score_many_orders,
    score_order,
    score_rules,
    score_shares,
)
from .metrics.names import depth_named
from .metrics.numbers import score_numbers
from .metrics.orders import score_rankings, score_top
from .metrics.scoring import Floats, Wholes
from .predictions import Classed, Numbered, read_classes, read_numbers, read_score, read_truth
from .refusals import refused
from .results import Bin, Figure
from .running import Answers

FEWEST_ROWS = 30
FEWEST_QUERIES = 10
BINS = 10
SHOWN_CLASSES = 50


@dataclass(frozen=True)
class Scored:
    """The scores of one run, and what they were computed from."""

    scores: Scores
    truth: Floats
    said: Floats
    classed: Classed | None = None
    confusion: Wholes | None = None

    def figure(self, metric: str) -> Figure:
        """Return one metric's value, interval and best simple rule."""
        higher = METRICS[metric].higher
        low, high = self.scores.interval(metric)
        rules = {
            name: values[metric]
            for name, values in self.scores.baselines.items()
            if metric in values and np.isfinite(values[metric])
        }
        value, nothing = self.scores.values[metric], METRICS[metric].trivial
        if not rules:
            gain = None if low is None or nothing is None else low - nothing
            return Figure(metric, value, low, high, nothing, "", gain)
        best = max(rules, key=lambda name: rules[name] if higher else -rules[name])
        gain = self.scores.gain(metric, best, higher=higher)
        return Figure(metric, value, low, high, rules[best], best, gain)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All metrics in the order of the list."""
        return tuple(
            self.figure(name)
            for name in METRICS
            if np.isfinite(self.scores.values.get(name, np.nan))
        )


def score_answers(
    card: Card,
    facts: ModelFacts,
    frame: Frame,
    answers: Answers,
    train: Frame | None,
    limits: RunLimits,
) -> Scored:
    """Score what the model said over a frame; raises Refused where it cannot be scored."""
    if frame.rows < FEWEST_ROWS:
        raise refused("few-rows", rows=frame.rows, fewest=FEWEST_ROWS)
    match card.task:
        case "classification":
            return _classes(card, facts, frame, answers, train, limits)
        case "regression" | "forecast":
            return _numbers(card, frame, answers, train)
        case "ranking":
            return _rankings(card, frame, answers)
        case _:
            return _anomalies(card, frame, answers)


def _classes(
    card: Card,
    facts: ModelFacts,
    frame: Frame,
    answers: Answers,
    train: Frame | None,
    limits: RunLimits,
) -> Scored:
    classed = read_classes(card, facts, frame, answers, limits)
    count = len(classed.classes)
    scores = Scores()
    confusion = confusion_of(classed.truth, classed.said, count)
    true = confusion.sum(axis=1)
    if np.count_nonzero(true) < 2:  # noqa: PLR2004  one class alone cannot be told from another
        raise refused("one-class", name=card.target)
    score_classes(confusion, classed.positive, scores)
    prior = _prior(card, train, classed, true)
    score_rules(true, prior, classed.positive, scores)
    _same_rate(confusion, classed.positive, scores)
    if classed.score is not None and count == 2:  # noqa: PLR2004  yes and no
        score_order((classed.truth == classed.positive).astype(np.int64), classed.score, scores)
    if classed.shares is not None:
        score_many_orders(classed.truth, classed.shares, scores)
        score_shares(classed.truth, classed.shares, prior, scores)
    truth, said = classed.truth.astype(np.float64), classed.said.astype(np.float64)
    return Scored(scores, truth, said, classed, confusion)


def _prior(card: Card, train: Frame | None, classed: Classed, true: Wholes) -> Floats:
    """Return the classes' shares among the training rows, or else among the rows measured on."""
    own: Floats = true / true.sum()
    if train is None or train.column(card.target) is None:
        return own
    column = train.column(card.target)
    values, counts = np.unique(read_truth(train, card.target), return_counts=True)
    shares = np.zeros(true.size)
    for value, rows in zip(values.tolist(), counts.tolist(), strict=True):
        text = column.texts[int(value)] if column is not None and column.texts else None
        key = text if text is not None else (str(int(value)) if value % 1 == 0 else repr(value))
        if key in classed.classes:
            shares[classed.classes.index(key)] += rows
    return shares / shares.sum() if shares.sum() else own


def _same_rate(confusion: Wholes, positive: int | None, scores: Scores) -> None:
    """Compare recall with lots that say yes just as often: saying yes to all finds all."""
    if positive is None:
        return
    for values in scores.baselines.values():
        values.pop("recall", None)
    share = float(confusion[:, positive].sum() / confusion.sum())
    scores.base("same_rate", {"recall": share})


def _numbers(card: Card, frame: Frame, answers: Answers, train: Frame | None) -> Scored:
    numbered = read_numbers(card, frame, answers)
    if np.ptp(numbered.truth) == 0:
        raise refused("one-value", name=card.target)
    scores = Scores()
    score_numbers(
        numbered.truth, numbered.said, _number_rules(card, frame, train, numbered), scores
    )
    return Scored(scores, numbered.truth, numbered.said)


def _number_rules(
    card: Card, frame: Frame, train: Frame | None, numbered: Numbered
) -> dict[str, Floats]:
    """Return what simple rules would say: mean, median, and for series the value before."""
    known = train is not None and train.column(card.target) is not None
    learned = read_truth(train, card.target) if train is not None and known else numbered.truth
    rules = {
        "mean": np.full(frame.rows, learned.mean()),
        "median": np.full(frame.rows, np.median(learned)),
    }
    if card.task == "forecast":
        order = np.arange(frame.rows)
        if card.time:
            order = np.argsort(frame.numbers(card.time), kind="stable")
        before = np.empty(frame.rows)
        first = learned[-1] if known else numbered.truth[order[0]]
        before[order] = np.r_[first, numbered.truth[order][:-1]]
        rules["persistence"] = before
    return rules


def _rankings(card: Card, frame: Frame, answers: Answers) -> Scored:
    said, truth = read_score(card, frame, answers)
    if truth.min() < 0 or truth.max() > 60:  # noqa: PLR2004  gains are powers of two
        raise refused("odd-relevance", name=card.target)
    queries = np.unique(frame.numbers(card.query), return_inverse=True)[1]
    if queries.max() + 1 < FEWEST_QUERIES:
        raise refused("few-queries", count=int(queries.max()) + 1, fewest=FEWEST_QUERIES)
    if not np.any(truth):
        raise refused("one-value", name=card.target)
    scores = Scores()
    score_rankings(truth, said, queries, depth_named(card.main_metric) or card.at, scores)
    return Scored(scores, truth, said)


def _anomalies(card: Card, frame: Frame, answers: Answers) -> Scored:
    said, marks = read_score(card, frame, answers)
    odd = {-1.0} if marks.min() < 0 else {1.0}
    if not set(np.unique(marks).tolist()) <= {-1.0, 0.0, 1.0} or np.ptp(marks) == 0:
        raise refused("odd-anomalies", name=card.target)
    truth = np.isin(marks, list(odd)).astype(np.int64)
    scores = Scores()
    score_order(truth, said, scores)
    depth = depth_named(card.main_metric) or int(truth.sum())
    score_top(truth, said, depth, scores)
    edge = card.threshold if card.threshold is not None else np.sort(said)[-int(truth.sum())]
    confusion = confusion_of(truth, (said >= edge).astype(np.int64), 2)
    part = Scores()
    score_classes(confusion, 1, part)
    true = confusion.sum(axis=1)
    score_rules(true, true / true.sum(), 1, part)
    _same_rate(confusion, 1, part)
    wanted = ("precision", "recall", "f1_positive")
    scores.add(
        {name: part.values[name] for name in wanted}, {name: part.draws[name] for name in wanted}
    )
    for rule, values in part.baselines.items():
        scores.base(rule, {name: values[name] for name in wanted if name in values})
    return Scored(scores, truth.astype(np.float64), said)


def calibration_of(scored: Scored) -> tuple[Bin, ...]:
    """Return ten stretches of the positive class's probability: what was said, what was true."""
    classed = scored.classed
    if classed is None or classed.shares is None or classed.positive is None:
        return ()
    share = classed.shares[:, classed.positive]
    hit = classed.truth == classed.positive
    places = np.clip((share * BINS).astype(int), 0, BINS - 1)
    return tuple(
        Bin(
            place / BINS,
            (place + 1) / BINS,
            int(rows.sum()),
            float(share[rows].mean()),
            float(hit[rows].mean()),
        )
        for place in range(BINS)
        if (rows := places == place).any()
    )
