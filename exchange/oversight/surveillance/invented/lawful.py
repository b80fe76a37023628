"""What is lawful and looks like a case: each in some markets, and counted as a false alarm."""

from collections.abc import Callable
from typing import Final

from .history import moment
from .members import DAYS, FETCHED, Members

CHANCE: Final = 0.3


def mutual_subscriptions(members: Members) -> None:
    """Let two partners subscribe to each other at the same monthly price."""
    one, other = members.random.sample(members.brokers, 2)
    for month in range(members.random.randint(1, 6)):
        for buyer, seller, day in ((one, other, 1), (other, one, members.random.randint(1, 28))):
            at = moment(60 + 30 * month + day)
            members.history.order(buyer, seller, 3_000, at=at, product=f"{seller}/monthly")


def captive_product(members: Members) -> None:
    """Let a group keep a product for itself, at the posted price."""
    seller, sister = members.random.choice(members.providers), members.random.choice(members.buyers)
    members.history.owns("Captive holding", seller, 1.0)
    members.history.owns("Captive holding", sister, 1.0)
    for _order in range(members.random.randint(2, 8)):
        at = moment(members.random.uniform(100, 250))
        members.history.order(sister, seller, 2_000, at=at, product=f"{seller}/captive")


def broken_feed(members: Members) -> None:
    """Let a provider deliver badly, and one patient buyer return it each time."""
    buyer, seller = members.random.choice(members.buyers), members.random.choice(members.providers)
    for week in range(members.random.randint(2, 6)):
        at = moment(100 + 9 * week)
        refunded = at + 5 * 86_400
        members.history.order(
            buyer, seller, 4_000, at=at, product=f"{seller}/feed", refunded=refunded
        )


def better_release(members: Members) -> None:
    """Let a product become dearer because it became better."""
    seller = members.random.choice(members.providers)
    rise = members.random.uniform(1.3, 2.6)
    for number in range(16):
        price = 1_200 * (rise if number >= 10 else 1)  # noqa: PLR2004  from then on
        buyer, at = members.random.choice(members.buyers), moment(80 + 10 * number)
        members.history.order(buyer, seller, price, at=at, product=f"{seller}/better")


def charity_price(members: Members) -> None:
    """Let a research institute pay a small part, as the posted conditions allow."""
    buyer, seller = members.random.choice(members.buyers), members.random.choice(members.providers)
    rate, at = members.random.uniform(0.2, 0.6), moment(members.random.uniform(60, 250))
    members.history.order(
        buyer,
        seller,
        10_000 * rate,
        listed=10_000,
        negotiated=True,
        at=at,
        product=f"{seller}/study",
    )


def price_robot(members: Members) -> None:
    """Let a buyer's program ask for prices all day before it orders."""
    buyer, seller = members.random.choice(members.buyers), members.random.choice(members.providers)
    for number in range(members.random.randint(8, 45)):
        at = moment(120, 9 + number / 6)
        members.history.offer(buyer, seller, at=at, concluded=number % 6 == 0)


def small_exports(members: Members) -> None:
    """Let two recipients that have the same shareholder each get what is theirs."""
    seller = members.random.choice(members.providers)
    for number in range(4):
        recipient = f"Abroad fund {number % 2}"
        members.history.owns("Fund abroad", recipient, 0.3)
        persons = members.random.randint(8_000, 30_000)
        members.history.export(seller, recipient, at=moment(60 + 40 * number), ordinary=persons)


def first_load(members: Members) -> None:
    """Let a buyer load the whole history once, as a contract allows."""
    buyer, seller = members.random.choice(members.buyers), members.random.choice(members.providers)
    number = members.random.randint(80, 600)
    grant = members.history.grant(budget=2 * number, days=180)
    for each in range(number):
        at = moment(DAYS - 60, 9 + 20 * each / number)
        members.history.access(buyer, f"{seller}/history", at=at, grant=grant)


def research_month(members: Members) -> None:
    """Let a team ask many different questions, since it does not know yet what it looks for."""
    buyer, seller = members.random.choice(members.buyers), members.random.choice(members.providers)
    number = members.random.randint(60, 220)
    grant = members.history.grant(budget=400, days=180)
    for each in range(number):
        at = moment(DAYS - 50 + 25 * each / number, 10)
        question = 50_000 + each if members.random.random() < 0.7 else 50_000  # noqa: PLR2004  often again
        members.history.access(buyer, f"{seller}/open", at=at, grant=grant, question=question)


def moved_job(members: Members) -> None:
    """Let a member move its job into the night."""
    who, seller = f"{members.buyers[0]}-night", members.random.choice(members.providers)
    daily = members.random.randint(8, 40)
    grant = members.history.grant(budget=daily * FETCHED, days=FETCHED)
    for day in range(DAYS - 80, DAYS):
        hour = 2 if day > DAYS - 15 else 11
        for each in range(daily):
            at = moment(day, hour + each / 60)
            members.history.access(who, f"{seller}/nightly", at=at, grant=grant)


def consented_leads(members: Members) -> None:
    """Let a buyer take small lots of named persons for the year, all with consent."""
    buyer = members.random.choice(members.buyers)
    for number in range(members.random.randint(3, 8)):
        seller = members.random.choice(members.providers)
        persons = members.random.randint(200, 900)
        at = moment(20 + 35 * number)
        members.history.order(buyer, seller, 900, at=at, product=f"{seller}/leads", other=persons)


def new_customer(members: Members) -> None:
    """Let a large customer arrive in a small market."""
    sellers, who = (
        members.random.sample(members.providers, 3),
        members.random.choice(members.buyers),
    )
    for number in range(18):
        seller, at = sellers[number % 3], moment(DAYS - 175 + 4 * number)
        buyer = members.buyers[number % 9]
        members.history.order(buyer, seller, 900, at=at, product=f"{seller}/niche", market="niche")
    for number in range(members.random.randint(6, 22)):
        seller, at = sellers[number % 3], moment(DAYS - 80 + 3 * number)
        members.history.order(who, seller, 900, at=at, product=f"{seller}/niche", market="niche")
    for number in range(8):
        buyer, at = members.buyers[number], moment(DAYS - 70 + 8 * number)
        members.history.order(
            buyer, sellers[0], 900, at=at, product=f"{sellers[0]}/niche", market="niche"
        )


HABITS: Final[tuple[Callable[[Members], None], ...]] = (
    mutual_subscriptions,
    captive_product,
    broken_feed,
    better_release,
    charity_price,
    price_robot,
    small_exports,
    first_load,
    research_month,
    moved_job,
    consented_leads,
    new_customer,
)


def look_odd(members: Members) -> None:
    """Let some of this happen."""
    for habit in HABITS:
        if members.random.random() < CHANCE:
            habit(members)
