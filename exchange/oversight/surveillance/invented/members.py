"""Honest members: what they trade, at what prices, how they fetch, and when.

Some do lawfully what looks suspicious from afar: a bank that runs its jobs at night, sisters that
buy of each other at the posted price, partners that buy of one another, a month's end, a provider
whose files are often returned, a team that explores a product for a week, a job moved by hours.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from .history import History, moment

DAYS: Final = 300
FETCHED: Final = 150
"""The last days, for which accesses are written down."""
MARKETS: Final = ("traffic", "weather", "credit", "freight")
POINTS: Final = (1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000, 12_000, 20_000, 50_000)
"""Prices as people post them: many products cost the same."""


@dataclass(frozen=True, kw_only=True)
class Good:
    """A product on offer."""

    name: str
    provider: str
    market: str
    price: float
    middle: float


@dataclass
class Members:
    """The honest part of a market, which plants may use as well."""

    history: History
    random: Random
    goods: list[Good]
    providers: list[str]
    buyers: list[str]
    brokers: list[str]

    @classmethod
    def settle(cls, history: History, random: Random, name: str) -> "Members":
        """Let members come and post prices."""
        providers = [f"{name}-P{number}" for number in range(14)]
        buyers = [f"{name}-B{number}" for number in range(36)]
        brokers = [f"{name}-X{number}" for number in range(8)]
        goods = []
        for provider in [*providers, *brokers]:
            for number in range(random.randint(1, 3)):
                price = float(random.choice(POINTS))
                goods.append(
                    Good(
                        name=f"{provider}/{number}",
                        provider=provider,
                        market=random.choice(MARKETS),
                        price=price,
                        middle=price / random.lognormvariate(0, 0.3),
                    )
                )
        return cls(history, random, goods, providers, buyers, brokers)

    def live(self) -> None:
        """Let everybody trade and fetch for most of a year."""
        self._trade()
        self._groups()
        self._partners()
        self._returns()
        self._persons()
        self._exports()
        self._fetch()

    def buy(self, buyer: str, good: Good, at: int, **said: object) -> None:
        """Let one buy at the posted price of the day, now and then at an agreed one."""
        month = (at - moment(0)) // (30 * 86_400)
        posted = round(good.price * (1 + 0.02 * month), 2)
        agreed, negotiated = posted, False
        if self.random.random() < 0.12:  # noqa: PLR2004  a share of all orders
            agreed, negotiated = posted * self.random.uniform(0.5, 0.97), True
        terms = {"listed": posted, "negotiated": negotiated, "middle": good.middle} | said
        self.history.order(
            buyer,
            good.provider,
            round(agreed, 2),
            at=at,
            product=good.name,
            market=good.market,
            **terms,  # type: ignore[arg-type]
        )

    def _trade(self) -> None:
        random = self.random
        for buyer in [*self.buyers, *self.brokers]:
            favorites = random.sample(self.goods, 5)
            for _order in range(random.randint(4, 22)):
                good = random.choice(favorites if random.random() < 0.7 else self.goods)  # noqa: PLR2004  habit
                if good.provider != buyer:
                    self.buy(buyer, good, moment(random.uniform(0, DAYS)))
            for _offer in range(random.randint(0, 6)):
                good = random.choice(self.goods)
                at = moment(random.uniform(0, DAYS))
                self.history.offer(buyer, good.provider, at=at, product=good.name)

    def _groups(self) -> None:
        """Let sisters buy of each other at the posted price, beside many others that buy."""
        random, history = self.random, self.history
        for number in range(3):
            provider, sister = random.choice(self.providers), random.choice(self.buyers)
            history.owns(f"Group {number}", provider, 1.0)
            history.owns(f"Group {number}", sister, random.uniform(0.3, 1.0))
            good = next(good for good in self.goods if good.provider == provider)
            for _order in range(random.randint(1, 4)):
                self.buy(sister, good, moment(random.uniform(0, DAYS)), negotiated=False)
        for provider in random.sample(self.providers, 6):
            history.owns("State assets commission", provider, 0.8, public=True)
        for buyer in random.sample(self.buyers, 12):
            history.owns("State assets commission", buyer, 0.6, public=True)

    def _partners(self) -> None:
        """Let brokers buy of one another, as people do who lack what the other has."""
        random = self.random
        for _pair in range(4):
            one, other = random.sample(self.brokers, 2)
            for seller, buyer in ((one, other), (other, one)):
                good = random.choice([good for good in self.goods if good.provider == seller])
                for _order in range(random.randint(1, 3)):
                    self.buy(buyer, good, moment(random.uniform(0, DAYS)))

    def _returns(self) -> None:
        """Let a careless provider take files back from one buyer and another."""
        random = self.random
        careless = random.choice(self.providers)
        good = next(good for good in self.goods if good.provider == careless)
        for _order in range(random.randint(4, 9)):
            at = moment(random.uniform(0, DAYS))
            refunded = at + random.randint(1, 10) * 86_400
            self.buy(random.choice(self.buyers), good, at, refunded=refunded)

    def _persons(self) -> None:
        """Let lawful sales of named persons be large, under the eyes of the gate, or few."""
        random = self.random
        for buyer in random.sample(self.buyers, 6):
            good = random.choice(self.goods)
            if random.random() < 0.5:  # noqa: PLR2004  one kind or the other
                for _order in range(random.randint(1, 4)):
                    self.buy(buyer, good, moment(random.uniform(0, DAYS)), other=40_000)
            else:
                for _order in range(random.randint(2, 6)):
                    few = random.randint(20, 140)
                    self.buy(buyer, good, moment(random.uniform(0, DAYS)), other=few)

    def _exports(self) -> None:
        random = self.random
        for number in range(5):
            exporter, abroad = random.choice(self.providers), f"Abroad {number}"
            for _export in range(random.randint(1, 8)):
                at = moment(random.uniform(0, DAYS))
                if number % 2:
                    persons = random.randint(20_000, 90_000)
                    self.history.export(exporter, abroad, at=at, ordinary=persons, exempt=False)
                else:
                    persons = random.randint(200, 9_000)
                    self.history.export(exporter, abroad, at=at, ordinary=persons)

    def _fetch(self) -> None:
        for number, buyer in enumerate(self.random.sample(self.buyers, 8)):
            fetch_by_habit(self.history, self.random, buyer, self.random.choice(self.goods), number)


def fetch_by_habit(history: History, random: Random, who: str, good: Good, kind: int) -> None:
    """Let a member fetch day by day: a few habits, each lawful."""
    daily = random.choice([2, 4, 8, 15])
    grant = history.grant(budget=int(daily * FETCHED * random.uniform(1.0, 2.5)), days=FETCHED)
    night, questions = kind % 4 == 1, random.randint(5, 60)
    moved = kind == 7 and random.random() < 0.3  # noqa: PLR2004  one in many moves its job
    project = random.randint(40, FETCHED - 10) if kind % 3 == 0 else -1
    for day in range(DAYS - FETCHED, DAYS):
        weekend = day % 7 in {2, 3}
        count = daily * random.uniform(0.6, 1.4) * (0.3 if weekend and not night else 1)
        if day % 30 >= 27:  # noqa: PLR2004  a month's end
            count *= random.uniform(1.5, 3.0)
        if project <= day - (DAYS - FETCHED) < project + 7:
            count *= 3
        for _access in range(round(count)):
            hour = random.triangular(8, 21, 14)
            if night or (moved and day > DAYS - 20):
                hour = random.triangular(0, 6, 2)
            question = random.randint(1, questions) if kind % 2 else 0
            at = moment(day, hour)
            history.access(who, good.name, at=at, grant=grant, question=question)
