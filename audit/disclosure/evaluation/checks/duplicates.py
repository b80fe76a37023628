"""Whether rows of the evaluation were trained on: exact copies, and copies slightly changed.

Tables repeat rows by nature (wines of one barrel, flights of one hour). What counts is therefore
how much more often a row of the evaluation has a twin in training than a row of training has.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from audit.disclosure.evaluation.frames import Frame
from audit.disclosure.evaluation.metrics.scoring import SEED, Floats
from audit.disclosure.evaluation.results import Finding, Sureness

from .evidence import STRETCH, Evidence, against, notice, numbers_at, sample_of

EXCESS = 0.02
DEVIATIONS = 4.0
NATURAL = 0.02
PROBES = 1500
NEIGHBORS = 15_000
NEAR = 0.1
MIX = np.uint64(0x9E3779B97F4A7C15)
Hashes = NDArray[np.uint64]


def check_duplicates(evidence: Evidence) -> Iterator[Finding]:
    """Compare the rows of the evaluation with those of the training."""
    train = evidence.train
    names = [name for name in evidence.plain_features if train and train.column(name)]
    if train is None or not names:
        return
    whole = [*names, evidence.card.target] if train.column(evidence.card.target) else names
    own, other = hash_rows(train, whole), hash_rows(evidence.holdout, whole)
    different, counts = np.unique(own, return_counts=True)
    natural = float(counts[counts > 1].sum() / own.size)
    hit = np.isin(other, different)
    shared = float(hit.mean())
    if _is_excess(shared, natural, other.size):
        yield against("copies", Sureness.CERTAIN, share=round(shared, 4), natural=round(natural, 4))
        return
    if shared > NATURAL:
        yield notice("repeated-rows", share=round(shared, 4), natural=round(natural, 4))
    yield from _check_near(evidence, train, names)


def hash_rows(frame: Frame, names: list[str]) -> Hashes:
    """Return a 64-bit number for each row that equal rows share; texts count by their words."""
    found = np.zeros(frame.rows, dtype=np.uint64)
    for name in names:
        column = frame.column(name)
        words = np.array(
            [_of_word(word) for word in column.texts] if column else [], dtype=np.float64
        )
        for start in range(0, frame.rows, STRETCH):
            values = frame.numbers(name, start, start + STRETCH)
            if words.size:
                filled = np.isfinite(values)
                values[filled] = words[values[filled].astype(int)]
            part = found[start : start + STRETCH]
            bits = (values + 0.0).view(np.uint64)
            part ^= bits + MIX + (part << np.uint64(6)) + (part >> np.uint64(2))
            part *= MIX
            part ^= part >> np.uint64(29)
    return found


def _of_word(word: str) -> float:
    number = 0
    for byte in word.encode():
        number = (number * 257 + byte) % (2**52 - 47)
    return float(number)


def _is_excess(shared: float, natural: float, rows: int) -> bool:
    spread: float = np.sqrt(max(natural * (1 - natural), 0.25 / rows) / rows)
    return bool(shared - natural > max(EXCESS, DEVIATIONS * spread))


def _check_near(evidence: Evidence, train: Frame, names: list[str]) -> Iterator[Finding]:
    """Compare how near the nearest training row is, for rows of either set."""
    places = sample_of(train, NEIGHBORS)
    known = np.column_stack([numbers_at(train, name, places) for name in names])
    asked = np.column_stack(
        [numbers_at(evidence.holdout, name, sample_of(evidence.holdout, PROBES)) for name in names]
    )
    middle, spread = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
    keep = np.isfinite(spread) & (spread > 0)
    if not keep.any() or known.shape[0] < PROBES // 10:
        return
    known = np.nan_to_num((known[:, keep] - middle[keep]) / spread[keep])
    asked = np.nan_to_num((asked[:, keep] - middle[keep]) / spread[keep])
    probes = np.random.default_rng(SEED).permutation(known.shape[0])[:PROBES]
    within = _nearest(known[probes], known, own=probes)
    across = _nearest(asked, known, own=None)
    edge = NEAR * float(np.median(within))
    if edge <= 0:
        return
    natural, shared = float(np.mean(within < edge)), float(np.mean(across < edge))
    if _is_excess(shared, natural, across.size):
        yield against(
            "near-copies", Sureness.LIKELY, share=round(shared, 4), natural=round(natural, 4)
        )


def _nearest(asked: Floats, known: Floats, own: NDArray[np.int64] | None) -> Floats:
    """Return the distance of each row to the nearest known one, other than itself."""
    squares = (known**2).sum(axis=1)
    found = np.empty(asked.shape[0])
    for start in range(0, asked.shape[0], 250):
        rows = asked[start : start + 250]
        distance = (rows**2).sum(axis=1)[:, None] + squares - 2 * rows @ known.T
        if own is not None:
            distance[np.arange(rows.shape[0]), own[start : start + 250]] = np.inf
        found[start : start + 250] = np.sqrt(np.maximum(distance.min(axis=1), 0))
    return found
