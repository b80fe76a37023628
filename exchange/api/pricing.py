"""Prices over REST: what the provider asks, and the signed band beside it."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Gone
from exchange.catalog.queries import get_product_for
from exchange.catalog.services import appraise_product
from pricing import queries
from pricing.facts import Circulation, CostRecord
from pricing.models import Appraisal, Plan
from pricing.plans import PlanTerms, Tier
from pricing.states import Period, PlanKind, Regime
from pricing.verification import faults_of_appraisal

from .amounts import MoneyField
from .pagination import page_of
from .permissions import Public, actor_of, gate, open_to_read
from .serializers import StrictSerializer, page_out, read_input

AMOUNT = {"max_digits": 18, "decimal_places": 2, "required": False}
UNIT = {"max_digits": 24, "decimal_places": 8}


class TierIn(StrictSerializer):
    """A step of a graduated price."""

    up_to = serializers.IntegerField(allow_null=True, min_value=1)
    unit_price = serializers.DecimalField(**UNIT)  # type: ignore[arg-type]


class PlanIn(StrictSerializer):
    """The price a provider sets."""

    kind = serializers.ChoiceField(PlanKind.choices)
    regime = serializers.ChoiceField(Regime.choices, default=Regime.MARKET)
    currency = serializers.CharField(max_length=3, default="CNY")
    price = serializers.DecimalField(**AMOUNT, default=Decimal(0))  # type: ignore[arg-type]
    period = serializers.ChoiceField(Period.choices, required=False)
    tiers = TierIn(many=True, required=False)
    minimum = serializers.DecimalField(**AMOUNT, default=Decimal(0))  # type: ignore[arg-type]
    trial_quota = serializers.IntegerField(min_value=0, default=0)
    negotiable = serializers.BooleanField(default=False)
    cap = serializers.DecimalField(**UNIT, required=False)  # type: ignore[arg-type]
    cap_basis = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    revenue_cap = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    guarantee_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    justification = serializers.CharField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="for a price outside the band",
    )


def terms_of(values: dict[str, Any]) -> PlanTerms:
    """Return the terms that a validated PlanIn says."""
    said = {name: value for name, value in values.items() if name != "justification"}
    said["kind"] = PlanKind(said["kind"])
    said["regime"] = Regime(said["regime"])
    if "period" in said:
        said["period"] = Period(said["period"])
    said["tiers"] = tuple(Tier(**tier) for tier in said.get("tiers", []))
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


class BandOut(serializers.Serializer[Appraisal]):
    """The signed value band that stands beside the price."""

    reference = serializers.CharField()
    asset = serializers.CharField(help_text="reference of the product")
    release = serializers.CharField()
    status = serializers.CharField()
    purpose = serializers.CharField()
    basis_on = serializers.DateField()
    valid_until = serializers.DateField()
    low = MoneyField()
    mid = MoneyField()
    high = MoneyField()
    confidence_rate = serializers.DecimalField(max_digits=5, decimal_places=4)
    methods = serializers.CharField()
    guideline = serializers.CharField()
    inputs_sha256 = serializers.CharField()
    disclosure = serializers.CharField()
    pack = serializers.CharField()
    signer = serializers.CharField()
    signed_at = serializers.DateTimeField()


class AppraisalOut(BandOut):
    """The whole report, for those who may read its inputs."""

    inputs = serializers.JSONField()
    result = serializers.JSONField()
    document = serializers.CharField()
    signature = serializers.CharField()
    faults = serializers.SerializerMethodField(help_text="empty when signature and figures hold")

    def get_faults(self, row: Appraisal) -> list[str]:
        """Check the signature and work the figures out again."""
        return faults_of_appraisal(row)


class CostsIn(StrictSerializer):
    """What the data cost to make, by kind, in one currency."""

    currency = serializers.CharField(max_length=3, default="CNY")
    planning = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    collection = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    cleaning = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    labeling = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    compute = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    storage = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    compliance = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    overhead = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    opportunity = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    taxes = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]


class AppraiseIn(StrictSerializer):
    """What an appraisal needs beyond the release itself."""

    costs = CostsIn()
    expected_buyers = serializers.IntegerField(min_value=1, default=1)
    circulation = serializers.ChoiceField(
        [item.value for item in Circulation], default=Circulation.TRADED.value
    )
    declares_independence = serializers.BooleanField(default=False)


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
        values = read_input(AppraiseIn, request.data)
        costs = CostRecord.of(values["costs"].pop("currency"), **values.pop("costs"))
        made = appraise_product(
            product=get_product_for(actor, reference),
            costs=costs,
            circulation=Circulation(values.pop("circulation")),
            by=actor,
            at=timezone.now(),
            **values,
        )
        return Response(AppraisalOut(made).data, status=status.HTTP_201_CREATED)


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
