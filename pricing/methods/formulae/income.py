"""The income method: four ways to find the income of a year, and what it is worth today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.methods.working import working_precision

from .checks import finite, positive, share

ONE = Decimal(1)


def direct_income(income: Decimal) -> Decimal:
    """F = R: what the data itself earns in a year."""
    return finite("R", income)


def royalty_income(income: Decimal, royalty: Decimal) -> Decimal:
    """F = R × K: the share K of the income that is due to the data (分成)."""
    with working_precision():
        return finite("R", income) * share("K", royalty)


def excess_income(income: Decimal, charges: Sequence[Decimal]) -> Decimal:
    """F = R − Σ C: the income left after every other contributing asset was paid (超额收益)."""
    with working_precision():
        return finite("R", income) - sum(
            (finite("C", charge, least=Decimal(0)) for charge in charges), Decimal()
        )


def incremental_income(with_data: Decimal, without_data: Decimal) -> Decimal:
    """F = RY − RN: the income with the data less the income without it (增量收益)."""
    with working_precision():
        return finite("RY", with_data) - finite("RN", without_data)


def present_value(flows: Sequence[Decimal], rate: Decimal) -> Decimal:
    """P = Σ F_t ÷ (1 + i)^t, the first flow a year from the basis date."""
    with working_precision():
        base = ONE + finite("i", rate, least=Decimal(0))
        return sum(
            (finite("F", flow) / base**year for year, flow in enumerate(flows, start=1)), Decimal()
        )


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One use the data may find: how likely or how large a part, its flows and its own rate."""

    weight: Decimal
    flows: tuple[Decimal, ...]
    rate: Decimal


def scenario_parts(scenarios: Sequence[Scenario]) -> tuple[Decimal, ...]:
    """P = Σ_k w_k Σ_t R_kt ÷ (1 + i_k)^t, part by part; the weights sum to one."""
    with working_precision():
        total = sum((share("w", item.weight) for item in scenarios), Decimal())
        if total != ONE:
            message = f"the weights of the scenarios sum to {total}, not to 1"
            raise ValueError(message)
        return tuple(item.weight * present_value(item.flows, item.rate) for item in scenarios)


def discount_rate(
    *,
    risk_free: Decimal,
    beta: Decimal,
    premium: Decimal,
    size: Decimal,
    own: Mapping[str, Decimal],
) -> Decimal:
    """Sum i = r_f + β × ERP + size + the data's own risks (management, circulation, …)."""
    with working_precision():
        parts = {"r_f": risk_free, "β": beta, "ERP": premium, "size": size, **own}
        for name, part in parts.items():
            finite(name, part, least=Decimal(0))
        return risk_free + beta * premium + size + sum(own.values(), Decimal())


def economic_life(lives: Mapping[str, Decimal]) -> Decimal:
    """Take n = min(legal, contract, technical life, renewal cycle), of those known, in years."""
    return min(positive(name, years) for name, years in lives.items())


def lasting(flows: Sequence[Decimal], life: Decimal) -> tuple[Decimal, ...]:
    """Keep the flows of the first n years; of a year begun, the part that was lived."""
    with working_precision():
        positive("n", life)
        parts = (min(ONE, life - year) for year in range(len(flows)))
        return tuple(flow * part for flow, part in zip(flows, parts, strict=True) if part > 0)
