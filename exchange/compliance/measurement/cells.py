"""Cells of invented tables: what stands in one column, row by row."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from . import values

Cell = Callable[[Random, int], Any]
Table = dict[str, Cell]
Entry = tuple[Table, str, str, str]
"""Columns, and the verdict that a careful officer gives: outcome, grade, personal information."""


def made_by(maker: values.Maker) -> Cell:
    """Return cells from a maker of identifiers."""
    return lambda rng, _: maker(rng)


def one_of(*options: Any) -> Cell:
    """Return cells drawn from a few."""
    return lambda rng, _: rng.choice(options)


def text(pattern: str) -> Cell:
    """Return a cell with `{n}` the row, `{d4}` four digits, `{id}` and others identifiers."""
    makers: dict[str, values.Maker] = {
        "id": values.resident_id,
        "mobile": values.mobile,
        "card": values.bank_card,
        "name": values.name,
        "email": values.email,
        "address": values.address,
        "plate": values.plate,
        "uscc": values.uscc,
        "hex": lambda rng: f"{rng.getrandbits(128):032x}",
    }

    def cell(rng: Random, row: int) -> str:
        parts: dict[str, Any] = {"n": row + 1, "n5": f"{row + 1:05}"}
        parts |= {f"d{size}": values.digits(rng, size) for size in range(1, 17)}
        parts |= {key: maker(rng) for key, maker in makers.items() if f"{{{key}}}" in pattern}
        return pattern.format(**parts)

    return cell


def number(low: float, high: float, places: int = 2) -> Cell:
    """Return cells with a decimal number between two."""
    return lambda rng, _: round(rng.uniform(low, high), places)


def whole(low: int, high: int) -> Cell:
    """Return cells with a whole number between two."""
    return lambda rng, _: rng.randint(low, high)


def day(first: int = 2015, last: int = 2026) -> Cell:
    """Return cells with a day between the beginnings of two years."""
    return lambda rng, _: values.birthday(rng, first, last).isoformat()


def moment(rng: Random, _: int) -> str:
    """Return a date with a time of day."""
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    return f"{values.birthday(rng, 2023, 2026).isoformat()} {clock}"


NAME, ID, MOBILE = made_by(values.name), made_by(values.resident_id), made_by(values.mobile)
LAT, LON = number(22.1, 39.9, 6), number(103.2, 121.9, 6)
ILLNESS = one_of("高血压", "2型糖尿病", "冠心病", "支气管哮喘", "胃炎")
FORENAMES = one_of("James", "Mary", "Robert", "Linda", "David", "Susan", "Daniel", "Karen")
SURNAMES = one_of("Smith", "Johnson", "Brown", "Miller", "Wilson", "Moore", "Clark")
BASES = one_of("AA", "AG", "GG", "CT", "CC", "TT")

SENSITIVE: Final = ("BLOCK", "GENERAL", "SENSITIVE")
PERSONAL: Final = ("BLOCK", "GENERAL", "PERSONAL")
PSEUDO: Final = ("REVIEW", "GENERAL", "PSEUDONYMOUS")
CLEAN: Final = ("CLEAR", "GENERAL", "NONE")
STATE: Final = ("BLOCK", "IMPORTANT", "NONE")
CORE: Final = ("BLOCK", "CORE", "NONE")
