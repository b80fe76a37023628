"""Quality: a provider declares rules, a worker counts the rows that break them.

Counting takes long and runs outside of any transaction, in the limited child that reads files. A
worker that is killed leaves a report RUNNING, which is taken up again.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit.decisions.services import record_decision
from audit.log.actors import Actor, ActorKind
from audit.log.canonical import canonical
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.catalog import quality, rules
from exchange.catalog.events import (
    QualityFailed,
    QualityInterrupted,
    QualityMeasured,
    QualityRequested,
    QualityRulesDeclared,
    QualityStarted,
)
from exchange.catalog.models import Product, QualityReport, QualityRules, Release
from exchange.catalog.states import QUALITY, QualityState, ReleaseState
from exchange.vault.formats.limits import Limits
from exchange.vault.quality import Rule, rules_sha256, write_rules
from exchange.vault.reading import check_table
from exchange.vault.services import plaintext_copy
from exchange.vault.services.objects import workdir
from pricing.quality import Accesses, measure

from .locking import lock_product

logger = logging.getLogger(__name__)

SILENCE: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 3
TRIED_AT_ONCE: Final = 64 * 1024**2
"""Bytes of a table on which rules are tried while the provider waits; others a worker counts."""
TRIAL: Final = Limits(seconds=30)
UNEXPECTED: Final = "unexpected"
ALGORITHM: Final = "quality"
Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What rules would find in a release; `found` is None where the table is too large to wait."""

    release: Release
    rules: tuple[Rule, ...]
    found: Mapping[str, Any] | None


@transaction.atomic
def declare_quality_rules(
    *, product: Product, document: Any, by: Actor, at: datetime
) -> QualityRules:
    """Promise this of every row from now on, and have the release on sale measured by it.

    The same rules declared again are the version that holds already.
    """
    _may_change(product, by)
    read = quality.rules_from(document, quality.newest_release(product))
    lock_product(product)
    _may_change(product, by)
    digest, held = rules_sha256(read), quality.current_rules(product)
    if held is not None and held.sha256 == digest:
        return held
    declared = QualityRules.objects.create(
        reference=new_reference("QL", at),
        product=product,
        number=held.number + 1 if held else 1,
        rules=write_rules(read),
        sha256=digest,
        declared_by=by.id,
        declared_at=at,
    )
    event = QualityRulesDeclared(
        product=product.reference,
        organization=product.provider.reference,
        rules_version=declared.number,
        rules_count=len(read),
        rules_sha256=digest,
    )
    record(event, by=by, at=at)
    current = product.current
    if current is not None and quality.report_under_way(current) is None:
        request_quality(release=current, by=by, at=at)
    return declared


def try_quality_rules(*, product: Product, document: Any, by: Actor) -> Trial:
    """Count what rules would find in the newest release; nothing is kept."""
    _may_change(product, by)
    release = quality.newest_release(product)
    if release is None:
        raise Invalid({"rules": [_("There is no release to try them on. Upload one first.")]})
    read = quality.rules_from(document, release)
    if release.table.size > TRIED_AT_ONCE:
        return Trial(release=release, rules=read, found=None)
    with plaintext_copy(release.table) as parquet, workdir() as folder:
        found = check_table(parquet, write_rules(read), workdir=folder, limits=TRIAL)
    return Trial(release=release, rules=read, found=found)


@transaction.atomic
def request_quality(*, release: Release, by: Actor, at: datetime) -> QualityReport:
    """Have a release measured by the rules that hold now; one at a time."""
    product = release.product
    if not by.is_system:
        _may_change(product, by)
    if refusal := rules.why_a_model(product):
        raise NotAllowed(refusal)
    lock_product(product)
    if release.status in (ReleaseState.BLOCKED, ReleaseState.WITHDRAWN):
        raise NotAllowed(_("The release was given up. Measure another one."))
    if quality.report_under_way(release) is not None:
        raise Conflict(_("This release is being measured already."))
    held = quality.current_rules(product)
    report = QualityReport.objects.create(
        reference=new_reference("QR", at),
        release=release,
        rules=held,
        content_sha256=release.sha256,
        requested_by=by.id,
        created_at=at,
    )
    requested = QualityRequested(
        **_named(report),
        content_sha256=release.sha256,
        rules_sha256=held.sha256 if held else "",
    )
    begin(report, event=requested, by=by, at=at)
    return report


def measure_quality(*, report: QualityReport, accesses: Accesses, clock: Clock) -> QualityReport:
    """Count what a report is about, and finish it; whatever fails ends it."""
    worker, attempt = _worker(report), report.attempts + 1
    started = QualityStarted(**_named(report), attempt=attempt)
    changes = {"attempts": attempt, "heartbeat_at": Now(), "done": 0}
    advance(report, QUALITY.start, event=started, by=worker, at=clock(), **changes)
    try:
        counted = _count(report)
        return _finish(report, counted, accesses, worker, clock())
    except WrongState:
        raise
    except DomainError as error:
        return _fail(report, str(error), error.code, clock())
    except Exception as error:
        logger.exception("quality report %s failed", report.reference)
        return _fail(report, type(error).__name__, UNEXPECTED, clock())


def resume_quality(*, at: datetime) -> list[str]:
    """Queue reports anew whose worker fell silent; return all that wait to be handed out."""
    silent = QualityReport.objects.filter(
        status=QualityState.RUNNING, heartbeat_at__lt=at - SILENCE
    )
    for report in silent.select_related("release__product__provider"):
        if report.attempts >= MOST_ATTEMPTS:
            _fail(report, _("It was interrupted several times."), "interrupted", at)
            continue
        interrupted = QualityInterrupted(**_named(report), attempt=report.attempts)
        advance(report, QUALITY.resume, event=interrupted, by=_worker(report), at=at)
    waiting = Q(created_at__lt=at - SILENCE) | Q(attempts__gt=0)
    queued = QualityReport.objects.filter(waiting, status=QualityState.QUEUED)
    return list(queued.order_by("pk").values_list("reference", flat=True))


def _count(report: QualityReport) -> Mapping[str, Any]:
    release = report.release
    if report.rules is None:
        return {"rows": release.rows, "rules": []}

    def tell(done: int, total: int | None, stage: str) -> None:
        QualityReport.objects.filter(pk=report.pk).update(
            done=done, total=total or 0, stage=stage[:24], heartbeat_at=Now()
        )

    with plaintext_copy(release.table) as parquet, workdir() as folder:
        counted = check_table(parquet, report.rules.rules, workdir=folder, progress=tell)
    if counted["rows"] != release.rows:
        message = f"{counted['rows']} rows were read of {release.rows}"
        raise ValueError(message)
    return counted


@transaction.atomic
def _finish(
    report: QualityReport,
    counted: Mapping[str, Any],
    accesses: Accesses,
    worker: Actor,
    at: datetime,
) -> QualityReport:
    release, day = report.release, day_of(at)
    standard = quality.standard_on(day)
    updates = quality.updates_of(release, standard, day)
    read = quality.rules_from(report.rules.rules, None) if report.rules else ()
    items = quality.items_of(release, read, counted)
    measurement = measure(
        [item for item, _named in items], updates=updates, accesses=accesses, standard=standard
    )
    document = quality.report_document(
        report,
        measurement,
        {item.id: named for item, named in items},
        updates=updates,
        accesses=accesses,
        at=at,
    )
    text = canonical(document)
    digest = hashlib.sha256(text).hexdigest()
    measured = QualityMeasured(
        **_named(report),
        content_sha256=report.content_sha256,
        rules_sha256=document["rules_sha256"],
        report_sha256=digest,
        pack=standard.label,
        score=document["score"] or "",
        grade=measurement.grade,
    )
    advance(
        report,
        QUALITY.finish,
        event=measured,
        by=worker,
        at=at,
        finished_at=at,
        pack=standard.label,
        document=text.decode(),
        document_sha256=digest,
        examples={row["id"]: row["examples"] for row in counted["rules"] if row["examples"]},
        score_rate=measurement.score,
        grade=measurement.grade,
    )
    _record_decision(report, document, worker, at)
    return report


def _record_decision(
    report: QualityReport, document: Mapping[str, Any], worker: Actor, at: datetime
) -> None:
    """Keep score and grade as the algorithm's decision, with what each dimension counted for."""
    product = report.release.product
    record_decision(
        algorithm=ALGORITHM,
        subject=("quality", report.reference),
        concerning=product.provider.reference,
        inputs={
            name: document[name]
            for name in ("accesses", "content_sha256", "pack", "product", "rules_sha256", "updates")
        },
        output={
            "score": document["score"],
            "grade": document["grade"],
            "document_sha256": report.document_sha256,
        },
        explanation={
            "pack": document["pack"],
            "dimensions": [
                {"name": row["name"], "weight": row["weight"], "share": row["share"]}
                for row in document["dimensions"]
            ],
        },
        by=worker,
        at=at,
    )


def _fail(report: QualityReport, words: str, reason: str, at: datetime) -> QualityReport:
    failed = QualityFailed(**_named(report), reason=reason[:200])
    changes = {"failure": words[:4000] or reason, "finished_at": at}
    advance(report, QUALITY.fail, event=failed, by=_worker(report), at=at, **changes)
    return report


def _may_change(product: Product, by: Actor) -> None:
    if refusal := rules.why_not_upload(by, product) or rules.why_a_model(product):
        raise NotAllowed(refusal)


def _worker(report: QualityReport) -> Actor:
    return Actor(
        kind=ActorKind.SYSTEM,
        id="system:quality",
        organization=report.release.product.provider.reference,
        on_behalf_of=report.requested_by,
    )


def _named(report: QualityReport) -> dict[str, str]:
    return {
        "quality": report.reference,
        "release": report.release.reference,
        "product": report.release.product.reference,
    }
