"""One purchase: order, contract, escrow, delivery, settlement; and a revocation."""

import hashlib
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from audit.log.errors import DomainError
from exchange.delivery.services import take_download
from exchange.settlement.queries import balance_of, trial_balance
from exchange.settlement.services import deposit
from exchange.trading import services as trading
from exchange.trading.verification import look_up_certificate, verify_contract
from pricing.money import Money

from .story import Story


def ask_and_order(story: Story) -> None:
    """Ask the provider, then order for a stated scenario."""
    say, buyer = story.teller, story.actors["buyer"]
    say.chapter("An inquiry, and an order for a stated scenario  询价与下单")
    product = story.products["flights"]
    inquiry = trading.open_inquiry(
        product=product, question="机尾号是否完整？缺失比例多少？", by=buyer, at=story.now
    )
    trading.answer_inquiry(
        inquiry=inquiry,
        answer="缺失约0.75%，均为取消航班，见列概况。",
        by=story.actors["harbor"],
        at=story.now,
    )
    say.fact("inquiry answered", inquiry.reference)
    try:
        trading.place_order(product=product, scenario={}, by=buyer, at=story.now)
    except DomainError as error:
        say.refused("an order without a scenario (无场景不交易)", str(error))
    story.order = trading.place_order(
        product=product,
        scenario={
            "use": "航班延误预测模型训练",
            "purpose": "训练并评估离港延误预测模型，结果用于本院机场运行研究报告。",
            "term_days": 365,
            "region": "北京市",
        },
        by=buyer,
        at=story.now,
    )
    say.fact("order", story.order.reference, f"{story.order.price}")


def contract_and_pay(story: Story) -> None:
    """Sign on both sides and pay into escrow."""
    say = story.teller
    say.chapter("Contract signed by both sides; price in escrow  签约与托管")
    contract = story.placed.contract
    for side in ("harbor", "buyer"):
        trading.sign_contract(contract=contract, by=story.actors[side], at=story.now)
        contract.refresh_from_db()
        say.fact(f"signed by {story.organizations[side].name}", contract.reference)
    check = verify_contract(contract)
    say.expect(check.is_valid, f"{contract.reference} {contract.status}, signatures hold")
    say.note(f"SHA-256 {contract.sha256}")
    buyer = story.organizations["buyer"].reference
    deposit(
        organization=buyer,
        amount=Money(Decimal("10000.00"), "CNY"),
        bank_reference="DEMO-0001",
        transfer_id=uuid.uuid4(),
        by=story.actors["operator"],
        at=story.now,
    )
    trading.pay_order(
        order=story.placed, transfer_id=uuid.uuid4(), by=story.actors["buyer"], at=story.now
    )
    held = balance_of(buyer)
    say.fact("balance of the buyer", buyer, f"{held.available} and {held.escrow} in escrow")


def deliver(story: Story) -> None:
    """Download once; the second time is refused."""
    say = story.teller
    say.chapter("Delivery by download; the budget holds  交付")
    grant = story.placed.grant
    if grant is None:
        say.expect(False, "payment opened a grant")
        return
    say.fact("grant", grant.reference, f"{grant.budget_downloads} download")
    download = take_download(grant=grant, by=story.actors["buyer"], at=story.now)
    target = story.workdir / "delivered"
    with target.open("wb") as out, say.progress("downloading") as bar:
        for chunk in download.chunks(clock=timezone.now):
            out.write(chunk)
            bar(out.tell(), download.size, "")
    say.fact("access", download.access.reference, f"{target.stat().st_size:,} bytes")
    same = hashlib.sha256(target.read_bytes()).hexdigest() == grant.release.table.sha256
    say.expect(same, "what arrived is byte for byte the table that the filter read")
    try:
        take_download(grant=grant, by=story.actors["buyer"], at=story.now)
    except DomainError as error:
        say.refused("a second download", str(error))
    else:
        say.expect(False, "a second download is refused")


def accept_and_settle(story: Story) -> None:
    """Accept, settle with the fee, certify."""
    say = story.teller
    say.chapter("Acceptance, settlement, certificate  验收、清结算、凭证")
    story.settle_log()
    trading.accept_order(order=story.placed, by=story.actors["buyer"], at=story.now)
    story.settle_log()
    order = story.placed
    say.expect(order.status == "SETTLED", f"{order.reference} is {order.status}")
    earned = balance_of(story.organizations["harbor"].reference)
    say.fact("the provider received", "", f"{earned.available} of {order.price}")
    for total in trial_balance():
        say.expect(total.is_balanced, f"the ledger balances in {total.currency}")
    certificate = look_up_certificate(order.certificate.reference)
    say.expect(certificate.is_valid, f"trade certificate {certificate.reference} verifies")
    say.note(f"{settings.BASE_URL}/certificates/{certificate.reference}/")


def revoke(story: Story) -> None:
    """Buy again, revoke, and show that the next access fails."""
    say, buyer = story.teller, story.actors["buyer"]
    say.chapter("Revocation stops the next access  撤销")
    order = trading.place_order(
        product=story.products["cities"],
        scenario={
            "use": "物流网络规划",
            "purpose": "为本院物资配送规划城市节点，仅内部使用。",
            "term_days": 90,
            "region": "北京市",
        },
        by=buyer,
        at=story.now,
    )
    for side in ("bridge", "buyer"):
        trading.sign_contract(contract=order.contract, by=story.actors[side], at=story.now)
        order.contract.refresh_from_db()
    trading.pay_order(order=order, transfer_id=uuid.uuid4(), by=buyer, at=story.now)
    order.refresh_from_db()
    trading.terminate_contract(
        contract=order.contract,
        ground="RIGHTS",
        reason="来源许可条款复核，先行终止。",
        by=story.actors["bridge"],
        at=story.now,
    )
    say.fact("contract terminated", order.contract.reference)
    if order.grant is None:
        say.expect(False, "payment opened a grant")
        return
    try:
        take_download(grant=order.grant, by=buyer, at=story.now)
    except DomainError as error:
        say.refused(f"the next access under {order.grant.reference}", str(error))
    else:
        say.expect(False, "a revoked grant opens nothing")
