"""Metrics of rankings by query, and of anomalies by score."""

import numpy as np

from .scoring import Floats, Scores, Wholes, block_weights, generator

SHUFFLES = 20


def score_rankings(truth: Floats, said: Floats, queries: Wholes, at: int, scores: Scores) -> None:
    """Add NDCG at a depth, MAP and MRR over queries, and those of a drawn order.

    NDCG takes gains 2^relevance − 1 and discounts log2(1 + place) (Burges et al. 2005); for MAP
    and MRR a relevance above zero is relevant. Queries without any are left out.
    """
    random = generator()
    found = by_query(truth, said, queries, at)
    weights = block_weights(found.shape[0], random)
    names = ("ndcg", "map", "mrr")
    drawn = weights @ found / found.shape[0]
    scores.add(
        dict(zip(names, found.mean(axis=0).tolist(), strict=True)),
        dict(zip(names, drawn.T, strict=True)),
    )
    lots = np.mean(
        [by_query(truth, random.random(truth.size), queries, at) for _ in range(SHUFFLES)], axis=0
    )
    scores.base(
        "random",
        dict(zip(names, lots.mean(axis=0).tolist(), strict=True)),
        dict(zip(names, (weights @ lots / found.shape[0]).T, strict=True)),
    )


def by_query(truth: Floats, said: Floats, queries: Wholes, at: int) -> Floats:
    """Return NDCG, average precision and reciprocal rank of each query with a relevant row."""
    order = np.lexsort((-said, queries))
    ideal = np.lexsort((-truth, queries))
    sorted_queries = queries[order]
    starts = np.flatnonzero(np.r_[True, sorted_queries[1:] != sorted_queries[:-1]])
    sizes = np.diff(np.r_[starts, queries.size])
    place = np.arange(queries.size) - np.repeat(starts, sizes)
    discount = np.where(place < at, 1 / np.log2(place + 2), 0)

    def total(values: Floats) -> Floats:
        summed: Floats = np.add.reduceat(values, starts)
        return summed

    gain = total((2 ** truth[order] - 1) * discount)
    best = total((2 ** truth[ideal] - 1) * discount)
    relevant = (truth[order] > 0).astype(np.float64)
    running = np.cumsum(relevant)
    hits = running - np.repeat(running[starts] - relevant[starts], sizes)
    count = total(relevant)
    first = np.where(relevant > 0, place, np.inf)
    nearest = np.minimum.reduceat(first, starts)
    keep = count > 0
    precision = total(relevant * hits / (place + 1))
    return np.column_stack(
        [gain / np.where(best > 0, best, 1), precision / np.maximum(count, 1), 1 / (nearest + 1)]
    )[keep]


def precision_at(truth: Wholes, score: Floats, depth: int) -> float:
    """Return the share of anomalies among the `depth` highest scores; ties count by their share."""
    depth = min(depth, truth.size)
    edge = np.sort(score)[-depth]
    above, level = score > edge, score == edge
    room = depth - int(above.sum())
    return float((truth[above].sum() + truth[level].mean() * room) / depth)


def score_top(truth: Wholes, score: Floats, depth: int, scores: Scores) -> None:
    """Add precision at a depth, its spread from redrawing the rows found there."""
    value = precision_at(truth, score, depth)
    depth = min(depth, truth.size)
    drawn = generator().binomial(depth, value, size=1000) / depth
    scores.add({"precision_at_k": value}, {"precision_at_k": drawn})
    scores.base("random", {"precision_at_k": float(truth.mean())})
