"""Documents of cases, appeals and filings over REST: out of the vault, each reading on record."""

from collections.abc import Callable
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.log.actors import Actor

from .answers import file_answer
from .looks import HEADER, stated_purpose
from .permissions import DESK, actor_of


def document_view(
    *,
    operation: str,
    summary: str,
    permission: type[BasePermission],
    look: str,
    load: Callable[[Actor, str], Any],
    service: Callable[..., Any],
    argument: str,
) -> type[APIView]:
    """Return the view of documents of one kind of thing: `service(argument=thing, …)` opens them.

    Every reading is an entry; that of an authority says its purpose.
    """

    def get(
        view: APIView,  # noqa: ARG001
        request: Request,
        reference: str,
        **named: str,
    ) -> StreamingHttpResponse:
        actor = actor_of(request)
        thing = load(actor, reference)
        asked = {"reference": named["document"]} if named else {}
        purpose = ""
        if actor.has_role(*DESK) and request.headers.get(HEADER, "").strip():
            purpose = stated_purpose(request)
        stored, reader = service(
            **{argument: thing}, **asked, purpose=purpose, by=actor, at=timezone.now()
        )
        return file_answer(reader, name=stored.reference, size=stored.size)

    described = extend_schema(
        operation_id=operation,
        summary=summary,
        tags=[operation.partition("_")[0]],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )(get)
    members = {
        "permission_classes": [permission],
        "look": look,
        "get": described,
        "__doc__": summary,
    }
    return type("".join(part.title() for part in operation.split("_")), (APIView,), members)
