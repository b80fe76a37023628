"""The order of a search's results on record: once for all who ask the same, without who asked.

《互联网信息服务算法推荐管理规定》第十二条: rules of ranking are explained;
第十七条: whoever does not want the ranking chooses another order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from audit.decisions.models import StandingDecision
from audit.decisions.sealing import find_standing, keep_standing, may_add
from audit.log.actors import Actor
from audit.log.errors import Conflict
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.ranking import NAME_BEGINS_WITH_QUERY, NAME_IS_QUERY, WEIGHTS, whole_of
from exchange.catalog.search import read_query
from exchange.catalog.words import Query, needle

ALGORITHM: Final = "search_ranking"
SHOWN_MOST: Final = 50
NEW_OF_STRANGERS: Final = 60
NEW_OF_MEMBERS: Final = 600
"""New rankings of one visitor within an hour; what was asked before is not counted."""


class TooManySearches(Conflict):
    """A visitor asked for more different rankings than are put on record for it in an hour."""

    code: ClassVar[str] = "too-many-searches"
    status: ClassVar[int] = 429
    title = _("Too many different searches within the hour")


def is_ranked(text: str, filters: Mapping[str, Any] | None, order: str) -> bool:
    """Whether the algorithm orders these results: words were given, and no other order chosen.

    Lists with a `status` are of one's own products or of who watches, not of the market.
    """
    return bool(text.strip()) and order in ("", "relevance") and "status" not in (filters or {})


def note_ranking(
    *,
    text: str,
    filters: Mapping[str, str | Iterable[str]] | None,
    shown: Sequence[Product],
    visitor: str,
    by: Actor,
    at: datetime,
) -> StandingDecision | None:
    """Put the order of results that are shown on record; None where nothing was found.

    Raises NotInForce where the ranking may not decide, TooManySearches where this visitor's new
    searches of the hour are used up; the results are then shown in another order.
    """
    query = read_query(text)
    rows = list(shown)[:SHOWN_MOST]
    if query is None or not query.phrases or not rows:
        return None
    asked = {"filters": _sorted(filters or {}), "phrases": list(query.phrases)}
    output = {
        "products": [row.reference for row in rows],
        "scores": [int(getattr(row, "score", 0)) for row in rows],
    }
    if known := find_standing(algorithm=ALGORITHM, inputs=asked, output=output):
        return known
    most = NEW_OF_MEMBERS if by.is_identified else NEW_OF_STRANGERS
    if not may_add(by.organization or by.id if by.is_identified else visitor, most=most):
        raise TooManySearches(
            _("Results are ordered by their day of listing for now; try again in an hour.")
        )
    return keep_standing(
        algorithm=ALGORITHM,
        inputs=asked,
        output=output,
        explanation={"phrases": len(query.phrases), "rows": _points(rows, query)},
        at=at,
    )


def _sorted(filters: Mapping[str, str | Iterable[str]]) -> dict[str, list[str]]:
    return {
        name: sorted([value] if isinstance(value, str) else value)
        for name, value in sorted(filters.items())
    }


def _points(rows: Sequence[Product], query: Query) -> list[dict[str, Any]]:
    """Return for each product how many points came from which field."""
    entries = {
        entry.product_id: entry
        for entry in SearchEntry.objects.filter(product__in=[row.pk for row in rows])
    }
    whole, found = whole_of(query), []
    for row in rows:
        entry = entries.get(row.pk)
        points: dict[str, Any] = {"product": row.reference}
        if entry is not None:
            for field, weight in WEIGHTS.items():
                text = getattr(entry, field)
                points[field] = weight * sum(needle(phrase) in text for phrase in query.phrases)
            points["whole"] = NAME_IS_QUERY * (entry.name == whole)
            points["whole"] += NAME_BEGINS_WITH_QUERY * entry.name.startswith(whole)
        found.append(points)
    return found
