"""Planted cases of every rule: plain, disguised, or written by who knows the thresholds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from exchange.oversight.surveillance.detection.thresholds import (
    CIRCLE,
    CORNERING,
    COUNTER,
    ENUMERATION,
    HOURS,
    OFF_LISTING,
    REFUND,
    SCRAPING,
    SELF,
    SPIKE,
    SPLIT,
    STUFFING,
    TINY,
)

from .history import History, moment
from .members import DAYS, FETCHED, Good, Members, fetch_by_habit

PLAIN, DISGUISED, EVADING = 0, 1, 2
DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True)
class Case:
    """What was planted: by which rule it ought to be found, and on whom."""

    rule: str
    parties: frozenset[str]
    disguise: int


@dataclass
class Planting:
    """A market in which a case is planted, and how well it hides."""

    members: Members
    name: str
    disguise: int

    @property
    def random(self) -> Random:
        """The market's own chance."""
        return self.members.random

    @property
    def history(self) -> History:
        """What is written down."""
        return self.members.history

    def within(self, *ranges: tuple[float, float]) -> float:
        """Draw from the range of this disguise."""
        return self.random.uniform(*ranges[self.disguise])

    def count(self, *ranges: tuple[int, int]) -> int:
        """Draw a number from the range of this disguise."""
        return self.random.randint(*ranges[self.disguise])

    def party(self, role: str, among: list[str]) -> str:
        """Return a newcomer, or an honest member gone wrong whose other trade covers it."""
        if self.random.random() < 0.5:  # noqa: PLR2004  half and half
            return f"{self.name}-{role}"
        return self.random.choice(among)

    def good(self, provider: str, price: float) -> Good:
        """Return a product of a provider."""
        return Good(
            name=f"{provider}/{self.name}",
            provider=provider,
            market=self.random.choice(("traffic", "weather", "credit", "freight")),
            price=price,
            middle=price,
        )

    def day(self, last: float = DAYS - 60.0) -> float:
        """Draw a day."""
        return self.random.uniform(60, last)

    def group(self, *parties: str) -> None:
        """Tie parties by shares, deeper and smaller where it is disguised, undeclared at worst."""
        if self.disguise == EVADING:
            return
        for place, party in enumerate(parties):
            if self.disguise == PLAIN:
                self.history.owns(f"{self.name}-H", party, 1.0)
            else:
                self.history.owns(f"{self.name}-H{place}", party, self.random.uniform(0.2, 0.6))
                self.history.owns(f"{self.name}-H", f"{self.name}-H{place}", 0.51)


def counter_orders(plan: Planting) -> set[str]:
    """Plant orders and counter-orders."""
    one, other = plan.party("A", plan.members.brokers), f"{plan.name}-B"
    goods = [plan.good(one, 1), plan.good(other, 1)]
    start, amount = plan.day(DAYS - 150), plan.random.uniform(2_000, 90_000)
    for number in range(plan.count((2, 6), (2, 6), (2, 4))):
        off = plan.within((0, 0.03), (0.01, 0.08), (0.05, 0.15))
        at = start + number * plan.random.uniform(2, 15)
        gap = plan.within((0, 10), (4, 24), (15, 45))
        size = amount * plan.random.uniform(0.7, 1.4)
        plan.history.order(other, one, size, at=moment(at), product=goods[0].name)
        plan.history.order(one, other, size * (1 - off), at=moment(at + gap), product=goods[1].name)
    return {one, other}


def circles(plan: Planting) -> set[str]:
    """Plant money that goes round."""
    size = plan.count((3, 4), (3, 5), (5, 7))
    parties = [plan.party("A", plan.members.brokers), *(f"{plan.name}-{n}" for n in range(1, size))]
    amount, start = plan.random.uniform(2_000, 90_000), plan.day()
    span = plan.within((1, 12), (4, 24), (12, 30))
    days = sorted(plan.random.uniform(0, span) for _each in parties)
    if plan.disguise == DISGUISED:
        plan.random.shuffle(days)
    for place, payer in enumerate(parties):
        payee = parties[(place + 1) % size]
        amount_now = amount * (1 - plan.within((0, 0.01), (0, 0.04), (0.02, 0.05))) ** place
        plan.history.order(payer, payee, amount_now, at=moment(start + days[place]))
    return set(parties)


def refunds(plan: Planting) -> set[str]:
    """Plant payments that come back."""
    buyer, seller = plan.party("B", plan.members.buyers), plan.party("S", plan.members.providers)
    start, span = plan.day(DAYS - 130), plan.within((5, 40), (20, 75), (60, 120))
    number = plan.count((4, 12), (4, 8), (4, 6))
    good = plan.good(seller, 1)
    for each in range(number):
        at = moment(start + span * each / number)
        amount = plan.random.uniform(1_000, 60_000)
        back = at + plan.random.randint(1, 4) * DAY
        plan.history.order(buyer, seller, amount, at=at, product=good.name, refunded=back)
    for _cover in range(plan.count((0, 1), (1, 4), (2, 8))):
        at = moment(start + plan.random.uniform(0, span))
        plan.history.order(buyer, seller, 1_500, at=at, product=good.name)
    return {buyer, seller}


def self_dealing(plan: Planting) -> set[str]:
    """Plant a market within one group, at posted prices or at its own."""
    seller = plan.party("S", plan.members.providers)
    sisters = [f"{plan.name}-K{number}" for number in range(plan.random.randint(1, 3))]
    plan.group(seller, *sisters)
    good, start = plan.good(seller, plan.random.choice([2_000.0, 9_000.0])), plan.day(DAYS - 170)
    rate = plan.random.choice([1.0, 1.0, 0.5])
    own = plan.count((5, 20), (4, 12), (5, 12))
    for number in range(own):
        plan.history.order(
            sisters[number % len(sisters)],
            seller,
            good.price * rate,
            listed=good.price,
            at=moment(start + plan.random.uniform(0, 150)),
            product=good.name,
        )
    for _cover in range(int(own * rate * plan.within((0, 0.5), (0.2, 0.9), (0.2, 0.6)))):
        buyer, at = plan.random.choice(plan.members.buyers), start + plan.random.uniform(0, 150)
        plan.history.order(buyer, seller, good.price, at=moment(at), product=good.name)
    return {seller, *sisters}


def spikes(plan: Planting) -> set[str]:
    """Plant a price that jumps; who evades lets it creep."""
    seller, last = plan.party("S", plan.members.providers), f"{plan.name}-B"
    good, price = plan.good(seller, 1), plan.random.uniform(800, 9_000)
    start, number = plan.day(DAYS - 120), plan.random.randint(9, 20)
    for each in range(number):
        buyer, at = plan.random.choice(plan.members.buyers), start + each * 60 / number
        noise = plan.within((0.99, 1.01), (0.94, 1.06), (0.97, 1.03))
        plan.history.order(buyer, seller, price * noise, at=moment(at), product=good.name)
    jump = plan.within((2, 8), (1.6, 3), (1.9, 4))
    steps = 8 if plan.disguise == EVADING else 1
    for step in range(1, steps + 1):
        now = price * jump ** (step / steps)
        if plan.disguise == DISGUISED and plan.random.random() < 0.4:  # noqa: PLR2004  some fall
            now = price / jump
        at = moment(start + 61 + step * 4)
        plan.history.order(last, seller, now, at=at, product=good.name)
    return {seller, last}


def off_listing(plan: Planting) -> set[str]:
    """Plant an agreed price that nobody else gets."""
    buyer, seller = plan.party("B", plan.members.buyers), plan.party("S", plan.members.providers)
    listed = plan.random.choice([1_500, 5_000, 20_000])
    rate = plan.within((0.02, 0.25), (0.2, 0.42), (0.33, 0.5))
    if plan.random.random() < 0.3:  # noqa: PLR2004  some pay too much
        rate = plan.within((2, 6), (1.4, 2.5), (1.3, 1.55))
    good = plan.good(seller, listed)
    plan.history.order(
        buyer,
        seller,
        listed * rate,
        listed=listed,
        negotiated=True,
        at=moment(plan.day()),
        product=good.name,
    )
    return {buyer, seller}


def stuffing(plan: Planting) -> set[str]:
    """Plant offers that are not meant."""
    buyer, seller = plan.party("B", plan.members.buyers), plan.party("S", plan.members.providers)
    start, hours = plan.day(), plan.within((0.2, 8), (5, 30), (30, 90))
    number = plan.count((40, 250), (25, 80), (25, 70))
    for each in range(number):
        at = moment(start, 9 + hours * each / number)
        plan.history.offer(buyer, seller, at=at, concluded=each in {3, 19} and number > 40)  # noqa: PLR2004  a fig leaf
    return {buyer, seller}


def split_exports(plan: Planting) -> set[str]:
    """Plant exports cut into pieces."""
    number = plan.count((2, 6), (2, 9), (4, 9))
    senders = [plan.party("E", plan.members.providers)]
    receivers = [f"{plan.name}-R"]
    if plan.disguise != PLAIN:
        senders += [f"{plan.name}-E{each}" for each in range(2)]
        receivers += [f"{plan.name}-R{each}" for each in range(2)]
        plan.group(*senders)
        if plan.disguise == DISGUISED:
            for receiver in receivers:
                plan.history.owns(f"{plan.name}-Abroad", receiver, 0.5)
    total, sensitive = plan.random.uniform(1.0, 2.2), plan.random.random() < 0.4  # noqa: PLR2004  some
    line, start = (10_000 if sensitive else 100_000), plan.day(DAYS - 180)
    for each in range(number):
        persons = int(total * line / number)
        plan.history.export(
            senders[each % len(senders)],
            receivers[each % len(receivers)],
            at=moment(start + each * 150 / number),
            ordinary=0 if sensitive else persons,
            sensitive=persons if sensitive else 0,
        )
    return {*senders, *receivers}


def scraping(plan: Planting) -> set[str]:
    """Plant a burst of fetching, over sisters where it is disguised; who evades is slow."""
    thieves = [plan.party("T", plan.members.buyers)]
    if plan.disguise == DISGUISED:
        thieves += [f"{plan.name}-T{each}" for each in range(2)]
        plan.group(*thieves)
    good = plan.good(plan.random.choice(plan.members.providers), 1)
    fetch_by_habit(plan.history, plan.random, thieves[0], good, 2)
    grants = [plan.history.grant(budget=4 * FETCHED, days=FETCHED) for _each in thieves]
    start, days = DAYS - plan.random.uniform(8, 30), plan.within((0.1, 1.5), (0.5, 4), (6, 8))
    number = plan.count((500, 3000), (250, 1500), (500, 700))
    for each in range(number):
        who, at = each % len(thieves), moment(start + days * each / number)
        plan.history.access(thieves[who], good.name, at=at, grant=grants[who])
    return set(thieves)


def enumeration(plan: Planting) -> set[str]:
    """Plant a walk through the data by questions."""
    who = plan.party("Q", plan.members.buyers)
    good = plan.good(plan.random.choice(plan.members.providers), 1)
    number, grant = plan.count((200, 900), (120, 400), (160, 300)), plan.history.grant(budget=1000)
    questions = list(range(1000, 1000 + number))
    if plan.disguise != PLAIN:
        plan.random.shuffle(questions)
        padding = plan.within((0, 0), (0.1, 0.8), (0.5, 1.2))
        for _pad in range(int(number * padding)):
            questions.insert(plan.random.randrange(len(questions)), plan.random.randint(1, 12))
    days = plan.within((2, 25), (10, 40), (20, 70))
    for each, question in enumerate(questions):
        at = moment(DAYS - 75 + days * each / len(questions), plan.random.uniform(0, 2) + 9)
        plan.history.access(who, good.name, at=at, grant=grant, question=question)
    return {who}


def nights(plan: Planting) -> set[str]:
    """Plant fetching at hours at which a member never fetched."""
    who = f"{plan.name}-N"
    good = plan.good(plan.random.choice(plan.members.providers), 1)
    grant = plan.history.grant(budget=5_000, days=FETCHED)
    for day in range(DAYS - FETCHED, DAYS):
        for _access in range(plan.random.randint(3, 9)):
            at = moment(day, plan.random.triangular(8, 20, 14))
            plan.history.access(who, good.name, at=at, grant=grant)
    for night in range(plan.count((1, 3), (1, 2), (2, 5))):
        for _access in range(plan.count((30, 200), (18, 60), (12, 30))):
            hour = plan.random.uniform(1, 4) if plan.disguise != EVADING else 5.5
            at = moment(DAYS - 20 + night, hour + plan.random.random())
            plan.history.access(who, good.name, at=at, grant=grant)
    return {who}


def tiny_sales(plan: Planting) -> set[str]:
    """Plant sales of named persons in pieces."""
    buyers = [plan.party("B", plan.members.buyers)]
    if plan.disguise != PLAIN:
        buyers += [f"{plan.name}-B{each}" for each in range(2)]
        plan.group(*buyers)
    kind, line = plan.random.choice([("severe", 50), ("medium", 500), ("other", 5_000)])
    number, total = plan.count((3, 10), (2, 12), (4, 8)), plan.random.uniform(1.0, 2.4)
    start, halved = plan.day(DAYS - 220), plan.random.random() < 0.3  # noqa: PLR2004  some
    for each in range(number):
        seller = plan.random.choice(plan.members.providers)
        persons = max(1, round(total * line / number / (2 if halved else 1)))
        plan.history.order(
            buyers[each % len(buyers)],
            seller,
            900,
            at=moment(start + each * 200 / number),
            product=f"{seller}/{plan.name}",
            halved=halved,
            **{kind: persons},  # type: ignore[arg-type]
        )
    return set(buyers)


def cornering(plan: Planting) -> set[str]:
    """Plant a market bought up, by one or by a group."""
    market = f"{plan.name}-market"
    hoarders = [f"{plan.name}-C"]
    if plan.disguise != PLAIN:
        hoarders += [f"{plan.name}-C{each}" for each in range(2)]
        plan.group(*hoarders)
    sellers = plan.random.sample(plan.members.providers, 3)

    def buy(buyer: str, day: float) -> None:
        seller = plan.random.choice(sellers)
        at, product = moment(day), f"{seller}/{market}"
        plan.history.order(buyer, seller, 2_000, at=at, product=product, market=market)

    for number in range(24):
        buy(plan.members.buyers[number % 8], DAYS - 170 + number * 3)
    own = plan.count((20, 60), (12, 40), (18, 40))
    for number in range(own):
        buy(hoarders[number % len(hoarders)], DAYS - 85 + 80 * number / own)
    for _other in range(int(own * plan.within((0.05, 0.4), (0.2, 0.9), (0.25, 0.6)))):
        buy(plan.random.choice(plan.members.buyers), DAYS - plan.random.uniform(1, 85))
    return set(hoarders)


PLANTS: Final[Mapping[str, Callable[[Planting], set[str]]]] = {
    COUNTER: counter_orders,
    CIRCLE: circles,
    REFUND: refunds,
    SELF: self_dealing,
    SPIKE: spikes,
    OFF_LISTING: off_listing,
    STUFFING: stuffing,
    SPLIT: split_exports,
    SCRAPING: scraping,
    ENUMERATION: enumeration,
    HOURS: nights,
    TINY: tiny_sales,
    CORNERING: cornering,
}


def plant(members: Members, rule: str, name: str, disguise: int) -> Case:
    """Plant one case of a rule."""
    parties = PLANTS[rule](Planting(members=members, name=name, disguise=disguise))
    return Case(rule=rule, parties=frozenset(parties), disguise=disguise)
