"""A random ledger against a model of ten lines: nothing appears, vanishes or is paid twice."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.replay import replay
from exchange.oversight.reconciliation import COUNTING, compare
from exchange.settlement import services
from exchange.settlement.models import Account, Transfer
from exchange.settlement.queries import balance_of, list_discrepancies, trial_balance
from exchange.settlement.services import HoldConditions
from pricing.money import Money

from .making import SYSTEM

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "12"))
STEPS = int(os.environ.get("LEDGER_STEPS", "30"))
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ROOT = UUID("6f1c3c5e-0000-4000-8000-00000000000a")
PARTIES = ["ORG-BUYER", "ORG-PROVIDER", "ORG-STRANGER"]
parties = st.sampled_from(PARTIES)
amounts = st.one_of(
    st.integers(1, 30), st.integers(1, 10**6), st.sampled_from([1, 2, 99, 100, 10**8])
).map(lambda fen: Money(Decimal(fen).scaleb(-2)))


MADE_BY_THE_TEST = ("organization ", "disclosure ")


class Ledger(RuleBasedStateMachine):
    """Deposits, payments, settlements, returns and refunds in any order, with retries."""

    waiting = Bundle("waiting")
    settled = Bundle("settled")
    returned = Bundle("returned")

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.now, self.count = START, 0
        self.available = dict.fromkeys(PARTIES, Decimal(0))
        self.escrow = dict.fromkeys(PARTIES, Decimal(0))
        self.bank = self.platform = Decimal(0)

    def teardown(self) -> None:
        """The log alone leads to the same transfers and balances."""
        try:
            found = [str(each) for each in compare(replay(counting=COUNTING)).differences]
            assert [each for each in found if not each.startswith(MADE_BY_THE_TEST)] == []
        finally:
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    def tick(self) -> UUID:
        self.now += timedelta(minutes=1)
        self.count += 1
        return uuid5(ROOT, str(self.count))

    @rule(party=parties, amount=amounts, retries=st.integers(0, 2))
    def deposit(self, party: str, amount: Money, retries: int) -> None:
        transfer_id = self.tick()
        for _attempt in range(1 + retries):
            services.deposit(
                organization=party,
                amount=amount,
                bank_reference=str(transfer_id),
                transfer_id=transfer_id,
                by=SYSTEM,
                at=self.now,
            )
        self.available[party] += amount.amount
        self.bank += amount.amount

    @rule(party=parties, amount=amounts)
    def withdraw(self, party: str, amount: Money) -> None:
        transfer_id = self.tick()
        covered = amount.amount <= self.available[party]
        try:
            services.withdraw(
                organization=party,
                amount=amount,
                bank_reference=str(transfer_id),
                transfer_id=transfer_id,
                by=SYSTEM,
                at=self.now,
            )
        except NotAllowed:
            assert not covered
            return
        assert covered
        self.available[party] -= amount.amount
        self.bank -= amount.amount

    @rule(target=waiting, payer=parties, amount=amounts, expiring=st.booleans())
    def pay(self, payer: str, amount: Money, *, expiring: bool) -> object:
        transfer_id = self.tick()
        covered = amount.amount <= self.available[payer]
        until = self.now + timedelta(minutes=10) if expiring else None
        order = {
            "payer": payer,
            "purpose": f"O-{self.count}",
            "transfer_id": transfer_id,
            "by": SYSTEM,
            "at": self.now,
            "conditions": HoldConditions(expires_at=until),
        }
        try:
            hold = services.hold_funds(amount=amount, **order)
        except NotAllowed:
            assert not covered
            return multiple()
        assert covered
        assert services.hold_funds(amount=amount, **order) == hold
        with pytest.raises(Conflict):
            services.hold_funds(amount=amount + Money.of("0.01"), **order)
        self.available[payer] -= amount.amount
        self.escrow[payer] += amount.amount
        return transfer_id

    @rule(target=settled, hold_id=consumes(waiting), part=st.integers(1, 100))
    def settle(self, hold_id: UUID, part: int) -> object:
        self.tick()
        hold = Transfer.objects.get(pk=hold_id)
        payee = next(party for party in PARTIES if party != hold.party)
        amount = (hold.price * part / 100).quantized()
        if hold.status != "PENDING" or amount.is_zero or self.is_over(hold):
            return multiple()
        result = services.settle_hold(hold=hold, payee=payee, by=SYSTEM, at=self.now, amount=amount)
        assert result.provider + result.fee + result.tax == amount
        self.escrow[hold.party] -= hold.amount.amount
        self.available[hold.party] += result.returned.amount
        self.available[payee] += result.provider.amount
        self.platform += result.fee.amount + result.tax.amount
        self.assert_final(hold_id)
        return hold_id

    @rule(target=returned, hold_id=consumes(waiting))
    def void(self, hold_id: UUID) -> object:
        self.tick()
        hold = Transfer.objects.get(pk=hold_id)
        if hold.status != "PENDING":
            return multiple()
        services.void_hold(hold=hold, by=SYSTEM, at=self.now)
        self.escrow[hold.party] -= hold.amount.amount
        self.available[hold.party] += hold.amount.amount
        self.assert_final(hold_id)
        return hold_id

    @rule()
    def expire(self) -> None:
        self.tick()
        due = Transfer.objects.filter(status="PENDING", expires_at__lte=self.now)
        for hold in due:
            self.escrow[hold.party] -= hold.amount.amount
            self.available[hold.party] += hold.amount.amount
        assert services.expire_holds(at=self.now) == len(due)

    @rule(hold_id=consumes(settled))
    def refund(self, hold_id: UUID) -> None:
        self.tick()
        hold = Transfer.objects.get(pk=hold_id)
        parts = {part.kind: part for part in hold.parts.all()}
        payee = parts["PAYOUT"].party
        net = parts["PAYOUT"].amount.amount
        platform = sum(parts[kind].amount.amount for kind in ("FEE", "TAX") if kind in parts)
        try:
            services.refund_settlement(hold=hold, by=SYSTEM, at=self.now)
        except NotAllowed:
            assert self.available[payee] < net - platform
            return
        self.available[payee] -= net - platform
        self.platform -= platform
        self.available[hold.party] += net
        with pytest.raises(Conflict):
            services.refund_settlement(hold=hold, by=SYSTEM, at=self.now)

    @rule(hold_id=st.one_of(settled, returned))
    def try_again(self, hold_id: UUID) -> None:
        self.tick()
        self.assert_final(hold_id)

    def is_over(self, hold: Transfer) -> bool:
        return hold.expires_at is not None and self.now >= hold.expires_at

    def assert_final(self, hold_id: UUID) -> None:
        """Nothing more can be got out of a hold whose money has gone."""
        hold = Transfer.objects.get(pk=hold_id)
        payee = next(party for party in PARTIES if party != hold.party)
        with pytest.raises(WrongState):
            services.settle_hold(hold=hold, payee=payee, by=SYSTEM, at=self.now)
        with pytest.raises(WrongState):
            services.void_hold(hold=hold, by=SYSTEM, at=self.now)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        for party in PARTIES:
            found = balance_of(party)
            assert found.available.amount == self.available[party] >= 0
            assert found.escrow.amount == self.escrow[party] >= 0
        kinds = {}
        for total in trial_balance():
            assert total.is_balanced
            kinds = total.by_kind
        platform = [kinds[kind].amount for kind in ("FEES", "TAX") if kind in kinds]
        assert sum(platform) == self.platform
        assert -kinds["WORLD"].amount == self.bank if "WORLD" in kinds else self.bank == 0

    @invariant()
    def the_ledger_contradicts_itself_nowhere(self) -> None:
        assert list_discrepancies() == []
        assert not Account.objects.exclude(kind="WORLD").filter(balance_minor__lt=0).exists()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.usefixtures("buyer_org", "provider_org", "stranger_org")
def test_money_is_conserved_whatever_happens() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
