"""The waterfall of a method: its steps as bars, from the first amount to the value."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .methods.working import Operation
from .wording import step_text


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its name, what was done, and the running value before and after."""

    code: str
    label: str
    operation: str
    operand: Decimal
    before: Decimal
    after: Decimal

    @property
    def effect(self) -> Decimal:
        """By how much the step changed the value."""
        return self.after - self.before

    @property
    def caption(self) -> str:
        """The step's arithmetic: `+ 80,000.00`, `× 1.15`, `÷ 20`."""
        signs = {Operation.ADD: "+", Operation.MULTIPLY: "×", Operation.DIVIDE: "÷"}
        if self.operation == Operation.AVERAGE:
            return f"n = {self.operand:.0f}"
        if self.operation == Operation.ADD:
            return f"+ {self.operand:,.2f}"
        return f"{signs[Operation(self.operation)]} {self.operand.normalize():f}"


def waterfall(estimate: Mapping[str, Any]) -> list[Bar]:
    """Return the bars of one method's result as stored in `Appraisal.result`."""
    bars = []
    before = Decimal(0)
    for step in estimate["steps"]:
        after = Decimal(step["value"])
        bars.append(
            Bar(
                code=step["code"],
                label=step_text(step["code"]),
                operation=step["operation"],
                operand=Decimal(step["operand"]),
                before=before,
                after=after,
            )
        )
        before = after
    return bars
