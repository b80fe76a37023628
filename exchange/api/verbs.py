"""Acts on one thing as sub-resources: load what the caller may see, one call, the answer."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor

from .authentication import place_of
from .idempotency import KEY_PARAMETER, idempotent
from .permissions import actor_of
from .serializers import StrictSerializer, read_input

Handler = Callable[[APIView, Request, str], Response]


def verb_view(  # noqa: PLR0913  what an act is described by
    *,
    operation: str,
    summary: str,
    permission: type[BasePermission],
    load: Callable[[Actor, str], Any],
    service: Callable[..., Any],
    argument: str,
    output: type[serializers.Serializer[Any]],
    takes: type[StrictSerializer] | None = None,
    repeatable: bool = False,
) -> type[APIView]:
    """Return the view of one act: `service(argument=thing, by=…, at=…, **input)`.

    `operation` is `<things>_<verb>`. With `repeatable` an Idempotency-Key is required and a
    repeated request is answered again.
    """

    def act(view: APIView, request: Request, reference: str) -> Response:  # noqa: ARG001
        actor = actor_of(request)
        thing = load(actor, reference)
        values = read_input(takes, request.data) if takes else {}
        done = service(**{argument: thing}, by=actor, at=timezone.now(), **values)
        return Response(output(done, context={"actor": actor, "place": place_of(request)}).data)

    handler: Handler = idempotent(act) if repeatable else act
    described = extend_schema(
        operation_id=operation,
        summary=summary,
        tags=[operation.partition("_")[0]],
        request=takes,
        parameters=[KEY_PARAMETER] if repeatable else None,
        responses=output,
    )(handler)
    members = {"permission_classes": [permission], "post": described, "__doc__": summary}
    return type("".join(part.title() for part in operation.split("_")), (APIView,), members)
