"""Downloads: budget and entry first, in one transaction; then bytes, as often as they break off.

What a crash leaves: before the commit, nothing at all; after it, a taken access whose bytes the
buyer fetches within `resumable_until` without using budget again. Nothing is ever given without an
entry, and no budget is taken without an access to show for it.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.compliance.export_words import ExportRefused
from exchange.compliance.services import count_access
from exchange.delivery import links, queries, rules
from exchange.delivery.events import AccessAbandoned, AccessRefused, AccessTaken, GrantExhausted
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied, Reason
from exchange.delivery.states import ACCESS, GRANT, Form, GrantState, Refusal
from exchange.parties.queries import actor_again
from exchange.vault.models import StoredObject

from .streams import ByteStream, Clock, open_stream

Supply = Callable[[Grant], StoredObject]
"""What an access hands over, of a grant that was checked."""


@dataclass(frozen=True, kw_only=True)
class Download:
    """What a face needs to hand over one access: name, size, digest and the bytes."""

    access: Access
    by: Actor
    at: datetime
    stored: StoredObject
    filename: str

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.access.size

    @property
    def sha256(self) -> str:
        """Digest of the whole file; serves as its entity tag."""
        return self.access.sha256

    @property
    def media_type(self) -> str:
        """What the file is."""
        return self.stored.media_type

    def chunks(
        self, start: int = 0, stop: int | None = None, *, clock: Clock | None = None
    ) -> ByteStream:
        """Return the bytes from `start` to before `stop`; refuses before the first byte, if at all.

        Read the stream to its end or close it: only then what was sent is on record. `clock` dates
        that end; without it, it is dated as its beginning.
        """
        with refusals_logged(self.access.grant, self.by, self.at, self.access):
            return open_stream(
                access=self.access,
                stored=self.stored,
                span=range(start, self.size if stop is None else stop),
                by=self.by,
                at=self.at,
                clock=clock or (lambda: self.at),
            )

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks()


def take_download(
    *,
    grant: Grant,
    by: Actor,
    at: datetime,
    form: Form | None = None,
    release: str = "",
    request_key: str = "",
) -> Download:
    """Take one download of the grant's budget, or refuse; either way it is on record.

    Without a `form` it is the fullest that may be handed over. `release` is the one the caller
    named, if it did: a grant opens no other. A repeated
    `request_key` returns the access it took the first time. Must not run inside a transaction:
    the entry of a refusal has to outlive the refusal.
    """

    def supply(checked: Grant) -> StoredObject:
        if release and release != checked.release.reference:
            words = _("This access is for release %(release)s only.")
            raise AccessDenied(
                Reason(Refusal.OTHER_OBJECT, words % {"release": checked.release.reference})
            )
        return _stored(checked, wanted)

    wanted = form or rules.fullest_form(grant.release)
    return take_access(
        grant=grant, wanted=Wanted(wanted, supply), by=by, at=at, request_key=request_key
    )


@dataclass(frozen=True)
class Wanted:
    """What an access is to hand over: in which form, from where, in answer to what."""

    form: Form
    supply: Supply
    question: Mapping[str, Any] = field(default_factory=dict)


def take_access(
    *, grant: Grant, wanted: Wanted, by: Actor, at: datetime, request_key: str = ""
) -> Download:
    """Take one unit of the grant's budget for what is wanted, or refuse; see `take_download`."""
    with refusals_logged(grant, by, at):
        access = _take_once(grant, wanted, by, at, request_key)
    return _download(access, by, at)


def resume_download(*, access: Access, by: Actor, at: datetime) -> Download:
    """Go on with a download taken before, without budget, once every rule has been asked again."""
    with refusals_logged(access.grant, by, at, access):
        grant = checked_grant(access.grant, by, at)
        access = Access.objects.select_related("grant").get(pk=access.pk)
        if reason := rules.why_not_send(access, 0, at=at):
            raise AccessDenied(reason)
        access.grant = grant
    return _download(access, by, at)


def issue_link(*, access: Access, by: Actor, at: datetime) -> str:
    """Return a signed link token for the bytes of an access that may be resumed now."""
    resume_download(access=access, by=by, at=at)
    return links.sign_link(access=access, by=by, at=at)


def follow_link(*, token: str, at: datetime, request_id: str = "", place: str = "") -> Download:
    """Return the download a link stands for; the link's holder is looked up and checked anew.

    `place` is where the link is followed from: a link does not carry data to where its holder may
    not read it.
    A token that is not ours or too old is refused without an entry: it names nobody.
    """
    link = links.read_link(token, at=at)
    access = queries.get_access(link.access)
    if access is None or access.object != link.object:
        words = _("The link is damaged or not ours; ask for a new one.")
        raise AccessDenied(Reason(Refusal.LINK_INVALID, words))
    by = actor_again(link.actor, organization=link.organization, at=at, request_id=request_id)
    by = replace(by, place=place)
    return resume_download(access=access, by=by, at=at)


def close_accesses(at: datetime) -> int:
    """Close accesses that were never completed in their time; the budget stays taken."""
    by, closed = Actor.system("delivery"), 0
    for access in queries.accesses_to_close(at):
        abandoned = AccessAbandoned(
            access=access.reference,
            grant=access.grant.reference,
            order=access.grant.order,
            product=access.grant.product.reference,
            organization=access.grant.grantee.reference,
            bytes_sent=access.bytes_sent,
            bytes_covered=access.bytes_covered,
            size=access.size,
        )
        try:
            advance(access, ACCESS.abandon, event=abandoned, by=by, at=at, finished_at=at)
        except WrongState:  # completed since it was read
            continue
        closed += 1
    return closed


def digest_of_key(request_key: str) -> str:
    """Return the digest under which a request key is kept; empty for none."""
    return hashlib.sha256(request_key.encode()).hexdigest() if request_key else ""


@contextmanager
def refusals_logged(
    grant: Grant, by: Actor, at: datetime, access: Access | None = None
) -> Iterator[None]:
    """Put a refusal from within on record, in a transaction of its own, and pass it on."""
    try:
        yield
    except AccessDenied as denied:
        refused = AccessRefused(
            grant=grant.reference,
            access=access.reference if access else "",
            order=grant.order,
            product=grant.product.reference,
            release=grant.release.reference,
            organization=by.organization,
            refusal=str(denied.refusal),
            asked_by=by.id,
            place=by.place,
        )
        with transaction.atomic(durable=True):
            record(refused, by=by, at=at)
        raise


def _take_once(grant: Grant, wanted: Wanted, by: Actor, at: datetime, request_key: str) -> Access:
    key = digest_of_key(request_key)
    try:
        with transaction.atomic(durable=True):
            return _take(grant, wanted, by, at, key)
    except IntegrityError:  # the same request ran beside us, and won
        with transaction.atomic(durable=True):
            existing = _taken_before(checked_grant(grant, by, at), wanted, key)
        if existing is None:
            raise
        return existing


def _take(grant: Grant, wanted: Wanted, by: Actor, at: datetime, key: str) -> Access:
    grant = checked_grant(grant, by, at)
    if reason := rules.why_not_form(grant, wanted.form):
        raise AccessDenied(reason)
    if existing := _taken_before(grant, wanted, key):
        return existing
    stored = wanted.supply(grant)
    if not stored.is_readable:
        words = _("The content was destroyed; ask the operator for your money.")
        raise AccessDenied(Reason(Refusal.CONTENT_GONE, words))
    _take_budget(grant, by, at)
    access = Access.objects.create(
        reference=new_reference("AC", at),
        grant=grant,
        form=wanted.form,
        question=dict(wanted.question),
        object=stored.reference,
        size=stored.size,
        sha256=stored.sha256,
        taken_by=by.id,
        taken_at=at,
        resumable_until=min(at + rules.RESUME_WINDOW, grant.valid_until),
        request_key=key,
    )
    taken = AccessTaken(
        access=access.reference,
        grant=grant.reference,
        order=grant.order,
        contract=grant.contract,
        product=grant.product.reference,
        release=grant.release.reference,
        organization=grant.grantee.reference,
        form=str(wanted.form),
        size=access.size,
        sha256=access.sha256,
        contract_sha256=grant.contract_sha256,
        used_downloads=grant.used_downloads,
        budget_downloads=grant.budget_downloads,
        place=by.place,
        question_sha256=(
            hashlib.sha256(canonical(access.question)).hexdigest() if access.question else ""
        ),
    )
    begin(access, event=taken, by=by, at=at)
    try:
        count_access(order=grant.order, by=by, at=at)
    except ExportRefused as refused:  # another order of the provider took what was left
        raise AccessDenied(Reason(Refusal.EXPORT, str(refused), refused.export)) from None
    if not grant.left_downloads:
        _exhaust(grant, by, at)
    return access


def _take_budget(grant: Grant, by: Actor, at: datetime) -> None:
    """Count one download by a single conditional UPDATE: of rivals for the last, one succeeds."""
    rows = Grant.objects.filter(
        pk=grant.pk,
        status=GrantState.OPEN,
        valid_from__lte=at,
        valid_until__gt=at,
        used_downloads__lt=F("budget_downloads"),
    )
    if rows.update(used_downloads=F("used_downloads") + 1):
        grant.refresh_from_db(fields=["used_downloads"])
        return
    grant = checked_grant(grant, by, at)
    if reason := rules.why_not_take(grant):
        raise AccessDenied(reason)
    raise Conflict(_("The access changed meanwhile; try again."))


def _exhaust(grant: Grant, by: Actor, at: datetime) -> None:
    exhausted = GrantExhausted(
        grant=grant.reference,
        order=grant.order,
        product=grant.product.reference,
        organization=grant.grantee.reference,
        budget_downloads=grant.budget_downloads,
    )
    advance(grant, GRANT.exhaust, event=exhausted, by=by, at=at)


def checked_grant(grant: Grant, by: Actor, at: datetime) -> Grant:
    """Return the grant as it is now, after every rule that does not concern the budget."""
    grant = queries.read_again(grant)
    terms = queries.terms_digest(grant)
    reason = rules.why_not_reach(by, grant, at=at) or rules.why_not_terms(
        grant, terms, queries.recorded_terms(grant)
    )
    if reason:
        raise AccessDenied(reason)
    return grant


def _taken_before(grant: Grant, wanted: Wanted, key: str) -> Access | None:
    existing = queries.access_by_request(grant, key)
    if existing is None:
        return None
    if existing.form != wanted.form or existing.question != wanted.question:
        raise Conflict(_("This request key was used for another request; take a new key."))
    existing.grant = grant
    return existing


def _stored(grant: Grant, form: str) -> StoredObject:
    return grant.release.original if form == Form.ORIGINAL else grant.release.table


def _download(access: Access, by: Actor, at: datetime) -> Download:
    release = access.grant.release
    name = release.filename
    if access.form == Form.TABLE:
        name = f"{PurePath(name).stem}.parquet"
    if access.form in rules.COMPUTED_FORMS:
        stored = StoredObject.objects.get(reference=access.object)
        name = stored.filename
    else:
        stored = _stored(access.grant, access.form)
    if stored.reference != access.object:
        raise NotAllowed(_("The content of this access was replaced; ask the operator."))
    return Download(access=access, by=by, at=at, stored=stored, filename=name)
