"""The same behavior gives the same alert, whoever behaves so."""

from dataclasses import fields
from random import Random

import numpy as np
import pytest

from exchange.oversight.surveillance.detection.detecting import DETECTORS, detect
from exchange.oversight.surveillance.detection.facts import (
    Accesses,
    Bonds,
    Exports,
    Facts,
    Grants,
    Offers,
    Orders,
    Stakes,
)
from exchange.oversight.surveillance.detection.findings import Finding
from exchange.oversight.surveillance.invented.cases import PLANTS, plant
from exchange.oversight.surveillance.invented.history import History
from exchange.oversight.surveillance.invented.markets import market_of
from exchange.oversight.surveillance.invented.members import Members
from tests.surveillance.making import shipped

FORBIDDEN = {"region", "kind", "size", "name", "type", "uscc", "roles"}


def test_no_fact_says_what_an_organization_is() -> None:
    tables = (Orders, Offers, Accesses, Grants, Exports, Stakes, Bonds)
    named = {column.name for table in tables for column in fields(table)}

    assert named.isdisjoint(FORBIDDEN)


def behaved(rule: str, prefix: str, order: int) -> list[Finding]:
    """Return what is found where members of other names, who came in another order, do the same."""
    history, random = History(), Random(11)
    for number in range(order):
        history.parties.number(f"Somebody else {number}")
    members = Members.settle(history, random, prefix)
    plant(members, rule, f"{prefix}-case", 0)
    return detect(history.facts(), shipped(), only=[rule])


@pytest.mark.parametrize("rule", PLANTS)
def test_the_same_case_gives_the_same_alert_whoever_it_is(rule: str) -> None:
    one, other = behaved(rule, "上海国有", 0), behaved(rule, "Small-Private", 7)

    assert one, rule
    assert [(each.measured, each.threshold, each.score, dict(each.figures)) for each in one] == [
        (each.measured, each.threshold, each.score, dict(each.figures)) for each in other
    ]
    assert [each.since for each in one] == [each.since for each in other]


def test_order_of_rows_changes_nothing() -> None:
    market = market_of(5)
    facts = market.facts
    turned = Facts(
        organizations=facts.organizations,
        products=facts.products,
        markets=facts.markets,
        orders=facts.orders.where(np.arange(len(facts.orders))[::-1]),
        offers=facts.offers.where(np.arange(len(facts.offers))[::-1]),
        accesses=facts.accesses.where(np.arange(len(facts.accesses))[::-1]),
        grants=facts.grants,
        exports=facts.exports.where(np.arange(len(facts.exports))[::-1]),
        stakes=facts.stakes,
        bonds=facts.bonds,
    )

    rules = ["R-TINY-SALES", "R-SPLIT-EXPORTS", "R-BULK-SCRAPING", "R-WASH-REFUND"]
    first, second = (detect(each, shipped(), only=rules) for each in (facts, turned))
    assert {each.key for each in first} == {each.key for each in second}


def test_every_rule_has_a_detector_and_a_plant() -> None:
    assert set(DETECTORS) == set(PLANTS) == set(shipped().by_rule)
