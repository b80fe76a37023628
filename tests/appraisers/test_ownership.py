"""Shareholdings are followed upwards, however long the chain, and never in circles."""

import pytest

from exchange.appraisers.ownership import Ownership


@pytest.mark.parametrize(
    ("stakes", "tie"),
    [
        ([], ""),
        ([("A", "P")], "OWNS"),
        ([("A", "X"), ("X", "Y"), ("Y", "P")], "OWNS"),
        ([("P", "A")], "OWNED"),
        ([("P", "X"), ("X", "A")], "OWNED"),
        ([("G", "A"), ("G", "P")], "COMMON"),
        ([("G", "X"), ("X", "A"), ("G", "Y"), ("Y", "P")], "COMMON"),
        ([("G", "A"), ("H", "P")], ""),
        ([("A", "X"), ("P", "X")], ""),
        ([("A", "B"), ("B", "A")], ""),
        ([("A", "P"), ("P", "A")], "OWNS"),
    ],
)
def test_ties(stakes: list[tuple[str, str]], tie: str) -> None:
    assert Ownership.of(stakes).tie("A", "P") == tie


def test_a_circle_does_not_run_for_ever() -> None:
    ring = Ownership.of([("A", "B"), ("B", "C"), ("C", "A")])

    assert ring.behind("A") == {"B", "C"}
