"""Revenue sharing and value measurement over REST."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Invalid, NotAllowed
from exchange.catalog.queries import get_product_for
from exchange.settlement import queries, rules, services
from exchange.settlement.models import ValueMeasurement
from exchange.trading.queries import get_order_for
from exchange.trading.services import measure_contributions_for
from pricing.sharing import BadShare, Basis, Cut, CutKind, RevenueShare
from pricing.valuation.refusals import Unmeasurable
from pricing.valuation.tasks import Kind, Method, Metric, Task
from pricing.value_wording import refusal_text, share_fault_text

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class CutIn(StrictSerializer):
    """A part that goes ahead of the sources."""

    party = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(list(CutKind))
    value = serializers.RegexField(
        r"^[0-9]{1,16}(\.[0-9]{1,9})?$", help_text="an amount, or a rate such as 0.10"
    )


class AgreementIn(StrictSerializer):
    """How the proceeds are divided: by weights, or by a signed measurement."""

    basis = serializers.ChoiceField(list(Basis))
    cuts = CutIn(many=True, required=False, default=list)
    weights = serializers.DictField(
        child=serializers.RegexField(r"^[0-9](\.[0-9]{1,9})?$"), required=False, default=dict
    )
    measurement = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    releases = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=24), max_length=20),
        required=False,
        default=dict,
    )


class PartyOut(serializers.Serializer[Any]):
    """One party and its answer."""

    organization = serializers.CharField()
    releases = serializers.ListField(child=serializers.CharField())
    agreed_at = serializers.DateTimeField(allow_null=True)


class AgreementOut(ActionsOut):
    """One agreement."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    provider = serializers.CharField(source="product.provider.reference")
    status = serializers.CharField()
    terms = serializers.JSONField()
    terms_sha256 = serializers.CharField()
    parties = PartyOut(many=True)
    proposed_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()


class TaskIn(StrictSerializer):
    """A buyer's task: the target column, what it is predicted from, the metric, the holdout."""

    purpose = serializers.CharField(max_length=2000, help_text="the scenario")
    target = serializers.CharField(max_length=120)
    features = serializers.ListField(
        child=serializers.CharField(max_length=120), min_length=1, max_length=64
    )
    kind = serializers.ChoiceField(list(Kind))
    metric = serializers.ChoiceField(list(Metric), default=Metric.NEIGHBORS)
    method = serializers.ChoiceField(list(Method), default=Method.SHAPLEY)
    k = serializers.IntegerField(min_value=1, max_value=1000, default=5)
    holdout = serializers.CharField(
        trim_whitespace=False, help_text="rows of the buyer's own as CSV; erased after use"
    )


class ValueMeasurementOut(serializers.Serializer[ValueMeasurement]):
    """One measurement; `document` is the exact text that is signed."""

    reference = serializers.CharField()
    agreement = serializers.CharField(source="agreement.reference")
    product = serializers.CharField(source="agreement.product.reference")
    requester = serializers.CharField()
    status = serializers.CharField()
    progress = serializers.IntegerField(help_text="percent")
    purpose = serializers.CharField()
    task = serializers.JSONField()
    holdout_sha256 = serializers.CharField()
    result = serializers.JSONField()
    refusal = serializers.SerializerMethodField()
    document = serializers.CharField()
    document_sha256 = serializers.CharField()
    signature = serializers.CharField()
    signer = serializers.CharField()
    requested_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)

    def get_refusal(self, row: ValueMeasurement) -> str:
        """Return why nothing could be measured, in the language of the request."""
        if not row.refusal:
            return ""
        return refusal_text(Unmeasurable(row.refusal["code"], **row.refusal["params"]))


class ShareAgreements(APIView):
    """The agreements of one product."""

    permission_classes = [gate("list", roles=("PROVIDER", "OPERATOR", "REGULATOR"))]
    look = "product"

    @extend_schema(
        operation_id="share_agreements", tags=["sharing"], responses=page_out(AgreementOut)
    )
    def get(self, request: Request, reference: str) -> Response:
        """List those the caller may see, the latest first."""
        rows = queries.agreements_visible_to(actor_of(request)).filter(product__reference=reference)
        return page_of(rows, request, self, render=lambda row: AgreementOut(row).data)

    @extend_schema(
        operation_id="share_agreements_propose",
        tags=["sharing"],
        request=AgreementIn,
        responses={201: AgreementOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Propose how the proceeds are divided."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        if not actor.has_role("PROVIDER"):
            raise NotAllowed(rules.why_not_propose_share(actor, product) or "")
        values = read_input(AgreementIn, request.data)
        measurement = (
            queries.get_measurement_for(actor, values["measurement"])
            if values["measurement"]
            else None
        )
        made = services.propose_share(
            product=product,
            share=_share(values, measurement),
            releases=values["releases"],
            measurement=measurement,
            by=actor,
            at=timezone.now(),
        )
        return Response(AgreementOut(made).data, status=status.HTTP_201_CREATED)


class AgreementDetail(APIView):
    """One agreement."""

    permission_classes = [gate("list", "trade")]
    look = "agreement"

    @extend_schema(operation_id="share_agreement", tags=["sharing"], responses=AgreementOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return its terms and who has agreed."""
        return Response(AgreementOut(queries.get_agreement_for(actor_of(request), reference)).data)


def _answer(
    name: str, summary: str, service: Callable[..., Any], takes: Any = None
) -> type[APIView]:
    return verb_view(
        operation=f"sharing_{name}",
        summary=summary,
        permission=gate("list", "trade"),
        load=queries.get_agreement_for,
        service=service,
        argument="agreement",
        output=AgreementOut,
        takes=takes,
    )


Agree = _answer("agree", "Agree to the terms for the caller's organization", services.agree_share)
Decline = _answer(
    "decline", "Refuse the terms, which ends the proposal", services.decline_share, ReasonIn
)
Withdraw = _answer("withdraw", "Take the proposal back", services.withdraw_share)


class AgreementMeasurements(APIView):
    """Measurements that the provider asks for."""

    permission_classes = [gate("list")]

    @extend_schema(
        operation_id="share_agreements_measure",
        tags=["sharing"],
        request=TaskIn,
        responses={202: ValueMeasurementOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Queue a measurement of the sources' contributions."""
        actor = actor_of(request)
        agreement = queries.get_agreement_for(actor, reference)
        made = services.request_measurement(
            agreement=agreement, stated=_stated(request), by=actor, at=timezone.now()
        )
        return Response(ValueMeasurementOut(made).data, status=status.HTTP_202_ACCEPTED)


class OrderMeasurements(APIView):
    """Measurements that a buyer asks for."""

    permission_classes = [gate("trade")]

    @extend_schema(
        operation_id="orders_measure",
        tags=["sharing"],
        request=TaskIn,
        responses={202: ValueMeasurementOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Queue a measurement of what was bought, on the buyer's own task."""
        actor = actor_of(request)
        order = get_order_for(actor, reference)
        made = measure_contributions_for(
            order=order, stated=_stated(request), by=actor, at=timezone.now()
        )
        return Response(ValueMeasurementOut(made).data, status=status.HTTP_202_ACCEPTED)


class MeasurementDetail(APIView):
    """One measurement."""

    permission_classes = [gate("list", "trade")]
    look = "measurement"

    @extend_schema(
        operation_id="value_measurement", tags=["sharing"], responses=ValueMeasurementOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return how far it is, and its signed result."""
        return Response(
            ValueMeasurementOut(queries.get_measurement_for(actor_of(request), reference)).data
        )


def _share(values: dict[str, Any], measurement: ValueMeasurement | None) -> RevenueShare:
    """Return the division as it was sent; Invalid where it cannot be carried out."""
    try:
        weights = {party: Decimal(weight) for party, weight in values["weights"].items()}
        if measurement and not weights:
            weights = services.measured_weights(measurement)
        return RevenueShare(
            cuts=tuple(
                Cut(party=row["party"], kind=CutKind(row["kind"]), value=Decimal(row["value"]))
                for row in values["cuts"]
            ),
            weights=weights,
            basis=Basis(values["basis"]),
        )
    except BadShare as fault:
        raise Invalid({"weights": [share_fault_text(fault)]}) from None


def _stated(request: Request) -> services.TaskStated:
    values = read_input(TaskIn, request.data)
    try:
        task = Task(
            target=values["target"],
            features=tuple(values["features"]),
            kind=Kind(values["kind"]),
            metric=Metric(values["metric"]),
            method=Method(values["method"]),
            k=values["k"],
        )
    except Unmeasurable as refusal:
        raise Invalid({"features": [refusal_text(refusal)]}) from None
    return services.TaskStated(purpose=values["purpose"], task=task, holdout=values["holdout"])
