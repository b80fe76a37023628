"""Whether a rule can be asked of a table: its columns are there, and hold what it asks about."""

import difflib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from exchange.vault.formats.kinds import Kind

from .vocabulary import NUMBERS, Rule, RuleFault, RuleKind

ORDERED: Final = NUMBERS | {Kind.DATE, Kind.TIMESTAMP, Kind.INSTANT}
HOLDS: Final[Mapping[RuleKind, frozenset[Kind]]] = {
    RuleKind.FORMAT: frozenset({Kind.TEXT}),
    RuleKind.PATTERN: frozenset({Kind.TEXT}),
    RuleKind.LENGTH: frozenset({Kind.TEXT}),
    RuleKind.RANGE: ORDERED,
    RuleKind.SUM: NUMBERS,
}
"""What the columns of a kind of rule have to hold; others take any."""


def what_does_not_fit(rule: Rule, columns: Mapping[str, str]) -> RuleFault | None:
    """Say why a rule cannot be asked of a table with these columns and their kinds."""
    for name in rule.columns:
        if name not in columns:
            close = difflib.get_close_matches(name, columns, n=1)
            near = {"near": close[0]} if close else {}
            return RuleFault("unknown-column", rule.id, column=name, **near)
    kinds = {name: Kind(columns[name]) for name in rule.columns}
    for name, kind in kinds.items():
        if kind not in HOLDS.get(rule.kind, frozenset(Kind)):
            return RuleFault(
                "other-type", rule.id, column=name, type=str(kind), kind=str(rule.kind)
            )
    if rule.kind == RuleKind.COMPARE:
        return _not_comparable(rule, kinds)
    if rule.kind in {RuleKind.RANGE, RuleKind.ALLOWED}:
        return _other_value(rule, kinds)
    return None


def value_as(kind: Kind, text: str) -> Any:
    """Read a value written in a rule as one of a column's kind; None where it is none."""
    try:
        return READ[kind](text)
    except (ValueError, ArithmeticError):
        return None


def _not_comparable(rule: Rule, kinds: Mapping[str, Kind]) -> RuleFault | None:
    (left, held), (right, other) = kinds.items()
    if held == other or {held, other} <= NUMBERS:
        return None
    return RuleFault(
        "not-comparable",
        rule.id,
        left=left,
        left_type=str(held),
        right=right,
        right_type=str(other),
    )


def _other_value(rule: Rule, kinds: Mapping[str, Kind]) -> RuleFault | None:
    (column, kind), given = next(iter(kinds.items())), rule.parameters
    bounds = [given[name] for name in ("min", "max") if name in given]
    for text in given.get("values", bounds):
        if value_as(kind, text) is None:
            return RuleFault("other-value", rule.id, column=column, value=text, type=str(kind))
    return None


def _integer(text: str) -> int | None:
    number = Decimal(text)
    fits = number.is_finite() and abs(number) < 2**63 and number % 1 == 0
    return int(number) if fits else None


def _number(text: str) -> float | None:
    number = Decimal(text)
    return float(number) if number.is_finite() else None


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _moment(text: str, *, zoned: bool) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment if (moment.tzinfo is not None) == zoned else None


READ: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _truth,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: lambda text: _moment(text, zoned=False),
    Kind.INSTANT: lambda text: _moment(text, zoned=True),
    Kind.TEXT: lambda text: text,
}
"""How a value written in a rule is read by the kind of its column."""
