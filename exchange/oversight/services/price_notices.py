"""Mails about announced prices: to the provider, subscribers, and who asked or ordered lately.

A mail says why the price moves, in the reader's language. Nobody learns of anybody else from it.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.parties.models import User
from exchange.trading.circumstances import VOID
from exchange.trading.models import Inquiry, Order
from exchange.trading.states import OrderState
from pricing.adjustment.events import PriceStepAnnounced, PriceStepProposed
from pricing.adjustment.models import PriceStep
from pricing.adjustment.wording import explain

from .notices import acting_for, link_to, send_notice

ASKED_WITHIN: Final = timedelta(days=90)


def tell_of_price(*, entry: Entry, event: PriceStepAnnounced, at: datetime) -> int:
    """Tell everybody concerned that a price will change; return how many mails were sent."""
    step = PriceStep.objects.get(reference=event.price_step)
    product = Product.objects.get(reference=step.asset)
    sent = _send(entry, step, product, product.provider_id, f"provider/products/{step.asset}/")
    for buyer in sorted(concerned_buyers(product, at=at)):
        sent += _send(entry, step, product, buyer, f"market/{step.asset}/")
    return sent


def ask_for_consent(*, entry: Entry, event: PriceStepProposed) -> int:
    """Tell the provider that a step needs its yes; return how many mails were sent."""
    step = PriceStep.objects.get(reference=event.price_step)
    if not step.needs_consent:
        return 0
    product = Product.objects.get(reference=step.asset)
    path = f"provider/products/{step.asset}/adjustment/"
    return _send(entry, step, product, product.provider_id, path)


def concerned_buyers(product: Product, *, at: datetime) -> set[int]:
    """Return the organizations with a running contract, an open order or a recent inquiry."""
    orders = Order.objects.filter(product=product).exclude(status__in=VOID)
    running = orders.filter(contract__term_until__gt=at)
    placed = orders.filter(status__in=[OrderState.PLACED, OrderState.CONTRACTED])
    asked = Inquiry.objects.filter(product=product, opened_at__gt=at - ASKED_WITHIN)
    return {
        buyer for rows in (running, placed, asked) for buyer in rows.values_list("buyer", flat=True)
    }


def _send(entry: Entry, step: PriceStep, product: Product, organization: int, path: str) -> int:
    members = acting_for(organization)
    for member in members:
        send_notice(member.user, entry, _words(member.user, step, product, path))
    return len(members)


def _words(user: User, step: PriceStep, product: Product, path: str) -> tuple[str, str]:
    with translation.override(user.language):
        said = {
            "exchange": settings.EXCHANGE_NAME,
            "name": product.name,
            "product": product.reference,
            "day": f"{step.effective_at:%Y-%m-%d}",
            "why": "\n".join(explain(step)),
            "link": link_to(path),
        }
        if not step.announced_at:
            return _("%(exchange)s: a price step of %(product)s waits for you") % said, _(
                "For your product %(name)s (%(product)s) a price step was worked out that needs "
                "your consent by %(day)s:\n\n%(why)s\n\nWithout it the price stays:\n%(link)s"
            ) % said
        return _("%(exchange)s: the price of %(product)s changes") % said, _(
            "The price of %(name)s (%(product)s) changes on %(day)s unless its provider "
            "declines:\n\n%(why)s\n\nContracts and quotes that bind keep their price:\n%(link)s"
        ) % said
