"""What was concluded, and what is asked, as the market picture reads it."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from exchange.catalog.models import Product
from exchange.catalog.states import ProductState
from pricing.market_picture import Deal, Dispersion, Picture, disperse, paint
from pricing.money import DEFAULT_CURRENCY
from pricing.queries import current_appraisals, current_plans
from pricing.rules import asking_price

from .models import Order


def market_picture(on: date) -> Picture:
    """Return what of the concluded trades may be published on a day."""
    return paint(concluded_deals(), on=on)


def concluded_deals() -> list[Deal]:
    """Return every settled order in the exchange's currency, at the price of one unit.

    Orders that were refunded later stay: a published figure never changes.
    """
    rows = Order.objects.filter(settled_at__isnull=False, currency=DEFAULT_CURRENCY).values_list(
        "product__industry",
        "product__product_type",
        "plan__kind",
        "settled_at",
        "amount",
        "quantity",
        "release__rows",
        "provider__reference",
        "buyer__reference",
    )
    return [
        Deal(
            industry=industry,
            product_type=product_type,
            price_kind=kind or "",
            concluded_on=timezone.localdate(settled_at),
            price=amount / Decimal(quantity),
            rows=size,
            seller=seller,
            buyer=buyer,
        )
        for industry, product_type, kind, settled_at, amount, quantity, size, seller, buyer in rows
    ]


def ask_dispersion() -> Dispersion:
    """Return how the asking prices on the market stand to the appraised bands beside them."""
    listed = list(Product.objects.filter(status=ProductState.LISTED).select_related("current"))
    references = [product.reference for product in listed]
    plans, appraisals = current_plans(references), current_appraisals(references)
    asks = []
    for product in listed:
        plan, band = plans.get(product.reference), appraisals.get(product.reference)
        if plan is None or band is None or product.current is None:
            continue
        ask = asking_price(plan, rows=product.current.rows, size=product.current.size)
        if ask.currency == band.currency:
            asks.append((ask.amount, band.low_amount, band.mid_amount, band.high_amount))
    return disperse(asks)
