"""The income expected of data (收益法): its uses, the income of a year, how long it lasts.

Plain values, as in `pricing.facts`; amounts of one currency, yearly, from all sales of the product.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final, Self

from .facts import is_positive, is_share
from .methods.formulae.income import discount_rate
from .money import Money

ONE: Final = Decimal(1)
USES_MOST: Final = 5
RATE_MOST: Final = ONE
YEARS_MOST: Final = Decimal(50)
VOLATILITY_MOST: Final = Decimal(3)
BETA_MOST: Final = Decimal(5)


class IncomeForm(enum.StrEnum):
    """How the income of a year is found, F (数据资产评估指导意见).

    DIRECT: F = R. ROYALTY: F = R × K, the share due to the data. EXCESS: F = R − Σ C, what is left
    after the other contributing assets. INCREMENTAL: F = RY − RN, with the data less without it.
    """

    DIRECT = "DIRECT"
    ROYALTY = "ROYALTY"
    EXCESS = "EXCESS"
    INCREMENTAL = "INCREMENTAL"


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What another contributing asset, C, has to be paid in each year (贡献资产回报)."""

    name: str
    yearly: tuple[Money, ...]


@dataclass(frozen=True, kw_only=True)
class IncomeUse:
    """One use the data may find (场景): its income, its part in the whole, and its own rate.

    `discount_rate` is None where the rate built up for the whole forecast holds.
    """

    name: str
    yearly: tuple[Money, ...]
    form: IncomeForm = IncomeForm.DIRECT
    weight: Decimal = ONE
    discount_rate: Decimal | None = None
    contribution_rate: Decimal | None = None
    charges: tuple[Charge, ...] = ()
    without: tuple[Money, ...] = ()

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be a use, by a code for each."""
        found: dict[str, str] = {}
        if not self.name.strip():
            found["name"] = "missing"
        if not self.yearly:
            found["yearly"] = "missing"
        elif any(flow.is_negative for flow in self.yearly):
            found["yearly"] = "negative"
        elif len({amount.currency for amount in self.amounts()}) > 1:
            found["yearly"] = "mixed_currencies"
        if not (is_share(self.weight) and self.weight):
            found["weight"] = "not_a_share"
        rate = self.discount_rate
        if rate is not None and not (is_share(rate) and rate < RATE_MOST):
            found["discount_rate"] = "not_a_share"
        return found | self._problems_of_form()

    def amounts(self) -> Iterator[Money]:
        """Go through every amount that is said."""
        yield from self.yearly
        for charge in self.charges:
            yield from charge.yearly
        yield from self.without

    def _problems_of_form(self) -> dict[str, str]:
        """Ask for what the form needs, and for nothing that it does not use."""
        royalty, excess = self.form == IncomeForm.ROYALTY, self.form == IncomeForm.EXCESS
        years, found = len(self.yearly), {}
        share = self.contribution_rate
        if royalty and (share is None or not (is_share(share) and share)):
            found["contribution_rate"] = "not_a_share"
        if share is not None and not royalty:
            found["contribution_rate"] = "not_of_the_form"
        if excess and not self.charges:
            found["charges"] = "missing"
        if self.charges and not excess:
            found["charges"] = "not_of_the_form"
        elif any(not charge.name.strip() or len(charge.yearly) != years for charge in self.charges):
            found["charges"] = "not_every_year"
        elif any(amount.is_negative for charge in self.charges for amount in charge.yearly):
            found["charges"] = "negative"
        if self.form == IncomeForm.INCREMENTAL:
            if len(self.without) != years:
                found["without"] = "not_every_year"
        elif self.without:
            found["without"] = "not_of_the_form"
        return found


@dataclass(frozen=True, kw_only=True)
class RateParts:
    """The discount rate built up: i = r_f + β × ERP + size + the data's own risks."""

    risk_free: Decimal
    beta: Decimal
    premium: Decimal
    size: Decimal = Decimal(0)
    management: Decimal = Decimal(0)
    circulation: Decimal = Decimal(0)
    security: Decimal = Decimal(0)
    supervision: Decimal = Decimal(0)

    @property
    def rate(self) -> Decimal:
        """The rate that the parts add up to."""
        own = ("management", "circulation", "security", "supervision")
        return discount_rate(
            risk_free=self.risk_free,
            beta=self.beta,
            premium=self.premium,
            size=self.size,
            own={name: getattr(self, name) for name in own},
        )

    def problems(self) -> dict[str, str]:
        """Name the parts that cannot be, by a code for each."""
        found = {
            item.name: "not_a_share"
            for item in fields(self)
            if item.name != "beta" and not is_share(getattr(self, item.name))
        }
        if not (self.beta.is_finite() and 0 <= self.beta <= BETA_MOST):
            found["beta"] = "out_of_range"
        if not found and self.rate >= RATE_MOST:
            found["risk_free"] = "out_of_range"
        return found


@dataclass(frozen=True, kw_only=True)
class Life:
    """How long the data may earn, in years; what is not known bounds nothing (经济寿命)."""

    legal: Decimal | None = None
    contract: Decimal | None = None
    technical: Decimal | None = None
    renewal: Decimal | None = None

    def known(self) -> dict[str, Decimal]:
        """Return the bounds that are known."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: years for name, years in found.items() if years is not None}

    def problems(self) -> dict[str, str]:
        """Name the bounds that cannot be, by a code for each."""
        return {
            name: "out_of_range"
            for name, years in self.known().items()
            if not (is_positive(years) and years <= YEARS_MOST)
        }


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """The right to expand the use later (增长期权): what it would earn, cost, and by when.

    `value` and `outlay` are present values, `years` until it must be decided, `rate` the risk-free
    rate and `volatility` the yearly one of `value`, both as shares.
    """

    value: Money
    outlay: Money
    years: Decimal
    rate: Decimal
    volatility: Decimal

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be of an option, by a code for each."""
        found = {
            name: "not_positive"
            for name in ("value", "outlay")
            if not getattr(self, name).is_positive
        }
        if not (is_positive(self.years) and self.years <= YEARS_MOST):
            found["years"] = "out_of_range"
        if not (is_share(self.rate) and self.rate < RATE_MOST):
            found["rate"] = "not_a_share"
        if not (is_positive(self.volatility) and self.volatility <= VOLATILITY_MOST):
            found["volatility"] = "out_of_range"
        return found


@dataclass(frozen=True, kw_only=True)
class IncomeForecast:
    """All that is expected of the data: its uses, whose weights sum to 1, and an option beside."""

    uses: tuple[IncomeUse, ...]
    rate_parts: RateParts | None = None
    life: Life | None = None
    expansion: Expansion | None = None
    source: str = ""

    @classmethod
    def single(
        cls,
        *yearly: Money,
        discount_rate: Decimal,
        contribution_rate: Decimal = ONE,
        source: str = "",
    ) -> Self:
        """Forecast the income of one use, all of it or the share due to the data."""
        whole = contribution_rate == ONE
        use = IncomeUse(
            name="all",
            yearly=yearly,
            form=IncomeForm.DIRECT if whole else IncomeForm.ROYALTY,
            discount_rate=discount_rate,
            contribution_rate=None if whole else contribution_rate,
        )
        return cls(uses=(use,), source=source)

    def rate_of(self, use: IncomeUse) -> Decimal:
        """Return the rate of a use: its own or the one built up; ValueError if none."""
        if use.discount_rate is not None:
            return use.discount_rate
        if self.rate_parts is None:
            message = f"{use.name} has no discount rate"
            raise ValueError(message)
        return self.rate_parts.rate

    def amounts(self) -> Iterator[Money]:
        """Go through every amount that is said."""
        for use in self.uses:
            yield from use.amounts()
        if self.expansion:
            yield from (self.expansion.value, self.expansion.outlay)

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be a forecast, by a code for each."""
        found: dict[str, str] = {}
        for place, use in enumerate(self.uses):
            of_use = use.problems()
            if use.discount_rate is None and self.rate_parts is None:
                of_use["discount_rate"] = "missing"
            found |= {f"uses.{place}.{name}": code for name, code in of_use.items()}
        for name in ("rate_parts", "life", "expansion"):
            part = getattr(self, name)
            inside = part.problems() if part else {}
            found |= {f"{name}.{field}": code for field, code in inside.items()}
        if not 1 <= len(self.uses) <= USES_MOST:
            found["uses"] = "uses_count"
        elif len({use.name for use in self.uses}) < len(self.uses):
            found["uses"] = "named_twice"
        elif not found and sum(use.weight for use in self.uses) != ONE:
            found["uses"] = "weights_not_one"
        return found
