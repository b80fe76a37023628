"""One appraisal worked out from its inputs: every method, the band, what moves it. Pure.

Version 2 of the algorithm: several uses of the data and ways to their income, the growth option,
weights of the approaches that the appraiser answers for, the tornado.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from .facts import LATER, AssetFacts, Comparable, CostRecord
from .income import IncomeForecast
from .methods.band import Band, combine_methods
from .methods.cost import appraise_by_expert_9, appraise_by_guidance_2023
from .methods.income import appraise_by_income
from .methods.market import appraise_by_market
from .methods.reconciling import Weighed, Weighing, weigh_approaches, weights_of_methods
from .methods.tornado import Blade, find_tornado
from .methods.working import Estimate, NotApplicable
from .policy import Policy

ALGORITHM_VERSION: Final = 2
"""Raised whenever the same inputs and rules would give another result than before."""


@dataclass(frozen=True, kw_only=True)
class AppraisalInputs:
    """Everything an appraisal rests on; frozen, hashed and stored with it."""

    facts: AssetFacts
    costs: CostRecord
    comparables: tuple[Comparable, ...]
    income: IncomeForecast | None
    purpose: str
    basis_on: date
    weighing: Weighing | None = field(default=None, metadata=LATER)

    @property
    def per_license(self) -> bool:
        """Whether one license is valued, as for a trade, and not the asset as a whole."""
        return self.purpose == "TRADE"


@dataclass(frozen=True, kw_only=True)
class AppraisalWorking:
    """The methods' results, those that did not apply, the weights, the band, what moves it."""

    estimates: tuple[Estimate, ...]
    not_applicable: tuple[NotApplicable, ...]
    band: Band | None
    tornado: tuple[Blade, ...]
    weighed: Weighed | None = field(default=None, metadata=LATER)


def work_out_appraisal(inputs: AppraisalInputs, policy: Policy) -> AppraisalWorking:
    """Apply every method; the same inputs and rules always give the same result.

    Raises Inconsistent for contradicting judgments and NoValueToWeigh where an approach that is
    given a weight has no value.
    """
    facts, on, each = inputs.facts, inputs.basis_on, inputs.per_license
    results: Sequence[Estimate | NotApplicable] = [
        appraise_by_expert_9(
            facts,
            inputs.costs,
            policy=policy.cost,
            quality=policy.quality,
            basis_on=on,
            per_license=each,
        ),
        appraise_by_guidance_2023(
            facts,
            inputs.costs,
            policy=policy.cost,
            quality=policy.quality,
            basis_on=on,
            per_license=each,
        ),
        appraise_by_market(
            facts,
            inputs.comparables,
            policy=policy.market,
            quality=policy.quality,
            basis_on=on,
            per_license=each,
        ),
        appraise_by_income(facts, inputs.income, policy=policy.income, per_license=each),
    ]
    estimates = tuple(item for item in results if isinstance(item, Estimate))
    weighed = weigh_approaches(inputs.weighing) if inputs.weighing else None
    band = None
    if estimates:
        weights = weights_of_methods(weighed, estimates) if weighed else None
        band = combine_methods(estimates, policy=policy.band, weights=weights)
    return AppraisalWorking(
        estimates=estimates,
        not_applicable=tuple(item for item in results if isinstance(item, NotApplicable)),
        band=band,
        tornado=find_tornado(estimates, {row.method: row.weight for row in band.shares})
        if band
        else (),
        weighed=weighed,
    )


def valid_until(inputs: AppraisalInputs, policy: Policy) -> date:
    """Return the last day the appraisal may stand beside a price."""
    days = policy.appraisal_valid_days[inputs.facts.update_frequency]
    return inputs.basis_on + timedelta(days=days)
