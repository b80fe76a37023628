"""The rules in force over REST: every version that was published, with its text."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from audit.rulebook.models import RulePack
from audit.rulebook.queries import find_pack

from .pagination import page_of
from .permissions import Public
from .serializers import page_out


class PackOut(serializers.Serializer[RulePack]):
    """A published version."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    effective_on = serializers.DateField()
    sha256 = serializers.CharField()
    status = serializers.CharField()


class PackDetailOut(PackOut):
    """A published version with its text."""

    data = serializers.JSONField()  # type: ignore[assignment]  # a field named data


class Packs(APIView):
    """Published versions."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="rule_packs_list", tags=["rules"], auth=[], responses=page_out(PackOut)
    )
    def get(self, request: Request) -> Response:
        """List them by kind, the newest first."""
        rows = RulePack.objects.all()
        return page_of(
            rows,
            request,
            self,
            render=lambda row: PackOut(row).data,
            ordering=("kind", "-effective_on", "pk"),
        )


class PackDetail(APIView):
    """One version."""

    permission_classes = [Public]

    @extend_schema(operation_id="rule_packs_read", tags=["rules"], auth=[], responses=PackDetailOut)
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Return it with its text."""
        row = RulePack.objects.filter(reference=reference).first()
        found = find_pack(reference) if row else None
        if row is None or found is None:
            raise NotFound
        return Response({**PackOut(row).data, "data": found.data})
