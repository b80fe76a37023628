"""The working of a method: coefficients, steps, sensitivity; what a reader needs to redo it."""

import enum
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import Final

from pricing.facts import LATER
from pricing.money import Money

_PRECISION: Final = 34
_SHOWN: Final = Decimal("1E-8")


def working_precision() -> AbstractContextManager[Context]:
    """Calculate with 34 digits, whatever the caller's context is, so that results repeat."""
    return localcontext(Context(prec=_PRECISION))


def shown(value: Decimal) -> Decimal:
    """Round an intermediate figure to eight places, as it is stored and printed."""
    return value.quantize(_SHOWN)


def clamp(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """Keep a coefficient inside the range its source permits."""
    return max(low, min(high, value))


class Operation(enum.StrEnum):
    """What a step does to the running value."""

    ADD = "ADD"
    MULTIPLY = "MULTIPLY"
    DIVIDE = "DIVIDE"
    AVERAGE = "AVERAGE"


class Source(enum.StrEnum):
    """Where a coefficient's value comes from."""

    PROFILE = "PROFILE"
    DECLARED = "DECLARED"
    PACK = "PACK"
    MARKET = "MARKET"
    GRADE = "GRADE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A factor of a formula: its value, the permitted range, and how far it may be off.

    `code` is explained in `pricing.wording`; `low` and `high` are the ends within which the true
    value is taken to lie, and what the sensitivity table is worked out from.
    """

    code: str
    symbol: str
    value: Decimal
    range_low: Decimal
    range_high: Decimal
    low: Decimal
    high: Decimal
    source: Source
    detail: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def around(
        cls,
        code: str,
        symbol: str,
        value: Decimal,
        *,
        within: tuple[Decimal, Decimal],
        spread: Decimal,
        source: Source,
        detail: Mapping[str, Decimal] | None = None,
    ) -> "Coefficient":
        """Make a coefficient that may be off by `spread` either way but not leave its range."""
        kept = clamp(value, *within)
        return cls(
            code=code,
            symbol=symbol,
            value=shown(kept),
            range_low=within[0],
            range_high=within[1],
            low=shown(clamp(kept - spread, *within)),
            high=shown(clamp(kept + spread, *within)),
            source=source,
            detail=detail or {},
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the working and the value after it; a bar of the waterfall picture."""

    code: str
    operation: Operation
    operand: Decimal
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What the result would be with one coefficient at either of its ends."""

    code: str
    at_low: Decimal
    at_high: Decimal


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something the reader must know: an assumption made, a comparable left out."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


class Method(enum.StrEnum):
    """The methods of appraisal, by the instrument their form is taken from."""

    COST_EXPERT_9 = "COST_EXPERT_9"
    COST_GUIDANCE_2023 = "COST_GUIDANCE_2023"
    MARKET = "MARKET"
    INCOME = "INCOME"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One method's result: a value, how far it may be off, and all of the working.

    `spread` is the half width of the interval on the logarithmic scale: the value may be off by a
    factor of e^spread either way.
    """

    method: Method
    value: Money
    spread: Decimal
    steps: tuple[Step, ...]
    coefficients: tuple[Coefficient, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    remarks: tuple[Remark, ...] = ()
    adjustments: tuple["Adjustment", ...] = ()

    @property
    def low(self) -> Money:
        """The lower end of this method's interval."""
        return self._off_by(-self.spread)

    @property
    def high(self) -> Money:
        """The upper end of this method's interval."""
        return self._off_by(self.spread)

    def _off_by(self, spread: Decimal) -> Money:
        with working_precision():
            return (self.value * spread.exp()).quantized()


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """One comparable of the market method: its factors, its adjusted price, whether it counted.

    `weight` is its share where comparables are weighed by likeness, None where all count alike.
    """

    reference: str
    price: Decimal
    factors: Mapping[str, Decimal]
    unknown: tuple[str, ...]
    adjusted: Decimal
    used: bool
    reason: str = ""
    weight: Decimal | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, kw_only=True)
class NotApplicable:
    """Why a method gives no value here."""

    method: Method
    remark: Remark


class Tally:
    """Keeps the running value of a working while its steps are written down."""

    def __init__(self) -> None:
        self.value = Decimal(0)
        self.steps: list[Step] = []

    def add(self, code: str, amount: Decimal) -> None:
        """Add an amount."""
        self._note(code, Operation.ADD, amount, self.value + amount)

    def multiply(self, code: str, factor: Decimal) -> None:
        """Multiply by a factor."""
        self._note(code, Operation.MULTIPLY, factor, self.value * factor)

    def divide(self, code: str, divisor: Decimal) -> None:
        """Divide by a number."""
        self._note(code, Operation.DIVIDE, divisor, self.value / divisor)

    def average(self, code: str, count: int, value: Decimal) -> None:
        """Take the mean of `count` figures."""
        self._note(code, Operation.AVERAGE, Decimal(count), value)

    def _note(self, code: str, operation: Operation, operand: Decimal, value: Decimal) -> None:
        self.value = value
        step = Step(code=code, operation=operation, operand=shown(operand), value=shown(value))
        self.steps.append(step)


Formula = Callable[[Mapping[str, Decimal]], Tally]


def work_out(
    method: Method,
    formula: Formula,
    coefficients: Sequence[Coefficient],
    *,
    currency: str,
    remarks: Sequence[Remark] = (),
) -> Estimate | NotApplicable:
    """Evaluate a formula, then again with every coefficient at its ends.

    The interval is the root of the sum of squares of the single effects on the logarithmic scale:
    the coefficients are taken to err independently of each other. Of what is not
    above zero, at its middle or at one end, no interval can be given: the method does not apply.
    """
    values = {item.code: item.value for item in coefficients}
    tally = formula(values)
    if tally.value <= 0:
        return NotApplicable(method=method, remark=Remark(code="is_nothing"))
    table = []
    squares = Decimal(0)
    for item in coefficients:
        ends = [formula(values | {item.code: end}).value for end in (item.low, item.high)]
        if min(ends) <= 0:
            remark = Remark(code="may_be_nothing", params={"code": item.code})
            return NotApplicable(method=method, remark=remark)
        row = Sensitivity(code=item.code, at_low=shown(ends[0]), at_high=shown(ends[1]))
        table.append(row)
        squares += ((ends[1].ln() - ends[0].ln()) / 2) ** 2
    return Estimate(
        method=method,
        value=Money(shown(tally.value), currency),
        spread=shown(squares.sqrt()),
        steps=tuple(tally.steps),
        coefficients=tuple(coefficients),
        sensitivity=tuple(sorted(table, key=effect, reverse=True)),
        remarks=tuple(remarks),
    )


def effect(row: Sensitivity) -> Decimal:
    """Return how far apart the results at the two ends are."""
    return abs(row.at_high - row.at_low)
