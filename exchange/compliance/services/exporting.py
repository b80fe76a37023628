"""The export gate at work: the route of an order is declared, and its export counted.

The row of the processor's year is locked before the persons are counted: of two orders at once the
second is decided with the first one's persons (《个人信息出境认证办法》第五条: no splitting).
"""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.compliance.export import Heads, crossed
from exchange.compliance.export_events import ExportCounted, LineNeared, RouteDeclared
from exchange.compliance.export_words import ExportRefused
from exchange.compliance.exports import (
    Ask,
    Weighed,
    ask_of,
    leaves,
    processor_of,
    read_from,
    route_of,
    weigh,
)
from exchange.compliance.models import ExportRecord, ExportRoute, ExportWarning, ExportYear


@transaction.atomic
def declare_route(*, order: str, ask: Ask, by: Actor, at: datetime) -> ExportRoute:
    """Keep where the data of an order goes; raise ExportRefused when it may not go there now."""
    weighed = weigh(ask, at)
    if not weighed.decision.allowed:
        raise ExportRefused(weighed)
    route = ExportRoute.objects.create(
        order=order,
        release=ask.release,
        exporter=ask.exporter,
        recipient=ask.recipient,
        seat=ask.seat,
        access=sorted(str(place) for place in ask.access),
        use=ask.use,
        declared_at=at,
    )
    declared = RouteDeclared(
        order=order,
        product=ask.release.product.reference,
        release=ask.release.reference,
        organizations=f"{ask.exporter.reference},{ask.recipient.reference}",
        seat=str(ask.seat),
        access=",".join(route.access),
    )
    record(declared, by=by, at=at)
    return route


@transaction.atomic
def count_export(*, route: ExportRoute, by: Actor, at: datetime) -> ExportRecord | None:
    """Enter an order's export into the ledger of the year, once; None if nothing leaves.

    Decided under the lock of the processor's year; raises ExportRefused, and counts nothing, when
    the order may not go now.
    """
    processor, year = processor_of(route.exporter), day_of(at).year
    counted = _lock_year(processor, year)
    weighed = weigh(ask_of(route), at)
    if not weighed.situation.route.outside:
        return None
    if not weighed.decision.allowed:
        raise ExportRefused(weighed)
    return _recorded(route, at) or _enter(route, weighed, counted, by, at)


@transaction.atomic
def count_access(*, order: str, by: Actor, at: datetime) -> ExportRecord | None:
    """Count an order's export in the year in which it is read: with its first access that year.

    An access that does not leave the mainland counts nothing.

    《促进和规范数据跨境流动规定》第七条、第八条 count from 1 January; what is read again in
    the next year is provided again.
    """
    route = route_of(order)
    if route is None or not leaves(read_from(ask_of(route), by.place)):
        return None
    return _recorded(route, at) or count_export(route=route, by=by, at=at)


def _recorded(route: ExportRoute, at: datetime) -> ExportRecord | None:
    return ExportRecord.objects.filter(route=route, year=day_of(at).year).first()


def _lock_year(processor: str, year: int) -> ExportYear:
    ExportYear.objects.get_or_create(processor=processor, year=year)
    rows = ExportYear.objects.select_for_update(of=("self",))
    return rows.get(processor=processor, year=year)


def _enter(
    route: ExportRoute, weighed: Weighed, counted: ExportYear, by: Actor, at: datetime
) -> ExportRecord:
    situation, decision = weighed.situation, weighed.decision
    before, after, cargo = situation.so_far, situation.with_cargo, situation.cargo
    entry = ExportRecord.objects.create(
        reference=new_reference("EX", at),
        route=route,
        processor=counted.processor,
        year=counted.year,
        places=sorted(str(each) for each in situation.route.outside),
        outcome=decision.outcome,
        mechanism=decision.mechanism,
        ground=decision.ground,
        rules=list(decision.rules),
        filings=list(decision.evidence),
        pack=decision.pack,
        ordinary=cargo.heads.ordinary,
        sensitive=cargo.heads.sensitive,
        year_ordinary=after.ordinary,
        year_sensitive=after.sensitive,
        counted_at=at,
    )
    ExportYear.objects.filter(pk=counted.pk).update(
        ordinary=after.ordinary, sensitive=after.sensitive
    )
    said = ExportCounted(
        export=entry.reference,
        order=route.order,
        product=cargo.product,
        release=route.release.reference,
        pack=decision.pack,
        organizations=f"{route.exporter.reference},{route.recipient.reference}",
        filings=",".join(decision.evidence),
        processor=counted.processor,
        year=counted.year,
        places=",".join(entry.places),
        outcome=decision.outcome,
        mechanism=decision.mechanism,
        ground=decision.ground,
        ordinary=entry.ordinary,
        sensitive=entry.sensitive,
    )
    record(said, by=by, at=at)
    _warn(entry, weighed, before, by, at)
    return entry


def _warn(entry: ExportRecord, weighed: Weighed, before: Heads, by: Actor, at: datetime) -> None:
    """Tell provider and regulator of each line that came near, once a year."""
    after = weighed.situation.with_cargo
    for line in crossed(weighed.rules.lines, before, after):
        same = {"processor": entry.processor, "year": entry.year, "line": line.name}
        if ExportWarning.objects.filter(**same).exists():
            continue
        persons = getattr(after, line.kind)
        ExportWarning.objects.create(
            **same, line_at=line.at, persons=persons, record=entry, warned_at=at
        )
        neared = LineNeared(
            export=entry.reference,
            organization=weighed.ask.exporter.reference,
            processor=entry.processor,
            year=entry.year,
            line=line.name,
            line_at=line.at,
            persons=persons,
        )
        record(neared, by=by, at=at)
