"""Equal treatment: same conditions, same price, whoever asks (同等条件同等价格). Pure.

Two questions are asked. **Identity**: among quotes made on the same conditions, does any buyer get
another price, or a refusal? **Impact**: over all outcomes of a kind, how often do the buyers of a
group fare well, against the group that fares best? The ratio is the impact ratio of 6 RCNY §5-300;
below four fifths (29 CFR §1607.4 D) a group is treated adversely. 《个人信息保护法》第二十四条,
《互联网信息服务算法推荐管理规定》第二十一条.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .methods.policies import TreatmentPolicy

RATE: Final = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Treated:
    """How one buyer was treated on some conditions; `price` is None where it was refused.

    `conditions` are everything a price may depend on; `groups` everything it may not.
    """

    buyer: str
    conditions: tuple[str, ...]
    groups: Mapping[str, str]
    price: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Inequality:
    """Buyers on the same conditions that were treated differently, and in what they differ."""

    conditions: tuple[str, ...]
    favored: Treated
    disfavored: Treated
    differ_in: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One thing that happened to a buyer, and whether it was the better of two."""

    measure: str
    groups: Mapping[str, str]
    favorable: bool


@dataclass(frozen=True, kw_only=True)
class Impact:
    """How a group of buyers fares; `ratio` to the best group, None where there is none to judge."""

    measure: str
    dimension: str
    group: str
    count: int
    rate: Decimal
    ratio: Decimal | None
    judged: bool
    fair: bool


def unequal(treated: Iterable[Treated]) -> list[Inequality]:
    """Return one inequality for each set of conditions in which treatments differ.

    The two shown are the best and the worst treated that have the most in common, so that what
    they differ in is as close to the cause as the cases at hand allow.
    """
    alike: dict[tuple[str, ...], list[Treated]] = defaultdict(list)
    for case in treated:
        alike[case.conditions].append(case)
    found = []
    for conditions, cases in sorted(alike.items()):
        prices = {case.price for case in cases}
        if len(prices) > 1:
            found.append(_closest(conditions, cases))
    return found


def impacts(outcomes: Iterable[Outcome], policy: TreatmentPolicy) -> list[Impact]:
    """Return the impact ratio of every group, by measure and dimension.

    Groups of fewer outcomes than the pack asks for are shown but not judged.
    """
    tallies: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for outcome in outcomes:
        for dimension, group in outcome.groups.items():
            tallies[outcome.measure, dimension][group].append(outcome.favorable)
    found = []
    for (measure, dimension), groups in sorted(tallies.items()):
        rates = {group: Decimal(sum(got)) / len(got) for group, got in groups.items()}
        judged = {group for group, got in groups.items() if len(got) >= policy.group_least}
        best = max((rates[group] for group in judged), default=Decimal(0))
        for group, got in sorted(groups.items()):
            ratio = rates[group] / best if best else None
            is_judged = group in judged and len(judged) > 1
            fair = not is_judged or ratio is None or ratio >= policy.impact_least
            found.append(
                Impact(
                    measure=measure,
                    dimension=dimension,
                    group=group,
                    count=len(got),
                    rate=rates[group].quantize(RATE),
                    ratio=None if ratio is None else ratio.quantize(RATE),
                    judged=is_judged,
                    fair=fair,
                )
            )
    return found


def _closest(conditions: tuple[str, ...], cases: Sequence[Treated]) -> Inequality:
    best = min(cases, key=_badness)
    worse = [case for case in cases if case.price != best.price]
    pairs = [(one, other) for one in cases if one.price == best.price for other in worse]
    favored, disfavored = min(pairs, key=lambda pair: len(_differences(*pair)))
    return Inequality(
        conditions=conditions,
        favored=favored,
        disfavored=disfavored,
        differ_in=_differences(favored, disfavored),
    )


def _badness(case: Treated) -> Decimal:
    return Decimal("Infinity") if case.price is None else case.price


def _differences(one: Treated, other: Treated) -> tuple[str, ...]:
    names = sorted({*one.groups, *other.groups})
    return tuple(name for name in names if one.groups.get(name) != other.groups.get(name))
