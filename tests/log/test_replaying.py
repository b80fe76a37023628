"""What the entries' own bytes say of states, balances and use."""

import json
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from audit.log import replay
from audit.log.models import Entry
from audit.log.replay import Broken, Replay, Said
from audit.log.services import Change, Posting, record
from tests.log.writing import CLERK, Counted


def document(number: int, **said: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "type": "log.test.counted", "body": {"product": "P-1"}} | said


def state(kind: str, reference: str, before: str | None, after: str) -> dict[str, Any]:
    return {"state": {"t": kind, "id": reference, "from": before, "to": after}}


def taken(*documents: dict[str, Any], counting: dict[str, str] | None = None) -> Replay:
    told = Replay()
    for each in documents:
        told.take(each, counting or {})
    return told


def test_the_last_word_on_a_state_counts_with_its_entry() -> None:
    told = taken(
        document(1, **state("order", "O-1", None, "PLACED")),
        document(2, **state("order", "O-2", None, "PLACED")),
        document(3, **state("product", "O-1", None, "DRAFT")),
        document(4, **state("order", "O-1", "PLACED", "PAID")),
    )

    assert told.states == {
        "order": {"O-1": Said("PAID", "e4"), "O-2": Said("PLACED", "e2")},
        "product": {"O-1": Said("DRAFT", "e3")},
    }
    assert told.broken == []
    assert told.entries == 4


@pytest.mark.parametrize(
    ("before", "claimed"), [("DELIVERED", "DELIVERED"), (None, "")], ids=["another", "none"]
)
def test_a_step_from_another_state_is_broken_and_taken(before: str | None, claimed: str) -> None:
    told = taken(
        document(1, **state("order", "O-1", None, "PLACED")),
        document(2, **state("order", "O-1", before, "PAID")),
        document(3, **state("order", "O-1", "PAID", "SETTLED")),
    )

    assert told.broken == [Broken("order", "O-1", claimed, "PLACED", "e2")]
    assert told.states["order"]["O-1"] == Said("SETTLED", "e3")


def test_a_life_that_begins_in_the_middle_is_broken() -> None:
    told = taken(document(1, **state("order", "O-1", "PLACED", "PAID")))

    assert told.broken == [Broken("order", "O-1", "PLACED", "", "e1")]


def test_balances_are_exact_sums_with_the_entry_that_moved_them_last() -> None:
    moves = [
        [{"account": "A", "amount": "0.10"}, {"account": "B", "amount": "-0.10"}],
        [{"account": "A", "amount": "0.20"}],
    ]

    told = taken(document(1, moves=moves[0]), document(2), document(3, moves=moves[1]))

    assert told.balances == {"A": (Decimal("0.30"), "e3"), "B": (Decimal("-0.10"), "e1")}


def test_use_is_counted_of_the_named_events_only() -> None:
    told = taken(
        document(1, type="taken", body={"grant": "G-1"}),
        document(2, type="taken", body={"grant": "G-1"}),
        document(3, type="taken", body={"grant": "G-2"}),
        document(4, type="other", body={"grant": "G-1"}),
        document(5, type="asked", body={"trial": "G-1"}),
        counting={"taken": "grant", "asked": "trial"},
    )

    assert told.counts == {
        "grant": {"G-1": (2, "e2"), "G-2": (1, "e3")},
        "trial": {"G-1": (1, "e5")},
    }


@pytest.mark.django_db
def test_the_whole_log_is_read_in_its_order(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "CHUNK", 2)
    steps: list[tuple[str | None, str]] = [(None, "A"), ("A", "B"), ("B", "C"), ("C", "D")]
    with transaction.atomic():
        for number, (before, after) in enumerate(steps):
            record(
                Counted(product="P-1", order="O-1", number=number),
                by=CLERK,
                at=at,
                change=Change(kind="product", reference="P-1", before=before, after=after),
                postings=[Posting(account="A", amount="1.5")],
            )

    told = replay.replay(counting={"log.test.counted": "order"})

    last = Entry.objects.order_by("-position")[0]
    assert told.entries == 4
    assert told.states == {"product": {"P-1": Said("D", str(last.id))}}
    assert told.broken == []
    assert told.balances == {"A": (Decimal("6.0"), str(last.id))}
    assert told.counts == {"order": {"O-1": (4, str(last.id))}}
    assert json.loads(bytes(last.data))["id"] == str(uuid.UUID(str(last.id)))
