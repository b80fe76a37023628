"""Negotiation of a price over REST: offers, answers, and what others agreed on."""

from collections.abc import Callable
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
from exchange.trading.models import Negotiation
from exchange.trading.states import DiscountReason

from .amounts import MoneyField
from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ActionsOut, StrictSerializer, page_out, read_input
from .verbs import verb_view


class OfferIn(StrictSerializer):
    """A price for the whole quantity, why it is lower, and the day until which it binds."""

    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    quantity = serializers.IntegerField(min_value=1, required=False, default=None, allow_null=True)
    reason = serializers.ChoiceField(DiscountReason.choices)
    note = serializers.CharField(max_length=1000, help_text="how the reason is met")
    binding_on = serializers.DateField(help_text="the last day on which the offer binds")


class NegotiationIn(OfferIn):
    """The first offer, by a buyer."""

    product = serializers.CharField(max_length=24)
    scenario = serializers.CharField(
        max_length=400, help_text="one of the scenarios that the provider permits"
    )


class CounterIn(OfferIn):
    """Another offer in answer to the one of `round`."""

    round = serializers.IntegerField(min_value=1, help_text="the offer that was read")


class RoundIn(StrictSerializer):
    """The offer that was read."""

    round = serializers.IntegerField(min_value=1)


class RefuseIn(RoundIn):
    """Why not."""

    reason = serializers.CharField(max_length=2000)


class OfferOut(serializers.Serializer[Any]):
    """One offer, as it was made."""

    number = serializers.IntegerField()
    side = serializers.CharField()
    price = MoneyField()
    quantity = serializers.IntegerField()
    reason = serializers.CharField()
    note = serializers.CharField()
    binding_until = serializers.DateTimeField()
    offered_at = serializers.DateTimeField()


class NegotiationOut(ActionsOut):
    """A negotiation with every offer, and what was agreed."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    buyer = serializers.CharField(source="buyer.reference")
    provider = serializers.CharField(source="provider.reference")
    status = serializers.CharField()
    round = serializers.IntegerField()
    binding_until = serializers.DateTimeField()
    scenario = serializers.CharField()
    quantity = serializers.IntegerField()
    reason = serializers.CharField()
    posted = MoneyField(allow_null=True, help_text="what the plan asked when it was agreed")
    agreed = MoneyField(allow_null=True)
    honored_until = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    offers = OfferOut(many=True, source="offers.all")

    def get_allowed_actions(self, row: Negotiation) -> list[str]:
        """Return the steps open to the caller now."""
        return rules.negotiation_actions(self.context["actor"], row, timezone.now())


class DiscountOut(serializers.Serializer[Negotiation]):
    """One agreed discount, without the buyer: enough to ask for the same."""

    reason = serializers.CharField()
    scenario = serializers.CharField()
    quantity = serializers.IntegerField()
    discount_rate = serializers.DecimalField(max_digits=5, decimal_places=4)
    agreed_in = serializers.SerializerMethodField(help_text="year and month")

    def get_agreed_in(self, row: Negotiation) -> str:
        """Return the month of the agreement."""
        return f"{timezone.localtime(row.closed_at):%Y-%m}" if row.closed_at else ""


class Negotiations(APIView):
    """Negotiations of prices."""

    permission_classes = [gate("trade", "list")]
    look = "negotiations"

    @extend_schema(
        operation_id="negotiations_list",
        tags=["negotiations"],
        responses=page_out(NegotiationOut),
    )
    def get(self, request: Request) -> Response:
        """List those of one's organization, on either side."""
        actor = actor_of(request)
        rows = queries.negotiations_visible_to(actor).prefetch_related("offers")
        return page_of(rows, request, self, render=lambda row: _told(actor, row))

    @extend_schema(
        operation_id="negotiations_open",
        tags=["negotiations"],
        request=NegotiationIn,
        responses={201: NegotiationOut},
    )
    def post(self, request: Request) -> Response:
        """Offer a price for a negotiable product; the offer binds until its day."""
        actor = actor_of(request)
        values = read_input(NegotiationIn, request.data)
        made = services.open_negotiation(
            product=get_product_for(actor, values.pop("product")),
            scenario=values.pop("scenario"),
            stated=services.OfferStated(**values),
            by=actor,
            at=timezone.now(),
        )
        return Response(_told(actor, made), status=status.HTTP_201_CREATED)


class NegotiationDetail(APIView):
    """One negotiation."""

    permission_classes = [gate("trade", "list")]
    look = "negotiation"

    @extend_schema(
        operation_id="negotiations_read", tags=["negotiations"], responses=NegotiationOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with every offer."""
        actor = actor_of(request)
        return Response(_told(actor, queries.get_negotiation_for(actor, reference)))


class AgreedDiscounts(APIView):
    """What others agreed on for a product."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="products_agreed_discounts",
        tags=["negotiations"],
        responses=page_out(DiscountOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List agreed discounts with their reasons, the latest first; buyers are not named."""
        rows = queries.agreed_discounts(get_product_for(actor_of(request), reference))
        return page_of(rows, request, self, render=lambda row: DiscountOut(row).data)


def _told(actor: Actor, row: Negotiation) -> dict[str, Any]:
    return dict(NegotiationOut(row, context={"actor": actor}).data)


def _answer(
    name: str,
    summary: str,
    service: Callable[..., Negotiation],
    takes: type[StrictSerializer],
) -> type[APIView]:
    return verb_view(
        operation=f"negotiations_{name}",
        summary=summary,
        permission=gate("trade", "list"),
        load=queries.get_negotiation_for,
        service=service,
        argument="negotiation",
        takes=takes,
        output=NegotiationOut,
    )


def _accept(*, round: int, **said: Any) -> Negotiation:  # noqa: A002  the field's name
    return services.accept_offer(seen_round=round, **said)


def _counter(*, negotiation: Negotiation, round: int, by: Actor, at: Any, **stated: Any) -> Any:  # noqa: A002  the field's name
    return services.counter_offer(
        negotiation=negotiation,
        seen_round=round,
        stated=services.OfferStated(**stated),
        by=by,
        at=at,
    )


def _refuse(*, round: int, **said: Any) -> Negotiation:  # noqa: A002  the field's name
    return services.refuse_offer(seen_round=round, **said)


Accept = _answer("accept", "Accept the offer: the price is agreed", _accept, RoundIn)
Counter = _answer("counter", "Answer the offer with another", _counter, CounterIn)
Refuse = _answer("refuse", "Refuse the offer, which ends the negotiation", _refuse, RefuseIn)
