"""The regulator's work over REST: supervision, looks, what was blocked."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog.queries import get_product_for
from exchange.oversight import queries, services, statistics

from .looks import WATCHERS
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class SupervisionOut(ActionsOut):
    """An order against a listing."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    authority = serializers.CharField(source="authority.reference")
    reason = serializers.CharField()
    legal_basis = serializers.CharField()
    status = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()


class SuspensionIn(ReasonIn):
    """An order to suspend a listing."""

    product = serializers.CharField(max_length=24)
    basis = serializers.CharField(max_length=200, help_text="article of law")


class ViewIn(StrictSerializer):
    """A look at something that is not public."""

    kind = serializers.CharField(max_length=24)
    reference = serializers.CharField(max_length=64)
    purpose = serializers.CharField(max_length=500)


class ViewOut(serializers.Serializer[Any]):
    """The entry of the look."""

    entry = serializers.UUIDField()


class RuleCountOut(serializers.Serializer[statistics.RuleCount]):
    """How often a rule stopped something."""

    rule = serializers.CharField()
    blocked = serializers.IntegerField()
    reviewed = serializers.IntegerField()


class Supervisions(APIView):
    """Orders against listings."""

    permission_classes = [gate("review")]

    @extend_schema(
        operation_id="supervisions_list",
        tags=["supervisions"],
        responses=page_out(SupervisionOut),
    )
    def get(self, request: Request) -> Response:
        """List those one may see."""
        rows = queries.supervision_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: SupervisionOut(row).data)

    @extend_schema(
        operation_id="supervisions_order",
        tags=["supervisions"],
        request=SuspensionIn,
        responses={201: SupervisionOut},
    )
    def post(self, request: Request) -> Response:
        """Suspend a listing; every access under it is refused from this moment."""
        actor = actor_of(request)
        values = read_input(SuspensionIn, request.data)
        product = get_product_for(actor, values.pop("product"))
        made = services.order_suspension(product=product, by=actor, at=timezone.now(), **values)
        return Response(SupervisionOut(made).data, status=status.HTTP_201_CREATED)


class SupervisionDetail(APIView):
    """One order against a listing."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="supervisions_read", tags=["supervisions"], responses=SupervisionOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(
            SupervisionOut(queries.get_supervision_for(actor_of(request), reference)).data
        )


LiftSupervision = verb_view(
    operation="supervisions_lift",
    summary="Let the listing and the accesses under it go on",
    permission=gate("review", roles=("REGULATOR", "OPERATOR")),
    load=queries.get_supervision_for,
    service=services.lift_suspension,
    argument="supervision",
    takes=ReasonIn,
    output=SupervisionOut,
)


class Views(APIView):
    """Looks at what is not public, each with its purpose."""

    permission_classes = [gate("audit")]

    @extend_schema(operation_id="log_view", tags=["log"], request=ViewIn, responses={201: ViewOut})
    def post(self, request: Request) -> Response:
        """Put on record what is looked at, and what for."""
        values = read_input(ViewIn, request.data)
        entry = services.record_view(by=actor_of(request), at=timezone.now(), **values)
        return Response({"entry": str(entry.id)}, status=status.HTTP_201_CREATED)


class BlockedStatistics(APIView):
    """What the filter stopped, by rule."""

    permission_classes = [gate("audit")]

    @extend_schema(
        operation_id="statistics_blocked", tags=["statistics"], responses=RuleCountOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the rules, the busiest first."""
        found = statistics.blocked_statistics(actor_of(request))
        return Response([RuleCountOut(row).data for row in found])


class StopCountOut(serializers.Serializer[statistics.StopCount]):
    """How many screenings of one kind stopped a release."""

    key = serializers.CharField(help_text="rule, grade, month or reference of the provider")
    blocked = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    screened = serializers.IntegerField(help_text="finished screenings of this kind in all")


class StopsQuery(StrictSerializer):
    """By what the stops are counted, and of which time."""

    by = serializers.ChoiceField(choices=statistics.PARTS, default="rule")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class Stops(APIView):
    """What the filter stopped, by rule, grade, month or provider."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = "statistics"
    look_of = WATCHERS

    @extend_schema(
        operation_id="statistics_stops",
        tags=["statistics"],
        parameters=[
            OpenApiParameter("by", str, enum=statistics.PARTS),
            OpenApiParameter("since", OpenApiTypes.DATETIME),
            OpenApiParameter("until", OpenApiTypes.DATETIME),
        ],
        responses=StopCountOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them: months in order, others the busiest first."""
        values = read_input(StopsQuery, request.query_params.dict())
        found = statistics.stops_by(
            actor_of(request), values["by"], since=values.get("since"), until=values.get("until")
        )
        return Response([StopCountOut(row).data for row in found])
