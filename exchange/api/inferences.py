"""Calling a model over REST: rows in, outputs back, one unit of the budget."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Invalid
from audit.rulebook.queries import day_of
from exchange.delivery import queries, services
from exchange.delivery.inputs import call_rules
from exchange.delivery.services import Inference

from .delivery import AccessOut
from .idempotency import KEY_PARAMETER, key_of
from .permissions import actor_of, gate
from .serializers import StrictSerializer, read_input


class InferenceIn(StrictSerializer):
    """Rows for a model."""

    inputs = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="a list of rows for each input by its name; a row is a value or a list of them",
    )


class InferenceOut(AccessOut):
    """The access that the call took, and what the model said."""

    rows = serializers.IntegerField()
    release_sha256 = serializers.CharField(help_text="digest of the model that was run")
    disclosure = serializers.CharField(help_text="version of its disclosure in force")
    inputs_sha256 = serializers.CharField(help_text="digest of the rows, which are not kept")
    outputs = serializers.JSONField(help_text="a list of rows for each output by its name")
    left = serializers.IntegerField(help_text="calls left under the grant")


class CallModel(APIView):
    """Calling the model of a grant."""

    permission_classes = [gate("trade")]

    @extend_schema(
        operation_id="grants_infer",
        tags=["grants"],
        request=InferenceIn,
        parameters=[KEY_PARAMETER],
        responses={201: InferenceOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Run the model over the rows; the same key repeats the answer and takes nothing more."""
        actor, now = actor_of(request), timezone.now()
        key = key_of(request)
        grant = queries.get_grant_for(actor, reference)
        most = int(call_rules(day_of(now))["most_bytes"])
        if int(request.headers.get("Content-Length") or 0) > most:
            raise Invalid({"inputs": [_("A call takes %(most)d bytes at most.") % {"most": most}]})
        made = services.call_model(
            grant=grant,
            inputs=read_input(InferenceIn, request.data)["inputs"],
            by=actor,
            at=now,
            request_key=key,
        )
        return Response(
            told(made), status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"}
        )


def told(made: Inference) -> dict[str, Any]:
    """Return an answered call as it is sent."""
    names = ("rows", "release_sha256", "disclosure", "inputs_sha256", "outputs")
    grant = queries.read_again(made.access.grant)
    said = {name: made.answer[name] for name in names}
    return {**AccessOut(made.access).data, **said, "left": grant.left_downloads}
