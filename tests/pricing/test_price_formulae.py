"""Prices of a plan against docs/formulae.md: the tests read the tables that people read."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pricing.methods.formulae.tiers import (
    Arbitrage,
    Parcel,
    Step,
    find_split,
    find_undercut,
)
from pricing.money import Money
from pricing.quotes import Circumstances, quote_terms

from .golden.formulae import Row, fen, rows
from .making import METERED


@pytest.mark.parametrize("row", rows("Graduated price"))
def test_graduated_prices(row: Row) -> None:
    terms = replace(METERED, minimum=Decimal(row["minimum"]))
    given = Circumstances(trial_left=int(row["trial left"]))

    quote = quote_terms(terms, int(row["units"]), given=given)

    assert quote.total.text == row["total"]
    assert Money.total(line.amount for line in quote.lines) == quote.total


@pytest.mark.parametrize("row", rows("Arbitrage-free tiers"))
def test_tiers_that_leave_a_cheaper_way(row: Row) -> None:
    steps = [
        Step(up_to=None if limit == "∞" else int(limit), unit_price=Decimal(price))
        for limit, price in _pairs(row["tiers"])
    ]

    assert _shown(find_split(steps, Decimal(row["minimum"]))) == _said(row)


@pytest.mark.parametrize("row", rows("Packages that undercut none"))
def test_packages_that_leave_a_cheaper_way(row: Row) -> None:
    parcels = [Parcel(units=int(u), price=Decimal(p)) for u, p in _pairs(row["packages"])]

    assert _shown(find_undercut(parcels, free=int(row["trial"]))) == _said(row)


def _pairs(text: str) -> list[list[str]]:
    return [part.split(": ") for part in text.split(" / ")]


def _said(row: Row) -> tuple[str, str, str]:
    return row["cheaper way"], row["it costs"], row["at once"]


def _shown(found: Arbitrage | None) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    parts = ["trial" if part.free else f"{part.count} × {part.units}" for part in found.parts]
    return " + ".join(parts), fen(found.cost), fen(found.price)
