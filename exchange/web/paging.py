"""Paging by cursor: the next page begins after the last row seen, however many came meanwhile."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.errors import Invalid

M = TypeVar("M", bound=Model)
SIZE = 50
BACK = "<"


@dataclass(frozen=True, kw_only=True)
class CursorPage(Generic[M]):
    """One page of rows with the query strings of its neighbours, empty at the ends."""

    rows: Sequence[M]
    previous: str = ""
    next: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paginate(
    queryset: QuerySet[M],
    query: Mapping[str, Any],
    *,
    order: Sequence[str] = ("-pk",),
    size: int = SIZE,
) -> CursorPage[M]:
    """Return the page that `query["cursor"]` names; `order` must end in a unique field.

    Raises Invalid for a cursor that was not made here. Columns of `order` may not be null.
    """
    cursor = str(query.get("cursor", ""))
    backward = cursor.startswith(BACK)
    turned = _turned(order) if backward else list(order)
    rows = queryset.order_by(*turned)
    try:
        if cursor:
            rows = rows.filter(_after(turned, _decode(cursor.removeprefix(BACK), len(order))))
        found = list(rows[: size + 1])
    except (TypeError, ValueError, OverflowError, ValidationError):
        raise _broken() from None
    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    return CursorPage(
        rows=found,
        previous=_link(query, BACK + _encode(found[0], order))
        if found and (more if backward else cursor)
        else "",
        next=_link(query, _encode(found[-1], order)) if found and (more or backward) else "",
    )


def _turned(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]


def _after(order: Sequence[str], values: Sequence[object]) -> Q:
    """Return the condition for rows beyond `values` in the order of several columns."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.removeprefix("-")
        step = "lt" if name.startswith("-") else "gt"
        beyond |= equal & Q((f"{field}__{step}", value))
        equal &= Q((field, value))
    return beyond


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    plain = [
        value.isoformat()
        if isinstance(value, (datetime, date))
        else (str(value) if isinstance(value, Decimal) else value)
        for value in values
    ]
    return urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def _decode(cursor: str, count: int) -> list[object]:
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken() from None
    if not isinstance(values, list) or len(values) != count:
        raise _broken()
    if not all(isinstance(value, (str, int)) for value in values):
        raise _broken()
    return values


def _broken() -> Invalid:
    return Invalid(
        {"cursor": [_("This link to a page is damaged; begin again on the first page.")]}
    )


def _link(query: Mapping[str, Any], cursor: str) -> str:
    lists = query.lists() if hasattr(query, "lists") else [(k, [v]) for k, v in query.items()]
    pairs = [(name, value) for name, values in lists for value in values if name != "cursor"]
    return "?" + urlencode([*pairs, ("cursor", cursor)])
