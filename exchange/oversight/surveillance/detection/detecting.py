"""All rules over one set of facts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from .control import Control, control_of
from .dealing import self_dealing
from .facts import Facts
from .findings import Finding
from .habits import bulk_scraping, enumeration, unusual_hours
from .prices import off_listing, price_spikes, quote_stuffing
from .thresholds import (
    CIRCLE,
    CORNERING,
    COUNTER,
    ENUMERATION,
    HOURS,
    OFF_LISTING,
    REFUND,
    SCRAPING,
    SELF,
    SPIKE,
    SPLIT,
    STUFFING,
    TINY,
    Thresholds,
)
from .trades import circles, counter_orders, refund_loops
from .volumes import cornering, split_exports, tiny_sales

Detector = Callable[[Facts, Control, Mapping[str, float]], Iterator[Finding]]

DETECTORS: Final[Mapping[str, Detector]] = {
    COUNTER: counter_orders,
    CIRCLE: circles,
    REFUND: refund_loops,
    SELF: self_dealing,
    SPIKE: price_spikes,
    OFF_LISTING: off_listing,
    STUFFING: quote_stuffing,
    SPLIT: split_exports,
    SCRAPING: bulk_scraping,
    ENUMERATION: enumeration,
    HOURS: unusual_hours,
    TINY: tiny_sales,
    CORNERING: cornering,
}


def detect(facts: Facts, thresholds: Thresholds, *, only: Iterable[str] = ()) -> list[Finding]:
    """Return what the rules find, in the order of rules, subjects and time; each case once."""
    control = control_of(facts, least_share=thresholds.tie_share)
    chosen = set(only) or set(DETECTORS)
    found = [
        finding
        for rule, detector in DETECTORS.items()
        if rule in chosen
        for finding in detector(facts, control, thresholds[rule])
    ]
    different = {finding.facts_sha256: finding for finding in found}
    places = {rule: place for place, rule in enumerate(DETECTORS)}
    return sorted(
        different.values(),
        key=lambda each: (places[each.rule], each.subject, each.since, each.until, each.evidence),
    )
