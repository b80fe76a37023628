"""Screenings over REST: what was found, which rules fired, what to do."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.compliance import queries, services
from exchange.compliance.models import Screening
from exchange.compliance.resting import resting_algorithms
from exchange.compliance.states import ScreeningState

from .pagination import page_of
from .parsers import UploadParser
from .permissions import SAFE, actor_of, gate
from .serializers import StrictSerializer, page_out, read_input
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

    waits_for = serializers.SerializerMethodField(
        help_text="algorithms that may not decide now, while it is in the queue because of them"
    )
    report = serializers.JSONField()
    report_sha256 = serializers.CharField()
    signature = serializers.CharField()
    signed_by = serializers.CharField()

    def get_waits_for(self, row: Screening) -> list[str]:
        """Return the keys of suspended algorithms that a queued screening waits for."""
        if row.status != ScreeningState.QUEUED:
            return []
        return [each.algorithm for each in resting_algorithms()]


class FileCheckIn(StrictSerializer):
    """A file that is read and not kept."""

    file = serializers.FileField(help_text="CSV, TSV, JSON, JSON Lines, GeoJSON, XLSX or Parquet")


class CheckedOut(serializers.Serializer[Any]):
    """What the filter would say of a file; nothing of it was kept."""

    filename = serializers.CharField()
    outcome = serializers.CharField(help_text="CLEAR, REVIEW, BLOCK or REFUSED")
    pack = serializers.CharField()
    error = serializers.CharField(help_text="why it could not be read, if it could not")
    report = serializers.JSONField(help_text="as of a screening, not signed: it clears nothing")


class Screenings(APIView):
    """The screenings one may read."""

    parser_classes = [UploadParser]
    look = "screenings"

    def get_permissions(self) -> list[Any]:
        """Members read; providers have files checked."""
        if self.request.method in SAFE:
            return [gate("read")()]
        return [gate("list", roles=("PROVIDER",))()]

    @extend_schema(
        operation_id="screenings_list", tags=["screenings"], responses=page_out(ScreeningOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.screenings_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ScreeningOut(row).data)

    @extend_schema(
        operation_id="screenings_check",
        tags=["screenings"],
        request={"multipart/form-data": FileCheckIn},
        responses=CheckedOut,
    )
    def post(self, request: Request) -> Response:
        """Check a file before it is uploaded for sale; it is read to its end and not kept."""
        values: dict[str, Any] = read_input(FileCheckIn, request.data)
        checked = services.check_file(
            source=values["file"],
            filename=values["file"].name,
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(CheckedOut(checked).data)


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


RetryScreening = verb_view(
    operation="screenings_retry",
    summary="Have a release read again whose screening failed",
    permission=gate("list", "review"),
    load=queries.get_screening_for,
    service=services.retry_screening,
    argument="screening",
    output=ScreeningOut,
    repeatable=True,
)
