"""The buyer's overview: what waits for it, in the order in which it presses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchange.delivery.queries import grants_visible_to
from exchange.delivery.states import GrantState
from exchange.settlement.queries import balance_of
from exchange.trading.models import Order
from exchange.trading.queries import (
    demands_visible_to,
    inquiries_visible_to,
    orders_visible_to,
)
from exchange.trading.states import ContractState, InquiryState, OrderState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.trade import OwnPage, way

WAITING_COLUMNS = (
    Column(label=gettext_lazy("To do")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("Other side")),
    Column(label=gettext_lazy("Price"), number=True),
    Column(label=gettext_lazy("Until")),
)
ANSWER_COLUMNS = (
    Column(label=gettext_lazy("Question")),
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Answer")),
    Column(label=gettext_lazy("Answered")),
)
MOST_WAITING = 50
MOST_ANSWERS = 5


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits for the buyer."""

    todo: Link
    order: Order
    until: datetime | None = None


class Overview(OwnPage):
    """What waits for the buyer."""

    roles = ("BUYER",)
    template_name = "buyer/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = self.actor.organization
        orders = orders_visible_to(self.actor).filter(buyer__reference=own)
        open_orders = orders.filter(
            status__in=[
                OrderState.PLACED,
                OrderState.CONTRACTED,
                OrderState.DELIVERING,
                OrderState.DELIVERED,
            ]
        ).order_by("placed_at", "pk")
        waiting = [w for order in open_orders[:MOST_WAITING] for w in _waiting(order)]
        waiting.sort(key=lambda one: (one.until is None, one.until or one.order.placed_at))
        grants = grants_visible_to(self.actor).filter(
            grantee__reference=own, status=GrantState.OPEN
        )
        inquiries = inquiries_visible_to(self.actor).filter(buyer__reference=own)
        answered = inquiries.filter(status=InquiryState.ANSWERED).order_by("-answered_at", "-pk")
        return super().get_context_data(**kwargs) | {
            "head": self._head(),
            "balance": balance_of(own),
            "left": sum(grant.left_downloads for grant in grants),
            "grants_url": way("buyer_grants"),
            "orders_url": way("buyer_orders"),
            "account_url": way("buyer_account"),
            "inquiries_url": way("buyer_inquiries"),
            "demands_url": way("buyer_demands"),
            "open_orders": open_orders.count(),
            "unanswered": inquiries.filter(status=InquiryState.OPEN).count(),
            "demands": demands_visible_to(self.actor)
            .filter(buyer__reference=own, status="POSTED")
            .count(),
            "waiting": waiting,
            "waiting_columns": WAITING_COLUMNS,
            "answers": answered[:MOST_ANSWERS],
            "answer_columns": ANSWER_COLUMNS,
            "market_action": Action(label=_("To the market"), url=way("market"), post=False),
        }

    def _head(self) -> Head:
        return Head(
            title=_("Overview"),
            summary=_("What waits for you, the most pressing first."),
            actions=[
                Action(label=_("Find data"), url=way("market"), post=False, icon="search"),
                Action(label=_("Post a demand"), url=way("demand_new"), post=False),
            ],
        )


def _waiting(order: Order) -> Iterator[Waiting]:
    """Yield what an order waits for from its buyer."""
    page = way("order", order.reference)
    match order.status:
        case OrderState.PLACED if order.contract.status != ContractState.SIGNED_BY_BUYER:
            url = way("contract", order.contract.reference)
            yield Waiting(todo=Link(label=_("Read and sign the contract"), url=url), order=order)
        case OrderState.CONTRACTED:
            until = order.price_guaranteed_until
            yield Waiting(
                todo=Link(label=_("Pay into escrow"), url=way("order_pay", order.reference)),
                order=order,
                until=until,
            )
        case OrderState.DELIVERING if order.grant is not None and order.grant.left_downloads:
            count = order.grant.left_downloads
            words = ngettext(
                "Fetch the file: %(count)d left", "Fetch the file: %(count)d left", count
            )
            url = way("grant", order.grant.reference)
            yield Waiting(
                todo=Link(label=words % {"count": count}, url=url),
                order=order,
                until=order.grant.valid_until,
            )
        case OrderState.DELIVERED:
            yield Waiting(
                todo=Link(label=_("Accept or reject the delivery"), url=page),
                order=order,
                until=order.accept_until,
            )


urlpatterns = [
    path("buyer/", Overview.as_view(), name="buyer_overview"),
]
