"""The published fee schedule, and what it charges on one price. Pure: no rows, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from audit.rulebook.queries import Pack
from pricing.money import Money

from .states import FeeSide

ANY_TYPE = "*"


@dataclass(frozen=True, kw_only=True)
class Tier:
    """The rate on the part of a price up to `up_to`; the last tier has no end."""

    up_to: Decimal | None
    rate: Decimal


@dataclass(frozen=True, kw_only=True)
class Fee:
    """One entry of the schedule: which side pays it, for which products, by which tiers."""

    id: str
    side: str
    product_types: frozenset[str]
    title: Mapping[str, str]
    minimum: Decimal
    maximum: Decimal
    tiers: tuple[Tier, ...]

    def on(self, price: Money) -> Money:
        """Return the fee on `price`, exact, not yet rounded to the minor unit."""
        total, floor = Decimal(0), Decimal(0)
        for tier in self.tiers:
            ceiling = price.amount if tier.up_to is None else min(price.amount, tier.up_to)
            total += max(ceiling - floor, Decimal(0)) * tier.rate
            floor = max(floor, ceiling)
        return Money(min(max(total, self.minimum), self.maximum), price.currency)


@dataclass(frozen=True, kw_only=True)
class Charges:
    """How one price is divided, to the minor unit; `total` is what the buyer must have."""

    pack: str
    price: Money
    provider_fee: Money
    provider_tax: Money
    buyer_fee: Money
    buyer_tax: Money

    @property
    def provider_net(self) -> Money:
        """What is left to the provider."""
        return self.price - self.provider_fee - self.provider_tax

    @property
    def fee(self) -> Money:
        """What the exchange earns, from both sides."""
        return self.provider_fee + self.buyer_fee

    @property
    def tax(self) -> Money:
        """What is set aside for the tax office."""
        return self.provider_tax + self.buyer_tax

    @property
    def total(self) -> Money:
        """The price and the buyer's own fee and tax."""
        return self.price + self.buyer_fee + self.buyer_tax


@dataclass(frozen=True, kw_only=True)
class FeeSchedule:
    """One published version of the fees (《价格法》第十三条: 明码标价)."""

    pack: str
    currency: str
    title: Mapping[str, str]
    tax_rate: Decimal
    tax_title: Mapping[str, str]
    fees: tuple[Fee, ...]

    @classmethod
    def from_pack(cls, pack: Pack) -> Self:
        """Read a rule pack of kind `fees`; ValueError where it leaves a price uncharged."""
        schedule = cls(
            pack=pack.label,
            currency=pack.data["currency"],
            title=pack.data["title"],
            tax_rate=Decimal(pack.data["tax"]["rate"]),
            tax_title={lang: pack.data["tax"][lang] for lang in ("en", "zh")},
            fees=tuple(_read_fee(entry) for entry in pack.data["fees"]),
        )
        for side in FeeSide.values:
            schedule.fee_for(side, ANY_TYPE)
        return schedule

    def fee_for(self, side: str, product_type: str) -> Fee:
        """Return the entry that applies to products of `product_type` on `side`."""
        for fee in self.fees:
            if fee.side == side and not fee.product_types.isdisjoint({product_type, ANY_TYPE}):
                return fee
        msg = f"{self.pack} has no {side} fee for {product_type}"
        raise ValueError(msg)

    def charge(self, price: Money, product_type: str) -> Charges:
        """Divide `price` between provider, fee and tax by largest remainder (parts sum exactly).

        Fee and tax together never exceed the price, whatever the minimum. ValueError for a currency
        this schedule does not speak of.
        """
        if price.currency != self.currency:
            msg = f"{self.pack} is in {self.currency}, not {price.currency}"
            raise ValueError(msg)
        fee, tax = self._exact(FeeSide.PROVIDER, price, product_type)
        net = price - fee - tax
        _net, provider_fee, provider_tax = price.allocate([net.amount, fee.amount, tax.amount])
        buyer_fee, buyer_tax = self._exact(FeeSide.BUYER, price, product_type)
        on_top = (buyer_fee + buyer_tax).quantized()
        if on_top.is_positive:
            buyer_fee, buyer_tax = on_top.allocate([buyer_fee.amount, buyer_tax.amount])
        return Charges(
            pack=self.pack,
            price=price,
            provider_fee=provider_fee,
            provider_tax=provider_tax,
            buyer_fee=buyer_fee.quantized(),
            buyer_tax=buyer_tax.quantized(),
        )

    def _exact(self, side: str, price: Money, product_type: str) -> tuple[Money, Money]:
        fee = min(self.fee_for(side, product_type).on(price), price / (1 + self.tax_rate))
        return fee, min(fee * self.tax_rate, price - fee)


def _read_fee(entry: Mapping[str, Any]) -> Fee:
    tiers = tuple(
        Tier(
            up_to=Decimal(tier["up_to"]) if "up_to" in tier else None,
            rate=Decimal(tier["rate"]),
        )
        for tier in entry["tiers"]
    )
    bounds = [tier.up_to for tier in tiers[:-1] if tier.up_to is not None]
    rising = bounds == sorted(set(bounds)) and len(bounds) == len(tiers) - 1
    if not rising or tiers[-1].up_to is not None:
        msg = f"the tiers of {entry['id']} must rise and end without a bound"
        raise ValueError(msg)
    return Fee(
        id=entry["id"],
        side=FeeSide(entry["side"]).value,
        product_types=frozenset(entry["product_types"]),
        title={lang: entry[lang] for lang in ("en", "zh")},
        minimum=Decimal(entry["minimum"]),
        maximum=Decimal(entry["maximum"]),
        tiers=tiers,
    )
