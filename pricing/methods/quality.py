"""The quality score: one figure in [0, 1] from the measured dimensions of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from pricing.facts import AssetFacts

from .policies import QualityPolicy
from .working import shown

TIMELY: Final = "timeliness"


@dataclass(frozen=True, kw_only=True)
class QualityScore:
    """The weighted mean of the known dimensions, and the names of the unknown ones."""

    value: Decimal
    dimensions: dict[str, Decimal]
    unknown: tuple[str, ...]


def timeliness(facts: AssetFacts, policy: QualityPolicy, basis_on: date) -> Decimal:
    """Share of the worth that age has left: 1 when new, 1/2 after the half-life of its rhythm."""
    age = max(0, (basis_on - facts.updated_on).days)
    half_life = policy.half_life_days[facts.update_frequency]
    return (-Decimal(2).ln() * age / half_life).exp()


def score_quality(
    facts: AssetFacts, policy: QualityPolicy, basis_on: date, *, with_age: bool = True
) -> QualityScore:
    """Weigh the measured dimensions; unknown ones are left out, not guessed.

    A quality report brings the six of GB/T 36344-2018 with their weights; without one, what the
    profile tells counts. `with_age=False` leaves age out, for forms that take depreciation as its
    own factor: then timeliness is only how well the promised rhythm was kept.
    """
    age = timeliness(facts, policy, basis_on) if with_age else None
    if facts.measured is None:
        measured: dict[str, Decimal | None] = {
            "completeness": facts.completeness,
            "uniqueness": facts.uniqueness,
            "conformity": facts.conformity,
            "coverage": facts.coverage,
        }
        if with_age:
            measured[TIMELY] = age
        return _weighed(measured, policy.weights)
    weights = facts.measured.weights
    measured = {name: facts.measured.shares.get(name) for name in weights}
    if age is not None:
        kept = measured[TIMELY]
        measured[TIMELY] = age if kept is None else kept * age
    return _weighed(measured, weights)


def _weighed(
    measured: Mapping[str, Decimal | None], weights: Mapping[str, Decimal]
) -> QualityScore:
    known = {name: share for name, share in measured.items() if share is not None}
    total = sum((weights[name] for name in known), Decimal(0))
    score = sum((weights[name] * share for name, share in known.items()), Decimal(0))
    return QualityScore(
        value=shown(score / total) if total else Decimal(0),
        dimensions={name: shown(share) for name, share in known.items()},
        unknown=tuple(name for name, share in measured.items() if share is None),
    )
