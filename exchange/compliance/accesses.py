"""Reading from outside the mainland is export, whoever reads (网络数据安全管理条例第三十八条)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.catalog.models import Release

from .export import OUTSIDE, Place
from .export_words import describe, rule_text, why_refused
from .exports import ask_of, export_rules, matters, read_from, route_of, weigh


@dataclass(frozen=True)
class Refused:
    """Why not from there: in words, and what the export would need where that is the matter."""

    words: str
    export: dict[str, Any] | None = None


def why_not_shown(release: Release, *, place: str, at: datetime) -> str | None:
    """Return why no row and no value of a release is shown to who looks from a place, or None.

    A sample is read like the data itself, by anybody, under no order and no mechanism: what may
    not leave without one is not shown outside (《网络数据安全管理条例》第三十八条).
    """
    where = Place(place) if place else Place.MAINLAND
    if where not in OUTSIDE or not matters(release):
        return None
    rule = "R-EXPORT-UNKNOWN" if where == Place.UNKNOWN else "R-EXPORT-PLACE"
    return rule_text(export_rules(at), rule)


def why_not_from(*, order: str, release: Release, place: str, at: datetime) -> Refused | None:
    """Return why the data of an order may not be read from a place now, or None.

    What is outside has to be declared with the order, and its mechanism has to hold now; what is
    unknown is refused where the data may not leave without one.
    """
    route = route_of(order)
    where = Place(place) if place else Place.MAINLAND
    declared = set(ask_of(route).access) if route else set()
    if where == Place.UNKNOWN and not matters(release):
        return None
    if where in OUTSIDE and where not in declared and (route or matters(release)):
        rule = "R-EXPORT-UNKNOWN" if where == Place.UNKNOWN else "R-EXPORT-PLACE"
        return Refused(rule_text(export_rules(at), rule))
    if route is None:
        return None
    weighed = weigh(read_from(ask_of(route), place), at)
    if weighed.decision.allowed:
        return None
    return Refused(why_refused(weighed), describe(weighed))
