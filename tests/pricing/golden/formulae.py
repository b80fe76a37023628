"""The tables of docs/formulae.md, and figures written as they are printed there."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

from . import table_of

FORMULAE: Final = Path("docs/formulae.md")
Row = dict[str, str]


def rows(title: str) -> list[Row]:
    """Return the rows of a table by its heading."""
    return table_of(FORMULAE, title)


def fen(value: Decimal) -> str:
    """Write an amount to the fen."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def six(value: Decimal) -> str:
    """Write a figure with six places."""
    return f"{value.quantize(Decimal('0.000001'), ROUND_HALF_UP):f}"


def named(row: Row, *names: str) -> dict[str, Decimal]:
    """Return figures of a row by name."""
    return {name: Decimal(row[name]) for name in names}


def in_order(row: Row, *names: str) -> tuple[Decimal, ...]:
    """Return figures of a row in the order named."""
    return tuple(Decimal(row[name]) for name in names)
