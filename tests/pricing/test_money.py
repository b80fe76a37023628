"""Money is exact, of one currency, and its parts sum to the whole."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import MINOR_UNITS, CurrencyMismatch, Money

amounts = st.decimals(
    min_value=-(10**14), max_value=10**14, places=2, allow_nan=False, allow_infinity=False
)
weights = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=4), min_size=1, max_size=12
).filter(lambda found: sum(found) > 0)


@pytest.mark.parametrize("wrong", [1.5, 1, "1.50", None, True])
def test_an_amount_is_a_decimal(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money(wrong)


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity"])
def test_an_amount_is_finite(wrong: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(wrong))


@pytest.mark.parametrize("wrong", ["", "RMB", "cny", "XXX"])
def test_a_currency_is_known(wrong: str) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money(Decimal(1), wrong)


@pytest.mark.parametrize("wrong", [0.1, True, None])
def test_reading_refuses_what_is_not_exact(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money.of(wrong)


@pytest.mark.parametrize("wrong", ["", "abc", "1,000", "1.2.3"])
def test_reading_refuses_what_is_no_number(wrong: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.of(wrong)


def test_currencies_do_not_mix() -> None:
    yuan, dollars = Money.of(1), Money.of(1, "USD")

    for mixing in (
        lambda: yuan + dollars,
        lambda: yuan - dollars,
        lambda: yuan < dollars,
        lambda: yuan >= dollars,
        lambda: yuan.ratio_to(dollars),
        lambda: Money.total([yuan, dollars]),
    ):
        with pytest.raises(CurrencyMismatch):
            mixing()
    assert yuan != dollars


@pytest.mark.parametrize("wrong", [0.5, True, Money.of(2)])
def test_factors_are_exact(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money.of(1) * wrong
    with pytest.raises(TypeError):
        Money.of(1) / wrong


@pytest.mark.parametrize("wrong", [1, Decimal(1), 1.0, "1.00 CNY"])
def test_money_is_added_to_money_only(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money.of(1) + wrong
    with pytest.raises(TypeError):
        Money.of(1) < wrong  # noqa: B015  the comparison is what is refused


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "CNY", "0.01"),
        ("0.0049", "CNY", "0.00"),
        ("-0.005", "CNY", "-0.01"),
        ("2.675", "CNY", "2.68"),
        ("1234.5", "JPY", "1235"),
        ("1234.4999", "JPY", "1234"),
    ],
)
def test_rounding_is_half_up_to_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert Money.of(amount, currency).text == rounded


def test_writing_and_reading_back() -> None:
    money = Money.of("1234567.5")

    assert str(money) == "1234567.50 CNY"
    assert money.formatted() == "CNY 1,234,567.50"
    assert Money.parse(str(money)) == money


@pytest.mark.parametrize("wrong", ["1.00", "CNY", "1.00 RMB", ""])
def test_reading_back_needs_amount_and_currency(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Money.parse(wrong)


def test_the_spare_fen_goes_to_whoever_lost_most_then_to_the_first() -> None:
    assert [part.text for part in Money.of("100").allocate([1, 1, 1])] == [
        "33.34",
        "33.33",
        "33.33",
    ]
    assert [part.text for part in Money.of("0.05").allocate([3, 7])] == ["0.02", "0.03"]
    assert [part.text for part in Money.of("-100").allocate([1, 1, 1])] == [
        "-33.34",
        "-33.33",
        "-33.33",
    ]


@pytest.mark.parametrize("wrong", [[], [0, 0], [-1, 2]])
def test_weights_are_sensible(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money.of(1).allocate(wrong)


@given(amount=amounts, shares=weights, currency=st.sampled_from(sorted(MINOR_UNITS)))
def test_parts_sum_to_the_whole_and_are_within_a_minor_unit_of_their_share(
    amount: Decimal, shares: list[Decimal], currency: str
) -> None:
    whole = Money(amount, currency).quantized()

    parts = whole.allocate(shares)

    assert Money.total(parts, currency) == whole
    for part, share in zip(parts, shares, strict=True):
        wanted = Fraction(whole.amount) * Fraction(share) / Fraction(sum(shares))
        assert abs(Fraction(part.amount) - wanted) < Fraction(whole.minor_unit)
        assert part.quantized() == part


@given(amounts, amounts, amounts)
def test_adding_is_exact_in_any_order(a: Decimal, b: Decimal, c: Decimal) -> None:
    one, two, three = Money(a), Money(b), Money(c)

    assert (one + two) + three == one + (two + three) == three + two + one
    assert one - one == Money.zero()
    assert one + two - two == one


@given(amounts)
def test_rounding_moves_by_half_a_unit_at_most(amount: Decimal) -> None:
    finer = Money(amount / 7)

    assert abs(finer - finer.quantized()).amount <= finer.minor_unit / 2


@given(amounts)
def test_text_is_read_back_as_the_same_amount(amount: Decimal) -> None:
    assert Money.parse(str(Money(amount))) == Money(amount)
