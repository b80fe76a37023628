"""The bytes of an access: reserved before they flow, counted when they stop."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid
from audit.log.lifecycle import advance
from audit.log.services import record
from exchange.delivery import queries, rules
from exchange.delivery.events import AccessCompleted, AccessPartSent
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.states import ACCESS, AccessState, GrantState
from exchange.vault.models import StoredObject
from exchange.vault.services import ObjectDamaged, ObjectReader, open_object

Clock = Callable[[], datetime]


class ByteStream(Iterator[bytes]):
    """The bytes of one range on their way out; close it, or read it to its end.

    A chunk counts as sent once the next one is asked for, so that what a broken connection
    swallowed is sent again rather than lost.
    """

    def __init__(
        self, *, access: Access, reader: ObjectReader, span: range, by: Actor, clock: Clock
    ) -> None:
        self._access, self._by, self._clock = access, by, clock
        self._reader, self._span = reader, span
        self._chunks = reader.chunks(span.start, span.stop)
        self._sent = self._on_its_way = 0
        self._digest = hashlib.sha256()
        self._is_open = True

    def __next__(self) -> bytes:
        """Return the next chunk; at the end, record what was sent."""
        self._sent += self._on_its_way
        self._on_its_way = 0
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._check_whole()
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self._digest.update(chunk)
        self._on_its_way = len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the file and record what was sent, once."""
        if not self._is_open:
            return
        self._is_open = False
        self._reader.close()
        _finish(self._access, self._span, self._sent, by=self._by, at=self._clock())

    def _check_whole(self) -> None:
        """Compare a file that went out in one piece with its digest, before it counts."""
        whole = self._sent == self._access.size
        if whole and self._digest.hexdigest() != self._access.sha256:
            self._sent = 0
            self.close()
            raise ObjectDamaged


def open_stream(
    *, access: Access, stored: StoredObject, span: range, by: Actor, at: datetime, clock: Clock
) -> ByteStream:
    """Reserve the range and return its bytes; what was sent is recorded when the stream ends.

    An access sends at most `rules.allowance` bytes, so that one unit of budget cannot be spent
     many times over in parallel. What a broken transfer did not send is given back.
    """
    inside = 0 <= span.start <= span.stop <= access.size
    if not inside or (not span and access.size):
        raise Invalid({"range": [_("The range lies outside the file.")]})
    reader = open_object(stored)
    try:
        _reserve(access, len(span), at)
    except BaseException:
        reader.close()
        raise
    return ByteStream(access=access, reader=reader, span=span, by=by, clock=clock)


def _reserve(access: Access, asked: int, at: datetime) -> None:
    """Set `asked` bytes aside by one conditional UPDATE, or refuse."""
    rows = Access.objects.filter(
        pk=access.pk,
        status__in=rules.sendable(access),
        resumable_until__gt=at,
        bytes_reserved__lte=rules.allowance(access) - asked,
        grant__in=Grant.objects.filter(status__in=[GrantState.OPEN, GrantState.EXHAUSTED]),
    )
    if rows.update(bytes_reserved=F("bytes_reserved") + asked):
        return
    access.refresh_from_db(fields=["status", "bytes_reserved"])
    if reason := rules.why_not_send(access, asked, at=at):
        raise AccessDenied(reason)
    raise Conflict(_("The access changed meanwhile; try again."))


@transaction.atomic(durable=True)
def _finish(access: Access, span: range, sent: int, *, by: Actor, at: datetime) -> None:
    """Add up what was sent and record it: the file complete, or only a part of it."""
    grant = access.grant
    access = queries.lock_access(access)
    covered = access.bytes_covered
    if span.start <= covered:
        covered = max(covered, span.start + sent)
    sums = {
        "bytes_reserved": access.bytes_reserved - (len(span) - sent),
        "bytes_sent": access.bytes_sent + sent,
        "bytes_covered": covered,
    }
    if covered == access.size and access.status != AccessState.COMPLETED:
        completed = AccessCompleted(
            access=access.reference,
            grant=grant.reference,
            order=grant.order,
            product=grant.product.reference,
            release=grant.release.reference,
            organization=grant.grantee.reference,
            bytes=sums["bytes_sent"],
            sha256=access.sha256,
        )
        advance(access, ACCESS.complete, event=completed, by=by, at=at, finished_at=at, **sums)
        return
    Access.objects.filter(pk=access.pk).update(**sums)
    part = AccessPartSent(
        access=access.reference,
        grant=grant.reference,
        order=grant.order,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        start=span.start,
        asked=len(span),
        sent=sent,
        bytes_covered=covered,
        size=access.size,
    )
    record(part, by=by, at=at)
