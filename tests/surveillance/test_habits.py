"""How data is fetched: in mass, by walking through it, at unusual hours."""

import pytest

from exchange.oversight.surveillance.invented.history import History, moment

from .making import found

SCRAPING, ENUMERATION, HOURS = "R-BULK-SCRAPING", "R-ENUMERATION", "R-UNUSUAL-HOURS"


def fetched(burst: int, *, usual: int = 10, budget: int = 3_650, days: int = 30) -> History:
    history = History()
    grant = history.grant(budget=budget, days=365)
    for day in range(days):
        for number in range(usual):
            history.access("B", "P", at=moment(day, 9 + number / 10), grant=grant)
    for number in range(burst):
        history.access("B", "P", at=moment(days, 9 + number / 1000), grant=grant)
    return history


def test_a_burst_beyond_plan_and_past_is_found() -> None:
    (finding,) = found(fetched(400), SCRAPING)

    assert finding.organizations == ("B",)
    assert finding.products == ("P",)
    assert finding.figures["times_plan"] >= 6


@pytest.mark.parametrize(
    "history",
    [
        fetched(279),
        fetched(400, usual=60),
        fetched(400, budget=20_000),
    ],
    ids=["fewer than the least", "as much as ever", "within the plan"],
)
def test_bursts_just_missed(history: History) -> None:
    assert found(history, SCRAPING) == []


def test_a_burst_spread_over_a_group_is_found() -> None:
    history = History()
    grants = [history.grant(budget=365, days=365) for _buyer in range(4)]
    for number in range(400):
        buyer = number % 4
        history.access(f"B{buyer}", "P", at=moment(0, number / 40), grant=grants[buyer])
    alone = found(history, SCRAPING)
    for buyer in range(1, 4):
        history.owns("B0", f"B{buyer}", 0.5)

    assert alone == []
    (finding,) = found(history, SCRAPING)
    assert len(finding.organizations) == 4


def asked(different: int, *, again: int = 0, days: float = 20) -> History:
    history = History()
    total = different + again
    for number in range(total):
        question = number + 1 if number < different else 1
        at = moment(days * number / total)
        history.access("B", "P", at=at, grant=history.grant(budget=1000), question=question)
    return history


def test_questions_that_walk_through_the_data_are_found() -> None:
    (finding,) = found(asked(150, again=100), ENUMERATION)

    assert finding.figures["different"] == 150


@pytest.mark.parametrize(
    "history",
    [asked(149), asked(150, again=101), asked(150, days=40)],
    ids=["few", "mostly again", "over months"],
)
def test_walks_just_missed(history: History) -> None:
    assert found(history, ENUMERATION) == []


def night(count: int, *, hour: float = 3.0, past: int = 400, by_night: int = 0) -> History:
    history = History()
    grant = history.grant(budget=10_000)
    for number in range(past):
        day, at = number % 30, 9 + (number % 9)
        history.access("B", "P", at=moment(day, at if number >= by_night else hour), grant=grant)
    for number in range(count):
        history.access("B", "P", at=moment(31, hour + number / 1000), grant=grant)
    return history


def test_accesses_at_an_hour_of_rest_are_found() -> None:
    (finding,) = found(night(25), HOURS)

    assert finding.figures["accesses"] == 25
    assert finding.figures["hours"] == "03"


@pytest.mark.parametrize(
    "history",
    [night(24), night(25, hour=11.0), night(25, past=290), night(40, by_night=30)],
    ids=["few", "by day", "too little history", "always by night"],
)
def test_nights_just_missed(history: History) -> None:
    assert found(history, HOURS) == []
