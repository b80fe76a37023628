"""The ranking of search results: one sum, disclosed, the same for everybody.

For a query of phrases, a product scores for each phrase the weights of the fields it occurs in,
and a bonus when its name is, or begins with, the whole query. Higher scores come first; among
equals the product listed later, then the one created later. Neither payment nor popularity nor
who is asking has any part in it (《互联网信息服务算法推荐管理规定》第十二条、第十五条).
"""

from collections.abc import Mapping

from .words import Query, needle

WEIGHTS: dict[str, int] = {"name": 8, "keywords": 5, "abstract": 3, "body": 1}
"""Points for a phrase that occurs in a field."""
NAME_IS_QUERY = 12
NAME_BEGINS_WITH_QUERY = 6
SCORE_ORDER = ("-score", "-listed_at", "-pk")


def score(fields: Mapping[str, str], query: Query) -> int:
    """Return the points of a product from its normalized fields; what the database computes."""
    points = sum(
        weight
        for phrase in query.phrases
        for field, weight in WEIGHTS.items()
        if needle(phrase) in fields[field]
    )
    whole = whole_of(query)
    if fields["name"] == whole:
        points += NAME_IS_QUERY
    if fields["name"].startswith(whole):
        points += NAME_BEGINS_WITH_QUERY
    return points


def whole_of(query: Query) -> str:
    """Return the whole query in the form names are kept in."""
    return "".join(f" {phrase}" for phrase in query.phrases)
