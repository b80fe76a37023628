"""One appraisal worked out from its inputs: every method that applies, then the band. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .facts import AssetFacts, Comparable, CostRecord, IncomeForecast
from .methods.band import Band, combine_methods
from .methods.cost import appraise_by_expert_9, appraise_by_guidance_2023
from .methods.income import appraise_by_income
from .methods.market import appraise_by_market
from .methods.working import Estimate, NotApplicable
from .policy import Policy


@dataclass(frozen=True, kw_only=True)
class AppraisalInputs:
    """Everything an appraisal rests on; frozen, hashed and stored with it."""

    facts: AssetFacts
    costs: CostRecord
    comparables: tuple[Comparable, ...]
    income: IncomeForecast | None
    purpose: str
    basis_on: date

    @property
    def per_license(self) -> bool:
        """Whether one license is valued, as for a trade, and not the asset as a whole."""
        return self.purpose == "TRADE"


@dataclass(frozen=True, kw_only=True)
class AppraisalWorking:
    """The results of the methods, the methods that did not apply, and the band."""

    estimates: tuple[Estimate, ...]
    not_applicable: tuple[NotApplicable, ...]
    band: Band | None


def work_out_appraisal(inputs: AppraisalInputs, policy: Policy) -> AppraisalWorking:
    """Apply every method; the same inputs and rules always give the same result."""
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
    return AppraisalWorking(
        estimates=estimates,
        not_applicable=tuple(item for item in results if isinstance(item, NotApplicable)),
        band=combine_methods(estimates, policy=policy.band) if estimates else None,
    )


def valid_until(inputs: AppraisalInputs, policy: Policy) -> date:
    """Return the last day the appraisal may stand beside a price."""
    days = policy.appraisal_valid_days[inputs.facts.update_frequency]
    return inputs.basis_on + timedelta(days=days)
