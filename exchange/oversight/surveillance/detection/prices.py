"""Prices that jump, agreed prices far off the listing, and offers that are not meant (报价异动)."""

from collections.abc import Iterator, Mapping
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from .control import Control
from .facts import DAY, Facts, Ints
from .findings import Finding
from .thresholds import OFF_LISTING, SPIKE, STUFFING
from .windows import crowded, slices

Figures = Mapping[str, float]
NORMAL = 1.4826
"""A median absolute deviation times this is a standard deviation, were the figures normal."""


def price_spikes(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:  # noqa: ARG001
    """Find paid unit prices far from the product's own past, or from its comparable group."""
    orders = facts.orders
    chosen = np.flatnonzero(
        (orders.paid > 0) & (orders.amount > 0) & (orders.quantity > 0) & ~orders.negotiated
    )
    unit = np.log(orders.amount[chosen] / orders.quantity[chosen])
    jump = log(rule["least_ratio"])
    alone: list[Ints] = []
    for near in slices(orders.product[chosen], orders.paid[chosen]):
        values = unit[near]
        if float(values.max() - values.min()) < jump:
            alone.append(near[-1:])
            continue
        yield from _against_past(facts, chosen[near], values, rule)
        alone.append(near[-1:])
    if alone:
        yield from _against_group(facts, chosen[np.concatenate(alone)], rule)


def _against_past(
    facts: Facts, places: Ints, values: NDArray[np.float64], rule: Figures
) -> Iterator[Finding]:
    """Compare each price with those of the product before it; a price that stays is told once."""
    least, paid = int(rule["least_history"]), facts.orders.paid[places]
    inside = False
    for number in range(least, len(places)):
        if inside and values[number] == values[number - 1]:
            continue
        past = values[:number][paid[:number] > paid[number] - rule["history_days"] * DAY]
        if len(past) < least:
            continue
        z, middle = _robust(float(values[number]), past, rule["least_spread"])
        ratio = exp(abs(float(values[number]) - middle))
        fires = abs(z) >= rule["least_z"] and ratio >= rule["least_ratio"]
        if fires and not inside:
            usual = exp(middle) / 100
            yield _spike(facts, int(places[number]), abs(z), ratio, usual, number, "OWN_PAST", rule)
        inside = fires


def _against_group(facts: Facts, places: Ints, rule: Figures) -> Iterator[Finding]:
    """Compare what products ask for each yuan of appraised value with the rest of their group."""
    orders = facts.orders
    known = places[(orders.middle[places] > 0) & (orders.market[places] >= 0)]
    for near in slices(orders.market[known], orders.paid[known]):
        group = known[near]
        if len(group) <= rule["least_group"]:
            continue
        values = np.log(orders.amount[group] / orders.middle[group])
        for number, value in enumerate(values.tolist()):
            z, middle = _robust(value, np.delete(values, number), rule["least_spread"])
            ratio = exp(abs(value - middle))
            if abs(z) >= rule["group_z"] and ratio >= rule["group_ratio"]:
                place = int(group[number])
                usual = exp(middle) * int(orders.middle[place]) / int(orders.quantity[place]) / 100
                yield _spike(facts, place, abs(z), ratio, usual, len(group) - 1, "GROUP", rule)


def _robust(value: float, others: NDArray[np.float64], least: float) -> tuple[float, float]:
    """Return how many robust deviations a value lies from the others' median, and the median."""
    middle = float(np.median(others))
    spread = max(NORMAL * float(np.median(np.abs(others - middle))), least)
    return (value - middle) / spread, middle


def _spike(
    facts: Facts,
    place: int,
    z: float,
    ratio: float,
    usual: float,
    compared: int,
    against: str,
    rule: Figures,
) -> Finding:
    orders = facts.orders
    paid = int(orders.paid[place])
    reference = str(orders.reference[place])
    threshold = rule["least_z"] if against == "OWN_PAST" else rule["group_z"]
    return Finding(
        rule=SPIKE,
        subject=(*facts.goods([orders.product[place]]), against),
        organizations=facts.names([orders.provider[place], orders.buyer[place]]),
        products=facts.goods([orders.product[place]]),
        orders=(reference,),
        evidence=(reference,),
        since=paid,
        until=paid,
        measured=round(z, 2),
        threshold=threshold,
        figures={
            "unit_price": round(int(orders.amount[place]) / int(orders.quantity[place]) / 100, 2),
            "usual_price": round(usual, 2),
            "ratio": round(ratio, 2),
            "z": round(z, 2),
            "compared": compared,
            "against": against,
        },
    )


def off_listing(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find negotiated prices far below or above what everybody else is asked."""
    orders = facts.orders
    chosen = np.flatnonzero(
        orders.negotiated
        & (orders.paid > 0)
        & (orders.listed >= rule["least_amount"] * 100)
        & (orders.amount > 0)
    )
    rate = orders.amount[chosen] / orders.listed[chosen]
    far = np.maximum(rule["least_rate"] / rate, rate / rule["most_rate"])
    for place, beyond in zip(chosen[far > 1].tolist(), far[far > 1].tolist(), strict=True):
        parties = [orders.buyer[place], orders.provider[place]]
        reference, paid = str(orders.reference[place]), int(orders.paid[place])
        yield Finding(
            rule=OFF_LISTING,
            subject=(*facts.names(control.group[parties]), *facts.goods([orders.product[place]])),
            organizations=facts.names(parties),
            products=facts.goods([orders.product[place]]),
            orders=(reference,),
            evidence=(reference,),
            since=paid,
            until=paid,
            measured=round(beyond, 4),
            threshold=1.0,
            figures={
                "agreed_amount": int(orders.amount[place]) / 100,
                "listed_amount": int(orders.listed[place]) / 100,
                "rate_percent": round(
                    100 * int(orders.amount[place]) / int(orders.listed[place]), 1
                ),
            },
        )


def quote_stuffing(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find offers in great number from one side of which next to none is concluded."""
    offers = facts.offers
    buyer, seller = control.group[offers.buyer], control.group[offers.provider]
    pair = buyer * len(facts.organizations) + seller
    window = int(rule["window_hours"] * 3600)
    for near in crowded(pair, offers.at, least=int(rule["least_offers"]), window=window):
        concluded = int(offers.concluded[near].sum())
        share = concluded / len(near)
        if share > rule["most_concluded"]:
            continue
        parties = np.concatenate([offers.buyer[near], offers.provider[near]])
        since, until = int(offers.at[near[0]]), int(offers.at[near[-1]])
        yield Finding(
            rule=STUFFING,
            subject=facts.names(control.group[parties]),
            organizations=facts.names(parties),
            products=facts.goods(offers.product[near]),
            orders=(),
            evidence=(str(since), str(until), str(len(near))),
            since=since,
            until=until,
            measured=float(len(near)),
            threshold=rule["least_offers"],
            figures={
                "offers": len(near),
                "concluded": concluded,
                "concluded_percent": round(100 * share, 1),
                "hours": round((until - since) / 3600, 1),
            },
        )
