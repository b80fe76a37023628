"""Prices over REST: what the provider asks, and the signed band beside it."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Gone, NotFound
from exchange.catalog.queries import get_product_for
from exchange.catalog.services import appraise_product
from exchange.parties.queries import get_organization
from exchange.trading.quoting import LARGEST_QUANTITY, Quotation, quotation_for
from pricing import queries
from pricing.models import Plan
from pricing.plans import Companion, Package, PlanTerms, ScenarioPrice, Tier
from pricing.states import Period, PlanKind, Regime

from .appraising import AppraisalOut, AppraiseIn, BandOut, inputs_of
from .pagination import page_of
from .permissions import Public, actor_of, gate, open_to_read
from .serializers import StrictSerializer, page_out, read_input

AMOUNT = {"max_digits": 18, "decimal_places": 2, "required": False}
UNIT = {"max_digits": 24, "decimal_places": 8}


class TierIn(StrictSerializer):
    """A step of a graduated price."""

    up_to = serializers.IntegerField(allow_null=True, min_value=1)
    unit_price = serializers.DecimalField(**UNIT)  # type: ignore[arg-type]


class PackageIn(StrictSerializer):
    """Units paid in advance together."""

    units = serializers.IntegerField(min_value=1)
    price = serializers.DecimalField(max_digits=18, decimal_places=2)


class ScenarioPriceIn(StrictSerializer):
    """What one permitted scenario pays."""

    scenario = serializers.CharField(max_length=400)
    rate = serializers.DecimalField(
        max_digits=8, decimal_places=4, default=Decimal(1), help_text="times the price"
    )
    cap = serializers.DecimalField(**UNIT, required=False, default=None, allow_null=True)  # type: ignore[arg-type]
    public_good = serializers.BooleanField(
        default=False, help_text="public governance or welfare, for which public data is free"
    )


class CompanionIn(StrictSerializer):
    """A bundle with another product of the provider."""

    product = serializers.CharField(max_length=24)
    reduction = serializers.DecimalField(max_digits=18, decimal_places=2)


class PlanIn(StrictSerializer):
    """The price a provider sets."""

    kind = serializers.ChoiceField(PlanKind.choices)
    regime = serializers.ChoiceField(
        Regime.choices,
        default=Regime.MARKET,
        help_text="follows from the origin of the data; refused where another one is stated",
    )
    currency = serializers.CharField(max_length=3, default="CNY")
    price = serializers.DecimalField(**AMOUNT, default=Decimal(0))  # type: ignore[arg-type]
    period = serializers.ChoiceField(Period.choices, required=False)
    tiers = TierIn(many=True, required=False)
    packages = PackageIn(many=True, required=False)
    scenarios = ScenarioPriceIn(many=True, required=False)
    companions = CompanionIn(many=True, required=False)
    renewable = serializers.BooleanField(default=False)
    notice_days = serializers.IntegerField(min_value=0, max_value=365, default=0)
    minimum = serializers.DecimalField(**AMOUNT, default=Decimal(0))  # type: ignore[arg-type]
    trial_quota = serializers.IntegerField(min_value=0, default=0)
    negotiable = serializers.BooleanField(default=False)
    floor_rate = serializers.DecimalField(
        max_digits=5,
        decimal_places=4,
        required=False,
        default=None,
        allow_null=True,
        help_text="of what is negotiable: the least share of the posted price that is agreed on",
    )
    cap = serializers.DecimalField(**UNIT, required=False)  # type: ignore[arg-type]
    cap_basis = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    revenue_cap = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    revenue_period = serializers.ChoiceField(Period.choices, required=False)
    guarantee_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    justification = serializers.CharField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="for a price outside the band",
    )


ROWS: Final[dict[str, Callable[..., object]]] = {
    "tiers": Tier,
    "packages": Package,
    "scenarios": ScenarioPrice,
    "companions": Companion,
}


def terms_of(values: dict[str, Any]) -> PlanTerms:
    """Return the terms that a validated PlanIn says."""
    said = {name: value for name, value in values.items() if name != "justification"}
    said["kind"] = PlanKind(said["kind"])
    said["regime"] = Regime(said["regime"])
    for name in ("period", "revenue_period"):
        if name in said:
            said[name] = Period(said[name])
    for name, made in ROWS.items():
        said[name] = tuple(made(**row) for row in said.get(name, []))
    return PlanTerms(**said)


class PlanOut(serializers.Serializer[Plan]):
    """A price in force, or one that was."""

    reference = serializers.CharField()
    asset = serializers.CharField(help_text="reference of the product")
    status = serializers.CharField()
    kind = serializers.CharField()
    terms = serializers.SerializerMethodField()
    set_at = serializers.DateTimeField()

    def get_terms(self, row: Plan) -> dict[str, Any]:
        """Return the terms; amounts are text."""
        return row.terms.as_document()


class QuoteAsked(StrictSerializer):
    """For how much a price is asked, and what for."""

    quantity = serializers.IntegerField(min_value=1, max_value=LARGEST_QUANTITY, default=1)
    scenario = serializers.CharField(max_length=400, default="", allow_blank=True)


class QuoteOut(serializers.Serializer[Quotation]):
    """A price for a quantity, honored until `valid_until`."""

    quote = serializers.SerializerMethodField(
        help_text="lines, total, and the pipeline declared, adjusted, agreed, fee, tax"
    )
    renews = serializers.BooleanField(
        source="offered.renewed", help_text="at the terms of a subscription that still runs"
    )

    def get_quote(self, row: Quotation) -> dict[str, Any]:
        """Return the quote as an order would pin it."""
        return row.as_document()


class Appraisals(APIView):
    """The appraisals of a product."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads bands; the provider orders, an assessor makes."""
        return open_to_read(self.request, else_=gate("list", "review"))

    @extend_schema(
        operation_id="appraisals_list",
        tags=["prices"],
        responses=page_out(BandOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the bands it ever had, the newest first."""
        product = get_product_for(actor_of(request), reference)
        rows = queries.list_appraisals(product.reference)
        return page_of(rows, request, self, render=lambda row: BandOut(row).data)

    @extend_schema(
        operation_id="appraisals_order",
        tags=["prices"],
        request=AppraiseIn,
        responses={201: AppraisalOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Have the current release appraised; the signed band stands beside the price."""
        actor = actor_of(request)
        said = inputs_of(read_input(AppraiseIn, request.data))
        made = appraise_product(
            product=get_product_for(actor, reference), by=actor, at=timezone.now(), **said
        )
        return Response(AppraisalOut(made).data, status=status.HTTP_201_CREATED)


class ProductQuote(APIView):
    """What a quantity costs the caller now."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="products_quote",
        tags=["prices"],
        parameters=[QuoteAsked],
        responses=QuoteOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Quote a quantity: with the trial, bundle and renewal of the organization that asks."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        asked = read_input(QuoteAsked, request.query_params.dict())
        plan = queries.current_plan(product.reference)
        if plan is None:
            raise NotFound
        found = quotation_for(
            product,
            plan,
            buyer=get_organization(actor.organization) if actor.has_role("BUYER") else None,
            at=timezone.now(),
            **asked,
        )
        return Response(QuoteOut(found).data)


class BandDetail(APIView):
    """One appraisal's band, for anybody."""

    permission_classes = [Public]

    @extend_schema(operation_id="appraisals_band", tags=["prices"], auth=[], responses=BandOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return band, basis and signature, without the provider's costs."""
        found = queries.get_appraisal(reference)
        with suppress(Gone):  # what was on the market once stays checkable
            get_product_for(actor_of(request), found.asset)
        return Response(BandOut(found).data)


class AppraisalReport(APIView):
    """One appraisal's report."""

    permission_classes = [gate("read")]
    look = "appraisal"

    @extend_schema(operation_id="appraisals_report", tags=["prices"], responses=AppraisalOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return inputs and working, checked anew."""
        return Response(AppraisalOut(queries.get_appraisal_for(actor_of(request), reference)).data)
