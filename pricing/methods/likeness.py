"""How alike listings are: by the words of their titles and texts, and by what they are filed under.

A listing's words are its pairs of neighboring characters, which needs no dictionary and does the
same for Chinese and English. Pairs that few listings have count more (TF-IDF):

    v(t, g) = (1 + ln f(t, g)) × (1 + ln((1 + N) / (1 + n(g))))
    cos(s, t) = v(s)·v(t) / |v(s)||v(t)|

f is how often text t has the pair g, N the number of texts compared with, n(g) how many have g.
Titles are compared with titles, and title and text with title and text. Agreement of the facets is
the mean over those known of both listings: industry, kind and rhythm of renewal are equal (1) or
not (0); sizes agree by e^(−|ln s − ln t| / ln 10), so that ten times the bytes count 1/e.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from pricing.facts import Traits

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whole = NDArray[np.int64]

TEXT_MOST: Final = 4000
"""Characters of a text that are read: the longest real descriptions have half of that."""

PLACES: Final = 6
"""Decimal places kept, so that every machine comes to the same likeness."""

RUN: Final = re.compile(r"[^\W_]+")
TENFOLD: Final = math.log(10)


@dataclass(frozen=True, kw_only=True, eq=False)
class Likeness:
    """Likeness of subjects (rows) to listings (columns), each figure between 0 and 1."""

    titles: Floats
    texts: Floats
    facets: Floats

    @classmethod
    def between(cls, subjects: Sequence[Traits], pool: Sequence[Traits]) -> Self:
        """Compare every subject with every listing of the pool; only the pool weighs the pairs."""
        return cls(
            titles=cosines([one.title for one in subjects], [one.title for one in pool]),
            texts=cosines(
                [f"{one.title} {one.text}" for one in subjects],
                [f"{one.title} {one.text}" for one in pool],
            ),
            facets=agreement(subjects, pool),
        )

    def cut(self, rows: Whole, columns: Whole) -> "Likeness":
        """Keep some subjects and some listings."""
        place = np.ix_(rows, columns)
        return Likeness(
            titles=self.titles[place], texts=self.texts[place], facets=self.facets[place]
        )


def pairs_of(text: str) -> Counter[str]:
    """Count the pairs of neighboring characters in the words of a text; a lone one counts alone."""
    folded = unicodedata.normalize("NFKC", text[:TEXT_MOST]).casefold()
    return Counter(
        run[place : place + 2]
        for run in RUN.findall(folded)
        for place in range(max(1, len(run) - 1))
    )


def cosines(subjects: Sequence[str], pool: Sequence[str]) -> Floats:
    """Return the cosine of every subject with every text of the pool."""
    counted = [pairs_of(text) for text in pool]
    among = Counter(pair for pairs in counted for pair in pairs)
    column = {pair: place for place, pair in enumerate(sorted(among))}
    known = _vectors(counted, among, column, len(pool))
    asked = _vectors([pairs_of(text) for text in subjects], among, column, len(pool))
    return np.clip(np.round(asked @ known.T, PLACES), 0, 1)


def agreement(subjects: Sequence[Traits], pool: Sequence[Traits]) -> Floats:
    """Return the mean agreement of what is known of both: industry, kind, renewal, size."""
    total = np.zeros((len(subjects), len(pool)))
    known = np.zeros_like(total)
    for name in ("industry", "kind", "renewal"):
        ours = np.array([getattr(one, name) for one in subjects], dtype=object)[:, None]
        theirs = np.array([getattr(one, name) for one in pool], dtype=object)[None, :]
        both = ((ours != "") & (theirs != "")).astype(np.float64)
        total += both * (ours == theirs)
        known += both
    ours = np.array([one.size for one in subjects], dtype=np.float64)[:, None]
    theirs = np.array([one.size for one in pool], dtype=np.float64)[None, :]
    both = ((ours > 0) & (theirs > 0)).astype(np.float64)
    apart = np.abs(np.log(np.maximum(ours, 1)) - np.log(np.maximum(theirs, 1)))
    total += both * np.exp(-apart / TENFOLD)
    known += both
    return np.round(total / np.maximum(known, 1), PLACES)


def _vectors(
    counted: Sequence[Counter[str]], among: Counter[str], column: dict[str, int], texts: int
) -> Floats:
    """Lay texts out as rows of length 1; pairs that the pool does not have only add to length."""
    rows = np.zeros((len(counted), len(column)))
    for place, pairs in enumerate(counted):
        square = 0.0
        for pair, times in pairs.items():
            rare = 1 + math.log((1 + texts) / (1 + among.get(pair, 0)))
            weight = (1 + math.log(times)) * rare
            square += weight * weight
            if pair in column:
                rows[place, column[pair]] = weight
        if square:
            rows[place] /= math.sqrt(square)
    return rows
