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
from pricing.quotes import Quote
from pricing.wording import ADJUSTMENTS, STAGES, quote_line_text


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
            label=quote_line_text(line["code"], document["quantity"]),
            quantity=line["quantity"],
            unit_price=Money(Decimal(line["unit_price"]), currency),
            amount=Money(Decimal(line["amount"]), currency),
        )
        for line in document["lines"]
    ]


@dataclass(frozen=True, kw_only=True)
class PriceStage:
    """One stage of the way from the declared price to what is paid, in words."""

    label: object
    amount: Money
    why: str


def price_stages(document: Mapping[str, Any]) -> list[PriceStage]:
    """Return how the amount of a pinned quote came about; nothing of quotes pinned before that."""
    currency = document["currency"]
    return [
        PriceStage(
            label=STAGES[row["stage"]],
            amount=Money(Decimal(row["amount"]), currency),
            why="; ".join(str(ADJUSTMENTS[name]) for name in row["basis"])
            if row["stage"] == "adjusted"
            else "",
        )
        for row in document.get("pipeline", [])
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
