"""Bringing content: upload, submit to the filter, take back."""

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from exchange.catalog import rules
from exchange.catalog.events import ReleaseSubmitted, ReleaseUploaded, ReleaseWithdrawn
from exchange.catalog.models import MODEL_FORMAT, Product, Release
from exchange.catalog.queries import training_of
from exchange.catalog.states import RELEASE, ReleaseState
from exchange.vault.services import Ingested, destroy_object, enter_ingested, ingest_file

from .listing import TEXT_MAX, read_text
from .locking import lock_product, lock_release
from .verdicts import settle_current

Progress = Callable[[int, int | None, str], None]
GIVEN_UP = frozenset({ReleaseState.WITHDRAWN, ReleaseState.BLOCKED})


def upload_release(
    *,
    product: Product,
    source: BinaryIO,
    filename: str,
    changelog: str = "",
    by: Actor,
    at: datetime,
    progress: Progress | None = None,
) -> Release:
    """Read a file to its end and keep it as a draft of the product's next release.

    Call it outside of a transaction: reading takes long, only entering the release does not. When
    the release cannot be entered, what was stored for it is destroyed again.
    """
    if refusal := rules.why_not_upload(by, product):
        raise NotAllowed(refusal)
    words = read_text("changelog", changelog, limit=TEXT_MAX, required=False)
    ingested = ingest_file(
        source=source,
        filename=filename,
        owner=product.provider.reference,
        by=by,
        at=at,
        progress=progress,
        is_model=product.is_model,
    )
    try:
        return _enter_release(product, ingested, words, by=by, at=at)
    except BaseException:
        platform = Actor.system("catalog", request_id=by.request_id)
        for stored in (ingested.original, ingested.table):
            destroy_object(stored=stored, reason="release not entered", by=platform, at=at)
        raise


@transaction.atomic
def enter_derived(
    *, product: Product, ingested: Ingested, changelog: str, by: Actor, at: datetime
) -> Release:
    """Enter a prepared file as a release and hand it to the filter, all in one transaction.

    Who calls it discards the bytes when the transaction fails.
    """
    words = read_text("changelog", changelog, limit=TEXT_MAX, required=False)
    enter_ingested(ingested, by=by, at=at)
    release = _enter_release(product, ingested, words, by=by, at=at)
    return submit_release(release=release, by=by, at=at)


@transaction.atomic
def _enter_release(
    product: Product, ingested: Ingested, changelog: str, *, by: Actor, at: datetime
) -> Release:
    lock_product(product)
    if refusal := rules.why_not_enter(by, product):
        raise NotAllowed(refusal)
    if product.is_model != (ingested.format == MODEL_FORMAT):
        words = _("A product of the type “trained model” takes an ONNX file; no other does.")
        raise Invalid({"file": [words]})
    same = product.releases.filter(sha256=ingested.sha256).exclude(status__in=GIVEN_UP).first()
    if same is not None:
        words = _("Release %(reference)s has exactly this content already.")
        raise Invalid({"file": [words % {"reference": same.reference}]})
    Product.objects.filter(pk=product.pk).update(last_number=F("last_number") + 1)
    product.refresh_from_db(fields=["last_number"])
    release = Release.objects.create(
        reference=new_reference("V", at),
        product=product,
        number=product.last_number,
        status_since=at,
        changelog=changelog,
        original=ingested.original,
        table=ingested.table,
        sha256=ingested.sha256,
        filename=ingested.original.filename,
        format=ingested.format,
        encoding=ingested.encoding,
        rows=ingested.rows,
        columns=ingested.columns,
        size=ingested.original.size,
        profile=ingested.profile,
        notes=[dict(note) for note in ingested.notes],
        outside=ingested.outside,
        uploaded_at=at,
    )
    uploaded = ReleaseUploaded(
        release=release.reference,
        product=product.reference,
        number=release.number,
        content_sha256=release.sha256,
        rows=release.rows,
        size=release.size,
        format=release.format,
    )
    begin(release, event=uploaded, by=by, at=at)
    return release


@transaction.atomic
def submit_release(*, release: Release, by: Actor, at: datetime) -> Release:
    """Hand a release to the filter; its content is final from now on.

    A model is read together with what is stated of it, which has to be there first.
    """
    if refusal := rules.why_not_enter(by, release.product):
        raise NotAllowed(refusal)
    if release.is_model and training_of(release.product) is None:
        words = _("State first under which disclosure the model goes and on what it was trained.")
        raise Invalid({"training": [words]})
    submitted = ReleaseSubmitted(
        release=release.reference,
        product=release.product.reference,
        content_sha256=release.sha256,
    )
    advance(
        release,
        RELEASE.submit,
        event=submitted,
        by=by,
        at=at,
        status_since=at,
        submitted_at=at,
    )
    return release


@transaction.atomic
def withdraw_release(*, release: Release, reason: str, by: Actor, at: datetime) -> Release:
    """Take a release back that nobody can order."""
    words = read_text("reason", reason)
    lock_release(release)
    if refusal := rules.why_not_withdraw(by, release):
        raise NotAllowed(refusal)
    withdrawn = ReleaseWithdrawn(
        release=release.reference, product=release.product.reference, reason=words
    )
    advance(
        release,
        RELEASE.withdraw,
        event=withdrawn,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
    )
    settle_current(release.product)
    return release
