"""What the rules find of planted cases, on few markets; the whole is measured by the command."""

from exchange.oversight.surveillance.detection.detecting import detect
from exchange.oversight.surveillance.detection.thresholds import RULES
from exchange.oversight.surveillance.invented.markets import SEEDS, Scores, market_of, markets_of
from tests.surveillance.making import shipped


def test_markets_are_the_same_every_time_and_the_halves_differ() -> None:
    first, again = (next(iter(markets_of("setting"))) for _ in range(2))
    other = next(iter(markets_of("unseen")))

    assert first.sha256 == again.sha256
    assert first.sha256 != other.sha256
    assert len(set(SEEDS.values())) == 2
    assert {case.rule for case in first.cases} == set(RULES)


def test_an_honest_market_is_nearly_silent_and_plain_cases_are_found() -> None:
    scores = Scores()
    for market in (market_of(77), market_of(78), market_of(79, clean=True)):
        scores.add(market, detect(market.facts, shipped()))

    found = sum(scores[rule].found for rule in RULES)
    planted = sum(scores[rule].planted for rule in RULES)
    wrong = sum(scores[rule].wrong for rule in RULES)
    assert found / planted > 0.75
    assert 1000 * wrong / scores.orders < 5
