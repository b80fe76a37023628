"""When an appraisal ends: causes, the index of its comparables, who may say so."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, WrongState
from pricing.money import Money
from pricing.queries import current_appraisal
from pricing.services import lapse_appraisal, outdate_appraisal, withdraw_appraisal
from pricing.states import EndCause
from pricing.validity import Ended, market_index, prices_at_signing, why_ended

from .making import FACTS, PLATFORM, appraise_usual, policy

pytestmark = pytest.mark.django_db
RULES = policy().validity
ENDED = Ended(cause=EndCause.MARKET, detail="1.3000")


def _prices(*amounts: int | str, currency: str = "CNY") -> dict[str, Money]:
    return {f"L-{place}": Money.of(amount, currency) for place, amount in enumerate(amounts)}


@pytest.mark.parametrize(
    ("now", "index"),
    [
        (_prices(100, 200, 300), "1.0000"),
        (_prices(200, 100, 300), "1.0000"),  # one doubled, one halved
        (_prices(120, 240, 360), "1.2000"),
        (_prices(80, 160, 240), "0.8000"),
        (_prices(100, 200), None),
        (_prices(100, 200, 0), None),
        (_prices(100, 200, 300, currency="USD"), None),
    ],
)
def test_the_index_of_the_comparables(now: dict[str, Money], index: str | None) -> None:
    found = market_index(_prices(100, 200, 300), now, least=3)

    assert found == (None if index is None else Decimal(index))


@pytest.mark.parametrize(
    ("release", "level", "factor", "days", "cause"),
    [
        (FACTS.release, 1, "1.00", 0, None),
        (FACTS.release, 1, "1.20", 365, None),
        ("V-OTHER", 1, "1.00", 0, EndCause.RELEASE),
        (FACTS.release, 2, "1.00", 0, EndCause.GRADE),
        (FACTS.release, 1, "1.00", 366, EndCause.DATE),
        (FACTS.release, 1, "1.21", 0, EndCause.MARKET),
        (FACTS.release, 1, "0.79", 0, EndCause.MARKET),
    ],
)
def test_what_ends_an_appraisal(
    release: str, level: int, factor: str, days: int, cause: EndCause | None, at: datetime
) -> None:
    appraisal = appraise_usual(at)
    then = prices_at_signing(appraisal.inputs)

    ended = why_ended(
        appraisal,
        release=release,
        level=level,
        prices={name: price * Decimal(factor) for name, price in then.items()},
        policy=RULES,
        at=at + timedelta(days=days),
    )

    assert (ended.cause if ended else None) == cause


def test_a_lapsed_appraisal_is_kept_and_ends_once(at: datetime) -> None:
    appraisal = appraise_usual(at)
    outdate_appraisal(appraisal=appraisal, ended=ENDED, by=PLATFORM, at=at)
    lapse_appraisal(appraisal=appraisal, ended=ENDED, by=PLATFORM, at=at)

    appraisal.refresh_from_db()
    assert (appraisal.status, appraisal.end_reason) == ("LAPSED", "MARKET")
    assert current_appraisal(FACTS.asset) is None
    with pytest.raises(WrongState):
        lapse_appraisal(appraisal=appraisal, ended=ENDED, by=PLATFORM, at=at)


@pytest.mark.parametrize("who", ["provider", "operator", "regulator", "buyer", "anonymous"])
def test_nobody_but_the_exchange_says_it_is_outdated(
    who: str, request: pytest.FixtureRequest, at: datetime
) -> None:
    appraisal = appraise_usual(at)
    by: Actor = request.getfixturevalue(who)

    for verb in (outdate_appraisal, lapse_appraisal):
        with pytest.raises(NotAllowed):
            verb(appraisal=appraisal, ended=ENDED, by=by, at=at)

    appraisal.refresh_from_db()
    assert appraisal.status == "SIGNED"


def test_a_withdrawn_appraisal_does_not_lapse(operator: Actor, at: datetime) -> None:
    appraisal = appraise_usual(at)
    withdraw_appraisal(appraisal=appraisal, reason="wrong", by=operator, at=at)

    with pytest.raises(WrongState):
        lapse_appraisal(appraisal=appraisal, ended=ENDED, by=PLATFORM, at=at)
