"""The trade floor over REST: demands, inquiries, orders."""

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.catalog.queries import get_product_for
from exchange.trading import queries, rules, services
from exchange.trading.fields import DEMAND_FIELDS, SCENARIO_FIELDS
from exchange.trading.models import Order

from .amounts import MoneyField
from .contracts import GroundIn
from .fields import described
from .idempotency import KEY_PARAMETER, idempotent, key_of
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view

DemandIn = described("DemandIn", DEMAND_FIELDS)
ScenarioIn = described("ScenarioIn", SCENARIO_FIELDS)


class DemandOut(ActionsOut):
    """Something a buyer looks for."""

    reference = serializers.CharField()
    buyer = serializers.CharField(source="buyer.reference")
    title = serializers.CharField()
    description = serializers.CharField()
    purpose = serializers.CharField()
    budget_amount = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    needed_until = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    posted_at = serializers.DateTimeField()


class InquiryOut(ActionsOut):
    """A question about a product and its answer."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    buyer = serializers.CharField(source="buyer.reference")
    provider = serializers.CharField(source="provider.reference")
    question = serializers.CharField()
    answer = serializers.CharField()
    status = serializers.CharField()
    opened_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class OrderOut(ActionsOut):
    """One purchase, with everything pinned when it was placed."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    release = serializers.CharField(source="release.reference")
    release_sha256 = serializers.CharField()
    buyer = serializers.CharField(source="buyer.reference")
    provider = serializers.CharField(source="provider.reference")
    quantity = serializers.IntegerField()
    price = MoneyField()
    quote = serializers.JSONField()
    scenario = serializers.JSONField()
    contract = serializers.CharField(source="contract.reference", default=None, allow_null=True)
    grant = serializers.CharField(source="grant.reference", default=None, allow_null=True)
    certificate = serializers.CharField(
        source="certificate.reference", default=None, allow_null=True
    )
    status = serializers.CharField()
    placed_at = serializers.DateTimeField()
    accept_until = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)

    def get_allowed_actions(self, row: Order) -> list[str]:
        """Return the steps open to the caller now."""
        return rules.allowed_actions(self.context["actor"], row)


class InquiryIn(StrictSerializer):
    """A question about a listed product."""

    product = serializers.CharField(max_length=24)
    question = serializers.CharField(max_length=4000)


class AnswerIn(StrictSerializer):
    """The provider's answer."""

    answer = serializers.CharField(max_length=4000)


class OrderIn(StrictSerializer):
    """An order: what, how much, for which scenario."""

    product = serializers.CharField(max_length=24)
    quantity = serializers.IntegerField(min_value=1, required=False)
    seen_terms = serializers.CharField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="terms_sha256 of the price you saw; another price is then a conflict",
    )
    negotiation = serializers.CharField(
        max_length=24,
        required=False,
        default="",
        allow_blank=True,
        help_text="reference of a negotiation that ended in an agreed price",
    )
    scenario = ScenarioIn()


class PayIn(StrictSerializer):
    """Payment into escrow."""

    transfer_id = serializers.UUIDField(
        required=False, help_text="made by the caller; without it the Idempotency-Key names it"
    )


class Demands(APIView):
    """The board of what is looked for."""

    permission_classes = [gate("trade")]

    @extend_schema(operation_id="demands_list", tags=["demands"], responses=page_out(DemandOut))
    def get(self, request: Request) -> Response:
        """List open demands, and one's own closed ones."""
        rows = queries.demands_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: DemandOut(row).data)

    @extend_schema(
        operation_id="demands_post", tags=["demands"], request=DemandIn, responses={201: DemandOut}
    )
    def post(self, request: Request) -> Response:
        """Put what you look for on the board."""
        made = services.post_demand(
            demand=as_sent(request), by=actor_of(request), at=timezone.now()
        )
        return Response(DemandOut(made).data, status=status.HTTP_201_CREATED)


class DemandDetail(APIView):
    """One demand."""

    permission_classes = [gate("trade")]

    @extend_schema(operation_id="demands_read", tags=["demands"], responses=DemandOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(DemandOut(queries.get_demand_for(actor_of(request), reference)).data)


CloseDemand = verb_view(
    operation="demands_close",
    summary="Take a demand off the board",
    permission=gate("trade", "review"),
    load=queries.get_demand_for,
    service=services.close_demand,
    argument="demand",
    output=DemandOut,
)


class Inquiries(APIView):
    """Questions of buyers to providers."""

    permission_classes = [gate("trade")]
    look = "inquiries"

    @extend_schema(
        operation_id="inquiries_list", tags=["inquiries"], responses=page_out(InquiryOut)
    )
    def get(self, request: Request) -> Response:
        """List those of one's organization, on either side."""
        rows = queries.inquiries_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: InquiryOut(row).data)

    @extend_schema(
        operation_id="inquiries_open",
        tags=["inquiries"],
        request=InquiryIn,
        responses={201: InquiryOut},
    )
    def post(self, request: Request) -> Response:
        """Ask about a listed product."""
        actor = actor_of(request)
        values = read_input(InquiryIn, request.data)
        made = services.open_inquiry(
            product=get_product_for(actor, values["product"]),
            question=values["question"],
            by=actor,
            at=timezone.now(),
        )
        return Response(InquiryOut(made).data, status=status.HTTP_201_CREATED)


class InquiryDetail(APIView):
    """One question and its answer."""

    permission_classes = [gate("trade")]
    look = "inquiry"

    @extend_schema(operation_id="inquiries_read", tags=["inquiries"], responses=InquiryOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(InquiryOut(queries.get_inquiry_for(actor_of(request), reference)).data)


AnswerInquiry = verb_view(
    operation="inquiries_answer",
    summary="Answer a buyer's question, once",
    permission=gate("list", roles=("PROVIDER",)),
    load=queries.get_inquiry_for,
    service=services.answer_inquiry,
    argument="inquiry",
    takes=AnswerIn,
    output=InquiryOut,
)


class Orders(APIView):
    """Purchases."""

    permission_classes = [gate("trade")]
    look = "orders"

    @extend_schema(operation_id="orders_list", tags=["orders"], responses=page_out(OrderOut))
    def get(self, request: Request) -> Response:
        """List those of one's organization, on either side."""
        actor = actor_of(request)
        rows = queries.orders_visible_to(actor)
        return page_of(rows, request, self, render=lambda row: _order_of(actor, row))

    @extend_schema(
        operation_id="orders_place",
        tags=["orders"],
        request=OrderIn,
        parameters=[KEY_PARAMETER],
        responses={201: OrderOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Order a product: release, price and scenario are pinned, the contract is drafted."""
        actor = actor_of(request)
        values = read_input(OrderIn, request.data)
        made = services.place_order(
            product=get_product_for(actor, values["product"]),
            quantity=values.get("quantity"),
            seen_terms=values["seen_terms"],
            negotiation=queries.get_negotiation_for(actor, values["negotiation"])
            if values["negotiation"]
            else None,
            scenario=as_sent(request, "scenario"),
            by=actor,
            at=timezone.now(),
        )
        return Response(_order(actor, made.reference), status=status.HTTP_201_CREATED)


def _order(actor: Actor, reference: str) -> dict[str, Any]:
    return _order_of(actor, queries.get_order_for(actor, reference))


def _order_of(actor: Actor, row: Order) -> dict[str, Any]:
    return dict(OrderOut(row, context={"actor": actor}).data)


class OrderDetail(APIView):
    """One purchase."""

    permission_classes = [gate("trade")]
    look = "order"

    @extend_schema(operation_id="orders_read", tags=["orders"], responses=OrderOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(_order(actor_of(request), reference))


class PayOrder(APIView):
    """Payment into escrow."""

    permission_classes = [gate("trade", roles=("BUYER",))]

    @extend_schema(
        operation_id="orders_pay",
        tags=["orders"],
        request=PayIn,
        parameters=[KEY_PARAMETER],
        responses=OrderOut,
    )
    @idempotent
    def post(self, request: Request, reference: str) -> Response:
        """Move the price into escrow and open the access; repeated, it pays once."""
        actor = actor_of(request)
        order = queries.get_order_for(actor, reference)
        name = f"{actor.organization}/{reference}/{key_of(request)}"
        named = uuid.uuid5(uuid.NAMESPACE_URL, name)
        transfer_id = read_input(PayIn, request.data).get("transfer_id", named)
        services.pay_order(order=order, transfer_id=transfer_id, by=actor, at=timezone.now())
        return Response(_order(actor, reference))


ORDER_VERBS = {
    "accept": verb_view(
        operation="orders_accept",
        summary="Accept the delivery; settlement follows",
        permission=gate("trade", roles=("BUYER",)),
        load=queries.get_order_for,
        service=services.accept_order,
        argument="order",
        output=OrderOut,
        repeatable=True,
    ),
    "reject": verb_view(
        operation="orders_reject",
        summary="Say that the delivery is not as agreed; the money stays in escrow",
        permission=gate("trade", roles=("BUYER",)),
        load=queries.get_order_for,
        service=services.reject_delivery,
        argument="order",
        takes=GroundIn,
        output=OrderOut,
    ),
    "cancel": verb_view(
        operation="orders_cancel",
        summary="End an order before any money moved",
        permission=gate("trade", "list"),
        load=queries.get_order_for,
        service=services.cancel_order,
        argument="order",
        takes=ReasonIn,
        output=OrderOut,
    ),
    "release": verb_view(
        operation="orders_release",
        summary="Decide a dispute for the provider",
        permission=gate("review", roles=("OPERATOR",)),
        load=queries.get_order_for,
        service=services.release_order,
        argument="order",
        takes=ReasonIn,
        output=OrderOut,
        repeatable=True,
    ),
    "refund": verb_view(
        operation="orders_refund",
        summary="Decide a dispute for the buyer: the escrow returns, the access ends",
        permission=gate("review", roles=("OPERATOR",)),
        load=queries.get_order_for,
        service=services.refund_order,
        argument="order",
        takes=ReasonIn,
        output=OrderOut,
        repeatable=True,
    ),
}
