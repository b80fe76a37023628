"""Evidence bundles: asked for, made by a worker, handed out, removed when their time is over.

Making takes long and runs outside of any transaction; its beginning and its end are one each. A
killed worker leaves a bundle RUNNING, which is taken up again after some silence, and no file.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Conflict, DomainError, Gone, Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.oversight import rules
from exchange.oversight.events import (
    EvidenceDownloaded,
    EvidenceFailed,
    EvidenceInterrupted,
    EvidenceReady,
    EvidenceRemoved,
    EvidenceRequested,
    EvidenceStarted,
)
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import is_open_to
from exchange.oversight.services import PURPOSE
from exchange.oversight.states import EVIDENCE, EvidenceKind, EvidenceState
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.vault.models import StoredObject
from exchange.vault.services.objects import (
    ObjectReader,
    destroy_object,
    enter_objects,
    open_object,
    seal_object,
)
from exchange.vault.states import Purpose
from exchange.vault.storage import remove_object
from verify.archive import MAX_BYTES
from verify.bundle import verify_bundle_file
from verify.note import parse_vkey
from verify.policy import Policy

from .exhibits import entries_about, find_exhibits
from .logs import is_published, published_logs
from .packing import Contents, entry_time, pack_bundle
from .selection import (
    Selection,
    entries_of,
    index_of_request,
    indexes_of,
    period_range,
    select_period,
    select_single,
    span_of,
    viewer_of,
)

logger = logging.getLogger(__name__)

MAKER = Actor.system("evidence")
SILENCE = timedelta(minutes=2)
"""After so long without a sign of life a bundle that is being made counts as interrupted."""
MOST_ATTEMPTS = 3
MOST_UNFINISHED = 5
"""So many bundles of one organization may be in the making at a time."""
MOST_SINGLE = 250_000
"""So many entries may be picked out of the log singly; beyond it take a period."""
TOLD_EVERY = 512
Clock = Callable[[], datetime]


class NotReady(DomainError):
    """The bundle is still being made."""

    code = "evidence-not-ready"
    status = 202
    title = gettext_lazy("This bundle is still being made; ask again in a few seconds")


class TooLarge(Exception):
    """More entries than a bundle takes."""


@dataclass(frozen=True, kw_only=True)
class Download:
    """A bundle's bytes on their way out, or a part of them."""

    bundle: EvidenceBundle
    size: int
    sha256: str
    reader: ObjectReader

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of a range and let go of the file."""
        with self.reader as reader:
            yield from reader.chunks(start, stop)


@transaction.atomic
def request_bundle(
    *,
    kind: str,
    purpose: str,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    by: Actor,
    at: datetime,
) -> EvidenceBundle:
    """Ask for the evidence of a thing, or of a period that has passed; a worker makes it."""
    subject = subject.strip()
    _check_input(kind, subject, since, until, at)
    if refusal := rules.why_not_request_evidence(by, kind, subject):
        raise NotAllowed(refusal)
    _check_subject(kind, subject, by)
    texts = read_values((PURPOSE,), {"purpose": purpose})
    organization = get_organization(by.organization)
    unfinished = [EvidenceState.QUEUED, EvidenceState.RUNNING]
    waiting = EvidenceBundle.objects.filter(organization=organization, status__in=unfinished)
    if waiting.count() >= MOST_UNFINISHED:
        raise Conflict(_("Several bundles of your organization are being made; wait for one."))
    reference = new_reference("EB", at)
    requested = EvidenceRequested(
        evidence=reference,
        organization=by.organization,
        what=kind,
        about=subject,
        since=entry_time(since) if since else "",
        until=entry_time(until) if until else "",
        purpose=str(texts["purpose"]),
        order=subject if kind == EvidenceKind.ORDER else "",
        product=subject if kind == EvidenceKind.PRODUCT else "",
        disclosure=subject if kind == EvidenceKind.ALGORITHM else "",
    )
    bundle = EvidenceBundle.objects.create(
        reference=reference,
        organization=organization,
        requested_by=by.id,
        kind=kind,
        subject=subject,
        since=since,
        until=until,
        purpose=str(texts["purpose"]),
        requested_at=at,
    )
    begin(bundle, event=requested, by=by, at=at)
    return bundle


def bundles_to_hand_out(*, at: datetime) -> list[str]:
    """Return the references of bundles that a worker can make now, and note that they are given.

    A bundle waits until a signed checkpoint covers the entry of its request, so that everything
    before it can be proved.
    """
    stale = Q(handed_at=None) | Q(handed_at__lt=at - SILENCE)
    waiting = EvidenceBundle.objects.filter(stale, status=EvidenceState.QUEUED)
    return [
        bundle.reference
        for bundle in waiting.order_by("pk")
        if _is_covered(bundle)
        and EvidenceBundle.objects.filter(stale, pk=bundle.pk).update(handed_at=at)
    ]


def make_bundle(*, bundle: EvidenceBundle, clock: Clock) -> EvidenceBundle:
    """Make a queued bundle: collect, prove, pack, check with the stand-alone verifier, seal."""
    attempt = bundle.attempts + 1
    started = EvidenceStarted(**_named(bundle), attempt=attempt)
    changes = {"attempts": attempt, "heartbeat_at": Now(), "entries_done": 0}
    advance(bundle, EVIDENCE.start, event=started, by=MAKER, at=clock(), **changes)
    try:
        with tempfile.TemporaryFile(dir=Path(settings.VAR) / "tmp") as file:
            contents = _make(cast(BinaryIO, file), bundle, clock())
            file.seek(0)
            stored = seal_object(
                source=cast(BinaryIO, file),
                filename=bundle.filename,
                purpose=Purpose.EVIDENCE,
                owner=bundle.organization.reference,
                at=clock(),
                max_bytes=MAX_BYTES,
                media_type="application/zip",
            )
    except TooLarge:
        return _fail(bundle, _("More than one bundle holds. Take a shorter period."), clock())
    except Exception as error:
        logger.exception("evidence bundle %s failed", bundle.reference)
        return _fail(bundle, f"{type(error).__name__}: {error}", clock())
    return _finish(bundle, contents, stored, clock())


def resume_bundles(*, at: datetime) -> int:
    """Put bundles back into the queue whose worker fell silent; give up after some attempts."""
    silent = EvidenceBundle.objects.filter(
        status=EvidenceState.RUNNING, heartbeat_at__lt=at - SILENCE
    )
    count = 0
    for bundle in silent.select_related("organization"):
        count += 1
        if bundle.attempts >= MOST_ATTEMPTS:
            _fail(bundle, _("It was interrupted several times."), at)
            continue
        interrupted = EvidenceInterrupted(**_named(bundle), attempt=bundle.attempts)
        advance(bundle, EVIDENCE.resume, event=interrupted, by=MAKER, at=at, handed_at=None)
    return count


def expire_bundles(*, at: datetime) -> int:
    """Remove the files whose time is over."""
    over = EvidenceBundle.objects.filter(status=EvidenceState.READY, expires_at__lte=at)
    rows = list(over.select_related("organization", "stored"))
    for bundle in rows:
        remove_bundle(bundle=bundle, by=MAKER, at=at)
    return len(rows)


@transaction.atomic
def remove_bundle(*, bundle: EvidenceBundle, by: Actor, at: datetime) -> EvidenceBundle:
    """Erase the file's key, so that nobody reads it again; what was asked for stays on record."""
    if refusal := rules.why_not_remove_bundle(by, bundle):
        raise NotAllowed(refusal)
    stored = bundle.stored
    removed = EvidenceRemoved(
        **_named(bundle),
        object=stored.reference if stored else "",
        sha256=stored.sha256 if stored else "",
    )
    advance(bundle, EVIDENCE.expire, event=removed, by=by, at=at)
    if stored is not None:
        destroy_object(stored=stored, reason="evidence bundle over", by=MAKER, at=at)
    return bundle


def open_bundle(*, bundle: EvidenceBundle, span: range | None, by: Actor, at: datetime) -> Download:
    """Hand out a finished bundle or a range of it; that it was handed out is an entry."""
    if refusal := rules.why_not_take_bundle(by, bundle):
        raise NotAllowed(refusal)
    stored = file_of(bundle)
    reader = open_object(stored)
    downloaded = EvidenceDownloaded(
        **_named(bundle),
        sha256=stored.sha256,
        first=span.start if span else 0,
        count=len(span) if span else stored.size,
    )
    with transaction.atomic():
        record(downloaded, by=by, at=at)
    return Download(bundle=bundle, size=stored.size, sha256=stored.sha256, reader=reader)


def file_of(bundle: EvidenceBundle) -> StoredObject:
    """Return the stored file of a bundle that is ready; raises what says why there is none."""
    if bundle.status == EvidenceState.EXPIRED:
        raise Gone(_("The file of this bundle was removed; take a new one."))
    if bundle.status == EvidenceState.FAILED:
        raise Conflict(_("This bundle could not be made; take a new one."))
    if bundle.stored is None or bundle.is_under_way:
        raise NotReady
    return bundle.stored


def _make(file: BinaryIO, bundle: EvidenceBundle, at: datetime) -> Contents:
    cut = index_of_request(bundle)
    logs = None if cut is None else published_logs(cut)
    if cut is None or logs is None:
        raise RuntimeError("no checkpoint covers the request yet")
    viewer = viewer_of(bundle)
    rows = entries_of(bundle, viewer, cut)
    exhibits = find_exhibits(bundle, viewer, rows, span_of(rows, bundle), cut)
    places = [exhibit.index for exhibit in exhibits if exhibit.index is not None]
    if bundle.kind == EvidenceKind.PERIOD:
        start, end = period_range(bundle, cut)
        selection = select_period(logs, start, end, places)
    else:
        if rows.count() > MOST_SINGLE:
            raise TooLarge
        more = entries_about(viewer, exhibits, cut)
        selection = select_single(logs, [*indexes_of(rows), *more, *places])
    _tell(bundle, entries_total=selection.count, documents=len(exhibits))
    contents = Contents(bundle=bundle, selection=selection, exhibits=exhibits, at=at)
    pack_bundle(file, contents, tell=_Teller(bundle))
    _check(file, selection)
    return contents


class _Teller:
    """Notes in the row how far the making is, and that it lives."""

    def __init__(self, bundle: EvidenceBundle) -> None:
        self._bundle = bundle
        self._told = 0

    def __call__(self, entries: int) -> None:
        if entries - self._told >= TOLD_EVERY:
            self._told = entries
            _tell(self._bundle, entries_done=entries)


def _tell(bundle: EvidenceBundle, **figures: int) -> None:
    EvidenceBundle.objects.filter(pk=bundle.pk).update(**figures, heartbeat_at=Now())


def _check(file: BinaryIO, selection: Selection) -> None:
    """Check the finished file as its reader will; a damaged log is found here, not in court."""
    keys = [parse_vkey(part.log.key) for part in selection.parts]
    verify_bundle_file(file, Policy.of_keys(keys))


def _finish(
    bundle: EvidenceBundle, contents: Contents, stored: StoredObject, at: datetime
) -> EvidenceBundle:
    ready = EvidenceReady(
        **_named(bundle),
        object=stored.reference,
        sha256=stored.sha256,
        size=stored.size,
        entries=contents.selection.count,
        documents=len(contents.exhibits),
    )
    try:
        with transaction.atomic():
            enter_objects([stored], by=MAKER, at=at)
            advance(
                bundle,
                EVIDENCE.finish,
                event=ready,
                by=MAKER,
                at=at,
                stored=stored,
                entries_done=contents.selection.count,
                entries_total=contents.selection.count,
                documents=len(contents.exhibits),
                finished_at=at,
                expires_at=at + timedelta(days=settings.EVIDENCE_DAYS),
            )
    except BaseException:
        remove_object(stored.path)
        raise
    return bundle


def _fail(bundle: EvidenceBundle, failure: str, at: datetime) -> EvidenceBundle:
    failed = EvidenceFailed(**_named(bundle), reason=failure.partition(":")[0][:200])
    changes = {"failure": failure[:4000], "finished_at": at}
    advance(bundle, EVIDENCE.fail, event=failed, by=MAKER, at=at, **changes)
    return bundle


def _is_covered(bundle: EvidenceBundle) -> bool:
    index = index_of_request(bundle)
    return index is not None and is_published(index)


def _named(bundle: EvidenceBundle) -> dict[str, str]:
    return {"evidence": bundle.reference, "organization": bundle.organization.reference}


def _check_input(
    kind: str, subject: str, since: datetime | None, until: datetime | None, at: datetime
) -> None:
    if kind not in EvidenceKind.values:
        raise Invalid({"kind": [_("Say what the evidence is to be of.")]})
    if kind != EvidenceKind.PERIOD:
        if not subject or since or until:
            words = _(
                "Name the order, product, organization or algorithm; only a period has times."
            )
            raise Invalid({"reference": [words]})
        return
    if subject or since is None or until is None:
        raise Invalid({"since": [_("A period has a beginning and an end, and no reference.")]})
    if since >= until or until.astimezone(UTC) > at:
        raise Invalid({"until": [_("The period ends after it begins, and not in the future.")]})


def _check_subject(kind: str, subject: str, by: Actor) -> None:
    if kind in {EvidenceKind.ORDER, EvidenceKind.PRODUCT, EvidenceKind.ALGORITHM}:
        known = is_open_to(by, kind.lower(), subject)
    else:
        known = not subject or Organization.objects.filter(reference=subject).exists()
    if not known:
        raise NotFound
