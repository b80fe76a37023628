"""Every refusal as RFC 9457 `application/problem+json`, in the caller's language."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from audit.log.errors import DomainError, NotFound
from exchange.vault.reading import Unreadable
from exchange.vault.storage import StorageFull

from .authentication import CHALLENGE
from .permissions import Public
from .problem_types import PROBLEM_TYPES, ProblemType

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
PREFIXES = (PREFIX, "/audit/")  # where programs call; everything else is for people
TYPES = f"{PREFIX}v1/problems/"
RETRY_SECONDS = "1"
SQLITE_BUSY = 5
POSTGRESQL_BUSY = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock not available."""


class FieldErrorOut(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="path of the field")
    message = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField(help_text="address of the problem's cause and remedy")
    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    instance = serializers.CharField()
    request_id = serializers.CharField(help_text="name it when you ask the operator")
    errors = FieldErrorOut(  # type: ignore[assignment]  # a field named errors
        many=True, required=False
    )
    state = serializers.CharField(required=False)
    allowed_actions = serializers.ListField(child=serializers.CharField(), required=False)
    refusal = serializers.CharField(required=False, help_text="why an access was refused")
    fault = serializers.CharField(required=False, help_text="why a file cannot be read")


class ProblemTypeOut(serializers.Serializer[ProblemType]):
    """Why a problem happens and what to do about it."""

    code = serializers.CharField()
    status = serializers.IntegerField()
    cause = serializers.CharField()
    remedy = serializers.CharField()


class ProblemTypes(APIView):
    """Every problem this interface reports."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="problems_list",
        tags=["problems"],
        auth=[],
        responses=ProblemTypeOut(many=True),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """List them."""
        return Response([ProblemTypeOut(found).data for found in PROBLEM_TYPES.values()])


class ProblemTypeDetail(APIView):
    """One problem; the `type` of problem documents points here."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="problems_read", tags=["problems"], auth=[], responses=ProblemTypeOut
    )
    def get(self, request: Request, code: str) -> Response:  # noqa: ARG002
        """Return its cause and remedy."""
        if code not in PROBLEM_TYPES:
            raise NotFound
        return Response(ProblemTypeOut(PROBLEM_TYPES[code]).data)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn `error` into a problem document; None lets an unknown one become a logged 500."""
    problem = _problem(error)
    if problem is None:
        return None
    set_rollback()
    request = context["request"]
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = JSONRenderer.media_type
    body = document(problem, request)
    headers = _headers(error, body["status"])
    return Response(body, status=body["status"], content_type=MEDIA_TYPE, headers=headers)


def plain_problem(request: HttpRequest, code: str) -> JsonResponse:
    """Return a problem that no view answered: an unknown address, a failure of our own."""
    found = PROBLEM_TYPES[code]
    problem = {"code": code, "title": str(found.cause), "status": found.status}
    body = document(problem, request)
    return JsonResponse(
        body,
        status=found.status,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def document(problem: dict[str, Any], request: Request | HttpRequest) -> dict[str, Any]:
    """Return the whole document for the members that describe the refusal."""
    return {
        "type": f"{TYPES}{problem['code']}",
        **problem,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }


def _headers(error: Exception, code: int) -> dict[str, str]:
    headers = dict(getattr(error, "headers", {}))
    if challenge := getattr(
        error, "auth_header", CHALLENGE if code == HTTPStatus.UNAUTHORIZED else ""
    ):
        headers["WWW-Authenticate"] = str(challenge)
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    elif code == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_SECONDS
    return headers


def _problem(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, Unreadable):
        full = error.status == HTTPStatus.INSUFFICIENT_STORAGE
        code = StorageFull.code if full else "unreadable"
        return error.as_problem() | {"code": code, "fault": error.code}
    if isinstance(error, DomainError):
        return error.as_problem()
    if isinstance(error, OperationalError) and _is_busy(error):
        logger.warning("the database was busy", exc_info=error)
        words = _("The exchange is busy; send the same request again in a moment.")
        return {"code": "busy", "title": words, "status": int(HTTPStatus.SERVICE_UNAVAILABLE)}
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    title = str(error.default_detail)
    problem: dict[str, Any] = {
        "code": _code_of(error),
        "title": str(error.detail) if "{" in title else title,
        "status": error.status_code,
    }
    if isinstance(error, exceptions.ValidationError):
        problem |= {"code": "invalid", "status": status.HTTP_422_UNPROCESSABLE_ENTITY}
        problem["title"] = _("Some fields need correction")
        problem["errors"] = list(_flatten(error.detail))
    else:
        problem["detail"] = str(error.detail)
    return problem


def _code_of(error: exceptions.APIException) -> str:
    code = "unsupported-media-type" if error.status_code == 415 else str(error.default_code)  # noqa: PLR2004
    return code.replace("_", "-")


def _is_busy(error: OperationalError) -> bool:
    """Whether the database would take the same statements a moment later."""
    cause = error.__cause__
    base = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the rest tells kinds of busy apart
    return base == SQLITE_BUSY or getattr(cause, "sqlstate", "") in POSTGRESQL_BUSY


def _flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            item
            for name, inner in detail.items()
            for item in _flatten(inner, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(detail, list):
        found = []
        for number, inner in enumerate(detail):
            nested = f"{path}[{number}]" if isinstance(inner, dict | list) else path
            found += _flatten(inner, nested)
        return found
    return [{"field": path, "message": str(detail)}]
