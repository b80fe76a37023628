"""The statement that changes a state, beside the one that Django makes for the same change."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Model, TextChoices
from django.db.models.sql import UpdateQuery

from audit.log.models import Log
from audit.log.writing import compare_and_set
from exchange.settlement.models import Transfer
from exchange.trading.models import Demand, Order
from exchange.vault.models import StoredObject


class Mood(TextChoices):
    CALM = "CALM"


def djangos(obj: Model, expected: str, columns: dict[str, Any]) -> tuple[str, list[str]]:
    """Return what Django's compiler makes of it; as texts, for wrapped JSON has no equality."""
    rows = type(obj)._default_manager.filter(pk=obj.pk).filter(status=expected)
    update: Any = rows.query.chain(UpdateQuery)
    update.add_update_values(columns)
    change, parameters = update.get_compiler(connection=connection).as_sql()
    return change, [*map(repr, parameters)]


def ours(obj: Model, expected: str, columns: dict[str, Any]) -> tuple[str, list[str]]:
    change, parameters = compare_and_set(obj, expected, columns)
    return change, [*map(repr, parameters)]


@pytest.mark.parametrize(
    ("obj", "columns"),
    [
        (Order(pk=7), {"status": Mood.CALM}),
        (Order(pk=7), {"status": Mood.CALM, "quote": {"b": ["数", 1]}, "amount": Decimal("1.50")}),
        (Order(pk=7), {"status": Mood.CALM, "hold": Transfer(pk=3), "grant_id": 4}),
        (Demand(pk=2), {"status": "CLOSED", "budget_amount": "12", "title": "50 % 'off' \"%s\""}),
        (StoredObject(pk=5), {"status": "SHREDDED"}),
    ],
)
def test_the_change_is_the_one_that_django_makes(
    obj: Model, columns: dict[str, Any], at: datetime
) -> None:
    columns |= {f.name: at for f in obj._meta.fields if f.name in {"paid_at", "closed_at"}}

    assert ours(obj, "AS IT WAS", columns) == djangos(obj, "AS IT WAS", columns)


@pytest.mark.parametrize(
    ("obj", "columns"),
    [
        (Order(pk=7), {"status": Mood.CALM, "amount": F("amount") + 1}),
        (Log(pk=1), {"status": "CLOSED", "closing_hash": b"\x00\xff"}),
    ],
)
def test_what_is_not_a_plain_value_is_left_to_django(obj: Model, columns: dict[str, Any]) -> None:
    assert ours(obj, "OPEN", columns) == djangos(obj, "OPEN", columns)


def test_nothing_is_written_as_nothing() -> None:
    change, parameters = compare_and_set(Order(pk=7), "PLACED", {"paid_at": None, "hold": None})

    assert change.startswith('UPDATE "trading_order" SET "paid_at" = %s, "hold_id" = %s WHERE')
    assert [*parameters] == [None, None, 7, "PLACED"]
