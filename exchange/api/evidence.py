"""Evidence bundles over REST: ask for one, see how far it is, fetch the file or parts of it."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.oversight.evidence import services
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import bundles_visible_to, get_bundle_for
from exchange.oversight.states import EvidenceKind, EvidenceState

from .delivery import read_range
from .idempotency import KEY_PARAMETER, idempotent
from .pagination import page_of
from .permissions import actor_of, gate
from .problems import ProblemOut, document
from .serializers import ActionsOut, StrictSerializer, page_out, read_input

RETRY_SECONDS = 2
ZIP = "application/zip"


class EvidenceIn(StrictSerializer):
    """What the evidence is to be of, and what for."""

    kind = serializers.ChoiceField(EvidenceKind.choices)
    reference = serializers.CharField(
        max_length=32,
        required=False,
        help_text="of the order, product or organization; of an algorithm a disclosure",
    )
    since = serializers.DateTimeField(required=False, help_text="of a period")
    until = serializers.DateTimeField(required=False, help_text="of a period, exclusive")
    purpose = serializers.CharField(max_length=200)


class EvidenceOut(ActionsOut):
    """An evidence bundle, and how far its making is."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    purpose = serializers.CharField()
    status = serializers.CharField()
    entries_done = serializers.IntegerField()
    entries_total = serializers.IntegerField()
    documents = serializers.IntegerField()
    failure = serializers.CharField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    size = serializers.IntegerField(source="stored.size", default=None, allow_null=True)
    sha256 = serializers.CharField(source="stored.sha256", default=None, allow_null=True)
    file = serializers.SerializerMethodField(help_text="address of the file, once it is ready")

    def get_file(self, row: EvidenceBundle) -> str | None:
        """Return where the bytes are."""
        if row.status != EvidenceState.READY:
            return None
        return reverse("api-evidence-file", args=[row.reference])


class EvidenceBundles(APIView):
    """The bundles one's organization asked for."""

    permission_classes = [gate("audit")]

    @extend_schema(
        operation_id="evidence_bundles_list", tags=["evidence"], responses=page_out(EvidenceOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = bundles_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: EvidenceOut(row).data)

    @extend_schema(
        operation_id="evidence_bundles_request",
        tags=["evidence"],
        request=EvidenceIn,
        parameters=[KEY_PARAMETER],
        responses={202: EvidenceOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for one; it is made within seconds, or longer where there is much."""
        values = read_input(EvidenceIn, request.data)
        made = services.request_bundle(
            subject=values.pop("reference", ""), by=actor_of(request), at=timezone.now(), **values
        )
        return Response(EvidenceOut(made).data, status=status.HTTP_202_ACCEPTED)


class EvidenceDetail(APIView):
    """One bundle."""

    permission_classes = [gate("audit")]

    @extend_schema(operation_id="evidence_bundles_read", tags=["evidence"], responses=EvidenceOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it, with how many entries are written of how many."""
        return Response(EvidenceOut(get_bundle_for(actor_of(request), reference)).data)

    @extend_schema(operation_id="evidence_bundles_remove", tags=["evidence"], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Erase the file before its time; the request stays on record."""
        actor = actor_of(request)
        bundle = get_bundle_for(actor, reference)
        services.remove_bundle(bundle=bundle, by=actor, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class EvidenceFile(APIView):
    """The file of a bundle; every time it is handed out is an entry of the log."""

    permission_classes = [gate("audit")]

    @extend_schema(
        operation_id="evidence_bundles_file",
        tags=["evidence"],
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER)],
        responses={
            (200, ZIP): OpenApiTypes.BINARY,
            (206, ZIP): OpenApiTypes.BINARY,
            202: ProblemOut,
        },
    )
    def get(self, request: Request, reference: str) -> Any:
        """Return it or the one range asked for, or 202 with Retry-After while it is made."""
        actor = actor_of(request)
        bundle = get_bundle_for(actor, reference)
        try:
            stored = services.file_of(bundle)
        except services.NotReady as wait:
            problem = document(wait.as_problem(), request)
            return Response(problem, status=202, headers={"Retry-After": str(RETRY_SECONDS)})
        tag = f'"{stored.sha256}"'
        wanted = request.headers.get("Range", "")
        if request.headers.get("If-Range", tag) != tag:
            wanted = ""
        span = read_range(wanted, stored.size)
        if request.method == "HEAD":
            return _described(HttpResponse(content_type=ZIP), bundle, tag, span, stored.size)
        download = services.open_bundle(bundle=bundle, span=span, by=actor, at=timezone.now())
        whole = span or range(stored.size)
        chunks = download.chunks(whole.start, whole.stop)
        answer = StreamingHttpResponse(chunks, content_type=ZIP)
        return _described(answer, bundle, tag, span, stored.size)


def _described(
    answer: HttpResponse | StreamingHttpResponse,
    bundle: EvidenceBundle,
    tag: str,
    span: range | None,
    size: int,
) -> HttpResponse | StreamingHttpResponse:
    whole = span or range(size)
    answer["Content-Length"] = str(len(whole))
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-store"
    name = content_disposition_header(as_attachment=True, filename=bundle.filename)
    answer["Content-Disposition"] = name or "attachment"
    if span is not None:
        answer.status_code = status.HTTP_206_PARTIAL_CONTENT
        answer["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return answer
