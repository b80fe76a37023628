"""One screening by several workers: each reads some row groups, the last one judges.

Nothing but rows in the database holds them together. A part is taken under a lease that its
reading prolongs; what a killed worker had taken is read by another when the lease is over. Tallies
add up in any order, so that the report is the same, byte for byte, as that of one process.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from audit.log.errors import WrongState
from audit.rulebook.queries import Pack, day_of, find_pack
from exchange.catalog.models import Release
from exchange.compliance.grading import grade
from exchange.compliance.manuals import manual_of
from exchange.compliance.masking import mask_sample
from exchange.compliance.models import Screening, ScreeningPart
from exchange.compliance.opaque import with_opaque
from exchange.compliance.scanner import Tally, judge, measure_parquet
from exchange.compliance.scanning import TableScan, lexicon_of
from exchange.compliance.states import ScreeningState
from exchange.vault.services import plaintext_copy

from .content import Content

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""After so long without a sign of life the worker that took a part counts as dead."""
Clock = Callable[[], datetime]
Conclude = Callable[[Screening, Content], object]


def is_worth_parting(release: Release) -> bool:
    """Whether a table is so large that several workers are faster than one."""
    return bool(release.rows >= 2 * settings.SCREENING_PART_ROWS)


def cut(screening: Screening, parquet: Path) -> int:
    """Cut a table into parts of whole row groups; return how many there are."""
    metadata = pq.read_metadata(parquet)
    parts: list[ScreeningPart] = []
    first, rows = 0, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows >= settings.SCREENING_PART_ROWS or group == metadata.num_row_groups - 1:
            parts.append(
                ScreeningPart(
                    screening=screening,
                    number=len(parts),
                    first_group=first,
                    stop_group=group + 1,
                    rows=rows,
                )
            )
            first, rows = group + 1, 0
    ScreeningPart.objects.bulk_create(parts)
    return len(parts)


def read_parts(
    screening: Screening, parquet: Path, *, clock: Clock, conclude: Conclude
) -> Screening:
    """Read parts until none is free; who finds all of them read judges the whole."""
    pack, release = _rules_of(screening), screening.release
    while (part := _take(screening, clock())) is not None:
        _measure(screening, part, parquet, pack, clock)
    screening.refresh_from_db()
    unread = screening.parts.filter(tally=None).exists()
    if screening.status != ScreeningState.RUNNING or unread:
        return screening
    content = _add_up(screening, release, parquet, pack)
    if content is None:
        return read_parts(screening, parquet, clock=clock, conclude=conclude)
    try:
        with transaction.atomic():
            conclude(screening, content)
            screening.parts.all().delete()
    except WrongState:
        logger.info("screening %s was judged by another worker", screening.reference)
        screening.refresh_from_db()
    return screening


def help_read(*, screening: Screening, clock: Clock, conclude: Conclude) -> Screening:
    """Lend a hand to a screening that is under way."""
    waiting = free_parts(screening, clock()).exists()
    if screening.status != ScreeningState.RUNNING or not (waiting or _is_read(screening)):
        return screening
    with plaintext_copy(screening.release.table, impounded=True) as parquet:
        return read_parts(screening, parquet, clock=clock, conclude=conclude)


def free_parts(screening: Screening, at: datetime) -> QuerySet[ScreeningPart]:
    """Return the parts that wait for a worker; none of a reading begun anew under other rules."""
    free = Q(taken_until=None) | Q(taken_until__lt=at)
    same = {"screening__begun_at": screening.begun_at, "tally": None}
    return screening.parts.filter(free, **same).order_by("number")


def forsaken_screenings(at: datetime) -> QuerySet[Screening]:
    """Return the screenings in parts that nobody is at work on."""
    parts = ScreeningPart.objects.filter(screening=OuterRef("pk"))
    return Screening.objects.filter(
        Exists(parts),
        ~Exists(parts.filter(taken_until__gte=at, tally=None)),
        status=ScreeningState.RUNNING,
        heartbeat_at__lt=at - LEASE,
    )


def _is_read(screening: Screening) -> bool:
    parts = screening.parts
    return parts.exists() and not parts.filter(tally=None).exists()


def _take(screening: Screening, at: datetime) -> ScreeningPart | None:
    """Take a free part under a lease; of two workers one gets it."""
    name = secrets.token_hex(16)
    while (part := free_parts(screening, at).defer("tally").first()) is not None:
        rows = screening.parts.filter(pk=part.pk, taken_by=part.taken_by, tally=None)
        if rows.update(taken_by=name, taken_until=at + LEASE):
            part.taken_by = name
            return part
    return None


def _measure(
    screening: Screening, part: ScreeningPart, parquet: Path, pack: Pack, clock: Clock
) -> None:
    mine = ScreeningPart.objects.filter(pk=part.pk, taken_by=part.taken_by, tally=None)

    def prolong(_done: int, _total: int | None, _what: str) -> None:
        mine.update(taken_until=clock() + LEASE)
        Screening.objects.filter(pk=screening.pk).update(heartbeat_at=Now())

    tally = measure_parquet(
        parquet,
        lexicon_of(pack, _day(screening)),
        row_groups=range(part.first_group, part.stop_group),
        progress=prolong,
    )
    if tally.rows != part.rows:
        message = f"{tally.rows} rows were read of {part.rows} in part {part.number}"
        raise ValueError(message)
    mine.update(tally=tally.to_bytes(), taken_until=None)
    read = screening.parts.exclude(tally=None).aggregate(rows=Sum("rows"))["rows"] or 0
    Screening.objects.filter(pk=screening.pk).update(rows_done=read, heartbeat_at=Now())


def _add_up(screening: Screening, release: Release, parquet: Path, pack: Pack) -> Content | None:
    """Judge the sum of all parts; None where one has to be read again."""
    whole = Tally()
    for part in screening.parts.order_by("number"):
        try:
            whole.merge(Tally.from_bytes(bytes(part.tally or b"")))
        except ValueError:
            logger.exception("part %s of %s is read again", part.number, screening.reference)
            screening.parts.filter(pk=part.pk).update(tally=None, taken_by="", taken_until=None)
            return None
    on = _day(screening)
    lexicon = lexicon_of(pack, on)
    report = with_opaque(judge(whole, lexicon), parquet)
    if report.rows != release.rows:
        message = f"{report.rows} rows were read of {release.rows}"
        raise ValueError(message)
    verdict = grade(report, pack.data, on=on, manual=manual_of(release.product))
    sample = mask_sample(parquet, report, pack.data, lexicon)
    return Content(TableScan(report, verdict), pack, sample)


def _rules_of(screening: Screening) -> Pack:
    pack = find_pack(screening.pack)
    if pack is None:
        message = f"the rules {screening.pack} are not known here"
        raise LookupError(message)
    return pack


def _day(screening: Screening) -> date:
    assert screening.begun_at is not None  # noqa: S101  it is running
    return day_of(screening.begun_at)
