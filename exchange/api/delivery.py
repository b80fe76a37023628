"""Grants and downloads over REST: take one of the budget, then fetch the bytes by a signed link."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.delivery import queries, services
from exchange.delivery.models import Access
from exchange.delivery.rules import LINK_LIFETIME
from exchange.delivery.services import Download
from exchange.delivery.states import Form

from .authentication import place_of, request_id_of
from .idempotency import KEY_PARAMETER, key_of
from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
Answer = TypeVar("Answer", bound=HttpResponseBase)


class RangeNotSatisfiable(APIException):
    """A range that begins behind the end of the file."""

    status_code = status.HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE
    default_code = "range-not-satisfiable"
    default_detail = _("The range lies behind the end of the file.")

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers = {"Content-Range": f"bytes */{size}"}


class GrantOut(ActionsOut):
    """What a contract opened."""

    reference = serializers.CharField()
    order = serializers.CharField()
    contract = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    release = serializers.CharField(source="release.reference")
    release_sha256 = serializers.CharField()
    grantee = serializers.CharField(source="grantee.reference")
    channel = serializers.CharField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    budget_downloads = serializers.IntegerField()
    used_downloads = serializers.IntegerField()
    status = serializers.CharField()
    status_reason = serializers.CharField()


class AccessOut(serializers.Serializer[Access]):
    """One unit of the budget, taken."""

    reference = serializers.CharField()
    grant = serializers.CharField(source="grant.reference")
    form = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    status = serializers.CharField()
    taken_at = serializers.DateTimeField()
    resumable_until = serializers.DateTimeField()
    bytes_sent = serializers.IntegerField()


class LinkOut(AccessOut):
    """The access with a link to its bytes."""

    filename = serializers.CharField()
    url = serializers.URLField(help_text="valid for expires_in seconds; supports Range")
    expires_in = serializers.IntegerField()


class DownloadIn(StrictSerializer):
    """Which rendering of the release."""

    form = serializers.ChoiceField(
        Form.choices,
        required=False,
        help_text="ORIGINAL where the filter read every byte of the file, else TABLE",
    )
    release = serializers.CharField(max_length=24, required=False, default="", allow_blank=True)


class Grants(APIView):
    """What was opened to one's organization, or for its products."""

    permission_classes = [gate("trade")]
    look = "grants"

    @extend_schema(operation_id="grants_list", tags=["grants"], responses=page_out(GrantOut))
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.grants_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: GrantOut(row).data)


class GrantDetail(APIView):
    """One grant."""

    permission_classes = [gate("trade")]
    look = "grant"

    @extend_schema(operation_id="grants_read", tags=["grants"], responses=GrantOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with what is left of its budget."""
        return Response(GrantOut(queries.get_grant_for(actor_of(request), reference)).data)


RevokeGrant = verb_view(
    operation="grants_revoke",
    summary="End a grant for good; the very next request under it is refused",
    permission=gate("trade", "review"),
    load=queries.get_grant_for,
    service=services.revoke_grant,
    argument="grant",
    takes=ReasonIn,
    output=GrantOut,
)


class TakeDownload(APIView):
    """Taking one download of the budget."""

    permission_classes = [gate("trade")]

    @extend_schema(
        operation_id="grants_download",
        tags=["grants"],
        request=DownloadIn,
        parameters=[KEY_PARAMETER],
        responses={201: LinkOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Take it, or be refused; the same key takes nothing more and renews the link."""
        actor, now = actor_of(request), timezone.now()
        key = key_of(request)
        grant = queries.get_grant_for(actor, reference)
        values = read_input(DownloadIn, request.data)
        download = services.take_download(
            grant=grant,
            by=actor,
            at=now,
            form=Form(values["form"]) if "form" in values else None,
            release=values["release"],
            request_key=key,
        )
        return _with_link(request, download)


class QuestionIn(StrictSerializer):
    """A question to data that stays within the exchange: groups, and figures of each."""

    by = serializers.ListField(
        child=serializers.CharField(max_length=256), help_text="columns that form the groups"
    )
    measures = serializers.ListField(
        child=serializers.DictField(),
        help_text="figures: {take: COUNT}, or {take: SUM or MEAN, column, name}",
    )
    coarser = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="steps of a recipe that make columns coarser first: period, age_band, band, …",
    )
    smallest = serializers.IntegerField(
        required=False, help_text="groups of fewer rows or persons are left out; 10 at least"
    )


class AskQuestion(APIView):
    """Asking a question where the contract keeps the data within the exchange."""

    permission_classes = [gate("trade")]

    @extend_schema(
        operation_id="grants_ask",
        tags=["grants"],
        request=QuestionIn,
        parameters=[KEY_PARAMETER],
        responses={201: LinkOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Have it answered, which takes one unit of the budget; the link leads to the answer."""
        actor, now = actor_of(request), timezone.now()
        key = key_of(request)
        grant = queries.get_grant_for(actor, reference)
        download = services.ask_question(
            grant=grant,
            question=read_input(QuestionIn, request.data),
            by=actor,
            at=now,
            request_key=key,
        )
        return _with_link(request, download)


class AccessLink(APIView):
    """A new link to a download that was taken and broke off."""

    permission_classes = [gate("trade")]

    @extend_schema(
        operation_id="accesses_link", tags=["grants"], request=None, responses={201: LinkOut}
    )
    def post(self, request: Request, reference: str) -> Response:
        """Go on without taking budget again, within the time for resuming."""
        actor = actor_of(request)
        access = queries.get_access_for(actor, reference)
        download = services.resume_download(access=access, by=actor, at=timezone.now())
        return _with_link(request, download)


def _with_link(request: Request, download: Download) -> Response:
    actor = actor_of(request)
    token = services.issue_link(access=download.access, by=actor, at=download.at)
    url = request.build_absolute_uri(reverse("api-bytes", args=[token]))
    body: dict[str, Any] = {
        **AccessOut(download.access).data,
        "filename": download.filename,
        "url": url,
        "expires_in": int(LINK_LIFETIME.total_seconds()),
    }
    return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class Bytes(APIView):
    """The bytes behind a signed link; the grant is asked again on every request."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="accesses_bytes",
        tags=["grants"],
        auth=[],
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER)],
        responses={(200, "*/*"): OpenApiTypes.BINARY, (206, "*/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, token: str) -> HttpResponse | StreamingHttpResponse:
        """Return the file, or the one range asked for; If-Range by the file's ETag."""
        download = services.follow_link(
            token=token,
            at=timezone.now(),
            request_id=request_id_of(request),
            place=place_of(request),
        )
        wanted = request.headers.get("Range", "")
        condition = request.headers.get("If-Range")
        if condition is not None and condition != _tag(download):
            wanted = ""
        span = read_range(wanted, download.size)
        if request.method == "HEAD":
            return _described(HttpResponse(content_type=download.media_type), download, span)
        chunks: Iterator[bytes] = download.chunks(*_ends(span, download.size), clock=timezone.now)
        answer = StreamingHttpResponse(chunks, content_type=download.media_type)
        return _described(answer, download, span)


def read_range(wanted: str, size: int) -> range | None:
    """Return the single byte range asked for, None for the whole; raise RangeNotSatisfiable.

    Several ranges at once, and what is not a range of bytes, are answered with the whole file
    (RFC 9110, section 14.2).
    """
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        span = range(max(0, size - int(found[2])), size)
    else:
        span = range(int(found[1]), min(int(found[2]) + 1, size) if found[2] else size)
    if found[1] and found[2] and int(found[1]) > int(found[2]):
        return None  # not a range at all
    if not span:
        raise RangeNotSatisfiable(size)
    return span


def _ends(span: range | None, size: int) -> tuple[int, int]:
    return (0, size) if span is None else (span.start, span.stop)


def _tag(download: Download) -> str:
    return f'"{download.sha256}"'


def _described(answer: Answer, download: Download, span: range | None) -> Answer:
    """Say on `answer` what is carried: of which file, how much, from where."""
    start, stop = _ends(span, download.size)
    answer["Content-Length"] = str(stop - start)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = _tag(download)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    disposition = content_disposition_header(as_attachment=True, filename=download.filename)
    if disposition:
        answer["Content-Disposition"] = disposition
    if span is not None:
        answer.status_code = status.HTTP_206_PARTIAL_CONTENT
        answer["Content-Range"] = f"bytes {start}-{stop - 1}/{download.size}"
    return answer
