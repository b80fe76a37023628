"""The facts that are watched, as columns: one array for each property, one place for each row.

Organizations, products and grants are numbers into the lists of their references. Times are whole
seconds since 1970-01-01 UTC, 0 where something did not happen; amounts are whole fen (分).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
DAY = 86_400
BEIJING = 8 * 3600
"""Seconds by which Beijing is ahead of UTC; it has no summer time."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Arrays of one length."""

    def __post_init__(self) -> None:
        """Refuse columns of different lengths: a shifted row would accuse somebody else."""
        lengths = {column.name: len(getattr(self, column.name)) for column in fields(self)}
        if len(set(lengths.values())) > 1:
            message = f"columns of different lengths: {lengths}"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """Make columns of rows that name every property in order."""
        kept = list(rows)
        parts = list(zip(*kept, strict=True)) if kept else [()] * len(fields(cls))
        made = [
            np.array(part, dtype=_dtype_of(str(column.type)))
            for column, part in zip(fields(cls), parts, strict=True)
        ]
        return cls(*made)

    def where(self, chosen: NDArray[Any]) -> Self:
        """Return the chosen rows, by flags or by places in an order."""
        return type(self)(*(getattr(self, column.name)[chosen] for column in fields(self)))


def _dtype_of(annotation: str) -> Any:
    if "object" in annotation:
        return object
    return np.bool_ if "Flags" in annotation or "bool" in annotation else np.int64


@dataclass(frozen=True, eq=False)
class Orders(Columns):
    """Orders: `listed` is the posted price of the same quantity, `middle` the appraised one.

    `market` numbers the group of comparable products, -1 where there is none. `severe`,
    `medium` and `other` are persons named in the data by the classes of 法释〔2017〕10号 第五条;
    `halved` says that the data was obtained in performing duties or services.
    """

    reference: NDArray[np.object_]
    buyer: Ints
    provider: Ints
    product: Ints
    market: Ints
    amount: Ints
    quantity: Ints
    listed: Ints
    middle: Ints
    placed: Ints
    paid: Ints
    refunded: Ints
    negotiated: Flags
    severe: Ints
    medium: Ints
    other: Ints
    halved: Flags


@dataclass(frozen=True, eq=False)
class Offers(Columns):
    """Offers in negotiations and orders taken back unpaid; `concluded` ended in a deal."""

    buyer: Ints
    provider: Ints
    product: Ints
    at: Ints
    concluded: Flags


@dataclass(frozen=True, eq=False)
class Accesses(Columns):
    """Downloads, questions and calls; `question` is a digest of what was asked, 0 for a file."""

    organization: Ints
    product: Ints
    grant: Ints
    at: Ints
    question: Ints


@dataclass(frozen=True, eq=False)
class Grants(Columns):
    """What each grant allows: accesses in all, and the days of its window."""

    budget: Ints
    days: Ints


@dataclass(frozen=True, eq=False)
class Exports(Columns):
    """Data that left the mainland; `exempt` where no mechanism was asked for, by volume."""

    order: NDArray[np.object_]
    exporter: Ints
    recipient: Ints
    product: Ints
    at: Ints
    ordinary: Ints
    sensitive: Ints
    exempt: Flags


@dataclass(frozen=True, eq=False)
class Stakes(Columns):
    """Declared shareholdings between nodes, in ten-thousandths.

    The first nodes are the organizations in their order, those behind them parties outside of the
    exchange. `public` marks an owner that is an organ of state: being owned by the state alone ties
    nobody (《公司法》第二百六十五条第四项).
    """

    owner: Ints
    held: Ints
    share: Ints
    public: Flags


@dataclass(frozen=True, eq=False)
class Bonds(Columns):
    """Organizations that share a person who acts for both, a bank account, or a processor."""

    one: Ints
    other: Ints


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything one look over the market reads."""

    organizations: Sequence[str]
    products: Sequence[str]
    markets: Sequence[str] = ()
    orders: Orders = field(default_factory=lambda: Orders.of(()))
    offers: Offers = field(default_factory=lambda: Offers.of(()))
    accesses: Accesses = field(default_factory=lambda: Accesses.of(()))
    grants: Grants = field(default_factory=lambda: Grants.of(()))
    exports: Exports = field(default_factory=lambda: Exports.of(()))
    stakes: Stakes = field(default_factory=lambda: Stakes.of(()))
    bonds: Bonds = field(default_factory=lambda: Bonds.of(()))

    def names(self, numbers: Iterable[Any]) -> tuple[str, ...]:
        """Return the references of organizations, sorted, each once."""
        return tuple(sorted({self.organizations[int(number)] for number in numbers}))

    def goods(self, numbers: Iterable[Any]) -> tuple[str, ...]:
        """Return the references of products, sorted, each once."""
        return tuple(sorted({self.products[int(number)] for number in numbers}))
