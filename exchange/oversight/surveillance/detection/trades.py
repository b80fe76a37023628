"""Wash trades (虚假交易、对敲): value that goes round and comes back.

Orders of groups under common control count as one party's, so that a straw company between two
partners hides nothing.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .control import Control
from .facts import DAY, Facts, Ints
from .findings import Finding
from .thresholds import CIRCLE, COUNTER, REFUND
from .windows import crowded

Figures = Mapping[str, float]
Edge = tuple[int, int, int, int]
"""Time, amount, who is paid, and the place of the order."""
Edges = Mapping[int, list[Edge]]
"""The payments of each party, in order of time."""


def counter_orders(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find two parties that buy of each other for nearly the same money, again and again."""
    orders = facts.orders
    chosen = np.flatnonzero((orders.paid > 0) & (orders.amount >= rule["least_amount"] * 100))
    buyer, seller = control.group[orders.buyer[chosen]], control.group[orders.provider[chosen]]
    low, high = np.minimum(buyer, seller), np.maximum(buyer, seller)
    pair = low * len(facts.organizations) + high
    forth = buyer == low
    both = np.intersect1d(pair[forth], pair[~forth])
    apart = (buyer != seller) & np.isin(pair, both)
    rows: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    order = np.argsort(orders.paid[chosen], kind="stable")
    for place in order[apart[order]].tolist():
        rows[int(pair[place])][int(forth[place])].append(int(chosen[place]))
    for back, out in rows.values():
        matched = _matched(facts, out, back, rule)
        if len(matched) >= rule["least_pairs"]:
            yield _counter(facts, control, matched, rule)


def _matched(
    facts: Facts, out: Sequence[int], back: Sequence[int], rule: Figures
) -> list[tuple[int, int]]:
    """Pair every order with the nearest counter-order of its value, each used once."""
    paid, amount = facts.orders.paid, facts.orders.amount
    window, tolerance = rule["window_days"] * DAY, rule["amount_tolerance"]
    times, used = [int(paid[other]) for other in back], set()
    found: list[tuple[int, int]] = []
    for one in out:
        time, value = int(paid[one]), int(amount[one])
        near = back[bisect_left(times, time - window) : bisect_right(times, time + window)]
        fitting = [
            (abs(int(amount[other]) - value), other)
            for other in near
            if other not in used
            and abs(int(amount[other]) - value) <= tolerance * max(value, int(amount[other]))
        ]
        if fitting:
            _difference, best = min(fitting)
            used.add(best)
            found.append((one, best))
    return found


def _counter(
    facts: Facts, control: Control, matched: Sequence[tuple[int, int]], rule: Figures
) -> Finding:
    places = np.array(sorted({place for pair in matched for place in pair}), dtype=np.int64)
    orders = facts.orders
    forth = sum(int(orders.amount[one]) for one, _other in matched)
    return_ = sum(int(orders.amount[other]) for _one, other in matched)
    apart = [abs(int(orders.paid[one]) - int(orders.paid[other])) for one, other in matched]
    return _finding(
        COUNTER,
        facts,
        control,
        places,
        measured=float(len(matched)),
        threshold=rule["least_pairs"],
        figures={
            "pairs": len(matched),
            "forth_amount": forth / 100,
            "back_amount": return_ / 100,
            "difference_percent": round(100 * abs(forth - return_) / max(forth, return_), 2),
            "longest_gap_days": round(max(apart) / DAY, 1),
        },
    )


def circles(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find money that passes through three parties or more and comes back where it began."""
    edges = _edges(facts, control, rule)
    starts = sorted((edge, payer) for payer, out in edges.items() for edge in out)
    rings: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    used: set[int] = set()
    for start, payer in starts:
        if start[3] in used:
            continue
        chain = _back_to(payer, start, edges, rule, used)
        if chain:
            used.update(chain)
            parties = {int(control.group[facts.orders.buyer[place]]) for place in chain}
            rings[tuple(sorted(parties))].append(chain)
    for chains in rings.values():
        if len(chains) >= rule["least_rings"]:
            yield _ring(facts, control, chains, rule)


def _edges(facts: Facts, control: Control, rule: Figures) -> Edges:
    """Return the payments between parties that both buy and sell; nobody else is in a circle."""
    orders = facts.orders
    chosen = np.flatnonzero((orders.paid > 0) & (orders.amount >= rule["least_amount"] * 100))
    while len(chosen):
        payer, payee = control.group[orders.buyer[chosen]], control.group[orders.provider[chosen]]
        kept = (payer != payee) & np.isin(payer, payee) & np.isin(payee, payer)
        if kept.all():
            break
        chosen = chosen[kept]
    edges: dict[int, list[Edge]] = defaultdict(list)
    columns = (orders.paid[chosen], orders.amount[chosen])
    parties = (control.group[orders.buyer[chosen]], control.group[orders.provider[chosen]])
    order = np.argsort(columns[0], kind="stable")
    rows = zip(*(column[order].tolist() for column in (*columns, *parties, chosen)), strict=True)
    for time, amount, payer_, payee_, place in rows:
        edges[payer_].append((time, amount, payee_, place))
    return edges


def _back_to(
    origin: int, start: Edge, edges: Edges, rule: Figures, used: set[int]
) -> list[int] | None:
    """Return the orders by which the money of `start` comes back to its payer, if it does."""
    latest = start[0] + int(rule["window_days"] * DAY)
    least = start[1] * (1 - rule["amount_tolerance"])
    most = start[1] / (1 - rule["amount_tolerance"])
    ahead = [(start[2], [start[3]], {origin, start[2]})]
    while ahead:
        party, chain, seen = ahead.pop()
        out = edges.get(party, [])
        for edge in out[bisect_left(out, (start[0],)) :]:
            time, amount, payee, place = edge
            if time > latest:
                break
            if not least <= amount <= most or place in used:
                continue
            if payee == origin and len(chain) >= 2:  # noqa: PLR2004  two parties are counter-orders
                return [*chain, place]
            if payee not in seen and len(chain) + 1 < rule["most_parties"]:
                ahead.append((payee, [*chain, place], seen | {payee}))
    return None


def _ring(
    facts: Facts, control: Control, chains: Sequence[Sequence[int]], rule: Figures
) -> Finding:
    orders = facts.orders
    places = np.array(sorted(place for chain in chains for place in chain), dtype=np.int64)
    amounts = orders.amount[places]
    return _finding(
        CIRCLE,
        facts,
        control,
        places,
        measured=float(len(chains)),
        threshold=rule["least_rings"],
        figures={
            "rings": len(chains),
            "parties": max(len(chain) for chain in chains),
            "smallest_amount": int(amounts.min()) / 100,
            "largest_amount": int(amounts.max()) / 100,
            "days": round(int(orders.paid[places].max() - orders.paid[places].min()) / DAY, 1),
        },
    )


def refund_loops(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find a buyer that pays one provider and is paid back, again and again."""
    orders = facts.orders
    buyer, seller = control.group[orders.buyer], control.group[orders.provider]
    pair = buyer * len(facts.organizations) + seller
    back = np.flatnonzero((orders.paid > 0) & (orders.refunded > 0))
    window = int(rule["window_days"] * DAY)
    least = int(rule["least_refunds"])
    paid = orders.paid > 0
    for near in crowded(pair[back], orders.refunded[back], least=least, window=window):
        places = np.sort(back[near])
        since, until = int(orders.paid[places].min()), int(orders.refunded[places].max())
        meanwhile = (
            paid & (pair == pair[places[0]]) & (orders.paid >= since) & (orders.paid <= until)
        )
        share = len(places) / max(1, int(meanwhile.sum()))
        if share < rule["least_share"]:
            continue
        yield _finding(
            REFUND,
            facts,
            control,
            places,
            measured=float(len(places)),
            threshold=rule["least_refunds"],
            figures={
                "refunds": len(places),
                "orders_paid": int(meanwhile.sum()),
                "refunded_percent": round(100 * share, 1),
                "refunded_amount": int(orders.amount[places].sum()) / 100,
                "days": round((until - since) / DAY, 1),
            },
        )


def _finding(
    rule: str,
    facts: Facts,
    control: Control,
    places: Ints,
    *,
    measured: float,
    threshold: float,
    figures: Mapping[str, int | float | str],
) -> Finding:
    """Return a finding on orders between parties; the groups in it are its subject."""
    orders = facts.orders
    both = np.concatenate([orders.buyer[places], orders.provider[places]])
    references = tuple(sorted(str(each) for each in orders.reference[places]))
    latest = np.maximum(orders.paid[places], orders.refunded[places])
    return Finding(
        rule=rule,
        subject=facts.names(control.group[both]),
        organizations=facts.names(both),
        products=facts.goods(orders.product[places]),
        orders=references,
        evidence=references,
        since=int(orders.paid[places].min()),
        until=int(latest.max()),
        measured=measured,
        threshold=threshold,
        figures=figures,
    )
