"""Screenings and cases over REST: what was found, which rules fired, what to do."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.compliance import queries, services
from exchange.compliance.models import Screening

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, StrictSerializer, page_out
from .verbs import verb_view


class ScreeningOut(serializers.Serializer[Screening]):
    """One reading of a release's whole content."""

    reference = serializers.CharField()
    release = serializers.CharField(source="release.reference")
    status = serializers.CharField()
    progress = serializers.IntegerField(help_text="percent of the rows read")
    outcome = serializers.CharField(help_text="CLEAR, REVIEW, BLOCK or REFUSED")
    grade = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    personal = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
    pack = serializers.CharField()
    scanner = serializers.CharField()
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ScreeningDetailOut(ScreeningOut):
    """The reading with its signed report."""

    report = serializers.JSONField()
    report_sha256 = serializers.CharField()
    signature = serializers.CharField()
    signed_by = serializers.CharField()


class CaseOut(ActionsOut):
    """A decision that the rules leave to a person."""

    reference = serializers.CharField()
    screening = serializers.CharField(source="screening.reference")
    release = serializers.CharField(source="screening.release.reference")
    status = serializers.CharField()
    authority = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class DecideIn(StrictSerializer):
    """The decision and why."""

    approve = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class Screenings(APIView):
    """The screenings one may read."""

    permission_classes = [gate("read")]
    look = "screenings"

    @extend_schema(
        operation_id="screenings_list", tags=["screenings"], responses=page_out(ScreeningOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.screenings_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ScreeningOut(row).data)


class ScreeningDetail(APIView):
    """One screening."""

    permission_classes = [gate("read")]
    look = "screening"

    @extend_schema(
        operation_id="screenings_read", tags=["screenings"], responses=ScreeningDetailOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its report; ask again while it runs."""
        found = queries.get_screening_for(actor_of(request), reference)
        return Response(ScreeningDetailOut(found).data)


class Cases(APIView):
    """The cases one may read."""

    permission_classes = [gate("read")]
    look = "cases"

    @extend_schema(operation_id="cases_list", tags=["cases"], responses=page_out(CaseOut))
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.cases_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: CaseOut(row).data)


class CaseDetail(APIView):
    """One case."""

    permission_classes = [gate("read")]
    look = "case"

    @extend_schema(operation_id="cases_read", tags=["cases"], responses=CaseOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(CaseOut(queries.get_case_for(actor_of(request), reference)).data)


DecideCase = verb_view(
    operation="cases_decide",
    summary="Approve or reject what the rules leave to a person",
    permission=gate("review", roles=("OPERATOR", "REGULATOR")),
    load=queries.get_case_for,
    service=services.decide_case,
    argument="case",
    takes=DecideIn,
    output=CaseOut,
)
