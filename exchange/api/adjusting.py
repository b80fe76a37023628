"""Price adjustment over REST: choice, preview, steps and history."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from exchange.catalog.models import Product
from exchange.catalog.queries import get_product_for
from exchange.trading import services
from exchange.trading.price_history import Foreseen, Moment, preview, price_history
from pricing.adjustment import queries
from pricing.adjustment.models import Adjustment, PriceStep
from pricing.adjustment.rules import Choice
from pricing.adjustment.services import decline_step
from pricing.adjustment.wording import explain
from pricing.methods.adjusting import CHOSEN

from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view

TRIGGERS = [trigger.value for trigger in CHOSEN]
AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 2}
SAID_IN = {"zh": "zh-hans", "en": "en"}


class ChoiceIn(StrictSerializer):
    """What a price follows, and the provider's own bounds; amounts are of one license."""

    triggers = serializers.ListField(child=serializers.ChoiceField(TRIGGERS), min_length=1)
    step_most = serializers.DecimalField(
        max_digits=5, decimal_places=4, help_text="share of the price, such as 0.03"
    )
    floor = serializers.DecimalField(**AMOUNT, required=False, allow_null=True, default=None)
    ceiling = serializers.DecimalField(**AMOUNT, required=False, allow_null=True, default=None)


class AdjustmentOut(serializers.Serializer[Adjustment]):
    """What a price follows."""

    reference = serializers.CharField()
    product = serializers.CharField(source="asset")
    status = serializers.CharField()
    triggers = serializers.ListField(child=serializers.CharField())
    step_most = serializers.DecimalField(source="step_most_rate", max_digits=5, decimal_places=4)
    floor = serializers.DecimalField(source="floor_amount", **AMOUNT, allow_null=True)
    ceiling = serializers.DecimalField(source="ceiling_amount", **AMOUNT, allow_null=True)
    currency = serializers.CharField()
    pack = serializers.CharField()
    set_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ShownStepOut(serializers.Serializer[PriceStep]):
    """A price change that is announced or in effect, and why."""

    reference = serializers.CharField()
    product = serializers.CharField(source="asset")
    status = serializers.CharField()
    triggers = serializers.SerializerMethodField()
    before = serializers.CharField(source="before.text")
    after = serializers.CharField(source="after.text")
    currency = serializers.CharField()
    effective_at = serializers.DateTimeField()
    pack = serializers.CharField()
    disclosure = serializers.CharField()
    inputs_sha256 = serializers.CharField()
    explanation = serializers.SerializerMethodField(help_text="by language: zh, en")

    def get_triggers(self, row: PriceStep) -> list[str]:
        """Return the triggers that fired."""
        return row.triggers.split(",")

    def get_explanation(self, row: PriceStep) -> dict[str, list[str]]:
        """Return why the price moves, in both languages."""
        said = {}
        for name, language in SAID_IN.items():
            with translation.override(language):
                said[name] = explain(row)
        return said


class PriceStepOut(ShownStepOut):
    """A step with its working, for its provider and who watches."""

    plan = serializers.CharField(help_text="the price before")
    new_plan = serializers.CharField()
    adjustment = serializers.CharField()
    ceiling = serializers.CharField(help_text="the order it carries out, if any")
    needs_consent = serializers.BooleanField()
    proposed_at = serializers.DateTimeField()
    announced_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    cause = serializers.CharField()
    reason = serializers.CharField()
    inputs = serializers.JSONField()
    working = serializers.JSONField()


class MomentOut(serializers.Serializer[Moment]):
    """From when on one license asks how much."""

    at = serializers.DateTimeField()
    ask = serializers.CharField(source="ask.text")
    currency = serializers.CharField(source="ask.currency")
    plan = serializers.CharField(source="plan.reference", default="")
    announced = serializers.BooleanField(source="is_announced")
    step = ShownStepOut(allow_null=True)


class PriceHistoryOut(serializers.Serializer[Any]):
    """A product's price over time; announced changes stand last."""

    moments = MomentOut(many=True)


class ForeseenOut(serializers.Serializer[Foreseen]):
    """A step that would have been."""

    at = serializers.DateTimeField()
    before = serializers.CharField()
    after = serializers.CharField()
    consent = serializers.BooleanField()
    triggers = serializers.SerializerMethodField()

    def get_triggers(self, row: Foreseen) -> list[str]:
        """Return the triggers that would have fired."""
        return [signal.trigger.value for signal in row.working.fired]


class AdjustmentPreviewOut(serializers.Serializer[Any]):
    """What a choice would have made of the price."""

    since = serializers.DateTimeField()
    start = serializers.CharField()
    currency = serializers.CharField()
    steps = ForeseenOut(many=True)


def own_product(request: Request, reference: str) -> Product:
    """Return a product of the caller's organization; NotFound for every other."""
    product = get_product_for(actor_of(request), reference)
    if product.provider.reference != actor_of(request).organization:
        raise NotFound
    return product


class ProductAdjustment(APIView):
    """What a product's price follows."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(operation_id="adjustments_read", tags=["prices"], responses=AdjustmentOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return the choice in force."""
        product = own_product(request, reference)
        found = queries.current_adjustment(product.reference)
        if found is None:
            raise NotFound
        return Response(AdjustmentOut(found).data)

    @extend_schema(
        operation_id="adjustments_choose",
        tags=["prices"],
        request=ChoiceIn,
        responses=AdjustmentOut,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Let the price follow triggers; the choice before is kept and superseded."""
        made = services.choose_adjustment(
            product=own_product(request, reference),
            choice=_choice(read_input(ChoiceIn, request.data)),
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(AdjustmentOut(made).data)

    @extend_schema(operation_id="adjustments_end", tags=["prices"], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Let the price follow nothing any more; what is announced lapses."""
        product = own_product(request, reference)
        services.end_adjustment(product=product, by=actor_of(request), at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AdjustmentPreview(APIView):
    """What a choice would have made of the price."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(
        operation_id="adjustments_preview",
        tags=["prices"],
        request=ChoiceIn,
        responses=AdjustmentPreviewOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Work the last months out as if the choice had been in force; nothing is changed."""
        product = own_product(request, reference)
        choice = _choice(read_input(ChoiceIn, request.data))
        found = preview(product, choice, at=timezone.now())
        if found is None:
            raise NotFound
        return Response(AdjustmentPreviewOut(found).data)


class PriceHistory(APIView):
    """A product's price over time."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="products_price_history", tags=["prices"], responses=PriceHistoryOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return what one license asked since when, why it moved, and what is announced."""
        product = get_product_for(actor_of(request), reference)
        return Response(PriceHistoryOut({"moments": price_history(product)}).data)


class PriceSteps(APIView):
    """Steps of prices."""

    permission_classes = [gate("read")]
    look = "price_steps"

    @extend_schema(
        operation_id="price_steps_list", tags=["prices"], responses=page_out(PriceStepOut)
    )
    def get(self, request: Request) -> Response:
        """List the caller's own steps, or all for who watches; the newest first."""
        rows = queries.steps_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: PriceStepOut(row).data)


class PriceStepDetail(APIView):
    """One step."""

    permission_classes = [gate("read")]
    look = "price_step"

    @extend_schema(operation_id="price_step", tags=["prices"], responses=PriceStepOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return its inputs, its working and what became of it."""
        return Response(PriceStepOut(queries.get_step_for(actor_of(request), reference)).data)


def _step_verb(name: str, summary: str, service: Callable[..., Any], takes: Any = None) -> Any:
    return verb_view(
        operation=f"prices_{name}",
        summary=summary,
        permission=gate("list", roles=("PROVIDER",)),
        load=queries.get_step_for,
        service=service,
        argument="step",
        output=PriceStepOut,
        takes=takes,
    )


ConsentStep = _step_verb(
    "consent_step", "Agree to a step that needs the provider's yes", services.consent_to
)
DeclineStep = _step_verb(
    "decline_step", "Keep the price; buyers read the reason", decline_step, ReasonIn
)


def _choice(said: dict[str, Any]) -> Choice:
    step_most: Decimal = said["step_most"]
    return Choice(
        triggers=tuple(said["triggers"]),
        step_most=step_most,
        floor=said["floor"],
        ceiling=said["ceiling"],
    )
