from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rulebook.queries import NoPack, get_pack
from exchange.settlement.fees import FeeSchedule
from exchange.settlement.queries import get_fee_schedule, quote_charges
from pricing.money import Money

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("price", "product_type", "fee", "tax", "net"),
    [
        ("1000.00", "DATASET", "25.00", "1.50", "973.50"),
        ("100000.00", "DATASET", "2500.00", "150.00", "97350.00"),
        ("100000.01", "DATASET", "2500.00", "150.00", "97350.01"),
        ("1000000.00", "DATASET", "16000.00", "960.00", "983040.00"),
        ("2000000.00", "DATASET", "24000.00", "1440.00", "1974560.00"),
        ("1000.00", "DATA_SERVICE", "30.00", "1.80", "968.20"),
        ("20.00", "DATASET", "1.00", "0.06", "18.94"),  # the minimum
        ("900000000.00", "DATASET", "300000.00", "18000.00", "899682000.00"),  # the maximum
        ("0.50", "DATASET", "0.47", "0.03", "0.00"),  # less than the minimum: all there is
        ("0.01", "DATASET", "0.01", "0.00", "0.00"),
        ("333.33", "DATASET", "8.33", "0.50", "324.50"),
    ],
)
def test_the_published_schedule_divides_a_price(
    price: str, product_type: str, fee: str, tax: str, net: str
) -> None:
    charges = quote_charges(Money.of(price), product_type, on=DAY)

    assert (charges.fee.text, charges.tax.text, charges.provider_net.text) == (fee, tax, net)
    assert charges.buyer_fee.is_zero
    assert charges.total == charges.price
    assert charges.pack == "fees@2026-11-01"


@given(
    st.integers(min_value=1, max_value=10**15),
    st.sampled_from(["DATASET", "DATA_SERVICE", "MODEL"]),
    st.decimals("0", "0.2", places=4),
    st.decimals("0", "0.3", places=3),
)
def test_parts_sum_exactly_and_are_never_negative(
    fen: int, product_type: str, buyer_rate: Decimal, tax_rate: Decimal
) -> None:
    published = get_fee_schedule(on=DAY)
    buyer = published.fee_for("BUYER", "*")
    charged = replace(
        buyer, tiers=(replace(buyer.tiers[0], rate=buyer_rate),), maximum=Decimal(10**20)
    )
    schedule = replace(published, tax_rate=tax_rate, fees=(*published.fees[:2], charged))
    price = Money(Decimal(fen).scaleb(-2))

    charges = schedule.charge(price, product_type)

    parts = [
        charges.provider_net,
        charges.provider_fee,
        charges.provider_tax,
        charges.buyer_fee,
        charges.buyer_tax,
    ]
    assert all(part == part.quantized() and not part.is_negative for part in parts)
    assert Money.total(parts) == charges.total
    assert charges.total - charges.price == charges.buyer_fee + charges.buyer_tax


@given(st.integers(min_value=1, max_value=10**12))
def test_a_higher_price_never_leaves_the_provider_with_less(fen: int) -> None:
    schedule = get_fee_schedule(on=DAY)

    lower = schedule.charge(Money(Decimal(fen).scaleb(-2)), "DATASET")
    higher = schedule.charge(Money(Decimal(fen + 1).scaleb(-2)), "DATASET")

    assert higher.provider_net >= lower.provider_net - Money.of("0.01")


def test_no_fee_is_charged_before_the_schedule_is_in_force() -> None:
    with pytest.raises(NoPack):
        get_fee_schedule(on=date(2025, 1, 1))


def test_a_currency_the_schedule_does_not_speak_of_is_refused() -> None:
    with pytest.raises(ValueError, match="USD"):
        get_fee_schedule(on=DAY).charge(Money.of("10.00", "USD"), "DATASET")


@pytest.mark.parametrize(
    "tiers",
    [
        [{"up_to": "10", "rate": "0.1"}],
        [{"rate": "0.1"}, {"rate": "0.2"}],
        [{"up_to": "20", "rate": "0.1"}, {"up_to": "10", "rate": "0.1"}, {"rate": "0.1"}],
    ],
)
def test_a_schedule_with_gaps_is_not_loaded(tiers: list[dict[str, str]]) -> None:
    pack = get_pack("fees", on=DAY)
    broken = pack.data | {"fees": [pack.data["fees"][0] | {"tiers": tiers}]}

    with pytest.raises(ValueError, match="tiers"):
        FeeSchedule.from_pack(replace(pack, data=broken))


def test_a_schedule_that_names_no_fee_for_a_side_is_not_loaded() -> None:
    pack = get_pack("fees", on=DAY)

    with pytest.raises(ValueError, match="BUYER"):
        FeeSchedule.from_pack(replace(pack, data=pack.data | {"fees": pack.data["fees"][:2]}))
