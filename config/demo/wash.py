"""Trades that nobody means, and the alert they raise."""

import uuid
from decimal import Decimal
from typing import Final

from audit.log.actors import Actor
from exchange.oversight.surveillance.services import sweep
from exchange.oversight.surveillance.wording import beyond, title_of
from exchange.settlement.services import deposit
from exchange.trading import services as trading
from pricing.money import Money

from .story import Story

ROUNDS: Final = 4


def trade_in_circles(story: Story) -> None:
    """Let two members pay and refund again and again, and let surveillance see it."""
    say = story.teller
    say.chapter("Orders that come back are noticed  交易监测")
    deposit(
        organization=story.organizations["bridge"].reference,
        amount=Money(Decimal("5000.00"), "CNY"),
        bank_reference="DEMO-0003",
        transfer_id=uuid.uuid4(),
        by=story.actors["operator"],
        at=story.now,
    )
    for _round in range(ROUNDS):
        _buy_and_refund(story)
    say.note(f"{ROUNDS} orders between two members were paid and refunded")
    story.settle_log()
    alerts = sweep(by=Actor.system("surveillance"), at=story.now).alerts
    say.expect(len(alerts) > 0, f"{len(alerts)} alert raised")
    for alert in alerts:
        say.fact(title_of(alert), alert.reference, beyond(alert))


def _buy_and_refund(story: Story) -> None:
    buyer, provider = story.actors["bridge"], story.actors["harbor"]
    order = trading.place_order(
        product=story.products["gapminder"],
        scenario={
            "use": "国别比较研究",
            "purpose": "比较各国人均预期寿命与收入的长期变化，形成内部研究报告。",
            "term_days": 90,
            "region": "广州市",
        },
        by=buyer,
        at=story.now,
    )
    for side in (provider, buyer):
        trading.sign_contract(contract=order.contract, by=side, at=story.now)
        order.contract.refresh_from_db()
    trading.pay_order(order=order, transfer_id=uuid.uuid4(), by=buyer, at=story.now)
    trading.terminate_contract(
        contract=order.contract, ground="RIGHTS", reason="双方协商终止。", by=provider, at=story.now
    )
