"""Whether a piece of evidence covers an order: every head of its scope, field by field.

《网络数据安全管理条例》第三十八条: an export stays within the purpose, scope and scale that were
assessed.
"""

from dataclasses import dataclass
from datetime import date

from .facts import Filed, Heads, Situation


@dataclass(frozen=True)
class Gap:
    """One thing that a piece of evidence does not cover: which head, and what of it."""

    head: str
    what: tuple[str, ...] = ()


def gaps(filed: Filed, situation: Situation) -> tuple[Gap, ...]:
    """Return everything in which evidence falls short of an order; nothing if it covers it."""
    return tuple(
        gap
        for gap in (
            _standing(filed, situation.on),
            *_content(filed, situation),
            _scale(filed, situation),
        )
        if gap is not None
    )


def _standing(filed: Filed, on: date) -> Gap | None:
    if not filed.verified:
        return Gap("UNVERIFIED")
    if on < filed.valid_from:
        return Gap("NOT_YET", (filed.valid_from.isoformat(),))
    if filed.valid_until is not None and on >= filed.valid_until:
        return Gap("EXPIRED", (filed.valid_until.isoformat(),))
    return None


def _content(filed: Filed, situation: Situation) -> list[Gap | None]:
    cargo, route, scope = situation.cargo, situation.route, filed.scope
    return [
        _missing("USE", {cargo.use}, scope.uses),
        _missing("RECIPIENT", {route.recipient.reference}, scope.recipients),
        _missing("PRODUCT", {cargo.product}, scope.products),
        _missing("FIELDS", set(cargo.fields), scope.fields),
        _missing("PLACE", {str(place) for place in route.outside}, set(map(str, scope.places))),
        _partner(filed, situation),
    ]


def _partner(filed: Filed, situation: Situation) -> Gap | None:
    """Keep a Bay Area contract to the one side it is with; nothing goes on beyond it."""
    outside = {str(place) for place in situation.route.outside}
    if filed.kind != "GBA_CONTRACT" or outside == {filed.partner}:
        return None
    return Gap("PARTNER", tuple(sorted(outside)))


def _scale(filed: Filed, situation: Situation) -> Gap | None:
    """Compare the persons that left under it, with these, to the scale that it states."""
    if not situation.cargo.is_personal:
        return None
    total, most = filed.used + situation.cargo.heads, filed.scope.heads
    if total.within(most):
        return None
    return Gap("SCALE", (_text(total), _text(most)))


def _missing(head: str, wanted: set[str], covered: frozenset[str] | set[str]) -> Gap | None:
    short = wanted - covered
    return Gap(head, tuple(sorted(short))) if short else None


def _text(heads: Heads) -> str:
    return f"{heads.ordinary}+{heads.sensitive}"
