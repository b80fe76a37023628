"""Revenue sharing (收益分配): who gets which part of what a jointly supplied product earns.

A waterfall. What is left of the price after the exchange's own fee and tax is the *net*. First the
cuts are taken, in their order: a fixed amount or a rate of the net, as a data broker (数据商) has
agreed. What remains is divided among the source providers by contribution weight. Where the net
does not suffice for a cut, it gets what is there and nothing is left for those behind it.

Every portion is rounded to the minor unit once, together, by largest remainder: they add up to the
net exactly (《数据二十条》第十二条: 谁投入、谁贡献、谁受益).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import Any, Final

from .money import Money

WEIGHT_PLACES: Final = Decimal("0.000001")
"""A contribution weight is said to a millionth."""

PARTIES_MOST: Final = 50


class Basis(StrEnum):
    """Where the contribution weights come from."""

    DECLARED = "DECLARED"
    COST = "COST"
    MEASURED = "MEASURED"


class CutKind(StrEnum):
    """How a cut ahead of the sources is reckoned."""

    FIXED = "FIXED"
    RATE = "RATE"


class BadShare(ValueError):
    """A revenue share that cannot be carried out; `code` says why, `party` whose part."""

    def __init__(self, code: str, party: str = "") -> None:
        self.code, self.party = code, party
        super().__init__(f"{code}: {party}" if party else code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part that goes ahead of the sources: an amount of money, or a rate of the net."""

    party: str
    kind: CutKind
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueShare:
    """The agreed division: cuts in their order, and weights of the sources that add up to 1."""

    cuts: tuple[Cut, ...]
    weights: Mapping[str, Decimal]
    basis: Basis

    def __post_init__(self) -> None:
        """Refuse a division that pays twice, too much, or nobody."""
        names = [cut.party for cut in self.cuts] + list(self.weights)
        if not self.weights or len(names) > PARTIES_MOST:
            raise BadShare("parties_out_of_range")
        for name in names:
            if names.count(name) > 1:
                raise BadShare("party_twice", name)
        for cut in self.cuts:
            if not cut.value.is_finite() or cut.value <= 0:
                raise BadShare("cut_not_positive", cut.party)
        if sum(cut.value for cut in self.cuts if cut.kind == CutKind.RATE) >= 1:
            raise BadShare("rates_take_all")
        for party, weight in self.weights.items():
            if not weight.is_finite() or weight < 0:
                raise BadShare("weight_negative", party)
        if sum(self.weights.values()) != 1:
            raise BadShare("weights_not_one")

    def as_document(self) -> dict[str, Any]:
        """Return the division as plain text, for a frozen record and its digest."""
        return {
            "basis": str(self.basis),
            "cuts": [
                {"party": cut.party, "kind": str(cut.kind), "value": f"{cut.value:f}"}
                for cut in self.cuts
            ],
            "weights": {party: f"{weight:f}" for party, weight in self.weights.items()},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RevenueShare":
        """Read back what `as_document` wrote."""
        return cls(
            basis=Basis(document["basis"]),
            cuts=tuple(
                Cut(party=row["party"], kind=CutKind(row["kind"]), value=Decimal(row["value"]))
                for row in document["cuts"]
            ),
            weights={party: Decimal(value) for party, value in document["weights"].items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What one party gets; `is_short` where its cut found less than agreed."""

    party: str
    amount: Money
    is_source: bool
    is_short: bool


def split_revenue(net: Money, share: RevenueShare) -> list[Portion]:
    """Divide the net to the minor unit, cuts first; the portions add up to it exactly.

    ValueError for a net below zero. A net of nothing gives every party nothing.
    """
    if net.is_negative:
        message = "there is nothing to share of a loss"
        raise ValueError(message)
    net = net.quantized()
    with localcontext(prec=60):
        left, exact, short = net.amount, [], []
        for cut in share.cuts:
            wanted = cut.value if cut.kind == CutKind.FIXED else net.amount * cut.value
            got = min(wanted, left)
            exact.append(got)
            short.append(got < wanted)
            left -= got
        exact += [left * weight for weight in share.weights.values()]
    names = [cut.party for cut in share.cuts] + list(share.weights)
    amounts = net.allocate(exact) if net.is_positive else [net] * len(names)
    return [
        Portion(
            party=party,
            amount=amount,
            is_source=place >= len(share.cuts),
            is_short=place < len(share.cuts) and short[place],
        )
        for place, (party, amount) in enumerate(zip(names, amounts, strict=True))
    ]


def contribution_weights(contributions: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Turn measured contributions, or costs, into weights that add up to 1 exactly.

    Whoever made the result worse has the weight 0: it is paid nothing, and owes nothing. Raises
    BadShare where nobody contributed, since no division follows from that.
    """
    values = {
        party: max(_finite(party, value), Decimal(0)) for party, value in contributions.items()
    }
    total = sum(values.values(), Decimal(0))
    if total <= 0:
        raise BadShare("nobody_contributed")
    return dict(zip(values, _to_places(list(values.values()), total), strict=True))


def _finite(party: str, value: Decimal) -> Decimal:
    if not value.is_finite():
        raise BadShare("contribution_not_finite", party)
    return value


def _to_places(values: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Round to the places of a weight by largest remainder, the earlier first where equal."""
    with localcontext(prec=60):
        exact = [value / total for value in values]
        parts = [value.quantize(WEIGHT_PLACES, rounding=ROUND_DOWN) for value in exact]
        missing = int(((1 - sum(parts)) / WEIGHT_PLACES).to_integral_value(ROUND_HALF_EVEN))
        order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
        for place in order[:missing]:
            parts[place] += WEIGHT_PLACES
    return parts
