"""The regulator's work over REST: trail, timelines, supervision, what was blocked."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.queries import TrailFilters
from exchange.catalog.queries import get_product_for
from exchange.oversight import queries, services

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class TrailRowOut(serializers.Serializer[queries.TrailRow]):
    """One entry of the log."""

    index = serializers.IntegerField()
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="the event")
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    version = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    actor = serializers.CharField()
    organization = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    request_id = serializers.CharField()
    refs = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    body = serializers.JSONField()


class TrailOut(serializers.Serializer[queries.TrailPage]):
    """Some entries; `cursor` begins the next page, null at the end."""

    rows = TrailRowOut(many=True)
    cursor = serializers.IntegerField(allow_null=True)


class TrailQuery(StrictSerializer):
    """What to look for."""

    event = serializers.ListField(child=serializers.CharField(max_length=96), required=False)
    actor = serializers.CharField(max_length=96, required=False)
    organization = serializers.CharField(max_length=32, required=False)
    kind = serializers.CharField(max_length=24, required=False)
    reference = serializers.CharField(max_length=64, required=False)
    request_id = serializers.CharField(max_length=64, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    cursor = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class TimelineQuery(StrictSerializer):
    """Which part of a history."""

    cursor = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


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


class RuleCountOut(serializers.Serializer[queries.RuleCount]):
    """How often a rule stopped something."""

    rule = serializers.CharField()
    blocked = serializers.IntegerField()
    reviewed = serializers.IntegerField()


class Trail(APIView):
    """Entries of the log: all for regulator and operator, their own for parties."""

    permission_classes = [gate("audit")]

    @extend_schema(
        operation_id="log_entries",
        tags=["log"],
        parameters=[
            OpenApiParameter("event", str, many=True, description="name, or prefix with a dot"),
            OpenApiParameter("actor", str),
            OpenApiParameter("organization", str),
            OpenApiParameter("kind", str),
            OpenApiParameter("reference", str),
            OpenApiParameter("request_id", str),
            OpenApiParameter("since", str),
            OpenApiParameter("until", str),
            OpenApiParameter("cursor", int),
            OpenApiParameter("limit", int),
        ],
        responses=TrailOut,
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        params = request.query_params
        said: dict[str, Any] = params.dict()
        if "event" in said:
            said["event"] = params.getlist("event")
        values = read_input(TrailQuery, said)
        cursor, limit = values.pop("cursor", None), values.pop("limit")
        filters = TrailFilters(names=values.pop("event", ()), **values)
        found = queries.trail(actor_of(request), filters, before=cursor, limit=limit)
        return Response(TrailOut(found).data)


class Timeline(APIView):
    """The history of a product or an order with all that belongs to it."""

    permission_classes = [gate("audit")]

    @extend_schema(
        operation_id="log_timeline",
        tags=["log"],
        parameters=[OpenApiParameter("cursor", int), OpenApiParameter("limit", int)],
        responses=TrailOut,
    )
    def get(self, request: Request, kind: str, reference: str) -> Response:
        """List it, the oldest first."""
        values = read_input(TimelineQuery, request.query_params.dict())
        found = queries.timeline(
            actor_of(request), kind, reference, after=values.get("cursor"), limit=values["limit"]
        )
        return Response(TrailOut(found).data)


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
        found = queries.blocked_statistics(actor_of(request))
        return Response([RuleCountOut(row).data for row in found])
