"""Lists in pages by cursor: no COUNT, stable while rows are added.

A cursor holds the sort values of the row it stands behind, sealed: it tells nobody anything, and
one that was not made here, for this list, is refused before it reaches the database.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

PAGE_SIZE = 20
LARGEST_PAGE = 100
PARAMETERS = frozenset({"cursor", "page_size"})


class PageQuery(serializers.Serializer[Any]):
    """Which page, of what size."""

    cursor = serializers.CharField(max_length=2000, required=False)
    page_size = serializers.IntegerField(
        min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE, required=False
    )


@dataclass(frozen=True, kw_only=True)
class Key:
    """One column of an order; empty values stand at its end."""

    name: str
    descending: bool
    nullable: bool

    def ordered(self, *, backwards: bool) -> OrderBy:
        """Return how the database sorts by it."""
        column, last = F(self.name), True if self.nullable and not backwards else None
        first = True if self.nullable and backwards else None
        if self.descending is not backwards:
            return column.desc(nulls_first=first, nulls_last=last)
        return column.asc(nulls_first=first, nulls_last=last)

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """Return the condition of rows that follow one with `value`, None if there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        falling = self.descending is not backwards
        found = Q(**{f"{self.name}__{'lt' if falling else 'gt'}": value})
        if self.nullable and not backwards:
            found |= Q(**{f"{self.name}__isnull": True})
        return found


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in a list: the values of the row at it, and in which direction one reads on."""

    values: Sequence[Any]
    backwards: bool


def page_of(
    rows: QuerySet[Any],
    request: Request,
    view: APIView,  # noqa: ARG001  kept beside the request, as views pass both
    *,
    render: Callable[[Any], dict[str, Any]],
    ordering: str | tuple[str, ...] = "-pk",
    parameters: Iterable[str] = (),
) -> Response:
    """Return one page of `rows` in `ordering`, each rendered as a plain document.

    Query parameters beyond the page's own and `parameters` are refused by name.
    """
    check_parameters(request, PARAMETERS | set(parameters))
    said = PageQuery(data={name: request.query_params[name] for name in _paging(request)})
    said.is_valid(raise_exception=True)
    size = said.validated_data["page_size"]
    keys = _keys(rows, (ordering,) if isinstance(ordering, str) else ordering)
    position = _read(said.validated_data.get("cursor"), _list_of(request, keys))
    backwards = position is not None and position.backwards
    if position is not None:
        rows = rows.filter(_following(keys, position))
    rows = rows.order_by(*[key.ordered(backwards=backwards) for key in keys])
    found = list(rows[: size + 1])
    more, page = len(found) > size, found[:size]
    if backwards:
        page.reverse()
    links = {
        "next": _link(request, keys, page, backwards=False) if more or backwards else None,
        "previous": _link(request, keys, page, backwards=True)
        if (more if backwards else position is not None)
        else None,
    }
    body = {**links, "results": [render(row) for row in page]}
    relations = (("next", links["next"]), ("prev", links["previous"]))
    header = ", ".join(f'<{target}>; rel="{name}"' for name, target in relations if target)
    return Response(body, headers={"Link": header} if header else None)


def check_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise ValidationError for parameters of the address that nobody reads here."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise serializers.ValidationError(
            {name[:40]: [_("This parameter is not known here.")] for name in unknown[:10]}
        )


def _paging(request: Request) -> set[str]:
    return set(request.query_params) & PARAMETERS


def _keys(rows: QuerySet[Any], ordering: Sequence[str]) -> list[Key]:
    names = ordering if ordering[-1].lstrip("-") in {"pk", "number"} else (*ordering, "pk")
    return [
        Key(
            name=name.lstrip("-"),
            descending=name.startswith("-"),
            nullable=_is_nullable(rows, name.lstrip("-")),
        )
        for name in names
    ]


def _is_nullable(rows: QuerySet[Any], name: str) -> bool:
    try:
        return bool(getattr(rows.model._meta.get_field(name), "null", False))  # noqa: SLF001  Django's documented door
    except FieldDoesNotExist:  # the key itself, or a figure the query computes
        return False


def _following(keys: Sequence[Key], position: Position) -> Q:
    """Return the condition of rows after `position`: by the first key that differs."""
    found, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, position.values, strict=True):
        beyond = key.beyond(value, backwards=position.backwards)
        if beyond is not None:
            found |= equal & beyond
        same = {f"{key.name}__isnull": True} if value is None else {key.name: value}
        equal &= Q(**same)
    return found


def _link(request: Request, keys: Sequence[Key], page: list[Any], *, backwards: bool) -> str | None:
    here = request.build_absolute_uri()
    if not page:
        return remove_query_param(here, "cursor")
    row = page[0] if backwards else page[-1]
    values = [_plain(attrgetter(key.name)(row)) for key in keys]
    said = json.dumps([_list_of(request, keys), backwards, values])
    return replace_query_param(here, "cursor", _seal().encrypt(said.encode()).decode())


def _list_of(request: Request, keys: Sequence[Key]) -> str:
    """Return what a cursor is good for: one address in one order."""
    return " ".join([request.path, *[key.name for key in keys]])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(cursor: str | None, place: str) -> Position | None:
    if cursor is None:
        return None
    try:
        made_for, backwards, values = json.loads(_seal().decrypt(cursor.encode()))
    except (InvalidToken, UnicodeEncodeError):
        made_for, backwards, values = "", False, []
    if made_for != place:
        raise serializers.ValidationError(
            {"cursor": [_("This cursor does not belong to this list; start again without it.")]}
        )
    return Position(values=values, backwards=backwards)


def _seal() -> Fernet:
    key = hashlib.sha256(b"quanheng.api.cursor.v1" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
