"""Looking over the market: what is new in the log, or everything since a day.

A sweep reads the log from where the last one stopped and only the facts that the new entries touch.
How far it came and what it found are one transaction: a process that dies between finding and
recording has moved nothing, and of two sweeps one records.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from audit.decisions.services import require_in_force
from audit.log.actors import Actor
from audit.log.models import Entry, EntryRef, Leaf
from audit.log.queries import PARTY_KINDS
from audit.rulebook.queries import begins_at
from exchange.oversight.surveillance.detection.detecting import detect
from exchange.oversight.surveillance.detection.findings import Finding
from exchange.oversight.surveillance.detection.thresholds import CIRCLE, CORNERING, Thresholds
from exchange.oversight.surveillance.models import Alert, Watch
from exchange.oversight.surveillance.queries import thresholds_at
from exchange.oversight.surveillance.reading import Scope, read_facts, with_their_groups
from exchange.trading.models import Negotiation, Order

from .raising import ALGORITHM, raise_alerts

BATCH: Final = 50_000
"""Entries of the log that one sweep reads."""
WATCHED: Final = (
    "trading.order.placed",
    "trading.order.paid",
    "trading.order.refunded",
    "trading.order.cancelled",
    "trading.negotiation.opened",
    "trading.negotiation.countered",
    "trading.negotiation.agreed",
    "delivery.access.taken",
    "compliance.export.counted",
)
"""What can make a rule fire."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a look found: entries read, findings, and the alerts that are new."""

    entries: int
    findings: int
    alerts: tuple[Alert, ...]


def sweep(*, by: Actor, at: datetime) -> Swept:
    """Watch what the log tells since the last sweep; a rival's sweep makes this one nothing.

    Raises NotInForce while the algorithm's disclosure is suspended: what happens meanwhile is read
    once it is in force again.
    """
    require_in_force(ALGORITHM)
    start = _watch(at).next_index
    end = min(_size(), start + BATCH)
    if end <= start:
        return Swept(entries=0, findings=0, alerts=())
    thresholds, pack = thresholds_at(at)
    found = _find_new(start, end, thresholds, at)
    with transaction.atomic():
        if not Watch.objects.filter(next_index=start).update(next_index=end, swept_at=at):
            return Swept(entries=0, findings=0, alerts=())
        alerts = raise_alerts(found, growth=thresholds.growth, pack=pack, by=by, at=at)
    return Swept(entries=end - start, findings=len(found), alerts=tuple(alerts))


def find_since(*, since: date, at: datetime) -> list[Finding]:
    """Return what the rules find in everything since a day, and record nothing."""
    thresholds, _pack = thresholds_at(at)
    return detect(read_facts(Scope(since=begins_at(since), until=at)), thresholds)


def sweep_since(*, since: date, by: Actor, at: datetime) -> Swept:
    """Watch everything since a day again; what was told already is not told again."""
    thresholds, pack = thresholds_at(at)
    found = find_since(since=since, at=at)
    with transaction.atomic():
        alerts = raise_alerts(found, growth=thresholds.growth, pack=pack, by=by, at=at)
    return Swept(entries=0, findings=len(found), alerts=tuple(alerts))


def _find_new(start: int, end: int, thresholds: Thresholds, at: datetime) -> list[Finding]:
    """Find what the entries from `start` to `end` touch."""
    entries = Entry.objects.filter(name__in=WATCHED, leaf__index__gte=start, leaf__index__lt=end)
    refs = EntryRef.objects.filter(entry__in=entries.order_by().values("pk"))
    touched = refs.order_by().values_list("reference", flat=True).distinct()
    organizations = set(touched.filter(kind__in=PARTY_KINDS))
    products = set(touched.filter(kind="product"))
    for model, kind in ((Order, "order"), (Negotiation, "negotiation")):
        chosen = model._default_manager.filter(reference__in=touched.filter(kind=kind))  # noqa: SLF001  Django's documented name
        rows = chosen.values_list(
            "buyer__reference", "provider__reference", "product__reference"
        ).order_by()
        for buyer, provider, product in rows.distinct():
            organizations |= {buyer, provider}
            products.add(product)
    if not organizations:
        return []
    scope = Scope(
        since=at - timedelta(days=thresholds.longest_days),
        until=at,
        organizations=with_their_groups(organizations, tie_share=thresholds.tie_share),
        products=frozenset(products),
        market_days=2 * int(thresholds[CORNERING]["window_days"]),
        circle_days=int(thresholds[CIRCLE]["window_days"]),
    )
    return detect(read_facts(scope), thresholds)


def _watch(at: datetime) -> Watch:
    found = Watch.objects.first()
    if found is None:
        Watch.objects.bulk_create([Watch(next_index=0, swept_at=at)], ignore_conflicts=True)
        found = Watch.objects.get()
    return found


def _size() -> int:
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1
