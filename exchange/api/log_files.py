"""The log's files at the log's own address, `/audit/<period>/…` (C2SP tlog-tiles).

Checkpoint and tiles of hashes are public. Bundles of entries hold what parties agreed, so they are
for regulator and operator (docs/decisions/0009). A web server may serve the same folder instead.
"""

from django.http import HttpResponse
from django.urls import re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.log.errors import NotFound
from audit.log.tiles import CHECKPOINT, LEVEL, PLACE, TileStore

from .permissions import Public, gate

TEXT = {(200, "text/plain"): OpenApiTypes.STR}
BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
FRESH = "public, max-age=2"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "private, max-age=31536000, immutable"
PERIOD = "(?P<period>[0-9]{4})"


class CheckpointText(APIView):
    """The newest head of a period's log."""

    permission_classes = [Public]
    throttle_classes = ()  # a file; who follows the log asks for it often

    @extend_schema(operation_id="log_checkpoint", tags=["log"], auth=[], responses=TEXT)
    def get(self, request: Request, period: str) -> HttpResponse:  # noqa: ARG002
        """Return the signed note, cosignatures under it."""
        found = TileStore.of_period(period).read(CHECKPOINT)
        return _file(found, kind="text/plain; charset=utf-8", caching=FRESH)


class Tile(APIView):
    """Tiles of hashes."""

    permission_classes = [Public]
    throttle_classes = ()  # files; a log of a million entries has four thousand of them

    @extend_schema(operation_id="log_tile", tags=["log"], auth=[], responses=BINARY)
    def get(self, request: Request, period: str, level: int, path: str) -> HttpResponse:  # noqa: ARG002
        """Return 32-byte hashes, up to 256 of them."""
        return _file(TileStore.of_period(period).serve(int(level), path))


class Bundle(APIView):
    """Bundles of entries."""

    permission_classes = [gate("audit", roles=("REGULATOR", "OPERATOR"))]

    @extend_schema(operation_id="log_bundle", tags=["log"], responses=BINARY)
    def get(self, request: Request, period: str, path: str) -> HttpResponse:  # noqa: ARG002
        """Return up to 256 entries, each behind its length."""
        return _file(TileStore.of_period(period).serve("entries", path), caching=PRIVATE)


def _file(
    content: bytes | None, *, kind: str = "application/octet-stream", caching: str = IMMUTABLE
) -> HttpResponse:
    if content is None:
        raise NotFound
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": caching})


urlpatterns = [
    re_path(rf"^{PERIOD}/checkpoint\Z", CheckpointText.as_view(), name="log-checkpoint"),
    re_path(rf"^{PERIOD}/tile/(?P<level>{LEVEL})/(?P<path>{PLACE})\Z", Tile.as_view()),
    re_path(rf"^{PERIOD}/tile/entries/(?P<path>{PLACE})\Z", Bundle.as_view()),
]
