"""Alerts of surveillance over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.oversight.queries import watches
from exchange.oversight.surveillance import queries, services
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.states import AlertState, CloseOutcome, DismissGround
from exchange.trading.models import Order

from .looks import WATCHERS
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, StrictSerializer, page_out, read_input
from .verbs import verb_view

REASON = 2000


class AlertOut(ActionsOut):
    """That a rule fired. Who is not the watch reads only what is its own."""

    reference = serializers.CharField()
    rule = serializers.CharField()
    status = serializers.ChoiceField(AlertState.choices)
    score = serializers.IntegerField()
    measured = serializers.CharField()
    threshold = serializers.CharField()
    times_threshold = serializers.DecimalField(
        max_digits=14, decimal_places=4, source="excess_rate"
    )
    figures = serializers.JSONField()
    period_from = serializers.DateTimeField()
    period_until = serializers.DateTimeField()
    pack = serializers.CharField()
    disclosure = serializers.CharField()
    follows = serializers.CharField(source="previous.reference", allow_null=True, default=None)
    organizations = serializers.SerializerMethodField()
    products = serializers.SerializerMethodField()
    orders = serializers.SerializerMethodField()
    raised_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    ground = serializers.CharField()
    reason = serializers.SerializerMethodField()
    outcome = serializers.CharField()
    closing_reason = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)

    def _actor(self) -> Actor:
        found: Actor = self.context["actor"]
        return found

    def get_organizations(self, row: Alert) -> list[str]:
        """Return whom it concerns."""
        own = self._actor().organization
        return row.organizations if watches(self._actor()) else [own]

    def get_products(self, row: Alert) -> list[str]:
        """Return which products it concerns."""
        if watches(self._actor()):
            return row.products
        own = self._actor().organization
        mine = Product.objects.filter(reference__in=row.products, provider__reference=own)
        return sorted(mine.values_list("reference", flat=True))

    def get_orders(self, row: Alert) -> list[str]:
        """Return on which orders it rests."""
        if watches(self._actor()):
            return row.orders
        rows, own = Order.objects.filter(reference__in=row.orders), self._actor().organization
        mine = rows.filter(buyer__reference=own) | rows.filter(provider__reference=own)
        return sorted(mine.values_list("reference", flat=True))

    def get_reason(self, row: Alert) -> str:
        """Return what was said when it was decided; the watch's own words."""
        return row.reason if watches(self._actor()) else ""


class DismissIn(StrictSerializer):
    """Why an alert is no case."""

    ground = serializers.ChoiceField(DismissGround.choices)
    reason = serializers.CharField(max_length=REASON)


class EscalateIn(StrictSerializer):
    """Why it is laid before the regulator."""

    reason = serializers.CharField(max_length=REASON)


class CloseIn(StrictSerializer):
    """What was true of it."""

    outcome = serializers.ChoiceField(CloseOutcome.choices)
    reason = serializers.CharField(max_length=REASON)


class SuspendListingIn(StrictSerializer):
    """Which of the products is suspended, and why."""

    product = serializers.CharField(max_length=24)
    reason = serializers.CharField(max_length=500)
    basis = serializers.CharField(max_length=400, help_text="article of law")


class TallyOut(serializers.Serializer[queries.RuleTally]):
    """How often a rule fired and what people made of it."""

    rule = serializers.CharField()
    raised = serializers.IntegerField()
    open = serializers.IntegerField()
    dismissed = serializers.IntegerField()
    escalated = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    unfounded = serializers.IntegerField()
    precision = serializers.FloatField(
        allow_null=True, help_text="escalated and not unfounded, of what was decided"
    )


class AlertQuery(StrictSerializer):
    """Which alerts."""

    rule = serializers.CharField(max_length=32, required=False)
    status = serializers.ChoiceField(AlertState.choices, required=False)
    subject = serializers.CharField(max_length=24, required=False)


TEXT = OpenApiTypes.STR


class Alerts(APIView):
    """Alerts of surveillance."""

    permission_classes = [gate("read")]
    look = "alerts"

    @extend_schema(
        operation_id="alerts_list",
        tags=["alerts"],
        parameters=[
            OpenApiParameter("rule", TEXT),
            OpenApiParameter("status", TEXT, enum=AlertState.values),
            OpenApiParameter("subject", TEXT, description="organization, product or order"),
        ],
        responses=page_out(AlertOut),
    )
    def get(self, request: Request) -> Response:
        """List those one may know of: all for the watch, one's own once they are escalated."""
        names = ("rule", "status", "subject")
        asked = {name: request.query_params[name] for name in names if name in request.query_params}
        said = read_input(AlertQuery, asked)
        actor = actor_of(request)
        rows = queries.desk(actor, queries.AlertFilters(**said))
        return page_of(
            rows,
            request,
            self,
            render=lambda row: AlertOut(row, context={"actor": actor}).data,
            parameters=names,
        )


class AlertDetail(APIView):
    """One alert."""

    permission_classes = [gate("read")]
    look = "alert"

    @extend_schema(operation_id="alerts_read", tags=["alerts"], responses=AlertOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        actor = actor_of(request)
        found = queries.get_alert_for(actor, reference)
        return Response(AlertOut(found, context={"actor": actor}).data)


class AlertTallies(APIView):
    """Counts by rule and outcome."""

    permission_classes = [gate("review", roles=WATCHERS)]
    look = "statistics"

    @extend_schema(
        operation_id="statistics_alerts", tags=["statistics"], responses=TallyOut(many=True)
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  the same for all who watch
        """Return for each rule how often it fired and what became of it."""
        return Response([TallyOut(row).data for row in queries.tallies()])


def _verb(name: str, summary: str, takes: Any, service: Any, roles: tuple[str, ...]) -> Any:
    return verb_view(
        operation=f"alerts_{name}",
        summary=summary,
        permission=gate("review", roles=roles),
        load=queries.get_alert_for,
        service=service,
        argument="alert",
        output=AlertOut,
        takes=takes,
    )


def _suspend(**said: Any) -> Alert:
    services.suspend_upon_alert(**said)
    found: Alert = said["alert"]
    return found


REGULATOR = ("REGULATOR",)
TakeUp = _verb("take_up", "Begin to look at it", None, services.take_up_alert, WATCHERS)
Dismiss = _verb("dismiss", "Find no case", DismissIn, services.dismiss_alert, WATCHERS)
Escalate = _verb(
    "escalate", "Lay it before the regulator", EscalateIn, services.escalate_alert, WATCHERS
)
Suspend = _verb("suspend", "Suspend a listing upon it", SuspendListingIn, _suspend, REGULATOR)
Close = _verb("close", "Say what was true of it", CloseIn, services.close_alert, REGULATOR)
