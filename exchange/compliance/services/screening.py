"""Screening a release: the whole content is read, and the catalog is told what follows.

Reading takes long and runs outside any transaction; beginning and end are one transaction each,
so a killed worker leaves a release that waits, never one that passed.
"""

import base64
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit.decisions.services import NotInForce
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.signing import get_signer
from audit.rulebook.queries import Pack, day_of, get_pack
from exchange.catalog.models import Release
from exchange.catalog.services import (
    block_release,
    clear_release,
    hold_release,
    interrupt_screening,
    requeue_release,
    start_screening,
)
from exchange.catalog.states import RELEASE, ReleaseState
from exchange.compliance import rules
from exchange.compliance.events import (
    ScreeningFinished,
    ScreeningQueued,
    ScreeningStarted,
)
from exchange.compliance.grading import Verdict
from exchange.compliance.manuals import manual_of
from exchange.compliance.masking import mask_sample
from exchange.compliance.models import Screening
from exchange.compliance.queries import unfinished_screening
from exchange.compliance.reports import make_report
from exchange.compliance.resting import may_judge
from exchange.compliance.scanner import VERSION
from exchange.compliance.scanning import lexicon_of, scan_content
from exchange.compliance.states import SCREENING, Authority, Grade, Outcome, ScreeningState
from exchange.vault.services import plaintext_copy

from .cases import close_cases, open_case
from .content import Content
from .interrupting import mark_failed, put_back
from .justifying import record_verdict
from .parts import cut, help_read, is_worth_parting, read_parts
from .regrading import settle_regrades
from .sealing import free_release, is_to_be_sealed, seal_release
from .verdicts import FILTER, verdict_of
from .volume import judge_together

logger = logging.getLogger(__name__)

SILENCE = timedelta(minutes=10)
"""After so long without a sign of life a running screening counts as interrupted."""
MOST_FAILURES = 3
"""So often a file is read that cannot be read."""
Progress = Callable[[int, int | None, str], None]
Spread = Callable[[int], None]
Clock = Callable[[], datetime]


def screen_release(
    *, release: Release, by: Actor, at: datetime, progress: Progress | None = None
) -> Screening:
    """Read the whole content of a release and let it pass, hold it for review or block it."""
    screening = unfinished_screening(release) or queue_screening(release=release, by=by, at=at)
    return run_screening(screening=screening, at=at, progress=progress)


@transaction.atomic
def queue_screening(*, release: Release, by: Actor, at: datetime) -> Screening:
    """Line a release up for screening; one at a time for each release."""
    if refusal := rules.why_not_screen(by, release):
        raise NotAllowed(refusal)
    try:
        with transaction.atomic():
            screening = Screening.objects.create(
                reference=new_reference("S", at),
                release=release,
                sha256=release.sha256,
                rows_total=release.rows_to_read,
                created_at=at,
            )
    except IntegrityError:
        raise Conflict(_("A screening of this release is under way.")) from None
    queued = ScreeningQueued(
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        sha256=release.sha256,
    )
    begin(screening, event=queued, by=by, at=at)
    return screening


@transaction.atomic
def retry_screening(*, screening: Screening, by: Actor, at: datetime) -> Screening:
    """Have a release read again whose last reading failed; what was read keeps its verdict.

    Three readings that fail are enough: then the file is at fault and has to be uploaded anew.
    """
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    if refusal := rules.why_not_screen(by, release):
        raise NotAllowed(refusal)
    if screening.status != ScreeningState.FAILED:
        raise Conflict(_("Only a screening that failed is repeated."))
    if release.status != ReleaseState.BLOCKED or release.screening != screening.reference:
        raise Conflict(_("The release was read again since."))
    failed = Screening.objects.filter(release=release, status=ScreeningState.FAILED)
    if failed.filter(sha256=release.sha256).count() >= MOST_FAILURES:
        raise Conflict(_("The file could not be read three times; upload it again."))
    words = _("The reading is repeated, since the last one failed.")
    requeue_release(release=release, reason=words, by=FILTER, at=at)
    return queue_screening(release=release, by=by, at=at)


def run_screening(
    *,
    screening: Screening,
    at: datetime,
    progress: Progress | None = None,
    spread: Spread | None = None,
    clock: Clock | None = None,
) -> Screening:
    """Carry a queued screening out. Whatever fails inside blocks the release, loudly.

    While an algorithm that the verdict needs may not decide, the screening stays in the queue, or
    goes back to it; that is no verdict. With `spread` a large table is read in parts: it is called
    with their number once they wait, and calls others for help, who come in by `help_screening`.
    """
    release = Release.objects.select_related("product__provider", "product__rights").get(
        pk=screening.release_id
    )
    if release.status not in RELEASE.screen.sources:
        with transaction.atomic():
            mark_failed(screening, _("The release was taken back."), at)
        return screening
    if not may_judge():
        return screening
    pack = get_pack("compliance", on=day_of(at))
    screening.release = release
    _begin(screening, pack, at)
    try:
        return _judge(screening, pack, at, progress=progress, spread=spread, clock=clock)
    except NotInForce:  # suspended meanwhile
        return put_back(screening, at)


def help_screening(*, screening: Screening, clock: Clock) -> Screening:
    """Read parts of a screening that is under way, and judge it when all are read."""
    try:
        return help_read(screening=screening, clock=clock, conclude=_concluder(clock))
    except NotInForce:
        return put_back(screening, clock())
    except Exception as error:
        logger.exception("screening %s failed", screening.reference)
        return _fail(screening, f"{type(error).__name__}: {error}", clock())


def _judge(
    screening: Screening,
    pack: Pack,
    at: datetime,
    *,
    progress: Progress | None,
    spread: Spread | None,
    clock: Clock | None,
) -> Screening:
    """Read and give the verdict; NotInForce where an algorithm may no longer decide."""
    release = screening.release
    try:
        if spread and clock and is_worth_parting(release):
            return _read_in_parts(screening, spread, clock)
        content = read_content(release, screening, pack, day_of(at), progress)
    except NotInForce:
        raise
    except Exception as error:
        logger.exception("screening %s failed", screening.reference)
        return _fail(screening, f"{type(error).__name__}: {error}", at)
    return _conclude(screening, content, at)


def _read_in_parts(screening: Screening, spread: Spread, clock: Clock) -> Screening:
    with plaintext_copy(screening.release.table, impounded=True) as parquet:
        spread(cut(screening, parquet))
        return read_parts(screening, parquet, clock=clock, conclude=_concluder(clock))


def _concluder(clock: Clock) -> Callable[[Screening, Content], Screening]:
    return lambda screening, content: _conclude(screening, content, clock())


def recover_screenings(*, at: datetime) -> list[Screening]:
    """Put releases back into the queue whose screening was interrupted, and line them up anew."""
    silent = Q(heartbeat_at__lt=at - SILENCE) | Q(heartbeat_at=None, created_at__lt=at - SILENCE)
    interrupted = Screening.objects.filter(
        silent, status=ScreeningState.RUNNING, rescreening=None, parts=None
    )
    return [_restart(screening, at) for screening in interrupted.select_related("release__product")]


def _restart(screening: Screening, at: datetime) -> Screening:
    words = _("The screening was interrupted.")
    with transaction.atomic():
        mark_failed(screening, words, at)
        release = screening.release
        release.refresh_from_db()
        interrupt_screening(release=release, reason=words, by=FILTER, at=at)
        return queue_screening(release=release, by=FILTER, at=at)


@transaction.atomic
def _begin(screening: Screening, pack: Pack, at: datetime) -> None:
    begin_reading(screening, pack, at)
    close_cases(screening.release, reason=_("The release is read again."), at=at, but=screening)
    start_screening(release=screening.release, by=FILTER, at=at)


def begin_reading(screening: Screening, pack: Pack, at: datetime) -> None:
    """Note that the content is being read, by which rules and which scanner."""
    release = screening.release
    started = ScreeningStarted(
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        pack=pack.label,
        scanner=VERSION,
    )
    advance(
        screening,
        SCREENING.start,
        event=started,
        by=FILTER,
        at=at,
        pack=pack.label,
        scanner=VERSION,
        begun_at=at,
        heartbeat_at=Now(),
    )


def read_content(
    release: Release,
    screening: Screening,
    pack: Pack,
    on: date,
    progress: Progress | None,
) -> Content:
    """Read the table of the release; progress shows in the screening's row."""

    def tell(done: int, total: int | None, what: str) -> None:
        Screening.objects.filter(pk=screening.pk).update(rows_done=done, heartbeat_at=Now())
        if progress:
            progress(done, total, what)

    with plaintext_copy(release.table, impounded=True) as parquet:
        manual = manual_of(release.product, release, on=on)
        scan = scan_content(parquet, on=on, manual=manual, pack=pack, progress=tell)
        if scan.report.rows != release.rows_to_read:
            message = f"{scan.report.rows} rows were read of {release.rows_to_read}"
            raise ValueError(message)
        if release.is_model:  # its words are for the filter, not for buyers
            return Content(scan, pack, {})
        sample = mask_sample(parquet, scan.report, pack.data, lexicon_of(pack, on))
    return Content(scan, pack, sample)


@transaction.atomic
def _conclude(screening: Screening, content: Content, at: datetime) -> Screening:
    """Keep the signed verdict and tell the catalog what follows."""
    verdict = keep_verdict(screening, content, at)
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    follow_verdict(screening, release, verdict.override, at)
    settle_regrades(screening, FILTER, at)
    screening.release = release
    return screening


def keep_verdict(screening: Screening, content: Content, at: datetime) -> Verdict:
    """Judge with all releases of the provider, sign the report and keep it."""
    report = content.scan.report
    release = Release.objects.select_related("product__provider", "product__rights").get(
        pk=screening.release_id
    )
    screening.release = release
    manual = manual_of(release.product, release, on=day_of(at))
    verdict = judge_together(
        screening=screening,
        report=report,
        verdict=content.scan.verdict,
        manual=manual,
        pack=content.pack,
        at=at,
    )
    if verdict.grade == Grade.CORE:  # whatever a pack of rules says
        verdict = replace(verdict, outcome=str(Outcome.BLOCK))
    document = make_report(
        report=report,
        verdict=verdict,
        pack=content.pack,
        sha256=screening.sha256,
        at=screening.begun_at or at,
        papers=manual.model,
    )
    data = canonical(document)
    digest = hashlib.sha256(data).hexdigest()
    signer = get_signer("screening")
    finished = ScreeningFinished(
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        pack=content.pack.label,
        sha256=screening.sha256,
        outcome=verdict.outcome,
        grade=verdict.grade,
        level=verdict.level,
        personal=verdict.personal,
        rules=",".join(verdict.rule_ids()),
        rows=report.rows,
        report_sha256=digest,
    )
    advance(
        screening,
        SCREENING.finish,
        event=finished,
        by=FILTER,
        at=at,
        outcome=verdict.outcome,
        grade=verdict.grade,
        level=verdict.level,
        personal=verdict.personal,
        rules=verdict.rule_ids(),
        report=document,
        report_sha256=digest,
        signature=base64.b64encode(signer.sign(data)).decode(),
        signed_by=signer.verifier_key,
        sample=content.sample,
        rows_done=report.rows,
        finished_at=at,
    )
    record_verdict(screening, content, verdict, manual, at)
    return verdict


def follow_verdict(screening: Screening, release: Release, override: str, at: datetime) -> None:
    """Clear, hold with a case, or block for good; core data is blocked whatever the rules say."""
    known = verdict_of(screening)
    close_cases(release, reason=_("The release was read again."), at=at, but=screening)
    if is_to_be_sealed(screening, at):
        reason = _("Rules %(rules)s.") % {"rules": ", ".join(screening.rules)}
        block_release(release=release, screening=known, reason=reason, by=FILTER, at=at)
        seal_release(screening, release, at)
        return
    free_release(screening, release, at)
    if screening.outcome == Outcome.CLEAR:
        clear_release(
            release=release,
            screening=known,
            pack=screening.pack,
            sample=screening.sample,
            by=FILTER,
            at=at,
        )
    elif override == "NONE":
        reason = _("Rules %(rules)s.") % {"rules": ", ".join(screening.rules)}
        block_release(release=release, screening=known, reason=reason, by=FILTER, at=at)
    else:
        hold_release(release=release, screening=known, by=FILTER, at=at)
        open_case(screening, Authority(override), at)


@transaction.atomic
def _fail(screening: Screening, failure: str, at: datetime) -> Screening:
    """Block a release whose content could not be read to its end."""
    screening.parts.all().delete()
    mark_failed(screening, failure, at)
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    words = _("The screening failed, so nothing in the file is cleared. Upload it again.")
    block_release(release=release, screening=verdict_of(screening), reason=words, by=FILTER, at=at)
    return screening
