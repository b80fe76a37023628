"""How many of the persons hidden by a disguise are found, and what is found where nobody is."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

import pyarrow as pa
from stdnum.cn import ric

from exchange.compliance.grading import grade
from exchange.compliance.measurement import values
from exchange.compliance.scanner import scan_table
from tests.compliance.scanning import ON, PACK, lexicon

from .disguises import DISGUISES, HASHES, Disguise

ROWS: Final = 120
SEED: Final = 20261129
RESIDENT: Final = 18
STOPPED: Final = frozenset({"REVIEW", "BLOCK"})
Maker = Callable[[Random], str]

PERSONS: Final[dict[str, Maker]] = {
    "resident-id": values.resident_id,
    "residence-permit": values.permit,
    "mobile": values.mobile,
    "bank-card": values.bank_card,
}
"""Numbers that name one person, in every disguise."""


def _not_mobile(rng: Random) -> str:
    """Return eleven digits that no number plan gives to a mobile."""
    return rng.choice(("12", "11", "10")) + values.digits(rng, 9)


def _checks(number: str) -> bool:
    """Whether a number has the check digit of a resident ID, wherever and whenever born."""
    return len(number) == RESIDENT and ric.calc_check_digit(number[:-1]) == number[-1].upper()


def _wrong(make: Maker) -> Maker:
    """Return a maker of numbers with a wrong last digit that name nobody by another rule either."""

    def make_wrong(rng: Random) -> str:
        number = values.with_wrong_last(make(rng), rng)
        return make_wrong(rng) if _checks(number) or _checks(number[:18]) else number

    return make_wrong


NOBODY: Final[dict[str, Maker]] = {
    "resident-id": _wrong(values.resident_id),
    "residence-permit": _wrong(values.permit),
    "mobile": _not_mobile,
    "bank-card": _wrong(values.bank_card),
}
"""Look-alikes: one digit off, so that they name nobody."""


class Attempt(NamedTuple):
    """One kind of number in one disguise."""

    disguise: str
    kind: str
    found: int
    rows: int
    stopped: bool

    @property
    def share(self) -> float:
        """Share of the persons that were found, none where the table passes."""
        return min(1.0, self.found / self.rows) if self.stopped else 0.0


def attempts(makers: dict[str, Maker], disguises: dict[str, Disguise]) -> Iterator[Attempt]:
    """Hide every kind of number in every disguise and scan what comes of it."""
    for disguise, hide in disguises.items():
        for kind, make in makers.items():
            rng = Random(f"{SEED} {disguise} {kind}")
            numbers = [make(rng) for _ in range(ROWS)]
            table = pa.table(hide(numbers, rng))
            report = scan_table(table, lexicon())
            verdict = grade(report, PACK.data, on=ON)
            counts: dict[str, int] = {}
            for column in report.columns:
                for entity in column.entities:
                    counts[entity.type] = counts.get(entity.type, 0) + entity.count
            found = max(counts.values(), default=0)
            yield Attempt(disguise, kind, found, ROWS, verdict.outcome in STOPPED)


def hidden() -> list[Attempt]:
    """Try all numbers of persons."""
    return [*attempts(PERSONS, DISGUISES)]


def hashed() -> list[Attempt]:
    """Try the numbers whose space is small enough that a hash hides nothing."""
    few = {kind: PERSONS[kind] for kind in ("resident-id", "mobile")}
    return [*attempts(few, HASHES)]


def harmless() -> list[Attempt]:
    """Try the look-alikes in the same disguises."""
    return [*attempts(NOBODY, DISGUISES)]


def recall(tried: list[Attempt]) -> float:
    """Share of persons found over all attempts."""
    return sum(attempt.share for attempt in tried) / len(tried)
