"""What the filter says of releases, as the catalog keeps it. Called by compliance."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import Step, advance
from exchange.catalog import rules
from exchange.catalog.events import (
    ListingSuspended,
    ReleaseBlocked,
    ReleaseCleared,
    ReleaseHeld,
    ReleaseInterrupted,
    ReleaseRenewed,
    ReleaseScreening,
)
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release
from exchange.catalog.states import PRODUCT, RELEASE
from exchange.catalog.vocabulary import SuspensionAuthority

from .indexing import index_product
from .listing import read_text
from .locking import lock_release


class Verdict(Protocol):
    """A screening, as far as the catalog keeps it: what was read, and how it was graded."""

    @property
    def reference(self) -> str:
        """The screening's own reference."""

    @property
    def sha256(self) -> str:
        """Digest of the content that was read."""

    @property
    def grade(self) -> str:
        """GENERAL, IMPORTANT or CORE."""

    @property
    def level(self) -> int:
        """1 to 4."""

    @property
    def personal(self) -> str:
        """NONE, PSEUDONYMOUS, PERSONAL or SENSITIVE."""


@transaction.atomic
def start_screening(*, release: Release, by: Actor, at: datetime) -> Release:
    """Note that the filter reads the release; until its verdict nothing of it is sold."""
    if refusal := rules.why_not_screen(by, release):
        raise NotAllowed(refusal)
    lock_release(release)
    started = ReleaseScreening(
        release=release.reference,
        product=release.product.reference,
        content_sha256=release.sha256,
    )
    advance(release, RELEASE.screen, event=started, by=by, at=at, status_since=at, status_reason="")
    settle_current(release.product)
    return release


@transaction.atomic
def interrupt_screening(*, release: Release, reason: str, by: Actor, at: datetime) -> Release:
    """Put a release back into the queue whose screening came to no verdict."""
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    words = read_text("reason", reason)
    interrupted = ReleaseInterrupted(
        release=release.reference, product=release.product.reference, reason=words
    )
    advance(
        release,
        RELEASE.interrupt,
        event=interrupted,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
    )
    return release


@transaction.atomic
def clear_release(
    *,
    release: Release,
    screening: Verdict,
    pack: str,
    sample: Mapping[str, object] | None,
    by: Actor,
    at: datetime,
) -> Release:
    """Let exactly the content that was screened pass; it becomes the product's current release.

    `sample` holds the masked rows shown to buyers. Raises Conflict for a verdict on other content.
    """
    _check_verdict(release, screening, by)
    _let_pass(release, RELEASE.clear, ReleaseCleared, screening, pack, sample, by=by, at=at)
    settle_current(release.product)
    return release


@transaction.atomic
def renew_release(
    *,
    release: Release,
    screening: Verdict,
    pack: str,
    sample: Mapping[str, object] | None,
    by: Actor,
    at: datetime,
) -> Release:
    """Let what is on the market stay there under another pack, without a moment off it."""
    _check_verdict(release, screening, by)
    _let_pass(release, RELEASE.renew, ReleaseRenewed, screening, pack, sample, by=by, at=at)
    Product.objects.filter(pk=release.product_id, current=release).update(level=release.level)
    return release


def _let_pass(
    release: Release,
    step: Step,
    kind: type[ReleaseCleared | ReleaseRenewed],
    screening: Verdict,
    pack: str,
    sample: Mapping[str, object] | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    rows = dict(sample or {})
    passed = kind(
        release=release.reference,
        product=release.product.reference,
        screening=screening.reference,
        pack=pack,
        content_sha256=release.sha256,
        grade=screening.grade,
        level=screening.level,
        personal=screening.personal,
        sample_sha256=_digest(rows),
    )
    advance(
        release,
        step,
        event=passed,
        by=by,
        at=at,
        status_since=at,
        status_reason="",
        cleared_at=at,
        cleared_pack=pack,
        cleared_sha256=screening.sha256,
        sample=rows,
        **_verdict_of(screening),
    )


@transaction.atomic
def hold_release(*, release: Release, screening: Verdict, by: Actor, at: datetime) -> Release:
    """Keep a release back until a human has decided."""
    _check_verdict(release, screening, by)
    held = ReleaseHeld(
        release=release.reference,
        product=release.product.reference,
        screening=screening.reference,
        content_sha256=release.sha256,
        grade=screening.grade,
    )
    advance(
        release,
        RELEASE.hold,
        event=held,
        by=by,
        at=at,
        status_since=at,
        **_verdict_of(screening),
    )
    return release


@transaction.atomic
def block_release(
    *, release: Release, screening: Verdict, reason: str = "", by: Actor, at: datetime
) -> Release:
    """Refuse a release for good. A listing that has no other release to sell is suspended."""
    _check_verdict(release, screening, by)
    words = read_text("reason", reason, limit=2000, required=False)
    blocked = ReleaseBlocked(
        release=release.reference,
        product=release.product.reference,
        screening=screening.reference,
        content_sha256=release.sha256,
        grade=screening.grade,
        reason=words,
    )
    advance(
        release,
        RELEASE.block,
        event=blocked,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
        **_verdict_of(screening),
    )
    product = release.product
    settle_current(product)
    if product.is_listed and product.current is None:
        _suspend_for_want_of_content(product, by=by, at=at)
    return release


def settle_current(product: Product) -> None:
    """Point the product at the release that is sold now, and let the search know."""
    release = current_release(product)
    if product.current_id == (release.pk if release else None):
        return
    Product.objects.filter(pk=product.pk).update(
        current=release,
        format=release.format if release else "",
        level=release.level if release else None,
    )
    product.refresh_from_db()
    index_product(product)


def _check_verdict(release: Release, screening: Verdict, by: Actor) -> None:
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    lock_release(release)
    if screening.sha256 != release.sha256:
        raise Conflict(_("The screening read another content than the release has."))


def _verdict_of(screening: Verdict) -> dict[str, str | int]:
    return {
        "screening": screening.reference,
        "grade": screening.grade,
        "level": screening.level,
        "personal": screening.personal,
    }


def _suspend_for_want_of_content(product: Product, *, by: Actor, at: datetime) -> None:
    words = _("The only release was blocked by the screening.")
    suspended = ListingSuspended(
        product=product.reference, authority=SuspensionAuthority.SYSTEM, reason=words
    )
    advance(
        product,
        PRODUCT.suspend,
        event=suspended,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
        suspension_authority=SuspensionAuthority.SYSTEM,
    )


def _digest(rows: Mapping[str, object]) -> str:
    text = json.dumps(rows, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
