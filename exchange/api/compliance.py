"""Screenings over REST: what was found, which rules fired, what to do."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.compliance import queries
from exchange.compliance.models import Screening

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import page_out


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
