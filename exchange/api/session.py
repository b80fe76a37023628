"""Who am I: the first call of every integration."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .permissions import actor_of, gate


class MeOut(serializers.Serializer[Any]):
    """The caller as the exchange sees it."""

    kind = serializers.CharField(help_text="USER, TOKEN or SYSTEM")
    id = serializers.CharField(help_text="pseudonymous id, as it stands in the log")
    organization = serializers.CharField(help_text="reference of the organization acted for")
    roles = serializers.ListField(
        child=serializers.CharField(), help_text="roles in force; empty unless admitted"
    )
    member_role = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField(), help_text="of a token")


class Me(APIView):
    """The caller itself."""

    permission_classes = [gate("read")]

    @extend_schema(operation_id="me", tags=["session"], responses=MeOut)
    def get(self, request: Request) -> Response:
        """Return who the credential acts for, in which roles."""
        actor = actor_of(request)
        return Response(
            {
                "kind": actor.kind,
                "id": actor.id,
                "organization": actor.organization,
                "roles": sorted(actor.roles),
                "member_role": actor.member_role,
                "scopes": sorted(actor.scopes),
            }
        )
