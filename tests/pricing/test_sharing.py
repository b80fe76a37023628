"""Revenue sharing, worked by hand to the fen."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money
from pricing.sharing import (
    BadShare,
    Basis,
    Cut,
    CutKind,
    RevenueShare,
    contribution_weights,
    split_revenue,
)
from pricing.value_wording import share_fault_text

BROKER = Cut(party="BROKER", kind=CutKind.RATE, value=Decimal("0.10"))
CLEANER = Cut(party="CLEANER", kind=CutKind.FIXED, value=Decimal("50.00"))
SHARE = RevenueShare(
    cuts=(CLEANER, BROKER),
    weights={"A": Decimal("0.5"), "B": Decimal("0.3"), "C": Decimal("0.2")},
    basis=Basis.DECLARED,
)
CROWD = {f"P{n}": Decimal(0) for n in range(49)} | {"A": Decimal(1)}


def paid(net: str, share: RevenueShare = SHARE) -> dict[str, str]:
    return {item.party: item.amount.text for item in split_revenue(Money.of(net), share)}


def test_cuts_first_and_the_rest_by_weight() -> None:
    assert paid("1000.00") == {
        "CLEANER": "50.00",
        "BROKER": "100.00",
        "A": "425.00",
        "B": "255.00",
        "C": "170.00",
    }


def test_a_fen_that_cannot_be_divided_goes_to_the_largest_remainder() -> None:
    thirds = RevenueShare(
        cuts=(),
        weights={"A": Decimal("0.333333"), "B": Decimal("0.333333"), "C": Decimal("0.333334")},
        basis=Basis.DECLARED,
    )

    assert paid("100.00", thirds) == {"A": "33.33", "B": "33.33", "C": "33.34"}
    assert paid("0.01", thirds) == {"A": "0.00", "B": "0.00", "C": "0.01"}


def test_a_net_that_does_not_suffice_pays_in_order() -> None:
    found = split_revenue(Money.of("52.00"), SHARE)

    assert [(item.party, item.amount.text, item.is_short) for item in found] == [
        ("CLEANER", "50.00", False),
        ("BROKER", "2.00", True),
        ("A", "0.00", False),
        ("B", "0.00", False),
        ("C", "0.00", False),
    ]


def test_nothing_is_divided_into_nothing() -> None:
    assert set(paid("0.00").values()) == {"0.00"}


def test_a_loss_is_not_shared() -> None:
    with pytest.raises(ValueError, match="loss"):
        split_revenue(Money.of("-1.00"), SHARE)


@given(
    net=st.integers(0, 10**12),
    parts=st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any),
    rate=st.integers(1, 98),
    fixed=st.integers(1, 10**7),
)
def test_the_portions_add_up_and_no_party_is_off_by_a_fen(
    net: int, parts: list[int], rate: int, fixed: int
) -> None:
    weights = contribution_weights({f"P{n}": Decimal(part) for n, part in enumerate(parts)})
    share = RevenueShare(
        cuts=(
            replace(BROKER, value=Decimal(rate) / 100),
            replace(CLEANER, value=Decimal(fixed) / 100),
        ),
        weights=weights,
        basis=Basis.COST,
    )
    whole = Money(Decimal(net) / 100)

    found = split_revenue(whole, share)

    assert Money.total(item.amount for item in found) == whole
    assert all(not item.amount.is_negative for item in found)
    rest = whole.amount - found[0].amount.amount - found[1].amount.amount
    for item in found[2:]:
        assert abs(item.amount.amount - rest * weights[item.party]) < Decimal("0.02")
    assert RevenueShare.from_document(share.as_document()) == share


def test_weights_of_contributions_add_up_to_one_and_harm_is_worth_nothing() -> None:
    weights = contribution_weights(
        dict(zip("ABCD", map(Decimal, ("0.2", "0.1", "-0.05", "0")), strict=True))
    )

    assert weights == {
        "A": Decimal("0.666667"),
        "B": Decimal("0.333333"),
        "C": Decimal(0),
        "D": Decimal(0),
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weights": {}}, "parties_out_of_range"),
        (
            {"weights": {f"P{n}": Decimal(0) for n in range(49)} | {"A": Decimal(1)}},
            "parties_out_of_range",
        ),
        ({"weights": {"A": Decimal("0.5"), "B": Decimal("0.4")}}, "weights_not_one"),
        ({"weights": {"A": Decimal("1.5"), "B": Decimal("-0.5")}}, "weight_negative"),
        ({"weights": {"A": Decimal("NaN")}}, "weight_negative"),
        ({"weights": {"BROKER": Decimal(1)}}, "party_twice"),
        ({"cuts": (BROKER, BROKER)}, "party_twice"),
        ({"cuts": (replace(BROKER, value=Decimal(0)),)}, "cut_not_positive"),
        ({"cuts": (replace(BROKER, value=Decimal("Infinity")),)}, "cut_not_positive"),
        ({"cuts": (replace(BROKER, value=Decimal(1)),)}, "rates_take_all"),
    ],
)
def test_a_division_that_cannot_be_carried_out(change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadShare) as refused:
        replace(SHARE, **change)

    assert refused.value.code == code
    assert_said_in_both_languages(refused.value)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "nobody_contributed"),
        ({"A": Decimal(0), "B": Decimal(-1)}, "nobody_contributed"),
        ({"A": Decimal("nan")}, "contribution_not_finite"),
        ({"A": Decimal("inf")}, "contribution_not_finite"),
    ],
)
def test_contributions_that_give_no_weights(values: dict[str, Decimal], code: str) -> None:
    with pytest.raises(BadShare) as refused:
        contribution_weights(values)

    assert refused.value.code == code
    assert_said_in_both_languages(refused.value)


def assert_said_in_both_languages(fault: BadShare) -> None:
    with translation.override("en"):
        english = share_fault_text(fault)
    with translation.override("zh-hans"):
        chinese = share_fault_text(fault)
    assert english != chinese
    assert "%(" not in english + chinese
