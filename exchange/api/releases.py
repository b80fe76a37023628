"""Releases over REST: upload, submit to the filter, follow what became of them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog import queries, services
from exchange.catalog.models import Release

from .authentication import place_of
from .pagination import page_of
from .parsers import UploadParser
from .permissions import Public, actor_of, gate, open_to_read
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .shown import ShownOut
from .verbs import verb_view


class ReleaseOut(ActionsOut):
    """One upload of a product's content."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    number = serializers.IntegerField()
    status = serializers.CharField()
    status_reason = serializers.CharField()
    changelog = serializers.CharField()
    sha256 = serializers.CharField()
    format = serializers.CharField()
    rows = serializers.IntegerField()
    size = serializers.IntegerField()
    screening = serializers.CharField()
    grade = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    personal = serializers.CharField()
    cleared_pack = serializers.CharField()
    uploaded_at = serializers.DateTimeField()


class ReleaseDetailOut(ShownOut, ReleaseOut):
    """An upload with its columns, profile and masked sample."""

    filename = serializers.CharField()
    encoding = serializers.CharField()
    columns = serializers.JSONField()
    notes = serializers.JSONField()

    def release_of(self, row: Release) -> Release:
        """Return the release itself."""
        return row


class UploadIn(StrictSerializer):
    """A file of data."""

    file = serializers.FileField(
        help_text="CSV, TSV, JSON, JSON Lines, GeoJSON, XLSX or Parquet; ONNX for a trained model"
    )
    changelog = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class Releases(APIView):
    """The releases of a product."""

    parser_classes = [UploadParser]

    def get_permissions(self) -> list[Any]:
        """Anybody looks at what is on the market; the provider uploads."""
        return open_to_read(self.request, else_=gate("list", roles=("PROVIDER",)))

    @extend_schema(operation_id="releases_list", tags=["releases"], responses=page_out(ReleaseOut))
    def get(self, request: Request, reference: str) -> Response:
        """List those one may see, the newest first."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        rows = queries.list_releases(actor, product)
        return page_of(
            rows, request, self, render=lambda row: ReleaseOut(row).data, ordering="-number"
        )

    @extend_schema(
        operation_id="releases_upload",
        tags=["releases"],
        request={"multipart/form-data": UploadIn},
        responses={201: ReleaseDetailOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Upload a file; it is read to its end before it becomes a release."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        values: dict[str, Any] = read_input(UploadIn, request.data)
        made = services.upload_release(
            product=product,
            source=values["file"],
            filename=values["file"].name,
            changelog=values["changelog"],
            by=actor,
            at=timezone.now(),
        )
        return Response(
            ReleaseDetailOut(made, context={"place": place_of(request)}).data,
            status=status.HTTP_201_CREATED,
        )


class ReleaseDetail(APIView):
    """One release."""

    permission_classes = [Public]

    @extend_schema(operation_id="releases_read", tags=["releases"], responses=ReleaseDetailOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with profile and masked sample."""
        found = queries.get_release_for(actor_of(request), reference)
        return Response(ReleaseDetailOut(found, context={"place": place_of(request)}).data)


SubmitRelease = verb_view(
    operation="releases_submit",
    summary="Hand it to the filter; its content is final from now on",
    permission=gate("list", roles=("PROVIDER",)),
    load=queries.get_release_for,
    service=services.submit_release,
    argument="release",
    output=ReleaseOut,
)
WithdrawRelease = verb_view(
    operation="releases_withdraw",
    summary="Take back a release that nobody can order",
    permission=gate("list", roles=("PROVIDER",)),
    load=queries.get_release_for,
    service=services.withdraw_release,
    argument="release",
    takes=ReasonIn,
    output=ReleaseOut,
)
