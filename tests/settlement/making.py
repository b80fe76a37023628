"""What the ledger tests start from."""

from datetime import datetime
from uuid import UUID, uuid4

from stdnum.cn import uscc

from audit.log.actors import Actor
from exchange.parties.models import Organization
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


def make_provider(name: str, at: datetime) -> Organization:
    """Return one more provider, admitted, with a social credit code of its own."""
    number = Organization.objects.count()
    stem = f"9133{number:04d}MA1FL{number:04d}"
    return Organization.objects.create(
        reference=f"ORG-{name}",
        uscc=stem + uscc.calc_check_digit(stem),
        name=f"{name} organization",
        roles=["PROVIDER"],
        status="ADMITTED",
        status_since=at,
        clean_record_declared_at=at,
        applied_at=at,
        admitted_at=at,
    )
