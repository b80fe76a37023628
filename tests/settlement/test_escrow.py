from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from exchange.parties.models import Organization
from exchange.settlement import queries
from exchange.settlement.fees import FeeSchedule
from exchange.settlement.models import Transfer
from exchange.settlement.queries import balance_of, list_discrepancies, trial_balance
from exchange.settlement.services import (
    HoldConditions,
    expire_holds,
    hold_funds,
    refund_settlement,
    settle_hold,
    void_hold,
    withdraw,
)
from pricing.money import Money

from .making import SYSTEM, cny, fund, hold

ID = UUID("6f1c3c5e-0000-4000-8000-000000000002")
Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.usefixtures("buyer_org", "provider_org")


@pytest.fixture
def rich(buyer_org: Organization, at: datetime) -> None:
    fund("ORG-BUYER", "1000.00", at)


@pytest.fixture
def held(rich: None, at: datetime) -> Transfer:
    return hold("ORG-BUYER", "1000.00", at, ID)


def names(log: Log) -> list[str]:
    return [name for name, _subject in log()]


def test_paying_moves_money_into_escrow(rich: None, buyer: Actor, at: datetime, log: Log) -> None:
    made = hold_funds(
        payer="ORG-BUYER",
        amount=cny("400.00"),
        purpose="O-2026-AAAA0001",
        transfer_id=ID,
        by=buyer,
        at=at,
    )

    assert (made.status, made.amount, made.price) == ("PENDING", cny("400"), cny("400"))
    assert made.fee_pack == "fees@2026-11-01"
    assert balance_of("ORG-BUYER") == (cny("600"), cny("400"))
    assert log() == [("settlement.hold.placed", str(ID))]


def test_a_retried_payment_holds_once(rich: None, at: datetime, log: Log) -> None:
    first = hold("ORG-BUYER", "400.00", at, ID)

    again = hold("ORG-BUYER", "400.00", at + timedelta(minutes=1), ID)

    assert again == first
    assert balance_of("ORG-BUYER").escrow == cny("400")
    assert names(log) == ["settlement.hold.placed"]


def test_a_payment_id_cannot_be_used_for_another_amount(rich: None, at: datetime, log: Log) -> None:
    hold("ORG-BUYER", "400.00", at, ID)

    with pytest.raises(Conflict):
        hold("ORG-BUYER", "400.01", at, ID)

    assert balance_of("ORG-BUYER").escrow == cny("400")
    assert names(log) == ["settlement.hold.placed"]


def test_nobody_pays_more_than_there_is(rich: None, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed, match=r"0\.01 CNY are missing"):
        hold("ORG-BUYER", "1000.01", at)

    assert balance_of("ORG-BUYER") == (cny("1000"), cny("0"))
    assert (names(log), Transfer.objects.count()) == ([], 1)


@pytest.mark.parametrize("who", ["stranger", "provider", "regulator", "operator", "anonymous"])
def test_only_the_payer_spends_its_money(
    who: str, rich: None, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        hold_funds(
            payer="ORG-BUYER",
            amount=cny("1.00"),
            purpose="O-2026-AAAA0001",
            transfer_id=ID,
            by=actor,
            at=at,
        )

    assert names(log) == []


def test_a_suspended_organization_does_not_pay(
    rich: None, buyer_org: Organization, at: datetime
) -> None:
    Organization.objects.filter(pk=buyer_org.pk).update(status="SUSPENDED")

    with pytest.raises(NotAllowed, match="not admitted"):
        hold("ORG-BUYER", "1.00", at)


def test_settlement_pays_provider_fee_and_tax_as_one_set(
    held: Transfer, at: datetime, log: Log
) -> None:
    result = settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at)

    assert (result.provider, result.fee, result.tax) == (cny("973.50"), cny("25"), cny("1.50"))
    assert result.returned == cny("0")
    assert balance_of("ORG-BUYER") == (cny("0"), cny("0"))
    assert balance_of("ORG-PROVIDER").available == cny("973.50")
    assert trial_balance()[0].by_kind == {
        "AVAILABLE": cny("973.50"),
        "ESCROW": cny("0.00"),
        "FEES": cny("25.00"),
        "TAX": cny("1.50"),
        "WORLD": cny("-1000.00"),
    }
    assert held.status == "POSTED"
    assert names(log) == [
        "settlement.hold.settled",
        "settlement.payout.posted",
        "settlement.fee.charged",
        "settlement.tax.charged",
    ]
    assert list_discrepancies() == []


def test_money_is_settled_once(held: Transfer, at: datetime, log: Log) -> None:
    stale = Transfer.objects.get(pk=held.pk)
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at)
    entries = names(log)

    with pytest.raises(WrongState):
        settle_hold(hold=stale, payee="ORG-PROVIDER", by=SYSTEM, at=at)
    with pytest.raises(WrongState):
        void_hold(hold=stale, by=SYSTEM, at=at)

    assert names(log) == entries
    assert balance_of("ORG-PROVIDER").available == cny("973.50")


def test_a_partial_settlement_returns_the_rest(held: Transfer, at: datetime, log: Log) -> None:
    result = settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, amount=cny("100.00"))

    assert (result.provider, result.fee, result.tax) == (cny("97.35"), cny("2.50"), cny("0.15"))
    assert balance_of("ORG-BUYER") == (cny("900"), cny("0"))
    assert names(log)[-1] == "settlement.remainder.returned"
    assert list_discrepancies() == []


@pytest.mark.parametrize("amount", ["1000.01", "0", "-1", "0.005"])
def test_no_other_part_than_a_real_one_is_settled(
    held: Transfer, at: datetime, log: Log, amount: str
) -> None:
    with pytest.raises(Invalid):
        settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, amount=cny(amount))

    assert names(log) == []


def test_escrow_pays_only_the_agreed_provider(
    rich: None, stranger_org: Organization, at: datetime, log: Log
) -> None:
    conditions = HoldConditions(payee="ORG-PROVIDER")
    held = hold("ORG-BUYER", "10.00", at, ID, conditions)

    for payee in ("ORG-STRANGER", "ORG-BUYER", "ORG-NOBODY"):
        with pytest.raises(Invalid):
            settle_hold(hold=held, payee=payee, by=SYSTEM, at=at)

    assert names(log) == ["settlement.hold.placed"]


@pytest.mark.parametrize("who", ["provider", "stranger", "regulator", "anonymous"])
def test_the_provider_cannot_pay_itself(
    who: str, held: Transfer, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        settle_hold(hold=held, payee="ORG-PROVIDER", by=actor, at=at)

    assert names(log) == []


def test_voiding_returns_all(held: Transfer, at: datetime, log: Log) -> None:
    release = void_hold(hold=held, by=SYSTEM, at=at)

    assert (held.status, release.kind, release.amount) == ("VOIDED", "RELEASE", cny("1000"))
    assert balance_of("ORG-BUYER") == (cny("1000"), cny("0"))
    assert log() == [
        ("settlement.hold.voided", str(ID)),
        ("settlement.escrow.returned", release.reference),
    ]
    assert list_discrepancies() == []


@pytest.mark.parametrize("who", ["buyer", "provider", "stranger", "regulator"])
def test_the_payer_cannot_take_escrow_back_alone(
    who: str, held: Transfer, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        void_hold(hold=held, by=actor, at=at)

    assert (names(log), held.status) == ([], "PENDING")


def test_the_agreed_provider_may_give_the_money_up(
    rich: None, provider: Actor, at: datetime
) -> None:
    held = hold("ORG-BUYER", "10.00", at, ID, HoldConditions(payee="ORG-PROVIDER"))

    void_hold(hold=held, by=provider, at=at)

    assert balance_of("ORG-BUYER").available == cny("1000")


def test_an_expired_hold_returns_to_the_payer_and_is_not_settled(
    rich: None, at: datetime, log: Log
) -> None:
    until = at + timedelta(days=1)
    held = hold("ORG-BUYER", "10.00", at, ID, HoldConditions(expires_at=until))
    lasting = hold("ORG-BUYER", "20.00", at)

    assert expire_holds(at=until - timedelta(seconds=1)) == 0
    with pytest.raises(NotAllowed):
        settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=until)
    assert expire_holds(at=until) == 1
    assert expire_holds(at=until) == 0

    held.refresh_from_db()
    lasting.refresh_from_db()
    assert (held.status, lasting.status) == ("EXPIRED", "PENDING")
    assert balance_of("ORG-BUYER") == (cny("980"), cny("20"))
    assert log()[-2:] == [
        ("settlement.hold.expired", str(ID)),
        ("settlement.escrow.returned", str(uuid5(ID, "RELEASE"))),
    ]
    assert list_discrepancies() == []


def test_a_refund_gives_everything_back_fee_and_tax_included(
    held: Transfer, at: datetime, log: Log
) -> None:
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, amount=cny("700"))
    before = len(log())

    refund = refund_settlement(hold=held, by=SYSTEM, at=at)

    assert refund.amount == cny("700")
    assert balance_of("ORG-BUYER").available == cny("1000")
    assert balance_of("ORG-PROVIDER").available == cny("0")
    kinds = trial_balance()[0].by_kind
    assert (kinds["FEES"], kinds["TAX"]) == (cny("0.00"), cny("0.00"))
    assert log()[before:] == [("settlement.refund.posted", refund.reference)]
    assert list_discrepancies() == []


def test_a_refund_happens_once(held: Transfer, at: datetime, log: Log) -> None:
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at)
    refund_settlement(hold=held, by=SYSTEM, at=at)
    entries = names(log)

    with pytest.raises(Conflict):
        refund_settlement(hold=held, by=SYSTEM, at=at)

    assert names(log) == entries
    assert balance_of("ORG-BUYER").available == cny("1000")


def test_nothing_is_refunded_that_was_not_settled(
    held: Transfer, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(WrongState):
        refund_settlement(hold=held, by=SYSTEM, at=at)
    for actor in (buyer, provider):
        with pytest.raises(NotAllowed):
            refund_settlement(hold=held, by=actor, at=at)

    assert names(log) == []


def test_a_provider_that_spent_the_money_cannot_refund_it(
    held: Transfer, operator: Actor, at: datetime, log: Log
) -> None:
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at)
    withdraw(
        organization="ORG-PROVIDER",
        amount=cny("973.50"),
        bank_reference="OUT",
        transfer_id=uuid4(),
        by=operator,
        at=at,
    )
    entries = names(log)

    with pytest.raises(NotAllowed, match=r"973\.50 CNY are missing"):
        refund_settlement(hold=held, by=SYSTEM, at=at)

    assert names(log) == entries
    assert list_discrepancies() == []


def test_a_fee_of_the_buyer_is_held_on_top_and_settled(
    rich: None, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_buyers(monkeypatch, at)

    held = hold("ORG-BUYER", "500.00", at, ID)
    assert (held.price, held.amount) == (cny("500"), cny("510.60"))
    result = settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at)

    assert (result.fee, result.tax) == (cny("22.50"), cny("1.35"))
    assert result.provider == cny("486.75")
    assert balance_of("ORG-BUYER") == (cny("489.40"), cny("0"))
    refund_settlement(hold=held, by=SYSTEM, at=at)
    assert balance_of("ORG-BUYER") == (cny("1000"), cny("0"))
    assert list_discrepancies() == []


def test_a_partial_settlement_returns_the_buyers_fee_in_part(
    rich: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_buyers(monkeypatch, at)
    held = hold("ORG-BUYER", "500.00", at, ID)

    result = settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, amount=cny("250"))

    assert result.returned == cny("255.30")
    assert balance_of("ORG-BUYER") == (cny("744.70"), cny("0"))
    assert list_discrepancies() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payer": "ORG-NOBODY"}, "payer"),
        ({"amount": cny("0")}, "amount"),
        ({"amount": cny("-5")}, "amount"),
        ({"amount": cny("0.001")}, "amount"),
        ({"amount": Money.of("5", "USD")}, "amount"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 65}, "purpose"),
        ({"conditions": HoldConditions(payee="ORG-BUYER")}, "payee"),
        ({"conditions": HoldConditions(payee="ORG-NOBODY")}, "payee"),
        (
            {"conditions": HoldConditions(expires_at=datetime.fromisoformat("2020-01-01T00Z"))},
            "expires_at",
        ),
    ],
)
def test_an_impossible_payment_is_refused(
    rich: None, at: datetime, log: Log, changes: dict[str, object], field: str
) -> None:
    given = {
        "payer": "ORG-BUYER",
        "amount": cny("5.00"),
        "purpose": "O-1",
        "transfer_id": ID,
        "by": SYSTEM,
        "at": at,
    }

    with pytest.raises(Invalid) as refused:
        hold_funds(**(given | changes))

    assert list(refused.value.fields) == [field]
    assert names(log) == []


def test_nothing_is_charged_while_no_schedule_is_in_force(rich: None, at: datetime) -> None:
    with pytest.raises(NotAllowed, match="fee schedule"):
        hold("ORG-BUYER", "5.00", at.replace(year=2020))


def charge_buyers(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Let the schedule in force charge buyers 2 %, as a later version may."""
    pack = queries.get_pack("fees", on=at.date())
    buyer = pack.data["fees"][2] | {"tiers": [{"rate": "0.02"}], "maximum": "1000.00"}
    data = pack.data | {"fees": [*pack.data["fees"][:2], buyer]}
    schedule = FeeSchedule.from_pack(type(pack)(pack.kind, pack.version, pack.digest, data))
    monkeypatch.setattr(FeeSchedule, "from_pack", classmethod(lambda _cls, _pack: schedule))
