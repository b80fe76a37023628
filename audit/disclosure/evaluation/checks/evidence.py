"""What the checks look at, and the samples of rows they share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audit.disclosure.evaluation.cards import Card
from audit.disclosure.evaluation.frames import MATRIX, OTHER, Frame
from audit.disclosure.evaluation.graph import ModelFacts
from audit.disclosure.evaluation.metrics.scoring import SEED, Floats, Wholes
from audit.disclosure.evaluation.results import Claim, Finding, Severity, Sureness
from audit.disclosure.evaluation.scoring import Scored

SAMPLE = 20_000
STRETCH = 65_536


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Card, graph, rows and scores of one measurement.

    `trained` are the scores on the training rows, where those were given.
    """

    card: Card
    facts: ModelFacts
    features: tuple[str, ...]
    holdout: Frame
    scored: Scored
    claims: tuple[Claim, ...]
    judged_by: str
    train: Frame | None = None
    trained: Scored | None = None
    steady: bool = True
    digests: Mapping[str, str]

    @property
    def plain_features(self) -> list[str]:
        """The features that are one number or text to a row."""
        return [
            name
            for name in self.features
            if (column := self.holdout.column(name)) and column.kind not in (MATRIX, OTHER)
        ]

    @property
    def main(self) -> Claim | None:
        """The claim that the card puts first."""
        return next((claim for claim in self.claims if claim.judged), None)


def sample_of(frame: Frame, most: int = SAMPLE) -> Wholes:
    """Return the places of up to `most` rows drawn by lot, in order; the same at every run."""
    if frame.rows <= most:
        return np.arange(frame.rows)
    return np.sort(np.random.default_rng(SEED).choice(frame.rows, most, replace=False))


def numbers_at(frame: Frame, name: str, places: Wholes) -> Floats:
    """Return a column's numbers at some places, read in stretches."""
    if places.size == frame.rows:
        return frame.numbers(name)
    pieces = []
    for start in range(0, frame.rows, STRETCH):
        inside = places[(places >= start) & (places < start + STRETCH)]
        if inside.size:
            pieces.append(frame.numbers(name, start, start + STRETCH)[inside - start])
    return np.concatenate(pieces)


def against(code: str, sureness: Sureness, **params: str | float) -> Finding:
    """Return a finding that speaks against the card."""
    return Finding(code, Severity.CONTRADICTS, sureness, params)


def notice(code: str, sureness: Sureness = Sureness.CERTAIN, **params: str | float) -> Finding:
    """Return a finding to be known."""
    return Finding(code, Severity.NOTICE, sureness, params)
