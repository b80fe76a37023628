"""What is small each time and large together: split exports, tiny sales, a market bought up."""

from collections.abc import Iterator, Mapping

import numpy as np

from .control import Control
from .facts import DAY, Facts, Ints
from .findings import Finding
from .thresholds import CORNERING, SPLIT, TINY
from .windows import slices

Figures = Mapping[str, float]


def split_exports(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find exports that each needed nothing and together would have, to recipients of one group.

    Exporters of one group count together, and the window does not end with the calendar year: the
    gate at each order counts one processor in one year, and this looks where it does not.
    """
    exports = facts.exports
    share = np.maximum(
        exports.ordinary / rule["ordinary_line"], exports.sensitive / rule["sensitive_line"]
    )
    chosen = np.flatnonzero(exports.exempt & (share > 0) & (share < 1))
    sender = control.group[exports.exporter[chosen]]
    pair = sender * len(facts.organizations) + control.group[exports.recipient[chosen]]
    for near in slices(pair, exports.at[chosen]):
        places = _fullest(chosen[near], exports.at, share, rule)
        if places is None or len(places) < rule["least_exports"]:
            continue
        together = max(
            int(exports.ordinary[places].sum()) / rule["ordinary_line"],
            int(exports.sensitive[places].sum()) / rule["sensitive_line"],
        )
        if together < 1:
            continue
        both = np.concatenate([exports.exporter[places], exports.recipient[places]])
        references = tuple(sorted(str(each) for each in exports.order[places]))
        yield Finding(
            rule=SPLIT,
            subject=facts.names(control.group[both]),
            organizations=facts.names(both),
            products=facts.goods(exports.product[places]),
            orders=references,
            evidence=references,
            since=int(exports.at[places].min()),
            until=int(exports.at[places].max()),
            measured=round(together, 4),
            threshold=1.0,
            figures={
                "exports": len(places),
                "persons": int(exports.ordinary[places].sum()),
                "sensitive_persons": int(exports.sensitive[places].sum()),
                "exporters": len(np.unique(exports.exporter[places])),
                "recipients": len(np.unique(exports.recipient[places])),
                "largest_percent": round(100 * float(share[places].max()), 1),
            },
        )


def tiny_sales(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find sales of named persons, each below the criminal line, that together reach it.

    法释〔2017〕10号 第五条、第十一条: 50, 500 or 5,000 items by class, mixed classes pro rata, half
    where obtained in performing duties or services; what goes to one buyer's group is added up.
    """
    orders = facts.orders
    share = (
        orders.severe / rule["severe_line"]
        + orders.medium / rule["medium_line"]
        + orders.other / rule["other_line"]
    ) * np.where(orders.halved, 2.0, 1.0)
    chosen = np.flatnonzero((orders.paid > 0) & (share > 0) & (share < rule["most_share_each"]))
    for near in slices(control.group[orders.buyer[chosen]], orders.paid[chosen]):
        places = _fullest(chosen[near], orders.paid, share, rule)
        if places is None or len(places) < rule["least_orders"]:
            continue
        together = float(share[places].sum())
        if together < 1:
            continue
        both = np.concatenate([orders.buyer[places], orders.provider[places]])
        references = tuple(sorted(str(each) for each in orders.reference[places]))
        yield Finding(
            rule=TINY,
            subject=facts.names(control.group[orders.buyer[places]]),
            organizations=facts.names(both),
            products=facts.goods(orders.product[places]),
            orders=references,
            evidence=references,
            since=int(orders.paid[places].min()),
            until=int(orders.paid[places].max()),
            measured=round(together, 4),
            threshold=1.0,
            figures={
                "sales": len(places),
                "buyers": len(np.unique(orders.buyer[places])),
                "severe_persons": int(orders.severe[places].sum()),
                "medium_persons": int(orders.medium[places].sum()),
                "other_persons": int(orders.other[places].sum()),
                "line_percent": round(100 * together, 1),
                "largest_percent": round(100 * float(share[places].max()), 1),
            },
        )


def _fullest(places: Ints, at: Ints, weight: np.ndarray, rule: Figures) -> Ints | None:
    """Return the rows of the window that weighs most; `places` are in order of time."""
    if not len(places):
        return None
    window = int(rule["window_days"] * DAY)
    times = at[places]
    stops = np.searchsorted(times, times + window, side="right")
    total = np.concatenate([[0.0], np.cumsum(weight[places])])
    start = int(np.argmax(total[stops] - total[:-1]))
    return places[start : int(stops[start])]


def cornering(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find a group that suddenly buys most of what a market of comparable products sells."""
    orders = facts.orders
    chosen = np.flatnonzero((orders.paid > 0) & (orders.market >= 0) & (orders.amount > 0))
    if not len(chosen):
        return
    window = int(rule["window_days"] * DAY)
    for near in slices(orders.market[chosen], orders.paid[chosen]):
        market = chosen[near]
        if len(market) < rule["least_orders"]:
            continue
        latest = int(orders.paid[market[-1]])
        recent = market[orders.paid[market] > latest - window]
        before = market[
            (orders.paid[market] <= latest - window) & (orders.paid[market] > latest - 2 * window)
        ]
        yield from _taken(facts, control, recent, before, rule)


def _taken(
    facts: Facts, control: Control, recent: Ints, before: Ints, rule: Figures
) -> Iterator[Finding]:
    orders = facts.orders
    group = control.group[orders.buyer[recent]]
    different, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    others = len(np.unique(control.group[orders.buyer[before]]))
    if len(recent) < rule["least_orders"] or others < rule["least_buyers"]:
        return
    sums = np.bincount(place, weights=orders.amount[recent])
    top = int(sums.argmax())
    share = float(sums[top] / sums.sum())
    earlier = control.group[orders.buyer[before]] == different[top]
    was = float(orders.amount[before][earlier].sum() / orders.amount[before].sum())
    if share < rule["least_share"] or was > rule["most_share_before"]:
        return
    if counts[top] < rule["least_own_orders"]:
        return
    own = recent[place == top]
    references = tuple(sorted(str(each) for each in orders.reference[own]))
    yield Finding(
        rule=CORNERING,
        subject=(*facts.names([different[top]]), facts.markets[int(orders.market[own[0]])]),
        organizations=facts.names(orders.buyer[own]),
        products=facts.goods(orders.product[own]),
        orders=references,
        evidence=references,
        since=int(orders.paid[own].min()),
        until=int(orders.paid[own].max()),
        measured=round(share, 4),
        threshold=rule["least_share"],
        figures={
            "share_percent": round(100 * share, 1),
            "share_before_percent": round(100 * was, 1),
            "own_orders": len(own),
            "all_orders": len(recent),
            "buyers_before": others,
        },
    )
