"""Taking a release back from where the filter or a decision had put it. Called by compliance."""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.lifecycle import advance
from audit.log.steps import Step
from exchange.catalog import rules
from exchange.catalog.events import ReleaseReconsidered, ReleaseRequeued
from exchange.catalog.models import Release
from exchange.catalog.states import RELEASE

from .listing import read_text
from .locking import lock_release


@transaction.atomic
def requeue_release(*, release: Release, reason: str, by: Actor, at: datetime) -> Release:
    """Let what was held or blocked wait for another reading by the filter."""
    return _take(release, RELEASE.requeue, ReleaseRequeued, reason, by=by, at=at)


@transaction.atomic
def reconsider_release(*, release: Release, reason: str, by: Actor, at: datetime) -> Release:
    """Let what a decision had blocked wait for another decision."""
    return _take(release, RELEASE.reconsider, ReleaseReconsidered, reason, by=by, at=at)


def _take(
    release: Release,
    step: Step,
    kind: type[ReleaseRequeued | ReleaseReconsidered],
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> Release:
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    words = read_text("reason", reason, limit=2000)
    lock_release(release)
    said = kind(release=release.reference, product=release.product.reference, reason=words)
    advance(release, step, event=said, by=by, at=at, status_since=at, status_reason=words)
    return release
