"""The log over REST: its head for anybody, entries and receipts for those concerned.

Its files are served beside, at their own stable address: see `log_files`.
"""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from audit.log.models import Checkpoint, Entry
from audit.log.queries import get_entry, latest_checkpoint, state_of
from audit.log.receipts import RETRY_SECONDS, NotPublished, receipt_for
from audit.log.signing import get_signer
from exchange.oversight.queries import entries_visible_to

from .looks import WATCHERS
from .permissions import Public, actor_of, gate
from .problems import ProblemOut, document

TEXT = {(200, "text/plain"): OpenApiTypes.STR}


class HeadOut(serializers.Serializer[Checkpoint]):
    """The newest signed tree head."""

    origin = serializers.CharField(source="log.origin", help_text="the log of the newest period")
    size = serializers.IntegerField(help_text="entries of this period's log")
    first = serializers.IntegerField(
        source="log.first", help_text="index of its first entry among those of all periods"
    )
    root = serializers.SerializerMethodField()  # type: ignore[assignment]  # a field named root
    created_at = serializers.DateTimeField()
    note = serializers.CharField(source="published_note", help_text="C2SP signed note")
    witnessed = serializers.BooleanField(help_text="whether the witnesses' quorum cosigned it")
    verifier_key = serializers.SerializerMethodField()

    def get_root(self, row: Checkpoint) -> str:
        """Return the root hash in hexadecimal."""
        return bytes(row.root).hex()

    def get_verifier_key(self, row: Checkpoint) -> str:
        """Return the key that checks the note."""
        return get_signer("log", origin=row.log.origin).verifier_key


class EntryOut(serializers.Serializer[Entry]):
    """One entry and how far it has come."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField()
    index = serializers.IntegerField(source="leaf.index", default=None, allow_null=True)
    leaf_hash = serializers.SerializerMethodField()
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # a field named data
        help_text="the exact bytes that are hashed"
    )

    def get_state(self, row: Entry) -> str:
        """Return PENDING, SEQUENCED or PUBLISHED."""
        return state_of(row)

    def get_leaf_hash(self, row: Entry) -> str:
        """Return the leaf hash in hexadecimal."""
        return bytes(row.leaf_hash).hex()

    def get_data(self, row: Entry) -> str:
        """Return the entry as text; it is UTF-8 JSON."""
        return bytes(row.data).decode()


class Head(APIView):
    """The newest head."""

    permission_classes = [Public]

    @extend_schema(operation_id="log_head", tags=["log"], auth=[], responses=HeadOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Return size, root, signed note and the key that checks it."""
        found = latest_checkpoint()
        if found is None:
            raise NotFound
        return Response(HeadOut(found).data, headers={"Cache-Control": "max-age=2"})


def _entry_for(request: Request, identity: UUID) -> Entry:
    entry = get_entry(identity)
    if not entries_visible_to(actor_of(request)).filter(pk=entry.pk).exists():
        raise NotFound
    return entry


class EntryDetail(APIView):
    """One entry."""

    permission_classes = [gate("read")]
    look = "entry"
    look_of = WATCHERS

    @extend_schema(operation_id="log_entry", tags=["log"], responses=EntryOut)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return its bytes, index and state."""
        return Response(EntryOut(_entry_for(request, identity)).data)


class Receipt(APIView):
    """The receipt of one entry (C2SP tlog-proof)."""

    permission_classes = [gate("read")]
    look = "entry"
    look_of = WATCHERS

    @extend_schema(
        operation_id="log_receipt",
        tags=["log"],
        responses=TEXT | {202: ProblemOut},
    )
    def get(self, request: Request, identity: UUID) -> HttpResponse:
        """Return it, or 202 with Retry-After until a signed checkpoint covers the entry."""
        entry = _entry_for(request, identity)
        try:
            receipt = receipt_for(entry)
        except NotPublished as wait:
            problem = document(wait.as_problem(), request)
            return Response(problem, status=202, headers={"Retry-After": str(RETRY_SECONDS)})
        name = f'attachment; filename="{entry.id}.tlog-proof"'
        return HttpResponse(
            receipt,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": name},
        )
