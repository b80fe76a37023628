"""A regulator says what it looks for before records of others are shown, and the look is an entry.

《网络数据安全管理条例》第五十三条. A view names with `look` the kind of thing it shows, or the
collection; the purpose comes in the header `Inspection-Purpose`, UTF-8 percent-encoded where it is
not ASCII. A party that reads its own needs none.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import unquote

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from audit.log.actors import Actor
from audit.log.errors import DomainError
from exchange.oversight.services import COLLECTIONS, record_inspection, record_view

if TYPE_CHECKING:  # the framework imports permissions, and those this module, while it loads
    from rest_framework.views import APIView

HEADER: Final = "Inspection-Purpose"
OWN: Final = "own"
"""The look of a view that records it itself, since it depends on what is asked for."""
WATCHERS: Final = ("REGULATOR", "OPERATOR")


class PurposeNeeded(DomainError):
    """Records of others are shown to an authority only under a stated purpose."""

    code: ClassVar[str] = "purpose-needed"
    status: ClassVar[int] = 428
    title = _("State the purpose of this inspection in the header Inspection-Purpose")


def put_on_record(request: Request, view: "APIView", actor: Actor) -> None:
    """Record the look that `view` gives; raise PurposeNeeded where none was stated."""
    look = getattr(view, "look", "")
    watched = getattr(view, "look_of", ("REGULATOR",))
    if look in {"", OWN} or request.method not in {"GET", "HEAD"} or not actor.has_role(*watched):
        return
    kind, reference = _subject(look, view.kwargs)
    if reference == actor.organization:
        return
    purpose = stated_purpose(request)
    scope = request._request.META.get("QUERY_STRING", "") if look in SCOPED else ""  # noqa: SLF001
    if kind in COLLECTIONS:
        record_inspection(what=kind, purpose=purpose, by=actor, at=timezone.now(), scope=scope)
        return
    record_view(kind=kind, reference=reference, purpose=purpose, by=actor, at=timezone.now())


def put_collection_on_record(request: Request, actor: Actor, *, what: str, scope: str) -> None:
    """Record a regulator's look at a part of a collection, once it was found."""
    if actor.has_role("REGULATOR"):
        purpose = stated_purpose(request)
        record_inspection(what=what, purpose=purpose, by=actor, at=timezone.now(), scope=scope)


def put_thing_on_record(request: Request, actor: Actor, *, kind: str, reference: str) -> None:
    """Record a regulator's look at a thing that is not public, once it was found."""
    if actor.has_role("REGULATOR"):
        purpose = stated_purpose(request)
        record_view(kind=kind, reference=reference, purpose=purpose, by=actor, at=timezone.now())


SCOPED: Final = frozenset({"statistics"})
"""Collections whose query string names nobody and says what was read."""


def stated_purpose(request: Request) -> str:
    """Return the purpose of the request."""
    sent = request.headers.get(HEADER, "").strip()
    if not sent:
        raise PurposeNeeded
    return unquote(sent)


def _subject(look: str, kwargs: dict[str, Any]) -> tuple[str, str]:
    """Return kind and reference of what is shown."""
    kind = str(kwargs.get("kind", look)) if look == "timeline" else look
    reference = str(kwargs.get("reference") or kwargs.get("identity") or "")
    return ("party" if kind == "organization" else kind), reference
