"""Disclosures as JSON files over REST: taken along, and brought in as drafts."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure import services
from audit.disclosure.disclosure_schema import disclosure_schema
from audit.disclosure.portable import MOST_BYTES, export_of, read_file
from audit.disclosure.showing import publicly_shown_to

from .disclosure import DisclosureOut, get_on_record, owner_for
from .permissions import Public, actor_of, gate


class WholeBody(BaseParser):
    """The body as it was sent, so that a name that stands twice is found; bounded in size."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  the framework's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Mapping[str, Any]:
        """Return at most a byte more than is taken, which is then refused."""
        return {"body": bytes(stream.read(MOST_BYTES + 1))}


class DisclosureFile(APIView):
    """One version as a file, with as much as the caller may read."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_export",
        tags=["disclosures"],
        auth=[],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it by the published schema; fields withheld are named under `register`."""
        actor = actor_of(request)
        found = get_on_record(request, reference)
        return Response(export_of(found, publicly_shown_to(actor, found)))


class DisclosureImport(APIView):
    """A draft from a file: an export, or a card of an algorithm."""

    parser_classes = [WholeBody]
    permission_classes = [gate("list", "review")]

    @extend_schema(
        operation_id="disclosures_import",
        tags=["disclosures"],
        request=OpenApiTypes.OBJECT,
        responses={201: DisclosureOut},
    )
    def post(self, request: Request) -> Response:
        """Draft the next version from the file; with faults nothing is kept, and all are named."""
        actor = actor_of(request)
        body = request.data.get("body", b"") if isinstance(request.data, dict) else b""
        made = services.draft_disclosure(
            statement=read_file(body), owner=owner_for(actor), by=actor, at=timezone.now()
        )
        out = DisclosureOut(made, context={"actor": actor})
        return Response(out.data, status=status.HTTP_201_CREATED)


class DisclosureSchema(APIView):
    """The form of such files."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_schema",
        tags=["disclosures"],
        auth=[],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  the framework's
        """Return the JSON Schema of disclosures as files."""
        return Response(disclosure_schema())
