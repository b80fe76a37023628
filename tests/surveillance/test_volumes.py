"""What is small each time and large together."""

import pytest

from exchange.oversight.surveillance.invented.history import History, moment

from .making import found

SPLIT, TINY, CORNERING = "R-SPLIT-EXPORTS", "R-TINY-SALES", "R-CORNERING"


def exports(*persons: int, step: float = 30, exempt: bool = True) -> History:
    history = History()
    for number, count in enumerate(persons):
        at = moment(step * number)
        history.export("A", "Abroad", at=at, ordinary=count, exempt=exempt)
    return history


def test_exports_that_reach_the_line_together_are_found() -> None:
    (finding,) = found(exports(40_000, 40_000, 20_000), SPLIT)

    assert finding.figures["persons"] == 100_000
    assert finding.measured == 1.0


@pytest.mark.parametrize(
    "history",
    [
        exports(40_000, 40_000, 19_999),
        exports(60_000, 60_000),
        exports(40_000, 40_000, 40_000, step=183),
        exports(40_000, 40_000, 40_000, exempt=False),
        exports(100_000, 1, 1),
    ],
    ids=["below", "two", "over years", "under a contract", "not small each"],
)
def test_exports_just_missed(history: History) -> None:
    assert found(history, SPLIT) == []


def test_sisters_that_export_to_sisters_count_together() -> None:
    history = History()
    for number in range(3):
        history.owns("Parent", f"A{number}", 1.0)
        history.owns("Abroad", f"R{number}", 1.0)
        history.export(f"A{number}", f"R{number}", at=moment(number), sensitive=4_000)

    (finding,) = found(history, SPLIT)
    assert finding.figures["exporters"] == 3
    assert finding.figures["sensitive_persons"] == 12_000


def sales(*persons: int, kind: str = "other", halved: bool = False, step: float = 20) -> History:
    history = History()
    for number, count in enumerate(persons):
        history.order(
            "B", f"S{number}", 900, at=moment(step * number), halved=halved, **{kind: count}
        )
    return history


@pytest.mark.parametrize(
    "history",
    [
        sales(2_000, 2_000, 1_000),
        sales(200, 200, 100, kind="medium"),
        sales(20, 20, 10, kind="severe"),
        sales(1_000, 1_000, 500, halved=True),
    ],
    ids=["5,000 others", "500", "50", "half in service"],
)
def test_small_sales_that_reach_the_criminal_line_are_found(history: History) -> None:
    (finding,) = found(history, TINY)

    assert finding.measured == 1.0
    assert finding.figures["line_percent"] == 100.0


def test_classes_are_mixed_pro_rata() -> None:
    history = History()
    history.order("B", "S", 900, at=moment(0), severe=20)
    history.order("B", "S", 900, at=moment(1), medium=200)
    history.order("B", "S", 900, at=moment(2), other=1_000)

    assert found(history, TINY)[0].measured == 1.0


@pytest.mark.parametrize(
    "history",
    [
        sales(2_000, 2_000, 999),
        sales(3_000, 3_000),
        sales(4_000, 4_000, 500),
        sales(2_000, 2_000, 2_000, step=183),
    ],
    ids=["below", "two sales", "each large: the gate of each looks", "over years"],
)
def test_small_sales_just_missed(history: History) -> None:
    assert found(history, TINY) == []


def test_straw_buyers_of_one_group_count_together() -> None:
    history = History()
    for number in range(3):
        history.owns("Broker", f"B{number}", 0.3)
        history.order(f"B{number}", "S", 900, at=moment(number), other=1_700)

    (finding,) = found(history, TINY)
    assert finding.figures["buyers"] == 3
    assert finding.organizations == ("B0", "B1", "B2", "S")


def bought(own: int, others: int, *, before: int = 6, own_before: int = 0) -> History:
    history = History()
    for number in range(before):
        history.order(f"O{number}", "S", 100, market="m", at=moment(number))
    for number in range(own_before):
        history.order("Big", "S", 100, market="m", at=moment(number))
    for number in range(own):
        history.order("Big", "S", 100, market="m", at=moment(100 + number))
    for number in range(others):
        history.order(f"O{number}", "S", 100, market="m", at=moment(100 + number))
    return history


def test_a_market_bought_up_is_found() -> None:
    (finding,) = found(bought(12, 8), CORNERING)

    assert finding.figures["share_percent"] == 60.0
    assert finding.figures["buyers_before"] == 6


@pytest.mark.parametrize(
    "history",
    [bought(11, 8), bought(12, 9), bought(12, 8, before=4), bought(12, 8, own_before=3)],
    ids=["thin", "share", "few buyers before", "large before"],
)
def test_cornering_just_missed(history: History) -> None:
    assert found(history, CORNERING) == []
