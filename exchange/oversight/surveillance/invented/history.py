"""A trading history that is written down act by act, and read as facts."""

from dataclasses import dataclass, field
from typing import Any, Final

from exchange.oversight.surveillance.detection.facts import (
    DAY,
    Accesses,
    Bonds,
    Exports,
    Facts,
    Grants,
    Offers,
    Orders,
    Stakes,
)

BEGIN: Final = 1_767_196_800
"""2026-01-01 00:00 in Beijing."""
TENTHS: Final = 10_000


def moment(day: float, hour: float = 10.0) -> int:
    """Return the instant of an hour of Beijing on a day of the history, the first being 0."""
    return BEGIN + int(day * DAY) + int(hour * 3600)


@dataclass
class Book:
    """Names in the order in which they came up."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return the number of a name, a new one for a new name."""
        return self.numbers.setdefault(name, len(self.numbers))


@dataclass
class History:
    """What happened, kept as rows until it is read."""

    parties: Book = field(default_factory=Book)
    goods: Book = field(default_factory=Book)
    markets: Book = field(default_factory=Book)
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    offers: list[tuple[Any, ...]] = field(default_factory=list)
    accesses: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    grants: list[tuple[int, int]] = field(default_factory=list)
    exports: list[tuple[Any, ...]] = field(default_factory=list)
    stakes: list[tuple[str, str, float, bool]] = field(default_factory=list)
    bonds: list[tuple[int, int]] = field(default_factory=list)

    def order(  # noqa: PLR0913  an order has many terms
        self,
        buyer: str,
        provider: str,
        yuan: float,
        *,
        at: int,
        product: str = "",
        market: str = "",
        quantity: int = 1,
        listed: float = 0.0,
        middle: float = 0.0,
        refunded: int = 0,
        paid: bool = True,
        negotiated: bool = False,
        severe: int = 0,
        medium: int = 0,
        other: int = 0,
        halved: bool = False,
    ) -> str:
        """Write an order down, paid as it is placed; return its reference."""
        reference = f"O-{len(self.orders) + 1:07d}"
        good = self.goods.number(product or f"{provider}/data")
        row = (
            reference,
            self.parties.number(buyer),
            self.parties.number(provider),
            good,
            self.markets.number(market) if market else -1,
            round(yuan * 100),
            quantity,
            round((listed or yuan) * 100),
            round(middle * 100),
            at,
            at if paid else 0,
            refunded,
            negotiated,
            severe,
            medium,
            other,
            halved,
        )
        self.orders.append(row)
        self.offer(buyer, provider, at=at, product=product, concluded=paid)
        return reference

    def offer(
        self, buyer: str, provider: str, *, at: int, product: str = "", concluded: bool = False
    ) -> None:
        """Write an offer down, or an order that was taken back."""
        good = self.goods.number(product or f"{provider}/data")
        parties = (self.parties.number(buyer), self.parties.number(provider))
        self.offers.append((*parties, good, at, concluded))

    def grant(self, *, budget: int = 100, days: int = 365) -> int:
        """Write a grant down; return its number."""
        self.grants.append((budget, days))
        return len(self.grants) - 1

    def access(self, who: str, product: str, *, at: int, grant: int = 0, question: int = 0) -> None:
        """Write an access down."""
        numbers = (self.parties.number(who), self.goods.number(product))
        self.accesses.append((*numbers, grant, at, question))

    def export(
        self,
        exporter: str,
        recipient: str,
        *,
        at: int,
        ordinary: int = 0,
        sensitive: int = 0,
        exempt: bool = True,
        product: str = "",
    ) -> None:
        """Write an export down."""
        good = self.goods.number(product or f"{exporter}/data")
        parties = (self.parties.number(exporter), self.parties.number(recipient))
        order = f"X-{len(self.exports) + 1:07d}"
        self.exports.append((order, *parties, good, at, ordinary, sensitive, exempt))

    def owns(self, owner: str, held: str, share: float = 1.0, *, public: bool = False) -> None:
        """Write a declared shareholding down."""
        self.stakes.append((owner, held, share, public))

    def share_person(self, one: str, other: str) -> None:
        """Write down that the same person acts for two."""
        self.bonds.append((self.parties.number(one), self.parties.number(other)))

    def facts(self) -> Facts:
        """Return the history as facts."""
        nodes = dict(self.parties.numbers)
        for owner, held, _share, _public in self.stakes:
            for name in (owner, held):
                nodes.setdefault(name, len(nodes))
        stakes = [
            (nodes[owner], nodes[held], round(share * TENTHS), public)
            for owner, held, share, public in self.stakes
        ]
        return Facts(
            organizations=list(self.parties.numbers),
            products=list(self.goods.numbers),
            markets=list(self.markets.numbers),
            orders=Orders.of(self.orders),
            offers=Offers.of(self.offers),
            accesses=Accesses.of(self.accesses),
            grants=Grants.of(self.grants),
            exports=Exports.of(self.exports),
            stakes=Stakes.of(stakes),
            bonds=Bonds.of(self.bonds),
        )
