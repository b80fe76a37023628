"""A verb that fails at any of its statements has done nothing."""

from datetime import datetime
from uuid import UUID

import pytest

from audit.log.models import Entry
from exchange.parties.models import Organization
from exchange.settlement.models import Account, Line, Transfer
from exchange.settlement.queries import balance_of, list_discrepancies
from exchange.settlement.services import refund_settlement, settle_hold, void_hold
from tests.faults import sweep

from .making import SYSTEM, cny, fund, hold

ID = UUID("6f1c3c5e-0000-4000-8000-000000000004")
pytestmark = pytest.mark.usefixtures("buyer_org", "provider_org")


def picture() -> tuple[object, ...]:
    """Return everything the ledger and the log say."""
    return (
        list(Account.objects.order_by("pk").values_list("pk", "balance_minor")),
        list(Transfer.objects.order_by("pk").values_list("pk", "status")),
        Line.objects.count(),
        Entry.objects.count(),
    )


@pytest.mark.parametrize("verb", ["hold", "settle", "void", "refund"])
def test_a_verb_broken_anywhere_leaves_nothing(
    verb: str, buyer_org: Organization, at: datetime
) -> None:
    fund("ORG-BUYER", "1000.00", at)
    if verb != "hold":
        hold("ORG-BUYER", "1000.00", at, ID)
    if verb == "refund":
        own = Transfer.objects.get(pk=ID)
        settle_hold(hold=own, payee="ORG-PROVIDER", by=SYSTEM, at=at)
    before = picture()

    def run() -> None:
        if verb == "hold":
            hold("ORG-BUYER", "1000.00", at, ID)
            return
        own = Transfer.objects.get(pk=ID)
        if verb == "settle":
            settle_hold(hold=own, payee="ORG-PROVIDER", by=SYSTEM, at=at)
        elif verb == "void":
            void_hold(hold=own, by=SYSTEM, at=at)
        else:
            refund_settlement(hold=own, by=SYSTEM, at=at)

    def check(number: int) -> None:
        assert picture() == before, f"statement {number} left something"

    broken = sweep(run, check)

    assert broken > 10
    assert picture() != before
    assert list_discrepancies() == []
    expected = {
        "hold": ("0", "1000"),
        "settle": ("0", "0"),
        "void": ("1000", "0"),
        "refund": ("1000", "0"),
    }[verb]
    assert balance_of("ORG-BUYER") == (cny(expected[0]), cny(expected[1]))
