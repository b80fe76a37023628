"""What the ledger tests start from."""

from datetime import datetime
from uuid import UUID, uuid4

from audit.log.actors import Actor
from exchange.settlement.models import Transfer
from exchange.settlement.services import HoldConditions, deposit, hold_funds
from pricing.money import Money

SYSTEM = Actor.system("settlement")


def cny(text: str) -> Money:
    return Money.of(text)


def fund(organization: str, amount: str, at: datetime) -> Transfer:
    """Deposit money for `organization`, as the bank reports it."""
    return deposit(
        organization=organization,
        amount=cny(amount),
        bank_reference=f"BANK-{uuid4().hex[:12]}",
        transfer_id=uuid4(),
        by=SYSTEM,
        at=at,
    )


def hold(
    payer: str,
    amount: str,
    at: datetime,
    transfer_id: UUID | None = None,
    conditions: HoldConditions | None = None,
) -> Transfer:
    """Place money of `payer` in escrow."""
    return hold_funds(
        payer=payer,
        amount=cny(amount),
        purpose="O-2026-TEST0001",
        transfer_id=transfer_id or uuid4(),
        by=SYSTEM,
        at=at,
        conditions=conditions,
    )
