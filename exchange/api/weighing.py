"""What an export would need, before anybody orders: over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog.queries import get_product_for
from exchange.compliance import export_queries as queries
from exchange.compliance.export import Place
from exchange.compliance.export_words import describe
from exchange.compliance.filing_rules import is_own_affair
from exchange.compliance.states import DeclaredPlace
from exchange.parties.queries import get_organization

from .exports import LineOut
from .permissions import actor_of, gate
from .serializers import StrictSerializer, read_input


class WeighedOut(serializers.Serializer[Any]):
    """What an export needs, and what of it is there."""

    outcome = serializers.CharField(help_text="INSIDE, EXEMPT, CONTRACT, SECURITY_ASSESSMENT, DENY")
    outcome_label = serializers.CharField()
    allowed = serializers.BooleanField()
    accepted = serializers.JSONField(help_text="the kinds of evidence that would do")
    mechanism = serializers.CharField(help_text="the kind of evidence it rests on")
    ground = serializers.CharField()
    ground_label = serializers.CharField()
    ground_basis = serializers.CharField()
    places = serializers.ListField(child=serializers.CharField())
    place_labels = serializers.ListField(child=serializers.CharField())
    pack = serializers.CharField()
    persons = serializers.JSONField()
    year = serializers.JSONField()
    lines = LineOut(many=True)
    zone_lists = serializers.ListField(child=serializers.CharField())
    fields_listed = serializers.ListField(child=serializers.CharField())
    fields_unlisted = serializers.ListField(child=serializers.CharField())
    fields_important = serializers.ListField(child=serializers.CharField())
    rules = serializers.JSONField(help_text="each rule: basis, what to do, met, what is wanting")


class WeighIn(StrictSerializer):
    """An order that might be placed."""

    product = serializers.CharField(max_length=24)
    recipient = serializers.CharField(max_length=24)
    recipient_place = serializers.ChoiceField(DeclaredPlace.choices)
    access_places = serializers.ListField(
        child=serializers.ChoiceField(DeclaredPlace.choices), allow_empty=False
    )
    use = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class WeighExport(APIView):
    """What an order would need to leave."""

    permission_classes = [gate("list", "trade", roles=("PROVIDER", "BUYER"))]

    @extend_schema(
        operation_id="exports_weigh",
        tags=["exports"],
        request=WeighIn,
        responses={200: WeighedOut},
    )
    def post(self, request: Request) -> Response:
        """Decide as for an order, on what is on file now; nothing is kept.

        A provider asks about its own product and is told how far its year has come; a buyer asks
        about an order of its own and is told what the export needs.
        """
        actor = actor_of(request)
        values = read_input(WeighIn, request.data)
        product = get_product_for(actor, values["product"])
        weighed = queries.weigh_for(
            actor,
            product=product,
            recipient=get_organization(values["recipient"]),
            seat=Place(values["recipient_place"]),
            access=frozenset(map(Place, values["access_places"])),
            use=values["use"],
            at=timezone.now(),
        )
        return Response(describe(weighed, whole=is_own_affair(actor, product)))
