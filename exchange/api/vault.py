"""Files over REST: licenses, proofs and documents that statements and applications name."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.vault import queries, services
from exchange.vault.models import StoredObject
from exchange.vault.states import Purpose

from .pagination import page_of
from .parsers import UploadParser
from .permissions import actor_of, gate
from .serializers import StrictSerializer, page_out, read_input

DOCUMENTS = [Purpose.LICENSE, Purpose.PROOF, Purpose.DOCUMENT, Purpose.EVIDENCE]
LARGEST = 20 * 1024**2


class ObjectIn(StrictSerializer):
    """A file to keep."""

    purpose = serializers.ChoiceField([(str(purpose), purpose.label) for purpose in DOCUMENTS])
    file = serializers.FileField(allow_empty_file=False)


class ObjectOut(serializers.Serializer[StoredObject]):
    """A kept file; its bytes are encrypted under a key of its own."""

    reference = serializers.CharField()
    purpose = serializers.CharField()
    filename = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    status = serializers.CharField()


class ObjectDetail(APIView):
    """One file of one's organization."""

    permission_classes = [gate("read")]
    look = "object"

    @extend_schema(operation_id="objects_read", tags=["objects"], responses=ObjectOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return what is kept; the bytes do not leave by this way."""
        return Response(ObjectOut(queries.get_object_for(actor_of(request), reference)).data)


class Objects(APIView):
    """The files of one's organization."""

    permission_classes = [gate("read")]
    look = "objects"
    parser_classes = [UploadParser]
    upload_limit = LARGEST

    @extend_schema(operation_id="objects_list", tags=["objects"], responses=page_out(ObjectOut))
    def get(self, request: Request) -> Response:
        """List them."""
        rows = queries.objects_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ObjectOut(row).data)

    @extend_schema(
        operation_id="objects_store",
        tags=["objects"],
        request={"multipart/form-data": ObjectIn},
        responses={201: ObjectOut},
    )
    def post(self, request: Request) -> Response:
        """Keep a document of at most 20 MiB."""
        actor = actor_of(request)
        values: dict[str, Any] = read_input(ObjectIn, request.data)
        stored = services.store_object(
            source=values["file"],
            filename=values["file"].name,
            purpose=Purpose(values["purpose"]),
            owner=actor.organization,
            max_bytes=LARGEST,
            by=actor,
            at=timezone.now(),
        )
        return Response(ObjectOut(stored).data, status=status.HTTP_201_CREATED)
