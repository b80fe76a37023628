"""How data is fetched: in what mass, by what method, at what hours (异常访问).

Days and hours are Beijing's. Each organization is held against its own past and its own plan, never
against what others do.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .control import Control
from .facts import BEIJING, DAY, Facts, Ints
from .findings import Finding
from .thresholds import ENUMERATION, HOURS, SCRAPING
from .windows import counted, slices

Figures = Mapping[str, float]


def bulk_scraping(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find a group that takes far more of a product in some days than its plan and its past."""
    accesses = facts.accesses
    if not len(accesses):
        return
    group = control.group[accesses.organization]
    day = (accesses.at + BEIJING) // DAY
    series = group * len(facts.products) + accesses.product
    span = int(day.max()) + 1
    cells, inverse, counts = counted(series * span + day)
    del inverse
    keys, days = cells // span, cells % span
    heavy = np.unique(keys[counts >= rule["least_accesses"] / rule["window_days"]])
    chosen = np.flatnonzero(np.isin(keys, heavy))
    plans = _plans(facts, series, heavy)
    for near in slices(keys[chosen], days[chosen]):
        places = chosen[near]
        key = int(keys[places[0]])
        found = _burst(days[places], counts[places], plans.get(key, 0.0), rule)
        if found is not None:
            yield _scraping(facts, control, key, found, rule)


def _plans(facts: Facts, series: Ints, heavy: Ints) -> dict[int, float]:
    """Return how many accesses a day the grants of each series allow for, taken evenly."""
    accesses = facts.accesses
    chosen = np.isin(series, heavy) & (accesses.grant >= 0)
    pairs = np.unique(np.stack([series[chosen], accesses.grant[chosen]]), axis=1)
    plans: dict[int, float] = {}
    for key, grant in zip(*(row.tolist() for row in pairs), strict=True):
        daily = int(facts.grants.budget[grant]) / max(1, int(facts.grants.days[grant]))
        plans[key] = plans.get(key, 0.0) + daily
    return plans


_Burst = tuple[float, int, int, int, float, float]


def _burst(days: Ints, counts: Ints, plan: float, rule: Figures) -> _Burst | None:
    """Return the window that is furthest beyond plan and past: excess, days, accesses, both."""
    width, back = int(rule["window_days"]), int(rule["history_days"])
    worst: _Burst | None = None
    total = np.concatenate([[0], np.cumsum(counts)])
    for last in range(len(days)):
        first = int(np.searchsorted(days, days[last] - width + 1))
        taken = int(total[last + 1] - total[first])
        if taken < rule["least_accesses"]:
            continue
        begin = int(np.searchsorted(days, days[first] - back))
        past = counts[begin:first]
        usual = float(np.median(past)) * width if len(past) >= rule["least_history_days"] else 0.0
        planned = max(plan * width, 1.0)
        excess = taken / (planned * rule["plan_times"])
        if usual:
            excess = min(excess, taken / (usual * rule["past_times"]))
        if excess >= 1 and (worst is None or excess > worst[0]):
            worst = (excess, int(days[first]), int(days[last]), taken, planned, usual)
    return worst


def _scraping(facts: Facts, control: Control, key: int, found: _Burst, rule: Figures) -> Finding:
    excess, first, last, taken, planned, usual = found
    group, product = divmod(key, len(facts.products))
    since, until = first * DAY - BEIJING, (last + 1) * DAY - BEIJING - 1
    accesses = facts.accesses
    inside = (accesses.product == product) & (accesses.at >= since) & (accesses.at <= until)
    inside &= control.group[accesses.organization] == group
    return Finding(
        rule=SCRAPING,
        subject=(*facts.names([group]), *facts.goods([product])),
        organizations=facts.names(accesses.organization[inside]),
        products=facts.goods([product]),
        orders=(),
        evidence=(str(since), str(until), str(taken)),
        since=since,
        until=until,
        measured=round(excess, 4),
        threshold=1.0,
        figures={
            "accesses": taken,
            "days": last - first + 1,
            "planned": round(planned, 1),
            "usual": round(usual, 1),
            "times_plan": round(taken / planned, 1),
            "window_days": int(rule["window_days"]),
        },
    )


def enumeration(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:
    """Find a group that asks a product one different question after another, hardly one twice."""
    accesses = facts.accesses
    asked = np.flatnonzero(accesses.question != 0)
    if len(asked) < rule["least_questions"]:
        return
    series = control.group[accesses.organization[asked]] * len(facts.products)
    series += accesses.product[asked]
    _keys, inverse, counts = counted(series)
    asked = asked[counts[inverse] >= rule["least_questions"]]
    series = control.group[accesses.organization[asked]] * len(facts.products)
    series += accesses.product[asked]
    for near in slices(series, accesses.at[asked]):
        found = _walk(facts, asked[near], rule)
        if found is not None:
            yield _enumerated(facts, control, found, rule)


def _walk(facts: Facts, places: Ints, rule: Figures) -> Ints | None:
    """Return the window with the most different questions, if they are enough and new enough."""
    at, question = facts.accesses.at[places], facts.accesses.question[places]
    window, best, most = int(rule["window_days"] * DAY), None, 0
    first_asked = np.zeros(len(places), dtype=bool)
    first_asked[np.unique(question, return_index=True)[1]] = True
    new = np.concatenate([[0], np.cumsum(first_asked)])
    stops = np.searchsorted(at, at + window, side="right")
    fresh = new[stops] - new[:-1]
    asked = stops - np.arange(len(places))
    fine = (fresh >= rule["least_questions"]) & (fresh >= rule["least_new_share"] * asked)
    for start in np.flatnonzero(fine).tolist():
        if fresh[start] > most:
            best, most = start, int(fresh[start])
    return None if best is None else places[best : int(stops[best])]


def _enumerated(facts: Facts, control: Control, places: Ints, rule: Figures) -> Finding:
    accesses = facts.accesses
    different = len(np.unique(accesses.question[places]))
    since, until = int(accesses.at[places[0]]), int(accesses.at[places[-1]])
    product = accesses.product[places[0]]
    return Finding(
        rule=ENUMERATION,
        subject=(
            *facts.names(control.group[accesses.organization[places[:1]]]),
            *facts.goods([product]),
        ),
        organizations=facts.names(accesses.organization[places]),
        products=facts.goods([product]),
        orders=(),
        evidence=(str(since), str(until), str(len(places))),
        since=since,
        until=until,
        measured=float(different),
        threshold=rule["least_questions"],
        figures={
            "questions": len(places),
            "different": different,
            "different_percent": round(100 * different / len(places), 1),
            "days": round((until - since) / DAY, 1),
        },
    )


def unusual_hours(facts: Facts, control: Control, rule: Figures) -> Iterator[Finding]:  # noqa: ARG001
    """Find an organization that fetches at hours at which it hardly ever did before."""
    accesses = facts.accesses
    if not len(accesses):
        return
    _keys, inverse, counts = counted(accesses.organization)
    busy = np.flatnonzero(counts[inverse] >= rule["least_history"] + rule["least_accesses"])
    local = accesses.at[busy] + BEIJING
    for near in slices(accesses.organization[busy], local):
        places = busy[near]
        yield from _odd_nights(facts, places, rule)


def _odd_nights(facts: Facts, places: Ints, rule: Figures) -> Iterator[Finding]:
    local = facts.accesses.at[places] + BEIJING
    day, hour = local // DAY, (local % DAY) // 3600
    days, starts = np.unique(day, return_index=True)
    stops = np.append(starts[1:], len(places))
    table = np.zeros((len(days), 24), dtype=np.int64)
    np.add.at(table, (np.searchsorted(days, day), hour), 1)
    total_before = np.concatenate([np.zeros((1, 24), dtype=np.int64), np.cumsum(table, axis=0)])
    told = -1
    for number in range(int(rule["least_history_days"]), len(days)):
        first = int(np.searchsorted(days, days[number] - rule["history_days"]))
        past = total_before[number] - total_before[first]
        total = int(past.sum())
        if total < rule["least_history"] or days[number] - told <= rule["quiet_days"]:
            continue
        share = (past + np.roll(past, 1) + np.roll(past, -1)) / (3 * total)
        odd = share < rule["rare_share"]
        taken = int(table[number][odd].sum())
        today = int(table[number].sum())
        if taken >= rule["least_accesses"] and taken >= rule["least_day_share"] * today:
            told = int(days[number])
            inside = places[int(starts[number]) : int(stops[number])]
            yield _night(
                facts,
                inside[odd[hour[starts[number] : stops[number]]]],
                taken,
                today,
                [int(each) for each in np.flatnonzero(odd & (table[number] > 0))],
                total,
                rule,
            )


def _night(
    facts: Facts,
    places: Ints,
    taken: int,
    today: int,
    hours: Sequence[int],
    total: int,
    rule: Figures,
) -> Finding:
    accesses = facts.accesses
    since, until = int(accesses.at[places[0]]), int(accesses.at[places[-1]])
    organization = facts.names(accesses.organization[places[:1]])
    return Finding(
        rule=HOURS,
        subject=organization,
        organizations=organization,
        products=facts.goods(accesses.product[places]),
        orders=(),
        evidence=(str(since), str(until), str(taken)),
        since=since,
        until=until,
        measured=float(taken),
        threshold=rule["least_accesses"],
        figures={
            "accesses": taken,
            "accesses_that_day": today,
            "hours": ", ".join(f"{hour:02d}" for hour in hours),
            "history": total,
            "rare_percent": round(100 * rule["rare_share"], 2),
        },
    )
