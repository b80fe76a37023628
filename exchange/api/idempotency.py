"""`Idempotency-Key`: a repeated request is answered again, not done again.

The key is claimed in a transaction of its own before the work and filled with the answer in the
transaction of the work, so a crash in between leaves either a claim that may be taken over or an
answer that matches what was done. A claim older than LEASE is taken over: its process is gone.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from audit.log.errors import Conflict, DomainError, Invalid

from .models import IdempotencyKey
from .permissions import actor_of

LONGEST = 100
LEASE = timedelta(minutes=2)
"""How long a claim without an answer holds; whoever made it is gone then."""
KEPT = timedelta(days=7)
"""How long an answer is kept for being given again."""
REPLAYED = "Idempotent-Replayed"
Handler = Callable[..., Response]
KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="A value of your own, such as a UUID: the same request is answered, not repeated.",
)


class KeyMissing(DomainError):
    """A request that moves money or opens access must be repeatable, so it needs a key."""

    code = "idempotency-key-missing"
    status = 400
    title = _("Send an Idempotency-Key header with a value of your own, such as a UUID.")


class KeyReused(Invalid):
    """The key stands for another request."""

    code = "idempotency-key-reused"
    title = _("This Idempotency-Key was used with another body; take a new key.")


class KeyInFlight(Conflict):
    """The first request with this key is still being worked on."""

    code = "idempotency-key-in-flight"
    title = _("The first request with this key is still running; ask again shortly.")
    wait = 1


def idempotent(handler: Handler) -> Handler:
    """Wrap a view's POST method: claim the key, do the work once, replay its answer."""

    @wraps(handler)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        claim = _claim(request)
        if claim.code is not None:
            return Response(claim.response, status=claim.code, headers={REPLAYED: "true"})
        try:
            with transaction.atomic():
                response = handler(view, request, *args, **kwargs)
                _fill(claim, response)
        except BaseException:
            IdempotencyKey.objects.filter(pk=claim.pk, code=None).delete()
            raise
        return response

    return wrapped


def key_of(request: Request) -> str:
    """Return the key the caller chose; raise KeyMissing without a usable one."""
    key = request.headers.get("Idempotency-Key", "").strip('" ')
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise KeyMissing
    return key


def _claim(request: Request) -> IdempotencyKey:
    actor, now = actor_of(request), timezone.now()
    text = json.dumps(_plain(request.data), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    principal = f"{actor.id} {actor.organization}".strip()
    identity = {"principal": principal, "route": request.path, "key": key_of(request)}
    mine = IdempotencyKey.objects.filter(principal=principal)
    mine.filter(created_at__lt=now - KEPT).delete()
    rows = mine.filter(route=identity["route"], key=identity["key"])
    rows.filter(code=None, created_at__lt=now - LEASE).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(**identity, body_sha256=digest, created_at=now)
    except IntegrityError:
        found = rows.first()
    if found is not None and found.body_sha256 != digest:
        raise KeyReused({"Idempotency-Key": [KeyReused.title]})
    if found is None or found.code is None:
        raise KeyInFlight
    return found


def _fill(claim: IdempotencyKey, response: Response) -> None:
    """Keep the answer with the work; a claim that was taken over meanwhile undoes the work."""
    rows = IdempotencyKey.objects.filter(pk=claim.pk, code=None)
    if not rows.update(code=response.status_code, response=_plain(response.data)):
        raise KeyInFlight


def _plain(data: Any) -> Any:
    """Return `data` as JSON would carry it."""
    return json.loads(json.dumps(data, default=str))
