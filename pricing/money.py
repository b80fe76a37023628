"""Money: an exact decimal amount in one currency, which never touches a float."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Final, Self

MINOR_UNITS: Final = {
    "CNY": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "HKD": 2,
    "MOP": 2,
    "SGD": 2,
    "JPY": 0,
    "KRW": 0,
}
"""Digits after the point of each currency the exchange accepts (ISO 4217)."""

DEFAULT_CURRENCY: Final = "CNY"

_PRECISION: Final = 60
"""Wide enough that no sum or product of stored amounts is rounded on the way."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were brought together."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"amounts in {left} and {right} cannot be combined")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; exact until `quantized()` rounds it to the minor unit."""

    amount: Decimal
    currency: str = DEFAULT_CURRENCY

    def __post_init__(self) -> None:
        """Refuse what is not an exact, finite decimal in a known currency."""
        given: object = self.amount
        if not isinstance(given, Decimal):
            message = f"an amount of money is a Decimal, not {type(given).__name__}"
            raise TypeError(message)
        if not self.amount.is_finite():
            message = "an amount of money is finite"
            raise ValueError(message)
        if self.currency not in MINOR_UNITS:
            message = f"unknown currency {self.currency!r}"
            raise ValueError(message)

    @classmethod
    def of(cls, value: Decimal | int | str, currency: str = DEFAULT_CURRENCY) -> Self:
        """Read an amount from exact input: `Money.of("12.30")`; a float is refused."""
        if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
            message = f"an amount of money is exact text or a number, not {type(value).__name__}"
            raise TypeError(message)
        try:
            amount = Decimal(value)
        except ArithmeticError as error:
            message = f"{value!r} is not an amount of money"
            raise ValueError(message) from error
        return cls(amount, currency)

    @classmethod
    def zero(cls, currency: str = DEFAULT_CURRENCY) -> Self:
        """Nothing, in a currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read back what `str(money)` wrote: `1234.50 CNY`."""
        amount, separator, currency = text.strip().partition(" ")
        if not separator:
            message = f"{text!r} is not an amount followed by a currency"
            raise ValueError(message)
        return cls.of(amount, currency.strip())

    @classmethod
    def total(cls, parts: Iterable[Self], currency: str = DEFAULT_CURRENCY) -> Self:
        """Add amounts up; an empty list is zero in the given currency."""
        total: Self | None = None
        for part in parts:
            total = part if total is None else total + part
        return cls.zero(currency) if total is None else total

    @property
    def minor_unit(self) -> Decimal:
        """The smallest payable amount of the currency, such as 0.01 (分)."""
        return Decimal(1).scaleb(-MINOR_UNITS[self.currency])

    @property
    def is_zero(self) -> bool:
        """Whether nothing is owed."""
        return self.amount == 0

    @property
    def is_positive(self) -> bool:
        """Whether the amount is above zero."""
        return self.amount > 0

    @property
    def is_negative(self) -> bool:
        """Whether the amount is below zero."""
        return self.amount < 0

    @property
    def text(self) -> str:
        """The payable amount as plain digits, for events and signed documents: `1234.50`."""
        return format(self.quantized().amount, "f")

    def quantized(self) -> Self:
        """Round half up to the currency's minor unit, as invoices do."""
        with localcontext(prec=_PRECISION):
            rounded = self.amount.quantize(self.minor_unit, rounding=ROUND_HALF_UP)
        return self._same(rounded)

    def rounded_up(self) -> Self:
        """Round up to the currency's minor unit, so that parts never cost less than the whole."""
        with localcontext(prec=_PRECISION):
            rounded = self.amount.quantize(self.minor_unit, rounding=ROUND_CEILING)
        return self._same(rounded)

    def allocate(self, weights: Sequence[Decimal | int]) -> list[Self]:
        """Divide the payable amount by weight; the parts sum to the whole exactly.

        Largest remainder: every part is rounded toward zero, and the minor units left over go one
        each to the parts that lost most, the earlier part first when two lost the same.
        """
        shares = [_exact(weight) for weight in weights]
        if not shares or min(shares) < 0 or sum(shares) == 0:
            message = "weights are not negative and not all zero"
            raise ValueError(message)
        with localcontext(prec=_PRECISION):
            whole = self.quantized().amount
            unit = self.minor_unit.copy_sign(whole)
            exact = [whole * share / sum(shares) for share in shares]
            parts = [part.quantize(self.minor_unit, rounding=ROUND_DOWN) for part in exact]
            missing = int((whole - sum(parts)) / unit)
            lost = [abs(wanted - part) for wanted, part in zip(exact, parts, strict=True)]
            order = sorted(range(len(parts)), key=lambda place: (-lost[place], place))
            for place in order[:missing]:
                parts[place] += unit
        return [self._same(part) for part in parts]

    def ratio_to(self, other: Self) -> Decimal:
        """How many times the other amount this one is; exact division, for deviation rates."""
        self._agree(other)
        with localcontext(prec=_PRECISION):
            return self.amount / other.amount

    def formatted(self) -> str:
        """Write the amount for people, currency first, digits grouped: `CNY 1,234.50`."""
        return f"{self.currency} {self.quantized().amount:,f}"

    def __str__(self) -> str:
        """Write the payable amount and its currency, readable by `parse()`."""
        return f"{self.text} {self.currency}"

    def __add__(self, other: Self) -> Self:
        """Add an amount of the same currency."""
        self._agree(other)
        with localcontext(prec=_PRECISION):
            return self._same(self.amount + other.amount)

    def __sub__(self, other: Self) -> Self:
        """Subtract an amount of the same currency."""
        self._agree(other)
        with localcontext(prec=_PRECISION):
            return self._same(self.amount - other.amount)

    def __mul__(self, factor: Decimal | int) -> Self:
        """Multiply by an exact factor."""
        with localcontext(prec=_PRECISION):
            return self._same(self.amount * _exact(factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int) -> Self:
        """Divide by an exact divisor; use `allocate()` where the parts must sum to the whole."""
        with localcontext(prec=_PRECISION):
            return self._same(self.amount / _exact(divisor))

    def __neg__(self) -> Self:
        """Turn the amount round: owed the other way."""
        return self._same(-self.amount)

    def __abs__(self) -> Self:
        """Drop the sign."""
        return self._same(abs(self.amount))

    def __lt__(self, other: Self) -> bool:
        """Less than an amount of the same currency."""
        self._agree(other)
        return self.amount < other.amount

    def __le__(self, other: Self) -> bool:
        """At most an amount of the same currency."""
        self._agree(other)
        return self.amount <= other.amount

    def __gt__(self, other: Self) -> bool:
        """More than an amount of the same currency."""
        self._agree(other)
        return self.amount > other.amount

    def __ge__(self, other: Self) -> bool:
        """At least an amount of the same currency."""
        self._agree(other)
        return self.amount >= other.amount

    def _same(self, amount: Decimal) -> Self:
        return type(self)(amount, self.currency)

    def _agree(self, other: object) -> None:
        if not isinstance(other, Money):
            message = f"money is compared and added to money, not to {type(other).__name__}"
            raise TypeError(message)
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        message = f"a factor of money is a Decimal or an int, not {type(value).__name__}"
        raise TypeError(message)
    return Decimal(value)
