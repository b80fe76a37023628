"""How a price comes about, line by line, for the pages of a trade."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from audit.rulebook.queries import day_of
from exchange.settlement.fees import Charges
from exchange.settlement.queries import get_fee_schedule_by_label, quote_charges
from exchange.trading.models import Order
from pricing.money import Money
from pricing.plans import Quote
from pricing.wording import QUOTE_LINES


@dataclass(frozen=True, kw_only=True)
class PriceLine:
    """One line of a quote in words."""

    label: object
    quantity: int
    unit_price: Money
    amount: Money


def quote_lines(quote: Quote | Mapping[str, Any]) -> list[PriceLine]:
    """Return the lines of a quote, of today or as it was pinned to an order."""
    document = quote.as_document() if isinstance(quote, Quote) else quote
    currency = document["currency"]
    return [
        PriceLine(
            label=QUOTE_LINES.get(line["code"], line["code"]),
            quantity=line["quantity"],
            unit_price=Money(Decimal(line["unit_price"]), currency),
            amount=Money(Decimal(line["amount"]), currency),
        )
        for line in document["lines"]
    ]


def charges_of(order: Order, at: datetime) -> Charges | None:
    """Return what the order costs each side: by the schedule its hold is pinned to, or today's.

    What is free of charge costs nobody anything.
    """
    if order.price.is_zero:
        return None
    kind = order.product.product_type
    if order.hold is not None:
        return get_fee_schedule_by_label(order.hold.fee_pack).charge(order.price, kind)
    return quote_charges(order.price, kind, on=day_of(at))
