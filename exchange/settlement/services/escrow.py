"""Escrow: money that waits between payment and acceptance, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.rulebook.queries import NoPack
from exchange.settlement import events, rules
from exchange.settlement.fees import Charges
from exchange.settlement.models import Transfer, minor_of
from exchange.settlement.queries import (
    get_fee_schedule,
)
from exchange.settlement.states import (
    TRANSFER,
    AccountKind,
    TransferKind,
    TransferState,
)
from pricing.money import Money

from .ledger import (
    Draft,
    back_to_payer,
    checked_payee,
    claim,
    claim_new,
    existing_organization,
    move,
    part_of,
    party_account,
    payable,
    post,
)

PURPOSE_LIMIT = 64


@dataclass(frozen=True, kw_only=True)
class HoldConditions:
    """What a hold is bound to: whom alone it may pay, for what, and until when."""

    payee: str = ""
    product_type: str = "DATASET"
    expires_at: datetime | None = None


@transaction.atomic
def hold_funds(
    *,
    payer: str,
    amount: Money,
    purpose: str,
    transfer_id: UUID,
    by: Actor,
    at: datetime,
    conditions: HoldConditions | None = None,
) -> Transfer:
    """Move the price `amount`, and the buyer's own fee if there is one, into escrow.

    The fee schedule of today is pinned to the hold. The same `transfer_id` with the same content
    returns the first hold, whatever has become of it; with other content it is a Conflict.
    """
    conditions = conditions or HoldConditions()
    organization = existing_organization("payer", payer)
    if refusal := rules.why_not_hold(by, organization):
        raise NotAllowed(refusal)
    charges = _charges_today(amount, conditions, purpose, at)
    hold = Transfer(
        id=transfer_id,
        kind=TransferKind.HOLD,
        status=TransferState.PENDING,
        currency=amount.currency,
        amount_minor=minor_of(charges.total),
        price_minor=minor_of(amount),
        party=payer,
        payee=checked_payee(conditions.payee, payer) if conditions.payee else "",
        purpose=purpose,
        product_type=conditions.product_type,
        fee_pack=charges.pack,
        expires_at=conditions.expires_at,
        created_at=at,
    )
    if existing := claim(hold):
        return existing
    available = party_account(payer, AccountKind.AVAILABLE, hold.currency)
    escrow = party_account(payer, AccountKind.ESCROW, hold.currency)
    draft = Draft(transfer=hold, moves=move(available, escrow, hold.amount_minor))
    post([draft], at=at)
    placed = events.HoldPlaced(
        transfer=hold.reference,
        organization=payer,
        pack=hold.fee_pack,
        payee=hold.payee,
        purpose=purpose,
        amount=hold.amount.text,
        price=hold.price.text,
        currency=hold.currency,
        expires_at=conditions.expires_at.isoformat() if conditions.expires_at else "",
        content_sha256=hold.content_sha256,
    )
    begin(hold, event=placed, by=by, at=at, postings=draft.postings)
    return hold


@transaction.atomic
def void_hold(*, hold: Transfer, by: Actor, at: datetime) -> Transfer:
    """Give the whole escrow back to the payer; return the transfer that did it.

    Trading decides when and calls as the exchange: the payer alone cannot take its money back.
    """
    if refusal := rules.why_not_void(by, hold):
        raise NotAllowed(refusal)
    release = _release_of(hold, at)
    voided = events.HoldVoided(
        transfer=hold.reference,
        organization=hold.party,
        release=release.reference,
        amount=hold.amount.text,
        currency=hold.currency,
    )
    advance(hold, TRANSFER.void, event=voided, by=by, at=at)
    _give_back(release, hold, by=by, at=at)
    return release


@transaction.atomic
def expire_hold(*, hold: Transfer, by: Actor, at: datetime) -> Transfer:
    """Give the escrow back whose time ran out without settlement."""
    if not by.is_system:
        raise NotAllowed(_("Escrow expires by the clock of the exchange."))
    if hold.expires_at is None or at < hold.expires_at:
        raise NotAllowed(_("This escrow has not expired."))
    release = _release_of(hold, at)
    expired = events.HoldExpired(
        transfer=hold.reference,
        organization=hold.party,
        release=release.reference,
        amount=hold.amount.text,
        currency=hold.currency,
    )
    advance(hold, TRANSFER.expire, event=expired, by=by, at=at)
    _give_back(release, hold, by=by, at=at)
    return release


def expire_holds(*, at: datetime) -> int:
    """Expire every hold whose time ran out, each in its own transaction; return how many."""
    due = Transfer.objects.filter(
        kind=TransferKind.HOLD, status=TransferState.PENDING, expires_at__lte=at
    )
    done = 0
    for hold in due.order_by("expires_at", "pk"):
        try:
            expire_hold(hold=hold, by=Actor.system("settlement"), at=at)
        except WrongState:  # settled or voided since it was read
            continue
        done += 1
    return done


def _charges_today(
    amount: Money, conditions: HoldConditions, purpose: str, at: datetime
) -> Charges:
    payable("amount", amount)
    if not purpose or len(purpose) > PURPOSE_LIMIT:
        raise Invalid({"purpose": [_("Say what is paid for, in at most 64 characters.")]})
    if conditions.expires_at is not None and conditions.expires_at <= at:
        raise Invalid({"expires_at": [_("The end of the hold must lie in the future.")]})
    try:
        schedule = get_fee_schedule(on=timezone.localdate(at))
        charges = schedule.charge(amount, conditions.product_type)
    except NoPack:
        raise NotAllowed(_("No fee schedule is in force, so nothing can be charged.")) from None
    except ValueError:
        text = _("The fee schedule in force does not cover payments in this currency.")
        raise Invalid({"amount": [text]}) from None
    payable("amount", charges.total)
    return charges


def _give_back(release: Transfer, hold: Transfer, *, by: Actor, at: datetime) -> None:
    """Book the transfer that returns a whole hold, under an entry of its own."""
    claim_new(release)
    draft = Draft(transfer=release, moves=back_to_payer(hold, hold.amount_minor))
    post([draft], at=at)
    returned = events.EscrowReturned(
        transfer=release.reference,
        organization=hold.party,
        hold=hold.reference,
        amount=release.amount.text,
        currency=release.currency,
    )
    begin(release, event=returned, by=by, at=at, postings=draft.postings)


def _release_of(hold: Transfer, at: datetime) -> Transfer:
    release = part_of(
        hold,
        id=uuid5(hold.pk, TransferKind.RELEASE),
        kind=TransferKind.RELEASE,
        party=hold.party,
        minor=hold.amount_minor,
    )
    release.created_at = at
    return release
