"""Trades between organizations under common control (关联交易), where they make a market of one.

Being related is no offense, and a group may buy of itself at the posted price. What is watched is
turnover that would not exist without the group, and prices that nobody else is offered.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from .control import Control
from .facts import DAY, Facts, Ints
from .findings import Finding
from .thresholds import SELF
from .windows import slices


def self_dealing(facts: Facts, control: Control, rule: Mapping[str, float]) -> Iterator[Finding]:
    """Find products bought mostly by their provider's own group, or by it at another price."""
    orders = facts.orders
    kin = control.tied(orders.buyer, orders.provider) & (orders.paid > 0)
    products = np.unique(orders.product[kin])
    chosen = np.flatnonzero((orders.paid > 0) & np.isin(orders.product, products))
    for near in slices(orders.product[chosen], orders.paid[chosen]):
        places = chosen[near]
        latest = int(orders.paid[places][kin[places]].max())
        recent = places[orders.paid[places] > latest - rule["window_days"] * DAY]
        yield from _of_product(facts, control, recent, kin[recent], rule)


def _of_product(
    facts: Facts, control: Control, places: Ints, kin: np.ndarray, rule: Mapping[str, float]
) -> Iterator[Finding]:
    orders = facts.orders
    own = places[kin]
    turnover = int(orders.amount[places].sum())
    share = int(orders.amount[own].sum()) / turnover if turnover else 0.0
    posted = orders.listed[own]
    known = posted > 0
    away = np.zeros(len(own))
    away[known] = np.abs(orders.amount[own][known] / posted[known] - 1)
    odd = away > rule["off_listing"]
    much = len(own) >= rule["least_orders"] and share >= rule["least_share"]
    priced = int(odd.sum()) >= rule["least_off_listing"]
    if not (much or priced):
        return
    both = np.concatenate([orders.buyer[own], orders.provider[own]])
    references = tuple(sorted(str(each) for each in orders.reference[own]))
    by_share = share / rule["least_share"] if much else 0.0
    by_price = float(away.max()) / rule["off_listing"] if priced else 0.0
    reached = max(by_share, by_price)
    yield Finding(
        rule=SELF,
        subject=facts.goods(orders.product[own]),
        organizations=facts.names(both),
        products=facts.goods(orders.product[own]),
        orders=references,
        evidence=references,
        since=int(orders.paid[own].min()),
        until=int(orders.paid[own].max()),
        measured=round(reached, 4),
        threshold=1.0,
        figures={
            "own_orders": len(own),
            "all_orders": len(places),
            "own_share_percent": round(100 * share, 1),
            "off_listing_orders": int(odd.sum()),
            "off_listing_percent": round(100 * float(away.max()), 1),
            "own_amount": int(orders.amount[own].sum()) / 100,
            "tie": control.tie(int(orders.buyer[own[0]]), int(orders.provider[own[0]])),
        },
    )
