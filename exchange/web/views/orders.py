"""Orders of both sides: placed with a scenario, then signed, paid, accepted or rejected."""

import json
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.oversight.queries import timeline
from exchange.settlement.queries import balance_of
from exchange.trading import queries, services
from exchange.trading.models import Order
from exchange.trading.rules import side_of, why_not_act_as_buyer, why_not_cancel
from exchange.trading.states import ORDER, OrderState, Side
from exchange.web.components import Column, Head
from exchange.web.concerned import named_in
from exchange.web.evidence import evidence_action
from exchange.web.forms.trade import GroundForm, PayForm, ReasonForm, StatusFilter
from exchange.web.pages import ActPage
from exchange.web.paging import paginate
from exchange.web.pricing_lines import charges_of, price_stages, quote_lines
from exchange.web.scenes import scenario_rows
from exchange.web.spreadsheet import csv_response
from exchange.web.steps import order_actions, what_waits
from exchange.web.trade import (
    OwnPage,
    SharedForm,
    SharedPage,
    links,
    moments_of_trail,
    since_in_log,
    way,
)

ORDER_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=pgettext_lazy("purchase", "Order")),
    Column(label=gettext_lazy("Other side")),
    Column(label=gettext_lazy("Price"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Contract")),
    Column(label=gettext_lazy("Placed")),
)
LINE_COLUMNS = (
    Column(label=gettext_lazy("Item")),
    Column(label=gettext_lazy("Quantity"), number=True),
    Column(label=gettext_lazy("Unit price"), number=True),
    Column(label=gettext_lazy("Amount"), number=True),
)
LARGEST_EXPORT = 10_000


class Orders(OwnPage):
    """The orders of one side, each with its contract."""

    template_name = "orders/list.html"
    side: ClassVar[str]
    summary: ClassVar[Any]
    empty: ClassVar[Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or hand it over as a table."""
        if request.GET.get("format") == "csv":
            return csv_response("orders.csv", _order_head(), map(_order_cells, self._rows()))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "head": Head(title=_("Orders and contracts"), summary=self.summary),
            "filters": StatusFilter(self.request.GET, choices=OrderState.choices),
            "page": paginate(self._rows(), self.request.GET),
            "columns": ORDER_COLUMNS,
            "side": self.side,
            "empty": self.empty,
        }

    def _rows(self) -> Any:
        own = {f"{self.side}__reference": self.actor.organization}
        rows = queries.orders_visible_to(self.actor).filter(**own)
        status = self.request.GET.get("status", "")
        return rows.filter(status=status) if status in OrderState.values else rows


def _order_head() -> list[object]:
    return [
        pgettext("purchase", "Order"),
        _("Product"),
        _("Name"),
        _("Buyer"),
        _("Provider"),
        _("Price"),
        _("Currency"),
        _("Status"),
        _("Contract"),
        _("Placed"),
    ]


def _order_cells(order: Order) -> list[Any]:
    return [
        order.reference,
        order.product.reference,
        order.product.name,
        order.buyer.name,
        order.provider.name,
        order.amount,
        order.currency,
        str(order.get_status_display()),
        order.contract.reference,
        order.placed_at,
    ]


class BuyerOrders(Orders):
    """What one's organization ordered."""

    roles = ("BUYER",)
    side = "buyer"
    summary = gettext_lazy("What you ordered, under which contract, and how far it is.")
    empty = gettext_lazy("You ordered nothing yet. Find a product on the market.")


class ProviderOrders(Orders):
    """What was ordered of one's organization."""

    roles = ("PROVIDER",)
    side = "provider"
    summary = gettext_lazy("What was ordered of you, under which contract, and how far it is.")
    empty = gettext_lazy("Nobody ordered yet. Orders appear here as soon as they are placed.")


class OfOrder(SharedPage):
    """A page about one order."""

    room = "orders"
    look = "order"
    order: Order

    def load(self, **kwargs: Any) -> None:
        self.order = queries.get_order_for(self.actor, kwargs["reference"])
        self.stand(buyer=self.order.buyer.reference, provider=self.order.provider.reference)

    @property
    def own_url(self) -> str:
        """The order's page."""
        return reverse("order", args=[self.order.reference])


class OrderPage(OfOrder):
    """One order with its whole course."""

    template_name = "orders/order.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.order
        after = self.request.GET.get("after", "")
        trail = timeline(
            self.actor,
            "order",
            order.reference,
            after=int(after) if after.isdecimal() and len(after) < 16 else None,  # noqa: PLR2004  of any log
        )
        side = side_of(self.actor, order)
        return super().get_context_data(**kwargs) | {
            "order": order,
            "head": self._head(),
            "lifecycle": ORDER,
            "waits": what_waits(order, self.actor),
            "is_buyer": side == Side.BUYER,
            "lines": quote_lines(order.quote),
            "stages": price_stages(order.quote),
            "line_columns": LINE_COLUMNS,
            "charges": charges_of(order, self.now),
            "scenario": scenario_rows(order.scenario),
            "certificate": getattr(order, "certificate", None),
            "certificate_url": _certificate_url(order),
            "algorithms": named_in(json.loads(order.contract.document)),
            "moments": moments_of_trail(trail, self.actor),
            "later": trail.cursor,
            "log_url": way("log_public"),
            "is_final": order.status in ORDER.final,
        }

    def _head(self) -> Head:
        order = self.order
        return Head(
            title=order.product.name,
            kind=pgettext("purchase", "Order"),
            reference=order.reference,
            status=order.status,
            status_label=order.get_status_display(),
            since=since_in_log("order", order.reference, "trading.order."),
            actions=[
                *order_actions(order, self.actor, self.now),
                *evidence_action(self.actor, "ORDER", order.reference),
            ],
            crumbs=links((_("Orders and contracts"), str(getattr(self.request, "place", "")))),
            why=links(
                (_("Contract"), way("contract", order.contract.reference)),
                (_("Access"), way("grant", order.grant.reference) if order.grant else ""),
                (_("Trade certificate"), _certificate_url(order)),
                (_("Product"), way("product", order.product.reference)),
                (_("Timeline"), "#timeline"),
            ),
        )


def _certificate_url(order: Order) -> str:
    certificate = getattr(order, "certificate", None)
    return way("certificate", certificate.reference) if certificate else ""


class OrderForm(SharedForm, OfOrder):
    """A form about one order; it says first whether the actor may."""

    template_name = "orders/act.html"
    title: ClassVar[Any]
    summary: ClassVar[Any] = ""
    button: ClassVar[Any]
    danger: ClassVar[bool] = False

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := self.why_not(self.actor, self.order):
            raise NotAllowed(refusal)

    def why_not(self, actor: Actor, order: Order) -> str | None:
        """Return why this actor does not do this."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.order
        head = Head(
            title=self.title,
            kind=pgettext("purchase", "Order"),
            reference=order.reference,
            status=order.status,
            status_label=order.get_status_display(),
            summary=self.summary,
            crumbs=links(
                (_("Orders and contracts"), str(getattr(self.request, "place", ""))),
                (order.product.name, self.own_url),
            ),
        )
        context = super().get_context_data(head=head, order=order, **kwargs)
        return context | {"button": self.button, "danger": self.danger, "back_url": self.own_url}


class PayOrder(OrderForm):
    """Payment into escrow, once per form shown."""

    template_name = "orders/pay.html"
    form_class = PayForm
    title = gettext_lazy("Pay into escrow")
    button = gettext_lazy("Pay into escrow")
    done = gettext_lazy("Paid into escrow. The access is open.")

    def why_not(self, actor: Actor, order: Order) -> str | None:
        return why_not_act_as_buyer(actor, order)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form while there is something to pay."""
        if self.order.status != OrderState.CONTRACTED:
            return HttpResponseRedirect(self.own_url)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.order
        charges = charges_of(order, self.now)
        due = charges.total if charges else order.price
        balance = balance_of(order.buyer.reference, order.currency)
        return super().get_context_data(**kwargs) | {
            "charges": charges,
            "due": due,
            "balance": balance,
            "left": balance.available - due,
            "is_short": balance.available < due,
            "account_url": way("buyer_account"),
        }

    def act(self, form: forms.Form) -> str:
        services.pay_order(
            order=self.order,
            transfer_id=form.cleaned_data["transfer_id"],
            by=self.actor,
            at=self.now,
        )
        return self.own_url


class AcceptOrder(ActPage, OfOrder):
    """Acceptance; settlement follows by itself."""

    done = gettext_lazy("Delivery accepted. The exchange pays the provider now.")

    def act(self) -> str:
        services.accept_order(order=self.order, by=self.actor, at=self.now)
        return self.own_url


class RejectDelivery(OrderForm):
    """Saying that a delivery is not as agreed."""

    form_class = GroundForm
    title = gettext_lazy("Reject the delivery")
    summary = gettext_lazy(
        "The money stays in escrow until the operator has decided between you and the provider. "
        "Both read what you write here."
    )
    button = gettext_lazy("Reject the delivery")
    danger = True
    done = gettext_lazy("Rejected. The operator decides; the money stays in escrow until then.")

    def why_not(self, actor: Actor, order: Order) -> str | None:
        return why_not_act_as_buyer(actor, order)

    def act(self, form: forms.Form) -> str:
        services.reject_delivery(
            order=self.order,
            ground=form.cleaned_data["ground"],
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return self.own_url


class CancelOrder(OrderForm):
    """Leaving before any money moved."""

    form_class = ReasonForm
    title = gettext_lazy("Cancel the order")
    summary = gettext_lazy(
        "No money has moved, so nothing is owed. The contract lapses; the other side reads why."
    )
    button = gettext_lazy("Cancel the order")
    danger = True
    done = gettext_lazy("The order is cancelled.")

    def why_not(self, actor: Actor, order: Order) -> str | None:
        return why_not_cancel(actor, order)

    def act(self, form: forms.Form) -> str:
        reason = form.cleaned_data["reason"]
        services.cancel_order(order=self.order, reason=reason, by=self.actor, at=self.now)
        return self.own_url


urlpatterns = [
    path("buyer/orders/", BuyerOrders.as_view(), name="buyer_orders"),
    path("provider/orders/", ProviderOrders.as_view(), name="provider_orders"),
    path("orders/<str:reference>/", OrderPage.as_view(), name="order"),
    path("orders/<str:reference>/pay/", PayOrder.as_view(), name="order_pay"),
    path("orders/<str:reference>/accept/", AcceptOrder.as_view(), name="order_accept"),
    path("orders/<str:reference>/reject/", RejectDelivery.as_view(), name="order_reject"),
    path("orders/<str:reference>/cancel/", CancelOrder.as_view(), name="order_cancel"),
]
