"""Signed links: a capability to fetch the bytes of one access, for five minutes.

A link is bound to the access, the file, the person and the organization it was handed to. It opens
nothing by itself: whoever follows it is looked up again and every rule is asked again.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical

from .models import Access
from .rules import LINK_LIFETIME, AccessDenied, Reason
from .states import Refusal

PURPOSE = "quanheng.delivery.link.v1"
LONGEST = 1024


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link says: which access and file, for whom, until when (seconds since 1970)."""

    access: str
    object: str
    actor: str
    organization: str
    expires: int

    @property
    def expires_at(self) -> datetime:
        """The first instant at which the link is void."""
        return datetime.fromtimestamp(self.expires, tz=UTC)


def sign_link(*, access: Access, by: Actor, at: datetime) -> str:
    """Return the token of a link to the bytes of `access`, for `by` alone, from `at` on."""
    link = Link(
        access=access.reference,
        object=access.object,
        actor=by.id,
        organization=by.organization,
        expires=int((at + LINK_LIFETIME).timestamp()),
    )
    payload = canonical(asdict(link))
    return f"{_encode(payload)}.{_encode(_mac(payload))}"


def read_link(token: str, *, at: datetime) -> Link:
    """Return what a token says once its signature and its time are good; AccessDenied if not."""
    head, _dot, tail = token.partition(".")
    try:
        payload, mac = _decode(head), _decode(tail)
    except (binascii.Error, ValueError):
        raise AccessDenied(_invalid()) from None
    if len(token) > LONGEST or not constant_time_compare(mac, _mac(payload)):
        raise AccessDenied(_invalid())
    link = Link(**json.loads(payload))
    if at >= link.expires_at:
        words = _("The link is older than five minutes; ask for a new one.")
        raise AccessDenied(Reason(Refusal.LINK_EXPIRED, words))
    return link


def _invalid() -> Reason:
    return Reason(Refusal.LINK_INVALID, _("The link is damaged or not ours; ask for a new one."))


def _mac(payload: bytes) -> bytes:
    return salted_hmac(PURPOSE, payload, algorithm="sha256").digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    if _encode(raw) != text:  # one spelling for one value
        raise ValueError(text)
    return raw
