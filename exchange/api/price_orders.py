"""Freezes and ceilings of prices, and equal treatment of buyers, over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog.queries import get_product_for
from exchange.trading import services
from exchange.trading.treatment import concluded_impacts
from pricing.adjustment import queries
from pricing.adjustment.models import PriceCeiling, PriceFreeze
from pricing.adjustment.services import lift_ceiling, lift_freeze
from pricing.adjustment.states import FreezeScope
from pricing.money import Money

from .adjusting import AMOUNT
from .pagination import page_of
from .permissions import actor_of, gate, open_to_read
from .serializers import ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class FreezeIn(StrictSerializer):
    """A freeze of an industry, or of the whole market where none is named."""

    industry = serializers.CharField(max_length=1, default="", allow_blank=True)
    reason = serializers.CharField(max_length=2000)


class FreezeOut(serializers.Serializer[PriceFreeze]):
    """A freeze of price adjustment."""

    reference = serializers.CharField()
    status = serializers.CharField()
    scope = serializers.ChoiceField(FreezeScope.choices)
    target = serializers.CharField()
    authority = serializers.CharField()
    reason = serializers.CharField()
    frozen_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()


class CeilingIn(StrictSerializer):
    """An order that one license asks no more than this."""

    amount = serializers.DecimalField(**AMOUNT)
    currency = serializers.CharField(max_length=3, default="CNY")
    basis = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=2000)


class CeilingOut(serializers.Serializer[PriceCeiling]):
    """A ceiling that a regulator ordered."""

    reference = serializers.CharField()
    product = serializers.CharField(source="asset")
    status = serializers.CharField()
    amount = serializers.DecimalField(**AMOUNT)
    currency = serializers.CharField()
    basis = serializers.CharField()
    reason = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)


class ImpactOut(serializers.Serializer[Any]):
    """How a group of buyers fares against the best group."""

    measure = serializers.CharField(help_text="price, offer or step")
    dimension = serializers.CharField()
    group = serializers.CharField()
    count = serializers.IntegerField()
    rate = serializers.CharField()
    ratio = serializers.CharField(allow_null=True)
    judged = serializers.BooleanField()
    fair = serializers.BooleanField()


class TreatmentOut(serializers.Serializer[Any]):
    """Impact ratios over the orders of the last year."""

    impacts = ImpactOut(many=True)


class PriceFreezes(APIView):
    """Freezes of price adjustment."""

    def get_permissions(self) -> list[BasePermission]:
        """Anybody reads what is frozen; a regulator freezes."""
        return open_to_read(self.request, else_=gate("review", roles=("REGULATOR",)))

    @extend_schema(
        operation_id="price_freezes_list", tags=["prices"], responses=page_out(FreezeOut)
    )
    def get(self, request: Request) -> Response:
        """List freezes of industries and of the market, and those of products one may see."""
        rows = queries.freezes_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: FreezeOut(row).data)

    @extend_schema(
        operation_id="price_freezes_order",
        tags=["prices"],
        request=FreezeIn,
        responses={201: FreezeOut},
    )
    def post(self, request: Request) -> Response:
        """Freeze an industry or the market."""
        said = read_input(FreezeIn, request.data)
        made = services.freeze_market(**said, by=actor_of(request), at=timezone.now())
        return Response(FreezeOut(made).data, status=status.HTTP_201_CREATED)


class Ceilings(APIView):
    """Ceilings of one product."""

    permission_classes = [gate("review", roles=("REGULATOR",))]

    @extend_schema(
        operation_id="price_ceilings_order",
        tags=["prices"],
        request=CeilingIn,
        responses={201: CeilingOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Order a ceiling; a price above it comes down at once."""
        said = read_input(CeilingIn, request.data)
        made = services.order_ceiling(
            product=get_product_for(actor_of(request), reference),
            amount=Money(said["amount"], said["currency"]),
            basis=said["basis"],
            reason=said["reason"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(CeilingOut(made).data, status=status.HTTP_201_CREATED)


class EqualTreatment(APIView):
    """How groups of buyers fare."""

    permission_classes = [gate("review", roles=("REGULATOR", "OPERATOR"))]
    look = "statistics"

    @extend_schema(operation_id="equal_treatment", tags=["prices"], responses=TreatmentOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002  the same for all who watch
        """Return impact ratios of price, refusals and automatic rises over the last year."""
        return Response(TreatmentOut({"impacts": concluded_impacts(at=timezone.now())}).data)


FreezeProduct = verb_view(
    operation="prices_freeze_product",
    summary="Stop one product's price from moving by itself: its provider, or a regulator",
    permission=gate("list", "review", roles=("PROVIDER", "REGULATOR")),
    load=get_product_for,
    service=services.freeze_product,
    argument="product",
    output=FreezeOut,
    takes=ReasonIn,
)


LiftFreeze = verb_view(
    operation="prices_lift_freeze",
    summary="Let prices follow their triggers again",
    permission=gate("list", "review", roles=("PROVIDER", "REGULATOR")),
    load=queries.get_freeze_for,
    service=lift_freeze,
    argument="freeze",
    output=FreezeOut,
    takes=ReasonIn,
)


LiftCeiling = verb_view(
    operation="prices_lift_ceiling",
    summary="Let a ceiling bind no more",
    permission=gate("review", roles=("REGULATOR",)),
    load=lambda _actor, reference: queries.get_ceiling(reference),
    service=lift_ceiling,
    argument="ceiling",
    output=CeilingOut,
    takes=ReasonIn,
)
