"""What becomes of escrow: the provider is paid, fee and tax are taken, or all is reversed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.events import Event
from audit.log.lifecycle import advance, begin
from exchange.settlement import events, rules
from exchange.settlement.fees import Charges
from exchange.settlement.models import Line, ShareAgreement, Transfer, minor_of, money_of
from exchange.settlement.queries import AccountKey, get_fee_schedule_by_label
from exchange.settlement.states import TRANSFER, AccountKind, Side, TransferKind, TransferState
from pricing.money import Money
from pricing.sharing import Portion, split_revenue

from .ledger import (
    Draft,
    Move,
    back_to_payer,
    checked_payee,
    claim_new,
    move,
    part_of,
    party_account,
    payable,
    platform_account,
    post,
)


@dataclass(frozen=True, kw_only=True)
class SettlementResult:
    """How a hold was divided; `transfer` is the payment to the provider.

    `portions` is how the provider's net was divided on, where it sells what several supplied.
    """

    transfer: Transfer
    provider: Money
    fee: Money
    tax: Money
    returned: Money
    charges: Charges
    portions: tuple[Portion, ...] = ()


@transaction.atomic
def settle_hold(
    *,
    hold: Transfer,
    payee: str,
    by: Actor,
    at: datetime,
    amount: Money | None = None,
    agreement: ShareAgreement | None = None,
) -> SettlementResult:
    """Pay `payee` out of escrow and take fee and tax, as one set; the rest goes back to the payer.

    `amount` settles a part of the price only. By an `agreement` the net is passed on to the parties
    of the product in the same set. A second settlement, or one after the hold was given
    back, is WrongState. The provider never calls this; see `rules.why_not_settle`.
    """
    if refusal := rules.why_not_settle(by, hold):
        raise NotAllowed(refusal)
    payee = checked_payee(payee, hold.party)
    if hold.payee and payee != hold.payee:
        raise Invalid({"payee": [_("This escrow may only be paid to the agreed provider.")]})
    price = amount or hold.price
    if payable("amount", price) > minor_of(hold.price):
        raise Invalid({"amount": [_("More than the price in escrow cannot be paid.")]})
    if hold.status == TransferState.PENDING and hold.expires_at and at >= hold.expires_at:
        raise NotAllowed(_("This escrow expired and goes back to the payer."))
    charges = get_fee_schedule_by_label(hold.fee_pack).charge(price, hold.product_type)
    returned = hold.amount - charges.total
    settled = events.HoldSettled(
        transfer=hold.reference,
        organization=hold.party,
        pack=hold.fee_pack,
        payee=payee,
        amount=hold.amount.text,
        price=price.text,
        returned=returned.text,
        currency=hold.currency,
    )
    advance(hold, TRANSFER.post, event=settled, by=by, at=at)
    drafts = _settlement_drafts(hold, payee, charges, returned, at)
    portions = split_revenue(charges.provider_net, agreement.share) if agreement else []
    drafts += _share_drafts(hold, payee, portions, at)
    post(drafts, at=at)
    for draft in drafts:
        event = _part_event(draft.transfer, hold, charges, agreement)
        begin(draft.transfer, event=event, by=by, at=at, postings=draft.postings)
    return SettlementResult(
        transfer=drafts[0].transfer,
        provider=charges.provider_net,
        fee=charges.fee,
        tax=charges.tax,
        returned=returned,
        charges=charges,
        portions=tuple(portions),
    )


@transaction.atomic
def refund_settlement(*, hold: Transfer, by: Actor, at: datetime) -> Transfer:
    """Reverse a settled payment, once: all who received of it give back what they received."""
    if refusal := rules.why_not_refund(by):
        raise NotAllowed(refusal)
    hold.refresh_from_db()
    if hold.status != TransferState.POSTED:
        raise WrongState(
            subject=hold.reference, status=hold.status, allowed=TRANSFER.allowed(hold.status)
        )
    moves = _reversal(hold)
    total = sum(m.minor for m in moves if m.side == Side.CREDIT)
    payment = hold.parts.get(kind=TransferKind.PAYOUT)
    refund = part_of(
        hold,
        id=uuid5(hold.pk, TransferKind.REFUND),
        kind=TransferKind.REFUND,
        party=hold.party,
        minor=total,
    )
    refund.created_at, refund.payee = at, payment.party
    claim_new(refund)
    draft = Draft(transfer=refund, moves=moves)
    post([draft], at=at)
    taken = dict(hold.parts.values_list("kind", "amount_minor"))
    refunded = events.RefundPosted(
        transfer=refund.reference,
        organization=hold.party,
        hold=hold.reference,
        payee=payment.party,
        amount=refund.amount.text,
        fee=money_of(taken.get(TransferKind.FEE, 0), hold.currency).text,
        tax=money_of(taken.get(TransferKind.TAX, 0), hold.currency).text,
        currency=hold.currency,
    )
    begin(refund, event=refunded, by=by, at=at, postings=draft.postings)
    return refund


def _settlement_drafts(
    hold: Transfer, payee: str, charges: Charges, returned: Money, at: datetime
) -> list[Draft]:
    """Return payment, fee, tax and remainder, the payment first and empty ones left out."""
    currency = hold.currency
    escrow = party_account(hold.party, AccountKind.ESCROW, currency)
    own = party_account(payee, AccountKind.AVAILABLE, currency)
    fees = platform_account(AccountKind.FEES, currency, hold.pk)
    taxes = platform_account(AccountKind.TAX, currency, hold.pk)
    planned: list[tuple[TransferKind, str, list[Move]]] = [
        (TransferKind.PAYOUT, payee, move(escrow, own, minor_of(charges.price))),
        (
            TransferKind.FEE,
            payee,
            _collect(own, charges.provider_fee, escrow, charges.buyer_fee, fees),
        ),
        (
            TransferKind.TAX,
            payee,
            _collect(own, charges.provider_tax, escrow, charges.buyer_tax, taxes),
        ),
        (TransferKind.RELEASE, hold.party, back_to_payer(hold, minor_of(returned))),
    ]
    drafts = []
    for kind, party, moves in planned:
        total = sum(m.minor for m in moves if m.side == Side.CREDIT)
        if not total:
            continue
        part = part_of(hold, id=uuid5(hold.pk, kind), kind=kind, party=party, minor=total)
        part.created_at = at
        claim_new(part)
        drafts.append(Draft(transfer=part, moves=moves))
    return drafts


def _share_drafts(hold: Transfer, payee: str, portions: list[Portion], at: datetime) -> list[Draft]:
    """Return the one transfer that passes on what the parties other than the payee are owed."""
    owed = [
        (portion.party, minor_of(portion.amount))
        for portion in portions
        if portion.party != payee and portion.amount.is_positive
    ]
    if not owed:
        return []
    total = sum(minor for _party, minor in owed)
    part = part_of(
        hold,
        id=uuid5(hold.pk, TransferKind.SHARE),
        kind=TransferKind.SHARE,
        party=payee,
        minor=total,
    )
    part.created_at = at
    claim_new(part)
    moves = [Move(party_account(payee, AccountKind.AVAILABLE, hold.currency), Side.DEBIT, total)]
    moves += [
        Move(party_account(party, AccountKind.AVAILABLE, hold.currency), Side.CREDIT, minor)
        for party, minor in owed
    ]
    return [Draft(transfer=part, moves=moves)]


def _collect(
    own: AccountKey, from_own: Money, escrow: AccountKey, from_escrow: Money, target: AccountKey
) -> list[Move]:
    """Return the moves of a charge that the provider, the buyer or both bear."""
    borne = [(own, minor_of(from_own)), (escrow, minor_of(from_escrow))]
    debits = [Move(account, Side.DEBIT, minor) for account, minor in borne if minor]
    return [*debits, Move(target, Side.CREDIT, sum(minor for _account, minor in borne))]


def _reversal(hold: Transfer) -> list[Move]:
    """Return the moves that undo payment, fee and tax; the remainder is back already."""
    net: dict[AccountKey, int] = defaultdict(int)
    undone = (TransferKind.PAYOUT, TransferKind.FEE, TransferKind.TAX, TransferKind.SHARE)
    lines = Line.objects.filter(transfer__hold=hold, transfer__kind__in=undone)
    for line in lines.select_related("account"):
        account = line.account
        kind = account.kind
        if kind == AccountKind.ESCROW:
            kind = AccountKind.AVAILABLE
        key = AccountKey(account.owner, kind, account.currency, account.stripe)
        net[key] += line.amount_minor if line.side == Side.CREDIT else -line.amount_minor
    return [
        Move(key, Side.DEBIT if minor > 0 else Side.CREDIT, abs(minor))
        for key, minor in sorted(net.items(), key=lambda item: -item[1])
        if minor
    ]


def _part_event(
    part: Transfer, hold: Transfer, charges: Charges, agreement: ShareAgreement | None
) -> Event:
    amount, currency = part.amount.text, part.currency
    if part.kind == TransferKind.SHARE and agreement:
        return events.RevenueShared(
            transfer=part.reference,
            organization=part.party,
            agreement=agreement.reference,
            hold=hold.reference,
            net=charges.provider_net.text,
            amount=amount,
            currency=currency,
            terms_sha256=agreement.terms_sha256,
        )
    if part.kind == TransferKind.PAYOUT:
        return events.PayoutPosted(
            transfer=part.reference,
            organization=part.party,
            hold=hold.reference,
            amount=amount,
            currency=currency,
        )
    if part.kind == TransferKind.FEE:
        return events.FeeCharged(
            transfer=part.reference,
            organization=part.party,
            pack=charges.pack,
            hold=hold.reference,
            amount=amount,
            borne_by_provider=charges.provider_fee.text,
            borne_by_buyer=charges.buyer_fee.text,
            currency=currency,
        )
    if part.kind == TransferKind.TAX:
        return events.TaxCharged(
            transfer=part.reference,
            organization=part.party,
            pack=charges.pack,
            hold=hold.reference,
            amount=amount,
            currency=currency,
        )
    return events.RemainderReturned(
        transfer=part.reference,
        organization=part.party,
        hold=hold.reference,
        amount=amount,
        currency=currency,
    )
